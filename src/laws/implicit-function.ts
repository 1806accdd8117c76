/**
 * A law given by an equation as a function over columns, for fits: the root of each row in plain numbers, and its
 * derivatives from those of the compiled formulas. A hundred times as fast as the same over jets.
 *
 *   w_i  = -F_i/F_w
 *   w_ij = -(F_ij + F_iw w_j + F_jw w_i + F_ww w_i w_j)/F_w
 */
import {
  type BoundFunction,
  type ColumnFunction,
  compileColumns,
  type Expression,
  substitute,
} from "./expression/index.js";
import type { ImplicitForm } from "./implicit.js";
import type { FreeNames } from "./law-function.js";

/** Added to the unknown, and 0: the derivatives by it are those by the unknown, whose value differs from row to row. */
const SHIFT = "~";

export class ImplicitFunction implements ColumnFunction {
  readonly parameters: readonly string[];
  private readonly equation: ColumnFunction;
  private readonly value: ColumnFunction;
  private readonly given: readonly { name: string; bound: BoundFunction }[];

  constructor(
    private readonly form: ImplicitForm,
    readonly inputs: readonly string[],
    { free, given }: FreeNames,
  ) {
    this.parameters = free;
    const shifted: Expression = {
      kind: "sum",
      terms: [
        { kind: "name", name: form.unknown },
        { kind: "name", name: SHIFT },
      ],
    };
    const names = {
      inputs: [...inputs, form.unknown],
      parameters: [...free, SHIFT],
      changing: [form.unknown],
    };
    const compiled = (formula: Expression) =>
      compileColumns(substitute(formula, new Map([...given, [form.unknown, shifted]])), names);
    this.equation = compiled(form.equation);
    this.value = compiled(form.value);
    this.given = [...given].map(([name, expression]) => ({
      name,
      bound: compileColumns(expression, { inputs: [], parameters: free }).bind([], 1),
    }));
  }

  bind(columns: readonly Float64Array[], rows: number): BoundFunction {
    const points = Array.from({ length: rows }, (_, i) =>
      Object.fromEntries(this.inputs.map((name, k) => [name, columns[k][i]])),
    );
    const roots = new Float64Array(rows);
    const withRoots = [...columns, roots];
    const equation = this.equation.bind(withRoots, rows);
    const value = this.value.bind(withRoots, rows);
    const p = this.parameters.length;
    let both: [Derivatives, Derivatives] | null = null;
    const w = new Float64Array(p);
    const shifted = new Float64Array(p + 1);
    const run = (
      parameters: Float64Array,
      out: Float64Array,
      jacobian?: Float64Array,
      hessian?: Float64Array,
    ) => {
      shifted.set(parameters);
      const root = this.form.roots(this.coefficients(parameters));
      for (let i = 0; i < rows; i++) roots[i] = root(points[i]);
      if (jacobian === undefined) return value.value(shifted, out);
      both ??= [new Derivatives(rows, p), new Derivatives(rows, p)];
      const [F, G] = both;
      differentiate(equation, shifted, F, hessian !== undefined);
      differentiate(value, shifted, G, hessian !== undefined);
      out.set(G.value.subarray(0, rows));
      for (let r = 0; r < rows; r++) {
        // A root without end is moved by nothing.
        const inverse = Number.isFinite(roots[r]) ? -1 / F.first[p * rows + r] : 0;
        for (let i = 0; i < p; i++) w[i] = mixed(F.first[i * rows + r], inverse);
        through(F, G, r, { w, inverse }, jacobian, hessian);
      }
    };
    return {
      rows,
      value: (parameters, out) => run(parameters, out),
      gradient: (parameters, out, jacobian) => run(parameters, out, jacobian),
      hessian: (parameters, out, jacobian, hessian) => run(parameters, out, jacobian, hessian),
    };
  }

  /** The law's parameters from the free ones. */
  private coefficients(parameters: Float64Array): Record<string, number> {
    const value = new Float64Array(1);
    const c: Record<string, number> = {};
    this.parameters.forEach((name, j) => {
      c[name] = parameters[j];
    });
    for (const { name, bound } of this.given) {
      bound.value(parameters, value);
      c[name] = value[0];
    }
    return c;
  }
}

/** Derivatives of a formula in the parameters and, last, the unknown; by columns as long as there are rows. */
class Derivatives {
  readonly value: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;

  constructor(
    readonly rows: number,
    readonly size: number,
  ) {
    this.value = new Float64Array(rows);
    this.first = new Float64Array(rows * (size + 1));
    this.second = new Float64Array((rows * (size + 1) * (size + 2)) / 2);
  }
}

function differentiate(
  bound: BoundFunction,
  parameters: Float64Array,
  into: Derivatives,
  twice: boolean,
): void {
  if (twice) bound.hessian(parameters, into.value, into.first, into.second);
  else bound.gradient(parameters, into.value, into.first);
}

/** Where (i, 0) stands in a packed lower triangle. */
const row = (i: number): number => (i * (i + 1)) / 2;

/**
 * Derivatives of the value through the root, of row `r`.
 *
 * @param move how the root moves: -1/F_w, and from it dw/d parameters; 0 where the root has no end
 * @param out where they go: the Jacobian and, if wanted, the packed Hessians
 */
function through(
  F: Derivatives,
  G: Derivatives,
  r: number,
  { w, inverse }: { w: Float64Array; inverse: number },
  jacobian: Float64Array,
  hessian: Float64Array | undefined,
): void {
  const { size: p, rows } = F;
  const slope = G.first[p * rows + r];
  for (let i = 0; i < p; i++) jacobian[i * rows + r] = G.first[i * rows + r] + mixed(slope, w[i]);
  if (hessian === undefined) return;
  for (let i = 0, k = 0; i < p; i++) {
    for (let j = 0; j <= i; j++, k++) {
      const ofRoot = inverse === 0 ? 0 : inverse * along(F, r, i, j, w);
      hessian[k * rows + r] = along(G, r, i, j, w) + mixed(slope, ofRoot);
    }
  }
}

/** The second derivative by parameters i and j along the moving root, less the part of the root's own second derivative. */
function along(
  { second, size, rows }: Derivatives,
  r: number,
  i: number,
  j: number,
  w: Float64Array,
): number {
  const at = (k: number) => second[k * rows + r];
  const own = row(size);
  return (
    at(row(i) + j) + mixed(at(own + i), w[j]) + mixed(at(own + j), w[i]) + mixed(at(own + size), w[i] * w[j])
  );
}

/** A product that is 0 where the move is: the derivative by a root without end may be no number. */
const mixed = (derivative: number, move: number): number => (move === 0 ? 0 : derivative * move);
