import { DataError, type ScalefitError, UsageError } from "../errors.js";
import type { FitDocument, FittedLaw, SavedFit, Warning } from "../objects.js";
import type { CommandDefinition, Invocation, Outcome, RawFlags } from "./command.js";

const OUTPUT = "scalefit.json";
const MOST_RESAMPLES = 1_000_000;

/** `scalefit fit`: flags -> log -> core -> view and scalefit.json. */
export const fitCommand: CommandDefinition = {
  name: "fit",
  summary: "fit a scaling law to the runs of a log, and say how sure the fit is",
  arguments: [
    {
      name: "<files...>",
      description: "CSV, TSV or JSON Lines, gzip too; - for standard input; several are pooled",
    },
  ],
  flags: [
    {
      flags: "--law <id>",
      description: "the law to fit (default: by the columns; scalefit laws lists them)",
    },
    {
      flags: "--map <name=column>",
      description: "read a quantity from this column, NAME=COLUMN[:FACTOR] (repeat)",
      repeats: true,
    },
    {
      flags: "--where <condition>",
      description: 'only rows for which it holds: "loss<3.4", "optimizer=adamw" (repeat: and)',
      repeats: true,
    },
    { flags: "--y <column>", description: "the measured value (default: the loss column)" },
    { flags: "--group-by <column>", description: "fit each group of rows by itself" },
    {
      flags: "--objective <name>",
      description: "huber-log, huber, squares-log or squares (default: huber-log)",
    },
    {
      flags: "--delta <number>",
      description: "Huber threshold, or auto (default: 1.345 robust standard deviations)",
    },
    {
      flags: "--bootstrap <n>",
      description: "resamples behind the intervals; 0 takes the covariance (default: 1000)",
    },
    { flags: "--interval <kind>", description: "percentile or covariance (default: percentile)" },
    { flags: "--level <share>", description: "confidence level (default: 0.95)" },
    { flags: "--seed <n>", description: "seed of the resamples (default: 1)" },
    { flags: "-o, --output <file>", description: `where the fit is saved (default: ${OUTPUT})` },
    { flags: "--no-save", description: "do not save the fit" },
  ],
  examples: [
    { command: "scalefit fit examples/char-lm/runs.csv", does: "fit, print, save scalefit.json" },
    {
      command: 'scalefit fit examples/char-lm/runs.csv --where "budget<2e11" -o small.json',
      does: "without the largest runs",
    },
    {
      command: "scalefit fit examples/char-lm/runs.csv --map loss=train_loss --json",
      does: "another measure, as JSON",
    },
    {
      command: "scalefit fit examples/char-lm/runs.csv --law power-floor --map x=flops",
      does: "the loss against compute alone",
    },
  ],
  run,
};

