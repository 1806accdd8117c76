/** The split of a budget against dense minimisation, round trips and the law itself. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.js";
import * as scalefit from "../../src/index.js";
import type { PlannedLaw } from "../../src/objects.js";
import { generator, seeded } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, lossOf, randomLog, type Truth } from "../support/sweeps.js";
import { expectPlain } from "../support/walk.js";

/** Laws as they are published: floors 0 to 3, exponents 0.1 to 0.8, terms 0.05 to 5 at N = 1e9, D = 2e10. */
const truths: fc.Arbitrary<Truth> = fc
  .record({
    E: fc.double({ min: 0, max: 3, noNaN: true }),
    alpha: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
    beta: fc.double({ min: 0.1, max: 0.8, noNaN: true }),
    a: fc.double({ min: -1.3, max: 0.7, noNaN: true }),
    b: fc.double({ min: -1.3, max: 0.7, noNaN: true }),
  })
  .map(({ E, alpha, beta, a, b }) => ({
    E,
    alpha,
    beta,
    A: 10 ** (a + 9 * alpha),
    B: 10 ** b * 2e10 ** beta,
  }));

const budgets = fc.double({ min: 17, max: 26, noNaN: true }).map((power) => 10 ** power);

const planned = (truth: Truth, question: scalefit.Question): PlannedLaw =>
  scalefit.plan({ law: "chinchilla", coefficients: { ...truth }, ...question }).plans[0];

const splitOf = ({ optimum }: PlannedLaw) => ({ N: optimum.N.estimate, D: optimum.D.estimate });

function expectClose(a: number, b: number, tolerance: number, what = "") {
  expect(Math.abs(a / b - 1), `${what} ${a} against ${b}`).toBeLessThan(tolerance);
}

/** The best ln N for a budget, by thinning an ever finer grid of 201 sizes. */
function densest(truth: Truth, C: number): { N: number; loss: number } {
  const loss = (logN: number) => lossOf(truth, Math.exp(logN), C / (6 * Math.exp(logN)));
  let [low, high] = [-60, Math.log(C) + 60];
  let best = low;
  while (high - low > 1e-6) {
    const step = (high - low) / 200;
    const grid = Array.from({ length: 201 }, (_, i) => low + i * step);
    best = grid.reduce((a, b) => (loss(b) < loss(a) ? b : a));
    [low, high] = [best - step, best + step];
  }
  return { N: Math.exp(best), loss: loss(best) };
}

describe("the best split", () => {
  test("is the minimum that a dense search finds", () => {
    fc.assert(
      fc.property(truths, budgets, (truth, C) => {
        const plan = planned(truth, { flops: C });
        const dense = densest(truth, C);
        // The search sees no difference of losses below rounding, 1e-16 of the loss: a loss flat to second order
        // hides 1e-8 in ln N for a term of the size of the loss, and 1e-6 for one that is a thousandth of it.
        const terms = plan.optimum.loss.estimate - truth.E;
        const sight = 1e-6 + 1e-7 * Math.sqrt(plan.optimum.loss.estimate / terms) * 30;
        expectClose(plan.optimum.N.estimate, dense.N, sight, "N");
        expectClose(plan.optimum.loss.estimate, dense.loss, 1e-12, "loss");
      }),
      seeded(),
    );
  });

  test("spends the budget, 6 N D = C, in every row", () => {
    fc.assert(
      fc.property(truths, budgets, (truth, C) => {
        const plan = planned(truth, { flops: C });
        expect(plan.budget.flops).toBe(C);
        expect(plan.neighbours.map((row) => row.flops / C).map((f) => Number(f.toPrecision(6)))).toEqual([
          0.1, 0.333333, 1, 3, 10,
        ]);
        const { N, D, loss, tokensPerParameter } = plan.optimum;
        for (const row of [{ flops: C, N, D, loss, tokensPerParameter }, ...plan.neighbours]) {
          expectClose(6 * row.N.estimate * row.D.estimate, row.flops, 1e-12);
          expectClose(row.tokensPerParameter.estimate, row.D.estimate / row.N.estimate, 1e-12);
          expectClose(row.loss.estimate, lossOf(truth, row.N.estimate, row.D.estimate), 1e-12);
        }
      }),
      seeded(),
    );
  });

  test("of a neighbouring budget is the one that its own plan gives", () => {
    fc.assert(
      fc.property(truths, budgets, (truth, C) => {
        for (const row of planned(truth, { flops: C }).neighbours) {
          const own = planned(truth, { flops: row.flops }).optimum;
          expectClose(row.N.estimate, own.N.estimate, 1e-12);
          expectClose(row.loss.estimate, own.loss.estimate, 1e-12);
        }
      }),
      seeded(30),
    );
  });

  test("scales as the paper says: N* as C^(beta/(alpha+beta)), and falls in loss", () => {
    fc.assert(
      fc.property(truths, budgets, (truth, C) => {
        const [small, large] = [planned(truth, { flops: C }), planned(truth, { flops: 100 * C })];
        const exponent = Math.log10(large.optimum.N.estimate / small.optimum.N.estimate) / 2;
        expect(exponent).toBeCloseTo(truth.beta / (truth.alpha + truth.beta), 10);
        expect(large.optimum.loss.estimate).toBeLessThan(small.optimum.loss.estimate);
      }),
      seeded(),
    );
  });
});

