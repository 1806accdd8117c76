/**
 * From files to groups of observations for a law: the road that fit, predict and check share.
 */
import { DataError, UsageError } from "../errors.js";
import { lawFromFormula, quantityOfLetter } from "../laws/from-formula.js";
import { isInRange, rangeWords, SHARE_TOLERANCE } from "../laws/inputs.js";
import type { Law } from "../laws/law.js";
import { betaBinomial } from "../laws/pass-at-k.js";
import { passUntil } from "../laws/passuntil.js";
import { powerProduct } from "../laws/power-product.js";
import {
  type BoundLaw,
  bindLaw,
  lawsForColumns,
  missingFor,
  type Offered,
  possibleLaws,
} from "../laws/routing.js";
import {
  columnCalled,
  type Found,
  missingColumn,
  quantityCalled,
  type Recognised,
  recognise,
  unknownColumn,
} from "../logs/columns.js";
import type { FoundCounts } from "../logs/count-columns.js";
import { canHave, derivationIn } from "../logs/derived.js";
import { joinLogs } from "../logs/join.js";
import { type MixtureColumns, mixtureIn } from "../logs/mixture.js";
import { parseNoise } from "../logs/noise.js";
import { EveryRowNeeded } from "../logs/omitted-steps.js";
import { type LogsRead, readLogs } from "../logs/read.js";
import { parseReduce, type Reduce } from "../logs/reduce.js";
import { type ObservedGroup, observe, type WantedColumn } from "../logs/runs.js";
import { isSamePlan, stepPlan } from "../logs/step-plan.js";
import type { StepPlan } from "../logs/step-reducer.js";
import { parseUnit, withUnits } from "../logs/units.js";
import { parseWhere } from "../logs/where.js";
import type { Column, Dropped, Table, Warning } from "../objects.js";
import { unitOfColumn } from "../plan/cost-units.js";
import { escapeText, lineList, listOf, matcherOf, quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { countsIn, type Measured, withCounts } from "./counts.js";
import { isRegularFile, shownName, shownNames } from "./files.js";
import { columnMap, listFlag, textFlag, wholeFlag } from "./flags.js";
import { withFlopsRule } from "./flops-rule-flag.js";
import { ReadingProgress } from "./progress.js";
import { type ProjectFile, projectFile, readAs, withProjectFile } from "./project-file.js";

/** Logs read, with the quantities recognised in them. */
export interface OpenedLog {
  table: Table;
  recognised: Recognised;
  offered: Offered;
  /** What a default may rest on: quantities that differ between rows and are no copy of another. */
  telling: Offered;
  /** The columns that are shares of one whole, if there are some. */
  mixture: MixtureColumns | null;
  /** Successes or rates with the trials behind them, where they are asked for or found. */
  counts: FoundCounts | null;
  /** As given; where there are counts, those by which they are read. */
  flags: RawFlags;
  warnings: Warning[];
  dropped: Dropped[];
  sources: { name: string; sha256: string }[];
  /** How each file was read. */
  files: { name: string; format: string; title: string; fileBytes: number; rows: number }[];
}

export interface ReadLog {
  bound: BoundLaw;
  groups: ObservedGroup[];
  warnings: Warning[];
  /** The column behind each input of the law, and behind `loss`, in words. */
  columns: Map<string, string>;
  sources: { name: string; sha256: string }[];
  recognised: Recognised;
}

/** The law that is asked for: one of the catalogue, a formula, or whichever fits the columns. */
export type WantedLaw = { law: Law } | { formula: string } | "by-columns";

/** What every row must have: a measured value above 0, any measured value, or none. */
export type WantedMeasure = "positive" | "any" | "optional";

/**
 * Reads files and finds the quantities in them.
 *
 * @param measured what is to be predicted
 * @param rows     `of-runs` where earlier steps of a run may be passed over if there are very many, `of-runs-counted`
 *                 where what they hold is to be known all the same
 * @throws EveryRowNeeded where they were, and it shows that they count
 */
export async function openLog(
  files: readonly string[],
  given: RawFlags,
  measured: Measured,
  rows: "every" | "of-runs" | "of-runs-counted" = "every",
): Promise<OpenedLog> {
  const project = await projectFile();
  const reduce =
    rows === "every" ? undefined : runsOnly(given, project, measured, rows === "of-runs-counted");
  const read = await tableOf(files, given, project, reduce);
  const log = recogniseLog(read, given, measured);
  const isWhole = read.table.omitted === undefined;
  if (!isWhole && (log.counts !== null || log.mixture !== null || !reduce?.isSame(read.table)))
    throw new EveryRowNeeded();
  return log;
}

/** Flags that look at the earlier steps of runs, or at cells that are no quantity. */
const EVERY_ROW = [
  "where",
  "average",
  "join",
  "noise",
  "estimator",
  "formula",
  "mixture",
  "successes",
  "trials",
];

/** Whether nothing that is asked for looks at other rows than those that stand for their runs. */
export function areLastRowsEnough(flags: RawFlags): boolean {
  const isGiven = (name: string) => listFlag(flags, name).length > 0 || textFlag(flags, name) !== undefined;
  const isEachStep = flags.checkpoints === true;
  return !isEachStep && !EVERY_ROW.some(isGiven) && (textFlag(flags, "reduce") ?? "last") === "last";
}

/**
 * Opens logs for what needs only the rows that stand for runs, and again whole where it shows that it needs more.
 *
 * @param isEnough  whether that is likely; what cannot be read twice is read whole
 */
export async function withRuns<T>(
  files: readonly string[],
  flags: RawFlags,
  measured: Measured,
  { isEnough, counted = false }: { isEnough: boolean; counted?: boolean },
  use: (log: OpenedLog) => T | Promise<T>,
): Promise<T> {
  if (isEnough && files.every(isRegularFile)) {
    try {
      return await use(await openLog(files, flags, measured, counted ? "of-runs-counted" : "of-runs"));
    } catch (error) {
      if (!(error instanceof EveryRowNeeded)) throw error;
    }
  }
  return use(await openLog(files, flags, measured));
}

/** A table with the lasting choices of how it is to be understood. */
export interface TableRead extends LogsRead {
  project: ProjectFile | null;
}

/** Files as one table, called as documents call them. */
export async function readTable(files: readonly string[], given: RawFlags): Promise<TableRead> {
  return tableOf(files, given, await projectFile());
}

async function tableOf(
  files: readonly string[],
  given: RawFlags,
  project: ProjectFile | null,
  reduce?: RunsOnly,
): Promise<TableRead> {
  return { ...withShownNames(await readFiles(files, readAs(given, project), reduce)), project };
}

/** Finds the quantities in a table. */
export function recogniseLog(log: TableRead, given: RawFlags, measured: Measured): OpenedLog {
  const asked = withProjectFile(given, log.project, (name) => columnCalled(log.table, name) !== null);
  const map = columnMap(listFlag(asked.flags, "map"));
  const counts = countsIn(log.table, () => recognise(log.table, { map }), asked.flags, measured);
  const { table: counted, flags } =
    counts === null ? { table: log.table, flags: asked.flags } : withCounts(log.table, asked.flags, counts);
  const column = textFlag(flags, "y");
  const quantity = quantityOf(measured, counts, counted);
  const found = recognise(counted, { map, y: column === undefined ? undefined : { column, quantity } });
  const named = withUnits(found, listFlag(flags, "unit").map(parseUnit));
  const { table, recognised, warnings } = withFlopsRule(counted, named, flags);
  const mixture = mixtureIn(table, recognised, textFlag(flags, "mixture"));
  return {
    table,
    recognised,
    offered: offeredBy(table, recognised, mixture),
    telling: tellingOf(recognised, mixture),
    mixture,
    counts,
    flags,
    warnings: [
      ...asked.warnings,
      ...log.warnings,
      ...(mixture?.warnings ?? []),
      ...(counts?.warnings ?? []),
      ...warnings,
    ],
    dropped: log.dropped,
    sources: log.sources.map(({ name, sha256 }) => ({ name, sha256 })),
    files: log.sources.map(({ name, format, title, bytes, rows }) => ({
      name,
      format,
      title,
      fileBytes: bytes,
      rows,
    })),
  };
}

/** The ids of the laws that the columns allow, the one taken by itself first. */
export function possibleFor({ offered, telling }: OpenedLog): string[] {
  const ids = [...lawsForColumns(telling), ...possibleLaws(telling), ...lawsForColumns(offered)];
  return [...new Set(ids.map(({ law }) => law.id))];
}

/** Rates are no loss: where no law says what they are, a coverage of k attempts, else an accuracy. */
function quantityOf({ quantity, reads }: Measured, counts: FoundCounts | null, table: Table): string {
  if (counts === null || reads.length > 0) return quantityCalled(quantity) ?? quantity;
  return table.columns.some(({ name }) => quantityCalled(name) === "attempts") ? "coverage" : "accuracy";
}

/**
 * The columns that `--y` names: one, several with commas between them, or all that match a pattern with `*`.
 *
 * @throws UsageError where one of them is not there
 */
export async function measuredColumns(
  files: readonly string[],
  flags: RawFlags,
  y: string,
): Promise<string[]> {
  const { table } = await readFiles(files, flags);
  if (columnCalled(table, y) !== null) return [y];
  const names = y.split(",").flatMap((part) => {
    const wanted = part.trim();
    if (!wanted.includes("*")) {
      if (columnCalled(table, wanted) === null) throw unknownColumn(table, wanted, "--y");
      return [wanted];
    }
    const found = table.columns.map(({ name }) => name).filter(matcherOf(wanted));
    if (found.length === 0) throw unknownColumn(table, wanted, "--y");
    return found;
  });
  return [...new Set(names)];
}

/** How a log of very many steps is reduced to its runs while it is read. */
interface RunsOnly {
  plan(table: Table): StepPlan | null;
  /** Whether the whole log has the same columns for the same quantities as its beginning had. */
  isSame(table: Table): boolean;
}

function runsOnly(
  given: RawFlags,
  project: ProjectFile | null,
  measured: Measured,
  counts: boolean,
): RunsOnly {
  const quantity = quantityCalled(measured.quantity) ?? measured.quantity;
  let planned: StepPlan | null = null;
  const planOf = (table: Table) => {
    const { flags } = withProjectFile(given, project, (name) => columnCalled(table, name) !== null);
    const map = columnMap(listFlag(flags, "map"));
    const column = textFlag(flags, "y");
    const recognised = recognise(table, { map, y: column === undefined ? undefined : { column, quantity } });
    return stepPlan(table, recognised, quantity, textFlag(flags, "groupBy"), counts);
  };
  return {
    plan: (table) => {
      planned = planOf(table);
      return planned;
    },
    isSame: (table) => isSamePlan(planned, planOf(table)),
  };
}

/** Files pooled, or side by side by a key. */
async function readFiles(files: readonly string[], flags: RawFlags, reduce?: RunsOnly): Promise<LogsRead> {
  const join = textFlag(flags, "join");
  const progress = new ReadingProgress(files, flags.quiet === true);
  const options = {
    format: textFlag(flags, "format"),
    patterns: listFlag(flags, "pattern"),
    onBytes: (bytes: number) => progress.add(bytes),
  };
  try {
    if (join === undefined) return await readLogs([...files], { ...options, reduce: reduce?.plan });
    const logs: LogsRead[] = [];
    for (const file of files) logs.push(await readLogs([file], options));
    return joinLogs(logs, join);
  } finally {
    progress.end();
  }
}

/** The rows of a log that a law is fitted to. */
export function observeLaw(
  log: OpenedLog,
  bound: BoundLaw,
  measured: WantedMeasure,
  steps: "last" | "all" = "last",
): ReadLog {
  const { flags } = log;
  const { law } = bound;
  const noise = textFlag(flags, "noise");
  const result = observe(log.table, log.recognised, {
    inputs: [...bound.from].map(([name, from]) => wantedInput(law, name, from)),
    measured: wantedMeasure(bound, measured),
    rules: law.rules,
    requireSound: log.counts?.requireSound,
    shares: { names: law.simplex, tolerance: SHARE_TOLERANCE },
    constants: bound.constants,
    where: listFlag(flags, "where").map((text) => parseWhere(text)),
    groupBy: textFlag(flags, "groupBy"),
    cluster: textFlag(flags, "cluster"),
    strata: textFlag(flags, "strata"),
    weight: textFlag(flags, "weight"),
    noise: noise === undefined ? undefined : { of: parseNoise(noise), scale: comparedAs(flags, law) },
    readDropped: log.dropped,
    steps,
    ...reduceAsked(flags),
  });
  return {
    bound,
    groups: result.groups,
    warnings: [
      ...log.warnings,
      ...result.warnings,
      ...result.unassigned.map((dropped) => droppedWarning(dropped, null)),
      ...result.groups.flatMap((group) => [...group.warnings, ...droppedWarnings(group)]),
    ],
    columns: columnsRead(bound, log.recognised),
    sources: log.sources,
    recognised: log.recognised,
  };
}

/** What stands for a run with steps. @throws UsageError */
function reduceAsked(flags: RawFlags): { reduce?: Reduce } {
  const rule = textFlag(flags, "reduce");
  if (rule !== undefined && flags.average !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--reduce and --average contradict each other: both say what stands for a run",
      hint: "--reduce mean:K is the same as --average K",
    });
  }
  if (rule !== undefined) return { reduce: parseReduce(rule) };
  if (flags.average === undefined) return {};
  return { reduce: { kind: "mean", count: Math.max(1, wholeFlag(flags, "average", 1)) } };
}

