/** Rows that stand twice: letter for letter, or as one run with different values. */
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, lineList } from "../text.js";
import { placeOf } from "./cells.js";
import type { Resolved } from "./resolve.js";

interface Context {
  table: Table;
  inputs: readonly Resolved[];
  measured: Resolved | null;
  run: Column | null;
}

const NAMED = 5;
/** From this share of runs with several rows on, several rows a run are how the log is made. */
const STRUCTURE_SHARE = 0.2;

/**
 * Warnings about rows that repeat others; all are used.
 *
 * @param rows  table rows in canonical order, so that equal rows are neighbours
 */
export function repeatedWarnings(context: Context, rows: readonly number[]): Warning[] {
  const { table, inputs, measured } = context;
  const compared = (measured === null ? inputs : [...inputs, measured]).map(({ values }) => values);
  const isDuplicate = (row: number, other: number): boolean =>
    compared.every((values) => values[row] === values[other]) && isSameRow(table, row, other);
  const duplicates: number[] = [];
  const others: number[] = [];
  for (const [i, row] of rows.entries())
    (i > 0 && isDuplicate(row, rows[i - 1]!) ? duplicates : others).push(row);
  const runs = runsWithSeveralRows(context.run, others);
  return [...duplicateWarning(table, duplicates), ...conflictWarning(context, runs)];
}

/** Rows of the runs that have several; `isStructure` when that is usual in the log. */
function runsWithSeveralRows(
  run: Column | null,
  rows: readonly number[],
): { several: Map<string, number[]>; isStructure: boolean } {
  const runs = new Map<string, number[]>();
  for (const row of run === null ? [] : rows) {
    const name = run!.text(row).trim();
    const members = name === "" ? undefined : runs.get(name);
    if (members !== undefined) members.push(row);
    else if (name !== "") runs.set(name, [row]);
  }
  const several = new Map([...runs].filter(([, members]) => members.length > 1));
  return { several, isStructure: several.size > 1 && several.size > runs.size * STRUCTURE_SHARE };
}

function isSameRow(table: Table, a: number, b: number): boolean {
  return table.columns.every(({ numbers, text }, i) => {
    const [x, y] = [numbers[a]!, numbers[b]!];
    if (x === y) return true;
    if (!Number.isNaN(x) || !Number.isNaN(y)) return false;
    return text.call(table.columns[i], a) === text.call(table.columns[i], b);
  });
}

function duplicateWarning(table: Table, rows: readonly number[]): Warning[] {
  if (rows.length === 0) return [];
  const place = placeOf(table, rows);
  const lines = lineList(place.lines ?? [], rows.length, 20);
  const message =
    rows.length === 1
      ? `a row is a duplicate of another (${lines}): both are used`
      : `${rows.length} rows are duplicates of others (${lines}): all are used, so they count twice or more`;
  return [{ code: "duplicate-rows", message, ...place }];
}

function conflictWarning(
  { table, inputs }: Context,
  { several, isStructure }: { several: Map<string, number[]>; isStructure: boolean },
): Warning[] {
  const words: string[] = [];
  const rows: number[] = [];
  for (const [name, members] of several) {
    const isSameInput = inputs.every(({ values }) =>
      members.every((row) => values[row] === values[members[0]!]),
    );
    if (isStructure && !isSameInput) continue;
    const { lines } = placeOf(table, members);
    words.push(`${escapeText(name, 60)} (${lineList(lines ?? [], members.length)})`);
    for (const row of members) rows.push(row);
  }
  if (words.length === 0) return [];
  const more = words.length > NAMED ? `, and ${words.length - NAMED} more` : "";
  return [
    {
      code: "run-conflict",
      message: `${words.length === 1 ? "a run stands" : `${words.length} runs stand`} twice with different values: ${words.slice(0, NAMED).join(", ")}${more}; all rows are used`,
      ...placeOf(table, rows),
    },
  ];
}
