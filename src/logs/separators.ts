/**
 * Thousands separators and decimal commas: read only where the cells of the whole column leave one reading.
 * `6,340` alone is 6.34 or 6340; beside `6,3395` it is 6.34, beside `1,006,340` it is 6340.
 */
import type { Column } from "../objects.js";

/** How the numbers of a column are punctuated. */
export type SeparatorStyle =
  | { kind: "thousands"; isGroupedByDot: boolean }
  | { kind: "decimal-comma"; isGroupedByDot: boolean }
  | { kind: "ambiguous"; row: number; why: string; isGroupedByDot: false };

const BLANKS = "[ \\u00a0\\u2007\\u2009\\u202f'’]";
const BLANK_GROUPS = new RegExp(`^[+-]?\\d{1,3}(?:${BLANKS}\\d{3})+(?:[.,]\\d+)?$`);
const COMMA_GROUPS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const SURE_COMMA_GROUPS = /^[+-]?[1-9]\d{0,2}(?:(?:,\d{3}){2,}(?:\.\d*)?|(?:,\d{3})+\.\d*)$/;
const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
const DOT_GROUPS = /^[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?$/;
const SURE_DOT_GROUPS = /^[+-]?[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?$|^[+-]?[1-9]\d{0,2}(?:\.\d{3})+,\d+$/;

/** A comma before anything but three digits, or after 0 or more than three digits, can only be decimal. */
function isSurelyDecimal(text: string): boolean {
  if (!DECIMAL_COMMA.test(text)) return false;
  const [whole, fraction] = text.replace(/^[+-]/, "").split(",") as [string, string];
  return !/^\d{3}$/.test(fraction) || whole.length > 3 || whole.length === 0 || whole.startsWith("0");
}

/**
 * The style of a column, by all its cells that are no plain numbers; null when none is punctuated so.
 *
 * @param rows  the rows whose cells are no plain numbers
 */
export function separatorStyle(
  column: Column,
  rowCount: number,
  rows: readonly number[],
): SeparatorStyle | null {
  const seen = { blanks: false, thousands: false, decimal: false, dots: false, doubtful: -1, first: -1 };
  for (const row of rows) {
    const text = column.text(row).trim();
    if (BLANK_GROUPS.test(text)) seen.blanks = true;
    else if (SURE_COMMA_GROUPS.test(text)) seen.thousands = true;
    else if (SURE_DOT_GROUPS.test(text)) seen.dots = true;
    else if (isSurelyDecimal(text)) seen.decimal = true;
    else if (COMMA_GROUPS.test(text)) seen.doubtful = seen.doubtful < 0 ? row : seen.doubtful;
    else continue;
    if (seen.first < 0) seen.first = row;
  }
  if (seen.first < 0) return null;
  const ambiguous = (why: string): SeparatorStyle => ({
    kind: "ambiguous",
    row: seen.doubtful >= 0 ? seen.doubtful : seen.first,
    why,
    isGroupedByDot: false,
  });
  const hasComma = seen.decimal || seen.dots;
  if (seen.thousands && hasComma)
    return ambiguous("the column has commas of both kinds, decimal and thousands");
  if (seen.doubtful >= 0 && !seen.thousands && !hasComma) {
    return ambiguous(
      "a comma before three digits can be decimal or separate thousands, and no other cell of the column settles it",
    );
  }
  if (hasComma && !seen.dots && hasPlainDecimal(column, rowCount)) {
    return ambiguous("the column has decimal commas and decimal points");
  }
  return {
    kind: hasComma && !seen.dots ? "decimal-comma" : seen.decimal ? "decimal-comma" : "thousands",
    isGroupedByDot: seen.dots,
  };
}

function hasPlainDecimal(column: Column, rowCount: number): boolean {
  for (let row = 0; row < rowCount; row++) {
    const value = column.numbers[row]!;
    if (!Number.isNaN(value) && !Number.isInteger(value)) return true;
  }
  return false;
}

/** The value of a punctuated cell under a style, or null. */
export function withoutSeparators(text: string, style: SeparatorStyle): number | null {
  if (BLANK_GROUPS.test(text)) return Number(text.replace(new RegExp(BLANKS, "g"), "").replace(",", "."));
  if (style.isGroupedByDot && DOT_GROUPS.test(text))
    return Number(text.replaceAll(".", "").replace(",", "."));
  const isDecimal = style.kind === "decimal-comma" || style.isGroupedByDot;
  if (isDecimal && DECIMAL_COMMA.test(text)) return Number(text.replace(",", "."));
  if (!isDecimal && COMMA_GROUPS.test(text)) return Number(text.replaceAll(",", ""));
  return null;
}
