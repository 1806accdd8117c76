/**
 * A straight line and a parabola through points, by least squares about the mean of t: whether the points rise, and whether
 * they turn.
 */
export interface Trend {
  slope: number;
  /** F of the line against the mean, with 1 and `degrees` degrees of freedom. */
  slopeF: number;
  degrees: number;
  curvature: number;
  /** F of the parabola against the line, with 1 and `degrees` - 1 degrees of freedom. */
  curvatureF: number;
  /** Where the parabola turns, within the middle four fifths of the points; null outside. */
  vertex: number | null;
  /** The smaller of the parabola's changes from there to both ends, in residual standard deviations. */
  turnsBy: number;
}

/** The middle of the range in which a turn counts: at the ends a parabola turns by chance. */
const END = 0.1;

/** @returns null for fewer than five points, or fewer than four different t */
export function trendOf(t: readonly number[], y: readonly number[]): Trend | null {
  const n = t.length;
  if (n < 5 || new Set(t).size < 4) return null;
  const mean = t.reduce((sum, value) => sum + value, 0) / n;
  const u = t.map((value) => value - mean);
  const moment = (k: number) => u.reduce((sum, value) => sum + value ** k, 0) / n;
  const against = (k: number) => u.reduce((sum, value, i) => sum + value ** k * y[i], 0) / n;
  const [s2, s3, s4] = [moment(2), moment(3), moment(4)];
  const [b0, b1, b2] = [against(0), against(1), against(2)];
  const slope = b1 / s2;
  // The part of u^2 that neither a constant nor u holds: q = u^2 - s2 - (s3/s2) u.
  const q2 = s4 - s2 * s2 - (s3 * s3) / s2;
  if (!(q2 > 0)) return null;
  const curvature = (b2 - s2 * b0 - (s3 / s2) * b1) / q2;
  const parabola = (v: number) => b0 + slope * v + curvature * (v * v - s2 - (s3 / s2) * v);
  const squares = (f: (v: number) => number) => u.reduce((sum, v, i) => sum + (y[i] - f(v)) ** 2, 0);
  const flat = squares(() => b0);
  const line = squares((v) => b0 + slope * v);
  const bent = squares(parabola);
  const turn = -(slope - (curvature * s3) / s2) / (2 * curvature);
  const [low, high] = [Math.min(...u), Math.max(...u)];
  const isInside = turn > low + END * (high - low) && turn < high - END * (high - low);
  const spread = Math.sqrt(Math.max(bent, 1e-300) / (n - 3));
  const change = Math.min(...[low, high].map((end) => Math.abs(parabola(end) - parabola(turn))));
  return {
    slope,
    slopeF: ((flat - line) * (n - 2)) / Math.max(line, 1e-300),
    degrees: n - 2,
    curvature,
    curvatureF: ((line - bent) * (n - 3)) / Math.max(bent, 1e-300),
    vertex: isInside ? turn + mean : null,
    turnsBy: isInside ? change / spread : 0,
  };
}