describe("a target loss", () => {
  test("that a budget reaches costs that budget", () => {
    fc.assert(
      fc.property(truths, budgets, (truth, C) => {
        const there = planned(truth, { flops: C });
        const target = there.optimum.loss.estimate;
        const back = planned(truth, { targetLoss: target });
        // A rounded target is off by 1e-16 of itself, which (L - E)^-((alpha+beta)/(alpha beta)) multiplies.
        const { alpha, beta, E } = truth;
        const tolerance = 1e-12 + (1e-15 * (alpha + beta) * target) / (alpha * beta * (target - E));
        expectClose(back.budget.flops ?? Number.NaN, C, tolerance);
        expectClose(back.optimum.N.estimate, there.optimum.N.estimate, tolerance);
        expectClose(back.flops?.estimate ?? 0, C, tolerance);
      }),
      seeded(),
    );
  });

  test("for a given size or a given number of tokens is reached exactly", () => {
    fc.assert(
      fc.property(truths, fc.double({ min: 0.05, max: 0.9, noNaN: true }), (truth, share) => {
        const N = 3e9;
        // Between the loss with infinite tokens and that with 1e6.
        const floor = truth.E + truth.A / N ** truth.alpha;
        const target = floor + share * (truth.B / 1e6 ** truth.beta);
        const plan = planned(truth, { params: N, targetLoss: target });
        expect(plan.optimum.N.estimate).toBe(N);
        expectClose(plan.optimum.loss.estimate, target, 1e-12);
        expectClose(plan.budget.flops ?? Number.NaN, 6 * N * plan.optimum.D.estimate, 1e-12);
        const turned = planned(truth, { tokens: plan.optimum.D.estimate, targetLoss: target });
        // ln N is found to the last bits of its bisection; the target may be flat in it.
        expectClose(turned.optimum.loss.estimate, target, 1e-12);
      }),
      seeded(),
    );
  });

  test.each([
    ["at the floor", {}, 1.8172],
    ["below it", {}, 1],
    ["below what the size allows", { params: 1e9 }, 2.1],
    ["below what the tokens allow", { tokens: 1e9 }, 2.8],
  ])("%s is refused with the floor there", (_, given, targetLoss) => {
    const floor =
      BESIROGLU.E +
      ("params" in given ? BESIROGLU.A / 1e9 ** BESIROGLU.alpha : 0) +
      ("tokens" in given ? BESIROGLU.B / 1e9 ** BESIROGLU.beta : 0);
    expect(() => planned(BESIROGLU, { ...given, targetLoss })).toThrow(DataError);
    expect(() => planned(BESIROGLU, { ...given, targetLoss })).toThrow(floor.toPrecision(5));
  });
});

