/**
 * A saved fit is read like any other hostile input: every field that is used is checked, and what is wrong is named
 * by its path.
 */

import * as v from "valibot";
import { lawById, laws } from "#catalogue";
import { InputError, UsageError } from "../errors.js";
import { CUSTOM_ID } from "../laws/from-formula.js";
import type { Law } from "../laws/law.js";
import { lawOfFit, type SavedLaw, sized } from "../laws/law-of-fit.js";
import type { SavedFit } from "../objects.js";
import { nearest, quoteText } from "../text.js";

const SCHEMA = "scalefit/fit@1";

const finite = v.pipe(v.number(), v.finite());
const limit = v.nullable(finite);
const names = v.array(v.pipe(v.string(), v.maxLength(200)));
const range = v.tuple([finite, finite]);
const text = v.string();
const rowsOfNumbers = v.array(v.array(finite));
/** A thousand draws are looked at by hand; only where one is wrong does the validator go through them to say which. */
const matrix = v.lazy((input): typeof rowsOfNumbers => (areNumbers(input) ? asItIs : rowsOfNumbers));
const asItIs = v.custom<number[][]>(() => true) as unknown as typeof rowsOfNumbers;

const areNumbers = (input: unknown): boolean =>
  Array.isArray(input) && input.every((row) => Array.isArray(row) && row.every(Number.isFinite));

const parameter = v.object({
  estimate: finite,
  low: limit,
  high: limit,
  standardError: v.optional(limit),
  reason: v.optional(text),
});

const positive = v.pipe(finite, v.gtValue(0));
const whole = v.pipe(v.number(), v.integer(), v.minValue(1));

/** How the largest rows came out; or why that is not known. */
const backtest = v.variant("m", [
  v.object({
    m: finite,
    standardError: v.nullable(v.pipe(finite, v.minValue(0))),
    heldOut: whole,
    rest: whole,
    along: v.pipe(names, v.minLength(1), v.maxLength(2)),
    cut: positive,
    largest: positive,
    decades: positive,
  }),
  v.object({ m: v.null(), reason: text }),
]);

const lawName = {
  law: text,
  size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))),
};

/** How the law was chosen: what a plan says of it. */
const choice = v.object({
  asked: text,
  ranking: v.pipe(v.array(v.object({ ...lawName, verdict: text })), v.minLength(1)),
  runnerUp: v.nullable(v.object({ ...lawName, coefficients: v.record(text, finite) })),
  reason: text,
});

const fittedLaw = v.object({
  group: v.nullable(text),
  ...lawName,
  formula: text,
  inputs: v.optional(v.array(v.object({ name: text, quantity: text, column: text }))),
  measured: v.optional(v.object({ column: text, name: v.optional(text) })),
  parameters: v.record(text, parameter),
  level: v.optional(v.pipe(v.number(), v.gtValue(0), v.ltValue(1)), 0.95),
  interval: v.optional(text, "percentile"),
  objective: v.object({
    name: text,
    delta: limit,
    deltaRule: v.optional(v.nullable(text)),
    value: finite,
    dispersion: v.optional(v.pipe(finite, v.minValue(0))),
  }),
  status: text,
  data: v.object({
    rows: v.pipe(v.number(), v.integer(), v.minValue(0)),
    used: v.pipe(v.number(), v.integer(), v.minValue(1)),
    dropped: v.optional(v.array(v.unknown()), []),
    range: v.record(text, range),
    largestProduct: v.optional(v.nullable(positive), null),
  }),
  diagnosis: v.optional(
    v.array(v.object({ code: text, rows: v.optional(v.array(v.object({ file: text, line: finite }))) })),
    [],
  ),
  choice: v.optional(choice),
  backtest: v.optional(backtest),
  draws: v.object({
    parameters: names,
    values: matrix,
    stretch: v.optional(v.pipe(finite, v.minValue(1), v.maxValue(1000))),
    covariances: v.optional(matrix),
  }),
  covariance: v.optional(
    v.nullable(v.object({ parameters: names, values: matrix, degrees: v.optional(whole) })),
    null,
  ),
  residuals: v.optional(v.array(finite), []),
  leaveOneOut: v.optional(v.object({ parameters: names, values: matrix })),
  pooled: v.optional(v.object({ way: text, families: whole })),
});

