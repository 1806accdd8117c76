/**
 * From the text of a flag to its value. Every message names the flag, shows the text, and gives an example.
 */
import { UsageError } from "../errors.js";
import { type Mapping, parseMapping } from "../logs/columns.js";
import { parseInteger, parseNumber, type Quantity } from "../logs/numbers.js";
import { escapeText, nearest } from "../text.js";
import type { RawFlags } from "./command.js";

export function textFlag(flags: RawFlags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

export function listFlag(flags: RawFlags, name: string): string[] {
  const value = flags[name];
  return Array.isArray(value) ? value : [];
}

/** `--tokens`, from the camel-case name. */
export const spelled = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export function fault(flag: string, text: string, why: string, hint?: string): UsageError {
  return new UsageError({ code: "flag", message: `${flag}: cannot use "${escapeText(text)}"`, why, hint });
}

/** A number above 0, or undefined where the flag is not given. @throws UsageError */
export function positiveFlag(flags: RawFlags, name: string, quantity: Quantity): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const flag = spelled(name);
  const parsed = parseNumber(text, quantity, "flag");
  if ("fault" in parsed) throw fault(flag, text, parsed.fault);
  if (!(parsed.value > 0)) throw fault(flag, text, "it must be above 0", EXAMPLES[quantity]);
  return parsed.value;
}

const EXAMPLES: Partial<Record<Quantity, string>> = {
  flops: "for example --flops 1e22",
  params: "for example --params 7B",
  tokens: "for example --tokens 2T",
  loss: "for example --target-loss 2.1",
  usd: "for example --dollars $3M",
  hours: "for example --gpu-hours 100k",
};

/** A whole number from 0 on. @throws UsageError */
export function wholeFlag(
  flags: RawFlags,
  name: string,
  fallback: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const text = textFlag(flags, name);
  if (text === undefined) return fallback;
  const parsed = parseInteger(text);
  if ("fault" in parsed) throw fault(spelled(name), text, parsed.fault);
  if (parsed.value > most) throw fault(spelled(name), text, `it may be at most ${most}`);
  return parsed.value;
}

/** A share in (0, 1): `0.95` or `95%`. @throws UsageError */
export function shareFlag(flags: RawFlags, name: string): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const parsed = parseNumber(text, "fraction", "flag");
  if ("fault" in parsed) throw fault(spelled(name), text, parsed.fault);
  if (!(parsed.value > 0 && parsed.value < 1))
    throw fault(spelled(name), text, "it must lie between 0 and 1");
  return parsed.value;
}

/** One of a closed set. @throws UsageError with the nearest names */
export function choiceFlag<T extends string>(
  flags: RawFlags,
  name: string,
  choices: readonly T[],
  fallback: T,
): T {
  const text = textFlag(flags, name);
  if (text === undefined) return fallback;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    const near = nearest(text, choices);
    throw fault(
      spelled(name),
      text,
      `it is one of ${choices.join(", ")}`,
      near.length > 0 ? `did you mean ${near.join(" or ")}?` : undefined,
    );
  }
  return found;
}

/**
 * `N=7e9,D=2T`, lists as `c=[0.49,-0.81]`, a missing value as `P_w=null`; or the same as JSON (`{"N": 7e9}`), or
 * `@file.json` whose text `readFile` gives.
 *
 * @param quantityOf what the value of a name counts; decides its suffixes
 * @throws UsageError for text of another form, a name given twice, a value that is no number
 */
export function assignments(
  flag: string,
  text: string,
  quantityOf: (name: string) => Quantity,
  readFile: (path: string) => string,
): Map<string, Assigned> {
  const body = text.startsWith("@") ? readFile(text.slice(1)) : text;
  if (text.startsWith("@") || body.trimStart().startsWith("{")) return jsonAssignments(flag, body);
  const values = new Map<string, Assigned>();
  // A law without coefficients is given none.
  if (body.trim() === "") return values;
  for (const part of partsOf(body)) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/s.exec(part);
    if (match === null)
      throw fault(
        flag,
        part,
        "each entry is NAME=VALUE, with commas between them",
        `for example ${flag} N=7e9,D=2e12`,
      );
    const [, name, value] = match;
    if (values.has(name)) throw fault(flag, part, `${name} is given twice`);
    values.set(name, assigned(flag, part, value, quantityOf(name)));
  }
  return values;
}

