import { readFileSync } from "node:fs";
import Papa from "papaparse";
import { sharedFile } from "./shared.js";

/** One row of a table of the shared folder, by column; all cells as text. */
export type Row = Readonly<Record<string, string>>;

/** The rows of a CSV file under `shared/data`, read by papaparse and not by the program's own reader. */
export function sharedCsv(name: string): Row[] {
  const { data, errors } = Papa.parse<Row>(readFileSync(sharedFile("data", name), "utf8"), {
    header: true,
    skipEmptyLines: true,
  });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message} (row ${errors[0].row})`);
  return data;
}

/** The rows of a JSON Lines file under `shared/data`. */
export function sharedJsonLines(name: string): Row[] {
  return readFileSync(sharedFile("data", name), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}

/** Columns as the library takes them. */
export interface Columns {
  N: number[];
  D: number[];
  loss: number[];
}

/** Columns from rows; each of the three is a column's name or a function of the row. */
export function columnsOf(
  rows: readonly Row[],
  N: string | ((row: Row) => number),
  D: string | ((row: Row) => number),
  loss: string | ((row: Row) => number),
): Columns {
  const take = (from: string | ((row: Row) => number)) =>
    rows.map((row) => (typeof from === "string" ? Number(row[from]) : from(row)));
  return { N: take(N), D: take(D), loss: take(loss) };
}

/** The points read from the Chinchilla figure: all 245, or the 240 without the five highest losses. */
export function chinchillaPoints(rows: 240 | 245): Columns {
  const all = sharedCsv("chinchilla_epoch.csv");
  const fifth = all.map((row) => Number(row.loss)).sort((a, b) => b - a)[4];
  const kept = rows === 245 ? all : all.filter((row) => Number(row.loss) < fifth);
  return columnsOf(
    kept,
    "Model Size",
    (row) => Number(row["Training FLOP"]) / (6 * Number(row["Model Size"])),
    "loss",
  );
}
