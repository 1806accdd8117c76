/**
 * From normal forms to a straight-line program over columns. What depends on parameters alone is computed once a
 * call ("fixed"), what depends on columns alone once a binding ("columns"), the rest in each row; equal steps are
 * one step. The program is data: `generate.ts` writes it as JavaScript, `interpret.ts` runs it as it is.
 */
import { InternalError } from "../../errors.js";
import type { Algebra } from "./algebra.js";
import type { FunctionName } from "./functions.js";
import type { Expression } from "./tree.js";

/** Where a step finds a number; `index` counts within its kind. */
export type Operand =
  | { readonly from: "constant"; readonly value: number }
  | { readonly from: "parameter" | "fixed" | "column" | "row"; readonly index: number };

/**
 * `softPower` is base^exponent given log(base): by exp where base is positive, by pow elsewhere. `powerBelow` is the same given
 * base^(exponent + 1): by a division where that has all its digits.
 */
export type Operation =
  | "add"
  | "multiply"
  | "divide"
  | "negate"
  | "power"
  | "softPower"
  | "powerBelow"
  | FunctionName;

/** Smaller numbers have not all their digits. */
export const LEAST_WITH_ALL_DIGITS = 1e-300;

export interface Step {
  readonly operation: Operation;
  readonly operands: readonly Operand[];
}

export interface Program {
  readonly fixed: readonly Step[];
  readonly rows: readonly Step[];
  /** The column-only nodes the steps read, by their index. */
  readonly columns: readonly Expression[];
  readonly outputs: readonly Operand[];
}

/** What a program is made for. */
export interface Layout {
  readonly inputs: readonly string[];
  readonly parameters: readonly string[];
  /** Inputs whose columns change from call to call: what depends on them is computed in rows. */
  readonly changing: readonly string[];
  /** Column-only bases known to be positive and finite in every row: their powers go through a logarithm column. */
  isPositive(base: Expression): boolean;
  /** Whether column-only nodes are ready as columns, or only the inputs are. */
  readonly columnNodes: "ready" | "computed in rows";
}

type Stage = "fixed" | "columns" | "rows";

const constant = (value: number): Operand => ({ from: "constant", value });

const keyOf = (operand: Operand): string =>
  operand.from === "constant" ? `#${operand.value}` : `${operand.from}${operand.index}`;

interface Power {
  exponent: Expression;
  operand: Operand;
}

class Compiler {
  private readonly fixed: Step[] = [];
  private readonly rows: Step[] = [];
  private readonly columns = new Map<Expression, Operand>();
  private readonly steps = new Map<string, Operand>();
  private readonly done = new Map<Expression, Operand>();
  private readonly parameters: ReadonlyMap<string, number>;
  /** Powers in rows by their base. */
  private readonly powers = new Map<Expression, Power[]>();

  constructor(
    private readonly algebra: Algebra,
    private readonly layout: Layout,
  ) {
    this.parameters = new Map(layout.parameters.map((name, index) => [name, index]));
  }

  program(nodes: readonly Expression[]): Program {
    const outputs = nodes.map((node) => this.lower(node));
    return { fixed: this.fixed, rows: this.rows, columns: [...this.columns.keys()], outputs };
  }

  private stageOf(node: Expression): Stage {
    let isFitted = false;
    let hasInput = false;
    let isChanging = false;
    for (const name of this.algebra.namesIn(node)) {
      if (this.parameters.has(name)) isFitted = true;
      else hasInput = true;
      if (this.layout.changing.includes(name)) isChanging = true;
    }
    if (!hasInput) return "fixed";
    return isFitted || isChanging || this.layout.columnNodes !== "ready" ? "rows" : "columns";
  }

  private lower(node: Expression): Operand {
    const known = this.done.get(node);
    if (known) return known;
    const stage = this.stageOf(node);
    const operand = stage === "columns" ? this.column(node) : this.rule(node, stage);
    this.done.set(node, operand);
    return operand;
  }

  private column(node: Expression): Operand {
    const known = this.columns.get(node);
    if (known) return known;
    const operand: Operand = { from: "column", index: this.columns.size };
    this.columns.set(node, operand);
    return operand;
  }

  private step(stage: Stage, operation: Operation, operands: readonly Operand[]): Operand {
    const key = `${operation} ${operands.map(keyOf).join(" ")}`;
    const known = this.steps.get(key);
    if (known) return known;
    const list = stage === "fixed" ? this.fixed : this.rows;
    const operand: Operand = { from: stage === "fixed" ? "fixed" : "row", index: list.length };
    list.push({ operation, operands });
    this.steps.set(key, operand);
    return operand;
  }

  private rule(node: Expression, stage: Stage): Operand {
    switch (node.kind) {
      case "number":
        return constant(node.value);
      case "constant":
        return constant(Math.PI);
      case "name": {
        const index = this.parameters.get(node.name);
        return index === undefined ? this.column(node) : { from: "parameter", index };
      }
      case "negate":
      case "product":
        return this.product(node, stage);
      case "sum":
        return this.sum(node.terms, stage);
      case "power":
        return this.power(node.base, node.exponent, stage);
      case "call":
        return this.call(node.fn, node.args, stage);
      case "quotient":
        throw new InternalError({ code: "internal", message: "a quotient is left in a normal form" });
    }
  }

