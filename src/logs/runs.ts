/** Rows of a log -> observations of a law: one row a run, in plain units, in an order that no file order changes. */
import type { Column, Dropped, Observations, OmittedSteps, RowSource, Table, Warning } from "../objects.js";
import { escapeText, quoteText } from "../text.js";
import { averageLast } from "./average.js";
import { canonicalOrder } from "./canonical.js";
import { faultOfCell, readNumbers } from "./cells.js";
import { columnCalled, type Recognised, unknownColumn } from "./columns.js";
import { fillConstants } from "./constants.js";
import { looksLikePercent } from "./counts.js";
import { DropLog } from "./drops.js";
import { labelsOf } from "./label-columns.js";
import { type LastRows, lastRows } from "./last-rows.js";
import { headerNameOf } from "./names.js";
import { type Noise, noiseColumn, precisionOf } from "./noise.js";
import { plainNumber, type Quantity } from "./numbers.js";
import { EveryRowNeeded } from "./omitted-steps.js";
import { type Reduce, reduceRuns, smoothLast, withoutEarly } from "./reduce.js";
import { type Resolved, Resolver } from "./resolve.js";
import { type BoundWhere, bindWhere, passes } from "./selection.js";
import { suspicions } from "./suspicions.js";
import type { Where } from "./where.js";

/** A value that a row must have. */
export interface WantedColumn {
  name: string;
  /** A quantity (`N`) or a column. */
  from: string;
  /** Whether rows at or below 0 are dropped; without it, where params, tokens, flops or losses are counted. */
  positive?: boolean;
  /** Which values mean something, and in words what they must be. */
  allowed?: { holds(value: number): boolean; words: string };
}

/** What the inputs of one row must obey together. */
export interface RowRule {
  code: string;
  holds(at: Readonly<Record<string, number>>): boolean;
  reason: string;
}

/** What a fit wants of a log. */
export interface ObserveRequest {
  /**
   * The law's inputs by name; `from` is a quantity (`N`) or a column. `positive`: rows at or below 0 are dropped;
   * without it, for params, tokens, flops and losses.
   */
  inputs: WantedColumn[];
  /**
   * The measured value; `optional` when it need not be there: then it is taken if it is, else all NaN.
   */
  measured: Omit<WantedColumn, "name"> & { isOptional?: boolean };
  /** What the inputs of a row must obey together; rows that do not are dropped. */
  rules?: readonly RowRule[];
  /** Throws for a row whose counts contradict each other; asked of every row that is selected. */
  requireSound?: (table: Table, row: number) => void;
  /** Inputs that are shares of one whole: brought to a sum of 1 where they miss it by no more than `tolerance`. */
  shares?: { names: readonly string[]; tolerance: number };
  /** Inputs that no column gives, with their value in every row. */
  constants?: ReadonlyMap<string, number>;
  where: Where[];
  groupBy?: string;
  /** A column whose equal values mark rows that share an error, in place of the run. */
  cluster?: string;
  /** A column whose equal values mark the strata within which rows are drawn. */
  strata?: string;
  /** A column of precision weights; rows without one above 0 are dropped. */
  weight?: string;
  /** Known noise of the measured value, and the scale on which it will be compared; in place of `weight`. */
  noise?: { of: Noise; scale: "log" | "raw" };
  /** What `readLogs` dropped. */
  readDropped: Dropped[];
  /** Which rows of a run with steps take part; `last` unless said otherwise, or unless the step is an input. */
  steps?: "last" | "all";
  /** What stands for a run with steps; its last row unless said otherwise. */
  reduce?: Reduce;
}

/** The observations of one group; rows = used + the sum of the dropped counts. */
export interface ObservedGroup {
  /** Null when there is no `groupBy`. */
  group: string | null;
  observations: Observations;
  rows: number;
  used: number;
  dropped: Dropped[];
  warnings: Warning[];
  /** By input, over the rows used; empty when none is. */
  range: Record<string, [number, number]>;
}

export interface Observed {
  /** Sorted by name (code units). */
  groups: ObservedGroup[];
  /** Of the logs as a whole: columns chosen, units, quantities computed. */
  warnings: Warning[];
  /**
   * Rows dropped while reading that belong to no known group, because they are not in the table. Without `groupBy`
   * they are in the one group and this is empty.
   */
  unassigned: Dropped[];
}