/** A log with the law that is to be fitted to it. */
export interface BoundLog extends OpenedLog {
  bound: BoundLaw;
  /** What is to be said of the law. */
  said: Warning[];
}

/**
 * Reads files and binds the law (or the one that fits the columns) to them.
 *
 * @param before what each input of the law was read from before, for a law that is already fitted
 */
async function readLaw(
  files: readonly string[],
  flags: RawFlags,
  wanted: WantedLaw,
  before: ReadonlyMap<string, string>,
): Promise<BoundLog> {
  const log = await openLog(files, flags, measuredBy(wanted));
  // Runs that are only planned have no trials yet.
  const unweighted = { ...log, flags: { ...log.flags, weight: flags.weight } };
  return bindLog(unweighted, wanted, before);
}

/** Binds the law that is asked for, or the one that fits the columns, to a log. @throws DataError */
export function bindLog(log: OpenedLog, wanted: WantedLaw, before?: ReadonlyMap<string, string>): BoundLog {
  const { law, equals } = lawOf(wanted, log);
  return { ...log, bound: bind(law, log, before), said: equals === null ? [] : [equalLaw(equals)] };
}

/** Reads the rows of files for a law that is already fitted. */
export async function readObservations(
  files: readonly string[],
  flags: RawFlags,
  law: Law,
  measured: WantedMeasure,
  before: ReadonlyMap<string, string>,
): Promise<ReadLog> {
  const log = await readLaw(files, flags, { law }, before);
  return observeLaw(log, log.bound, measured);
}

