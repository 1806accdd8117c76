/** Whether the first n values are finite. */
export function areFinite(values: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** The values of a column at some of its rows: at the first `count` that are named, or at all of them. */
export function gathered(column: Float64Array, rows: Int32Array, count = rows.length): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) out[i] = column[rows[i]];
  return out;
}

/**
 * A kernel is a law over given rows in the coordinates the solver works in. It gives predictions and their exact
 * derivatives; how its coordinates relate to the law's parameters is its own business.
 *
 * A kernel keeps nothing between calls: rows are asked for in blocks, and what a block needs on the way is as large as a
 * block. Its value is the prediction q ("raw"), or the log of it, ln q or t + ln q ("log") with a first coordinate t that moves the
 * log as it is.
 */
export interface Kernel {
  /** Number of coordinates. */
  readonly size: number;
  readonly rows: number;
  /** Whether `value` is the log of the prediction or the prediction itself. */
  readonly scale: "log" | "raw";
  /** Whether the first coordinate is such a shift of the log; never on the raw scale. */
  readonly hasShift: boolean;
  /** Closed bounds of the coordinates; infinite where there are none. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Pairs (j, k), k <= j, by which the second derivative of q is not 0 throughout, as j (j + 1) / 2 + k. */
  readonly curved: Int32Array;

  /**
   * Predictions of rows `from` to `to - 1` into `out`, from its first place on; a block of at most `BLOCK` rows that
   * begins at a multiple of it.
   * @returns false where some row is outside the law's domain; `out` is then not to be used
   */
  value(theta: Float64Array, from: number, to: number, out: Float64Array): boolean;

  /**
   * Predictions and derivatives of such a block, by columns of `to - from` numbers: one for each coordinate in
   * `jacobian`, one for each pair of `curved` in `hessian`.
   *
   * On the log scale derivatives are relative, q'/q and q''/q, and 1 for the shift: the second derivative of the value
   * is `hessian` less the product of the first ones, and 0 by the shift. On the raw scale they are q' and q''.
   *
   * @param hessian null where only first derivatives are wanted
   * @returns false where some row is outside the law's domain
   */
  derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    out: Float64Array,
    jacobian: Float64Array,
    hessian: Float64Array | null,
  ): boolean;

  /** The longest move of coordinate `j` in one step; infinite where any move is safe. */
  reach(theta: Float64Array, j: number): number;

  /** The kernel over `count` of these rows, in the given order; `into` (made by an earlier call) is used again. */
  gather(rows: Int32Array, count: number, into?: Kernel): Kernel;

  /** The law's parameters, in the law's order and in plain units. */
  toParameters(theta: Float64Array): Float64Array;

  /** d parameters / d theta, row-major, parameters x size. */
  parameterJacobian(theta: Float64Array): Float64Array;
}
