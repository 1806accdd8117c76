import type { Column, Table } from "../objects.js";

/** Rows of one group: what a reader has to decode at once. */
const GROUP_ROWS = 100_000;
/** Texts that stand for a value in a column of numbers though they are no number of the cell grammar. */
const NOT_FINITE = /^([+-]?)(?:(nan)|inf(?:inity)?)$/i;

/**
 * A table as the bytes of a Parquet file (Snappy pages, one column each). A column whose filled cells are all numbers
 * is written as doubles, any other as the texts of its cells; empty cells are null. Columns of one name get numbers,
 * because most readers tell columns by their names.
 */
export async function parquetOf(table: Table): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const names = distinctNames(table.columns.map(({ name }) => name));
  const columnData = table.columns.map((column, i) => ({ name: names[i]!, ...columnOf(column, table.rows) }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: GROUP_ROWS, createdBy: "scalefit" }));
}

type ColumnData =
  | { type: "DOUBLE"; data: (number | null)[]; nullable: true }
  | { type: "STRING"; data: (string | null)[]; nullable: true };

function columnOf(column: Column, rows: number): ColumnData {
  const numbers = numbersOf(column, rows);
  if (numbers !== null) return { type: "DOUBLE", data: numbers, nullable: true };
  const data = Array.from({ length: rows }, (_, row) => {
    const text = column.text(row);
    return text === "" ? null : text;
  });
  return { type: "STRING", data, nullable: true };
}

/** The values of a column of numbers, null where a cell is empty; null for a column with other texts, or with none. */
function numbersOf(column: Column, rows: number): (number | null)[] | null {
  const data: (number | null)[] = [];
  let filled = 0;
  for (let row = 0; row < rows; row++) {
    const value = column.numbers[row]!;
    const text = Number.isNaN(value) ? column.text(row).trim() : "";
    const meant = text === "" ? value : notFinite(text);
    if (meant === null) return null;
    const isEmpty = Number.isNaN(value) && text === "";
    data.push(isEmpty ? null : meant);
    if (!isEmpty) filled++;
  }
  return filled === 0 ? null : data;
}

function notFinite(text: string): number | null {
  const match = NOT_FINITE.exec(text);
  if (match === null) return null;
  if (match[2] !== undefined) return Number.NaN;
  return match[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let i = 2; seen.has(own) || (own !== name && taken.has(own)); i++) own = `${name} (${i})`;
    seen.add(own);
    return own;
  });
}