/** What is predicted, and so what `--y` gives a column for. */
export function measuredBy(wanted: WantedLaw): Measured {
  if (wanted === "by-columns" || "formula" in wanted)
    return { quantity: "loss", reads: wanted === "by-columns" ? [] : ["loss"], ofCounts: false };
  const { output, objective } = wanted.law;
  const ofCounts = objective === "binomial" || wanted.law === betaBinomial;
  return { quantity: output.reads[0], reads: output.reads, ofCounts };
}

function wantedInput(law: Law, name: string, from: string): WantedColumn {
  const input = law.inputs.find((one) => one.name === name);
  if (input === undefined || law.isCustom) return { name, from, positive: !law.isCustom };
  const isOpen = input.range[0] >= 0 && !input.zero;
  const allowed = { holds: (value: number) => isInRange(input, value), words: rangeWords(input) };
  return { name, from, positive: isOpen, allowed };
}

function wantedMeasure({ law, measured }: BoundLaw, wanted: WantedMeasure) {
  const [low, high] = law.output.range;
  const isBounded = low > Number.NEGATIVE_INFINITY || high < Number.POSITIVE_INFINITY;
  const allowed = {
    holds: (value: number) => value >= low && value <= high,
    words: `must be from ${low} to ${high}`,
  };
  return {
    from: measured,
    positive: wanted === "positive",
    isOptional: wanted === "optional",
    ...(isBounded ? { allowed } : {}),
  };
}

