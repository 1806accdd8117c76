/** Learning rate and batch at a plan: against the laws' formulas, and intervals against the draws of both fits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plan, predict } from "../../src/index.js";
import type { PlannedHyperparameters } from "../../src/objects.js";
import { type Draws, drawsOf, savedFit } from "../support/saved-fits.js";

const BESIROGLU = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };
const STEPLAW = { c: 1.79, a: -0.713, b: 0.307, cb: 0.58, bb: 0.571 };
const from = { law: "chinchilla", coefficients: BESIROGLU };

const saved = (
  law: string,
  column: string,
  values: Record<string, number>,
  draws: Draws,
  covariance?: number[][],
) => savedFit({ law, column, values, draws, covariance });

const LOSS_DRAWS = drawsOf(BESIROGLU, 0.01);
const LR_DRAWS = drawsOf(STEPLAW, 0.003, 150);
const losses = saved("chinchilla", "loss", BESIROGLU, LOSS_DRAWS);
const settings = saved("lr-batch", "lr", STEPLAW, LR_DRAWS);

const rate = ({ c, a, b }: Record<string, number>, N: number, D: number) => c * N ** a * D ** b;
const batchOf = ({ cb, bb }: Record<string, number>, D: number) => cb * D ** bb;

const found = (document: ReturnType<typeof plan>): PlannedHyperparameters =>
  document.plans[0].hyperparameters as PlannedHyperparameters;

/** Middle 95 % as the percentiles of sorted values that R calls type 6. */
function middle(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((x, y) => x - y);
  const at = (share: number) => {
    const place = share * (sorted.length + 1) - 1;
    const below = Math.floor(place);
    return sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
  };
  return [at(0.025), at(0.975)];
}

/** The best split of 6ND FLOPs in closed form. */
function optimum({ A, B, alpha, beta }: Record<string, number>, flops: number) {
  const N = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta)) * (flops / 6) ** (beta / (alpha + beta));
  return { N, D: flops / 6 / N };
}

