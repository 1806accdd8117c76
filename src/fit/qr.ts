/**
 * Least squares by Householder reflections of a tall matrix given by its columns. Forming J'J instead would lose half
 * of the digits, which standard errors and the last digits of ill-conditioned fits cannot spare.
 */
import { BLOCK, BlockBuffers, jacobianInto, type Problem, residualsAt, squareWeights } from "./evaluate.js";

/** W^(1/2) J, by columns. */
export function weightedColumns(
  J: readonly Float64Array[],
  weight: Float64Array | null,
): readonly Float64Array[] {
  if (weight === null) return J;
  const root = weight.map(Math.sqrt);
  return J.map((column) => column.map((value, i) => root[i] * value));
}

export function norm(column: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < column.length; i++) squares += column[i] * column[i];
  return Math.sqrt(squares);
}

/**
 * The upper triangle R (m x m, row-major) of [columns] = Q R. The columns are scaled to norm 1 first and R has their
 * norms put back; one of nothing but zeros is left as it is. With more rows than columns the last diagonal element of an added right side is the norm of what is
 * left of it.
 */
export function triangle(columns: readonly Float64Array[]): Float64Array {
  return triangleInPlace(columns.map((column) => column.slice()));
}

/** The same; the columns are lost. */
function triangleInPlace(A: readonly Float64Array[]): Float64Array {
  const m = A.length;
  const n = A[0]?.length ?? 0;
  const norms = A.map((column) => norm(column) || 1);
  A.forEach((column, j) => {
    for (let i = 0; i < n; i++) column[i] /= norms[j];
  });
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

/** Rows whose derivatives are held at a time. */
const CHUNK = 32 * BLOCK;

/**
 * The triangle R of W^(1/2) J at a point, or of W^(1/2) [J r] with a column r of the rows beside J. Many rows are taken
 * in chunks, the R of those before on top of the next one, so that J is never held as a whole.
 */
export function weightedTriangle(
  problem: Problem,
  theta: Float64Array,
  weight: Float64Array | null,
  r?: Float64Array,
): Float64Array {
  const { rows, size } = problem.kernel;
  const m = size + (r === undefined ? 0 : 1);
  // One set of columns for all chunks: freed at the next collection only, each its own would add up to many times the data.
  const columns = Array.from({ length: m }, () => new Float64Array(m + Math.min(CHUNK, rows)));
  const buffers = new BlockBuffers(problem.kernel);
  let R: Float64Array = new Float64Array(0);
  for (let from = 0; from < rows; from += CHUNK) {
    const to = Math.min(from + CHUNK, rows);
    const own = columns.map((column) => column.subarray(m, m + to - from));
    jacobianInto(problem, theta, from, to, own, buffers);
    if (r !== undefined) own[size].set(r.subarray(from, to));
    if (weight !== null) weigh(own, weight.subarray(from, to));
    if (from === 0) R = triangleInPlace(own);
    else {
      columns.forEach((column, j) => {
        for (let i = 0; i < m; i++) column[i] = R[i * m + j];
      });
      R = triangleInPlace(columns.map((column) => column.subarray(0, m + to - from)));
    }
  }
  return R;
}

/** W^(1/2) times the columns, in place. */
function weigh(columns: readonly Float64Array[], weight: Float64Array): void {
  for (let i = 0; i < weight.length; i++) {
    const root = Math.sqrt(weight[i]);
    for (const column of columns) column[i] *= root;
  }
}

/** Columns of a row-major matrix m columns wide. */
export function columnsOf(A: Float64Array, m: number): Float64Array[] {
  return Array.from({ length: m }, (_, j) =>
    Float64Array.from({ length: A.length / m }, (_, i) => A[i * m + j]),
  );
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
  const m = p + 1;
  const R = weightedTriangle(problem, theta, squareWeights(problem), residualsAt(problem, theta));
  if (columnsOf(R, m).some((column) => !(norm(column) > 0))) return null;
  const step = new Float64Array(p);
  for (let k = p - 1; k >= 0; k--) {
    let sum = R[k * m + p];
    for (let j = k + 1; j < p; j++) sum -= R[k * m + j] * step[j];
    step[k] = sum / R[k * m + k];
  }
  return step.every(Number.isFinite) ? step : null;
}
