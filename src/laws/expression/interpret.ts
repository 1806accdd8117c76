import { functionRule } from "./functions.js";
import type { Run, Widths } from "./generate.js";
import { LEAST_WITH_ALL_DIGITS, type Operand, type Operation, type Program, type Step } from "./program.js";

/** Rows taken at a time: the intermediate values of a block stay in the cache, however many rows there are. */
const BLOCK = 512;

/** A run of numbers: `from[start + i * stride]`; the stride of a number that is the same in all rows is 0. */
interface View {
  readonly from: Float64Array;
  readonly start: number;
  readonly stride: 0 | 1;
}

const single = (value: number): View => ({ from: Float64Array.of(value), start: 0, stride: 0 });

/** The program step by step, each over a block of rows: the same operations in the same order as generated code. */
export function interpreter(program: Program, widths: Widths): Run {
  return (parameters, columns, rows, outputs) => {
    const fixed: View[] = [];
    const scalar = (operand: Operand): View => {
      if (operand.from === "constant") return single(operand.value);
      if (operand.from === "parameter") return single(parameters[operand.index]);
      return fixed[operand.index];
    };
    for (const step of program.fixed) {
      const out = new Float64Array(1);
      apply(step, step.operands.map(scalar), 1, out);
      fixed.push({ from: out, start: 0, stride: 0 });
    }
    const slots = program.rows.map(() => new Float64Array(Math.min(rows, BLOCK)));
    for (let start = 0; start < rows; start += BLOCK) {
      const count = Math.min(BLOCK, rows - start);
      const view = (operand: Operand): View => {
        if (operand.from === "row") return { from: slots[operand.index], start: 0, stride: 1 };
        if (operand.from !== "column") return scalar(operand);
        return { from: columns[operand.index], start, stride: 1 };
      };
      program.rows.forEach((step, k) => {
        apply(step, step.operands.map(view), count, slots[k]);
      });
      store(program.outputs.map(view), widths, start, count, rows, outputs);
    }
  };
}

function store(
  values: readonly View[],
  widths: Widths,
  start: number,
  count: number,
  rows: number,
  outputs: readonly Float64Array[],
): void {
  let first = 0;
  widths.forEach((width, k) => {
    const out = outputs[k];
    for (let j = 0; j < width; j += 1) {
      const { from, start: begin, stride } = values[first + j];
      for (let i = 0; i < count; i += 1) out[j * rows + start + i] = from[begin + i * stride];
    }
    first += width;
  });
}

function apply(step: Step, operands: readonly View[], count: number, out: Float64Array): void {
  const [a, b, c] = operands;
  if (step.operation === "add" || step.operation === "multiply") {
    const isSum = step.operation === "add";
    for (let i = 0; i < count; i += 1) out[i] = at(a, i);
    for (const next of operands.slice(1)) {
      if (isSum) for (let i = 0; i < count; i += 1) out[i] = out[i] + at(next, i);
      else for (let i = 0; i < count; i += 1) out[i] = out[i] * at(next, i);
    }
    return;
  }
  if (step.operation === "softPower") {
    for (let i = 0; i < count; i += 1) out[i] = softPower(at(a, i), at(b, i), at(c, i));
    return;
  }
  if (step.operation === "powerBelow") {
    for (let i = 0; i < count; i += 1) out[i] = powerBelow(at(a, i), at(b, i), at(c, i));
    return;
  }
  const compute = computeOf(step.operation);
  if (operands.length === 1) for (let i = 0; i < count; i += 1) out[i] = compute(at(a, i));
  else if (operands.length === 2) for (let i = 0; i < count; i += 1) out[i] = compute(at(a, i), at(b, i));
  else for (let i = 0; i < count; i += 1) out[i] = compute(...operands.map((operand) => at(operand, i)));
}

const at = (view: View, i: number): number => view.from[view.start + i * view.stride];

const softPower = (base: number, exponent: number, log: number): number =>
  base > 0 && base < Infinity ? Math.exp(exponent * log) : base ** exponent;

const powerBelow = (base: number, exponent: number, above: number): number =>
  base > 0 && above > LEAST_WITH_ALL_DIGITS && above < Infinity ? above / base : base ** exponent;

function computeOf(
  operation: Exclude<Operation, "add" | "multiply" | "softPower" | "powerBelow">,
): (...args: number[]) => number {
  if (operation === "divide") return (a, b) => a / b;
  if (operation === "negate") return (a) => -a;
  if (operation === "power") return (a, b) => a ** b;
  return functionRule(operation).compute;
}
