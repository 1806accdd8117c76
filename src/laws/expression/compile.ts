/**
 * A formula over columns: its value, gradient and Hessian in the parameters.
 *
 * Code is generated from the tree with `new Function`, on first use, one function each for value, value with
 * gradient, value with gradient and Hessian, so that common subexpressions are shared between them.
 */
import { InternalError } from "../../errors.js";
import { Algebra } from "./algebra.js";
import { Calculus } from "./derivative.js";
import { generate, type Run, type Widths } from "./generate.js";
import { interpreter } from "./interpret.js";
import { type Layout, type Program, programFor } from "./program.js";
import { type Expression, namesOf, operandsOf } from "./tree.js";

/** Which names of a formula are columns of data and which are fitted; together they are all its names. */
export interface Names {
  readonly inputs: readonly string[];
  readonly parameters: readonly string[];
  /** Inputs whose columns change from call to call: nothing that depends on them is computed beforehand. */
  readonly changing?: readonly string[];
}

/** A formula as a function of its parameters, over columns that are given once. p parameters, n rows. */
export interface BoundFunction {
  readonly rows: number;
  /** @param out  n values */
  value(parameters: Float64Array, out: Float64Array): void;
  /**
   * @param value     n values
   * @param jacobian  p columns of n values
   * @param only      the parameters whose columns are wanted, where not all are; what the others hold is not to be used
   */
  gradient(
    parameters: Float64Array,
    value: Float64Array,
    jacobian: Float64Array,
    only?: readonly number[],
  ): void;
  /**
   * @param value     n values
   * @param jacobian  p columns of n values
   * @param hessian   p(p+1)/2 columns of n values: the lower triangle, (i, j) with j <= i in column i(i+1)/2 + j
   */
  hessian(parameters: Float64Array, value: Float64Array, jacobian: Float64Array, hessian: Float64Array): void;
  /**
   * The same over some of the rows, without computing anew what depends on columns alone; not there where that is
   * no quicker than to bind the chosen rows.
   */
  gather?(chosen: Int32Array): BoundFunction;
}

/** A compiled formula, waiting for columns. */
export interface ColumnFunction extends Names {
  /**
   * Takes the columns (in the order of `inputs`, each with at least `rows` numbers) and computes what depends on
   * them alone, such as log(N). Columns must not change afterwards (but for those named as changing); bind again when
   * they do.
   */
  bind(columns: readonly Float64Array[], rows: number): BoundFunction;
}

/** "generated": JavaScript made for the formula; "interpreted": without `new Function`, 4 to 6 times as slow. */
export type Execution = "generated" | "interpreted";

/** What one call computes; for some of the gradient, the parameters that it is by. */
type Order = "value" | "gradient" | "hessian" | readonly number[];

/** What the output arrays hold, in their order; some of the gradient comes in one array for each parameter. */
const PLACES = ["values", "jacobian", "hessian"];

const keyOf = (order: Order): string => (typeof order === "string" ? order : order.join());

const packed = (p: number): number => (p * (p + 1)) / 2;

class CompiledFormula implements ColumnFunction {
  readonly inputs: readonly string[];
  readonly parameters: readonly string[];
  private readonly algebra = new Algebra();
  private readonly calculus = new Calculus(this.algebra);
  readonly changing: readonly string[];
  private readonly root: Expression;
  /** Column-only bases of powers whose exponent is fitted: where positive, a power is exp(exponent * log column). */
  private readonly bases: readonly Expression[];
  private readonly outputs = new Map<string, readonly Expression[]>();
  private readonly runs = new Map<string, { program: Program; run: Run }>();
  private readonly columnRuns = new Map<Expression, { program: Program; run: Run }>();

  constructor(
    expression: Expression,
    names: Names,
    private readonly execution: Execution,
  ) {
    this.inputs = [...names.inputs];
    this.parameters = [...names.parameters];
    this.changing = [...(names.changing ?? [])];
    this.root = this.algebra.normalize(expression);
    this.bases = this.powerBases();
  }