/** The rows of each stage of a chain; a stage reads the measured output of an earlier one as its input. */
export function observeChain(log: OpenedLog, { law, measured }: BoundLaw, wanted: WantedMeasure): ReadLog[] {
  const stages = law.stages.map((stage) => {
    const bound = bindLaw(withEarlierOutputs(stage, law), log.offered);
    if (bound === null) throw missingInputs(log, withEarlierOutputs(stage, law));
    return { stage, bound };
  });
  requireApart(
    stages.map(({ bound }) => bound.measured),
    log,
  );
  return stages.map(({ stage, bound }) => {
    const isMain = stage.output.name === law.output.name;
    // Noise is known of what the chain predicts, not of what is measured on the way.
    const own = isMain ? log : { ...log, flags: { ...log.flags, noise: undefined } };
    return observeLaw(own, { ...bound, law: stage, measured: isMain ? measured : bound.measured }, wanted);
  });
}

/** What two stages predict is not one and the same column. @throws DataError */
function requireApart(measured: readonly string[], { recognised, table }: OpenedLog): void {
  const columns = measured.map(
    (from) => recognised.quantities.get(from)?.column ?? columnCalled(table, from),
  );
  const at = columns.findIndex((column, k) => column !== null && columns.indexOf(column) < k);
  if (at < 0) return;
  const other = measured[columns.indexOf(columns[at])];
  throw new DataError({
    code: "one-column",
    message: `${other} and ${measured[at]} are read from one column, ${quoteText(columns[at]?.name ?? "")}`,
    why: "they are two losses of the law, each of runs of its own",
    hint: `name another column: --map ${measured[at]}=COLUMN`,
  });
}

