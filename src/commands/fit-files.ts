/**
 * What `scalefit fit` does: files -> groups of observations -> fits -> scalefit.json and the view.
 */
import { DataError, type ScalefitError, UsageError } from "../errors.js";
import { type StartedFit, startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import { constantInputs } from "../fit/identifiability.js";
import { isHuber, OBJECTIVE_NAMES } from "../fit/objective.js";
import { type FitOptions, INTERVAL_KINDS, RESAMPLE_KINDS, requireConsistent } from "../fit/options.js";
import { requireLaw } from "../laws/require-law.js";
import { type BoundLaw, oneVariableOn } from "../laws/routing.js";
import { titleOf } from "../logs/columns.js";
import { parseNumber } from "../logs/numbers.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { FitDocument, FittedLaw, SavedFit, Warning } from "../objects.js";
import { fitView } from "../report/fit-view.js";
import { toSavedJson } from "../report/json.js";
import { quoteText } from "../text.js";
import { VERSION } from "../version.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { drawAll } from "./draw-pool.js";
import { requireWritable, writeWhole } from "./files.js";
import { choiceFlag, shareFlag, textFlag, wholeFlag } from "./flags.js";
import { parameterChoices } from "./formula-flags.js";
import { readObservations, type WantedLaw } from "./logs.js";

const OUTPUT = "scalefit.json";
const MOST_RESAMPLES = 1_000_000;

export async function fitFiles({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const wanted = wantedLaw(flags);
  const options = fitOptions(flags);
  const output = flags.save === false ? null : String(flags.output ?? OUTPUT);
  if (output !== null) requireWritable(output, args);
  const saved = await fitAll(args, flags, wanted, options);
  if (output !== null) writeWhole(output, toSavedJson(saved));
  const { warnings } = saved;
  const document: FitDocument = { schema: "scalefit/fit@1", fits: saved.fits.map(published), warnings };
  const text = global.json ? "" : fitView(document, { width, saved: output });
  return { text, document, warnings, exitCode: 0 };
}

function wantedLaw(flags: RawFlags): WantedLaw {
  const id = textFlag(flags, "law");
  const formula = textFlag(flags, "formula");
  if (id !== undefined && formula !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--law and --formula contradict each other",
      hint: "give one of them",
    });
  }
  if (formula !== undefined) return { formula };
  return id === undefined ? "by-columns" : { law: requireLaw(id) };
}

function fitOptions(flags: RawFlags): FitOptions {
  const objective = choiceFlag(flags, "objective", OBJECTIVE_NAMES, "huber-log");
  const bootstrap = flags.bootstrap === undefined ? "auto" : wholeFlag(flags, "bootstrap", 0, MOST_RESAMPLES);
  const delta = deltaFlag(flags);
  if (delta !== "auto" && !isHuber(objective)) {
    throw new UsageError({
      code: "flags",
      message: `--delta belongs to the Huber objectives, not to ${objective}`,
      hint: "leave it out, or take --objective huber-log",
    });
  }
  const options: FitOptions = {
    objective,
    delta,
    bootstrap,
    seed: wholeFlag(flags, "seed", 1),
    level: shareFlag(flags, "level") ?? 0.95,
    interval: choiceFlag(flags, "interval", INTERVAL_KINDS, bootstrap === 0 ? "covariance" : "percentile"),
    resample: flags.resample === undefined ? "auto" : choiceFlag(flags, "resample", RESAMPLE_KINDS, "cases"),
  };
  requireConsistent(options);
  return options;
}

function deltaFlag(flags: RawFlags): number | "auto" {
  const text = textFlag(flags, "delta");
  if (text === undefined || text === "auto") return "auto";
  const parsed = parseNumber(text, "plain", "flag");
  if (!("fault" in parsed) && parsed.value > 0) return parsed.value;
  throw new UsageError({
    code: "flag",
    message: `--delta: cannot use ${quoteText(text)}`,
    why: "fault" in parsed ? parsed.fault : "it must be above 0",
    hint: "--delta auto, or a number such as --delta 1e-3",
  });
}