describe("a fixed size or fixed tokens", () => {
  test("with a budget leave the rest of it to the other", () => {
    const size = splitOf(planned(BESIROGLU, { flops: 1e22, params: 7e9 }));
    expect(size.N).toBe(7e9);
    expectClose(size.D, 1e22 / 6 / 7e9, 1e-14);
    const tokens = splitOf(planned(BESIROGLU, { flops: 1e22, tokens: 2e11 }));
    expect(tokens.D).toBe(2e11);
    expectClose(tokens.N, 1e22 / 6 / 2e11, 1e-14);
  });

  test("alone get the other for which they are best", () => {
    fc.assert(
      fc.property(truths, fc.double({ min: 6, max: 13, noNaN: true }), (truth, power) => {
        const bySize = planned(truth, { params: 10 ** power });
        expect(bySize.optimum.N.estimate).toBe(10 ** power);
        expectClose(
          planned(truth, { flops: bySize.budget.flops ?? Number.NaN }).optimum.N.estimate,
          10 ** power,
          1e-10,
        );
        const byTokens = planned(truth, { tokens: 10 ** power });
        expect(byTokens.optimum.D.estimate).toBe(10 ** power);
        expectClose(
          planned(truth, { flops: byTokens.budget.flops ?? Number.NaN }).optimum.D.estimate,
          10 ** power,
          1e-10,
        );
      }),
      seeded(),
    );
  });

  test("together are the design, with its price", () => {
    const plan = planned(BESIROGLU, { params: 7e10, tokens: 1.4e12 });
    expect(splitOf(plan)).toEqual({ N: 7e10, D: 1.4e12 });
    expect(plan.budget.flops).toBeCloseTo(5.88e23, -10);
    expectClose(plan.optimum.loss.estimate, lossOf(BESIROGLU, 7e10, 1.4e12), 1e-14);
  });
});

describe("another size at the same budget", () => {
  test("loses what the law says, and wastes what the best split of the rest would save", () => {
    fc.assert(
      fc.property(truths, budgets, (truth, C) => {
        const plan = planned(truth, { flops: C });
        for (const row of plan.offOptimum) {
          expectClose(row.N, row.factor * plan.optimum.N.estimate, 1e-12);
          expectClose(6 * row.N * row.D, C, 1e-12);
          expectClose(row.loss.estimate, lossOf(truth, row.N, row.D), 1e-12);
          const { estimate: extra } = row.extraLoss;
          const { estimate: waste } = row.wastedCompute;
          expect(extra).toBeGreaterThanOrEqual(0);
          expect(waste).toBeGreaterThanOrEqual(0);
          expect(waste).toBeLessThan(1);
          // The best split of what is not wasted has the loss of this one.
          const enough = planned(truth, { flops: (1 - waste) * C }).optimum.loss.estimate;
          expectClose(enough, row.loss.estimate, 1e-10);
        }
      }),
      seeded(),
    );
  });
});

