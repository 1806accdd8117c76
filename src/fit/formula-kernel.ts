/**
 * A law given by any formula, in the coordinates of its own parameters. The solver scales its steps by the columns of
 * the Jacobian, so units of the parameters do not matter to it.
 */
import type { BoundFunction, ColumnFunction } from "../laws/expression/index.js";
import type { Kernel } from "./kernel.js";
import { BLOCK } from "./solve.js";

/** A formula over columns with its free parameters, in their order, and their bounds. */
export interface Formula {
  compiled: ColumnFunction;
  lower: Float64Array;
  upper: Float64Array;
}

export class FormulaKernel implements Kernel {
  readonly scale = "raw";
  readonly size: number;
  readonly rows: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** One bound function a block of rows, so that derivatives of a block can be had by themselves. */
  private readonly blocks: BoundFunction[] = [];
  private readonly blockValue = new Float64Array(BLOCK);

  constructor(
    private readonly formula: Formula,
    private readonly columns: readonly Float64Array[],
    rows: number,
  ) {
    this.rows = rows;
    this.size = formula.lower.length;
    this.lower = formula.lower;
    this.upper = formula.upper;
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(from + BLOCK, rows);
      this.blocks.push(
        formula.compiled.bind(
          columns.map((column) => column.subarray(from, to)),
          to - from,
        ),
      );
    }
  }

  value(theta: Float64Array, out: Float64Array): boolean {
    this.blocks.forEach((block, b) => {
      block.value(theta, out.subarray(b * BLOCK, b * BLOCK + block.rows));
    });
    for (let i = 0; i < this.rows; i++) if (!Number.isFinite(out[i])) return false;
    return true;
  }

  derivatives(
    theta: Float64Array,
    from: number,
    _to: number,
    jacobian: Float64Array,
    hessian: Float64Array,
  ): void {
    this.blocks[from / BLOCK].hessian(theta, this.blockValue, jacobian, hessian);
  }

  reach(): number {
    return Number.POSITIVE_INFINITY;
  }

  gather(rows: Int32Array, count: number): Kernel {
    const picked = this.columns.map((column) =>
      Float64Array.from({ length: count }, (_, i) => column[rows[i]]),
    );
    return new FormulaKernel(this.formula, picked, count);
  }

  toParameters(theta: Float64Array): Float64Array {
    return theta.slice();
  }

  parameterJacobian(): Float64Array {
    const identity = new Float64Array(this.size * this.size);
    for (let j = 0; j < this.size; j++) identity[j * this.size + j] = 1;
    return identity;
  }
}
