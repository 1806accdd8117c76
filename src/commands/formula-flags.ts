/**
 * `--formula`, `--param`, `--fix` and `--tie`: a law of one's own and what is known of its parameters.
 */
import { UsageError } from "../errors.js";
import { NO_CHOICES, type ParameterChoices } from "../fit/layout.js";
import { type Expression, namesOf, parseFormula } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import { parseNumber } from "../logs/numbers.js";
import { nearest, quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { listFlag } from "./flags.js";

const fault = (flag: string, text: string, why: string, hint: string): UsageError =>
  new UsageError({ code: "flag", message: `${flag}: cannot use ${quoteText(text)}`, why, hint });

const NAME = "([A-Za-z_][A-Za-z0-9_]*)";
const PARAM = new RegExp(`^\\s*${NAME}\\s*=\\s*([^:\\[\\]]*?)\\s*(?::\\s*\\[([^,\\]]*),([^,\\]]*)\\])?\\s*$`);
const ASSIGNED = new RegExp(`^\\s*${NAME}\\s*=\\s*(.+?)\\s*$`, "s");

/** What the flags say of a law's parameters. @throws UsageError */
export function parameterChoices(flags: RawFlags, law: Law): ParameterChoices {
  const [params, fixes, ties] = ["param", "fix", "tie"].map((name) => listFlag(flags, name));
  if (params.length + fixes.length + ties.length === 0) return NO_CHOICES;
  const starts = new Map<string, number>();
  const bounds = new Map<string, readonly [number, number]>();
  const fixed = new Map<string, number>();
  const tied = new Map<string, Expression>();
  for (const text of params) readParam(law, text, starts, bounds);
  for (const text of fixes) {
    const [name, value] = assigned(law, "--fix", text, "--fix beta=0.3");
    fixed.set(name, number("--fix", text, value));
  }
  for (const text of ties) {
    const [name, value] = assigned(law, "--tie", text, '--tie "beta=alpha"');
    tied.set(name, tieExpression(law, name, value, text));
  }
  for (const name of tied.keys()) {
    if (fixed.has(name)) throw fault("--tie", name, "it is fixed too", "fix it or tie it");
  }
  for (const name of starts.keys()) {
    if (fixed.has(name) || tied.has(name))
      throw fault("--param", name, "it is fixed or tied, so it has no start", "leave --param out for it");
  }
  return { starts, bounds, fixed, tied };
}

function readParam(
  law: Law,
  text: string,
  starts: Map<string, number>,
  bounds: Map<string, readonly [number, number]>,
): void {
  const example = 'the form is NAME=START or NAME=START:[LOW,HIGH], for example --param "b2=1e-4:[0,1]"';
  const match = PARAM.exec(text);
  if (match === null) throw fault("--param", text, "it is not of the form NAME=START:[LOW,HIGH]", example);
  const [, name, start, low, high] = match;
  requireParameter(law, "--param", name);
  if (starts.has(name) || bounds.has(name))
    throw fault("--param", text, `${name} is given twice`, "give it once");
  if (start === "" && low === undefined)
    throw fault("--param", text, "neither a start nor bounds are given", example);
  const limits = low === undefined ? null : ([bound(text, low, -1), bound(text, high, 1)] as const);
  if (limits !== null) {
    if (!(limits[0] < limits[1]))
      throw fault("--param", text, "the lower bound is not below the upper one", example);
    bounds.set(name, limits);
  }
  if (start === "") return;
  const value = number("--param", text, start);
  if (limits !== null && !(value >= limits[0] && value <= limits[1])) {
    throw fault("--param", text, "the start lies outside the bounds", example);
  }
  starts.set(name, value);
}

/** A bound; empty or `inf` is none. */
function bound(text: string, value: string, side: 1 | -1): number {
  const trimmed = value.trim();
  return /^[+-]?(inf(inity)?)?$/i.test(trimmed)
    ? side * Number.POSITIVE_INFINITY
    : number("--param", text, trimmed);
}

function number(flag: string, text: string, value: string): number {
  const parsed = parseNumber(value, "plain", "flag");
  if ("fault" in parsed) throw fault(flag, text, parsed.fault, `for example ${flag} beta=0.3`);
  return parsed.value;
}

function assigned(law: Law, flag: string, text: string, example: string): [string, string] {
  const match = ASSIGNED.exec(text);
  if (match === null) throw fault(flag, text, "the form is NAME=VALUE", `for example ${example}`);
  requireParameter(law, flag, match[1]);
  return [match[1], match[2]];
}

function tieExpression(law: Law, name: string, value: string, text: string): Expression {
  const expression = parseFormula(value);
  for (const used of namesOf(expression)) {
    requireParameter(law, "--tie", used);
    if (used === name)
      throw fault("--tie", text, `${name} is tied to itself`, 'for example --tie "beta=alpha"');
  }
  return expression;
}

function requireParameter(law: Law, flag: string, name: string): void {
  const names = law.parameters.map((parameter) => parameter.name);
  if (names.includes(name)) return;
  const near = nearest(name, names);
  throw new UsageError({
    code: "unknown-parameter",
    message: `${flag}: the law has no parameter called ${quoteText(name)}`,
    hint:
      near.length > 0
        ? `did you mean ${near.join(" or ")}?`
        : `its parameters are ${names.slice(0, 20).join(", ")}`,
  });
}
