/** The cells of one column as numbers in base units, and what is wrong with those that are none. */
import { InputError } from "../errors.js";
import type { Column, RowSource, Table, Warning } from "../objects.js";
import { escapeText, lineList, quoteText } from "../text.js";
import { parseNumber, type Quantity } from "./numbers.js";
import { type SeparatorStyle, separatorStyle, withoutSeparators } from "./separators.js";

/** A column as numbers; NaN where the cell is none. */
export interface NumericColumn {
  values: Float64Array;
  warnings: Warning[];
}

/** Why a cell gives no number that can be used. */
export interface CellFault {
  code: "missing" | "not-finite" | "not-a-number" | "not-positive";
  reason: string;
}

const ABSENT = /^(?:|null|none|n\/?a|nil|-+|–|—|\?|missing|<na>|#n\/a)$/i;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$|^#(?:div\/0!|num!|value!)$/i;

/** Whether a trimmed text says that there is no value. */
export const isAbsent = (text: string): boolean => ABSENT.test(text);
/** Whether a trimmed text says that the value is no finite number. */
export const isNotFinite = (text: string): boolean => NOT_FINITE.test(text);

/** Why the text of a cell is no number, as a code and a reason that equal faults share. */
export function faultOfCell(text: string, column: string): CellFault {
  const trimmed = text.trim();
  const shown = quoteText(column, 40);
  if (ABSENT.test(trimmed)) return { code: "missing", reason: `${shown} is missing` };
  if (NOT_FINITE.test(trimmed)) return { code: "not-finite", reason: `${shown} is not finite` };
  return { code: "not-a-number", reason: `${shown} is not a number` };
}

/**
 * Reads a column as numbers: plain ones, with suffixes and units (`70M`, `8e9 tokens`), and with thousands separators
 * or decimal commas where the whole column leaves no doubt.
 *
 * @param factor  from the column's unit to the base unit; cells with a suffix of their own do not take it
 * @throws InputError  when two readings of a cell are possible, or most cells are no numbers
 */
export function numericColumn(table: Table, column: Column, kind: Quantity, factor: number): NumericColumn {
  const { values, warnings, others } = readNumbers(table, column, kind, factor);
  refuseMostlyText(table, column, kind, others, values);
  return { values, warnings };
}

/** The same without a complaint about a column of texts; `others` are the rows whose cells are texts. */
export function readNumbers(
  table: Table,
  column: Column,
  kind: Quantity,
  factor: number,
): NumericColumn & { others: number[] } {
  const values = new Float64Array(table.rows);
  const spelled: number[] = [];
  const others: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    const number = column.numbers[row]!;
    if (!Number.isNaN(number)) {
      values[row] = scaled(number, factor);
      continue;
    }
    values[row] = Number.NaN;
    const text = column.text(row).trim();
    if (ABSENT.test(text) || NOT_FINITE.test(text)) continue;
    const parsed = parseCell(text, kind);
    if ("fault" in parsed) others.push(row);
    else {
      values[row] = parsed.value;
      spelled.push(row);
    }
  }
  const warnings: Warning[] = spelled.length > 0 ? [spelledWarning(table, column, spelled, values)] : [];
  const separated = others.length > 0 ? readSeparated(table, column, others, values, factor) : null;
  if (separated !== null) warnings.push(separated.warning);
  return { values, warnings, others: separated?.left ?? others };
}

function parseCell(text: string, kind: Quantity): { value: number } | { fault: string } {
  return kind === "plain" && text.endsWith("%")
    ? parseNumber(text, "fraction", "cell")
    : parseNumber(text, kind, "cell");
}

/** Value times factor, rounded once where the factor is a power of ten (0.41 billion is 410000000). */
export function scaled(value: number, factor: number): number {
  if (factor === 1) return value;
  const product = value * factor;
  const rounded = Math.round(product);
  return Math.abs(product) > 1 &&
    Math.abs(product) < 2 ** 53 &&
    Math.abs(product - rounded) <= Math.abs(product) * 2e-16
    ? rounded
    : product;
}

function spelledWarning(table: Table, column: Column, rows: number[], values: Float64Array): Warning {
  const examples = new Map<string, number>();
  for (const row of rows) {
    const text = column.text(row).trim();
    if (!examples.has(text)) examples.set(text, values[row]!);
    if (examples.size === 3) break;
  }
  const shown = [...examples].map(([text, value]) => `${quoteText(text, 20)} is read as ${value}`).join(", ");
  return {
    code: "units-in-cells",
    message: `column ${quoteText(column.name, 40)}: ${rows.length === 1 ? "a cell has" : `${rows.length} cells have`} a suffix or unit: ${shown}`,
    ...placeOf(table, rows),
  };
}