const savedFit = v.object({
  schema: v.literal(SCHEMA),
  fits: v.pipe(v.array(fittedLaw), v.minLength(1)),
  made: v.optional(
    v.object({
      seed: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 1),
      options: v.optional(v.looseObject({ groupBy: v.optional(text) })),
      inputs: v.optional(v.array(v.object({ name: text, sha256: text })), []),
    }),
  ),
});

/**
 * Reads and checks the text of a saved fit.
 *
 * @param file the name for messages
 * @throws InputError naming the file and the field
 */
export function parseSavedFit(content: string, file: string): SavedFit {
  const wrong = (message: string, why?: string, cause?: unknown) =>
    new InputError({
      code: "saved-fit",
      message,
      why,
      file,
      hint: "make it again with: scalefit fit runs.csv",
      cause,
    });
  if (content.trim() === "") throw wrong("the file is empty: it is no saved fit (the key schema is missing)");
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (cause) {
    throw wrong(
      `this is no saved fit: it is not valid JSON (${jsonPlace(content, cause)})`,
      undefined,
      cause,
    );
  }
  requireSchema(parsed, wrong);
  let result: ReturnType<typeof validate>;
  try {
    result = validate(parsed);
  } catch (cause) {
    throw wrong("the key fits is nested too deeply to be a saved fit", undefined, cause);
  }
  if (!result.success) {
    const issue = result.issues[0];
    const path = v.getDotPath(issue) ?? "(the whole document)";
    throw wrong(`the key ${quoteText(path, 120)} cannot be used`, plain(issue.message));
  }
  result.output.fits.forEach((fit, i) => {
    requireConsistent(fit, `fits.${i}`, wrong);
  });
  return result.output as unknown as SavedFit;
}

const validate = (parsed: unknown) => v.safeParse(savedFit, parsed, { abortEarly: true });

type Wrong = (message: string, why?: string) => InputError;

function requireSchema(parsed: unknown, wrong: Wrong): void {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw wrong(`this is no saved fit: a JSON object with the key schema is needed`);
  }
  const schema = Object.hasOwn(parsed, "schema") ? (parsed as { schema: unknown }).schema : undefined;
  if (schema === SCHEMA) return;
  if (schema === undefined) throw wrong('the key "schema" is missing', `a saved fit has schema ${SCHEMA}`);
  const shown = typeof schema === "string" ? quoteText(schema) : "not a text";
  const future = typeof schema === "string" && /^scalefit\/fit@\d+$/.test(schema);
  throw wrong(
    `the key "schema" is ${shown}, and this version reads ${SCHEMA}`,
    future
      ? "the file was written by another version of scalefit"
      : "the file was written by another program or command",
  );
}

type Fitted = v.InferOutput<typeof fittedLaw>;

function knownLaw(fit: SavedLaw, path: string, wrong: Wrong): Law | undefined {
  if (fit.law !== CUSTOM_ID) {
    const law = lawById(fit.law);
    return law === undefined ? undefined : sized(law, fit.size);
  }
  if (fit.inputs === undefined)
    throw wrong(
      `the key "${path}.inputs" is missing`,
      "without it, which names of the formula are columns is not known",
    );
  try {
    return lawOfFit(fit);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw wrong(`the key "${path}.formula" cannot be used`, plain(error.message));
  }
}

/** What types alone cannot say: the law is known, its parameters are all there and have possible values. */
function requireConsistent(fit: Fitted, path: string, wrong: Wrong): void {
  const law = knownLaw(fit, path, wrong);
  if (law === undefined) {
    const near = nearest(
      fit.law,
      laws.map(({ id }) => id),
    );
    throw wrong(
      `the key "${path}.law" names ${quoteText(fit.law)}, which is no law of this version`,
      near.length > 0 ? `the nearest is ${near.join(", ")}` : undefined,
    );
  }
  for (const { name, bounds } of law.parameters) {
    const key = `${path}.parameters.${name}`;
    if (!Object.hasOwn(fit.parameters, name))
      throw wrong(`the key "${key}" is missing`, `the law ${law.id} needs it`);
    const { estimate } = fit.parameters[name];
    if (estimate < bounds[0] || estimate > bounds[1]) {
      throw wrong(
        `the key "${key}.estimate" is ${estimate}`,
        `${law.id} needs a value from ${bounds[0]} on: no optimum exists otherwise`,
      );
    }
  }
  const expected = law.parameters.map(({ name }) => name);
  requireMatrix(fit.draws, `${path}.draws`, expected, null, wrong);
  if (fit.leaveOneOut !== undefined)
    requireMatrix(fit.leaveOneOut, `${path}.leaveOneOut`, expected, null, wrong);
  requireCovariances(fit.draws, `${path}.draws.covariances`, expected.length, wrong);
  if (fit.covariance !== null)
    requireMatrix(fit.covariance, `${path}.covariance`, expected, expected.length, wrong);
  for (const [name, [low, high]] of Object.entries(fit.data.range)) {
    const input = law.inputs.find((one) => one.name === name);
    // Shares and scores may be 0 or less; parameters, tokens and the like may not.
    const mayBeLess = law.isCustom || input?.zero === true || (input?.range[0] ?? 0) < 0;
    if (!(high >= low && (low > 0 || mayBeLess)))
      throw wrong(`the key "${path}.data.range.${plain(name)}" is no range above 0`);
  }
  requireInputs(fit, law, `${path}.backtest.along`, wrong);
  if (fit.choice?.runnerUp != null) requireRunnerUp(fit.choice.runnerUp, `${path}.choice.runnerUp`, wrong);
  if (fit.inputs === undefined) {
    fit.inputs = law.inputs.map(({ name }) => ({ name, quantity: name, column: name }));
  }
}

