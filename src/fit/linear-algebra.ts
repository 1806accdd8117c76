/**
 * Small dense symmetric systems, in place and without allocation: the inner steps of thousands of refits, where
 * a matrix library's objects would cost more than the arithmetic. Matrices are row-major; only the lower triangle
 * is read.
 */

/** Cholesky factor L of an n x n matrix, in place; false when the matrix is not positive definite. */
export function choleskyInPlace(A: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    let diagonal = A[j * n + j];
    const before = diagonal;
    for (let k = 0; k < j; k++) diagonal -= A[j * n + k] * A[j * n + k];
    // A pivot lost to cancellation is noise: treat the matrix as singular.
    if (!(diagonal > 1e-15 * before) || !Number.isFinite(diagonal)) return false;
    const pivot = Math.sqrt(diagonal);
    A[j * n + j] = pivot;
    for (let i = j + 1; i < n; i++) {
      let sum = A[i * n + j];
      for (let k = 0; k < j; k++) sum -= A[i * n + k] * A[j * n + k];
      A[i * n + j] = sum / pivot;
    }
  }
  return true;
}

/** Solves L L' x = b for a factor made by `choleskyInPlace`; x takes the place of b. */
export function choleskySolveInPlace(L: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= L[i * n + k] * b[k];
    b[i] = sum / L[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i];
    for (let k = i + 1; k < n; k++) sum -= L[k * n + i] * b[k];
    b[i] = sum / L[i * n + i];
  }
}
