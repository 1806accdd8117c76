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
    if (fixed.has(name)) throw fault("--fix", text, `${name} is fixed twice`, "fix it once");
    const fixedAt = number("--fix", text, value);
    requireAllowed(law, "--fix", text, name, fixedAt);
    fixed.set(name, fixedAt);
  }
  for (const text of ties) {
    const [name, value] = assigned(law, "--tie", text, '--tie "beta=alpha"');
    if (tied.has(name)) throw fault("--tie", text, `${name} is tied twice`, "tie it once");
    tied.set(name, tieExpression(law, name, value, text));
  }
  for (const name of tied.keys()) {
    if (fixed.has(name)) throw fault("--tie", name, "it is fixed too", "fix it or tie it");
  }
  requireFreeTies(tied);
  for (const name of starts.keys()) {
    if (fixed.has(name) || tied.has(name))
      throw fault("--param", name, "it is fixed or tied, so it has no start", "leave --param out for it");
  }
  if (law.parameters.every(({ name }) => fixed.has(name) || tied.has(name))) {
    const flag = tied.size > 0 ? "--fix and --tie" : "--fix";
    throw new UsageError({
      code: "flags",
      message: `${flag}: all parameters of the law are held (${law.parameters.map(({ name }) => name).join(", ")}), so nothing is left to fit`,
      hint: "leave one of them free; for the value of a law that is known, scalefit predict --law ... --coefficients ...",
    });
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
  const limits =
    low === undefined ? null : ([bound(law, name, text, low, 0), bound(law, name, text, high, 1)] as const);
  if (limits !== null) {
    if (!(limits[0] < limits[1]))
      throw fault("--param", text, "the lower bound is not below the upper one", example);
    requireWithin(law, text, name, limits);
    bounds.set(name, limits);
  }
  if (start === "") return;
  const value = number("--param", text, start);
  if (limits !== null && !(value >= limits[0] && value <= limits[1])) {
    throw fault("--param", text, "the start lies outside the bounds", example);
  }
  requireAllowed(law, "--param", text, name, value);
  starts.set(name, value);
}

/** A lower (0) or upper (1) bound; empty or `inf` is the law's own, mostly none. */
function bound(law: Law, name: string, text: string, value: string, side: 0 | 1): number {
  const trimmed = value.trim();
  return /^[+-]?(inf(inity)?)?$/i.test(trimmed)
    ? boundsOf(law, name)[side]
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

/** A tie is to parameters that are fitted or fixed: chains and circles of ties would have to be read backwards. */
function requireFreeTies(tied: ReadonlyMap<string, Expression>): void {
  for (const [name, expression] of tied) {
    const other = namesOf(expression).find((used) => tied.has(used));
    if (other === undefined) continue;
    throw fault(
      "--tie",
      name,
      `it is tied to ${other}, which is tied itself`,
      `say it by what ${other} is tied to`,
    );
  }
}

const boundsOf = (law: Law, name: string): readonly [number, number] =>
  law.parameters.find((parameter) => parameter.name === name)?.bounds ?? [
    Number.NEGATIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ];

function inWords([low, high]: readonly [number, number]): string {
  return Number.isFinite(high) ? `from ${low} to ${high}` : `${low} or more`;
}

function requireAllowed(law: Law, flag: string, text: string, name: string, value: number): void {
  const [low, high] = boundsOf(law, name);
  if (value >= low && value <= high) return;
  throw fault(
    flag,
    text,
    `${name} of the law ${law.id} must be ${inWords([low, high])}`,
    "give a value in that range",
  );
}

/** Bounds may be narrower than the law's own, not wider: plan and predict rely on those. */
function requireWithin(law: Law, text: string, name: string, limits: readonly [number, number]): void {
  const [low, high] = boundsOf(law, name);
  if (limits[0] >= low && limits[1] <= high) return;
  const why = `${name} of the law ${law.id} must be ${inWords([low, high])}`;
  throw fault("--param", text, why, "give bounds in that range; an open end is none beyond the law's own");
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