  bind(columns: readonly Float64Array[], rows: number): BoundFunction {
    for (const k of this.inputs.keys()) requireLength(`column ${this.inputs[k]}`, columns[k], rows);
    const valuesOf = onceEach((node) => this.columnValues(node, columns, rows));
    const positive = new Set(this.bases.filter((base) => isPositive(valuesOf(base), rows)));
    return this.over(valuesOf, positive, rows);
  }

  /**
   * @param valuesOf the values in the rows of what depends on columns alone
   * @param positive bases of powers that are positive in all of them
   */
  private over(
    valuesOf: (node: Expression) => Float64Array,
    positive: ReadonlySet<Expression>,
    rows: number,
  ): BoundFunction {
    const p = this.parameters.length;
    const prepare = (
      order: Order,
      sizes: Widths,
    ): ((parameters: Float64Array, out: Float64Array[]) => void) => {
      let ready: { run: Run; inputs: readonly Float64Array[] } | undefined;
      return (parameters, out) => {
        requireLength("parameters", parameters, p);
        for (let k = 0; k < sizes.length; k += 1)
          requireLength(PLACES[k] ?? "jacobian", out[k], rows * sizes[k]);
        if (!ready) {
          const { program, run } = this.runFor(order, sizes, positive);
          ready = { run, inputs: program.columns.map(valuesOf) };
        }
        ready.run(parameters, ready.inputs, rows, out);
      };
    };
    const value = prepare("value", [1]);
    const gradient = prepare("gradient", [1, p]);
    const hessian = prepare("hessian", [1, p, packed(p)]);
    const partial = new Map<string, ReturnType<typeof prepare>>();
    const some = (only: readonly number[]) => {
      const key = only.join();
      const known = partial.get(key);
      if (known) return known;
      const made = prepare(only, [1, ...only.map(() => 1)]);
      partial.set(key, made);
      return made;
    };
    return {
      rows,
      value: (parameters, out) => value(parameters, [out]),
      gradient: (parameters, out, jacobian, only) => {
        if (only === undefined) gradient(parameters, [out, jacobian]);
        else some(only)(parameters, [out, ...only.map((j) => jacobian.subarray(j * rows, (j + 1) * rows))]);
      },
      hessian: (parameters, out, jacobian, packedHessian) =>
        hessian(parameters, [out, jacobian, packedHessian]),
      gather: (chosen) => {
        const gatheredOf = onceEach((node) => gathered(valuesOf(node), chosen));
        return this.over(gatheredOf, positive, chosen.length);
      },
    };
  }

  private powerBases(): Expression[] {
    const found = new Set<Expression>();
    const seen = new Set<Expression>();
    const inputs = new Set(this.inputs.filter((name) => !this.changing.includes(name)));
    const isFixed = (node: Expression): boolean =>
      [...this.algebra.namesIn(node)].every((name) => inputs.has(name));
    const visit = (node: Expression): void => {
      if (seen.has(node)) return;
      seen.add(node);
      if (node.kind === "power" && this.algebra.namesIn(node.base).size > 0) {
        if (isFixed(node.base) && !isFixed(node.exponent)) found.add(node.base);
      }
      operandsOf(node).forEach(visit);
    };
    visit(this.root);
    return [...found];
  }

  private outputsOf(order: Order): readonly Expression[] {
    const known = this.outputs.get(keyOf(order));
    if (known) return known;
    const made = this.makeOutputs(order);
    this.outputs.set(keyOf(order), made);
    return made;
  }

  private makeOutputs(order: Order): readonly Expression[] {
    if (order === "value") return [this.root];
    const by = typeof order === "string" ? this.parameters : order.map((j) => this.parameters[j]);
    const first = by.map((name) => this.calculus.derivative(this.root, name));
    if (order !== "hessian") return [this.root, ...first];
    const second = first.flatMap((derivative, i) =>
      this.parameters.slice(0, i + 1).map((name) => this.calculus.derivative(derivative, name)),
    );
    return [this.root, ...first, ...second];
  }

