/**
 * A law given by any formula, in the coordinates of its own parameters or in those that it names. The solver scales its steps by the columns of
 * the Jacobian, so units of the parameters do not matter to it.
 */
import type { BoundFunction, ColumnFunction } from "../laws/expression/index.js";
import { BLOCK } from "./evaluate.js";
import { areFinite, gathered, type Kernel } from "./kernel.js";
import type { ParameterMap } from "./search-coordinates.js";

/** A formula over columns with its free parameters (or the variables in their places), in their order, and their bounds. */
export interface Formula {
  compiled: ColumnFunction;
  lower: Float64Array;
  upper: Float64Array;
  /** From the coordinates to the law's parameters; null where they are the same. */
  map: ParameterMap | null;
}

function blocksOf(rows: number, bound: (from: number, to: number) => BoundFunction): BoundFunction[] {
  return Array.from({ length: Math.ceil(rows / BLOCK) }, (_, k) =>
    bound(k * BLOCK, Math.min((k + 1) * BLOCK, rows)),
  );
}

export class FormulaKernel implements Kernel {
  readonly scale = "raw";
  readonly hasShift = false;
  readonly size: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly curved: Int32Array;
  /** One bound function a block of rows. */
  private readonly blocks: readonly BoundFunction[];
  /** All rows together, from which some are gathered. */
  private whole: BoundFunction | null = null;

  /** @param blocks where they are bound already */
  constructor(
    private readonly formula: Formula,
    private readonly columns: readonly Float64Array[],
    readonly rows: number,
    blocks: readonly BoundFunction[] | null = null,
  ) {
    this.size = formula.lower.length;
    this.lower = formula.lower;
    this.upper = formula.upper;
    this.curved = Int32Array.from({ length: (this.size * (this.size + 1)) / 2 }, (_, place) => place);
    this.blocks =
      blocks ??
      blocksOf(rows, (from, to) =>
        formula.compiled.bind(
          columns.map((column) => column.subarray(from, to)),
          to - from,
        ),
      );
  }

  value(theta: Float64Array, from: number, to: number, out: Float64Array): boolean {
    this.blocks[from / BLOCK].value(theta, out);
    return areFinite(out, to - from);
  }

  derivatives(
    theta: Float64Array,
    from: number,
    to: number,
    out: Float64Array,
    jacobian: Float64Array,
    hessian: Float64Array | null,
  ): boolean {
    const block = this.blocks[from / BLOCK];
    if (hessian === null) block.gradient(theta, out, jacobian);
    else block.hessian(theta, out, jacobian, hessian);
    return areFinite(out, to - from);
  }

  reach(): number {
    return Number.POSITIVE_INFINITY;
  }

  gather(rows: Int32Array, count: number): Kernel {
    const picked = this.columns.map((column) => gathered(column, rows, count));
    this.whole ??= this.formula.compiled.bind(this.columns, this.rows);
    const gather = this.whole.gather?.bind(this.whole);
    const blocks =
      gather === undefined ? null : blocksOf(count, (from, to) => gather(rows.subarray(from, to)));
    return new FormulaKernel(this.formula, picked, count, blocks);
  }

  toParameters(theta: Float64Array): Float64Array {
    return this.formula.map?.of(theta) ?? theta.slice();
  }

  parameterJacobian(theta: Float64Array): Float64Array {
    if (this.formula.map !== null) return this.formula.map.jacobian(theta);
    const identity = new Float64Array(this.size * this.size);
    for (let j = 0; j < this.size; j++) identity[j * this.size + j] = 1;
    return identity;
  }
}
