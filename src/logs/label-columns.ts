/** Columns of texts beside the numbers of a log: recipe, data set, optimizer, a flag. */
import type { Column, Labels, Table } from "../objects.js";

/** More kinds than this are names of rows, not kinds. */
const MOST_LEVELS = 20;
/** With more rows the look would cost more than the fit. */
const MOST_ROWS = 24_000;

/**
 * The columns whose cells are texts and sort the rows into 2 to 20 kinds; columns with a number in some row, or an empty
 * cell, are left out.
 *
 * @param rows  the rows used, in the order of the observations
 */
export function labelsOf(table: Table, rows: readonly number[]): Labels[] {
  if (rows.length > MOST_ROWS) return [];
  return table.columns
    .flatMap((column) => labelsIn(column, rows) ?? [])
    .sort((a, b) => (a.column < b.column ? -1 : a.column > b.column ? 1 : 0));
}

function labelsIn(column: Column, rows: readonly number[]): Labels | null {
  const found = new Map<string, number>();
  const texts: string[] = [];
  for (const row of rows) {
    if (!Number.isNaN(column.numbers[row]!)) return null;
    const text = column.text(row).trim();
    if (text === "") return null;
    found.set(text, found.size);
    if (found.size > MOST_LEVELS) return null;
    texts.push(text);
  }
  if (found.size < 2) return null;
  const levels = [...found.keys()].sort();
  const index = new Map(levels.map((level, i) => [level, i]));
  return { column: column.name, levels, level: Int32Array.from(texts, (text) => index.get(text)!) };
}