async function fitAll(
  files: readonly string[],
  flags: RawFlags,
  wanted: WantedLaw,
  options: FitOptions,
): Promise<SavedFit> {
  const measured =
    wanted !== "by-columns" && "formula" in wanted && !options.objective.endsWith("-log")
      ? "any"
      : "positive";
  const log = await readObservations(files, flags, wanted, measured);
  const warnings: Warning[] = [...log.warnings];
  let lastError: ScalefitError | null = null;
  const started: { settled: Settled; fit: StartedFit }[] = [];
  for (const group of log.groups) {
    try {
      const settled = wanted === "by-columns" ? settleLaw(log.bound, group) : { bound: log.bound, group };
      if (settled.warning !== undefined) warnings.push(settled.warning);
      const { law } = settled.bound;
      const fit = startFit(law, settled.group.observations, options, parameterChoices(flags, law));
      started.push({ settled, fit });
    } catch (error) {
      // A group that cannot be fitted is named, and the others go on; alone it ends the command.
      if (flags.groupBy === undefined || !(error instanceof DataError)) throw inFile(error, files);
      lastError = error;
      const message = `not fitted: ${error.message}`;
      warnings.push({ code: error.code, message, group: group.group ?? undefined });
    }
  }
  const draws = await drawAll(
    started.flatMap(({ fit }) => fit.tasks),
    workersFlag(flags),
  );
  let next = 0;
  const fits = started.map(({ settled: { bound, group }, fit }) => {
    const own = draws.slice(next, next + fit.tasks.length);
    next += fit.tasks.length;
    return accountFor(bound.law, { ...group, columns: log.columns }, bound.from, fit.finish(own));
  });
  for (const fit of fits) warnings.push(...warningsOf(fit));
  if (fits.length === 0) throw lastError ?? nothingLeft();
  const made = { version: VERSION, options: madeOptions(flags), seed: options.seed, inputs: log.sources };
  return { schema: "scalefit/fit@1", fits, warnings, made };
}

/** Threads for the resamples; the number changes no result. */
function workersFlag(flags: RawFlags): number | "auto" {
  return flags.workers === undefined ? "auto" : wholeFlag(flags, "workers", 1, 256);
}

const nothingLeft = (): DataError =>
  new DataError({
    code: "no-rows",
    message: "no row is left to fit",
    hint: "look at --where; scalefit fit without it shows what is there",
  });

/** What the rows cannot answer is said of the file they came from. */
function inFile(error: unknown, files: readonly string[]): unknown {
  if (!(error instanceof DataError) || error.place.file !== undefined || files.length !== 1) return error;
  const { code, message, why, hint } = error;
  return new DataError({ code, message, why, hint, file: files[0], cause: error });
}

interface Settled {
  bound: BoundLaw;
  group: ObservedGroup;
  warning?: Warning;
}

/** Where no law was asked for and an input never varies, the law of the other input alone is fitted, said aloud. */
function settleLaw(bound: BoundLaw, group: ObservedGroup): Settled {
  const { observations } = group;
  if (bound.law.inputs.length < 2 || observations.measured.length === 0) return { bound, group };
  const constant = constantInputs(observations);
  const varying = [...observations.inputs.keys()].filter((name) => !constant.includes(name));
  if (constant.length === 0 || varying.length !== 1) return { bound, group };
  const [name] = varying;
  const simpler = oneVariableOn(name);
  const input = simpler.law.inputs[0].name;
  const inputs = new Map([[input, observations.inputs.get(name) as Float64Array]]);
  const titles = constant.map(titleOf).join(" and ");
  return {
    bound: simpler,
    group: { ...group, observations: { ...observations, inputs }, range: { [input]: group.range[name] } },
    warning: {
      code: "no-variation",
      group: group.group ?? undefined,
      message:
        `${titles}: nearly the same value in every row, so this term cannot be told apart from the floor; fitted the ` +
        `law ${simpler.law.id} of ${titleOf(name)} alone. A budget cannot be split by it; runs that differ in ` +
        `${constant.join(" and ")} would allow that`,
    },
  };
}

function warningsOf(fit: FittedLaw): Warning[] {
  return fit.diagnosis
    .filter(({ severity }) => severity === "warning")
    .map(({ code, message, rows }) => ({
      code,
      message,
      ...(fit.group === null ? {} : { group: fit.group }),
      ...(rows === undefined ? {} : { lines: rows.map((row) => row.line) }),
    }));
}

/** A fit as `--json` prints it: without what only later commands need. */
function published(fit: SavedFit["fits"][number]): FittedLaw {
  const { draws: _draws, covariance: _c, residuals: _residuals, leaveOneOut: _left, ...rest } = fit;
  return rest;
}

const SHAPING = [
  "law",
  "formula",
  "param",
  "fix",
  "tie",
  "map",
  "where",
  "y",
  "groupBy",
  "cluster",
  "weight",
  "objective",
  "delta",
  "bootstrap",
  "interval",
  "resample",
  "level",
];

/** The flags that shape the numbers, as given. */
function madeOptions(flags: RawFlags): SavedFit["made"]["options"] {
  const kept: SavedFit["made"]["options"] = {};
  for (const name of SHAPING) {
    const value = flags[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