/** A stage whose inputs that are outputs of earlier stages are read from where those are measured. */
function withEarlierOutputs(stage: Law, chain: Law): Law {
  const outputs = new Map(chain.stages.map(({ output }) => [output.name, output]));
  const inputs = stage.inputs.map((input) => ({
    ...input,
    reads: [...new Set([...(outputs.get(input.name)?.reads ?? []), ...input.reads])],
  }));
  return { ...stage, inputs };
}

/** What a log offers to a law: its quantities, what follows from them, and columns by their names. */
function offeredBy(
  table: Table,
  { quantities, ambiguous }: Recognised,
  mixture: MixtureColumns | null,
): Offered {
  const isFound = (name: string) => quantities.has(name) || ambiguous.has(name);
  return {
    has: (name) => {
      const quantity = quantityCalled(name) ?? name;
      const follows = canHave(quantity, isFound) || derivationIn({ quantities }, quantity) !== null;
      return follows || table.columns.some((column) => column.name === name);
    },
    list: (name) =>
      (name === SHARES ? mixture?.names : undefined) ??
      numbered(name, (one) => isFound(one) || table.columns.some((column) => column.name === one)),
  };
}

/** x1, x2, ... as far as they are there, as columns or by `--map x1=COLUMN`; null where there are none. */
function numbered(name: string, has: (one: string) => boolean): string[] | null {
  const found: string[] = [];
  while (has(`${name}${found.length + 1}`)) found.push(`${name}${found.length + 1}`);
  return found.length === 0 ? null : found;
}

