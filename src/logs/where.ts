/** `--where` expressions: which rows take part. */
import { UsageError } from "../errors.js";
import { quoteText } from "../text.js";
import { parseNumber, type Quantity } from "./numbers.js";

export type Operator = "<" | "<=" | ">" | ">=" | "=" | "!=";

/** One reading of an expression: what stands left of an operator, the operator, and what stands right. */
export interface Comparison {
  name: string;
  operator: Operator;
  value: string;
}

/** A parsed `--where`; names may hold signs, so several readings are kept until the columns are known. */
export interface Where {
  text: string;
  readings: Comparison[];
}

/** Whether a row takes part; null when its cell cannot be compared. */
export type RowTest = (row: number) => boolean | null;

/** Values of the thing an expression names. */
export interface Compared {
  numbers: ArrayLike<number>;
  text(row: number): string;
  kind: Quantity;
  /** Whether at least one value is a number. */
  hasNumbers: boolean;
}

const OPERATOR = /<=|>=|!=|==|<|>|=/g;

/**
 * Parses `loss<3.4`, `optimizer=adamw`, `Model Size (B) >= 1`; names and values may stand in quotes.
 *
 * @throws UsageError  when there is no operator, no name or no value
 */
export function parseWhere(text: string): Where {
  const readings: Comparison[] = [];
  for (const match of text.matchAll(OPERATOR)) {
    const name = unquoted(text.slice(0, match.index));
    const value = text.slice(match.index + match[0].length).trim();
    if (name === "" || value === "" || /^[<>=!]/.test(value)) continue;
    const operator = match[0] === "==" ? "=" : (match[0] as Operator);
    readings.push({ name, operator, value });
  }
  if (readings.length > 0) return { text, readings };
  throw new UsageError({
    code: "where",
    message: `--where: ${quoteText(text)} is no comparison`,
    why: "it needs a column, one of < <= > >= = !=, and a value",
    hint: 'write it like --where "loss<3.4" or --where "optimizer=adamw"',
  });
}

/**
 * The test of one comparison on rows. Ordering compares numbers; `=` and `!=` compare numbers where the cell and the
 * value are numbers, else texts.
 *
 * @throws UsageError  when an ordering has no number to compare with
 */
export function rowTest(where: Where, comparison: Comparison, compared: Compared): RowTest {
  const { operator, value } = comparison;
  const isQuoted = /^(["']).*\1$/s.test(value);
  const parsed = isQuoted ? { fault: "it is in quotes" } : parseNumber(value, compared.kind, "cell");
  const isOrdering = operator !== "=" && operator !== "!=";
  if (isOrdering && "fault" in parsed) throw noNumber(where, parsed.fault);
  if (isOrdering && !compared.hasNumbers) {
    throw noNumber(where, `column ${quoteText(comparison.name, 40)} holds no numbers`);
  }
  const number = "value" in parsed ? parsed.value : Number.NaN;
  const text = unquoted(value);
  return (row) => {
    const cell = compared.numbers[row]!;
    if (!Number.isNaN(cell) && !Number.isNaN(number)) return compare(cell, operator, number);
    if (isOrdering) return null;
    const isSame = compared.text(row).trim() === text;
    return operator === "=" ? isSame : !isSame;
  };
}

function compare(a: number, operator: Operator, b: number): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "=":
      return a === b;
    case "!=":
      return a !== b;
  }
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/s.test(trimmed) && trimmed.length > 1 ? trimmed.slice(1, -1) : trimmed;
}

function noNumber(where: Where, why: string): UsageError {
  return new UsageError({
    code: "where",
    message: `--where: ${quoteText(where.text)} compares with something that is no number`,
    why,
    hint: 'write it like --where "loss<3.4"; texts can be compared with = and != only',
  });
}
