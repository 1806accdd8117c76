/**
 * `scalefit compare runs.csv --preset a,b`: a log and published sets -> one way of counting -> a fit -> each set beside it.
 */
import { DataError, UsageError } from "../errors.js";
import { type AxesMatch, type AxesMismatch, matchAxes } from "../evidence/axes-match.js";
import { compareWithPreset, type OwnFit, type PublishedSet } from "../evidence/compare-presets.js";
import { startFit } from "../fit/fit-law.js";
import { accountFor } from "../fit/fit-observed.js";
import { type FitOptions, optionsFor } from "../fit/options.js";
import { axesOf } from "../laws/axes.js";
import { presetCoefficients } from "../laws/coefficients.js";
import { laws } from "../laws/index.js";
import type { Law, Preset } from "../laws/law.js";
import { requireLaw } from "../laws/require-law.js";
import { type BoundLaw, bindLaw, missingFor, type Offered } from "../laws/routing.js";
import { axesOfLog, type LogAxes, type ParamsColumn } from "../logs/axes-of-log.js";
import { parseMapping, quantityCalled } from "../logs/columns.js";
import type { LogsRead } from "../logs/read.js";
import type { ObservedGroup } from "../logs/runs.js";
import type { Axes, Column, PresetComparison, PresetsDocument, Warning } from "../objects.js";
import { count } from "../report/format.js";
import { presetsView } from "../report/presets-view.js";
import { listOf, nearest, quoteText } from "../text.js";
import { axesFlag } from "./axes-flag.js";
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
  observeLaw,
  type ReadLog,
  readTable,
  recogniseLog,
  type WantedLaw,
} from "./logs.js";
import { ThreadPool } from "./thread-pool.js";

export async function comparePresets({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const sets = presetsAsked(textFlag(flags, "preset") ?? "");
  const scales = scalesFlag(flags);
  const asked = fitOptions(flags);
  if (asked.bootstrap === 0) throw withoutResamples();
  const log = await openCounted(args, flags);
  const { matched, refused } = matchedSets(sets, log);
  if (matched.length === 0) throw noneComparable(refused, args);
  const ways = [...new Set(matched.map(({ match }) => match.params))];
  const fits = await fitEach(ways, log, asked, flags, args);
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
    fits: fits.map(({ own: { fit }, params }) => ({
      group: fit.group,
      params,
      column: fit.inputs.find(({ quantity }) => quantity === "N")?.column ?? null,
      law: fit.law,
      formula: fit.formula,
      parameters: fit.parameters,
      rows: fit.data.used,
      meanRelativeError: fit.metrics.meanRelativeError,
    })),
    presets: comparisons,
    refused,
    warnings: uniqueWarnings([
      ...fits.flatMap(({ warnings }) => warnings),
      ...log.said,
      ...refused.map(({ preset, reason, hint }) => ({
        code: "not-comparable",
        message: `preset ${preset} is left out: ${reason}; ${hint}`,
      })),
      ...setWarnings(matched.map(({ set }) => set)),
      ...unknownWarnings(comparisons),
      ...matched.flatMap(({ set, match }) => rangeWarnings(set, match, fits)),
    ]),
  };
  const { warnings } = document;
  return { text: global.json ? "" : presetsView(document, width), document, warnings, exitCode: 0 };
}

/** A published set with its law. */
interface AskedSet {
  law: Law;
  preset: Preset;
}

/** @throws UsageError for a name that is no preset, or given twice */
function presetsAsked(text: string): AskedSet[] {
  const all = laws.flatMap((law) => law.presets.map((preset) => ({ law, preset })));
  const names = text.split(",").map((name) => name.trim());
  return names.map((name, i) => {
    const found = all.find(({ preset }) => preset.name === name);
    if (found !== undefined && names.indexOf(name) === i) return found;
    const ofLosses = all.filter(({ law }) => isOfLoss(law)).map(({ preset }) => preset.name);
    const near = nearest(
      name,
      all.map(({ preset }) => preset.name),
    );
    throw new UsageError({
      code: found === undefined ? "unknown-preset" : "flag",
      message:
        found === undefined
          ? `there is no preset called ${quoteText(name)}`
          : `--preset names ${quoteText(name)} twice`,
      hint:
        near.length > 0 && found === undefined
          ? `did you mean ${near.join(" or ")}?`
          : `the presets of a loss are ${ofLosses.join(", ")}`,
    });
  });
}

const isOfLoss = ({ output, stages }: Law): boolean => output.quantity === "loss" && stages.length === 0;

/** A log with what its numbers count, and with each other way of counting N. */
interface CountedLog {
  counted: LogAxes;
  /** The log with N counted in one of the ways. */
  with(way: ParamsColumn): BoundLog;
  hasTokens: boolean;
  offered: Offered;
  said: Warning[];
}

async function openCounted(files: readonly string[], given: RawFlags): Promise<CountedLog> {
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
    read = withColumn(read, column);
    flags = { ...flags, y: column.name };
    counted.axes.loss = "nats";
    said.push({
      code: "perplexity",
      message: `${quoteText(loss.column.name)} is a perplexity: its logarithm, a loss in nats, is fitted and compared`,
    });
  }
  const [own] = counted.params;
  return {
    counted,
    said,
    hasTokens: quantities.has("D"),
    offered: first.offered,
    with(way) {
      if (way === own || own === undefined) return bindLog(recogniseLog(read, flags, measured), wanted);
      const others = listFlag(flags, "map").filter((text) => quantityCalled(parseMapping(text).name) !== "N");
      const table = way.made === null ? read : withColumn(read, way.made);
      const map = [...others, `N=${way.name}:${way.factor}`];
      return bindLog(recogniseLog(table, { ...flags, map }, measured), wanted);
    },
  };
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
  set: AskedSet;
  match: AxesMatch;
}

