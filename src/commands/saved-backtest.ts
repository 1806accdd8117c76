/**
 * A saved backtest is read like any other hostile input, and quoted only for the fit it belongs to: the same files (by
 * their hashes), rows and law.
 */
import { dirname, join } from "node:path";
import * as v from "valibot";
import { InputError } from "../errors.js";
import { expectedError } from "../evidence/expected-error.js";
import type { BacktestErrors, PlannedLaw, SavedFit, Warning } from "../objects.js";
import { escapeText, quoteText } from "../text.js";
import { exists, readText, shownName } from "./files.js";

const FILE = "scalefit.backtest.json";
const HINT = "make it again with: scalefit backtest runs.csv";

const finite = v.pipe(v.number(), v.finite());
const made = v.object({
  options: v.optional(v.record(v.string(), v.unknown()), {}),
  inputs: v.array(v.object({ name: v.string(), sha256: v.string() })),
});

const savedBacktest = v.object({
  schema: v.literal("scalefit/backtest@1"),
  backtests: v.array(
    v.object({
      group: v.nullable(v.string()),
      errors: v.array(
        v.object({
          law: v.string(),
          size: v.optional(v.pipe(v.number(), v.integer())),
          scaleUp: v.array(v.pipe(finite, v.minValue(0))),
          relativeError: v.array(finite),
          run: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
        }),
      ),
    }),
  ),
  made,
});

type Quoted = v.InferOutput<typeof savedBacktest>;

/** @throws InputError naming the file and the field */
export function parseSavedBacktest(content: string, file: string): Quoted {
  const wrong = (message: string, cause?: unknown) =>
    new InputError({ code: "saved-backtest", message, file, hint: HINT, cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (cause) {
    throw wrong("this is no saved backtest: it is not valid JSON", cause);
  }
  const result = v.safeParse(savedBacktest, parsed, { abortEarly: true });
  if (!result.success) {
    const path = v.getDotPath(result.issues[0]) ?? "(the whole document)";
    throw wrong(`the key ${quoteText(path, 120)} cannot be used in a saved backtest`);
  }
  const { backtests } = result.output;
  backtests.forEach(({ errors }, g) => {
    errors.forEach(({ scaleUp, relativeError, run }, l) => {
      if (scaleUp.length === relativeError.length && scaleUp.length === run.length) return;
      throw wrong(`the key "backtests.${g}.errors.${l}" has lists of unequal length`);
    });
  });
  return result.output;
}

/** A fit that plans were made from, and where it lies. */
export interface FitAtHand {
  saved: SavedFit;
  file: string;
}

/**
 * Plans with the error that a backtest of the same rows lets expect at their distance.
 *
 * @param asked the file that is asked for; otherwise the one beside the fit, if there is one
 */
export function withExpectedErrors(
  plans: readonly PlannedLaw[],
  fit: FitAtHand,
  asked: string | undefined,
): { plans: PlannedLaw[]; warnings: Warning[] } {
  const file = asked ?? join(dirname(fit.file), FILE);
  if (asked === undefined && !exists(file)) return { plans: [...plans], warnings: [] };
  const backtest = parseSavedBacktest(readText(file, HINT), file);
  const notQuoted = (why: string): Warning => ({
    code: "backtest-not-quoted",
    message: `${escapeText(shownName(file), 200)} is not quoted: ${why}`,
  });
  const difference = differenceIn(fit.saved.made, backtest.made);
  if (difference !== null) return { plans: [...plans], warnings: [notQuoted(difference)] };
  const warnings: Warning[] = [];
  const quoted = plans.map((plan, i): PlannedLaw => {
    const { decades } = plan.extrapolation;
    if (decades === null || decades <= 0) return plan;
    const { law, size } = fit.saved.fits[i];
    const errors = errorsFor(backtest, plan.group, law, size);
    if (errors === undefined) {
      warnings.push(notQuoted(`it is not of the law ${law} that the plan is made by`));
      return plan;
    }
    const expected = expectedError(errors, 10 ** decades);
    return "reason" in expected ? plan : { ...plan, expectedError: expected };
  });
  return { plans: quoted, warnings };
}

const errorsFor = (
  { backtests }: Quoted,
  group: string | null,
  law: string,
  size: number | undefined,
): BacktestErrors | undefined =>
  backtests.find((one) => one.group === group)?.errors.find((one) => one.law === law && one.size === size);

/** Flags that choose the rows, their values and the law's parameters. */
const OF_ROWS: readonly (readonly [name: string, flag: string])[] = [
  ["where", "--where"],
  ["map", "--map"],
  ["y", "--y"],
  ["groupBy", "--group-by"],
  ["join", "--join"],
  ["average", "--average"],
  ["checkpoints", "--checkpoints"],
  ["formula", "--formula"],
  ["fix", "--fix"],
  ["tie", "--tie"],
];

/** Why a backtest does not belong to a fit; null where it does. */
function differenceIn(fit: SavedFit["made"] | undefined, backtest: Quoted["made"]): string | null {
  const hashes = (inputs: readonly { sha256: string }[]) =>
    inputs
      .map(({ sha256 }) => sha256)
      .sort()
      .join();
  if (fit?.inputs === undefined || fit.inputs.length === 0)
    return "the fit does not say which files it was made from";
  if (hashes(fit.inputs) !== hashes(backtest.inputs))
    return "it was made from other files than the fit, or they have changed since; run scalefit backtest again";
  const given = (options: Readonly<Record<string, unknown>>, name: string) =>
    JSON.stringify(options[name] ?? null);
  const other = OF_ROWS.find(([name]) => given(fit.options, name) !== given(backtest.options, name));
  return other === undefined ? null : `it was made with another ${other[1]} than the fit`;
}
