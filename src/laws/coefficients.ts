/**
 * Coefficients under the names people publish them: our own, `ln` + name for positive ones, a law's aliases, and lists
 * (`c=[0.49,-0.81]`) for a family, whose length says which member is meant.
 */
import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import type { Law, LawParameter, Preset, PresetValues } from "./law.js";

/** Values by name as given: numbers, lists, or null for what is missing. */
export type Given = ReadonlyMap<string, number | readonly number[] | null>;

export interface ResolvedCoefficients {
  /** The law itself, or the member of its family that the lists' length says. */
  law: Law;
  values: Record<string, number>;
  /** Parameters that were left out and took the value without effect. */
  neutral: string[];
}

/**
 * The law's parameters from given names.
 *
 * @throws UsageError for an unknown name, a missing parameter without a neutral value, or a value that is no number
 */
export function resolveCoefficients(asked: Law, given: Given): ResolvedCoefficients {
  const law = memberFor(variantFor(asked, given), given);
  const numbers = expanded(law, given);
  const left = new Set(numbers.keys());
  const values: Record<string, number> = {};
  const take = (name: string, value: number, uses: readonly string[]) => {
    values[name] = value;
    for (const used of uses) left.delete(used);
  };
  for (const parameter of law.parameters) {
    const { name } = parameter;
    const direct = numbers.get(name);
    const logarithm = parameter.positive ? numbers.get(`ln${name}`) : undefined;
    if (direct !== undefined && logarithm !== undefined)
      throw fault(`both ${name} and ln${name} are given`, "give one of them");
    if (direct !== undefined) take(name, direct, [name]);
    else if (logarithm !== undefined) take(name, Math.exp(logarithm), [`ln${name}`]);
  }
  for (const alias of law.aliases) {
    const found = alias(numbers);
    if (found !== null && values[found.name] === undefined) take(found.name, found.value, found.uses);
  }
  const neutral = fillNeutral(law, values);
  const names = law.parameters.map((parameter) => parameter.name).join(", ");
  if (left.size > 0)
    throw fault(
      `the law "${law.id}" has no coefficient called "${[...left][0]}"`,
      `its coefficients are ${names}`,
    );
  const missing = law.parameters.map(({ name }) => name).filter((name) => values[name] === undefined);
  if (missing.length > 0) {
    const example = law.parameters.map((p) => `${p.name}=...`).join(",");
    throw fault(
      `the law "${law.id}" also needs ${missing.join(", ")}`,
      `give all of ${names}, for example --coefficients ${example}`,
    );
  }
  for (const parameter of law.parameters) requirePossible(parameter, values[parameter.name]);
  return { law, values: Object.fromEntries(law.parameters.map(({ name }) => [name, values[name]])), neutral };
}

/** The form that the names of the coefficients mean; the law itself unless one of its variants knows them all. */
function variantFor(law: Law, given: Given): Law {
  const isOf = ({ parameters }: Law) =>
    [...given.keys()].every((key) =>
      parameters.some(({ name, positive }) => key === name || (positive && key === `ln${name}`)),
    );
  return given.size === 0 ? law : (law.variants.find(isOf) ?? law);
}

const fault = (message: string, hint?: string): UsageError =>
  new UsageError({ code: "coefficients", message, hint });

/** The member of a family that lists of this length mean. @throws UsageError for lists of unequal or impossible length */
export function memberFor(law: Law, given: Given): Law {
  const { family } = law;
  const lists = [...given].flatMap(([name, value]) =>
    Array.isArray(value) ? [{ name, size: value.length }] : [],
  );
  if (lists.length === 0) return law;
  const stray = lists.find(({ name }) => !family?.lists.includes(name));
  if (family === null || stray !== undefined) {
    throw fault(
      `the law "${law.id}" takes no list called ${quoteText(stray?.name ?? lists[0].name)}`,
      family === null ? undefined : `its lists are ${family.lists.join(", ")}`,
    );
  }
  const [{ name, size }, ...others] = lists;
  const unequal = others.find((other) => other.size !== size);
  if (unequal !== undefined)
    throw fault(
      `${name} has ${size} values and ${unequal.name} has ${unequal.size}`,
      `give lists of one length: one value for each of the ${family.counts}`,
    );
  const [least, most] = family.limits;
  if (size < least || size > most)
    throw fault(`${name} has ${size} values: the law "${law.id}" takes ${least} to ${most} ${family.counts}`);
  return family.of(size);
}

/** Lists as single numbers, c=[1,2] as c1 and c2; what is missing (null) is left out. */
export function expanded(law: Law, given: Given): Map<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, value] of given) {
    if (typeof value === "number") numbers.set(name, value);
    else if (value !== null) {
      value.forEach((entry, i) => {
        if (numbers.has(`${name}${i + 1}`) || given.has(`${name}${i + 1}`))
          throw fault(
            `both ${name} and ${name}${i + 1} are given for the law "${law.id}"`,
            "give one of them",
          );
        numbers.set(`${name}${i + 1}`, entry);
      });
    }
  }
  return numbers;
}

function fillNeutral(law: Law, values: Record<string, number>): string[] {
  const neutral: string[] = [];
  for (const { name, neutral: value } of law.parameters) {
    if (values[name] !== undefined || value === undefined) continue;
    values[name] = value;
    neutral.push(name);
  }
  return neutral;
}

/** A published exponent may lie outside the range a fit searches; its sign may not. */
function requirePossible({ name, meaning, bounds: [low, high] }: LawParameter, value: number): void {
  const isPossible =
    Number.isFinite(value) &&
    value >= Math.min(low, 0) &&
    !(low > 0 && value <= 0) &&
    !(low >= 0 && value < 0) &&
    !(high <= 0 && value > 0) &&
    value <= Math.max(high, 1e300);
  if (isPossible) return;
  throw new UsageError({
    code: "coefficients",
    message: `${name} cannot be ${value}`,
    why: `${meaning}; it must be ${low > 0 ? "above 0" : low === 0 ? "0 or more" : high <= 0 ? "0 or less" : "a finite number"}`,
  });
}

/** A preset's coefficients, with the member of the family that they belong to. */
export function presetCoefficients(law: Law, preset: Preset): ResolvedCoefficients {
  return resolveCoefficients(law, givenOf(preset.values));
}

export const givenOf = (values: PresetValues): Given => new Map(Object.entries(values));
