/** A matrix inside a flat buffer: element (i, j) lies at `offset + i * rowStride + j * columnStride`. */
export interface Matrix {
  data: Float64Array;
  offset: number;
  rowStride: number;
  columnStride: number;
}

/** A matrix stored row after row, `stride` numbers apart. */
export function rows(data: Float64Array, stride: number, offset = 0): Matrix {
  return { data, offset, rowStride: stride, columnStride: 1 };
}

/** The transpose of a matrix stored row after row; nothing is copied. */
export function transposed(data: Float64Array, stride: number, offset = 0): Matrix {
  return { data, offset, rowStride: 1, columnStride: stride };
}

/**
 * C += A B with A [m x k], B [k x n] and C [m x n]: 2 m n k floating-point operations.
 * C is computed in tiles of 4 x 4 whose 16 sums stay in registers, so that each number loaded from memory
 * takes part in four products.
 */
export function multiplyAdd(m: number, n: number, k: number, a: Matrix, b: Matrix, c: Matrix): void {
  const mTiled = m - (m % 4);
  const nTiled = n - (n % 4);
  for (let i = 0; i < mTiled; i += 4) {
    for (let j = 0; j < nTiled; j += 4) multiplyTile(i, j, k, a, b, c);
  }
  multiplyEdge(0, mTiled, nTiled, n, k, a, b, c);
  multiplyEdge(mTiled, m, 0, n, k, a, b, c);
}

/** The 4 x 4 tile of C whose first element is (i, j). */
function multiplyTile(i: number, j: number, k: number, a: Matrix, b: Matrix, c: Matrix): void {
  const A = a.data;
  const B = b.data;
  const C = c.data;
  const aStep = a.columnStride;
  const bStep = b.rowStride;
  const aRow = a.rowStride;
  const bColumn = b.columnStride;
  let ia = a.offset + i * aRow;
  let ib = b.offset + j * bColumn;
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  let c20 = 0;
  let c21 = 0;
  let c22 = 0;
  let c23 = 0;
  let c30 = 0;
  let c31 = 0;
  let c32 = 0;
  let c33 = 0;
  for (let p = 0; p < k; p++) {
    const b0 = B[ib]!;
    const b1 = B[ib + bColumn]!;
    const b2 = B[ib + 2 * bColumn]!;
    const b3 = B[ib + 3 * bColumn]!;
    const a0 = A[ia]!;
    c00 += a0 * b0;
    c01 += a0 * b1;
    c02 += a0 * b2;
    c03 += a0 * b3;
    const a1 = A[ia + aRow]!;
    c10 += a1 * b0;
    c11 += a1 * b1;
    c12 += a1 * b2;
    c13 += a1 * b3;
    const a2 = A[ia + 2 * aRow]!;
    c20 += a2 * b0;
    c21 += a2 * b1;
    c22 += a2 * b2;
    c23 += a2 * b3;
    const a3 = A[ia + 3 * aRow]!;
    c30 += a3 * b0;
    c31 += a3 * b1;
    c32 += a3 * b2;
    c33 += a3 * b3;
    ia += aStep;
    ib += bStep;
  }
  const cColumn = c.columnStride;
  let ic = c.offset + i * c.rowStride + j * cColumn;
  C[ic]! += c00;
  C[ic + cColumn]! += c01;
  C[ic + 2 * cColumn]! += c02;
  C[ic + 3 * cColumn]! += c03;
  ic += c.rowStride;
  C[ic]! += c10;
  C[ic + cColumn]! += c11;
  C[ic + 2 * cColumn]! += c12;
  C[ic + 3 * cColumn]! += c13;
  ic += c.rowStride;
  C[ic]! += c20;
  C[ic + cColumn]! += c21;
  C[ic + 2 * cColumn]! += c22;
  C[ic + 3 * cColumn]! += c23;
  ic += c.rowStride;
  C[ic]! += c30;
  C[ic + cColumn]! += c31;
  C[ic + 2 * cColumn]! += c32;
  C[ic + 3 * cColumn]! += c33;
}

/** The elements of C in rows [iFrom, iTo) and columns [jFrom, jTo), one at a time. */
function multiplyEdge(
  iFrom: number,
  iTo: number,
  jFrom: number,
  jTo: number,
  k: number,
  a: Matrix,
  b: Matrix,
  c: Matrix,
): void {
  for (let i = iFrom; i < iTo; i++) {
    for (let j = jFrom; j < jTo; j++) {
      let ia = a.offset + i * a.rowStride;
      let ib = b.offset + j * b.columnStride;
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += a.data[ia]! * b.data[ib]!;
        ia += a.columnStride;
        ib += b.rowStride;
      }
      c.data[c.offset + i * c.rowStride + j * c.columnStride]! += sum;
    }
  }
}
