/**
 * The residual and the parametric bootstrap: the rows stay where they are, and new measured values are drawn about
 * the curve. Both take the noise as independent and of one size (after weights); where it is not, they cover less than
 * resampled rows do.
 */
import type { Draws } from "./bootstrap.js";
import { covarianceAt } from "./covariance.js";
import { residualsAt } from "./evaluate.js";
import type { Model } from "./model.js";
import type { Objective } from "./objective.js";
import { robustSpread } from "./quantiles.js";
import { type RandomStream, randomStream } from "./random.js";

/** How new values are drawn, on the objective's scale. */
export interface Noise {
  predicted: Float64Array;
  /** Standardised residuals to draw from, or the standard deviation of Gaussian noise. */
  from: Float64Array | number;
  /** Whether every draw comes with its own covariance, as a bootstrap-t needs. */
  studentise: boolean;
}

/**
 * Residuals as wide as the noise that made them, times sqrt(w):
 *
 *   squares  r / sqrt(1 - h), less their mean (Davison & Hinkley 1997, section 6.3)
 *   others   r sqrt(n / (n - p))
 *
 * @param leverage h of each row
 */
export function standardised(
  residuals: Float64Array,
  weight: Float64Array | null,
  leverage: Float64Array,
  parameters: number,
  isSquares: boolean,
): Float64Array {
  const n = residuals.length;
  const widen = Math.sqrt(n / (n - parameters));
  const wide = residuals.map(
    (r, i) =>
      r * Math.sqrt(weight?.[i] ?? 1) * (isSquares ? 1 / Math.sqrt(Math.max(1 - leverage[i], 1e-3)) : widen),
  );
  if (!isSquares) return wide;
  const mean = wide.reduce((sum, r) => sum + r, 0) / n;
  return wide.map((r) => r - mean);
}

/** The standard deviation of the noise: sqrt(RSS/(n - p)) for squares, the robust spread for others. */
export function noiseSize(
  residuals: Float64Array,
  weight: Float64Array | null,
  parameters: number,
  isSquares: boolean,
): number {
  const scaled = residuals.map((r, i) => r * Math.sqrt(weight?.[i] ?? 1));
  if (!isSquares) return robustSpread(scaled, parameters);
  return Math.sqrt(scaled.reduce((sum, r) => sum + r * r, 0) / (residuals.length - parameters));
}

export function noiseDraws(
  model: Model,
  objective: Objective,
  start: Float64Array,
  { predicted, from: source, studentise }: Noise,
  seed: number,
  [from, to]: readonly [number, number],
): Draws {
  const n = model.measured.length;
  const p = model.parameters.length;
  const rows = Int32Array.from({ length: n }, (_, i) => i);
  const weight = new Float64Array(n).fill(1);
  const q = model.inverseNoise;
  const observed = new Float64Array(n);
  const refit = model.refitter(start, objective, observed);
  const draws: Draws = { values: [], indices: [], covariances: [], failed: 0 };
  for (let b = from; b < to; b++) {
    const stream = randomStream(seed, b);
    for (let i = 0; i < n; i++) observed[i] = predicted[i] + draw(source, stream) / (q?.[i] ?? 1);
    const solution = refit(rows, n, weight);
    const { parameters, minimum, kernel } = solution;
    const isUsable = minimum.status !== "stalled" && parameters.every(Number.isFinite);
    const problem = { kernel, y: observed, weight: null, inverseNoise: q, objective };
    const covariance =
      studentise && isUsable
        ? covarianceAt(problem, solution, residualsAt(problem, minimum.theta), q, p)
        : null;
    if (!isUsable || (studentise && covariance === null)) {
      draws.failed++;
      continue;
    }
    draws.values.push(parameters);
    draws.indices.push(b);
    if (covariance !== null) draws.covariances.push(covariance.values);
  }
  return draws;
}

function draw(source: Float64Array | number, stream: RandomStream): number {
  return typeof source === "number" ? source * stream.normal() : source[stream.below(source.length)];
}
