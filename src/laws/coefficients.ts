/**
 * Coefficients under the names people publish them: our own, `ln` + name for positive ones, and a law's aliases.
 */
import { UsageError } from "../errors.js";
import type { Law, Preset } from "./law.js";

export interface ResolvedCoefficients {
  values: Record<string, number>;
  /** Parameters that were left out and took the value without effect. */
  neutral: string[];
}

/**
 * The law's parameters from given names.
 *
 * @throws UsageError for an unknown name, a missing parameter without a neutral value, or a value that is no number
 */
export function resolveCoefficients(law: Law, given: ReadonlyMap<string, number>): ResolvedCoefficients {
  const left = new Set(given.keys());
  const values: Record<string, number> = {};
  const take = (name: string, value: number, uses: readonly string[]) => {
    values[name] = value;
    for (const used of uses) left.delete(used);
  };
  for (const parameter of law.parameters) {
    const { name } = parameter;
    const direct = given.get(name);
    const logarithm = parameter.positive ? given.get(`ln${name}`) : undefined;
    if (direct !== undefined && logarithm !== undefined) {
      throw new UsageError({
        code: "coefficients",
        message: `both ${name} and ln${name} are given`,
        hint: "give one of them",
      });
    }
    if (direct !== undefined) take(name, direct, [name]);
    else if (logarithm !== undefined) take(name, Math.exp(logarithm), [`ln${name}`]);
  }
  for (const alias of law.aliases) {
    const found = alias(given);
    if (found !== null && values[found.name] === undefined) take(found.name, found.value, found.uses);
  }
  const neutral: string[] = [];
  const missing: string[] = [];
  for (const { name, neutral: value } of law.parameters) {
    if (values[name] !== undefined) continue;
    if (value === undefined) missing.push(name);
    else {
      values[name] = value;
      neutral.push(name);
    }
  }
  const names = law.parameters.map((parameter) => parameter.name).join(", ");
  if (left.size > 0) {
    throw new UsageError({
      code: "coefficients",
      message: `the law "${law.id}" has no coefficient called "${[...left][0]}"`,
      hint: `its coefficients are ${names}`,
    });
  }
  if (missing.length > 0) {
    throw new UsageError({
      code: "coefficients",
      message: `the law "${law.id}" also needs ${missing.join(", ")}`,
      hint: `give all of ${names}, for example --coefficients ${law.parameters.map((p) => `${p.name}=...`).join(",")}`,
    });
  }
  for (const parameter of law.parameters) {
    const value = values[parameter.name];
    const [low, high] = parameter.bounds;
    // A published exponent may lie outside the range a fit searches; its sign may not.
    if (
      !Number.isFinite(value) ||
      value < Math.min(low, 0) ||
      (low > 0 && value <= 0) ||
      (low >= 0 && value < 0) ||
      value > Math.max(high, 1e300)
    ) {
      throw new UsageError({
        code: "coefficients",
        message: `${parameter.name} cannot be ${value}`,
        why: `${parameter.meaning}; it must be ${low > 0 ? "above 0" : "0 or more"}`,
      });
    }
  }
  return { values: Object.fromEntries(law.parameters.map(({ name }) => [name, values[name]])), neutral };
}

export function presetCoefficients(law: Law, preset: Preset): Record<string, number> {
  return resolveCoefficients(law, new Map(Object.entries(preset.values))).values;
}