/** The next law is one of this version, with a possible value for each of its parameters. */
function requireRunnerUp(
  { law, size, coefficients }: NonNullable<NonNullable<Fitted["choice"]>["runnerUp"]>,
  path: string,
  wrong: Wrong,
): void {
  const next = lawById(size === undefined ? law : `${law}:${size}`);
  if (next === undefined)
    throw wrong(`the key "${path}.law" names ${quoteText(law)}, which is no law of this version`);
  for (const { name, bounds } of next.parameters) {
    const value = Object.hasOwn(coefficients, name) ? coefficients[name] : Number.NaN;
    if (value >= bounds[0] && value <= bounds[1]) continue;
    throw wrong(
      `the key "${path}.coefficients.${name}" is ${Number.isNaN(value) ? "missing" : `out of bounds: ${value}`}`,
    );
  }
}

function requireMatrix(
  matrix: { parameters: string[]; values: number[][] },
  path: string,
  expected: readonly string[],
  rows: number | null,
  wrong: Wrong,
): void {
  const same =
    matrix.parameters.length === expected.length &&
    expected.every((name, j) => matrix.parameters[j] === name);
  if (!same)
    throw wrong(`the key "${path}.parameters" does not list the law's parameters (${expected.join(", ")})`);
  if (rows !== null && matrix.values.length !== rows)
    throw wrong(`the key "${path}.values" needs ${rows} rows`);
  const bad = matrix.values.findIndex((row) => row.length !== expected.length);
  if (bad >= 0) throw wrong(`the key "${path}.values.${bad}" needs ${expected.length} numbers`);
}

/** What a backtest goes along are inputs of the law. */
function requireInputs({ backtest: found }: Fitted, { inputs }: Law, path: string, wrong: Wrong): void {
  if (found === undefined || found.m === null) return;
  const stray = found.along.find((name) => inputs.every((input) => input.name !== name));
  if (stray !== undefined)
    throw wrong(`the key "${path}" names ${quoteText(stray)}, which is no input of the law`);
}

/** One lower triangle a draw. */
function requireCovariances(
  { values, covariances }: SavedFit["fits"][number]["draws"],
  path: string,
  p: number,
  wrong: Wrong,
): void {
  if (covariances === undefined) return;
  if (covariances.length !== values.length) throw wrong(`the key "${path}" needs one entry a draw`);
  const size = (p * (p + 1)) / 2;
  const bad = covariances.findIndex((packed) => packed.length !== size);
  if (bad >= 0) throw wrong(`the key "${path}.${bad}" needs ${size} numbers`);
}

/** Messages of the validator without the words of the machine. */
function plain(message: string): string {
  return message
    .replace(/\bNaN\b/g, "not a number")
    .replace(/-?\bInfinity\b/g, "infinite")
    .replace(/\bundefined\b/g, "nothing")
    .replace(/\bObject\b/g, "an object")
    .replace(/\[object /g, "(");
}

/** Line of a JSON fault, from the position in the parser's message where there is one. */
function jsonPlace(content: string, cause: unknown): string {
  const position = /position (\d+)/.exec(cause instanceof Error ? cause.message : "")?.[1];
  if (position === undefined)
    return content.trimStart().startsWith("{") ? "it ends too early" : "it does not begin as JSON";
  const line = content.slice(0, Number(position)).split("\n").length;
  return `the fault is in line ${line}`;
}