async function run({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const { requireWritable, writeWhole } = await import("./files.js");
  const options = await fitOptions(flags);
  const output = flags.save === false ? null : String(flags.output ?? OUTPUT);
  if (output !== null) requireWritable(output, args);
  const made = await fitFiles(args, flags, options);
  if (output !== null) {
    const { toSavedJson } = await import("../report/json.js");
    writeWhole(output, toSavedJson(made.saved));
  }
  const { fitView } = await import("../report/fit-view.js");
  const document: FitDocument = {
    schema: "scalefit/fit@1",
    fits: made.saved.fits.map(published),
    warnings: made.saved.warnings,
  };
  return {
    text: global.json ? "" : fitView(document, { width, saved: output }),
    document,
    warnings: made.saved.warnings,
    exitCode: 0,
  };
}

type Options = Awaited<ReturnType<typeof fitOptions>>;

async function fitOptions(flags: RawFlags) {
  const { choiceFlag, shareFlag, textFlag, wholeFlag } = await import("./flags.js");
  const { parseNumber } = await import("../logs/numbers.js");
  const { OBJECTIVE_NAMES } = await import("../fit/objective.js");
  const { requireLaw } = await import("./laws-by-name.js");
  const text = textFlag(flags, "delta");
  const lawId = textFlag(flags, "law");
  let delta: number | "auto" = "auto";
  if (text !== undefined && text !== "auto") {
    const parsed = parseNumber(text, "plain", "flag");
    if ("fault" in parsed || !(parsed.value > 0)) {
      throw new UsageError({
        code: "flag",
        message: `--delta: cannot use "${text}"`,
        why: "fault" in parsed ? parsed.fault : "it must be above 0",
        hint: "--delta auto, or a number such as --delta 1e-3",
      });
    }
    delta = parsed.value;
  }
  const bootstrap: number | "auto" =
    flags.bootstrap === undefined ? "auto" : wholeFlag(flags, "bootstrap", 0, MOST_RESAMPLES);
  return {
    law: lawId === undefined ? null : requireLaw(lawId),
    core: {
      objective: choiceFlag(flags, "objective", OBJECTIVE_NAMES, "huber-log"),
      delta,
      bootstrap,
      seed: wholeFlag(flags, "seed", 1),
      level: shareFlag(flags, "level") ?? 0.95,
      interval: choiceFlag(
        flags,
        "interval",
        ["percentile", "covariance"],
        bootstrap === 0 ? "covariance" : "percentile",
      ),
    },
  };
}

async function fitFiles(
  files: readonly string[],
  flags: RawFlags,
  options: Options,
): Promise<{ saved: SavedFit }> {
  const { readObservations } = await import("./logs.js");
  const log = await readObservations(files, flags, options.law, "required");
  const warnings: Warning[] = [...log.warnings];
  const fits: SavedFit["fits"] = [];
  const isGrouped = flags.groupBy !== undefined;
  let lastError: ScalefitError | null = null;
  for (const group of log.groups) {
    try {
      const fit = await fitGroup(log.bound, group, log.columns, options, warnings);
      fits.push(fit);
      warnings.push(
        ...fit.diagnosis.filter((d) => d.severity === "warning").map((d) => asWarning(d, group.group)),
      );
    } catch (error) {
      // A group that cannot be fitted is named, and the others go on; alone it ends the command.
      if (!isGrouped || !(error instanceof DataError)) throw inFile(error, files);
      lastError = error;
      warnings.push({
        code: error.code,
        message: `not fitted: ${error.message}`,
        group: group.group ?? undefined,
      });
    }
  }
  if (fits.length === 0) {
    throw (
      lastError ??
      new DataError({
        code: "no-rows",
        message: "no row is left to fit",
        hint: "look at --where; scalefit fit without it shows what is there",
      })
    );
  }
  const { VERSION } = await import("../version.js");
  const saved: SavedFit = {
    schema: "scalefit/fit@1",
    fits,
    warnings,
    made: { version: VERSION, options: madeOptions(flags), seed: options.core.seed, inputs: log.sources },
  };
  return { saved };
}

/** What the rows cannot answer is said of the file they came from. */
function inFile(error: unknown, files: readonly string[]): unknown {
  if (!(error instanceof DataError) || error.place.file !== undefined || files.length !== 1) return error;
  const { code, message, why, hint } = error;
  return new DataError({ code, message, why, hint, file: files[0], cause: error });
}

type BoundLaw = import("../laws/routing.js").BoundLaw;
type ObservedGroup = import("../logs/runs.js").ObservedGroup;

async function fitGroup(
  asked: BoundLaw,
  group: ObservedGroup,
  columns: ReadonlyMap<string, string>,
  options: Options,
  warnings: Warning[],
) {
  const { fitObserved } = await import("../fit/fit-observed.js");
  const { bound, observed, warning } = await settleLaw(asked, group, options);
  if (warning !== null) warnings.push(warning);
  return fitObserved(bound.law, { ...observed, columns }, bound.from, options.core);
}

/**
 * Where no law was asked for and an input never varies, the law of the other input alone is fitted, said aloud.
 */
async function settleLaw(asked: BoundLaw, group: ObservedGroup, options: Options) {
  const { constantInputs } = await import("../fit/identifiability.js");
  const { oneVariableOn } = await import("../laws/routing.js");
  const { titleOf } = await import("../logs/columns.js");
  const unchanged = { bound: asked, observed: group, warning: null };
  if (options.law !== null || asked.law.inputs.length < 2 || group.observations.measured.length === 0)
    return unchanged;
  const constant = constantInputs(group.observations);
  const varying = [...group.observations.inputs.keys()].filter((name) => !constant.includes(name));
  if (constant.length === 0 || varying.length !== 1) return unchanged;
  const [name] = varying;
  const bound = oneVariableOn(name);
  const input = bound.law.inputs[0].name;
  const column = group.observations.inputs.get(name) as Float64Array;
  const observed: ObservedGroup = {
    ...group,
    observations: { ...group.observations, inputs: new Map([[input, column]]) },
    range: { [input]: group.range[name] },
  };
  const warning: Warning = {
    code: "no-variation",
    group: group.group ?? undefined,
    message:
      `${constant.map(titleOf).join(" and ")}: nearly the same value in every row, so this term cannot be told apart from the floor; ` +
      `fitted the law ${bound.law.id} of ${titleOf(name)} alone. A budget cannot be split by it; runs that differ in ${constant.join(" and ")} would allow that`,
  };
  return { bound, observed, warning };
}

const asWarning = (d: FittedLaw["diagnosis"][number], group: string | null): Warning => ({
  code: d.code,
  message: d.message,
  ...(group === null ? {} : { group }),
  ...(d.rows === undefined ? {} : { lines: d.rows.map((row) => row.line) }),
});

/** A fit as `--json` prints it: without what only later commands need. */
function published(fit: SavedFit["fits"][number]): FittedLaw {
  const { draws: _draws, covariance: _covariance, residuals: _residuals, ...rest } = fit;
  return rest;
}

/** The flags that shape the numbers, as given. */
function madeOptions(flags: RawFlags): SavedFit["made"]["options"] {
  const kept: SavedFit["made"]["options"] = {};
  for (const name of [
    "law",
    "map",
    "where",
    "y",
    "groupBy",
    "objective",
    "delta",
    "bootstrap",
    "interval",
    "level",
  ]) {
    const value = flags[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
