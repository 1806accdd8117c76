import { generate } from "./generate.js";
import { interpreter } from "./interpret.js";
import type { Operand, Operation, Program, Step } from "./program.js";
import { type Expression, namesOf } from "./tree.js";

/** Values of a formula over columns, for one set of its other names. */
type ColumnValues = (
  parameters: Float64Array,
  columns: readonly Float64Array[],
  rows: number,
  out: Float64Array,
) => void;

/**
 * A formula over columns, computed just as it is written: each value has the very bits that `evaluate` gives for its row,
 * which `compileColumns`, made for speed and derivatives, does not promise.
 *
 * @param columns, parameters  the names that vary by row, and those that do not
 */
export function compileAsWritten(
  expression: Expression,
  columns: readonly string[],
  parameters: readonly string[],
): ColumnValues {
  const program = asWritten(expression, columns, parameters);
  const run = generate(program, [1]) ?? interpreter(program, [1]);
  return (at, of, rows, out) => run(at, of, rows, [out]);
}

function asWritten(
  expression: Expression,
  columns: readonly string[],
  parameters: readonly string[],
): Program {
  const fixed: Step[] = [];
  const rows: Step[] = [];
  const varying = new Set(columns);
  const lowered = new Map<Expression, Operand>();
  const step = (node: Expression, operation: Operation, of: readonly Expression[]): Operand => {
    const operands = of.map(lower);
    const isFixed = !namesOf(node).some((name) => varying.has(name));
    const list = isFixed ? fixed : rows;
    list.push({ operation, operands });
    return { from: isFixed ? "fixed" : "row", index: list.length - 1 };
  };
  function lower(node: Expression): Operand {
    const known = lowered.get(node);
    if (known !== undefined) return known;
    const operand = operandFor(node);
    lowered.set(node, operand);
    return operand;
  }
  function operandFor(node: Expression): Operand {
    switch (node.kind) {
      case "number":
        return { from: "constant", value: node.value };
      case "constant":
        return { from: "constant", value: Math.PI };
      case "name":
        return varying.has(node.name)
          ? { from: "column", index: columns.indexOf(node.name) }
          : { from: "parameter", index: parameters.indexOf(node.name) };
      case "negate":
        return step(node, "negate", [node.of]);
      case "sum":
        return step(node, "add", node.terms);
      case "product":
        return step(node, "multiply", node.factors);
      case "quotient":
        return step(node, "divide", [node.numerator, node.denominator]);
      case "power":
        return step(node, "power", [node.base, node.exponent]);
      case "call":
        return step(node, node.fn, node.args);
    }
  }
  const output = lower(expression);
  return {
    fixed,
    rows,
    columns: columns.map((name) => ({ kind: "name", name })),
    outputs: [output],
  };
}