describe("a plan from a fit", () => {
  const sweep = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 9, 0.6, 0.005, generator(2));
  const saved = scalefit.fit({ law: "chinchilla", data: { ...sweep }, bootstrap: 400 });
  const largest = Math.max(...sweep.N.map((N, i) => 6 * N * sweep.D[i]));

  test.each([
    { flops: 1e21 },
    { flops: 1e19, params: 3e8 },
    { targetLoss: 2.4 },
    { params: 1e9 },
    { tokens: 3e10 },
    { params: 1e9, targetLoss: 2.6 },
    { tokens: 1e11, targetLoss: 2.6 },
    { params: 1e9, tokens: 3e10 },
  ])(
    "answers $flops $params $tokens $targetLoss with intervals about every estimate and plain numbers",
    (question) => {
      const document = scalefit.plan({ fit: saved, ...question });
      expectPlain(document);
      const [plan] = document.plans;
      const estimates = [...Object.values(plan.optimum), ...(plan.flops ? [plan.flops] : [])];
      for (const row of plan.neighbours) estimates.push(row.N, row.D, row.loss, row.tokensPerParameter);
      for (const row of plan.offOptimum) estimates.push(row.loss, row.extraLoss, row.wastedCompute);
      for (const { estimate, low, high } of estimates) {
        if (low === null || high === null) throw new Error("an interval is missing");
        expect(low).toBeLessThanOrEqual(high);
        // Percentile limits need not hold the estimate; at this size of log they do, but for wastes, which are
        // smallest at the estimate itself.
        expect(high).toBeGreaterThanOrEqual(estimate * (1 - 1e-12));
      }
      const { N, D, loss } = plan.optimum;
      for (const { estimate, low } of [N, D, loss]) expect(low).toBeLessThanOrEqual(estimate * (1 + 1e-12));
    },
  );

  test("counts decades of compute beyond the data, 0 inside, negative below", () => {
    const decades = (flops: number) => scalefit.plan({ fit: saved, flops }).plans[0].extrapolation.decades;
    expect(decades(100 * largest)).toBeCloseTo(2, 10);
    expect(decades(largest / 2)).toBe(0);
    const smallest = 6 * Math.min(...sweep.N) * Math.min(...sweep.D);
    expect(decades(smallest / 1000)).toBeCloseTo(-3, 10);
  });

  test("warns of an extrapolation, and not inside the data", () => {
    const codes = (flops: number) => scalefit.plan({ fit: saved, flops }).warnings.map(({ code }) => code);
    expect(codes(1e24)).toEqual(["extrapolation"]);
    expect(codes(5e19)).toEqual([]);
  });

  test("has wider intervals further out", () => {
    const width = (flops: number) => {
      const { low, high } = scalefit.plan({ fit: saved, flops }).plans[0].optimum.N;
      return Math.log((high ?? 0) / (low ?? 1));
    };
    expect(width(1e24)).toBeGreaterThan(width(1e21));
    expect(width(1e21)).toBeGreaterThan(width(1e19));
  });

  test("without draws takes them from the covariance, about as wide", () => {
    const withoutDraws = scalefit.fit({ law: "chinchilla", data: { ...sweep }, bootstrap: 0 });
    const width = (fit: scalefit.SavedFit) => {
      const { low, high } = scalefit.plan({ fit, flops: 1e21 }).plans[0].optimum.N;
      return Math.log((high ?? 0) / (low ?? 1));
    };
    // Two estimates of one width, each right to some 15 % for 27 rows.
    expect(width(withoutDraws) / width(saved)).toBeGreaterThan(0.6);
    expect(width(withoutDraws) / width(saved)).toBeLessThan(1.7);
  });

  test("is the same document for the same fit", () => {
    expect(scalefit.plan({ fit: saved, flops: 1e21 })).toEqual(scalefit.plan({ fit: saved, flops: 1e21 }));
  });
});

describe("a plan from coefficients", () => {
  test("has no intervals, says why, and does not know how far it reaches", () => {
    const document = scalefit.plan({ preset: "besiroglu", flops: 1e22 });
    expectPlain(document);
    const { N } = document.plans[0].optimum;
    expect(N).toMatchObject({ low: null, high: null, reason: "published coefficients without draws" });
    expect(document.plans[0].extrapolation.decades).toBeNull();
  });

  test.each([
    ["no term in N", { A: 0 }],
    ["no term in D", { B: 0 }],
  ])("with %s is refused", (_, change) => {
    expect(() => planned({ ...BESIROGLU, ...change }, { flops: 1e22 })).toThrow(/no finite optimum/);
  });

  test("of a law of one variable is refused", () => {
    const coefficients = { E: 1, A: 10, alpha: 0.3 };
    expect(() => scalefit.plan({ law: "power-floor", coefficients, flops: 1e22 })).toThrow(
      /how to split a budget/,
    );
  });

  test("holds plain numbers for any law and budget that it answers at all", () => {
    fc.assert(
      fc.property(truths, fc.double({ min: 0, max: 60, noNaN: true }), (truth, power) => {
        expectPlain(scalefit.plan({ law: "chinchilla", coefficients: { ...truth }, flops: 10 ** power }));
      }),
      seeded(),
    );
  });
});

describe("plans from the draws of a poor fit", () => {
  test("have numbers or reasons, never a half interval", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 5, max: 9 }), (seed, rows) => {
        const log = randomLog(BESIROGLU, { rows, noise: 0.05, outliers: 0.2 }, generator(seed));
        const fit = scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: seed % 2 === 0 ? 40 : 0 });
        expectPlain(fit);
        try {
          const document = scalefit.plan({ fit, flops: 1e22 });
          expectPlain(document);
          for (const { low, high, reason } of Object.values(document.plans[0].optimum))
            expect([low === null, high === null]).toEqual(
              reason === undefined ? [false, false] : [true, true],
            );
        } catch (error) {
          // A fit that lost a term, or whose N and D are collinear, has no plan; nothing else may go wrong.
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      seeded(60),
    );
  });
});
