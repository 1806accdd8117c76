import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";

/** A face of b >= 0: the coordinates that are not 0. */
type Face = readonly number[];

/** All faces but the empty one, the whole first. */
function facesOf(m: number): Face[] {
  const faces: Face[] = [];
  for (let bits = (1 << m) - 1; bits > 0; bits--)
    faces.push(Array.from({ length: m }, (_, j) => j).filter((j) => bits & (1 << j)));
  return faces;
}

/**
 * min b'G b - 2 c'b + n over b >= 0 for a small Gram matrix G (row-major, m x m): the best of all faces whose
 * unconstrained solution has the right signs. One is made for many systems of one size.
 */
export class NonNegativeLeastSquares {
  readonly G: Float64Array;
  readonly c: Float64Array;
  private readonly A: Float64Array;
  private readonly x: Float64Array;
  private readonly faces: readonly Face[];

  constructor(readonly m: number) {
    this.G = new Float64Array(m * m);
    this.c = new Float64Array(m);
    this.A = new Float64Array(m * m);
    this.x = new Float64Array(m);
    this.faces = facesOf(m);
  }

  /** The smallest sum of squares; the solution into `b`. Only the lower triangle of G is read. */
  solve(n: number, b: Float64Array): number {
    const { G, c, A, x, m } = this;
    let best = Number.POSITIVE_INFINITY;
    b.fill(0);
    for (const face of this.faces) {
      const size = face.length;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j <= i; j++) A[i * size + j] = G[face[i] * m + face[j]];
        x[i] = c[face[i]];
      }
      if (!choleskyInPlace(A, size)) continue;
      choleskySolveInPlace(A, x, size);
      let squares = n;
      let isPositive = true;
      for (let i = 0; i < size; i++) {
        if (!(x[i] >= 0)) isPositive = false;
        squares -= x[i] * c[face[i]];
      }
      if (!isPositive || !(squares < best)) continue;
      best = squares;
      b.fill(0);
      for (let i = 0; i < size; i++) b[face[i]] = x[i];
      if (size === m) break;
    }
    return best;
  }
}
