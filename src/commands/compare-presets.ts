/**
 * `scalefit compare runs.csv --preset a,b`: a log and published sets -> one way of counting -> a fit -> each set beside it.
 */
import { DataError, UsageError } from "../errors.js";
import type { AxesMatch } from "../evidence/axes-match.js";
import { compareWithPreset, type OwnFit, type PublishedSet } from "../evidence/compare-presets.js";
import {
  areOfProduct,
  fitBesidePresets,
  matchPreset,
  noneComparable,
  presetWarnings,
} from "../evidence/presets-said.js";
import { startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import { presetCoefficients } from "../laws/coefficients.js";
import type { Law, Preset } from "../laws/law.js";
import type { PresetOfLaw } from "../laws/preset-named.js";
import { boundForPreset, presetsCalled } from "../laws/presets.js";
import { requireLaw } from "../laws/require-law.js";
import type { Offered } from "../laws/routing.js";
import { axesOfLog, type LogAxes, type ParamsColumn, productIn, ratioIn } from "../logs/axes-of-log.js";
import { parseMapping, quantityCalled } from "../logs/columns.js";
import type { LogsRead } from "../logs/read.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { Axes, Column, ComputeRatio, PresetsDocument, Warning } from "../objects.js";
import { cautionsOf } from "../plan/source.js";
import { count } from "../report/format.js";
import { presetsView } from "../report/presets-view.js";
import { quoteText } from "../text.js";
import { axesFlag } from "./axes-flag.js";
import { checkpointWarnings, stepsAsked } from "./checkpoints.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { scalesFlag, withoutResamples } from "./compare-recipes.js";
import { drawEach } from "./draw-pool.js";
import { warningsOf } from "./fit-files.js";
import { inFile, measureFor, uniqueWarnings } from "./fit-group.js";
import { fitOptions, workersFlag } from "./fit-options.js";
import { listFlag, textFlag } from "./flags.js";
import {
  type BoundLog,
  bindLog,
  measuredBy,
  type OpenedLog,
  observeLaw,
  type ReadLog,
  readTable,
  recogniseLog,
  type TableRead,
  type WantedLaw,
} from "./logs.js";
import { ThreadPool } from "./thread-pool.js";

export async function comparePresets({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const sets = presetsCalled((textFlag(flags, "preset") ?? "").split(",").map((name) => name.trim()));
  const scales = scalesFlag(flags);
  const asked = fitOptions(flags);
  if (asked.bootstrap === 0) throw withoutResamples();
  // Flags that contradict each other are refused before anything is read.
  stepsAsked(flags);
  const log = await openCounted(args, flags, areOfProduct(sets));
  const { matched, refused } = matchedSets(sets, log);
  if (matched.length === 0) throw noneComparable(refused, args.length === 1 ? args[0] : undefined);
  const ways = [...new Set(matched.map(({ match }) => match.params))];
  const failed: Warning[] = [];
  const fits = await fitEach(ways, log, asked, flags, args, failed);
  const comparisons = matched.flatMap(({ set, match }) =>
    fits.flatMap((fit, k) =>
      fit.params === match.params
        ? [compareWithPreset(fit.own, publishedFor(set, match, fit), scales, k)]
        : [],
    ),
  );
  const document: PresetsDocument = {
    schema: "scalefit/compare@1",
    mode: "presets",
    measured: fits[0].own.fit.measured.column,
    level: fits[0].own.fit.level,
    log: { axes: log.counted.axes, from: log.counted.from },
    fits: fits.map(({ own, params }) => fitBesidePresets(own.fit, params, log.ratio(params))),
    presets: comparisons,
    refused,
    warnings: uniqueWarnings([
      ...fits.flatMap(({ warnings }) => warnings),
      ...failed,
      ...log.said,
      ...matched.flatMap(({ set }) => cautionsOf(set.preset)),
      ...presetWarnings(comparisons, refused),
      ...matched.flatMap(({ set, match }) => rangeWarnings(set, match, fits)),
    ]),
  };
  const { warnings } = document;
  return { text: global.json ? "" : presetsView(document, width), document, warnings, exitCode: 0 };
}

/** A log with what its numbers count, and with each other way of counting N. */
interface CountedLog {
  counted: LogAxes;
  /** The log with N counted in one of the ways, and with compute as 6 N D of it where that is known. */
  with(counted: Axes["params"]): BoundLog;
  /** Its column of compute over 6 N D of N counted so. */
  ratio(counted: Axes["params"]): ComputeRatio | null;
  isProduct: boolean;
  /** What its law reads. */
  from: ReadonlyMap<string, string>;
  hasTokens: boolean;
  offered: Offered;
  said: Warning[];
}

/** @param areProducts whether compute may be 6 N D for all that is held against the log */
async function openCounted(
  files: readonly string[],
  given: RawFlags,
  areProducts: boolean,
): Promise<CountedLog> {
  const id = textFlag(given, "law");
  const wanted: WantedLaw = id === undefined ? "by-columns" : { law: requireLaw(id) };
  const measured = measuredBy(wanted);
  let read = await readTable(files, given);
  let flags = given;
  const first = recogniseLog(read, flags, measured);
  const { quantities } = first.recognised;
  const { bound } = bindLog(first, wanted);
  const loss = quantities.get(bound.measured);
  const counted = axesOfLog(first.table, first.recognised, loss?.column ?? null, axesFlag(given));
  const said: Warning[] = [];
  if (counted.axes.loss === "perplexity" && loss !== undefined) {
    const column = logOf(loss.column, loss.factor);
    read = { ...read, ...withColumn(read, column) };
    flags = { ...flags, y: column.name };
    counted.axes.loss = "nats";
    said.push({
      code: "perplexity",
      message: `${quoteText(loss.column.name)} is a perplexity: its logarithm, a loss in nats, is fitted and compared`,
    });
  }
  const [own = NO_PARAMS] = counted.params;
  const isProduct = areProducts && counted.compute.hasProduct;
  const wayOf = (params: Axes["params"]): ParamsColumn =>
    params === counted.axes.params ? own : (counted.params.find((way) => way.counted === params) ?? own);
  const columnsAs = (way: ParamsColumn): Recognising => {
    if (way === own) return { read, flags };
    return {
      read: way.made === null ? read : { ...read, ...withColumn(read, way.made) },
      flags: mapped(flags, "N", way),
    };
  };
  const ways = new Map<ParamsColumn, { as: Recognising; log: OpenedLog }>();
  const recognised = (way: ParamsColumn) => {
    const before = ways.get(way);
    if (before !== undefined) return before;
    const as = columnsAs(way);
    const found = { as, log: recogniseLog(as.read, as.flags, measured) };
    ways.set(way, found);
    return found;
  };
  return {
    counted,
    said,
    hasTokens: quantities.has("D"),
    offered: first.offered,
    from: bound.from,
    isProduct,
    ratio(params) {
      const { log } = recognised(wayOf(params));
      return ratioIn(log.table, log.recognised);
    },
    with(params) {
      const { as, log } = recognised(wayOf(params));
      if (!isProduct || !quantities.has("C")) return bindLog(log, wanted);
      const product = productIn(log.table, log.recognised);
      const made = mapped(as.flags, "C", { name: product.name, factor: 1 });
      return bindLog(recogniseLog({ ...as.read, ...withColumn(as.read, product) }, made, measured), wanted);
    },
  };
}

/** A table with the flags by which its columns are understood. */
interface Recognising {
  read: TableRead;
  flags: RawFlags;
}

/** A quantity read from another column. */
function mapped(flags: RawFlags, quantity: string, column: Pick<ParamsColumn, "name" | "factor">): RawFlags {
  const others = listFlag(flags, "map").filter(
    (text) => quantityCalled(parseMapping(text).name) !== quantity,
  );
  return { ...flags, map: [...others, `${quantity}=${column.name}:${column.factor}`] };
}

const withColumn = (read: LogsRead, column: Column): LogsRead => ({
  ...read,
  table: { ...read.table, columns: [...read.table.columns, column] },
});

function logOf({ name, numbers }: Column, factor: number): Column {
  const logs = numbers.map((value) => Math.log(factor * value));
  return { name: `ln(${name})`, numbers: logs, text: (row) => String(logs[row]) };
}

interface MatchedSet {
  set: PresetOfLaw;
  match: AxesMatch;
}

/** The sets that can be brought to the axes of the log, and why the others cannot. */
function matchedSets(sets: readonly PresetOfLaw[], log: CountedLog) {
  const matched: MatchedSet[] = [];
  const refused: PresetsDocument["refused"] = [];
  const { axes, params, compute } = log.counted;
  for (const set of sets) {
    const match = matchPreset(set, {
      ...log,
      axes,
      fromCompute: compute.fromCompute,
      // Tokens that follow from N and compute would move with N.
      hasParams: (wanted) => log.hasTokens && params.some(({ counted }) => counted === wanted),
    });
    if ("reason" in match) refused.push({ preset: set.preset.name, ...match });
    else matched.push({ set, match });
  }
  return { matched, refused };
}

/** A fit of one group of rows, with N counted in one way. */
interface CountedFit {
  params: Axes["params"];
  own: OwnFit;
  log: BoundLog;
  group: string | null;
  warnings: Warning[];
}

async function fitEach(
  ways: readonly Axes["params"][],
  log: CountedLog,
  asked: FitOptions,
  flags: RawFlags,
  files: readonly string[],
  failed: Warning[],
): Promise<CountedFit[]> {
  const steps = stepsAsked(flags);
  const started = ways.flatMap((params) => {
    const bound = log.with(params);
    const { law } = bound.bound;
    requireCurve(law);
    const options = flags.objective === undefined ? optionsFor(law, asked) : asked;
    const read = observeLaw(bound, bound.bound, measureFor(law, options), steps);
    if (steps === "all") log.said.push(...checkpointWarnings(read));
    return read.groups.flatMap((group) => startGroup(params, bound, read, group, { options, files, failed }));
  });
  if (started.length === 0)
    throw new DataError({
      code: "no-group",
      message: "none of the groups can be fitted",
      why: failed.map(({ group, message }) => `${group}: ${message}`).join("; "),
      hint: "add runs, or leave --group-by out",
    });
  const pool = new ThreadPool(workersFlag(flags));
  const draws = await drawEach(
    started.map(({ fit }) => fit),
    pool,
  ).finally(() => pool.close());
  return started.map(({ fit, params, log: bound, group, read }, k): CountedFit => {
    const { law, from } = bound.bound;
    const fitted = accountFor(law, { ...group, columns: read.columns }, from, fit.finish(draws[k]));
    return {
      params,
      log: bound,
      group: group.group,
      own: { law, fit: fitted, observations: group.observations, from },
      warnings: [...read.warnings, ...warningsOf(fitted)],
    };
  });
}

/** Of a log without N there is one way of counting it. */
const NO_PARAMS: ParamsColumn = { counted: "unknown", name: "", made: null, factor: 1, note: null };

/** A group that cannot be fitted is named, and the others go on; alone it ends the command. */
function startGroup(
  params: Axes["params"],
  log: BoundLog,
  read: ReadLog,
  group: ObservedGroup,
  { options, files, failed }: { options: FitOptions; files: readonly string[]; failed: Warning[] },
) {
  try {
    return [{ params, log, read, group, fit: startFit(log.bound.law, group.observations, options) }];
  } catch (error) {
    if (group.group === null || !(error instanceof DataError)) throw inFile(error, files);
    failed.push({ code: error.code, message: `not fitted: ${error.message}`, group: group.group });
    return [];
  }
}

function requireCurve({ id, stages, output }: Law): void {
  if (stages.length === 0 && output.quantity === "loss") return;
  throw new UsageError({
    code: "no-curve",
    message: `the law "${id}" of this log gives ${output.meaning}, which no published loss can be held against`,
    hint: "name the loss with --y COLUMN, and a law of it with --law chinchilla",
  });
}

/** The set over the rows of the fit's group, as its law reads them. */
function publishedFor({ law, preset }: PresetOfLaw, match: AxesMatch, fit: CountedFit): PublishedSet {
  const { law: member, values } = presetCoefficients(law, preset);
  return {
    law: member,
    preset,
    coefficients: values,
    rows: rowsFor(member, preset, fit),
    factor: match.factor,
    converted: match.converted,
    unknown: match.unknown,
  };
}

function rowsFor(
  law: Law,
  preset: Preset,
  { log, own: { from }, group: name }: CountedFit,
): PublishedSet["rows"] {
  const steps = stepsAsked(log.flags);
  const measured = log.bound.measured;
  if (law.id === log.bound.law.id && preset.reads === undefined) {
    const group = observeLaw(log, log.bound, "positive", steps).groups.find((one) => one.group === name);
    if (group !== undefined) return { observations: group.observations, from };
  }
  const bound = boundForPreset({ law, preset }, log.offered);
  if (bound === null) return { reason: "the log lacks what its law needs" };
  const group = observeLaw(log, { ...bound, measured }, "positive", steps).groups.find(
    (one) => one.group === name,
  );
  return group === undefined
    ? { reason: "it can use none of the rows" }
    : { observations: group.observations, from: bound.from };
}

/** Where the rows lie outside of the data behind a set, it extrapolates. */
function rangeWarnings({ preset }: PresetOfLaw, match: AxesMatch, fits: readonly CountedFit[]): Warning[] {
  const beside = fits.filter(({ params }) => params === match.params);
  return Object.entries(preset.range ?? {}).flatMap(([name, [low, high]]): Warning[] => {
    const ranges = beside.flatMap(({ own }) => own.fit.data.range[name] ?? []);
    const [least, most] = [Math.min(...ranges), Math.max(...ranges)];
    if (ranges.length === 0 || (least >= low && most <= high)) return [];
    return [
      {
        code: "preset-range",
        message: `preset ${preset.name}: the runs behind it have ${name} from ${count(low)} to ${count(high)}, yours from ${count(least)} to ${count(most)}: outside it is carried on by its law`,
      },
    ];
  });
}
