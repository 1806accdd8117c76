/** Plans under a measured cost against plans by FLOPs, closed forms, dense grids and each other. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plan } from "../../src/index.js";
import type { AllocationForms } from "../../src/laws/law.js";
import { NO_LIMITS } from "../../src/plan/budget-line.js";
import { unitOfColumn } from "../../src/plan/cost-units.js";
import { measuredCostOf } from "../../src/plan/measured-cost.js";
import { measuredForms } from "../../src/plan/measured-forms.js";
import { sourceFromCoefficients } from "../../src/plan/source.js";
import { lawCalled } from "../support/core.js";
import { seeded } from "../support/random.js";
import { drawsOf, savedFit } from "../support/saved-fits.js";

const BESIROGLU = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };
const from = { law: "chinchilla", coefficients: BESIROGLU };
const lossAt = (N: number, D: number) =>
  BESIROGLU.E + BESIROGLU.A / N ** BESIROGLU.alpha + BESIROGLU.B / D ** BESIROGLU.beta;

/** A product of powers of N and D. */
const product = (k: number, a: number, b: number) => ({
  law: "power-product",
  coefficients: { k, a: [a, b] },
  inputs: { x1: "N", x2: "D" },
});

const saved = (law: string, column: string, values: Record<string, number>, spread: number) =>
  savedFit({
    law,
    column,
    values,
    draws: drawsOf(values, spread, 200),
    inputs: [
      { quantity: "N", column: "params" },
      { quantity: "D", column: "tokens" },
    ],
    ...(law === "power-product" ? { size: 2, range: { x1: [1e7, 1e9], x2: [1e8, 1e11] } } : {}),
  });

const losses = saved("chinchilla", "loss", BESIROGLU, 0.01);

describe("a cost of k 6ND", () => {
  test("plans what the plan by FLOPs plans, whatever the unit", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 19, max: 25, noNaN: true }),
        fc.double({ min: -20, max: 3, noNaN: true }),
        (decades, lnUnit) => {
          const [flops, k] = [10 ** decades, 10 ** lnUnit];
          const [byFlops] = plan({ ...from, flops }).plans;
          const [measured] = plan({
            ...from,
            costFit: product(6 * k, 1, 1),
            costBudget: k * flops,
          }).plans;
          for (const name of ["N", "D", "loss"])
            expect(measured.optimum[name].estimate / byFlops.optimum[name].estimate).toBeCloseTo(1, 9);
          expect(measured.budget.flops ?? 0).toBeCloseTo(flops, -decades + 6);
          expect(measured.measuredCost?.split6nd?.extraLoss ?? 1).toBeLessThan(1e-9);
          measured.neighbours.forEach((row, i) => {
            expect(row.loss.estimate / byFlops.neighbours[i].loss.estimate).toBeCloseTo(1, 9);
          });
          measured.offOptimum.forEach((row, i) => {
            const { wastedCompute } = byFlops.offOptimum[i];
            expect(row.wastedCompute.estimate).toBeCloseTo(wastedCompute.estimate, 6);
          });
        },
      ),
      seeded(60),
    );
  });

  test("has the intervals of the plan by FLOPs where the cost does not vary", () => {
    const [byFlops] = plan({ fit: losses, flops: 1e21 }).plans;
    const exact = saved("power-product", "flops", { k: 6, a1: 1, a2: 1 }, 0);
    const [measured] = plan({ fit: losses, costFit: { fit: exact }, flops: 1e21 }).plans;
    for (const name of ["N", "D", "loss"])
      for (const end of ["low", "high"] as const)
        expect((measured.optimum[name][end] ?? 0) / (byFlops.optimum[name][end] ?? 1)).toBeCloseTo(1, 8);
  });

  test("has wider ones where it does", () => {
    const width = (spread: number): number => {
      const cost = saved("power-product", "seconds", { k: 1e-13, a1: 0.95, a2: 1 }, spread);
      const { low, high } = plan({ fit: losses, costFit: { fit: cost }, days: 30 }).plans[0].optimum.D;
      return (high ?? 0) - (low ?? 0);
    };
    expect(width(0.02)).toBeGreaterThan(1.2 * width(0));
  });
});

