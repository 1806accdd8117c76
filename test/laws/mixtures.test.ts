/** Laws of mixtures: found again from their own values, nested in each other, against recorded optima and held-out mixtures. */
import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import { bestMixture } from "../../src/laws/best-mixture.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { Coefficients, Law } from "../../src/laws/law.js";
import { lawAt } from "../../src/laws/law-at.js";
import { shareNames } from "../../src/laws/mixture.js";
import { lawCalled } from "../support/core.js";
import { sharedCsv } from "../support/csv.js";
import { estimatesOf, fitGiven, type GivenRows } from "../support/rows.js";
import { describeWithShared } from "../support/shared.js";

const member = (id: string, M: number): Law => lawCalled(id).family?.of(M) as Law;
const point = (r: readonly number[]) => Object.fromEntries(r.map((share, j) => [`r${j + 1}`, share]));

const rowsOf = (mixtures: readonly (readonly number[])[], measured: readonly number[]): GivenRows => ({
  inputs: Object.fromEntries(
    shareNames(mixtures[0].length).map((name, j) => [name, mixtures.map((r) => r[j])]),
  ),
  measured,
});

const made = (law: Law, c: Coefficients, mixtures: readonly (readonly number[])[]): GivenRows =>
  rowsOf(
    mixtures,
    mixtures.map((r) => evaluateLaw(law, c, point(r))),
  );

/** All mixtures of three domains in eighths. */
const EIGHTHS = Array.from({ length: 9 }, (_, a) =>
  Array.from({ length: 9 - a }, (_, b) => [a / 8, b / 8, (8 - a - b) / 8]),
).flat();

describe("mixture-exp", () => {
  const law = member("mixture-exp", 3);
  const truth = { c: 2.1, k: 1, t1: -3, t2: 0.4, t3: -0.6 };

  test("is found again without noise, the factor held at 1", () => {
    const fit = fitGiven(law, made(law, truth, EIGHTHS), { objective: "squares-log" });
    expect(fit.status).toBe("converged");
    expect(fit.parameters.k).toMatchObject({ estimate: 1, reason: "fixed" });
    for (const [name, value] of Object.entries(truth))
      expect(fit.parameters[name].estimate).toBeCloseTo(value, 8);
  });

  test("one number added to all t and taken from ln k changes no prediction", () => {
    const moved = { c: 2.1, k: Math.exp(-1.7), t1: -1.3, t2: 2.1, t3: 1.1 };
    for (const r of EIGHTHS)
      expect(evaluateLaw(law, moved, point(r))).toBeCloseTo(evaluateLaw(law, truth, point(r)), 13);
  });

  test("the list's length says how many domains there are", () => {
    const ask = (t: number[], r: number[]) =>
      predict({ law: "mixture-exp", coefficients: { c: 2, t }, at: { r } }).predictions[0].value.estimate;
    expect(ask([-1, 1], [0.5, 0.5])).toBeCloseTo(3, 14);
    expect(ask([-1, 1, 0], [0.25, 0.25, 0.5])).toBeCloseTo(3, 14);
    expect(() => ask([-1, 1], [0.5, 0.25, 0.25])).toThrow("3 values");
  });

  test("shares that miss 1 by rounding are brought to it, others are refused", () => {
    const ask = (r: number[]) =>
      predict({ law: "mixture-exp", coefficients: { c: 2, t: [-1, 1] }, at: { r } }).predictions[0];
    expect(ask([0.501, 0.504]).value.estimate).toBeCloseTo(2 + Math.exp((0.504 - 0.501) / 1.005), 13);
    expect(() => ask([0.5, 0.6])).toThrow("add up to 1.1, not to 1");
  });

  test("of two domains it gives the share at which a loss is reached", () => {
    const given = { law: "mixture-exp", coefficients: { c: 2, t: [-1, 1] } };
    const [{ values }] = predict({ ...given, solve: "r1", at: { L: 2.6 } }).predictions;
    const { r1, r2 } = values as Record<string, { estimate: number }>;
    expect(r1.estimate + r2.estimate).toBeCloseTo(1, 15);
    const [{ value }] = predict({ ...given, at: { r: [r1.estimate, r2.estimate] } }).predictions;
    expect(value.estimate).toBeCloseTo(2.6, 13);
  });
});

