/** Huber's likelihood with a fitted scale, held against its definition. */
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { type Columns, chinchillaPoints } from "../support/csv.js";
import { MultiStart } from "../support/multi-start.js";
import { generator } from "../support/random.js";
import { describeWithShared } from "../support/shared.js";
import { BESIROGLU, lossOf, randomLog } from "../support/sweeps.js";

const fitted = (data: Columns, options: Partial<scalefit.FitInput>) =>
  scalefit.fit({
    law: "chinchilla",
    data: { ...data },
    bootstrap: 0,
    objective: "huber-likelihood-log",
    ...options,
  }).fits[0];

type Fit = ReturnType<typeof fitted>;

const rho = (z: number, delta: number) =>
  Math.abs(z) <= delta ? (z * z) / 2 : delta * (Math.abs(z) - delta / 2);

/** Integral of exp(-rho) by Simpson's rule within delta, and by its tails' closed form beyond. */
function normaliser(delta: number): number {
  const steps = 2000;
  const h = (2 * delta) / steps;
  let within = 0;
  for (let k = 0; k <= steps; k++) {
    const weight = k === 0 || k === steps ? 1 : k % 2 === 1 ? 4 : 2;
    within += (weight * Math.exp(-rho(-delta + k * h, delta)) * h) / 3;
  }
  return within + (2 * Math.exp(-(delta ** 2) / 2)) / delta;
}

const residualsOf = ({ parameters }: Fit, { N, D, loss }: Columns) => {
  const { E, A, alpha, B, beta } = Object.fromEntries(
    Object.entries(parameters).map(([name, { estimate }]) => [name, estimate]),
  );
  return loss.map((y, i) => Math.log(y / lossOf({ E, A, alpha, B, beta }, N[i], D[i])));
};

const likelihood = (residuals: readonly number[], s: number, delta: number) =>
  residuals.reduce((sum, r) => sum + Math.log(s * normaliser(delta)) + rho(r / s, delta), 0);

const log = randomLog(BESIROGLU, { rows: 30, noise: 0.006, outliers: 0.1 }, generator(12));

describe("a likelihood with a fitted scale", () => {
  const delta = 1.345;
  const fit = fitted(log, {});
  const residuals = residualsOf(fit, log);
  const scale = fit.objective.scale ?? 0;

  test("reports its negative logarithm, delta in units of the scale, and the scale", () => {
    expect(fit.objective.delta).toBe(delta);
    expect(fit.objective.value).toBeCloseTo(likelihood(residuals, scale, delta), 8);
  });

  test("has no better scale for its residuals", () => {
    for (const factor of [0.9, 0.999, 1.001, 1.1])
      expect(likelihood(residuals, factor * scale, delta)).toBeGreaterThan(fit.objective.value);
    // The score of the scale: MEAN psi(z) z = 1.
    const mean = residuals.reduce((sum, r) => {
      const z = Math.abs(r / scale);
      return sum + Math.min(z * z, delta * z) / residuals.length;
    }, 0);
    expect(mean).toBeCloseTo(1, 9);
  });

  test("is the least over all scales of the best fits that another solver finds at each", () => {
    const others = [0.6, 0.8, 0.9, 1, 1.1, 1.3, 1.7].map((factor) => {
      const s = factor * scale;
      const { value } = new MultiStart(log, delta * s).minimum(generator(1));
      return residuals.length * Math.log(s * normaliser(delta)) + value / (s * s);
    });
    expect(fit.objective.value).toBeLessThanOrEqual(Math.min(...others) + 1e-8);
    expect(Math.min(...others)).toBe(others[3]);
  });

  test("grows its scale with the noise, and moves by a factor of the loss", () => {
    const thrice = fitted({ ...log, loss: log.loss.map((y) => 3 * y) }, {});
    expect((thrice.objective.scale ?? 0) / scale).toBeCloseTo(1, 6);
    expect(thrice.parameters.E.estimate / fit.parameters.E.estimate).toBeCloseTo(3, 5);
  });

  test("with a large delta is a Gaussian's: the scale is the root mean square of the least squares", () => {
    const gauss = fitted(log, { delta: 1e4 });
    const squares = fitted(log, { objective: "squares-log" });
    const rss = 2 * squares.objective.value;
    expect(gauss.objective.scale).toBeCloseTo(Math.sqrt(rss / 30), 9);
    expect(gauss.objective.value).toBeCloseTo(15 * Math.log((2 * Math.PI * Math.E * rss) / 30), 6);
  });

  test("has intervals, from its curvature and from resamples at its scale", () => {
    const { alpha } = fit.parameters;
    const drawn = fitted(log, { bootstrap: 200 }).parameters.alpha;
    // 200 draws are right to 5 %, the two ways differ by as much again and more with 30 rows.
    expect((drawn.standardError ?? 0) / (alpha.standardError ?? 1)).toBeGreaterThan(0.6);
    expect((drawn.standardError ?? 0) / (alpha.standardError ?? 1)).toBeLessThan(1.7);
  });

  test.each(["profile", "bootstrap-t"] as const)("has no interval by %s, and says why", (interval) => {
    expect(() => fitted(log, { interval, bootstrap: 50 })).toThrow(/not for huber-likelihood-log/);
  });

  test("of rows that the law meets exactly ends, with a scale of rounding", () => {
    const exact = randomLog(BESIROGLU, { rows: 20, noise: 0, outliers: 0 }, generator(2));
    const { parameters, objective } = fitted(exact, {});
    expect(parameters.alpha.estimate).toBeCloseTo(BESIROGLU.alpha, 6);
    expect(objective.scale).toBeLessThan(1e-9);
    expect(Number.isFinite(objective.value)).toBe(true);
  });
});

describeWithShared("the published replication on the 240 points", () => {
  test("is this likelihood at delta 1e-3: A 482.01, B 2085.43, E 1.8172, alpha .3478, beta .3658", () => {
    const points = chinchillaPoints(240);
    const fit = fitted(points, { delta: 1e-3 });
    const { E, A, B, alpha, beta } = fit.parameters;
    // arXiv 2404.10102, table 1, as printed there and in its notebook.
    expect(A.estimate).toBeCloseTo(482.01, 2);
    expect(Math.abs(B.estimate - 2085.43)).toBeLessThan(0.02);
    expect(E.estimate).toBeCloseTo(1.8172, 3);
    expect(alpha.estimate).toBeCloseTo(0.3478, 4);
    expect(beta.estimate).toBeCloseTo(0.3658, 3);
    // The vertex of least absolute deviations that it all but is, to the digits known of it.
    expect(A.estimate / 482.00605 - 1).toBeLessThan(1e-5);
    expect(Math.abs(B.estimate / 2085.4362 - 1)).toBeLessThan(1e-5);
    expect(Math.abs(beta.estimate / 0.365854164 - 1)).toBeLessThan(1e-6);
    const residuals = residualsOf(fit, points);
    const mean = residuals.reduce((sum, r) => sum + Math.abs(r), 0) / 240;
    expect(240 * mean).toBeCloseTo(1.12949465362, 6);
    expect((fit.objective.scale ?? 0) / (1e-3 * mean)).toBeCloseTo(1, 3);
    expect(fit.objective.value).toBeCloseTo(likelihood(residuals, fit.objective.scale ?? 0, 1e-3), 3);
  });
});