/**
 * Selects, checks and orders the rows that a law is fitted to.
 *
 * @throws InputError  when a needed column is missing, ambiguous or mostly text
 * @throws UsageError  when `where` or `groupBy` names a column that is not there
 */
export function observe(table: Table, recognised: Recognised, request: ObserveRequest): Observed {
  const resolver = new Resolver(table, recognised);
  const inputs = request.inputs.map((input) => ({ ...resolver.need(input.from), name: input.name }));
  const measured =
    request.measured.isOptional === true
      ? looseMeasured(resolver, request.measured.from)
      : resolver.need(request.measured.from);
  const where = request.where.map((one) => bindWhere(one, table, resolver, recognised));
  const called = (name: string | undefined, flag: string) =>
    name === undefined ? null : groupColumn(table, recognised, name, flag);
  const grouping = called(request.groupBy, "--group-by");
  const cluster = called(request.cluster, "--cluster");
  const strata = called(request.strata, "--strata");
  const weighing = called(request.weight, "--weight");
  const noise = measured === null ? null : noiseOf(request, table, recognised, measured);
  const weight = noise?.precision ?? (weighing === null ? null : resolver.raw(weighing));
  const needed = neededOf(request, inputs, measured);
  for (const resolved of [noise?.noise, weight])
    if (resolved !== null && resolved !== undefined) needed.push({ resolved, isPositive: true });
  const run = recognised.quantities.get("run")?.column ?? null;
  const context: Context = {
    table,
    recognised,
    resolver,
    inputs,
    measured,
    weight,
    needed,
    where,
    run,
    cluster,
    strata,
    request,
  };
  const groups = groupRows(table, grouping).map(([group, rows]) => observeGroup(context, group, rows));
  const warnings = dedupe(
    [...inputs, ...(measured === null ? [] : [measured]), ...(noise === null ? [] : [noise.noise])].flatMap(
      (resolved) => resolved.warnings,
    ),
  );
  return { groups, warnings, unassigned: grouping === null ? [] : request.readDropped };
}

/** A measured value that need not be there, without a complaint about cells that are texts. */
function looseMeasured(resolver: Resolver, from: string): Resolved | null {
  return resolver.loose(from) ?? (from === "loss" ? null : resolver.find(from));
}

/** The noise of every row as asked for, and the precision 1/s^2 that follows; null where none is known. */
function noiseOf(
  request: ObserveRequest,
  table: Table,
  recognised: Recognised,
  measured: Resolved,
): { noise: Resolved; precision: Resolved } | null {
  if (request.noise === undefined) return null;
  const { of, scale } = request.noise;
  const unit = recognised.quantities.get(request.measured.from)?.factor ?? 1;
  const noise: Resolved = {
    name: "noise",
    title: "noise",
    values: measured.values,
    kind: "plain",
    columns: [],
    warnings: [],
  };
  let isRelative = (_row: number) => true;
  if ("value" in of) {
    isRelative = () => of.isRelative;
    noise.values = new Float64Array(table.rows).fill(of.value);
  } else {
    const column = groupColumn(table, recognised, of.column, "--noise");
    const meant = noiseColumn(column, of.isRelative);
    isRelative = meant.isRelative;
    const { values, warnings } = readNumbers(table, column, "plain", meant.factor);
    Object.assign(noise, { title: column.name, values, columns: [column] });
    noise.warnings = [...(meant.warning === null ? [] : [meant.warning]), ...warnings];
  }
  const precision = noise.values.map((value, row) =>
    precisionOf(isRelative(row) ? value : unit * value, measured.values[row], isRelative(row), scale),
  );
  return { noise, precision: { ...noise, values: precision, warnings: [] } };
}

/** A thing a row must have to be used. */
interface Needed {
  resolved: Resolved;
  isPositive: boolean;
  allowed?: WantedColumn["allowed"];
}

function neededOf(request: ObserveRequest, inputs: readonly Resolved[], measured: Resolved | null): Needed[] {
  const neededBy = (resolved: Resolved, { positive, allowed }: Omit<WantedColumn, "name">): Needed => ({
    resolved,
    isPositive: positive ?? isCount(resolved.kind),
    allowed,
  });
  const needed = inputs.map((resolved, i) => neededBy(resolved, request.inputs[i]!));
  if (measured === null || request.measured.isOptional === true) return needed;
  return [
    ...needed,
    neededBy(measured, { ...request.measured, allowed: request.measured.allowed ?? shareIn(measured) }),
  ];
}