/** What a default may rest on: columns named with `--map` included, names of columns that no list knows not. */
function tellingOf(recognised: Recognised, mixture: MixtureColumns | null): Offered {
  const isFound = tellingQuantities(recognised);
  // Of steps, batch and sequence the first alone may differ between rows.
  const follows = (name: string): boolean =>
    derivationIn(recognised, name)?.from.some((part) => isFound(part)) ?? false;
  return {
    has: (name) =>
      COMPUTE.has(name) ? canHave(name, isFound) || follows(name) : isFound(quantityCalled(name) ?? name),
    list: (name) => (name === SHARES ? (mixture?.names ?? null) : null),
  };
}

/** The list of inputs that are shares of a mixture. */
const SHARES = "r";

/** Whether a quantity has a column that says something of its own. */
export function tellingQuantities({ quantities, ambiguous }: Recognised): (quantity: string) => boolean {
  const news = new Set(
    [...quantities].filter(([name, found]) => isNews(name, found, quantities)).map(([name]) => name),
  );
  return (name) => news.has(name) || ambiguous.has(name);
}

const COMPUTE: ReadonlySet<string> = new Set(["N", "D", "C"]);
/** Quantities that count as found whatever they hold: what else could be fitted is settled by the rows. */
const ALWAYS: ReadonlySet<string> = new Set(["N", "D", "C", "loss", "x"]);

/** Whether a column differs between rows, and is no copy of tokens or parameters. */
function isNews(name: string, { column }: Found, quantities: ReadonlyMap<string, Found>): boolean {
  if (ALWAYS.has(name)) return true;
  const { numbers } = column;
  const first = numbers.find((value) => Number.isFinite(value));
  if (first === undefined || numbers.every((value) => value === first || !Number.isFinite(value)))
    return false;
  return !["N", "D"].some((other) => {
    const same = quantities.get(other)?.column.numbers;
    return same?.every((value, row) => value === numbers[row] || !Number.isFinite(numbers[row])) ?? false;
  });
}

/** Whether measured and predicted values are compared as logs: by the objective, which only fit has. */
const comparedAs = (flags: RawFlags, { objective }: Law): "log" | "raw" =>
  (textFlag(flags, "objective") ?? objective ?? "huber-log").endsWith("-log") ? "log" : "raw";

/** The log with its files called as documents call them. */
function withShownNames({ table, warnings, dropped, sources }: LogsRead): LogsRead {
  // Asked for once a row, of a handful of files.
  const names = shownNames([...new Set([...table.files, ...sources.map(({ name }) => name)])]);
  const nameOf = (file: string): string => names.get(file) ?? shownName(file);
  const renamed = <T extends { file?: string }>(entry: T): T =>
    entry.file === undefined ? entry : { ...entry, file: nameOf(entry.file) };
  return {
    table: {
      ...table,
      files: table.files.map(nameOf),
      // rows that were passed over are told from those of the table by file and line
      ...(table.omitted === undefined ? {} : { omitted: table.omitted.map(renamed) }),
      columns: table.columns.map((column) =>
        isOfFiles(column, table) ? renamedCells(column, nameOf) : column,
      ),
      source: (row) => renamed(table.source(row)),
    },
    warnings: warnings.map(renamed),
    dropped: dropped.map(renamed),
    sources: sources.map((source) => ({ ...source, name: nameOf(source.name) })),
  };
}

