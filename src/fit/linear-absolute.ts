/**
 * Linear least absolute deviations, min SUM w_i |r_i - J_i d|: at the minimum as many rows are met exactly as there are
 * unknowns. From one such vertex to the next, as Barrodale and Roberts (SIAM J. Numer. Anal. 10, 1973) do it: one met row
 * is let go, and the way along the edge goes on to the weighted median of the rows crossed.
 */

/** Independence of rows that are met together: under this a row is a combination of those chosen before. */
const INDEPENDENT = 1e-7;
const MOST_EXCHANGES = 300;

/**
 * @param J rows x m, row-major
 * @param r one a row
 * @param w weight of each row, > 0
 * @returns d and the sum there; null where the rows do not determine d
 */
export function leastAbsolute(
  J: Float64Array,
  r: Float64Array,
  w: Float64Array,
  m: number,
): { d: Float64Array; sum: number } | null {
  const n = r.length;
  const met = independentRows(J, r, m);
  if (met === null) return null;
  const isMet = new Uint8Array(n);
  for (const i of met) isMet[i] = 1;
  const e = new Float64Array(n);
  let best: { d: Float64Array; sum: number } | null = null;
  for (let exchange = 0; exchange < MOST_EXCHANGES; exchange++) {
    const B = inverse(met, J, m);
    if (B === null) return best;
    const d = solution(B, met, r, m);
    const sum = residuals(J, r, w, isMet, d, e);
    if (best !== null && !(sum < best.sum)) return best;
    best = { d, sum };
    const leaving = steepest(J, w, isMet, e, met, B, m);
    if (leaving === null) return best;
    const entering = crossing(J, w, isMet, e, leaving, m);
    if (entering < 0) return best;
    isMet[met[leaving.place]] = 0;
    isMet[entering] = 1;
    met[leaving.place] = entering;
  }
  return best;
}

/** m rows of small residuals, each no combination of the others. */
function independentRows(J: Float64Array, r: Float64Array, m: number): Int32Array | null {
  const order = Int32Array.from(r.keys()).sort((a, b) => Math.abs(r[a]) - Math.abs(r[b]) || a - b);
  const scale = new Float64Array(m);
  for (let at = 0; at < J.length; at++) scale[at % m] = Math.max(scale[at % m], Math.abs(J[at]));
  const basis: Float64Array[] = [];
  const rows: number[] = [];
  for (const i of order) {
    const row = Float64Array.from({ length: m }, (_, j) => J[i * m + j] / (scale[j] || 1));
    const before = Math.hypot(...row);
    for (const b of basis) {
      const along = b.reduce((sum, value, j) => sum + value * row[j], 0);
      for (let j = 0; j < m; j++) row[j] -= along * b[j];
    }
    const left = Math.hypot(...row);
    if (!(left > INDEPENDENT * before)) continue;
    basis.push(row.map((value) => value / left));
    rows.push(i);
    if (rows.length === m) return Int32Array.from(rows);
  }
  return null;
}

/** The inverse of the met rows of J, row-major m x m; null where they are not independent. */
function inverse(met: Int32Array, J: Float64Array, m: number): Float64Array | null {
  const A = new Float64Array(m * m);
  const B = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let j = 0; j < m; j++) A[a * m + j] = J[met[a] * m + j];
    B[a * m + a] = 1;
  }
  for (let k = 0; k < m; k++) {
    let pivot = k;
    for (let i = k + 1; i < m; i++) if (Math.abs(A[i * m + k]) > Math.abs(A[pivot * m + k])) pivot = i;
    const size = A[pivot * m + k];
    if (!(Math.abs(size) > 0)) return null;
    for (let j = 0; j < m; j++) {
      [A[k * m + j], A[pivot * m + j]] = [A[pivot * m + j], A[k * m + j]];
      [B[k * m + j], B[pivot * m + j]] = [B[pivot * m + j], B[k * m + j]];
    }
    for (let j = 0; j < m; j++) {
      A[k * m + j] /= size;
      B[k * m + j] /= size;
    }
    for (let i = 0; i < m; i++) {
      const factor = A[i * m + k];
      if (i === k || factor === 0) continue;
      for (let j = 0; j < m; j++) {
        A[i * m + j] -= factor * A[k * m + j];
        B[i * m + j] -= factor * B[k * m + j];
      }
    }
  }
  return B;
}

function solution(B: Float64Array, met: Int32Array, r: Float64Array, m: number): Float64Array {
  const d = new Float64Array(m);
  for (let j = 0; j < m; j++) for (let a = 0; a < m; a++) d[j] += B[j * m + a] * r[met[a]];
  return d;
}

/** e = r - J d, exactly 0 in the met rows; returns SUM w |e|. */
function residuals(
  J: Float64Array,
  r: Float64Array,
  w: Float64Array,
  isMet: Uint8Array,
  d: Float64Array,
  e: Float64Array,
): number {
  const m = d.length;
  let sum = 0;
  for (let i = 0; i < r.length; i++) {
    let left = r[i];
    for (let j = 0; j < m; j++) left -= J[i * m + j] * d[j];
    e[i] = isMet[i] ? 0 : left;
    sum += w[i] * Math.abs(e[i]);
  }
  return sum;
}

interface Leaving {
  /** Which of the met rows is let go, and the way d moves then. */
  place: number;
  edge: Float64Array;
  /** Fall of the sum along the edge, < 0. */
  slope: number;
}

/** The met row whose letting go lowers the sum fastest; null at the minimum. */
function steepest(
  J: Float64Array,
  w: Float64Array,
  isMet: Uint8Array,
  e: Float64Array,
  met: Int32Array,
  B: Float64Array,
  m: number,
): Leaving | null {
  const g = new Float64Array(m);
  for (let i = 0; i < e.length; i++) {
    if (isMet[i]) continue;
    const signed = e[i] > 0 ? w[i] : e[i] < 0 ? -w[i] : 0;
    for (let j = 0; j < m; j++) g[j] += signed * J[i * m + j];
  }
  let best: Leaving | null = null;
  for (let a = 0; a < m; a++) {
    // Along column a of the inverse only this met row's value moves, by 1.
    let along = 0;
    for (let j = 0; j < m; j++) along += B[j * m + a] * g[j];
    const slope = w[met[a]] - Math.abs(along);
    if (slope >= -1e-12 * w[met[a]] || (best !== null && slope >= best.slope)) continue;
    const sign = along > 0 ? 1 : -1;
    best = { place: a, edge: Float64Array.from({ length: m }, (_, j) => sign * B[j * m + a]), slope };
  }
  return best;
}

/** The row at which the sum stops falling along the edge; -1 where none is. */
function crossing(
  J: Float64Array,
  w: Float64Array,
  isMet: Uint8Array,
  e: Float64Array,
  { edge, slope }: Leaving,
  m: number,
): number {
  const crossed: { i: number; at: number; gain: number }[] = [];
  for (let i = 0; i < e.length; i++) {
    if (isMet[i]) continue;
    let z = 0;
    for (let j = 0; j < m; j++) z += J[i * m + j] * edge[j];
    const at = e[i] / z;
    if (at >= 0 && Number.isFinite(at) && z !== 0) crossed.push({ i, at, gain: 2 * w[i] * Math.abs(z) });
  }
  crossed.sort((a, b) => a.at - b.at || a.i - b.i);
  let now = slope;
  for (const { i, gain } of crossed) {
    now += gain;
    if (now >= 0) return i;
  }
  return -1;
}