describe("the split under a measured cost", () => {
  const forms = lawCalled("chinchilla").allocation as AllocationForms;
  const source = sourceFromCoefficients(lawCalled("chinchilla"), BESIROGLU);
  const exponent = fc.double({ min: 0.4, max: 1.8, noNaN: true });

  test("of a product of powers in closed form is what the search finds", () => {
    fc.assert(
      fc.property(exponent, exponent, fc.double({ min: 14, max: 24, noNaN: true }), (a, b, decades) => {
        const cost = sourceFromCoefficients(lawCalled("power-product"), { k: 2e-3, a1: a, a2: b });
        const asked = { source: cost, unit: "units", column: "y", inputs: { x1: "N", x2: "D" } };
        const measured = measuredCostOf(asked, source.law);
        const both = { ...BESIROGLU, cost_k: 2e-3, cost_a1: a, cost_a2: b };
        const closed = measuredForms(source.law, forms, measured, NO_LIMITS);
        const searched = measuredForms(source.law, forms, measured, NO_LIMITS, true);
        const budget = 10 ** decades;
        const [found, expected] = [searched.optimum(both, budget), closed.optimum(both, budget)];
        expect(expected).not.toBeNull();
        fc.pre(expected !== null && expected.N > 10 && expected.N < 1e30);
        expect((found?.N ?? 0) / (expected?.N ?? 1)).toBeCloseTo(1, 8);
        expect(measured.costOf(both, found ?? { N: 0, D: 0 }) / budget).toBeCloseTo(1, 9);
        const loss = lossAt(expected?.N ?? 0, expected?.D ?? 0);
        fc.pre(loss - BESIROGLU.E > 1e-4);
        expect((closed.flopsForLoss(both, loss) ?? 0) / budget).toBeCloseTo(1, 6);
        expect((searched.flopsForLoss(both, loss) ?? 0) / budget).toBeCloseTo(1, 6);
      }),
      seeded(60),
    );
  });

  test("of a cost with an overhead and a bend is never worse than the best of a dense grid", () => {
    // A fixed start-up, memory traffic of small models, and a price for tokens.
    const c = { c0: 3600, c1: 1e-14, c2: 2e-7 };
    const y = (N: number, D: number) => c.c0 + c.c1 * D * Math.max(6 * N, 3e9) + c.c2 * D;
    for (const [budget, maxParams] of [
      [1e5, undefined],
      [3e6, undefined],
      [3e6, 1e9],
    ] as const) {
      let best = Number.POSITIVE_INFINITY;
      for (let x = Math.log(1e6); x < Math.log(1e12); x += 2e-3) {
        const N = Math.exp(x);
        const D = (budget - c.c0) / (y(N, 1) - c.c0);
        if (N <= (maxParams ?? N)) best = Math.min(best, lossAt(N, D));
      }
      const [{ optimum, measuredCost }] = plan({
        ...from,
        costFit: {
          law: "linear-cost",
          coefficients: { c0: c.c0, c1: 1 },
          inputs: { x: `${c.c1}*D*max(6*N, 3e9) + ${c.c2}*D` },
        },
        costBudget: budget,
        ...(maxParams === undefined ? {} : { maxParams }),
      }).plans;
      expect(optimum.loss.estimate).toBeLessThanOrEqual(best * (1 + 1e-9));
      expect(y(optimum.N.estimate, optimum.D.estimate) / budget).toBeCloseTo(1, 8);
      expect(measuredCost?.cost.estimate ?? 0).toBeCloseTo(budget, 2);
    }
  });

  test("keeps a size, tokens or a ratio that are fixed, and spends the rest", () => {
    const costFit = product(1e-12, 0.9, 1);
    const y = (N: number, D: number) => 1e-12 * N ** 0.9 * D;
    for (const fixed of [{ params: 1e9 }, { tokens: 1e11 }, { ratio: 20 }]) {
      const [{ optimum }] = plan({ ...from, costFit, costBudget: 1e6, ...fixed }).plans;
      const [N, D] = [optimum.N.estimate, optimum.D.estimate];
      expect(y(N, D) / 1e6).toBeCloseTo(1, 9);
      expect([N / 1e9, D / 1e11, D / N / 20].some((one) => Math.abs(one - 1) < 1e-9)).toBe(true);
    }
  });

  test("is the cheapest that reaches a loss, and its budget reaches that loss again", () => {
    const costFit = { ...product(1e-13, 0.9, 1.05), unit: "joules" };
    const [asked] = plan({ ...from, costFit, targetLoss: 2.2 }).plans;
    const kwh = (asked.measuredCost?.cost.estimate ?? 0) / 3.6e6;
    const [again] = plan({ ...from, costFit, kwh }).plans;
    expect(again.optimum.loss.estimate).toBeCloseTo(2.2, 9);
  });
});