describe("mixture-power", () => {
  const law = member("mixture-power", 3);
  const truth = { c: 1.9, a: 0.5, s: 0.6, t1: -0.5, t2: 0.7, t3: 0.2 };

  test("is found again without noise", () => {
    const fit = fitGiven(law, made(law, truth, EIGHTHS), { objective: "squares-log" });
    for (const [name, value] of Object.entries(truth))
      expect(fit.parameters[name].estimate).toBeCloseTo(value, 6);
  });

  test("leaves c + exp(t) where all data come from one domain", () => {
    expect(evaluateLaw(law, truth, point([0, 1, 0]))).toBeCloseTo(1.9 + Math.exp(0.7), 14);
  });

  test("with s = 1 and a large it is mixture-exp", () => {
    const exp = member("mixture-exp", 3);
    for (const r of EIGHTHS) {
      const limit = evaluateLaw(exp, { ...truth, k: 1 }, point(r));
      // The next term of the power mean is that of 1/a.
      expect(evaluateLaw(law, { ...truth, s: 1, a: 1e6 }, point(r))).toBeCloseTo(limit, 5);
    }
  });

  test("the best mixture has each domain by its worth to the power 1/(1 - s), and no mixture is better", () => {
    const answer = law.answers.find(({ kind }) => kind === "optimum");
    const caps = { cap1: 1, cap2: 1, cap3: 1 };
    const best = answer?.solve(truth, caps) as Record<string, number>;
    const worth = [truth.t1, truth.t2, truth.t3].map((t) => Math.exp(-t / truth.a) ** (1 / (1 - truth.s)));
    const total = worth.reduce((sum, w) => sum + w, 0);
    worth.forEach((w, j) => {
      expect(best[`r${j + 1}`]).toBeCloseTo(w / total, 12);
    });
    for (const r of EIGHTHS) expect(evaluateLaw(law, truth, point(r))).toBeGreaterThan(best.loss);
    const capped = answer?.solve(truth, { ...caps, cap1: 0.3 }) as Record<string, number>;
    expect(capped.r1).toBeCloseTo(0.3, 14);
    expect(capped.loss).toBeGreaterThan(best.loss);
  });
});

describe("regmix", () => {
  const law = member("regmix", 3);
  const truth = { b1: 3.6, b2: 3.7, b3: 4.9, c1: -0.7, c2: -0.1, c3: 0.2 };

  test("is found again without noise", () => {
    const fit = fitGiven(law, made(law, truth, EIGHTHS), { objective: "squares" });
    for (const [name, value] of Object.entries(truth))
      expect(fit.parameters[name].estimate).toBeCloseTo(value, 9);
  });

  test("its best mixture has one slope for all domains that are used", () => {
    const convex = { b1: 4, b2: 4, b3: 4, c1: -1, c2: -2, c3: -3 };
    const best = law.answers[0].solve(convex, { cap1: 1, cap2: 1, cap3: 1 }) as Record<string, number>;
    // c_j / (2 sqrt(r_j)) is one for all where r_j ~ c_j^2: 1, 4, 9.
    [1 / 14, 4 / 14, 9 / 14].forEach((share, j) => {
      expect(best[`r${j + 1}`]).toBeCloseTo(share, 12);
    });
  });
});

test("several losses are weighed against each other, each law seeing the domains it knows", () => {
  // After very many steps BiMix is A C / r^alpha.
  const law = lawAt(lawCalled("mixture-bimix"), { steps: 1e300 });
  const part = (weight: number, domain: number) => ({
    law,
    coefficients: { A: 1, alpha: 0.5, B: 1, beta: 1, C: 1 },
    weight,
    shares: [0, 1, 2].map((j) => (j === domain ? "r" : null)),
  });
  const best = bestMixture([part(1, 0), part(8, 1), part(27, 2)], [1, 1, 1]);
  // w_j r^-1/2 has the slope -w_j/2 r^-3/2, equal for r ~ w^(2/3): 1, 4, 9.
  [1 / 14, 4 / 14, 9 / 14].forEach((share, j) => {
    expect(best?.shares[j]).toBeCloseTo(share, 12);
  });
});

