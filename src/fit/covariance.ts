/**
 * Covariance of the estimates from the curvature at the answer:
 *
 *   V = tau^2 (J'W J)^-1,   tau^2 = [SUM w psi^2 / (n - p)] / [share of |r| <= delta]^2
 *
 * with the share 1 for squares. J is in the solver's coordinates, where it is well conditioned, and V is then
 * carried to the law's parameters by the exact derivatives of that map. Coordinates held by a bound, or without
 * influence, have no variance here.
 */
import type { Solution } from "./model.js";
import { isHuber } from "./objective.js";
import { jacobianAt, type Problem } from "./solve.js";

export interface Covariance {
  /** Parameters x parameters, row-major, in the law's order. */
  values: Float64Array;
  /** Scaled condition number's matrix: J'J with a unit diagonal, over the free coordinates. */
  correlation: { matrix: Float64Array; size: number };
}

/** Variance factor of the residuals for this objective; null without degrees of freedom. */
function varianceFactor({ objective }: Problem, residuals: Float64Array, parameters: number): number | null {
  const n = residuals.length;
  if (n <= parameters) return null;
  let squares = 0;
  let inside = 0;
  for (let i = 0; i < n; i++) {
    const psi = objective.slope(0, -residuals[i]);
    squares += psi * psi;
    if (objective.delta === null || Math.abs(residuals[i]) <= objective.delta) inside++;
  }
  const share = isHuber(objective.name) ? Math.max(inside, 1) / n : 1;
  return squares / (n - parameters) / (share * share);
}

/**
 * The covariance of the law's parameters at a solution, or null where it cannot be had.
 *
 * @param residuals one an observation, on the objective's scale
 */
export function covarianceAt(
  problem: Problem,
  solution: Solution,
  residuals: Float64Array,
  parameters: number,
): Covariance | null {
  const { theta } = solution.minimum;
  const p = problem.kernel.size;
  const J = jacobianAt(problem, theta);
  const held = new Set(solution.minimum.atBound);
  const free = [...Array(p).keys()].filter((j) => !held.has(j) && columnNorm(problem, J, p, j) > 0);
  const m = free.length;
  const R = triangle(problem, J, p, free);
  const inverse = inverseOfCross(R, m);
  const tau2 = varianceFactor(problem, residuals, parameters);
  if (inverse === null || tau2 === null) return null;
  const G = solution.kernel.parameterJacobian(theta);
  const values = new Float64Array(parameters * parameters);
  for (let r = 0; r < parameters; r++) {
    for (let s = 0; s < parameters; s++) {
      let total = 0;
      for (let a = 0; a < m; a++) {
        for (let b = 0; b < m; b++) total += G[r * p + free[a]] * inverse[a * m + b] * G[s * p + free[b]];
      }
      values[r * parameters + s] = tau2 * total;
    }
  }
  return { values, correlation: correlationOf(R, m) };
}

function columnNorm({ weight }: Problem, J: Float64Array, p: number, j: number): number {
  let squares = 0;
  for (let i = 0; i * p < J.length; i++) squares += (weight === null ? 1 : weight[i]) * J[i * p + j] ** 2;
  return Math.sqrt(squares);
}

/**
 * The triangle R of W^(1/2) J = Q R over the chosen columns, by Householder reflections of the columns scaled to norm 1;
 * R has their norms put back. Forming J'J instead would lose half of the digits.
 */
function triangle(problem: Problem, J: Float64Array, p: number, columns: readonly number[]): Float64Array {
  const { weight } = problem;
  const n = J.length / p;
  const m = columns.length;
  const norms = columns.map((j) => columnNorm(problem, J, p, j));
  const A = columns.map((j, a) =>
    Float64Array.from(
      { length: n },
      (_, i) => (Math.sqrt(weight === null ? 1 : weight[i]) * J[i * p + j]) / norms[a],
    ),
  );
  const R = new Float64Array(m * m);
  for (let k = 0; k < m; k++) {
    const v = A[k];
    let norm = 0;
    for (let i = k; i < n; i++) norm += v[i] * v[i];
    norm = Math.sqrt(norm);
    const diagonal = v[k] > 0 ? -norm : norm;
    R[k * m + k] = diagonal;
    v[k] -= diagonal;
    let length = 0;
    for (let i = k; i < n; i++) length += v[i] * v[i];
    for (let j = k + 1; j < m; j++) {
      const column = A[j];
      let product = 0;
      for (let i = k; i < n; i++) product += v[i] * column[i];
      const factor = length > 0 ? (2 * product) / length : 0;
      for (let i = k; i < n; i++) column[i] -= factor * v[i];
      R[k * m + j] = column[k];
    }
  }
  for (let k = 0; k < m; k++) for (let j = k; j < m; j++) R[k * m + j] *= norms[j];
  return R;
}

/** (R'R)^-1 = R^-1 R^-T; null where R is singular to working precision. */
function inverseOfCross(R: Float64Array, m: number): Float64Array | null {
  const U = new Float64Array(m * m);
  for (let j = 0; j < m; j++) {
    let norm = 0;
    for (let i = 0; i <= j; i++) norm += R[i * m + j] ** 2;
    if (!(Math.abs(R[j * m + j]) > 1e-13 * Math.sqrt(norm))) return null;
    for (let i = j; i >= 0; i--) {
      let sum = i === j ? 1 : 0;
      for (let k = i + 1; k <= j; k++) sum -= R[i * m + k] * U[k * m + j];
      U[i * m + j] = sum / R[i * m + i];
    }
  }
  const inverse = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let k = Math.max(i, j); k < m; k++) sum += U[i * m + k] * U[j * m + k];
      inverse[i * m + j] = sum;
    }
  }
  return inverse;
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
