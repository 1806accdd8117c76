/** What `scalefit backtest` does: files -> rows of each law -> cuts -> predictions -> scalefit.backtest.json and the view. */
import { DataError, type ScalefitError, UsageError } from "../errors.js";
import { type BacktestOptions, openBacktest } from "../evidence/backtest.js";
import type { Candidate } from "../evidence/common-rows.js";
import { NO_CHOICES } from "../fit/layout.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import { parseInteger } from "../logs/numbers.js";
import type { BacktestDocument, SavedBacktest, Warning } from "../objects.js";
import { FLOPS_PER_PARAM_TOKEN } from "../plan/source.js";
import { backtestView } from "../report/backtest-view.js";
import { toSavedJson } from "../report/json.js";
import { quoteText } from "../text.js";
import { VERSION } from "../version.js";
import { candidatesOf, measuredByFlag } from "./candidates.js";
import { checkpointWarnings, stepsAsked } from "./checkpoints.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { tryCuts } from "./cut-pool.js";

import { inFile, measureFor, uniqueWarnings } from "./fit-group.js";
import { fitOptions, madeOptions, wantedLaw, workersFlag } from "./fit-options.js";
import { positiveFlag, textFlag, wholeFlag } from "./flags.js";
import { parameterChoices } from "./formula-flags.js";
import {
  areLastRowsEnough,
  bindLog,
  measuredBy,
  type OpenedLog,
  observeLaw,
  type ReadLog,
  withRuns,
} from "./logs.js";
import { ThreadPool } from "./thread-pool.js";
import { requireWritable, writeWhole } from "./written-files.js";

const OUTPUT = "scalefit.backtest.json";
const CUTS = 20;
const MOST_CUTS = 1000;
export const LEVEL = 0.9;

