import { choleskyInPlace, choleskySolveInPlace } from "../fit/linear-algebra.js";

/** The vertex of a least-squares parabola y = q0 + q1 z + q2 z^2. */
export interface Vertex {
  /** z* = -q1/(2 q2); of no meaning where the curvature is not above 0. */
  z: number;
  /** y at z*. */
  value: number;
  /** q2. */
  curvature: number;
  /** var(z*) over the variance of one y; infinite where nothing determines it. */
  variance: number;
  /** Sum of squared residuals, with `points - 3` degrees of freedom. */
  squares: number;
  points: number;
}

/**
 * Ordinary least squares of y on 1, z, z^2, with z centred and scaled for the sake of its digits.
 *
 *   var(z*) = [var(q1) + 4 z* cov(q1, q2) + 4 z*^2 var(q2)]/(4 q2^2), z from the centre
 *
 * @returns null with fewer than three different z
 */
export function parabolaVertex(z: readonly number[], y: readonly number[]): Vertex | null {
  const n = z.length;
  if (new Set(z).size < 3) return null;
  const centre = z.reduce((sum, value) => sum + value, 0) / n;
  const scale = Math.sqrt(z.reduce((sum, value) => sum + (value - centre) ** 2, 0) / n);
  const t = z.map((value) => (value - centre) / scale);
  const powers = (of: number) => t.reduce((sum, value) => sum + value ** of, 0);
  const cross = Float64Array.from({ length: 9 }, (_, k) => powers(Math.floor(k / 3) + (k % 3)));
  if (!choleskyInPlace(cross, 3)) return null;
  const solved = (right: readonly number[]): Float64Array => {
    const b = Float64Array.from(right);
    choleskySolveInPlace(cross, b, 3);
    return b;
  };
  const moment = (of: number) => t.reduce((sum, value, i) => sum + value ** of * y[i], 0);
  const [q0, q1, q2] = solved([moment(0), moment(1), moment(2)]);
  const top = -q1 / (2 * q2);
  const [, v11, v12] = solved([0, 1, 0]);
  const v22 = solved([0, 0, 1])[2];
  const variance = (v11 + 4 * top * v12 + 4 * top * top * v22) / (4 * q2 * q2);
  return {
    z: centre + scale * top,
    value: q0 + q1 * top + q2 * top * top,
    curvature: q2 / scale ** 2,
    variance: Number.isFinite(variance) ? scale ** 2 * variance : Number.POSITIVE_INFINITY,
    squares: t.reduce((sum, value, i) => sum + (y[i] - q0 - q1 * value - q2 * value * value) ** 2, 0),
    points: n,
  };
}