  private runFor(
    order: Order,
    widths: Widths,
    positive: ReadonlySet<Expression>,
  ): { program: Program; run: Run } {
    const key = `${keyOf(order)} ${this.bases.map((base) => (positive.has(base) ? "+" : "-")).join("")}`;
    const known = this.runs.get(key);
    if (known) return known;
    const made = this.make(this.outputsOf(order), widths, {
      ...this.names(),
      isPositive: (base) => positive.has(base),
      columnNodes: "ready",
    });
    this.runs.set(key, made);
    return made;
  }

  /** A column-only node over all rows. Interpreted: it is done once a binding. */
  private columnValues(node: Expression, columns: readonly Float64Array[], rows: number): Float64Array {
    if (node.kind === "name") return this.inputColumn(node, columns);
    let made = this.columnRuns.get(node);
    if (!made) {
      const layout: Layout = { ...this.names(), isPositive: () => false, columnNodes: "computed in rows" };
      const program = programFor([node], this.algebra, layout);
      made = { program, run: interpreter(program, [1]) };
      this.columnRuns.set(node, made);
    }
    const out = new Float64Array(rows);
    const inputs = made.program.columns.map((input) => this.inputColumn(input, columns));
    made.run(new Float64Array(0), inputs, rows, [out]);
    return out;
  }

  private inputColumn(node: Expression, columns: readonly Float64Array[]): Float64Array {
    const index = node.kind === "name" ? this.inputs.indexOf(node.name) : -1;
    return columns[index];
  }

  private names(): Pick<Layout, "inputs" | "parameters" | "changing"> {
    return { inputs: this.inputs, parameters: this.parameters, changing: this.changing };
  }

  private make(nodes: readonly Expression[], widths: Widths, layout: Layout): { program: Program; run: Run } {
    const program = programFor(nodes, this.algebra, layout);
    const generated = this.execution === "generated" ? generate(program, widths) : null;
    return { program, run: generated ?? interpreter(program, widths) };
  }
}

function onceEach(valuesOf: (node: Expression) => Float64Array): (node: Expression) => Float64Array {
  const known = new Map<Expression, Float64Array>();
  return (node) => {
    const found = known.get(node);
    if (found) return found;
    const values = valuesOf(node);
    known.set(node, values);
    return values;
  };
}

function gathered(column: Float64Array, chosen: Int32Array): Float64Array {
  const out = new Float64Array(chosen.length);
  for (let i = 0; i < chosen.length; i += 1) out[i] = column[chosen[i]];
  return out;
}

function isPositive(values: Float64Array, rows: number): boolean {
  for (let i = 0; i < rows; i += 1) {
    const value = values[i];
    if (!(value > 0 && value < Infinity)) return false;
  }
  return true;
}

function requireLength(what: string, array: Float64Array | undefined, needed: number): void {
  if (array && array.length >= needed) return;
  const message = `${what} of a formula: ${array?.length ?? 0} numbers, ${needed} are needed`;
  throw new InternalError({ code: "internal", message });
}

function requireNames(expression: Expression, names: Names): void {
  const all = [...names.inputs, ...names.parameters];
  const known = new Set(all);
  const unknown = namesOf(expression).filter((name) => !known.has(name));
  if (unknown.length === 0 && known.size === all.length) return;
  const message =
    unknown.length > 0
      ? `names of a formula are neither input nor parameter: ${unknown.slice(0, 20).join(", ")}`
      : "a name of a formula is given twice";
  throw new InternalError({ code: "internal", message });
}

/**
 * Compiles a formula for evaluation over columns. Nothing is generated before it is asked for.
 *
 *   const law = compileColumns(parseFormula("A / N^alpha"), { inputs: ["N"], parameters: ["A", "alpha"] });
 *   const bound = law.bind([N], N.length);
 *   bound.gradient(Float64Array.of(400, 0.34), loss, jacobian);
 *
 * @param execution  "interpreted" to do without `new Function`; where that is forbidden it happens by itself
 * @throws InternalError  when a name of the formula is neither an input nor a parameter, or is named twice
 */
export function compileColumns(
  expression: Expression,
  names: Names,
  execution: Execution = "generated",
): ColumnFunction {
  requireNames(expression, names);
  return new CompiledFormula(expression, names, execution);
}
