/**
 * A log as one clean table: a row a run (its last point by the rules of last-rows.ts), quantities under their plain
 * names and in plain units, and every other column as it stands at that row. Read again, it gives the same result.
 */
import type { Column, Table, Warning } from "../objects.js";
import { ALIASES } from "./aliases.js";
import type { Recognised } from "./columns.js";
import { fillConstants } from "./constants.js";
import { type LastRows, lastRows } from "./last-rows.js";
import type { Resolved, Resolver } from "./resolve.js";
import { sizeSuspicions } from "./suspicions.js";

/** Cells by row; an empty text where there is nothing. */
export interface CleanTable {
  header: string[];
  /** Made when they are asked for: few who look at a log write it. */
  rows(): string[][];
  /** How many they are. */
  count: number;
  /** Rows of the log that another row of their run stands for. */
  earlier: number;
  /** The rows of the log that it is made of, and how they were chosen; null where all are there. */
  standing: readonly number[];
  last: LastRows | null;
  warnings: Warning[];
}

/** The names under which quantities stand in a clean table: names that every command reads by themselves. */
const CLEAN_NAMES: Readonly<Record<string, string>> = { N: "params", D: "tokens", C: "flops" };

const cleanName = (quantity: string): string =>
  CLEAN_NAMES[quantity] ?? ALIASES.find((aliases) => aliases.quantity === quantity)?.path[0] ?? quantity;

export function cleanTable(table: Table, recognised: Recognised, resolver: Resolver): CleanTable {
  const all = Array.from({ length: table.rows }, (_, row) => row);
  const measured = resolver.loose("loss");
  const last = lastRows({ table, recognised, resolver, measured }, all, table.omitted ?? []);
  const rows = last === null ? all : all.filter((row) => last.rows.has(row));
  const quantities = [...recognised.quantities.keys()].filter((name) => name !== "run");
  const values = quantities.map((name) => copyOf(resolver.loose(name)!));
  const filled = last === null ? [] : fillConstants(values, last);
  const taken = new Set<Column>(
    [...recognised.quantities.values()].flatMap(({ column, parts = [] }) => [column, ...parts]),
  );
  const rest = table.columns.filter((column) => !taken.has(column));
  const run = recognised.quantities.get("run")?.column;
  const names = uniqueNames([
    ...(run === undefined ? [] : ["run"]),
    ...quantities.map(cleanName),
    ...rest.map(({ name }) => name),
  ]);
  return {
    header: names,
    rows: () =>
      rows.map((row) => [
        ...(run === undefined ? [] : [run.text(row)]),
        ...values.map(({ values: numbers, columns }) => cellOf(numbers[row]!, columns[0]!.text(row))),
        ...rest.map((column) => column.text(row)),
      ]),
    count: rows.length,
    earlier: table.rows - rows.length,
    standing: rows,
    last,
    warnings: [
      ...(last?.warnings ?? []),
      ...filled,
      ...sizeSuspicions({ table, recognised, resolver, inputs: values, measured }, rows),
    ],
  };
}

const copyOf = (resolved: Resolved): Resolved => ({ ...resolved, values: resolved.values.slice() });

/** A number in full; what is none stays as it was written, so that it is refused for the same reason. */
const cellOf = (value: number, text: string): string => (Number.isNaN(value) ? text : String(value));

/** A name that is there before gets a number, as a second column of one name could not be told apart. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let k = 2; taken.has(unique); k++) unique = `${name} (${k})`;
    taken.add(unique);
    return unique;
  });
}