describe("the best settings of a plan", () => {
  test("are those of the law at its N and D, whatever the budget", () => {
    fc.assert(
      fc.property(fc.double({ min: 19, max: 26, noNaN: true }), (exponent) => {
        const document = plan({ ...from, lrFit: { preset: "steplaw" }, flops: 10 ** exponent });
        const { N, D } = optimum(BESIROGLU, 10 ** exponent);
        const { lr, batch, steps } = found(document);
        expect((lr?.estimate ?? 0) / rate(STEPLAW, N, D)).toBeCloseTo(1, 8);
        expect((batch?.estimate ?? 0) / batchOf(STEPLAW, D)).toBeCloseTo(1, 8);
        expect((steps?.estimate ?? 0) / (D / batchOf(STEPLAW, D))).toBeCloseTo(1, 8);
      }),
      { numRuns: 30 },
    );
  });

  test("carry both fits: each draw of N and D with another one of the settings", () => {
    const { lr, steps, uncertainty } = found(plan({ fit: losses, lrFit: { fit: settings }, flops: 1e22 }));
    const pairs = LOSS_DRAWS.map((c, b) => {
      const { N, D } = optimum(c, 1e22);
      const own = LR_DRAWS[(b + 1) % LR_DRAWS.length];
      return { lr: rate(own, N, D), steps: D / batchOf(own, D) };
    });
    for (const [value, each] of [
      [lr, pairs.map((one) => one.lr)],
      [steps, pairs.map((one) => one.steps)],
    ] as const) {
      const [low, high] = middle(each);
      expect((value?.low ?? 0) / low).toBeCloseTo(1, 6);
      expect((value?.high ?? 0) / high).toBeCloseTo(1, 6);
    }
    expect(uncertainty).toMatch(/^intervals of both fits: each of 199 resamples/);
  });

  test("vary by the one fit that has draws, and it is said which", () => {
    const width = ({ lr }: PlannedHyperparameters) => Math.log((lr?.high ?? Number.NaN) / (lr?.low ?? 1));
    const both = found(plan({ fit: losses, lrFit: { fit: settings }, flops: 1e22 }));
    const planAlone = found(plan({ fit: losses, lrFit: { preset: "steplaw" }, flops: 1e22 }));
    const lawAlone = found(plan({ ...from, lrFit: { fit: settings }, flops: 1e22 }));
    const neither = found(plan({ ...from, lrFit: { preset: "steplaw" }, flops: 1e22 }));
    expect(planAlone.uncertainty).toMatch(/by N and D alone: .* taken as exact \(published coefficients/);
    expect(lawAlone.uncertainty).toMatch(/settings' fit alone: N and D have none/);
    expect(neither.lr).toMatchObject({ low: null, high: null, reason: expect.any(String) });
    expect(width(both)).toBeGreaterThan(Math.max(width(planAlone), width(lawAlone)));
    expect(width(both)).toBeLessThan(width(planAlone) + width(lawAlone));
  });

  test("of a fit without resamples have the distances of both, squared and added", () => {
    const names = Object.keys(STEPLAW) as (keyof typeof STEPLAW)[];
    const own = names.map((row, i) => names.map((_, j) => (i === j ? (0.003 * STEPLAW[row]) ** 2 : 0)));
    const covariance = saved("lr-batch", "lr", STEPLAW, [], own);
    const { lr, uncertainty } = found(plan({ fit: losses, lrFit: { fit: covariance }, flops: 1e22 }));
    const one = found(plan({ fit: losses, lrFit: { preset: "steplaw" }, flops: 1e22 })).lr;
    const other = found(plan({ ...from, lrFit: { fit: covariance }, flops: 1e22 })).lr;
    const above = (each: typeof lr) => Math.log((each?.high ?? 0) / (each?.estimate ?? 1));
    expect(above(lr)).toBeCloseTo(Math.hypot(above(one), above(other)), 6);
    expect(uncertainty).toMatch(/^intervals of both fits, taken as independent/);
  });

  test("of a plan chosen over all resamples vary by their own law alone", () => {
    const asked = { fit: losses, flops: 1e22, risk: "mean" } as const;
    const { optimum: chosen } = plan(asked).plans[0];
    const { lr, uncertainty } = found(plan({ ...asked, lrFit: { fit: settings } }));
    const each = LOSS_DRAWS.map((_, b) =>
      rate(LR_DRAWS[(b + 1) % LR_DRAWS.length], chosen.N.estimate, chosen.D.estimate),
    );
    expect((lr?.high ?? 0) / middle(each)[1]).toBeCloseTo(1, 6);
    expect(uncertainty).toMatch(/settings' fit alone: N and D are chosen/);
  });

  test("follow a target loss, fixed sizes, a chain and a measured cost", () => {
    const lrFit = { fit: settings };
    const cost = {
      law: "power-product",
      coefficients: { k: 1e-12, a: [1, 1] },
      inputs: { x1: "N", x2: "D" },
    };
    for (const document of [
      plan({ fit: losses, lrFit, targetLoss: 2.2 }),
      plan({ fit: losses, lrFit, flops: 1e22, params: 7e9 }),
      plan({ preset: "ladder-hellaswag", lrFit, targetTask: 0.8 }),
      plan({ fit: losses, lrFit, costFit: cost, costBudget: 1e9 }),
    ]) {
      const [{ optimum: at, neighbours }] = document.plans;
      const { lr, batch } = found(document);
      expect((lr?.estimate ?? 0) / rate(STEPLAW, at.N.estimate, at.D.estimate)).toBeCloseTo(1, 8);
      expect(lr?.low).toBeLessThan(lr?.estimate ?? 0);
      expect((batch?.estimate ?? 0) / batchOf(STEPLAW, at.D.estimate)).toBeCloseTo(1, 8);
      // Every other budget has its own.
      for (const row of neighbours)
        expect((row.lr?.estimate ?? 0) / rate(STEPLAW, row.N.estimate, row.D.estimate)).toBeCloseTo(1, 8);
    }
  });

  test("come from a law of compute and from a surface of the loss too", () => {
    const ofCompute = found(plan({ ...from, lrFit: { preset: "deepseek" }, flops: 1e22 }));
    const [{ value }] = predict({ preset: "deepseek", at: { C: 1e22 } }).predictions;
    expect(ofCompute.lr?.estimate).toBeCloseTo(value.estimate, 12);
    const coefficients = {
      ...{ E: 1.55, A: 275, alpha: 0.325, B0: 200, beta: 0.268, lr0: 7.5e-4, c_lN: -0.725, c_lD: 0.3 },
      ...{ batch0: 3e5, c_bN: -0.26, c_bD: 0.63, q_l: 0.025, k: 0.63, r: 0.34, q_b: 0.021 },
    };
    const { lr, at } = found(plan({ ...from, lrFit: { law: "lr-batch-bowl", coefficients }, flops: 1e22 }));
    expect(Object.keys(at)).toEqual(["N", "D"]);
    expect(lr?.estimate).toBeCloseTo(7.5e-4 * (at.N / 1e9) ** -0.725 * (at.D / 2e10) ** 0.3, 12);
  });

  test("far beyond their data are warned of, and a batch in sequences has no steps", () => {
    const document = plan({ ...from, lrFit: { fit: settings }, flops: 1e25 });
    expect(found(document).beyond?.N).toBeCloseTo(Math.log10(found(document).at.N / 1e9), 9);
    expect(document.warnings.map(({ message }) => message).join()).toMatch(
      /learning rate and batch are an extrapolation, N 2\.\d decades beyond the largest and D 1\.\d decades/,
    );
    const inSequences = saved("lr-batch", "lr", { ...STEPLAW, cb: 0.58 / 2048 }, LR_DRAWS);
    const short = plan({ ...from, lrFit: { fit: inSequences }, flops: 1e22 });
    expect(found(short).steps).toBeNull();
    expect(found(short).unknown?.[0]).toMatch(/no steps: a batch of 7\d\d seems to count sequences/);
    expect(short.warnings.map(({ code }) => code)).toContain("batch-unit");
  });

  test.each([
    [
      { ...from, lrFit: { fit: losses }, flops: 1e22 },
      /lrFit: the law "chinchilla" .* says no best learning rate/,
    ],
    [{ preset: "steplaw", flops: 1e22 }, /"lr-batch" says the best learning rate and batch size, not a loss/],
    [
      { preset: "deepseek-alloc-2024", lrFit: { preset: "steplaw" }, flops: 1e22 },
      /plans in its own variables/,
    ],
  ])("are refused with the cure: %#", (question, message) => {
    expect(() => plan(question)).toThrow(message);
  });
});
