import { compileAsWritten, compilePoint, type Expression, type PointFunction } from "./expression/index.js";
import { constant } from "./jet.js";
import type { Coefficients, Law, Point } from "./law.js";

/** The law's value at one point; inputs may be infinite (the law's limit there). Of several outputs the first. */
export function evaluateLaw(law: Law, coefficients: Coefficients, at: Point): number {
  if (law.stages.length > 0) return evaluateOutputs(law, coefficients, at)[law.output.name];
  return ofOne(law, coefficients, at);
}

/** All outputs by name. */
export function evaluateOutputs(law: Law, coefficients: Coefficients, at: Point): Record<string, number> {
  if (law.stages.length === 0) return { [law.output.name]: ofOne(law, coefficients, at) };
  const known: Record<string, number> = { ...at };
  for (const stage of law.stages) known[stage.output.name] = ofOne(stage, coefficients, known);
  return Object.fromEntries(law.outputs.map(({ name }) => [name, known[name]]));
}

function ofOne(law: Law, coefficients: Coefficients, at: Point): number {
  const { expression, compute } = law;
  if (expression === null) {
    const jets = (names: readonly { name: string }[], values: Coefficients) =>
      Object.fromEntries(names.map(({ name }) => [name, constant(values[name])]));
    return compute === null
      ? Number.NaN
      : compute(jets(law.parameters, coefficients), jets(law.inputs, at)).v;
  }
  return pointFunctionOf(law, expression)(coefficients, at);
}

const compiled = new WeakMap<Law, PointFunction>();

/** The formula of a law, compiled when it is first evaluated. */
function pointFunctionOf(law: Law, expression: Expression): PointFunction {
  const known = compiled.get(law);
  if (known !== undefined) return known;
  const made = compilePoint(expression, new Set(law.inputs.map(({ name }) => name)));
  compiled.set(law, made);
  return made;
}

/**
 * The law for many sets of coefficients, each at a point of its own, with the bits of `evaluateLaw` for each.
 *
 * @returns values in the order of `coefficients`, of columns in the order of the law's inputs, one value a set
 */
export function lawAcross(
  law: Law,
  coefficients: readonly Coefficients[],
): (columns: readonly Float64Array[]) => Float64Array {
  const rows = coefficients.length;
  const inputs = law.inputs.map(({ name }) => name);
  const { expression } = law;
  if (expression === null)
    return (columns) =>
      Float64Array.from(coefficients, (c, b) =>
        evaluateLaw(law, c, Object.fromEntries(inputs.map((name, k) => [name, columns[k][b]]))),
      );
  const names = law.parameters.map(({ name }) => name);
  const own = names.map((name) => columnOf(coefficients, name));
  const values = compileAsWritten(expression, [...names, ...inputs], []);
  return (columns) => {
    const out = new Float64Array(rows);
    values(new Float64Array(0), [...own, ...columns], rows, out);
    return out;
  };
}

/** One coefficient in every set. */
function columnOf(coefficients: readonly Coefficients[], name: string): Float64Array {
  const column = new Float64Array(coefficients.length);
  for (let b = 0; b < column.length; b++) column[b] = coefficients[b][name];
  return column;
}

/**
 * The law at one point for many sets of coefficients: the same bits as `evaluateLaw` gives for each, of a law that is one
 * formula a hundred times as fast. Chains and laws that no formula can hold are evaluated one by one.
 *
 * @returns values in the order of `coefficients`; the array is used again by the next call
 */
export function lawOver(law: Law, coefficients: readonly Coefficients[]): (at: Point) => Float64Array {
  const out = new Float64Array(coefficients.length);
  const { expression } = law;
  if (expression === null)
    return (at) => {
      for (let b = 0; b < out.length; b++) out[b] = evaluateLaw(law, coefficients[b], at);
      return out;
    };
  const names = law.parameters.map(({ name }) => name);
  const columns = names.map((name) => columnOf(coefficients, name));
  const inputs = law.inputs.map(({ name }) => name);
  const values = compileAsWritten(expression, names, inputs);
  const point = new Float64Array(inputs.length);
  return (at) => {
    inputs.forEach((name, k) => {
      point[k] = at[name];
    });
    values(point, columns, out.length, out);
    return out;
  };
}
