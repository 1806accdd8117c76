/**
 * The nearest minimum of a sum of absolute residuals, to the last digits: Gauss and Newton's method with linear least
 * absolute deviations in place of squares (Osborne and Watson, Comput. J. 14, 1971). At a vertex, where as many residuals
 * vanish as there are coordinates, it converges quadratically.
 */

import { jacobianAt, type Problem, predictionsAt, residualsAt } from "./evaluate.js";
import { leastAbsolute } from "./linear-absolute.js";
import { norm } from "./qr.js";

const STEPS = 60;
const HALVINGS = 30;
/** A promised decrease under this share of the sum is rounding. */
const NOTHING = 1e-14;

export interface Vertex {
  theta: Float64Array;
  /** SUM w |r|, r in units of the rows' noise. */
  value: number;
  steps: number;
}

/** SUM w |r|; infinite outside of the law's domain. */
export function sumOfAbsolute(problem: Problem, theta: Float64Array): number {
  const { y, weight, inverseNoise } = problem;
  const m = predictionsAt(problem, theta);
  let total = 0;
  for (let i = 0; i < m.length; i++) {
    total +=
      (weight === null ? 1 : weight[i]) *
      (inverseNoise === null ? 1 : inverseNoise[i]) *
      Math.abs(y[i] - m[i]);
  }
  return Number.isNaN(total) ? Number.POSITIVE_INFINITY : total;
}

/**
 * @param held coordinates that stay where they are
 * @param isInside whether a point is within the law's bounds; the start is
 */
export function nearestVertex(
  problem: Problem,
  start: Float64Array,
  held: readonly number[],
  isInside: (theta: Float64Array) => boolean,
): Vertex {
  const { kernel, weight, inverseNoise } = problem;
  const p = kernel.size;
  const n = kernel.rows;
  const w = weight ?? new Float64Array(n).fill(1);
  let theta = start;
  let value = sumOfAbsolute(problem, theta);
  let steps = 0;
  for (; steps < STEPS && value > 0 && Number.isFinite(value); steps++) {
    const r = residualsAt(problem, theta);
    const jacobian = jacobianAt(problem, theta);
    const free = [...theta.keys()].filter((j) => !held.includes(j) && norm(jacobian[j]) > 0);
    const m = free.length;
    const J = new Float64Array(n * m);
    for (let i = 0; i < n; i++) {
      const q = inverseNoise?.[i] ?? 1;
      r[i] *= q;
      for (let a = 0; a < m; a++) J[i * m + a] = q * jacobian[free[a]][i];
    }
    const linear = m === 0 ? null : leastAbsolute(J, r, w, m);
    if (linear === null || !(value - linear.sum > NOTHING * value)) break;
    const move = new Float64Array(p);
    free.forEach((j, a) => {
      move[j] = linear.d[a];
    });
    const next = stepAlong(problem, theta, value, move, value - linear.sum, isInside);
    if (next === null) break;
    ({ theta, value } = next);
  }
  return { theta, value, steps };
}

/** The longest of the moves 1, 1/2, 1/4, ... that lowers the sum by a part of what was promised; null where none does. */
function stepAlong(
  problem: Problem,
  theta: Float64Array,
  value: number,
  move: Float64Array,
  promised: number,
  isInside: (theta: Float64Array) => boolean,
): { theta: Float64Array; value: number } | null {
  const { kernel } = problem;
  let share = 1;
  for (let j = 0; j < move.length; j++) {
    const reach = kernel.reach(theta, j);
    if (Math.abs(move[j]) > reach) share = Math.min(share, reach / Math.abs(move[j]));
  }
  for (let halving = 0; halving < HALVINGS; halving++, share /= 2) {
    const next = theta.map((t, j) =>
      Math.min(Math.max(t + share * move[j], kernel.lower[j]), kernel.upper[j]),
    );
    const lower = isInside(next) ? sumOfAbsolute(problem, next) : Number.POSITIVE_INFINITY;
    if (lower < value - 1e-4 * share * promised) return { theta: next, value: lower };
  }
  return null;
}
