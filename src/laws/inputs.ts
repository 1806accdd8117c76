/**
 * A point given by names -> the values of a law's inputs: under their own names, their published ones, or as lists of a
 * family; what is left out takes its neutral value where it has one.
 */
import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import { expanded, type Given, memberFor } from "./coefficients.js";
import type { InputAlias, Law, LawInput } from "./law.js";

export interface ResolvedPoint {
  /** By the law's input names; a value may be infinite where nothing limits it. */
  at: Record<string, number>;
  /** Names given that the law has no use for. */
  stray: string[];
}

/** Where a point is given, for messages: a flag, or the library's key. */
export interface PointWords {
  /** Before what is said of the point as a whole. */
  flag: string;
  /** An input at fault: `--at: N`, `at.N`. */
  place(name: string): string;
  /** A missing input: `N`, `at.N`. */
  needed(input: LawInput): string;
  /** What an input would be given with. */
  cure(input: LawInput): string;
}

/**
 * @param quantities what each input was read from (`x` -> `C`), under which it may be given too
 * @throws UsageError for a missing input, one given twice, or a value that the input cannot have
 */
export function resolvePoint(
  law: Law,
  given: Given,
  words: PointWords,
  quantities: ReadonlyMap<string, string> = new Map(),
): ResolvedPoint {
  requireMember(law, given, words);
  const numbers = expanded(law, given);
  const used = new Set<string>();
  const at: Record<string, number> = {};
  for (const input of law.inputs) {
    const value = valueIn(input, numbers, used, quantities.get(input.name), words) ?? input.neutral;
    if (value === undefined) {
      throw new UsageError({
        code: "missing-input",
        message: `the law "${law.id}" also needs ${words.needed(input)}: ${input.meaning}`,
        hint: words.cure(input),
      });
    }
    requireInRange(law, input, value, words);
    at[input.name] = value;
  }
  requireRules(law, at, words);
  const missing = new Set([...given].flatMap(([name, value]) => (value === null ? [name] : [])));
  const known = new Set(
    law.inputs.flatMap(({ name, aliases }) => [name, ...aliases.map((alias) => alias.name)]),
  );
  const stray = [...numbers.keys()].filter((name) => !used.has(name));
  return { at, stray: [...stray, ...[...missing].filter((name) => !known.has(name))] };
}

function requireMember(law: Law, given: Given, { flag }: PointWords): void {
  const member = memberFor(law, given);
  if (member === law || member.family?.size === law.family?.size) return;
  throw new UsageError({
    code: "flag",
    message: `${flag}: a list has ${member.family?.size} values, and the coefficients are for ${law.family?.size} ${law.family?.counts}`,
    hint: `give one value for each of the ${law.family?.counts}`,
  });
}

function valueIn(
  input: LawInput,
  numbers: ReadonlyMap<string, number>,
  used: Set<string>,
  quantity: string | undefined,
  { flag }: PointWords,
): number | undefined {
  const names: InputAlias[] = [
    { name: input.name },
    ...input.aliases,
    ...(quantity === undefined ? [] : [{ name: quantity }]),
  ];
  const unique = new Map(names.map((alias) => [alias.name, alias]));
  const found = [...unique].filter(([name]) => numbers.has(name));
  // The law's own name wins over the quantity it was read from, and over C: both may be there after C = 6 N D.
  const [first, second] = found;
  if (first === undefined) return undefined;
  if (second !== undefined && second[0] !== quantity && second[0] !== "C")
    throw new UsageError({
      code: "flag",
      message: `${flag}: ${first[0]} and ${second[0]} are the same input`,
      hint: "give one of them",
    });
  used.add(first[0]);
  return fromAlias(first[1], numbers.get(first[0]) as number);
}

/** An input's value from what is given under an alias. */
export const fromAlias = ({ factor = 1, base }: InputAlias, given: number): number =>
  factor * (base === undefined ? given : base ** given);

function requireInRange(law: Law, input: LawInput, value: number, { place }: PointWords): void {
  if (isInRange(input, value)) return;
  throw new UsageError({
    code: "flag",
    message: `${place(input.name)} ${rangeWords(input)}, not ${value}`,
    why: `${input.meaning} of the law "${law.id}"`,
  });
}

/** Whether an input can have this value; a limit that is infinite may be. */
export function isInRange({ range: [low, high], zero, neutral }: LawInput, value: number): boolean {
  if (value === neutral) return true;
  return value >= low && value <= high && !(value === 0 && low === 0 && !zero);
}

/** `must be above 0`, `must be from 0 to 1`. */
export function rangeWords({ range: [low, high], zero }: LawInput): string {
  const isOpen = low === 0 && !zero;
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return "must be a number";
  if (high === Number.POSITIVE_INFINITY) return isOpen ? "must be above 0" : `must be ${low} or more`;
  if (low === Number.NEGATIVE_INFINITY) return `must be ${high} or less`;
  return isOpen ? `must be above 0 and at most ${high}` : `must be from ${low} to ${high}`;
}

function requireRules(law: Law, at: Record<string, number>, { flag }: PointWords): void {
  const broken = law.rules.find((rule) => rule.rowsOnly !== true && !rule.holds(at));
  if (broken !== undefined)
    throw new UsageError({ code: broken.code, message: `${flag}: ${broken.reason}`, hint: broken.hint });
  requireWhole(law, at, flag);
}

/** Shares may miss a sum of 1 by so much, which is put down to rounding. */
export const SHARE_TOLERANCE = 0.01;

/** Brings shares to a sum of 1, in place. @throws UsageError where they miss it by more than rounding */
function requireWhole(law: Law, at: Record<string, number>, flag: string): void {
  if (law.simplex.length === 0) return;
  const total = law.simplex.reduce((sum, name) => sum + at[name], 0);
  if (Math.abs(total - 1) > SHARE_TOLERANCE) {
    throw new UsageError({
      code: "mixture-sum",
      message: `${flag}: the shares ${law.simplex.map((name) => quoteText(name)).join(", ")} add up to ${Number(total.toPrecision(6))}, not to 1`,
      hint: "give shares of one whole",
    });
  }
  for (const name of law.simplex) at[name] /= total;
}
