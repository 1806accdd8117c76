import { functionRule, special } from "./functions.js";
import { LEAST_WITH_ALL_DIGITS, type Operand, type Program, type Step } from "./program.js";

/**
 * Runs a program: `columns` in the program's order, `parameters` in the law's. Output k of the program goes to
 * `outputs`: value, then Jacobian, then packed Hessian, as many as are given, each by columns of as many numbers as rows.
 */
export type Run = (
  parameters: Float64Array,
  columns: readonly Float64Array[],
  rows: number,
  outputs: readonly Float64Array[],
) => void;

/** How many outputs of a program go to each output array. */
export type Widths = readonly number[];

/**
 * The program as JavaScript. The text consists of our own words, indices and literals of finite numbers: no name
 * and no character of the user's formula is in it.
 */
function source(program: Program, widths: Widths): string {
  const columns = program.columns.map((_, k) => `const c${k} = columns[${k}];`);
  const outputs = widths.map((_, k) => `const o${k} = outputs[${k}];`);
  const fixed = program.fixed.map((step, k) => `const f${k} = ${stepText(step)};`);
  const rows = program.rows.map((step, k) => `const r${k} = ${stepText(step)};`);
  const places = widths.flatMap((width, k) =>
    Array.from({ length: width }, (_, j) => (j === 0 ? `o${k}[i]` : `o${k}[${j} * rows + i]`)),
  );
  const stores = program.outputs.map((operand, k) => `${places[k]} = ${operandText(operand)};`);
  const loop = ["for (let i = 0; i < rows; i++) {", ...rows, ...stores, "}"];
  const body = [...columns, ...outputs, ...fixed, ...loop];
  return ['"use strict";', "return (parameters, columns, rows, outputs) => {", ...body, "};"].join("\n");
}

function operandText(operand: Operand): string {
  switch (operand.from) {
    case "constant":
      return operand.value < 0 || Object.is(operand.value, -0) ? `(${operand.value})` : `${operand.value}`;
    case "parameter":
      return `parameters[${operand.index}]`;
    case "fixed":
      return `f${operand.index}`;
    case "column":
      return `c${operand.index}[i]`;
    case "row":
      return `r${operand.index}`;
  }
}

function stepText(step: Step): string {
  const operands = step.operands.map(operandText);
  const [a, b, c] = operands;
  switch (step.operation) {
    case "add":
      return operands.join(" + ");
    case "multiply":
      return operands.join(" * ");
    case "divide":
      return `${a} / ${b}`;
    case "negate":
      return `-${a}`;
    case "power":
      return `Math.pow(${a}, ${b})`;
    case "softPower":
      return `${a} > 0 && ${a} < Infinity ? Math.exp(${b} * ${c}) : Math.pow(${a}, ${b})`;
    case "powerBelow":
      return `${a} > 0 && ${c} > ${LEAST_WITH_ALL_DIGITS} && ${c} < Infinity ? ${c} / ${a} : Math.pow(${a}, ${b})`;
    default:
      return functionRule(step.operation).javascript(operands);
  }
}

/** Compiles a program with `new Function`; returns null where that is forbidden (a page's content security policy). */
export function generate(program: Program, widths: Widths): Run | null {
  try {
    return new Function("special", source(program, widths))(special) as Run;
  } catch (error) {
    if (error instanceof EvalError) return null;
    throw error;
  }
}
