/**
 * What `scalefit fit` does: files -> groups of observations -> fits -> scalefit.json and the view.
 */
import { DataError, type ScalefitError, UsageError } from "../errors.js";
import { startChain } from "../fit/fit-chain.js";
import { startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import { constantInputs } from "../fit/identifiability.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import type { Law } from "../laws/law.js";
import type { SeveralAsked } from "../laws/laws-asked.js";
import { type BoundLaw, oneVariableOn } from "../laws/routing.js";
import { titleOf } from "../logs/columns.js";
import { EveryRowNeeded } from "../logs/omitted-steps.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { FitDocument, FittedLaw, SavedFit, Warning } from "../objects.js";
import { fitView } from "../report/fit-view.js";
import { toSavedJson } from "../report/json.js";
import { VERSION } from "../version.js";
import { measuredByFlag, othersThan } from "./candidates.js";
import { choiceGroups } from "./choice-groups.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { drawEach } from "./draw-pool.js";
import { type Group, type Groups, inFile, measureFor, type Started, uniqueWarnings } from "./fit-group.js";
import { fitOptions, madeOptions, wantedLaw, workersFlag } from "./fit-options.js";
import { textFlag } from "./flags.js";
import { parameterChoices } from "./formula-flags.js";
import {
  areLastRowsEnough,
  type BoundLog,
  bindLog,
  measuredBy,
  measuredColumns,
  type OpenedLog,
  observeChain,
  observeLaw,
  openLog,
  type WantedLaw,
  type WantedMeasure,
  withRuns,
} from "./logs.js";
import { optimaGroups } from "./optima-groups.js";
import { areProblems, problemGroups } from "./problem-groups.js";
import { ThreadPool } from "./thread-pool.js";
import { requireWritable, writeWhole } from "./written-files.js";

const OUTPUT = "scalefit.json";

export async function fitFiles({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const output = flags.save === false ? null : String(flags.output ?? OUTPUT);
  const { saved, others } = await fitOf(args, flags, output);
  if (output !== null) writeWhole(output, toSavedJson(saved));
  const { warnings } = saved;
  const document: FitDocument = { schema: "scalefit/fit@1", fits: saved.fits.map(published), warnings };
  const text = global.json ? "" : fitView(document, { width, saved: output, others });
  return { text, document, warnings, exitCode: 0 };
}

/**
 * The fit of files by the flags of `scalefit fit`.
 *
 * @param output where it will be saved; looked at before any work is done
 */
export async function fitOf(
  files: readonly string[],
  flags: RawFlags,
  output: string | null = null,
): Promise<FitRun> {
  const wanted = wantedLaw(flags);
  const options = fitOptions(flags);
  if (output !== null) requireWritable(output, files);
  const pool = new ThreadPool(workersFlag(flags));
  return fitMeasures(files, flags, { wanted, options, pool }).finally(() => pool.close());
}

/** What a command fitted, and laws that it might have chosen among. */
interface FitRun {
  saved: SavedFit;
  /** Names of laws that fit the columns too, where no law was asked for. */
  others: string[];
}

/** What is asked of the rows, and the threads to do it with. */
interface Asked {
  wanted: WantedLaw | SeveralAsked;
  options: FitOptions;
  pool: ThreadPool;
}

/** One fit for each measured column: `--y "metric/*"` or `--y loss_a,loss_b` names several. */
async function fitMeasures(files: readonly string[], flags: RawFlags, asked: Asked): Promise<FitRun> {
  const y = textFlag(flags, "y");
  if (y === undefined || !/[*,]/.test(y)) return fitAll(files, flags, asked);
  const columns = await measuredColumns(files, flags, y);
  const [only] = columns;
  if (columns.length === 1) return fitAll(files, { ...flags, y: only }, asked);
  const saved: SavedFit[] = [];
  for (const column of columns) {
    const { saved: own } = await fitAll(files, { ...flags, y: column }, asked);
    const called = (group: string | null | undefined) => (group == null ? column : `${group}, ${column}`);
    saved.push({
      ...own,
      fits: own.fits.map((fit) => ({ ...fit, group: called(fit.group) })),
      warnings: own.warnings.map((warning) => ({ ...warning, group: called(warning.group) })),
    });
  }
  const [first] = saved;
  const made = { ...first.made, options: madeOptions(flags) };
  const all = {
    ...first,
    fits: saved.flatMap(({ fits }) => fits),
    warnings: saved.flatMap(({ warnings }) => warnings),
    made,
  };
  return { saved: all, others: [] };
}

async function fitAll(
  files: readonly string[],
  flags: RawFlags,
  { wanted, options, pool }: Asked,
): Promise<FitRun> {
  const read = await groupsOf(files, flags, { wanted, options, pool });
  const warnings = [...read.warnings];
  let lastError: ScalefitError | null = null;
  const started: Started[] = [];
  for (const group of read.groups) {
    try {
      started.push(await group.start(warnings, pool));
    } catch (error) {
      // A group that cannot be fitted is named, and the others go on; alone it ends the command.
      if (flags.groupBy === undefined || !(error instanceof DataError)) throw inFile(error, files);
      lastError = error;
      const message = `not fitted: ${error.message}`;
      warnings.push({ code: error.code, message, group: group.name ?? undefined });
    }
  }
  const draws = await drawEach(started, pool);
  const fits = started.map(({ finish }, k) => finish(draws[k]));
  for (const fit of fits) warnings.push(...warningsOf(fit));
  if (fits.length === 0) throw lastError ?? nothingLeft();
  const made = { version: VERSION, options: madeOptions(flags), seed: options.seed, inputs: read.sources };
  return { saved: { schema: "scalefit/fit@1", fits, warnings, made }, others: read.others };
}

/** @throws UsageError where the objective knows the noise itself */
function requireNoisy({ objective }: FitOptions): void {
  if (objective !== "binomial" && objective !== "law-likelihood") return;
  throw new UsageError({
    code: "flags",
    message: `--noise is not for the objective ${objective}`,
    why: "the noise of counts follows from them",
    hint: "leave it out; trials behind rates go into --weight",
  });
}

/** The options with the objective of counts, where the log has some. */
const askedOf = ({ counts, flags }: OpenedLog, asked: FitOptions): FitOptions =>
  counts === null || flags.objective !== "binomial" ? asked : { ...asked, objective: "binomial" };

interface LogGroups extends Groups {
  others: string[];
}

/** The groups of rows in a log, each ready to be fitted by the law that is asked for or to choose one. */
async function groupsOf(
  files: readonly string[],
  flags: RawFlags,
  { wanted, options: asked, pool }: Asked,
): Promise<LogGroups> {
  if (wanted !== "by-columns" && "among" in wanted) {
    const log = await openLog(files, flags, measuredByFlag(wanted, textFlag(flags, "y")));
    return { ...choiceGroups(log, wanted, askedOf(log, asked), pool), others: [] };
  }
  const isEnough = areRunsEnough(flags, wanted);
  return withRuns(files, flags, measuredBy(wanted), { isEnough }, (log) =>
    plainGroups(log, flags, wanted, asked),
  );
}

/** Whether the last rows of runs are likely to be all that is needed. */
function areRunsEnough(flags: RawFlags, wanted: WantedLaw): boolean {
  if (!areLastRowsEnough(flags)) return false;
  return wanted === "by-columns" || ("law" in wanted && wanted.law.stages.length === 0);
}

async function plainGroups(
  opened: OpenedLog,
  flags: RawFlags,
  wanted: WantedLaw,
  asked: FitOptions,
): Promise<LogGroups> {
  if (areProblems(opened, wanted)) return { ...problemGroups(opened, asked), others: [] };
  const optima = optimaGroups(opened, wanted, asked);
  if (optima !== null && opened.table.omitted !== undefined) throw new EveryRowNeeded();
  if (optima !== null) return { ...optima, others: [] };
  const log = bindLog(opened, wanted);
  const { law, measured } = log.bound;
  const options = log.flags.objective === undefined ? optionsFor(law, asked) : askedOf(log, asked);
  if (flags.noise !== undefined) requireNoisy(options);
  const read = (law.stages.length > 0 ? chainGroups : lawGroups)(log, {
    isByColumns: wanted === "by-columns",
    options,
    measured: measureFor(law, options),
  });
  return {
    ...read,
    warnings: [...log.said, ...read.warnings],
    others: wanted === "by-columns" ? othersThan(law, measured, log) : [],
  };
}

/** How rows of a log are fitted. */
interface HowFitted {
  isByColumns: boolean;
  options: FitOptions;
  measured: WantedMeasure;
}

function lawGroups(log: BoundLog, { isByColumns, options, measured }: HowFitted): Groups {
  const { flags } = log;
  const read = observeLaw(log, log.bound, measured);
  const groups = read.groups.map(
    (group): Group => ({
      name: group.group,
      start(warnings) {
        const settled = isByColumns ? settleLaw(log.bound, group) : { bound: log.bound, group };
        if (settled.warning !== undefined) warnings.push(settled.warning);
        const { law, from } = settled.bound;
        const fit = accountingFor(law, settled.group, () =>
          startFit(law, settled.group.observations, options, parameterChoices(flags, law)),
        );
        const observed = { ...settled.group, columns: read.columns };
        return { tasks: fit.tasks, finish: (draws) => accountFor(law, observed, from, fit.finish(draws)) };
      },
    }),
  );
  return { groups, warnings: read.warnings, sources: read.sources };
}

/** Where too few rows are left, what happened to the others is the reason. */
function accountingFor<T>(law: Law, { dropped, rows }: ObservedGroup, start: () => T): T {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof DataError) || error.code !== "too-few-rows") throw error;
    const { code, message, why } = error;
    const earlier = dropped.reduce(
      (sum, { code: left, count }) => sum + (left === "not-last" ? count : 0),
      0,
    );
    const hint =
      earlier === 0
        ? error.hint
        : `${error.hint}; ${earlier} earlier ${earlier === 1 ? "row" : "rows"} of the runs would count with --reduce all`;
    const unintended = dropped.filter(({ code }) => code !== "where" && code !== "not-last");
    if (unintended.length === 0) throw new DataError({ code, message, why, hint, cause: error });
    const reasons = unintended.map(({ count, reason }) => `${count} not used, ${reason}`).join("; ");
    const isPercent = unintended.some(
      ({ code: fault, reason }) => fault === "out-of-range" && /from 0 to 1/.test(reason),
    );
    const broken = law.rules.find((rule) => unintended.some((left) => left.code === rule.code));
    throw new DataError({
      code,
      message,
      why: `of ${rows} rows ${reasons}`,
      hint: isPercent
        ? "values in percent are turned into shares by a factor: --map NAME=COLUMN:0.01"
        : (broken?.hint ?? hint),
      cause: error,
    });
  }
}