/** What a column that is an accuracy by its name may hold, unless it is in per cent; undefined for any other. */
function shareIn({ columns, values }: Resolved): WantedColumn["allowed"] {
  const [column] = columns;
  const isAccuracy = column !== undefined && /(^|_)acc(uracy)?(_|$)/.test(headerNameOf(column.name).plain);
  if (!isAccuracy || looksLikePercent(values)) return undefined;
  return { holds: (value) => value >= 0 && value <= 1, words: "must be from 0 to 1" };
}

interface Context {
  table: Table;
  recognised: Recognised;
  resolver: Resolver;
  inputs: Resolved[];
  measured: Resolved | null;
  weight: Resolved | null;
  /** What a row must have to be used. */
  needed: Needed[];
  where: BoundWhere[];
  run: Column | null;
  /** Rows that share an error, where it is not the run. */
  cluster: Column | null;
  strata: Column | null;
  request: ObserveRequest;
}

function observeGroup(context: Context, group: string | null, rows: readonly number[]): ObservedGroup {
  const { table, inputs, measured, request } = context;
  const drops = new DropLog();
  const warnings: Warning[] = [];
  const checked = new Set(context.needed.flatMap(({ resolved }) => resolved.columns));
  const selected = rows.filter((row) => passes(context.where, row, checked, table, drops));
  const omitted = omittedOf(context, group);
  const { candidates, said } = candidatesOf(context, selected, omitted, drops);
  warnings.push(...said);
  for (const row of candidates) request.requireSound?.(table, row);
  const shares = sharesOf(context, request.shares);
  const usable = candidates.filter(
    (row) => isUsable(context, row, drops) && obeys(context, shares, row, drops),
  );
  warnings.push(...shareWarnings(shares, usable));
  const compared = [...inputs, measured, context.weight].flatMap((known) =>
    known === null ? [] : [known.values],
  );
  const sizes = context.resolver.loose("N")?.values ?? null;
  const order =
    context.cluster === null
      ? canonicalOrder(usable, compared, context.run, sizes)
      : canonicalOrder(usable, compared, context.cluster, null);
  warnings.push(...suspicions(context, order.rows));
  const readDropped = group === null && request.groupBy === undefined ? request.readDropped : [];
  const dropped = [...readDropped, ...drops.list()];
  const count = dropped.reduce((sum, entry) => sum + entry.count, 0);
  return {
    group,
    observations: observationsOf(context, shares, order.rows, order.cluster),
    rows: usable.length + count,
    used: usable.length,
    dropped,
    warnings: group === null ? warnings : warnings.map((warning) => ({ ...warning, group })),
    range: rangeOf(inputs, order.rows),
  };
}

/** The rows that stand for their runs, by the rule that is asked for. */
function candidatesOf(
  context: Context,
  selected: readonly number[],
  omitted: readonly OmittedSteps[],
  drops: DropLog,
): { candidates: number[]; said: Warning[] } {
  const { table, inputs, measured, request } = context;
  const reduce: Reduce = request.reduce ?? { kind: "last" };
  if (reduce.kind === "all") {
    const last = usesStep(context) || reduce.from === 0 ? null : lastRows(context, selected, omitted);
    return { candidates: withoutEarly(table, selected, last, reduce.from, drops), said: [] };
  }
  const ends = request.steps === "all" || usesStep(context) ? null : lastRows(context, selected, omitted);
  if (ends === null && omitted.length > 0) throw new EveryRowNeeded();
  if (ends === null)
    return {
      candidates: [...selected],
      said: reduce.kind === "mean" ? averageLast(measured, null, reduce.count) : [],
    };
  const { last, warnings } = reduceRuns(ends, reduce, measured, context.resolver.loose("D"));
  const said = [...last.warnings, ...warnings, ...fillConstants(inputs, last)];
  if (reduce.kind === "mean") said.push(...averageLast(measured, last, reduce.count));
  if (reduce.kind === "ema") said.push(...smoothLast(measured, last, reduce.span));
  return { candidates: takeLast(table, selected, last, drops), said };
}