/** Whether a column is the one that was added to name each row's file. */
const isOfFiles = (column: Column, table: Table): boolean =>
  column.name === "file" &&
  table.files.length > 1 &&
  table.rows > 0 &&
  column.text(0) === table.source(0).file;

const renamedCells = (column: Column, nameOf: (file: string) => string): Column => ({
  name: column.name,
  numbers: column.numbers,
  text: (row) => nameOf(column.text(row)),
});

function columnsRead(bound: BoundLaw, recognised: Recognised): Map<string, string> {
  const describe = (quantity: string): string => {
    const { quantities } = recognised;
    const found =
      quantities.get(quantity) ??
      [...quantities.values()].find(({ column }) => column.name === quantity) ??
      quantities.get(quantityCalled(quantity) ?? quantity);
    // Of `D = C / (6 N)` what it is made from.
    if (found === undefined)
      return derivationIn(recognised, quantity)?.formula.replace(/^\w+ = /, "") ?? quantity;
    return `${escapeText(found.column.name, 60)}${found.factor === 1 ? "" : ` x ${found.factor}`}`;
  };
  const columns = new Map([...bound.from].map(([name, from]) => [name, describe(from)]));
  return columns.set("loss", describe(bound.measured));
}

/** Codes of rows left out on purpose: counted in the document, no trouble. */
const INTENDED = new Set(["where", "not-last"]);

function droppedWarnings({ group, dropped }: ObservedGroup): Warning[] {
  return dropped.filter(({ code }) => !INTENDED.has(code)).map((entry) => droppedWarning(entry, group));
}

function droppedWarning({ code, count, reason, lines, file }: Dropped, group: string | null): Warning {
  return {
    code,
    message: `${escapeText(file, 200)}: ${lineList(lines, count)}: ${count} ${count === 1 ? "row" : "rows"} not used: ${reason}`,
    file,
    lines,
    ...(group === null ? {} : { group }),
  };
}

/** The law, where one is asked for; the names of a formula that are columns or quantities are its inputs. */
function lawOf(wanted: WantedLaw, { table, recognised }: OpenedLog): { law: Law | null; equals: Law | null } {
  if (wanted === "by-columns") return { law: null, equals: null };
  if ("law" in wanted) return { law: wanted.law, equals: null };
  const { quantities, ambiguous } = recognised;
  const isFound = (name: string) => quantities.has(name) || ambiguous.has(name);
  return lawFromFormula(wanted.formula, (name) => {
    if (isFound(name) || (COMPUTE.has(name) && canHave(name, isFound))) return quantityOfLetter(name);
    const column = columnCalled(table, name);
    if (column === null) return null;
    // A column that holds a quantity stands for it, in whatever unit: it is read as a plain count.
    const known = [...quantities].find(([, read]) => read.column.name === column.name);
    return quantityOfLetter(known?.[0] ?? "");
  });
}

const equalLaw = ({ id, formula }: Law): Warning => ({
  code: "equals-law",
  message: `the formula equals ${id}, ${formula}: it takes that law's bounds and gives the same numbers`,
});

/** @throws DataError where the columns are not enough */
function bind(wanted: Law | null, log: OpenedLog, before?: ReadonlyMap<string, string>): BoundLaw {
  if (wanted === null && log.counts !== null) return lawOfRates(log);
  if (wanted === null) {
    const ofCost = costByColumns(log);
    if (ofCost !== null) return ofCost;
    const [first] = lawsForColumns(log.telling);
    if (first === undefined) throw missingInputs(log, null);
    return first;
  }
  // A formula's inputs were found by their names already.
  if (wanted.isCustom)
    return {
      law: wanted,
      from: new Map(wanted.inputs.map(({ name }) => [name, name])),
      measured: "loss",
      constants: new Map(),
    };
  if (before !== undefined) return boundAsBefore(wanted, log, before);
  return bindAsked(wanted, log);
}

