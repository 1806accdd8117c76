/** Files of a table that fill the same columns: what a column means is asked of each such group by itself. */
import type { Column, Table } from "../objects.js";

/** Files with the same columns. */
export interface AlikeFiles {
  files: string[];
  /** The columns that they fill, in the table's order. */
  columns: Column[];
  /** Their beginning, by which columns are told: the first cells of each column that are filled. */
  sample: Table;
  /** The column of the table behind one of the sample. */
  behind: ReadonlyMap<Column, Column>;
}

export interface FilesByColumns {
  groups: AlikeFiles[];
  /** By row of the table: the place of its group. */
  of: Int32Array;
}

/** Filled cells of a column that are looked at. */
const CELLS = 200;

const known = new WeakMap<Table, FilesByColumns | null>();

/** The files of a table by the columns that they fill; null where all are alike. */
export function filesByColumns(table: Table): FilesByColumns | null {
  if (table.files.length < 2) return null;
  const before = known.get(table);
  if (before !== undefined) return before;
  const found = findGroups(table);
  known.set(table, found);
  return found;
}

function findGroups(table: Table): FilesByColumns | null {
  const rowsOf = new Map<string, number[]>();
  for (let row = 0; row < table.rows; row++) {
    const { file } = table.source(row);
    const rows = rowsOf.get(file);
    if (rows === undefined) rowsOf.set(file, [row]);
    else rows.push(row);
  }
  const isFilled = (column: Column) => (row: number) =>
    !Number.isNaN(column.numbers[row]!) || column.text(row).trim() !== "";
  const alike = new Map<string, { files: string[]; rows: number[]; columns: Column[] }>();
  for (const [file, rows] of rowsOf) {
    const columns = table.columns.filter((column) => rows.some(isFilled(column)));
    const key = columns.map((column) => table.columns.indexOf(column)).join();
    const group = alike.get(key);
    if (group === undefined) alike.set(key, { files: [file], rows, columns });
    else {
      group.files.push(file);
      for (const row of rows) group.rows.push(row);
    }
  }
  if (alike.size < 2) return null;
  const of = new Int32Array(table.rows);
  const groups = [...alike.values()].map(({ files, rows, columns }, place): AlikeFiles => {
    for (const row of rows) of[row] = place;
    const sampled = columns.map((column) => sampleOf(column, rows, isFilled(column)));
    return {
      files,
      columns,
      sample: { ...table, files, rows: CELLS, columns: sampled },
      behind: new Map(sampled.map((column, i) => [column, columns[i]!])),
    };
  });
  return { groups, of };
}

function sampleOf(column: Column, rows: readonly number[], isFilled: (row: number) => boolean): Column {
  const filled: number[] = [];
  for (const row of rows) {
    if (filled.length === CELLS) break;
    if (isFilled(row)) filled.push(row);
  }
  const numbers = new Float64Array(CELLS).fill(Number.NaN);
  filled.forEach((row, i) => {
    numbers[i] = column.numbers[row]!;
  });
  return {
    name: column.name,
    numbers,
    text: (i) => (filled[i] === undefined ? "" : column.text(filled[i])),
  };
}
