/** Files side by side: the mixture of a run in one, its losses in another, told by a key that both have. */
import { InputError, UsageError } from "../errors.js";
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, listOf, quoteText } from "../text.js";
import { columnCalled, columnList } from "./columns.js";
import { DropLog } from "./drops.js";
import type { LogsRead } from "./read.js";

/** One file with the row of each key. */
interface Keyed {
  log: LogsRead;
  key: Column;
  rows: Map<string, number[]>;
}

/**
 * Joins logs by the values of a column. Rows follow the log in which keys repeat, if one does; a row without a partner in
 * every other log is dropped and counted.
 *
 * @param logs one a file
 * @param by   the name of the key's column, which every log must have
 * @throws UsageError  for a single file, InputError where the key is missing or repeats in more than one file
 */
export function joinLogs(logs: readonly LogsRead[], by: string): LogsRead {
  if (logs.length < 2) {
    throw new UsageError({
      code: "flags",
      message: `--join ${by} puts files side by side, and only one is named`,
      hint: "name both: scalefit fit mixtures.csv losses.csv --join index",
    });
  }
  const keyed = logs.map((log) => keyedBy(log, by));
  const repeating = keyed.filter(({ rows }) => [...rows.values()].some((same) => same.length > 1));
  if (repeating.length > 1) throw twiceRepeated(repeating, by);
  const main = repeating[0] ?? keyed[0]!;
  const dropped = new DropLog();
  const matches = matched(keyed, main, dropped);
  if (matches.length === 0) throw nothingInCommon(keyed, by);
  noteUnmatched(keyed, main, dropped);
  const { columns, warnings } = joinedColumns(keyed, by, matches);
  const table: Table = {
    files: keyed.flatMap(({ log }) => log.table.files),
    rows: matches.length,
    columns,
    source: (row) => main.log.table.source(matches[row]![keyed.indexOf(main)]!),
  };
  return {
    table,
    warnings: [...logs.flatMap((log) => log.warnings), ...warnings],
    dropped: [...logs.flatMap((log) => log.dropped), ...dropped.list()],
    sources: logs.flatMap(({ sources }) => sources),
  };
}

function keyedBy(log: LogsRead, by: string): Keyed {
  const key = columnCalled(log.table, by);
  const [file] = log.table.files;
  if (key === null) {
    throw new InputError({
      code: "missing-column",
      message: `--join: there is no column ${quoteText(by)}`,
      why: `the columns are: ${columnList(log.table)}`,
      hint: "name a column that every file has",
      file,
    });
  }
  const rows = new Map<string, number[]>();
  for (let row = 0; row < log.table.rows; row++) {
    const text = keyAt(key, row);
    if (text === "") continue;
    const known = rows.get(text);
    if (known === undefined) rows.set(text, [row]);
    else known.push(row);
  }
  return { log, key, rows };
}

/** Numbers are compared as such: 7 and 7.0 are one key. */
function keyAt(key: Column, row: number): string {
  const number = key.numbers[row]!;
  return Number.isNaN(number) ? key.text(row).trim() : String(number);
}

/** Rows of each log that belong together, in the order of the main one. */
function matched(keyed: readonly Keyed[], main: Keyed, dropped: DropLog): number[][] {
  const matches: number[][] = [];
  for (let row = 0; row < main.log.table.rows; row++) {
    const text = keyAt(main.key, row);
    const partners = keyed.map((one) => (one === main ? row : (one.rows.get(text)?.[0] ?? -1)));
    if (text !== "" && !partners.includes(-1)) matches.push(partners);
    else dropUnmatched(main, row, dropped);
  }
  return matches;
}

const dropUnmatched = ({ log, key }: Keyed, row: number, dropped: DropLog): void => {
  const { file, line } = log.table.source(row);
  dropped.add(
    file,
    line,
    "no-partner",
    `no row of the other file has this ${quoteText(key.name, 40)}`,
    key.text(row),
  );
};

/** Rows of the other logs whose key the main one does not have; they are rows of no result, so they are only said. */
function noteUnmatched(keyed: readonly Keyed[], main: Keyed, dropped: DropLog): void {
  for (const one of keyed) {
    if (one === main) continue;
    for (const [text, rows] of one.rows) {
      if (!main.rows.has(text)) for (const row of rows) dropUnmatched(one, row, dropped);
    }
  }
}

function joinedColumns(keyed: readonly Keyed[], by: string, matches: readonly number[][]) {
  const columns: Column[] = [];
  const warnings: Warning[] = [];
  const taken = new Set<string>();
  keyed.forEach(({ log, key }, place) => {
    const rows = Int32Array.from(matches, (match) => match[place]!);
    for (const column of log.table.columns) {
      if (column === key && place > 0) continue;
      const name = taken.has(column.name) ? `${column.name} [${log.table.files[0]}]` : column.name;
      if (name !== column.name) {
        warnings.push({
          code: "joined-name",
          message: `--join ${by}: more than one file has a column ${quoteText(column.name, 40)}; the one of ${escapeText(log.table.files[0] ?? "", 100)} is called ${quoteText(name, 140)}`,
        });
      }
      taken.add(name);
      columns.push(rowsOf(column, name, rows));
    }
  });
  return { columns, warnings };
}

const rowsOf = (column: Column, name: string, rows: Int32Array): Column => ({
  name,
  numbers: Float64Array.from(rows, (row) => column.numbers[row]!),
  text: (row) => column.text(rows[row]!),
});

function twiceRepeated(repeating: readonly Keyed[], by: string): InputError {
  const named = repeating.map(({ log, rows }) => {
    const [text, same] = [...rows].find(([, all]) => all.length > 1)!;
    const lines = same.slice(0, 2).map((row) => log.table.source(row).line);
    return `${escapeText(log.table.files[0] ?? "", 100)} (${quoteText(text, 40)} in lines ${listOf(lines.map(String))})`;
  });
  return new InputError({
    code: "repeated-key",
    message: `--join: ${quoteText(by)} repeats in ${listOf(named)}`,
    why: "which row goes with which would be a guess",
    hint: "at most one of the files may have a key twice",
    file: repeating[0]!.log.table.files[0],
  });
}

function nothingInCommon(keyed: readonly Keyed[], by: string): InputError {
  const example = keyed.map(({ log, rows }) => {
    const [first] = rows.keys();
    return `${escapeText(log.table.files[0] ?? "", 100)} begins with ${quoteText(first ?? "", 40)}`;
  });
  return new InputError({
    code: "no-common-key",
    message: `--join: no value of ${quoteText(by)} is in all files`,
    why: example.join(", "),
    hint: "check that the column means the same in both",
    file: keyed[0]!.log.table.files[0],
  });
}
