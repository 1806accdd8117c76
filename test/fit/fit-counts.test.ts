/** The distribution of success rates over problems, from counts. */
import { describe, expect, test } from "vitest";
import { runDrawTask } from "../../src/fit/draw-task.js";
import { sampledRange, startCountFit } from "../../src/fit/fit-counts.js";
import type { CoreFit } from "../../src/fit/fit-law.js";
import { accountFor } from "../../src/fit/fit-observed.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import { passAtKBeta } from "../../src/laws/pass-at-k.js";
import { predictAt } from "../../src/plan/predict.js";
import { sourceFromFit } from "../../src/plan/source.js";
import { generator, normal } from "../support/random.js";
import { estimatesOf, observationsOf } from "../support/rows.js";

/** In canonical order: equal problems side by side. */
function counts(n: readonly number[], c: readonly number[]) {
  const order = [...n.keys()].sort((a, b) => n[a] - n[b] || c[a] - c[b]);
  const correct = order.map((i) => c[i]);
  return observationsOf({ inputs: { n: order.map((i) => n[i]), c: correct }, measured: correct });
}

function fitCounts(n: readonly number[], c: readonly number[], options: Partial<FitOptions> = {}): CoreFit {
  const { tasks, finish } = startCountFit(counts(n, c), { ...DEFAULT_OPTIONS, bootstrap: 0, ...options });
  return finish(tasks.map((task) => runDrawTask(task, [0, task.count])));
}

describe("boys among the first 12 children of 6115 families in Saxony (Geissler 1889)", () => {
  const families = [3, 24, 104, 286, 670, 1033, 1343, 1112, 829, 478, 181, 45, 7];
  const boys = families.flatMap((count, c) => new Array<number>(count).fill(c));
  const fit = fitCounts(
    boys.map(() => 12),
    boys,
  );

  test("gives the published likelihood, and the estimates a little nearer to its maximum", () => {
    // As usually printed: 34.09558, 31.5715, log-likelihood -12492.9. SciPy's simplex ends at 34.102876, 31.578252 with
    // 12492.871358551, 1.6e-6 less than the printed estimates have.
    const { alpha, beta } = estimatesOf(fit);
    expect(Math.abs(alpha / 34.09558 - 1)).toBeLessThan(3e-4);
    expect(Math.abs(beta / 31.5715 - 1)).toBeLessThan(3e-4);
    expect(fit.objective.value).toBeLessThan(12492.871358551 + 1e-8);
    expect(alpha).toBeCloseTo(34.10288, 3);
    expect(fit.status).toBe("converged");
  });

  test("has AIC and its kin from that likelihood", () => {
    // Printed: AIC 24989.74; AICc adds 12 / 6112.
    expect(fit.metrics.aicc).toBeCloseTo(24989.74 + 12 / 6112, 1);
    expect(fit.metrics.bic).toBeCloseTo(24989.74 - 4 + 2 * Math.log(6115), 1);
  });

  test("says how sure it is by the information of the likelihood", () => {
    const profiled = fitCounts(
      boys.map(() => 12),
      boys,
      { interval: "profile" },
    );
    for (const name of ["alpha", "beta"]) {
      const { low, high } = profiled.parameters[name];
      const { estimate, standardError } = fit.parameters[name];
      // ln alpha is nearly normal with so many families: limits about 1.96 standard errors away.
      const error = (standardError as number) / estimate;
      expect(Math.log(estimate / (low as number)) / error).toBeCloseTo(1.96, 0);
      expect(Math.log((high as number) / estimate) / error).toBeCloseTo(1.96, 0);
    }
  });
});

describe("problems whose success rates are Beta distributed", () => {
  const truth = { alpha: 0.35, beta: 4 };
  const random = generator(3);
  const problems = 400;
  const n = new Array<number>(problems).fill(200);
  const c = n.map((samples) => {
    const p = betaDraw(truth.alpha, truth.beta, random);
    let passed = 0;
    for (let i = 0; i < samples; i++) if (random() < p) passed++;
    return passed;
  });
  const fit = fitCounts(n, c, { bootstrap: 100 });

  test("give the exponent of the failures, and coverages far beyond the samples, with intervals that hold the truth", () => {
    const { alpha } = fit.parameters;
    expect(alpha.low as number).toBeLessThan(truth.alpha);
    expect(alpha.high as number).toBeGreaterThan(truth.alpha);
    expect((alpha.high as number) / (alpha.low as number)).toBeLessThan(1.6);
    const observed = {
      group: null,
      observations: counts(n, c),
      rows: 400,
      used: 400,
      dropped: [],
      range: sampledRange(counts(n, c)),
    };
    const saved = accountFor(passAtKBeta, observed, new Map([["k", "k"]]), fit);
    const { value, newRun, extrapolation } = predictAt(sourceFromFit(passAtKBeta, saved, "here"), {
      k: 20_000,
    });
    const expected = evaluateLaw(passAtKBeta, truth, { k: 20_000 });
    expect(value.low as number).toBeLessThan(expected);
    expect(value.high as number).toBeGreaterThan(expected);
    expect(extrapolation?.decades).toBeCloseTo(2, 10);
    expect(newRun.low).toBeNull();
  });

  test("are judged by the curve of unbiased coverages", () => {
    expect(fit.law).toBe("pass-at-k-beta");
    expect(fit.metrics.meanRelativeError).toBeLessThan(0.1);
    expect(fit.metrics.r2).toBeGreaterThan(0.98);
    expect(fit.diagnosis.map(({ code }) => code)).toEqual([]);
  });

  test("are fitted the same whether equal problems stand together or not", () => {
    const few = [...n.keys()].filter((i) => i % 5 === 0);
    const [samples, correct] = [few.map((i) => n[i]), few.map((i) => c[i])];
    const apart = observationsOf({ inputs: { n: samples, c: correct }, measured: correct });
    const other = estimatesOf(startCountFit(apart, { ...DEFAULT_OPTIONS, bootstrap: 0 }).finish([]));
    // The likelihood is so flat that rounding in its sum of 300 leaves a parameter right to 1e-7.
    for (const [name, value] of Object.entries(estimatesOf(fitCounts(samples, correct))))
      expect(Math.abs(value / other[name] - 1)).toBeLessThan(1e-6);
  });

  test("and as many that nothing solves are told by the zeros that a Beta distribution cannot bend to", () => {
    const dead = new Array<number>(400);
    const mixed = fitCounts([...n, ...dead.fill(200)], [...c, ...new Array<number>(400).fill(0)]);
    const [found] = mixed.diagnosis.filter(({ code }) => code === "unsolved-problems");
    expect(found.numbers?.sigmas).toBeGreaterThan(2.6);
    expect(mixed.parameters.alpha.estimate).toBeLessThan(truth.alpha / 2);
  });

  test("of which all have the same count are refused", () => {
    expect(() => fitCounts([10, 10, 10], [0, 0, 0])).toThrow(/the measured value is 0 in all 3 rows/);
  });
});

/** X/(X + Y) of two gamma draws (Marsaglia and Tsang 2000). */
function betaDraw(alpha: number, beta: number, random: () => number): number {
  const [x, y] = [gammaDraw(alpha, random), gammaDraw(beta, random)];
  return x / (x + y);
}

function gammaDraw(shape: number, random: () => number): number {
  if (shape < 1) return gammaDraw(shape + 1, random) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(random);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