/** What a name can be given: a number, a list of them, or nothing (`null`). */
export type Assigned = number | number[] | null;

/** Parts between commas that stand in no brackets. */
const partsOf = (body: string): string[] => body.split(/,(?![^[\]]*\])/);

function assigned(flag: string, part: string, text: string, quantity: Quantity): Assigned {
  if (text === "null") return null;
  const list = /^\[(.*)\]$/s.exec(text);
  const parse = (one: string): number => {
    const parsed = parseNumber(one.trim(), quantity, "flag");
    if ("fault" in parsed) throw fault(flag, part, parsed.fault);
    return parsed.value;
  };
  if (list === null) return parse(text);
  return list[1].trim() === "" ? [] : list[1].split(",").map(parse);
}

function jsonAssignments(flag: string, body: string): Map<string, Assigned> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch (cause) {
    throw new UsageError({
      code: "flag",
      message: `${flag}: this is not JSON: ${escapeText(body)}`,
      hint: 'for example {"N": 7e9, "D": 2e12}',
      cause,
    });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw fault(flag, body, "a JSON object of names and numbers is needed");
  }
  const values = new Map<string, Assigned>();
  const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
  for (const [name, value] of Object.entries(parsed)) {
    if (value === null || isNumber(value)) values.set(name, value);
    else if (Array.isArray(value) && value.every(isNumber)) values.set(name, value);
    else throw fault(flag, name, "its value is not a number, a list of numbers or null");
  }
  return values;
}

/**
 * `Github=2,Pile-CC=1`: names may hold anything but commas and end at the last `=`; or JSON, or `@file.json`.
 *
 * @throws UsageError for another form, a name given twice, a weight below 0
 */
export function weightsFlag(
  text: string,
  readFile: (path: string) => string,
): { name: string; weight: number }[] {
  const body = text.startsWith("@") ? readFile(text.slice(1)) : text;
  const isJson = text.startsWith("@") || body.trimStart().startsWith("{");
  const weights = isJson
    ? [...jsonAssignments("--weights", body)].map(([name, weight]) => ({ name, weight }))
    : body.split(",").map(weightOf);
  return weights.map(({ name, weight }, i) => {
    if (typeof weight !== "number" || !(weight >= 0))
      throw fault("--weights", name, "a weight is a number of 0 or more", EXAMPLE_WEIGHTS);
    if (weights.findIndex((one) => one.name === name) < i)
      throw fault("--weights", name, "it is given twice");
    return { name, weight };
  });
}

const EXAMPLE_WEIGHTS = "for example --weights Github=2,Pile-CC=1";

function weightOf(part: string): { name: string; weight: number } {
  const equals = part.lastIndexOf("=");
  const name = part.slice(0, Math.max(0, equals)).trim();
  if (name === "")
    throw fault("--weights", part, "each entry is NAME=WEIGHT, with commas between them", EXAMPLE_WEIGHTS);
  const parsed = parseNumber(part.slice(equals + 1).trim(), "plain", "flag");
  if ("fault" in parsed) throw fault("--weights", part, parsed.fault, EXAMPLE_WEIGHTS);
  return { name, weight: parsed.value };
}

/** `--map` entries as a map. @throws UsageError for another form or a name mapped twice */
export function columnMap(entries: readonly string[]): Map<string, Mapping> {
  const map = new Map<string, Mapping>();
  for (const entry of entries) {
    const { name, mapping } = parseMapping(entry);
    if (map.has(name)) throw fault("--map", entry, `${name} is mapped twice`);
    map.set(name, mapping);
  }
  return map;
}

/** How a result is to be printed. @throws UsageError for two ways at once */
export function pageAsked({ csv, markdown }: RawFlags): "csv" | "markdown" | "text" {
  if (csv === true && markdown === true)
    throw new UsageError({
      code: "flags",
      message: "--csv and --markdown contradict each other",
      hint: "give one of them",
    });
  return csv === true ? "csv" : markdown === true ? "markdown" : "text";
}
