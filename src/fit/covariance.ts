/**
 * Covariance of the estimates from the curvature at the answer:
 *
 *   V = tau^2 (J'W J)^-1,   tau^2 = [SUM psi^2 / (n - p)] / [mean of psi']^2
 *
 * with psi' 1 for squares and the share of |r| <= delta for Huber, W = 1/s^2 and r in units of s where the rows' noise s
 * is known; for counts W holds Fisher's information too and tau^2 is the dispersion (`dispersion.ts`). J is in the
 * solver's coordinates, where it is well conditioned, and V is then
 * carried to the law's parameters by the exact derivatives of that map. Coordinates held by a bound, or without
 * influence, have no variance here.
 */
import { dispersionOf, informationWeights } from "./dispersion.js";
import { type Problem, residualsAt } from "./evaluate.js";
import type { Solution } from "./model.js";
import { isAbsolute, isHuber, isLikelihood } from "./objective.js";
import { columnsOf, inverseOfCross, norm, triangle, weightedTriangle } from "./qr.js";
import { robustSpread } from "./quantiles.js";

export interface Covariance {
  /** Parameters x parameters, row-major, in the law's order. */
  values: Float64Array;
  /** Scaled condition number's matrix: J'J with a unit diagonal, over the free coordinates. */
  correlation: { matrix: Float64Array; size: number };
}

/** Variance factor of the residuals for this objective; null without degrees of freedom. */
function varianceFactor(
  problem: Problem,
  rowResiduals: Float64Array,
  residuals: Float64Array,
  inverseNoise: Float64Array | null,
  parameters: number,
): number | null {
  const { objective } = problem;
  const n = residuals.length;
  if (n <= parameters) return null;
  if (objective.information !== undefined)
    return dispersionOf(problem, rowResiduals, n - parameters, inverseNoise !== null);
  const scaled = inverseNoise === null ? residuals : residuals.map((r, i) => r * inverseNoise[i]);
  let squares = 0;
  for (let i = 0; i < n; i++) squares += objective.slope(0, -scaled[i], 1) ** 2;
  return squares / (n - parameters) / meanSlope(objective, scaled, parameters) ** 2;
}

/** The mean of psi' over residuals in units of their noise. */
export function meanSlope(objective: Problem["objective"], scaled: Float64Array, parameters: number): number {
  const smoothed = smoothedSlope(objective, scaled, parameters);
  if (smoothed !== null) return smoothed;
  let slopes = 0;
  for (let i = 0; i < scaled.length; i++) slopes += objective.curvature(0, -scaled[i], 1);
  // Of Huber's at least one row counts as within delta.
  return (isHuber(objective.name) ? Math.max(slopes, 1) : slopes) / scaled.length;
}

/** Half the spread: wide enough to hold four rows in ten, narrow enough that a Gaussian density is flat to 4 %. */
const NEAR_ZERO = 0.5;

/**
 * The mean of psi' where psi is all but the sign of r: its size times twice the density at 0 (Koenker 2005, section 3.4), by
 * the share of residuals within half their spread. Of the p that the fit makes vanish nothing can be learnt.
 *
 * @returns null where delta is no smaller than that, or is the objective's own choice
 */
function smoothedSlope(
  { name, delta }: Problem["objective"],
  residuals: Float64Array,
  parameters: number,
): number | null {
  if (delta === null || !(isAbsolute(name) || isLikelihood(name))) return null;
  const width = NEAR_ZERO * robustSpread(residuals, parameters);
  if (isLikelihood(name) && delta >= width) return null;
  const near = residuals.reduce((count, r) => count + (Math.abs(r) <= width ? 1 : 0), 0);
  const share = Math.max(near - parameters, 1) / (residuals.length - parameters);
  return ((isAbsolute(name) ? 1 : delta) * share) / width;
}

/**
 * The covariance of the law's parameters at a solution, or null where it cannot be had.
 *
 * @param residuals y - m, one an observation, on the objective's scale
 * @param inverseNoise 1/s of each observation, or null for all 1
 */
export function covarianceAt(
  problem: Problem,
  solution: Solution,
  residuals: Float64Array,
  inverseNoise: Float64Array | null,
  parameters: number,
): Covariance | null {
  const { theta } = solution.minimum;
  const p = problem.kernel.size;
  const rowResiduals = problem.objective.information === undefined ? residuals : residualsAt(problem, theta);
  const whole = weightedTriangle(problem, theta, informationWeights(problem, rowResiduals));
  const columns = columnsOf(whole, p);
  const held = new Set(solution.minimum.atBound);
  const free = [...columns.keys()].filter((j) => !held.has(j) && norm(columns[j]) > 0);
  const m = free.length;
  const R = m === p ? whole : triangle(free.map((j) => columns[j]));
  const inverse = inverseOfCross(R, m);
  const tau2 = varianceFactor(problem, rowResiduals, residuals, inverseNoise, parameters);
  if (inverse === null || tau2 === null) return null;
  const values = inParameters(inverse, free, solution, parameters).map((value) => tau2 * value);
  return { values, correlation: correlationOf(R, m) };
}

/** G V G' for the covariance V of the free coordinates and the derivatives G of the law's parameters by them. */
export function inParameters(
  V: Float64Array,
  free: readonly number[],
  { kernel, minimum: { theta } }: Solution,
  parameters: number,
): Float64Array {
  const m = free.length;
  const p = kernel.size;
  const G = kernel.parameterJacobian(theta);
  const values = new Float64Array(parameters * parameters);
  for (let r = 0; r < parameters; r++) {
    for (let s = 0; s < parameters; s++) {
      let total = 0;
      for (let a = 0; a < m; a++) {
        for (let b = 0; b < m; b++) total += G[r * p + free[a]] * V[a * m + b] * G[s * p + free[b]];
      }
      values[r * parameters + s] = total;
    }
  }
  return values;
}

/** J'J with a unit diagonal: what remains of the conditioning once the columns are scaled. */
function correlationOf(R: Float64Array, m: number): { matrix: Float64Array; size: number } {
  const cross = (i: number, j: number) => {
    let sum = 0;
    for (let k = 0; k <= Math.min(i, j); k++) sum += R[k * m + i] * R[k * m + j];
    return sum;
  };
  const matrix = Float64Array.from({ length: m * m }, (_, at) => {
    const i = Math.floor(at / m);
    const j = at % m;
    return cross(i, j) / Math.sqrt(cross(i, i) * cross(j, j));
  });
  return { matrix, size: m };
}