/**
 * A column of `--y` that is called as a cost is (seconds, joules, dollars) rises with sizes, where a law of the loss falls: by
 * default it is a product of powers of what it is known to depend on. Null for any other column.
 */
function costByColumns({ flags, offered }: OpenedLog): BoundLaw | null {
  const { y } = flags;
  if (typeof y !== "string" || quantityCalled(y) === "loss" || unitOfColumn(y) === null) return null;
  const features = ["N", "D"].filter((name) => offered.has(name));
  const law = powerProduct.family?.of(features.length) ?? null;
  if (features.length === 0 || law === null) return null;
  const from = new Map(law.inputs.map(({ name }, i) => [name, features[i]]));
  // The column of `--y` is read under the name of what laws mostly predict.
  return { law, from, measured: "loss", constants: new Map() };
}

/** The law that rates follow by the columns. @throws DataError */
function lawOfRates(log: OpenedLog): BoundLaw {
  const [first] = ratesByColumns(log);
  if (first !== undefined) return first;
  throw new DataError({
    code: "no-law",
    message: "which law the rates follow is not known by these columns",
    hint: "name one: --law passuntil (of params), --law logistic-logc (of compute), --law pass-at-k (of k), --law pass-at-k-beta (one row a problem)",
    file: log.table.files[0],
  });
}

/** Laws of rates that are a default for the columns; of sizes alone the one of pass rates. */
export function ratesByColumns({ telling }: OpenedLog): BoundLaw[] {
  const ofSize = bindLaw(passUntil, telling);
  return [
    ...lawsForColumns(telling).filter(({ law }) => law.output.quantity === "fraction"),
    ...(ofSize === null ? [] : [ofSize]),
  ];
}

/** Binds a law of the catalogue. @throws DataError naming what is missing and what else could be fitted */
export function bindAsked(law: Law, log: OpenedLog): BoundLaw {
  const bound = bindLaw(law, log.offered);
  if (bound === null) throw missingInputs(log, law);
  return bound;
}

/** A law that is already fitted takes its inputs from where they were; what it predicts need not be there. */
function boundAsBefore(law: Law, log: OpenedLog, before: ReadonlyMap<string, string>): BoundLaw {
  const missing = [...before.values()].find((name) => !log.offered.has(name));
  if (missing !== undefined) throw missingInputs(log, law);
  const constants = new Map(
    law.inputs.flatMap(({ name, neutral }) =>
      before.has(name) || neutral === undefined ? [] : [[name, neutral] as const],
    ),
  );
  const measured = law.output.reads.find((name) => log.offered.has(name)) ?? law.output.reads[0];
  return { law, from: before, measured, constants };
}

/** The columns are not enough for the law: which quantity is missing, and what else could be fitted. */
export function missingInputs({ table, recognised, offered }: OpenedLog, wanted: Law | null): Error {
  const missing =
    wanted === null
      ? [["N", "D", "loss"].find((name) => !offered.has(name)) ?? "N"]
      : missingFor(wanted, offered);
  const [first] = missing;
  const error = missingColumn(table, recognised, first === "x" || first === undefined ? "N" : first);
  const possible = possibleLaws(offered)
    .filter(({ law }) => law !== wanted && law.isCandidate)
    .map(({ law }) => law.id);
  if (wanted === null || possible.length === 0) return error;
  const needed = wanted.inputs.map(({ name }) => name);
  return new DataError({
    code: "missing-input",
    message: `the law "${wanted.id}" needs ${listOf(needed)}: ${error.message}`,
    why: error.why,
    hint: `${error.hint ?? ""}${error.hint === undefined ? "" : "; "}with these columns --law ${possible.slice(0, 6).join(" or --law ")} can be fitted`,
    ...error.place,
  });
}
