/** What a log holds, as `inspect` says it: columns, quantities with their units, runs. */
import type {
  CellTotals,
  Column,
  InspectDocument,
  InspectedColumn,
  InspectedQuantity,
  RunMark,
  Table,
  Warning,
} from "../objects.js";
import { escapeText } from "../text.js";
import { ALIASES } from "./aliases.js";
import { scaled } from "./cells.js";
import { rowsInTotals, sumOf } from "./column-totals.js";
import { type Recognised, titleOf } from "./columns.js";
import { derivationIn, inWords } from "./derived.js";
import { plainName } from "./names.js";
import type { Resolver } from "./resolve.js";
import { runList } from "./run-list.js";

const STATE_NAMES: ReadonlySet<string> = new Set(["state", "status", "run_state", "run_status"]);

/**
 * @param resolver      of the same table, so that a column is read once for all that ask for it
 * @param observations  rows that stand for the runs
 */
export function inspectTable(
  table: Table,
  recognised: Recognised,
  resolver: Resolver,
  observations: number,
): Pick<InspectDocument, "rows" | "columns" | "quantities" | "runs"> {
  const omitted = (table.omitted ?? []).reduce((sum, { rows }) => sum + rows, 0);
  const isCounted = rowsInTotals(table);
  const own = Array.from({ length: table.rows }, (_, row) => row).filter((row) => isCounted?.[row] !== 1);
  return {
    rows: table.rows + omitted,
    columns: columnsIn(table, recognised, own),
    quantities: quantitiesIn(table, recognised, resolver, own),
    runs: { ...runsIn(table, recognised, resolver), observations },
  };
}

/** @param own  rows of the table that are not in the totals of rows passed over */
function columnsIn(table: Table, { quantities }: Recognised, own: readonly number[]): InspectedColumn[] {
  return table.columns.map((column) => {
    const known = [...quantities].find(
      ([, found]) => found.column === column || found.parts?.includes(column),
    );
    const { low, high, example, ...counts } = sumOf([cellsOf(column, own), passedOf(table, column)]);
    return {
      name: escapeText(column.name, 200),
      ...counts,
      range: rangeOf(low, high),
      example: example === null ? null : escapeText(example.trim(), 60),
      quantity: known?.[0] ?? null,
    };
  });
}

/** What a column holds in the rows that were passed over, and in those of the table that were looked at with them. */
function passedOf(table: Table, column: Column): CellTotals {
  const place = table.columns.indexOf(column);
  return sumOf((table.passed ?? []).flatMap(({ columns }) => columns.get(place) ?? []));
}

function cellsOf(column: Column, rows: readonly number[]): CellTotals {
  const totals = sumOf([]);
  for (const row of rows) {
    const value = column.numbers[row]!;
    if (!Number.isNaN(value)) {
      totals.filled++;
      totals.numbers++;
      totals.low = Math.min(totals.low, value);
      totals.high = Math.max(totals.high, value);
      continue;
    }
    const text = column.text(row);
    if (text.trim() === "") continue;
    totals.filled++;
    totals.example ??= text;
  }
  return totals;
}

const rangeOf = (low: number, high: number): [number, number] | null =>
  Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;

/** Quantities with columns, in the order of the field's list, then what follows from them. */
function quantitiesIn(
  table: Table,
  recognised: Recognised,
  resolver: Resolver,
  own: readonly number[],
): InspectedQuantity[] {
  const { quantities } = recognised;
  const order = [...ALIASES.map(({ quantity }) => quantity as string), ...quantities.keys()];
  const found = [...new Set(order)].flatMap((quantity): InspectedQuantity[] => {
    const one = quantities.get(quantity);
    if (one === undefined) return [];
    const passed = passedOf(table, one.column);
    const values = quantity === "run" ? null : resolver.loose(quantity)!.values;
    return [
      {
        quantity,
        title: titleOf(quantity),
        column: escapeText(one.column.name, 200),
        factor: one.factor,
        note: escapeText(one.note, 300),
        ...(values === null
          ? { rows: cellsOf(one.column, own).filled + passed.filled, range: null }
          : extremesOf(values, own, passed, one.factor)),
        alternatives: one.alternatives.map((name) => escapeText(name, 200)),
      },
    ];
  });
  return [...found, ...computedIn(table, recognised, resolver, own)];
}

/** @param factor  from the unit of the totals to that of the values */
function extremesOf(
  values: Float64Array,
  own: readonly number[],
  passed: CellTotals,
  factor: number,
): { rows: number; range: [number, number] | null } {
  let rows = passed.numbers;
  let [low, high] = [scaled(passed.low, factor), scaled(passed.high, factor)];
  for (const row of own) {
    const value = values[row]!;
    if (!Number.isFinite(value)) continue;
    rows++;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { rows, range: rangeOf(low, high) };
}

const SHOWN_COMPUTED: ReadonlySet<string> = new Set(["N", "D", "C", "loss"]);

function computedIn(
  table: Table,
  recognised: Recognised,
  resolver: Resolver,
  own: readonly number[],
): InspectedQuantity[] {
  return [...SHOWN_COMPUTED].flatMap((quantity): InspectedQuantity[] => {
    if (recognised.quantities.has(quantity) || recognised.ambiguous.has(quantity)) return [];
    const derivation = derivationIn(recognised, quantity);
    const values = resolver.looseOrComputed(quantity);
    if (derivation === null || values === null) return [];
    const passed = sumOf((table.passed ?? []).flatMap(({ computed }) => computed.get(quantity) ?? []));
    return [
      {
        quantity,
        title: titleOf(quantity),
        column: null,
        factor: 1,
        note: `computed: ${inWords(derivation)}`,
        ...extremesOf(values, own, passed, 1),
        alternatives: [],
      },
    ];
  });
}

function runsIn(
  table: Table,
  recognised: Recognised,
  resolver: Resolver,
): Omit<InspectDocument["runs"], "observations"> {
  const state = table.columns.find(({ name }) => STATE_NAMES.has(plainName(name)));
  const { quantities } = recognised;
  const loss = (quantities.get("loss") ?? quantities.get("perplexity"))?.column;
  const list = runList({
    table,
    recognised,
    resolver,
    isWritten: (row) => loss !== undefined && loss.text(row).trim() !== "",
    state: state === undefined ? null : (row) => state.text(row).trim(),
  });
  const marks: Partial<Record<RunMark, number>> = {};
  for (const mark of list.flatMap((run) => run.marks)) marks[mark] = (marks[mark] ?? 0) + 1;
  return {
    count: list.length,
    points: list.reduce((sum, { points }) => sum + points, 0),
    names: namesOf(table, recognised) ?? list.length,
    marks,
    list,
  };
}

/** Different names of runs; null where no column names them. */
function namesOf({ rows }: Table, { quantities }: Recognised): number | null {
  const run = quantities.get("run")?.column;
  if (run === undefined) return null;
  const names = new Set<string>();
  for (let row = 0; row < rows; row++) names.add(run.text(row).trim());
  return names.size;
}

/** What is to be said of quantities that were chosen among several columns, or whose unit was taken from a name. */
export function recognisedWarnings({ quantities, warnings }: Recognised): Warning[] {
  return [
    ...warnings,
    ...[...quantities.values()].flatMap((found) => [
      ...found.warnings,
      ...(found.fault === undefined ? [] : [{ code: found.fault.code, message: found.fault.message }]),
    ]),
  ];
}
