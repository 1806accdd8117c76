import { evaluate } from "./expression/index.js";
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
  const values = new Map<string, number>();
  for (const { name } of law.parameters) values.set(name, coefficients[name]);
  for (const { name } of law.inputs) values.set(name, at[name]);
  return evaluate(expression, values);
}