/** The sets that can be brought to the axes of the log, and why the others cannot. */
function matchedSets(sets: readonly AskedSet[], log: CountedLog) {
  const matched: MatchedSet[] = [];
  const refused: PresetsDocument["refused"] = [];
  for (const set of sets) {
    const match = matchOf(set, log);
    if ("reason" in match) refused.push({ preset: set.preset.name, ...match });
    else matched.push({ set, match });
  }
  return { matched, refused };
}

function matchOf({ law, preset }: AskedSet, log: CountedLog): AxesMatch | AxesMismatch {
  if (!isOfLoss(law))
    return {
      reason: `its law "${law.id}" predicts ${law.output.meaning}, no loss of a run`,
      hint: "the presets of a loss are in scalefit laws",
    };
  const { axes, params } = log.counted;
  const { offered } = log;
  const missing =
    preset.reads === undefined
      ? missingFor(law, offered)
      : Object.values(preset.reads).filter((name) => !offered.has(name));
  if (missing.length > 0)
    return {
      reason: `the log has no column for ${listOf(missing)}`,
      hint: `say which one it is with --map ${missing[0]}=COLUMN`,
    };
  return matchAxes(axesOf(preset), axes, {
    // Tokens that follow from N and compute would move with N.
    hasParams: (wanted) => log.hasTokens && params.some(({ counted }) => counted === wanted),
    readsCompute: law.inputs.some(({ quantity }) => quantity === "flops"),
  });
}

function noneComparable(refused: PresetsDocument["refused"], files: readonly string[]): DataError {
  const [first] = refused;
  const file = files.length === 1 ? files[0] : undefined;
  if (refused.length === 1)
    return new DataError({
      code: "not-comparable",
      message: `preset ${first.preset} cannot be held against this log: ${first.reason}`,
      hint: first.hint,
      file,
    });
  return new DataError({
    code: "not-comparable",
    message: `none of these ${refused.length} presets can be held against this log`,
    why: refused.map(({ preset, reason }) => `${preset}: ${reason}`).join("; "),
    hint: first.hint,
    file,
  });
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
): Promise<CountedFit[]> {
  const started = ways.flatMap((params) => {
    const { params: all, axes } = log.counted;
    const own = all[0] ?? NO_PARAMS;
    const bound = log.with(
      params === axes.params ? own : (all.find(({ counted }) => counted === params) ?? own),
    );
    const { law } = bound.bound;
    requireCurve(law);
    const options = flags.objective === undefined ? optionsFor(law, asked) : asked;
    const read = observeLaw(bound, bound.bound, measureFor(law, options));
    return read.groups.map((group) => startGroup(params, bound, read, group, options, files));
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

function startGroup(
  params: Axes["params"],
  log: BoundLog,
  read: ReadLog,
  group: ObservedGroup,
  options: FitOptions,
  files: readonly string[],
) {
  try {
    return { params, log, read, group, fit: startFit(log.bound.law, group.observations, options) };
  } catch (error) {
    throw inFile(error, files);
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
function publishedFor(
  { law, preset }: AskedSet,
  match: AxesMatch,
  { log, own, group }: CountedFit,
): PublishedSet {
  const { law: member, values } = presetCoefficients(law, preset);
  return {
    law: member,
    preset,
    coefficients: values,
    rows: rowsFor(member, preset, log, own, group),
    factor: match.factor,
    converted: match.converted,
    unknown: match.unknown,
  };
}

function rowsFor(
  law: Law,
  { reads }: Preset,
  log: BoundLog,
  { from }: OwnFit,
  name: string | null,
): PublishedSet["rows"] {
  const measured = log.bound.measured;
  if (law.id === log.bound.law.id && reads === undefined) {
    const group = observeLaw(log, log.bound, "positive").groups.find((one) => one.group === name);
    if (group !== undefined) return { observations: group.observations, from };
  }
  const bound = boundAs(law, reads, log);
  const group = observeLaw(log, { ...bound, measured }, "positive").groups.find((one) => one.group === name);
  return group === undefined
    ? { reason: "it can use none of the rows" }
    : { observations: group.observations, from: bound.from };
}

/** The law bound as the set means its inputs; that they are there was seen before. */
function boundAs(law: Law, reads: Preset["reads"], { offered }: BoundLog): BoundLaw {
  const asMeant = { law, from: new Map(Object.entries(reads ?? {})), measured: "loss", constants: new Map() };
  return (reads === undefined ? bindLaw(law, offered) : null) ?? asMeant;
}

const setWarnings = (sets: readonly AskedSet[]): Warning[] =>
  sets.flatMap(({ preset: { name, warning } }) =>
    warning === undefined ? [] : [{ code: "preset", message: `preset ${name}: ${warning}` }],
  );

/** Where the rows lie outside of the data behind a set, it extrapolates. */
function rangeWarnings({ preset }: AskedSet, match: AxesMatch, fits: readonly CountedFit[]): Warning[] {
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

/** What is taken for granted, each once with the sets that it is said of. */
function unknownWarnings(comparisons: readonly PresetComparison[]): Warning[] {
  const names = new Map<string, Set<string>>();
  for (const { preset, unknown } of comparisons)
    for (const text of unknown) names.set(text, (names.get(text) ?? new Set()).add(preset));
  return [...names].map(([text, of]) => ({
    code: "unknown-axis",
    message: `${listOf([...of])}: ${text}`,
  }));
}