  /** The operands by stage, those of an earlier stage joined into one node that is computed there. */
  private grouped(
    nodes: readonly Expression[],
    stage: Stage,
    join: (nodes: readonly Expression[]) => Expression,
  ): readonly Expression[] {
    if (stage === "fixed") return nodes;
    const of = (wanted: Stage): Expression[] => nodes.filter((node) => this.stageOf(node) === wanted);
    const joined = (group: readonly Expression[]): readonly Expression[] =>
      group.length < 2 ? group : [join(group)];
    return [...joined(of("fixed")), ...joined(of("columns")), ...of("rows")];
  }

  private sum(terms: readonly Expression[], stage: Stage): Operand {
    const groups = this.grouped(terms, stage, (nodes) => this.algebra.sum(nodes));
    return this.step(
      stage,
      "add",
      groups.map((group) => this.lower(group)),
    );
  }

  /** Factors with a negative number as exponent go below the line. */
  private product(node: Expression, stage: Stage): Operand {
    const factors = this.grouped(this.algebra.factorsOf(node), stage, (nodes) => this.algebra.product(nodes));
    const above: Operand[] = [];
    const below: Operand[] = [];
    let isNegated = false;
    for (const factor of factors) {
      const { kind } = factor;
      if (kind === "number" && factor.value === -1) isNegated = true;
      else if (
        kind === "power" &&
        factor.exponent.kind === "number" &&
        factor.exponent.value < 0 &&
        this.stageOf(factor) === stage
      ) {
        below.push(this.lower(this.algebra.power(factor.base, this.algebra.number(-factor.exponent.value))));
      } else above.push(this.lower(factor));
    }
    const top = this.multiplied(above, stage);
    const ratio = below.length === 0 ? top : this.step(stage, "divide", [top, this.multiplied(below, stage)]);
    return isNegated ? this.step(stage, "negate", [ratio]) : ratio;
  }

  private multiplied(factors: readonly Operand[], stage: Stage): Operand {
    return factors.length < 2 ? (factors[0] ?? constant(1)) : this.step(stage, "multiply", factors);
  }

  private power(base: Expression, exponent: Expression, stage: Stage): Operand {
    if (exponent.kind === "number") return this.numberPower(this.lower(base), exponent.value, stage);
    if (stage === "fixed") return this.step(stage, "power", [this.lower(base), this.lower(exponent)]);
    const known = this.powers.get(base) ?? [];
    this.powers.set(base, known);
    const made = this.fromKnown(base, exponent, known) ?? this.newPower(base, exponent, stage);
    known.push({ exponent, operand: made });
    return made;
  }

  /** A power from another one of the same base: derivatives have them in numbers, and a division takes a third of the time. */
  private fromKnown(base: Expression, exponent: Expression, known: readonly Power[]): Operand | null {
    const { algebra } = this;
    for (const { exponent: other, operand } of known) {
      if (exponent === algebra.product([algebra.number(2), other]))
        return this.step("rows", "multiply", [operand, operand]);
      if (exponent === algebra.sum([other, algebra.number(-1)]))
        return this.step("rows", "powerBelow", [this.lower(base), this.lower(exponent), operand]);
    }
    return null;
  }

  private newPower(base: Expression, exponent: Expression, stage: Stage): Operand {
    const { algebra } = this;
    if (this.stageOf(base) === "columns" && this.layout.isPositive(base)) {
      return this.step(stage, "exp", [this.lower(algebra.product([exponent, algebra.call("log", [base])]))]);
    }
    // exp and log take 5 ns each, Math.pow 34 (Node 20), and the derivative by the exponent needs the logarithm.
    const log = this.lower(algebra.call("log0", [base]));
    return this.step(stage, "softPower", [this.lower(base), this.lower(exponent), log]);
  }

  /** Small powers by multiplication: exact for squares, and ten times as fast as Math.pow. */
  private numberPower(base: Operand, exponent: number, stage: Stage): Operand {
    const size = Math.abs(exponent);
    if (exponent < 0) {
      return this.step(stage, "divide", [constant(1), this.numberPower(base, size, stage)]);
    }
    if (size === 0.5) return this.step(stage, "sqrt", [base]);
    if (size === 1) return base;
    if (size === 2 || size === 3) return this.step(stage, "multiply", Array<Operand>(size).fill(base));
    return this.step(stage, "power", [base, constant(exponent)]);
  }

  private call(fn: FunctionName, args: readonly Expression[], stage: Stage): Operand {
    const [first] = args;
    if (fn === "log0" && this.stageOf(first) === "columns" && this.layout.isPositive(first)) {
      return this.lower(this.algebra.call("log", [first]));
    }
    return this.step(
      stage,
      fn,
      args.map((arg) => this.lower(arg)),
    );
  }
}

/** The program that computes the given nodes of an algebra, in their order. */
export function programFor(nodes: readonly Expression[], algebra: Algebra, layout: Layout): Program {
  return new Compiler(algebra, layout).program(nodes);
}
