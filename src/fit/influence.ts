/**
 * What each row, or each run, does to the fit: leverages, and the answer without it after one step of Newton's method
 * from the answer with it,
 *
 *   theta_(-u) = theta + (H - H_u)^-1 g_u,   H = c SUM q^2 J J',   g_u = SUM_u (d rho / d m) J
 *
 * with q = 1/s where the rows' noise s is known, and c the mean curvature of rho in r (1 for squares, the share of rows
 * within delta for Huber; for counts each row's information). Exact for squares and a
 * law linear in its parameters; within a few per cent of a refit for scaling laws. Cost: rows x parameters^2, and
 * units x parameters^3.
 */
import { informationWeights } from "./dispersion.js";
import { jacobianAt, type Problem, residualsAt } from "./evaluate.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import type { Solution } from "./model.js";
import { inverseOfCross, norm, triangle, weightedColumns } from "./qr.js";

/** The rows' derivatives over the coordinates that are free at a solution. */
export interface FreeJacobian {
  /** Indices of the free coordinates. */
  free: number[];
  columns: Float64Array[];
  /** Rows x free coordinates, row-major. */
  J: Float64Array;
}

export function freeJacobian(problem: Problem, { minimum }: Solution): FreeJacobian {
  const jacobian = jacobianAt(problem, minimum.theta);
  const held = new Set(minimum.atBound);
  const free = [...jacobian.keys()].filter((j) => !held.has(j) && norm(jacobian[j]) > 0);
  const columns = free.map((j) => jacobian[j]);
  const J = new Float64Array(problem.kernel.rows * free.length);
  columns.forEach((column, a) => {
    for (let i = 0; i < column.length; i++) J[i * free.length + a] = column[i];
  });
  return { free, columns, J };
}

/** Leverages h_i = w_i J_i (J'WJ)^-1 J_i'; null where J is singular. */
export function leverages(problem: Problem, solution: Solution): Float64Array | null {
  const { columns, J } = freeJacobian(problem, solution);
  const m = columns.length;
  const weight = informationWeights(problem, residualsAt(problem, solution.minimum.theta));
  const inverse = inverseOfCross(triangle(weightedColumns(columns, weight)), m);
  if (inverse === null) return null;
  return Float64Array.from({ length: problem.kernel.rows }, (_, i) => {
    let h = 0;
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) h += J[i * m + a] * inverse[a * m + b] * J[i * m + b];
    return h * (weight?.[i] ?? 1);
  });
}

/** The fit without one unit, after one step. */
export interface WithoutUnit {
  theta: Float64Array;
  /** Predictions of the unit's rows on the objective's scale, in its order. */
  predicted: Float64Array;
}

/**
 * The fits without one unit each; null for a unit without which the rest is singular.
 *
 * @param residuals y - m of each row of the problem
 * @param units rows of the problem; a row that stands for several equal observations is in as many places
 */
export function withoutEach(
  problem: Problem,
  solution: Solution,
  residuals: Float64Array,
  units: readonly Int32Array[],
): (WithoutUnit | null)[] {
  const { objective, y } = problem;
  const q = problem.inverseNoise ?? new Float64Array(residuals.length).fill(1);
  const { theta } = solution.minimum;
  const { free, J } = freeJacobian(problem, solution);
  const m = free.length;
  const c = meanCurvature(problem, residuals);
  const weight = informationWeights(problem, residuals);
  const H = new Float64Array(m * m);
  for (let i = 0; i < residuals.length; i++) addSquare(H, J, i, m, c * (weight?.[i] ?? 1));
  const A = new Float64Array(m * m);
  const move = new Float64Array(m);
  return units.map((unit) => {
    A.set(H);
    move.fill(0);
    for (const i of unit) {
      addSquare(A, J, i, m, -c * q[i] * q[i] * (objective.information?.(y[i] - residuals[i]) ?? 1));
      const slope = objective.slope(y[i], y[i] - residuals[i], q[i]);
      for (let a = 0; a < m; a++) move[a] += slope * J[i * m + a];
    }
    if (!choleskyInPlace(A, m)) return null;
    choleskySolveInPlace(A, move, m);
    const next = theta.slice();
    free.forEach((j, a) => {
      next[j] += move[a];
    });
    const predicted = Float64Array.from(unit, (i) => {
      let at = y[i] - residuals[i];
      for (let a = 0; a < m; a++) at += J[i * m + a] * move[a];
      return at;
    });
    return { theta: next, predicted };
  });
}

/** Adds factor J_i J_i' to the lower triangle. */
function addSquare(H: Float64Array, J: Float64Array, i: number, m: number, factor: number): void {
  for (let a = 0; a < m; a++) {
    for (let b = 0; b <= a; b++) H[a * m + b] += factor * J[i * m + a] * J[i * m + b];
  }
}

/** Mean second derivative of rho in r over the rows, at least one row's; 1 where each row has its own. */
function meanCurvature({ objective, inverseNoise }: Problem, residuals: Float64Array): number {
  if (objective.information !== undefined) return 1;
  let total = 0;
  for (let i = 0; i < residuals.length; i++)
    total += objective.curvature(0, -residuals[i] * (inverseNoise?.[i] ?? 1), 1);
  return Math.max(total, 1) / residuals.length;
}