/** Groups of a chain: those that every stage has rows of. */
function chainGroups(log: BoundLog, { options, measured }: HowFitted): Groups {
  const { flags } = log;
  const { law, from } = log.bound;
  const stages = observeChain(log, log.bound, measured);
  const main = law.stages.findIndex(({ output }) => output.name === law.output.name);
  const groups = stages[main].groups.map(({ group: name }): Group => {
    const own = stages.map(({ groups: all }) => all.find(({ group }) => group === name) as ObservedGroup);
    return {
      name,
      start() {
        const fit = accountingFor(law, own[main], () =>
          startChain(
            law,
            own.map(({ observations }) => observations),
            options,
            parameterChoices(flags, law),
          ),
        );
        const columns = new Map(stages.flatMap((stage) => [...stage.columns]));
        const ranges = widestRanges(own);
        const sized = own.find(({ observations }) => observations.inputs.has("N")) ?? own[main];
        const observed = {
          ...own[main],
          observations: sized.observations,
          // Of the chain's own inputs; outputs of its stages are none.
          range: Object.fromEntries(
            law.inputs.flatMap(({ name }) => [...ranges].filter(([key]) => key === name)),
          ),
          columns: columns.set("loss", stages[main].columns.get("loss") ?? ""),
        };
        return { tasks: fit.tasks, finish: (draws) => accountFor(law, observed, from, fit.finish(draws)) };
      },
    };
  });
  const warnings = stages.flatMap((stage) => stage.warnings);
  return { groups, warnings: uniqueWarnings(warnings), sources: stages[main].sources };
}

/** The range of each input over the rows of all stages that have it. */
function widestRanges(stages: readonly ObservedGroup[]): Map<string, [number, number]> {
  const ranges = new Map<string, [number, number]>();
  for (const [name, [low, high]] of stages.flatMap(({ range }) => Object.entries(range))) {
    const [least, most] = ranges.get(name) ?? [low, high];
    ranges.set(name, [Math.min(least, low), Math.max(most, high)]);
  }
  return ranges;
}

const nothingLeft = (): DataError =>
  new DataError({
    code: "no-rows",
    message: "no row is left to fit",
    hint: "look at --where; scalefit fit without it shows what is there",
  });

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
  const simpler = oneVariableOn(bound, name);
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

export function warningsOf(fit: FittedLaw): Warning[] {
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