describe("budgets of a measured cost", () => {
  const spend = (unit: string, question: object) =>
    plan({ ...from, costFit: { ...product(1e-13, 1, 1), unit }, ...question }).plans[0].measuredCost?.budget;

  test("are turned into what was measured", () => {
    expect(spend("seconds", { days: 2 })).toBe(172_800);
    expect(spend("hours", { deadlineDays: 2 })).toBe(48);
    expect(spend("gpu-hours", { days: 2, hardware: { count: 8 } })).toBe(384);
    expect(spend("gpu-seconds", { gpuHours: 2 })).toBe(7200);
    expect(spend("seconds", { gpuHours: 16, hardware: { count: 8 } })).toBeCloseTo(7200, 9);
    expect(spend("gpu-hours", { dollars: 100, hardware: { usdPerHour: 2.5 } })).toBe(40);
    expect(spend("joules", { kwh: 2 })).toBeCloseTo(7.2e6, 6);
    expect(spend("seconds", { days: 2, costBudget: 1000 })).toBe(1000);
  });

  test.each([
    ["seconds", { flops: 1e20 }, /--flops and --cost-fit contradict/],
    ["seconds", { gpuHours: 10 }, /measured in seconds/],
    ["joules", { days: 3 }, /--days and --cost-fit contradict/],
    ["units", { days: 3 }, /a unit that is not known/],
    ["seconds", { params: 1e9 }, /needs a budget, or a loss/],
    ["seconds", { days: 3, cost: { inferenceTokens: 1e12 } }, /--inference-tokens and --cost-fit contradict/],
    ["seconds", { days: 1, targetLoss: 1.9 }, /--target-loss 1.9 and --days contradict/],
  ])("in %s are refused where they do not pay for it: %o", (unit, question, message) => {
    expect(() => spend(unit, question)).toThrow(message);
  });

  test("need a cost that rises with what is free", () => {
    const memory = { law: "linear-cost", coefficients: { c0: 0, c1: 16 }, inputs: { x: "N" } };
    expect(() => plan({ ...from, costFit: memory, costBudget: 8e10 })).toThrow(/does not rise with tokens/);
    const [{ optimum }] = plan({ ...from, costFit: memory, costBudget: 8e10, tokens: 1e11 }).plans;
    expect(optimum.N.estimate).toBeCloseTo(5e9, 0);
  });
});

test("the unit of a cost is read from the name of its column", () => {
  const named = [
    "train_seconds",
    "time_s",
    "gpu_hours",
    "A100 hours",
    "energy_kwh",
    "joules",
    "cost_usd",
    "runtime",
  ];
  expect(named.map(unitOfColumn)).toEqual([
    "seconds",
    "seconds",
    "gpu-hours",
    "gpu-hours",
    "kwh",
    "joules",
    "dollars",
    null,
  ]);
});

test("a plan decades beyond the measured sizes is warned of, one among them is not", () => {
  const cost = saved("power-product", "seconds", { k: 1e-13, a1: 1, a2: 1 }, 0.01);
  const codes = (days: number) =>
    plan({ fit: losses, costFit: { fit: cost }, days }).warnings.map(({ code }) => code);
  expect(codes(30_000)).toContain("cost-extrapolation");
  expect(codes(1)).not.toContain("cost-extrapolation");
});
