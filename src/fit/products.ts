/**
 * The hot loops of a fit: sums over a block of rows of products of columns. Sums of a pair of columns with another pair
 * are formed together, which takes half as many reads and does not wait for each addition before the next; one sum
 * at a time costs twice as much.
 */

/** Columns of n numbers each, one behind the other, with two weights a row. */
export interface Columns {
  columns: Float64Array;
  n: number;
  /** How many columns, and so the width of H and M. */
  size: number;
  forH: Float64Array;
  forM: Float64Array;
}

/** What is added up: a gradient and lower triangles, row-major. */
interface Sums {
  g: Float64Array;
  absolute: Float64Array;
  H: Float64Array;
  M: Float64Array;
}

/** Adds SUM w c_j to g, and SUM |w c_j| to `absolute`. */
export function addGradient({ columns, n, size }: Columns, slope: Float64Array, { g, absolute }: Sums): void {
  for (let j = 0; j < size; j++) {
    let sum = 0;
    let absoluteSum = 0;
    for (let i = 0; i < n; i++) {
      const part = slope[i] * columns[j * n + i];
      sum += part;
      absoluteSum += Math.abs(part);
    }
    g[j] += sum;
    absolute[j] += absoluteSum;
  }
}

/** The same, and what the first column adds to H and M with every other: SUM w c_j c_0. */
export function addGradientAndFirst(
  { columns, n, size, forH, forM }: Columns,
  slope: Float64Array,
  { g, absolute, H, M }: Sums,
): void {
  for (let j = 0; j < size; j++) {
    let sum = 0;
    let absoluteSum = 0;
    let h = 0;
    let m = 0;
    for (let i = 0; i < n; i++) {
      const a = columns[j * n + i];
      const part = slope[i] * a;
      const product = a * columns[i];
      sum += part;
      absoluteSum += Math.abs(part);
      h += forH[i] * product;
      m += forM[i] * product;
    }
    g[j] += sum;
    absolute[j] += absoluteSum;
    H[j * size] += h;
    M[j * size] += m;
  }
}

/** Multiplies the first columns, each of n numbers, by a factor a row. */
export function scaleColumns(columns: Float64Array, factor: Float64Array, n: number, count: number): void {
  for (let from = 0; from < n * count; from += n) for (let i = 0; i < n; i++) columns[from + i] *= factor[i];
}

/** SUM w c_e of one column. */
export function weightedSum(columns: Float64Array, n: number, e: number, w: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += w[i] * columns[e * n + i];
  return sum;
}

/** Adds SUM w c_j c_k to H and M, j >= k >= first, each with its own weights w. */
export function addProducts(of: Columns, first: number, { H, M }: Sums): void {
  const { size } = of;
  for (let j = first; j < size; j += 2) {
    for (let k = first; k < j; k += 2) {
      if (j + 1 < size) addSquare(of, j, k, H, M);
      else addPair(of, j, k, H, M);
    }
    if (j + 1 < size) addCorner(of, j, H, M);
    else addOne(of, j, H, M);
  }
}

/** Adds SUM w c_j c_k to M alone, j >= k >= first: all that a step without second derivatives needs. */
export function addMajorant({ columns, n, size, forM }: Columns, first: number, M: Float64Array): void {
  for (let j = first; j < size; j++) {
    // Two products at a time; where their number is odd the first one is made twice and counts once.
    for (let k = j; k >= first; k -= 2) {
      const other = Math.max(k - 1, first);
      const at = j * n;
      const near = k * n;
      const far = other * n;
      let m0 = 0;
      let m1 = 0;
      for (let i = 0; i < n; i++) {
        const a = forM[i] * columns[at + i];
        m0 += a * columns[near + i];
        m1 += a * columns[far + i];
      }
      M[j * size + k] += m0;
      if (other < k) M[j * size + other] += m1;
    }
  }
}

/** (j, k), (j, k + 1), (j + 1, k), (j + 1, k + 1). */
function addSquare(
  { columns, n, size, forH, forM }: Columns,
  j: number,
  k: number,
  H: Float64Array,
  M: Float64Array,
): void {
  let h00 = 0;
  let h01 = 0;
  let h10 = 0;
  let h11 = 0;
  let m00 = 0;
  let m01 = 0;
  let m10 = 0;
  let m11 = 0;
  const j0 = j * n;
  const j1 = (j + 1) * n;
  const k0 = k * n;
  const k1 = (k + 1) * n;
  for (let i = 0; i < n; i++) {
    const a = columns[j0 + i];
    const b = columns[j1 + i];
    const c = columns[k0 + i];
    const d = columns[k1 + i];
    const ac = a * c;
    const ad = a * d;
    const bc = b * c;
    const bd = b * d;
    const h = forH[i];
    const m = forM[i];
    h00 += h * ac;
    h01 += h * ad;
    h10 += h * bc;
    h11 += h * bd;
    m00 += m * ac;
    m01 += m * ad;
    m10 += m * bc;
    m11 += m * bd;
  }
  const at = j * size + k;
  H[at] += h00;
  H[at + 1] += h01;
  H[at + size] += h10;
  H[at + size + 1] += h11;
  M[at] += m00;
  M[at + 1] += m01;
  M[at + size] += m10;
  M[at + size + 1] += m11;
}

/** (j, k), (j, k + 1). */
function addPair(
  { columns, n, size, forH, forM }: Columns,
  j: number,
  k: number,
  H: Float64Array,
  M: Float64Array,
): void {
  let h0 = 0;
  let h1 = 0;
  let m0 = 0;
  let m1 = 0;
  const j0 = j * n;
  const k0 = k * n;
  const k1 = (k + 1) * n;
  for (let i = 0; i < n; i++) {
    const a = columns[j0 + i];
    const ac = a * columns[k0 + i];
    const ad = a * columns[k1 + i];
    h0 += forH[i] * ac;
    h1 += forH[i] * ad;
    m0 += forM[i] * ac;
    m1 += forM[i] * ad;
  }
  const at = j * size + k;
  H[at] += h0;
  H[at + 1] += h1;
  M[at] += m0;
  M[at + 1] += m1;
}

/** (j, j), (j + 1, j), (j + 1, j + 1). */
function addCorner(
  { columns, n, size, forH, forM }: Columns,
  j: number,
  H: Float64Array,
  M: Float64Array,
): void {
  let h00 = 0;
  let h10 = 0;
  let h11 = 0;
  let m00 = 0;
  let m10 = 0;
  let m11 = 0;
  const j0 = j * n;
  const j1 = (j + 1) * n;
  for (let i = 0; i < n; i++) {
    const a = columns[j0 + i];
    const b = columns[j1 + i];
    const aa = a * a;
    const ab = a * b;
    const bb = b * b;
    const h = forH[i];
    const m = forM[i];
    h00 += h * aa;
    h10 += h * ab;
    h11 += h * bb;
    m00 += m * aa;
    m10 += m * ab;
    m11 += m * bb;
  }
  const at = j * size + j;
  H[at] += h00;
  H[at + size] += h10;
  H[at + size + 1] += h11;
  M[at] += m00;
  M[at + size] += m10;
  M[at + size + 1] += m11;
}

/** (j, j). */
function addOne(
  { columns, n, size, forH, forM }: Columns,
  j: number,
  H: Float64Array,
  M: Float64Array,
): void {
  let h = 0;
  let m = 0;
  for (let i = 0; i < n; i++) {
    const a = columns[j * n + i];
    h += forH[i] * a * a;
    m += forM[i] * a * a;
  }
  H[j * size + j] += h;
  M[j * size + j] += m;
}