describeWithShared("public mixtures", () => {
  describe("three domains at 410M parameters", () => {
    const rows = sharedCsv("mixture_dml_3domains_410M.csv").filter(({ step }) => step === "60000");
    const of = (domain: string): GivenRows => {
      const own = rows.filter(({ val_domain }) => val_domain === domain);
      const mixtures = own.map((row) => [row.prop_github, row.prop_books3, row.prop_pile_cc].map(Number));
      return rowsOf(
        mixtures,
        own.map(({ loss }) => Number(loss)),
      );
    };
    const ORACLE = { objective: "huber-log", delta: 1e-3 } as const;

    test.each([
      ["Books3", 0.0001693601114, 2.95985398, [-0.56684, -7.57047, -1.95553]],
      ["Github", 0.001383603395, 1.052570154, [-13.54353, 0.23932, 0.10962]],
      ["Pile-CC", 0.00007443177982, 2.93538598, [-0.64403, -0.90354, -2.94062]],
    ] as const)("mixture-exp on %s reaches the recorded optimum", (domain, sum, c, t) => {
      const data = of(domain);
      expect(data.measured).toHaveLength(32);
      const fit = fitGiven(member("mixture-exp", 3), data, ORACLE);
      console.log(
        `mixture_dml_3domains ${domain}: ours ${fit.objective.value.toPrecision(11)}, recorded ${sum}`,
      );
      expect(fit.objective.value).toBeLessThanOrEqual(sum + 1e-9);
      expect(fit.objective.value).toBeGreaterThan(sum - 1e-9);
      // As recorded: nine decimals of c, five of t.
      expect(fit.parameters.c.estimate).toBeCloseTo(c, 6);
      t.forEach((value, j) => {
        expect(fit.parameters[`t${j + 1}`].estimate).toBeCloseTo(value, 4);
      });
    });

    test.each(["Books3", "Github", "Pile-CC"])(
      "mixture-power misfits %s less than half as much",
      (domain) => {
        const [exp, power] = ["mixture-exp", "mixture-power"].map(
          (id) => fitGiven(member(id, 3), of(domain), ORACLE).objective.value,
        );
        expect(power).toBeLessThan(0.6 * exp);
      },
    );
  });

  test("of two domains, five mixtures at each step are enough for the exponential law", () => {
    const rows = sharedCsv("mixture_dml_2domains.csv").filter(
      (row) => row.model === "70M" && row.step === "30000" && row.val_domain === "Github",
    );
    expect(rows).toHaveLength(5);
    const mixtures = rows.map((row) => [row.prop_github, row.prop_pile_cc].map(Number));
    const fit = fitGiven(
      member("mixture-exp", 2),
      rowsOf(
        mixtures,
        rows.map(({ loss }) => Number(loss)),
      ),
      { objective: "squares-log" },
    );
    expect(fit.metrics.worstRelativeError).toBeLessThan(0.02);
  });

  test("17 domains of the Pile: our law ranks 256 unseen mixtures better than regression and the exponential law", () => {
    const [train, test] = ["train", "test"].map((part) => {
      const losses = new Map(
        sharedCsv(`mixture_regmix/${part}_pile_loss_1m.csv`).map((row) => [
          row.index,
          Number(row["metric/the_pile_pile_cc_val_loss"]),
        ]),
      );
      const mixtures = sharedCsv(`mixture_regmix/${part}_mixture_1m.csv`).map(({ index, ...shares }) => {
        const r = Object.values(shares).map(Number);
        const total = r.reduce((sum, share) => sum + share, 0);
        return { r: r.map((share) => share / total), loss: losses.get(index) as number };
      });
      return mixtures;
    });
    const measured = test.map(({ loss }) => loss);
    const ranked = (id: string): number => {
      const law = member(id, 17);
      const c = estimatesOf(
        fitGiven(
          law,
          rowsOf(
            train.map(({ r }) => r),
            train.map(({ loss }) => loss),
          ),
          { objective: "squares-log" },
        ),
      );
      return rankCorrelation(
        test.map(({ r }) => evaluateLaw(law, c, point(r))),
        measured,
      );
    };
    const [power, exp, regression] = ["mixture-power", "mixture-exp", "regmix"].map(ranked);
    console.log(
      `mixture_regmix, Spearman on 256 mixtures: mixture-power ${power.toFixed(4)}, mixture-exp ${exp.toFixed(4)}, regmix ${regression.toFixed(4)}, linear 0.9021`,
    );
    expect(train).toHaveLength(512);
    expect(test).toHaveLength(256);
    expect(exp).toBeGreaterThan(0.90214);
    expect(regression).toBeGreaterThan(0.98);
    expect(power).toBeGreaterThan(0.985);
  });
});

function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranks = (values: readonly number[]) => {
    const rank = new Array<number>(values.length);
    [...values.keys()]
      .sort((i, j) => values[i] - values[j])
      .forEach((i, place) => {
        rank[i] = place;
      });
    return rank;
  };
  const [x, y] = [ranks(a), ranks(b)];
  const middle = (x.length - 1) / 2;
  const covariance = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, i) => sum + (value - middle) * (q[i] - middle), 0);
  return covariance(x, y) / Math.sqrt(covariance(x, x) * covariance(y, y));
}