/** A law of the step wants all steps. */
function usesStep({ recognised, inputs }: Context): boolean {
  const step = recognised.quantities.get("step")?.column;
  return step !== undefined && inputs.some(({ columns }) => columns.includes(step));
}

function observationsOf(
  { table, inputs, measured, weight, run, strata, request }: Context,
  shares: Shares | null,
  rows: readonly number[],
  cluster: Int32Array | null,
): Observations {
  // A loop: of a million rows, `Float64Array.from` first makes a list.
  const each = (value: (row: number) => number) => {
    const out = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) out[i] = value(rows[i]!);
    return out;
  };
  const take = (values: Float64Array) => each((row) => values[row]!);
  const whole = (name: string, row: number) =>
    shares?.names.includes(name) === true ? shares.total(row) : 1;
  const constants = [...(request.constants ?? [])].map(
    ([name, value]) => [name, new Float64Array(rows.length).fill(value)] as const,
  );
  return {
    inputs: new Map([
      ...inputs.map(({ name, values }) => [name, each((row) => values[row]! / whole(name, row))] as const),
      ...constants,
    ]),
    measured: measured === null ? new Float64Array(rows.length).fill(Number.NaN) : take(measured.values),
    weight: weight === null ? null : take(weight.values),
    ...(request.noise === undefined ? {} : { isNoiseKnown: true }),
    run: cluster,
    rows: Int32Array.from(rows),
    labels: labelsOf(table, rows),
    ...(strata === null ? {} : { stratum: indexByValue(strata, rows) }),
    label: (row) => labelOf(table, run, rows[row]!),
    source: (row) => table.source(rows[row]!),
  };
}

/** Rows with the same cell have the same index. */
function indexByValue(column: Column, rows: readonly number[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(rows, (row) => {
    const name = nameOf(column, row);
    const index = known.get(name) ?? known.size;
    known.set(name, index);
    return index;
  });
}

/** The run's name, or file and line. */
export function labelOf(table: Table, run: Column | null, row: number): string {
  const name = run === null ? "" : run.text(row).trim();
  if (name !== "") return escapeText(name, 60);
  const { file, line } = table.source(row);
  return `${escapeText(file, 60)}:${line}`;
}

function rangeOf(inputs: readonly Resolved[], rows: readonly number[]): Record<string, [number, number]> {
  const entries = inputs.map(({ name, values }): [string, [number, number]] => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of rows) {
      low = Math.min(low, values[row]!);
      high = Math.max(high, values[row]!);
    }
    return [name, [low, high]];
  });
  return rows.length === 0 ? {} : Object.fromEntries(entries);
}