/** File and first lines of some rows, for a warning; several files are left to the message. */
export function placeOf(table: Table, rows: readonly number[]): { file?: string; lines?: number[] } {
  return placeOfSources(rows.map((row) => table.source(row)));
}

/** The same of rows that need not be in the table. */
export function placeOfSources(sources: readonly RowSource[]): { file?: string; lines?: number[] } {
  const file = sources[0]?.file;
  if (file === undefined) return {};
  const lines = sources.filter((source) => source.file === file).slice(0, 20);
  return { file, lines: lines.map(({ line }) => line).sort((a, b) => a - b) };
}

function readSeparated(
  table: Table,
  column: Column,
  rows: number[],
  values: Float64Array,
  factor: number,
): { warning: Warning; left: number[] } | null {
  const style = separatorStyle(column, table.rows, rows);
  if (style === null) return null;
  if (style.kind === "ambiguous") throw ambiguousCell(table, column, style);
  const left: number[] = [];
  const read: number[] = [];
  for (const row of rows) {
    const value = withoutSeparators(column.text(row).trim(), style);
    if (value === null) left.push(row);
    else {
      values[row] = scaled(value, factor);
      read.push(row);
    }
  }
  if (style.isGroupedByDot) rereadDotGroups(column, values, factor);
  return { warning: separatorWarning(table, column, style, read, values), left };
}

/** In a column with dots as thousands separators, `1.234` is 1234 too. */
function rereadDotGroups(column: Column, values: Float64Array, factor: number): void {
  for (let row = 0; row < values.length; row++) {
    const text = column.text(row).trim();
    if (/^[+-]?\d{1,3}(\.\d{3})+$/.test(text)) values[row] = scaled(Number(text.replaceAll(".", "")), factor);
  }
}

function separatorWarning(
  table: Table,
  column: Column,
  style: SeparatorStyle,
  rows: number[],
  values: Float64Array,
): Warning {
  const example =
    rows.length > 0 ? `: ${quoteText(column.text(rows[0]!).trim(), 30)} is read as ${values[rows[0]!]}` : "";
  const isDecimal = style.kind === "decimal-comma";
  return {
    code: isDecimal ? "decimal-comma" : "thousands-separators",
    message: `column ${quoteText(column.name, 40)} has ${isDecimal ? "decimal commas" : "thousands separators"}${example}`,
    ...placeOf(table, rows.slice(0, 1)),
  };
}

function ambiguousCell(
  table: Table,
  column: Column,
  style: SeparatorStyle & { kind: "ambiguous" },
): InputError {
  const { file, line } = table.source(style.row);
  const text = column.text(style.row).trim();
  const [asDecimal, asThousands] = [text.replace(",", "."), text.replace(/[.,]/g, "")];
  return new InputError({
    code: "ambiguous-number",
    message: `line ${line}, column ${quoteText(column.name, 40)}: ${quoteText(text, 40)} is ambiguous: ${escapeText(asDecimal, 30)} or ${escapeText(asThousands, 30)}?`,
    why: style.why,
    hint: "write the column with a decimal point and without thousands separators",
    file,
    line,
    column: column.name,
    cell: text,
  });
}

/** A needed column of texts is a wrong column, not a few bad rows. */
function refuseMostlyText(
  table: Table,
  column: Column,
  kind: Quantity,
  rows: number[],
  values: Float64Array,
): void {
  // what was passed over while reading had numbers there
  let numbers = (table.omitted ?? []).reduce((sum, { rows: omitted }) => sum + omitted, 0);
  for (const value of values) if (!Number.isNaN(value)) numbers++;
  if (rows.length <= numbers) return;
  const row = rows[0]!;
  const { file, line } = table.source(row);
  const text = column.text(row).trim();
  const parsed = parseCell(text, kind);
  const lines = rows.slice(0, 4).map((other) => table.source(other).line);
  throw new InputError({
    code: "not-numbers",
    message: `column ${quoteText(column.name, 40)}: ${quoteText(text, 40)} cannot be used as a number`,
    why: `${"fault" in parsed ? parsed.fault : ""}; so it is in ${rows.length} of ${rows.length + numbers} rows (${lineList(lines, rows.length)})`,
    hint: "correct the cells, or name another column with --map",
    file,
    line,
    column: column.name,
    cell: text,
  });
}
