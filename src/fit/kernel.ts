/**
 * A kernel is a law over given rows in the coordinates the solver works in. It gives predictions and their exact
 * derivatives; how its coordinates relate to the law's parameters is its own business.
 */
export interface Kernel {
  /** Number of coordinates. */
  readonly size: number;
  readonly rows: number;
  /** Whether `value` is the log of the prediction or the prediction itself. */
  readonly scale: "log" | "raw";
  /** Closed bounds of the coordinates; infinite where there are none. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;

  /**
   * Predictions of all rows into `out`.
   * @returns false where some row is outside the law's domain; `out` is then not to be used
   */
  value(theta: Float64Array, out: Float64Array): boolean;

  /**
   * Derivatives of rows `from` to `to - 1` at the coordinates of the last `value` call; a block of at most `BLOCK`
   * rows that begins at a multiple of it.
   * @param jacobian row-major, (to - from) x size
   * @param hessian packed lower triangles, (to - from) x size (size + 1) / 2: (i, j), j <= i, at i (i + 1) / 2 + j
   */
  derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    jacobian: Float64Array,
    hessian: Float64Array,
  ): void;

  /** The longest move of coordinate `j` in one step; infinite where any move is safe. */
  reach(theta: Float64Array, j: number): number;

  /** The kernel over `count` of these rows, in the given order; `into` (made by an earlier call) is used again. */
  gather(rows: Int32Array, count: number, into?: Kernel): Kernel;

  /** The law's parameters, in the law's order and in plain units. */
  toParameters(theta: Float64Array): Float64Array;

  /** d parameters / d theta, row-major, parameters x size. */
  parameterJacobian(theta: Float64Array): Float64Array;
}
