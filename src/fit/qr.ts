/**
 * Least squares by Householder reflections of a tall matrix given by its columns. Forming J'J instead would lose half
 * of the digits, which standard errors and the last digits of ill-conditioned fits cannot spare.
 */
import { jacobianAt, type Problem, residualsAt } from "./solve.js";

/** Columns of W^(1/2) J for a row-major J. */
export function weightedColumns(J: Float64Array, p: number, weight: Float64Array | null): Float64Array[] {
  const n = J.length / p;
  return Array.from({ length: p }, (_, j) =>
    Float64Array.from({ length: n }, (_, i) => Math.sqrt(weight === null ? 1 : weight[i]) * J[i * p + j]),
  );
}

export function norm(column: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < column.length; i++) squares += column[i] * column[i];
  return Math.sqrt(squares);
}

/**
 * The upper triangle R (m x m, row-major) of [columns] = Q R. The columns are scaled to norm 1 first and R has their
 * norms put back. With more rows than columns the last diagonal element of an added right side is the norm of what is
 * left of it.
 */
export function triangle(columns: readonly Float64Array[]): Float64Array {
  const m = columns.length;
  const n = columns[0]?.length ?? 0;
  const norms = columns.map(norm);
  const A = columns.map((column, j) => column.map((value) => value / norms[j]));
  const R = new Float64Array(m * m);
  for (let k = 0; k < Math.min(m, n); k++) {
    const v = A[k];
    const size = norm(v.subarray(k));
    const diagonal = v[k] > 0 ? -size : size;
    R[k * m + k] = diagonal;
    v[k] -= diagonal;
    const length = norm(v.subarray(k)) ** 2;
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
export function inverseOfCross(R: Float64Array, m: number): Float64Array | null {
  const U = new Float64Array(m * m);
  for (let j = 0; j < m; j++) {
    let squares = 0;
    for (let i = 0; i <= j; i++) squares += R[i * m + j] ** 2;
    if (!(Math.abs(R[j * m + j]) > 1e-13 * Math.sqrt(squares))) return null;
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

/**
 * One step of Gauss and Newton for squares, min |W^(1/2) (r - J p)|, by reflections of [J r]; null where J is singular.
 */
export function gaussNewtonStep(problem: Problem, theta: Float64Array): Float64Array | null {
  const p = problem.kernel.size;
  const columns = weightedColumns(jacobianAt(problem, theta), p, problem.weight);
  const r = residualsAt(problem, theta).map((value, i) => value * Math.sqrt(problem.weight?.[i] ?? 1));
  if (!(norm(r) > 0) || columns.some((column) => !(norm(column) > 0))) return null;
  const R = triangle([...columns, r]);
  const m = p + 1;
  const step = new Float64Array(p);
  for (let k = p - 1; k >= 0; k--) {
    let sum = R[k * m + p];
    for (let j = k + 1; j < p; j++) sum -= R[k * m + j] * step[j];
    step[k] = sum / R[k * m + k];
  }
  return step.every(Number.isFinite) ? step : null;
}
