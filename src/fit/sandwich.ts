/**
 * The sandwich covariance, which does without noise of one size, or without independent rows:
 *
 *   V = H^-1 M H^-1,   M = SUM (psi_i / (1 - h_i))^2 J_i J_i'                        HC3 (MacKinnon and White, J. Econom. 29, 1985)
 *                      M = G/(G-1) (n-1)/(n-p) SUM_g s_g s_g', s_g = SUM_g psi J     CR1, by clusters
 *
 * with H the exact Hessian of the objective, psi the slope of rho in the prediction (in which the noise of a row stands
 * where it is known) and h the leverages. Where the law gives a row's likelihood itself, a row's slope decides its leverage
 * too and 1 - h would count it twice: M = n/(n-p) SUM psi^2 J J', HC1, there.
 *
 * In simulated sweeps HC3 with t(n - p) holds 94.7 to 96.6 % where 95 % are promised, CR1 with t(G - 1) only 84 to 91 % of
 * shared errors: resampled clusters do better.
 */
import { inParameters, meanSlope } from "./covariance.js";
import { informationWeights } from "./dispersion.js";
import { perObservation } from "./distinct.js";
import { hessianAt, type Problem } from "./evaluate.js";
import { type FreeJacobian, freeJacobian, leverages } from "./influence.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import type { Solution } from "./model.js";
import { isAbsolute, isLikelihood } from "./objective.js";
import { inverseOfCross, triangle, weightedColumns } from "./qr.js";

/** A row that alone decides a direction has no residual of its own: its weight is limited. */
const LEAST_OWN = 1e-3;

export interface Sandwich {
  /** Parameters x parameters, row-major, in the law's order. */
  values: Float64Array;
  /** Degrees of freedom of Student's t. */
  degrees: number;
}

/** How the observations stand behind the rows of a problem. */
export interface Membership {
  /** The row that each observation stands in, or null where each has its own. */
  rowOf: Int32Array | null;
  /** The cluster of each observation, or null where all are independent. */
  run: Int32Array | null;
}

/**
 * @param residuals y - m of the rows (not the observations), on the objective's scale
 * @returns null where it cannot be had: no degrees of freedom, or rows that do not determine the parameters
 */
export function sandwichAt(
  problem: Problem,
  solution: Solution,
  residuals: Float64Array,
  { rowOf, run }: Membership,
  parameters: number,
): Sandwich | null {
  const n = rowOf?.length ?? residuals.length;
  const clusters = run === null ? n : new Set(run).size;
  const degrees = run === null ? n - parameters : clusters - 1;
  if (n <= parameters || degrees < 1) return null;
  const own = freeJacobian(problem, solution);
  const bread = breadOf(problem, solution, own, residuals, rowOf, parameters);
  if (bread === null) return null;
  const m = own.free.length;
  const M = new Float64Array(m * m);
  if (run === null) {
    const stretched = ofIndependent(problem, solution, residuals, n / (n - parameters));
    if (stretched === null) return null;
    addScores(M, own, stretched);
  } else {
    const factor = ((clusters / (clusters - 1)) * (n - 1)) / (n - parameters);
    const slopes = slopesOf(problem, residuals);
    for (const sum of sumsByCluster(own, slopes, rowOf, run)) addSquare(M, sum, factor);
  }
  const V = product(product(bread, M, m), bread, m);
  return { values: inParameters(V, own.free, solution, parameters), degrees };
}

/** H^-1 over the free coordinates; of an objective without a curvature of its own, the mean slope of psi times J'WJ. */
function breadOf(
  problem: Problem,
  solution: Solution,
  { free, columns }: FreeJacobian,
  residuals: Float64Array,
  rowOf: Int32Array | null,
  parameters: number,
): Float64Array | null {
  const { objective, inverseNoise, kernel } = problem;
  const m = free.length;
  const H =
    isAbsolute(objective.name) || isLikelihood(objective.name)
      ? null
      : hessianAt(problem, solution.minimum.theta);
  if (H !== null) {
    const A = new Float64Array(m * m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b <= a; b++) A[a * m + b] = H[free[a] * kernel.size + free[b]];
    if (choleskyInPlace(A, m)) return inverseFrom(A, m);
  }
  const inverse = inverseOfCross(
    triangle(weightedColumns(columns, informationWeights(problem, residuals))),
    m,
  );
  if (objective.information !== undefined) return inverse;
  const scaled = residuals.map((r, i) => r * (inverseNoise?.[i] ?? 1));
  const slope = meanSlope(objective, perObservation(scaled, rowOf), parameters);
  return inverse?.map((value) => value / slope) ?? null;
}

function inverseFrom(L: Float64Array, m: number): Float64Array {
  const inverse = new Float64Array(m * m);
  for (let j = 0; j < m; j++) {
    const column = new Float64Array(m);
    column[j] = 1;
    choleskySolveInPlace(L, column, m);
    for (let i = 0; i < m; i++) inverse[i * m + j] = column[i];
  }
  return inverse;
}

/** psi of one observation of each row. */
function slopesOf({ objective, y, inverseNoise }: Problem, residuals: Float64Array): Float64Array {
  return residuals.map((r, i) => objective.slope(y[i], y[i] - r, inverseNoise?.[i] ?? 1));
}

/** What each row's psi counts as where all are independent, times the root of how many observations it stands for. */
function ofIndependent(
  problem: Problem,
  solution: Solution,
  residuals: Float64Array,
  spent: number,
): Float64Array | null {
  const { objective, weight } = problem;
  const count = (i: number) => weight?.[i] ?? 1;
  const slopes = slopesOf(problem, residuals);
  if (objective.name === "law-likelihood") return slopes.map((psi, i) => psi * Math.sqrt(spent * count(i)));
  // The leverage of a row is that of all its equal observations together.
  const leverage = leverages(problem, solution);
  return (
    leverage?.map((h, i) => (slopes[i] * Math.sqrt(count(i))) / Math.max(1 - h / count(i), LEAST_OWN)) ?? null
  );
}

/** Adds SUM s_i^2 J_i J_i'. */
function addScores(M: Float64Array, { free, J }: FreeJacobian, slopes: Float64Array): void {
  const m = free.length;
  for (let i = 0; i < slopes.length; i++) addSquare(M, J.subarray(i * m, (i + 1) * m), slopes[i] * slopes[i]);
}

function sumsByCluster(
  { free, J }: FreeJacobian,
  slopes: Float64Array,
  rowOf: Int32Array | null,
  run: Int32Array,
): Iterable<Float64Array> {
  const m = free.length;
  const sums = new Map<number, Float64Array>();
  for (let i = 0; i < run.length; i++) {
    const row = rowOf === null ? i : rowOf[i];
    const sum = sums.get(run[i]) ?? new Float64Array(m);
    sums.set(run[i], sum);
    for (let a = 0; a < m; a++) sum[a] += slopes[row] * J[row * m + a];
  }
  return sums.values();
}

/** Adds factor s s'. */
function addSquare(M: Float64Array, s: Float64Array, factor: number): void {
  const m = s.length;
  for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) M[a * m + b] += factor * s[a] * s[b];
}

function product(A: Float64Array, B: Float64Array, m: number): Float64Array {
  const C = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      for (let k = 0; k < m; k++) C[a * m + b] += A[a * m + k] * B[k * m + b];
    }
  }
  return C;
}
