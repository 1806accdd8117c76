import { evaluate } from "./expression/index.js";
import type { Law } from "./law.js";

/** The law's value at one point; inputs may be infinite (the law's limit there). */
export function evaluateLaw(
  law: Law,
  coefficients: Record<string, number>,
  at: Record<string, number>,
): number {
  const values = new Map<string, number>();
  for (const parameter of law.parameters) values.set(parameter.name, coefficients[parameter.name]);
  for (const input of law.inputs) values.set(input.name, at[input.name]);
  return evaluate(law.expression, values);
}
