/** What a log holds, as `inspect` says it: columns, quantities with their units, runs. */
import type {
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
import { type Recognised, titleOf } from "./columns.js";
import { derivationOf } from "./derived.js";
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
  return {
    rows: table.rows,
    columns: columnsIn(table, recognised),
    quantities: quantitiesIn(table, recognised, resolver),
    runs: { ...runsIn(table, recognised, resolver), observations },
  };
}

function columnsIn(table: Table, { quantities }: Recognised): InspectedColumn[] {
  return table.columns.map((column) => {
    const known = [...quantities].find(
      ([, found]) => found.column === column || found.parts?.includes(column),
    );
    return {
      name: escapeText(column.name, 200),
      ...cellsOf(column, table.rows),
      quantity: known?.[0] ?? null,
    };
  });
}

function cellsOf(
  column: Column,
  rows: number,
): Pick<InspectedColumn, "filled" | "numbers" | "range" | "example"> {
  let [filled, numbers] = [0, 0];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let example: string | null = null;
  for (let row = 0; row < rows; row++) {
    const value = column.numbers[row]!;
    if (!Number.isNaN(value)) {
      filled++;
      numbers++;
      low = Math.min(low, value);
      high = Math.max(high, value);
      continue;
    }
    const text = column.text(row).trim();
    if (text === "") continue;
    filled++;
    example ??= escapeText(text, 60);
  }
  return { filled, numbers, range: rangeOf(low, high), example };
}

const rangeOf = (low: number, high: number): [number, number] | null =>
  Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null;

/** Quantities with columns, in the order of the field's list, then what follows from them. */
function quantitiesIn(table: Table, recognised: Recognised, resolver: Resolver): InspectedQuantity[] {
  const { quantities } = recognised;
  const order = [...ALIASES.map(({ quantity }) => quantity as string), ...quantities.keys()];
  const found = [...new Set(order)].flatMap((quantity): InspectedQuantity[] => {
    const one = quantities.get(quantity);
    if (one === undefined) return [];
    const values = quantity === "run" ? null : resolver.loose(quantity)!.values;
    return [
      {
        quantity,
        title: titleOf(quantity),
        column: escapeText(one.column.name, 200),
        factor: one.factor,
        note: escapeText(one.note, 300),
        ...(values === null ? namesIn(one.column, table.rows) : extremesOf(values)),
        alternatives: one.alternatives.map((name) => escapeText(name, 200)),
      },
    ];
  });
  return [...found, ...computedIn(recognised, resolver)];
}

function namesIn(column: Column, rows: number): { rows: number; range: null } {
  let filled = 0;
  for (let row = 0; row < rows; row++) if (column.text(row).trim() !== "") filled++;
  return { rows: filled, range: null };
}

function extremesOf(values: Float64Array): { rows: number; range: [number, number] | null } {
  let rows = 0;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    rows++;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { rows, range: rangeOf(low, high) };
}

const SHOWN_COMPUTED: ReadonlySet<string> = new Set(["N", "D", "C", "loss"]);

function computedIn(recognised: Recognised, resolver: Resolver): InspectedQuantity[] {
  return [...SHOWN_COMPUTED].flatMap((quantity): InspectedQuantity[] => {
    if (recognised.quantities.has(quantity) || recognised.ambiguous.has(quantity)) return [];
    const derivation = derivationOf(quantity, (name) => recognised.quantities.has(name));
    const values = resolver.looseOrComputed(quantity);
    if (derivation === null || values === null) return [];
    return [
      {
        quantity,
        title: titleOf(quantity),
        column: null,
        factor: 1,
        note: `computed: ${derivation.formula}`,
        ...extremesOf(values),
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