/** Rows by group, in code-unit order of the names. */
function groupRows(table: Table, column: Column | null): [string | null, number[]][] {
  if (column === null) return [[null, Array.from({ length: table.rows }, (_, row) => row)]];
  const groups = new Map<string, number[]>();
  for (let row = 0; row < table.rows; row++) {
    const name = nameOf(column, row);
    const rows = groups.get(name);
    if (rows === undefined) groups.set(name, [row]);
    else rows.push(row);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A cell as a name: `1e9` and `1000000000` are one. */
function nameOf(column: Column, row: number): string {
  const number = column.numbers[row]!;
  return Number.isNaN(number) ? column.text(row).trim() : String(number);
}

function groupColumn(table: Table, recognised: Recognised, name: string, flag: string): Column {
  const column = columnCalled(table, name) ?? recognised.quantities.get(name)?.column;
  if (column === undefined) throw unknownColumn(table, name, flag);
  return column;
}

function takeLast(table: Table, rows: readonly number[], last: LastRows, drops: DropLog): number[] {
  const [code, reason] = ["not-last", "an earlier step of its run"];
  const kept = rows.filter((row) => {
    if (last.rows.has(row)) return true;
    const { file, line } = table.source(row);
    drops.add(file, line, code, reason);
    return false;
  });
  for (const omitted of last.omitted) drops.addMany(omitted.file, omitted.lines, omitted.rows, code, reason);
  return kept;
}

/** Whether the last row of a run by itself stands for the run. */
const isLastRow = ({ reduce, steps }: ObserveRequest): boolean =>
  steps !== "all" && (reduce === undefined || reduce.kind === "last");

/** The rows of a group that were passed over while reading. @throws EveryRowNeeded where they would count */
function omittedOf({ table, request, where }: Context, group: string | null): readonly OmittedSteps[] {
  const omitted = table.omitted ?? [];
  if (omitted.length === 0) return omitted;
  if (where.length > 0 || !isLastRow(request) || request.noise !== undefined) throw new EveryRowNeeded();
  if (group === null) return omitted;
  return omitted.filter(({ groups }) => {
    const number = plainNumber(groups[0] ?? "");
    return (Number.isNaN(number) ? groups[0] : String(number)) === group;
  });
}

/** Inputs of a row that are shares of one whole. */
interface Shares {
  names: readonly string[];
  tolerance: number;
  total(row: number): number;
}

function sharesOf({ inputs }: Context, wanted: ObserveRequest["shares"]): Shares | null {
  if (wanted === undefined || wanted.names.length === 0) return null;
  const columns = inputs.filter(({ name }) => wanted.names.includes(name)).map(({ values }) => values);
  return { ...wanted, total: (row) => columns.reduce((sum, values) => sum + values[row]!, 0) };
}

/** A sum that misses 1 by less than this needs no word. */
const EXACT_SHARES = 1e-9;

function shareWarnings(shares: Shares | null, rows: readonly number[]): Warning[] {
  if (shares === null) return [];
  const rounded = rows.filter((row) => Math.abs(shares.total(row) - 1) > EXACT_SHARES).length;
  if (rounded === 0) return [];
  const message = `the shares of the mixture add up to 1 within ${100 * shares.tolerance} % only in ${rounded} of ${rows.length} rows: they were divided by their sum`;
  return [{ code: "mixture-renormalised", message }];
}

/** What the inputs of a row must obey together. */
function obeys(
  { table, inputs, request }: Context,
  shares: Shares | null,
  row: number,
  drops: DropLog,
): boolean {
  const rules = request.rules ?? [];
  if (rules.length === 0 && shares === null) return true;
  const { file, line } = table.source(row);
  if (shares !== null && !(Math.abs(shares.total(row) - 1) <= shares.tolerance)) {
    const sum = Number(shares.total(row).toPrecision(4));
    drops.add(file, line, "mixture-sum", "the shares of the mixture do not add up to 1", String(sum));
    return false;
  }
  const at = Object.fromEntries(inputs.map(({ name, values }) => [name, values[row]!]));
  const broken = rules.find((rule) => !rule.holds(at));
  if (broken !== undefined) drops.add(file, line, broken.code, broken.reason);
  return broken === undefined;
}

/** Every needed value is there, finite, and above 0 where it has to be. */
function isUsable({ table, needed }: Context, row: number, drops: DropLog): boolean {
  for (const { resolved, isPositive, allowed } of needed) {
    const value = resolved.values[row]!;
    if (!Number.isFinite(value) || !(value > 0 || !isPositive)) {
      noteFault(table, resolved, row, drops);
      return false;
    }
    if (allowed === undefined || allowed.holds(value)) continue;
    const { file, line } = table.source(row);
    drops.add(file, line, "out-of-range", `${quoteText(resolved.title, 40)} ${allowed.words}`, String(value));
    return false;
  }
  return true;
}

/** Counts and losses are above 0; other columns may hold any number unless the law says otherwise. */
function isCount(kind: Quantity): boolean {
  return kind === "params" || kind === "tokens" || kind === "flops" || kind === "loss";
}

function noteFault(table: Table, resolved: Resolved, row: number, drops: DropLog): void {
  const { file, line }: RowSource = table.source(row);
  for (const column of resolved.columns) {
    const number = column.numbers[row]!;
    const text = column.text(row);
    if (!Number.isNaN(number) && number > 0) continue;
    if (!Number.isNaN(number) || resolved.values[row]! <= 0) {
      drops.add(file, line, "not-positive", `${quoteText(column.name, 40)} is not above 0`, text);
      return;
    }
    const fault = faultOfCell(text, column.name);
    drops.add(file, line, fault.code, fault.reason, text);
    return;
  }
  drops.add(file, line, "not-finite", `${quoteText(resolved.title, 40)} is not finite`);
}

function dedupe(warnings: readonly Warning[]): Warning[] {
  const seen = new Map(warnings.map((warning) => [`${warning.code}\n${warning.message}`, warning]));
  return [...seen.values()];
}