export async function backtestFiles({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const output = flags.save === false ? null : String(flags.output ?? OUTPUT);
  if (output !== null) requireWritable(output, args);
  const pool = new ThreadPool(workersFlag(flags));
  const saved = await backtestAll(args, flags, pool).finally(() => pool.close());
  if (output !== null) writeWhole(output, toSavedJson(saved));
  const document: BacktestDocument = {
    schema: saved.schema,
    backtests: saved.backtests.map(({ errors: _errors, ...group }) => group),
    warnings: saved.warnings,
  };
  const text = global.json ? "" : backtestView(document, { width, saved: output });
  return { text, document, warnings: document.warnings, exitCode: 0 };
}

async function backtestAll(
  files: readonly string[],
  flags: RawFlags,
  pool: ThreadPool,
): Promise<SavedBacktest> {
  const asked = fitOptions(flags, LEVEL);
  const { reads, log } = await lawsRead(files, flags, asked);
  const names = reads[0].groups.map(({ group }) => group);
  const warnings = uniqueWarnings(reads.flatMap((read) => read.warnings));
  const backtests: SavedBacktest["backtests"] = [];
  let lastError: ScalefitError | null = null;
  for (const name of names) {
    try {
      backtests.push(await backtestGroup(reads, name, optionsOf(log, reads, asked), flags, pool));
    } catch (error) {
      // A group that cannot be tried is named, and the others go on; alone it ends the command.
      if (flags.groupBy === undefined || !(error instanceof DataError)) throw inFile(error, files);
      lastError = error;
      warnings.push({ code: error.code, message: `not tried: ${error.message}`, group: name ?? undefined });
    }
  }
  if (backtests.length === 0) {
    throw (
      lastError ??
      new DataError({
        code: "no-rows",
        message: "no row is left to fit",
        hint: "look at --where and at the columns",
      })
    );
  }
  return {
    schema: "scalefit/backtest@1",
    backtests,
    warnings: [...warnings, ...backtests.flatMap(warningsOf)],
    made: { version: VERSION, options: madeOptions(flags), seed: asked.seed, inputs: log.sources },
  };
}

/** The rows of every law that is asked for. */
async function lawsRead(
  files: readonly string[],
  flags: RawFlags,
  asked: FitOptions,
): Promise<{ reads: ReadLog[]; log: OpenedLog }> {
  const wanted = wantedLaw(flags);
  const isSeveral = wanted !== "by-columns" && "among" in wanted;
  const measured = isSeveral ? measuredByFlag(wanted, textFlag(flags, "y")) : measuredBy(wanted);
  const steps = stepsAsked(flags);
  const isEnough = areLastRowsEnough(flags);
  return withRuns(files, flags, measured, { isEnough }, (log) => readsOf(log, wanted, asked, steps));
}

function readsOf(
  log: OpenedLog,
  wanted: ReturnType<typeof wantedLaw>,
  asked: FitOptions,
  steps: "all" | "last",
): { reads: ReadLog[]; log: OpenedLog } {
  const isSeveral = wanted !== "by-columns" && "among" in wanted;
  const bound = isSeveral ? candidatesOf(log, wanted).bound : [bindLog(log, wanted).bound];
  const reads = bound.map((one) => {
    if (one.law.stages.length > 0) throw ofStages(one.law.id);
    const read = observeLaw(log, one, measureFor(one.law, ownOptions(log, one.law, asked)), steps);
    return steps === "last" ? read : { ...read, warnings: [...read.warnings, ...checkpointWarnings(read)] };
  });
  return { reads, log };
}

const ownOptions = ({ flags }: OpenedLog, law: ReadLog["bound"]["law"], asked: FitOptions): FitOptions =>
  flags.objective === undefined ? optionsFor(law, asked) : asked;

function optionsOf(log: OpenedLog, reads: readonly ReadLog[], fit: FitOptions): BacktestOptions {
  const { flags } = log;
  const [{ bound }] = reads;
  const target = positiveFlag(flags, "target", "flops") ?? null;
  const isOfBoth = bound.law.inputs.some(({ quantity }) => quantity === "tokens");
  return {
    fit,
    isObjectiveAsked: flags.objective !== undefined,
    cuts: Math.max(1, wholeFlag(flags, "cuts", CUTS, MOST_CUTS)),
    runs: runsFlag(flags),
    // The scale of laws of both is N D.
    target: target === null || !isOfBoth ? target : target / FLOPS_PER_PARAM_TOKEN,
    choices: reads.length === 1 ? parameterChoices(flags, bound.law) : NO_CHOICES,
  };
}

async function backtestGroup(
  reads: readonly ReadLog[],
  name: string | null,
  options: BacktestOptions,
  flags: RawFlags,
  pool: ThreadPool,
): Promise<SavedBacktest["backtests"][number]> {
  const candidates = reads.flatMap(({ bound: { law, from }, groups }): Candidate[] => {
    const own = groups.find(({ group }) => group === name);
    return own === undefined ? [] : [{ law, from, observations: own.observations }];
  });
  const { work, settle } = openBacktest(candidates, options);
  const { result, errors } = settle(await tryCuts(work, pool));
  return {
    group: name,
    measured: reads[0].columns.get("loss") ?? "loss",
    observed: flags.checkpoints === true ? "checkpoints" : "final",
    ...result,
    errors,
  };
}

/** `--runs 8,16,32`, ascending. @throws UsageError */
export function runsFlag(flags: RawFlags): number[] {
  const text = textFlag(flags, "runs");
  if (text === undefined) return [];
  const runs = text.split(",").map((part) => {
    const parsed = parseInteger(part.trim());
    if (!("fault" in parsed) && parsed.value > 0) return parsed.value;
    throw new UsageError({
      code: "flag",
      message: `--runs: cannot use ${quoteText(text)}`,
      why: "fault" in parsed ? parsed.fault : "a number of runs is 1 or more",
      hint: "for example --runs 8,16,32",
    });
  });
  return [...new Set(runs)].sort((a, b) => a - b);
}

const ofStages = (id: string): UsageError =>
  new UsageError({
    code: "flags",
    message: `the law ${id} is a chain, and a backtest is of one law`,
    hint: `take one of its stages, such as --law ${id}.acc, or another law`,
  });

/** Few runs behind a coverage, and laws that failed at cuts. */
function warningsOf({ group, skipped, cuts }: SavedBacktest["backtests"][number]): Warning[] {
  const ofGroup = group === null ? {} : { group };
  const failed = skipped.filter(({ law }) => law !== undefined);
  return [...new Set(failed.map(({ law }) => law))].map((law) => {
    const own = failed.filter((one) => one.law === law);
    return {
      code: "cut-not-fitted",
      message: `${law} could not be tried at ${own.length} of ${cuts.length} cuts: ${own[0].reason}`,
      ...ofGroup,
    };
  });
}
