import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import { resolveCoefficients } from "../../src/laws/coefficients.js";
import type { Coefficients } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { sharedJsonLines } from "../support/csv.js";
import { fitPoints, gridOf, worstRecovery } from "../support/law-grid.js";
import { describeWithShared } from "../support/shared.js";

/** Noise-free data: what is left is the rounding of the losses (1e-16) times the condition of the law. */
const RECOVERED = 1e-8;

const value = (law: string, coefficients: Coefficients, at: Record<string, number>) =>
  predict({ law, coefficients, at }).predictions[0].value.estimate;

describe("nmt", () => {
  const law = lawCalled("nmt");
  const truth = { A: 8600, pe: 0.18, pd: 0.31, Linf: 1.3 };

  test("is recovered from its own losses", () => {
    const sizes = [3e7, 1e8, 3e8, 1e9];
    expect(worstRecovery(law, truth, gridOf({ N_e: sizes, N_d: sizes }))).toBeLessThan(RECOVERED);
  });

  test("takes the paper's amplitude at reference sizes", () => {
    const published = { alpha: 0.9, pe: 0.18, pd: 0.31, Linf: 1.3, Ne0: 1.2e8, Nd0: 1.4e8 };
    const { values } = resolveCoefficients(law, new Map(Object.entries(published)));
    expect(values.A).toBeCloseTo(0.9 * 1.2e8 ** 0.18 * 1.4e8 ** 0.31, 8);
    expect(value("nmt", published, { N_e: 1.2e8, N_d: 1.4e8 })).toBeCloseTo(2.2, 12);
  });

  test("splits a total so that no other split does better", () => {
    const found = law.answers[0].solve(truth, { total: 1e9 }) as Record<string, number>;
    expect(found.N_e + found.N_d).toBeCloseTo(1e9, 4);
    expect(found.loss).toBeCloseTo(value("nmt", truth, { N_e: found.N_e, N_d: found.N_d }), 12);
    for (const moved of [-1e7, 1e7])
      expect(value("nmt", truth, { N_e: found.N_e + moved, N_d: found.N_d - moved })).toBeGreaterThan(
        found.loss,
      );
  });
});

describe("width-depth", () => {
  test("is recovered from its own losses", () => {
    const truth = { E: 1.7, Aw: 60, aw: 0.6, Al: 3, al: 0.8, B: 2000, beta: 0.36 };
    const points = gridOf({
      width: [256, 512, 1024, 2048],
      depth: [3, 6, 12, 24, 48],
      D: [2e9, 8e9, 3e10, 1e11],
    });
    expect(worstRecovery(lawCalled("width-depth"), truth, points)).toBeLessThan(RECOVERED);
  });

  test("with a term for the size predicts its own losses; its exponents stand in for each other", () => {
    const law = lawCalled("width-depth-params");
    const truth = { E: 1.7, Aw: 30, aw: 0.6, Al: 2, al: 0.8, A: 100, alpha: 0.3, B: 2000, beta: 0.36 };
    const points = gridOf({
      width: [256, 512, 1024, 2048],
      depth: [3, 6, 12, 24, 48],
      D: [2e9, 8e9, 3e10, 1e11],
    }).map(({ width, depth, D }) => ({ width, depth, D, N: 12 * depth * width ** 2 + 65_000 * width }));
    const measured = points.map((point) => value("width-depth-params", truth, point));
    const { valueAt } = fitPoints(law, points, measured, { delta: 1e-3 });
    const far = { width: 8192, depth: 80, D: 1e12, N: 12 * 80 * 8192 ** 2 + 65_000 * 8192 };
    expect(Math.abs(valueAt(far) / value("width-depth-params", truth, far) - 1)).toBeLessThan(1e-6);
  });
});

describeWithShared("the 22 shapes of arXiv 2502.06857", () => {
  test("width-depth reaches the sum that SciPy reaches, and explains more than size does", () => {
    const rows = sharedJsonLines("gemstones_fineweb_edu.jsonl");
    const points = rows.map((row) => ({
      width: Number(row.width),
      depth: Number(row.depth),
      D: Number(row.tokens),
    }));
    const measured = rows.map((row) => Number(row.final_loss));
    const { fit, estimates } = fitPoints(lawCalled("width-depth"), points, measured, { delta: 1e-3 });
    // BFGS (SciPy 1.17) on the log-sum-exp of the terms from 40 random starts: 12 best equal to 12 digits, E = 0.
    expect(fit.objective.value).toBeLessThanOrEqual(0.00365425743179 + 1e-9);
    expect(fit.objective.value).toBeGreaterThanOrEqual(0.00365425743179 - 1e-9);
    expect(fit.status).toBe("at-bound");
    expect(estimates.E).toBe(0);
    // SciPy's own end: right to its gradient tolerance.
    for (const [name, scipy] of Object.entries({ aw: 0.269147063, al: 0.152203022, beta: 0.496161324 }))
      expect(Math.abs(estimates[name] / scipy - 1), name).toBeLessThan(1e-6);
    // The recorded sum of the law of size and data on the same rows.
    expect(fit.objective.value).toBeLessThan(0.007238223339 / 1.9);
  });
});

describe("shape-vit", () => {
  const law = lawCalled("shape-vit");
  const truth = { alpha: 2, a: 0.5, beta: 0.01, b: 0.9, xi: 3, c: 0.4, eps: 0.1 };

  test("is recovered from its own losses", () => {
    const points = gridOf({ x: [64, 128, 256, 512, 1024, 2048], t_gflops: [10, 100, 1e3, 1e4, 1e5] });
    expect(worstRecovery(law, truth, points)).toBeLessThan(RECOVERED);
  });

  test("has its least loss at the dimension it says, which grows with compute", () => {
    let before = 0;
    for (const t_gflops of [1, 100, 1e4]) {
      const { x, loss } = law.answers[0].solve(truth, { t_gflops }) as Record<string, number>;
      expect(x).toBeGreaterThan(before);
      expect(loss).toBeCloseTo(value("shape-vit", truth, { x, t_gflops }), 12);
      for (const factor of [0.9, 1.1])
        expect(value("shape-vit", truth, { x: x * factor, t_gflops })).toBeGreaterThan(loss);
      before = x;
    }
  });

  test("takes compute in FLOPs", () => {
    expect(value("shape-vit", truth, { x: 256, C: 1e12 })).toBe(
      value("shape-vit", truth, { x: 256, t_gflops: 1e3 }),
    );
  });
});
