/**
 * The columns of a log that are a mixture: shares of domains in the training data, which add up to 1 in every row. They
 * have no common name; what tells them is that sum, and mostly a beginning or an end that their headers share.
 */
import { InputError, UsageError } from "../errors.js";
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, listOf, matcherOf, quoteText } from "../text.js";
import { columnCalled, type Recognised, unknownColumn } from "./columns.js";

export interface MixtureColumns {
  /** Headers of the shares, in the order of the log (or of the flag). */
  names: string[];
  columns: Column[];
  /** What each share is called without what all headers have in common: `github`, `books3`. */
  domains: string[];
  /** That there were several to choose from. */
  warnings: Warning[];
}

/** Shares of a row may miss a sum of 1 by so much. */
const SUM_TOLERANCE = 0.01;
/**
 * Where nobody says that columns are a mixture, their sum must be 1 to the rounding of their digits: the accuracies of
 * four multiple-choice tests near chance add up to 1 within 1 %, too.
 */
const MOST_DECIMALS = 6;
/**
 * Share of the rows that must add up to 1 for columns to be a mixture: most where they have a word in common or are
 * named, nearly all where they are only neighbours. And of a column's cells that must be shares.
 */
const MOST_ROWS = 0.5;
const NEARLY_ALL = 0.9;
const MOST_CELLS = 0.95;
/** Rows looked at, evenly over the log. */
const ROWS_LOOKED_AT = 5000;
/** Columns beyond these are not looked at: a log of so many names its mixture with the flag. */
const COLUMNS_LOOKED_AT = 500;

/** Quantities whose columns hold numbers from 0 to 1 that are no shares of a mixture. */
const OTHERS = new Set([
  ...["N", "D", "C", "U", "loss", "step", "run", "seed", "lr", "batch", "experts"],
  ...["accuracy", "error", "reward", "sparsity", "epochs", "ratio"],
]);

/** Words in headers that speak of a mixture. */
const SPEAKING = /mix|prop|weight|share|ratio|frac|percent|domain|train/i;

/**
 * The mixture of a log; null where there is none.
 *
 * @param flag the columns as given with `--mixture`: names with commas between them, or patterns with `*`
 * @throws UsageError where the flag names a column that is not there, InputError where its columns are no mixture
 */
export function mixtureIn(
  table: Table,
  recognised: Recognised,
  flag: string | undefined,
): MixtureColumns | null {
  return flag === undefined ? foundIn(table, recognised) : named(table, flag);
}

function asMixture(columns: readonly Column[], warnings: Warning[] = []): MixtureColumns {
  const names = columns.map(({ name }) => name);
  return { names, columns: [...columns], domains: withoutCommon(names), warnings };
}

/** The names without the beginning and the end that all share, cut at separators. */
function withoutCommon(names: readonly string[]): string[] {
  const head = longest(beginnings(names[0]), (part) => names.every((name) => name.startsWith(part)));
  const rest = names.map((name) => name.slice(head.length));
  const tail = longest(endings(rest[0]), (part) => rest.every((name) => name.endsWith(part)));
  const bare = rest.map((name) => name.slice(0, name.length - tail.length));
  return bare.some((name) => name === "") ? [...names] : bare;
}

const longest = (parts: readonly string[], fits: (part: string) => boolean): string =>
  parts.filter(fits).reduce((best, part) => (part.length > best.length ? part : best), "");

const SEPARATOR = /[^\p{L}\p{N}]+/gu;

/** `a_`, `a_b/` of `a_b/c`. */
const beginnings = (name: string): string[] =>
  [...name.matchAll(SEPARATOR)]
    .map(({ index, 0: text }) => name.slice(0, index + text.length))
    .filter((part) => part.length < name.length);

/** `_b/c`, `/c` of `a_b/c`. */
const endings = (name: string): string[] =>
  [...name.matchAll(SEPARATOR)]
    .map(({ index }) => name.slice(index))
    .filter((part) => part.length < name.length);

/** A set of columns that may be a mixture, and what their headers share (empty for nothing). */
interface CandidateSet {
  columns: Column[];
  common: string;
}

function foundIn(table: Table, { quantities }: Recognised): MixtureColumns | null {
  const taken = new Set([...quantities].flatMap(([name, { column }]) => (OTHERS.has(name) ? [column] : [])));
  const rows = rowsLookedAt(table);
  const shares = table.columns
    .slice(0, COLUMNS_LOOKED_AT)
    .filter((column) => !taken.has(column) && faultsOf(column, rows).share <= 1 - MOST_CELLS);
  const fitting = candidateSets(shares, rows).filter(({ columns }) => isMixture(columns, rows));
  const distinct = withoutSubsets(fitting);
  if (distinct.length === 0) return null;
  const [best, ...others] = [...distinct].sort((a, b) => rankOf(b) - rankOf(a));
  return asMixture(best.columns, others.length === 0 ? [] : [severalMixtures(best, others)]);
}

/** Headers that speak of a mixture first, then those that have something in common, then the larger set. */
const rankOf = ({ columns, common }: CandidateSet): number =>
  (SPEAKING.test(common) ? 2e6 : 0) + (common === "" ? 0 : 1e6) + columns.length;

function severalMixtures(best: CandidateSet, others: readonly CandidateSet[]): Warning {
  const shown = ({ columns }: CandidateSet) =>
    `${listOf(
      [columns[0], columns[columns.length - 1]].map(({ name }) => quoteText(name, 40)),
      "to",
    )} (${columns.length})`;
  return {
    code: "several-mixtures",
    message: `the mixture is taken from the columns ${shown(best)}, not ${others.slice(0, 5).map(shown).join(", ")}, which add up to 1 as well; choose with --mixture "NAME,NAME,..." or a pattern`,
  };
}

/** Sets of columns with a beginning or an end in common, and neighbours that add up to 1. */
function candidateSets(shares: readonly Column[], rows: Int32Array): CandidateSet[] {
  const groups = new Map<string, Column[]>();
  for (const column of shares) {
    for (const [kind, parts] of [
      ["^", beginnings(column.name)],
      ["$", endings(column.name)],
    ] as const) {
      for (const part of parts) groups.set(kind + part, [...(groups.get(kind + part) ?? []), column]);
    }
  }
  const sets = [...groups].map(([key, columns]) => ({ columns, common: key.slice(1) }));
  const runs = neighbours(shares, rows).map((columns) => ({ columns, common: "" }));
  return [...sets.filter(({ columns }) => columns.length > 1), ...runs];
}

/** Runs of columns, in the log's order, that are a mixture; the longest at each start. */
function neighbours(shares: readonly Column[], rows: Int32Array): Column[][] {
  const first = rows.find((row) => shares.every(({ numbers }) => !Number.isNaN(numbers[row])));
  if (first === undefined) return [];
  return shares.flatMap((_, start) => {
    const ends: number[] = [];
    for (let end = start, sum = 0; end < shares.length && sum <= 1 + SUM_TOLERANCE; end++) {
      sum += shares[end]!.numbers[first]!;
      if (Math.abs(sum - 1) <= SUM_TOLERANCE) ends.push(end);
    }
    const found = ends.reverse().find((end) => isMixture(shares.slice(start, end + 1), rows, NEARLY_ALL));
    const run = found === undefined ? [] : shares.slice(start, found + 1);
    // Two that vary may be a rate and what is left of it; others beside them are settings.
    return run.filter((column) => isVaried(column, rows)).length > 2 ? [run] : [];
  });
}

/** Sets that are part of no other; of equal ones the one that has most in common. */
function withoutSubsets(sets: readonly CandidateSet[]): CandidateSet[] {
  const kept: CandidateSet[] = [];
  const ordered = [...sets].sort(
    (a, b) => b.columns.length - a.columns.length || b.common.length - a.common.length,
  );
  for (const set of ordered) {
    const isInside = kept.some(({ columns }) => set.columns.every((column) => columns.includes(column)));
    if (!isInside) kept.push(set);
  }
  return kept;
}

/** Whether most rows add up to 1, to the rounding of their digits, and not all are one mixture. */
function isMixture(columns: readonly Column[], rows: Int32Array, most = MOST_ROWS): boolean {
  const rounding =
    columns.length * 0.5 * 10 ** -Math.max(...columns.map((column) => decimalsOf(column, rows)));
  const { complete, whole } = sumsOf(columns, rows, Math.min(SUM_TOLERANCE, rounding + 10 ** -MOST_DECIMALS));
  // Columns of 0 and 1 alone are switches.
  const isMixed = columns.some(({ numbers }) => rows.some((row) => numbers[row]! > 0 && numbers[row]! < 1));
  const isWhole = complete > 1 && whole > most * complete;
  // One share cannot change alone.
  return isWhole && isMixed && columns.filter((column) => isVaried(column, rows)).length > 1;
}

const isVaried = ({ numbers }: Column, rows: Int32Array): boolean =>
  rows.some((row) => numbers[row]! !== numbers[rows[0]!]!);

/** Decimals of a column's numbers, at most six. */
function decimalsOf({ numbers }: Column, rows: Int32Array): number {
  let decimals = 0;
  for (const row of rows) {
    const value = numbers[row]!;
    const isRounded = () => Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) < 1e-9;
    while (decimals < MOST_DECIMALS && !Number.isNaN(value) && !isRounded()) decimals++;
  }
  return decimals;
}

/** Rows without a gap, and how many of these add up to 1. */
function sumsOf(
  columns: readonly Column[],
  rows: Int32Array,
  tolerance = SUM_TOLERANCE,
): { complete: number; whole: number } {
  let [complete, whole] = [0, 0];
  for (const row of rows) {
    const sum = sumAt(columns, row);
    if (Number.isNaN(sum)) continue;
    complete++;
    if (Math.abs(sum - 1) <= tolerance) whole++;
  }
  return { complete, whole };
}

const sumAt = (columns: readonly Column[], row: number): number =>
  columns.reduce((sum, { numbers }) => sum + numbers[row]!, 0);

/** The share of a column's filled cells that are no shares, and the first of their rows; 1 for an empty column. */
function faultsOf(column: Column, rows: Int32Array): { share: number; first: number | undefined } {
  let [filled, faults] = [0, 0];
  let first: number | undefined;
  for (const row of rows) {
    const value = column.numbers[row]!;
    if (Number.isNaN(value) && column.text(row).trim() === "") continue;
    filled++;
    if (value >= 0 && value <= 1 + SUM_TOLERANCE) continue;
    faults++;
    first ??= row;
  }
  return { share: filled === 0 ? 1 : faults / filled, first };
}

function rowsLookedAt({ rows }: Table): Int32Array {
  const stride = Math.max(1, Math.ceil(rows / ROWS_LOOKED_AT));
  return Int32Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride);
}

/** The columns of the flag, which must be a mixture. */
function named(table: Table, flag: string): MixtureColumns {
  const columns = flag.split(",").flatMap((part) => columnsMatching(table, part.trim()));
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined || columns.length < 2) {
    throw new UsageError({
      code: "mixture",
      message:
        twice === undefined
          ? `--mixture ${quoteText(flag)} is one column`
          : `--mixture names the column ${quoteText(twice.name)} twice`,
      why: "a mixture is two or more columns of shares that add up to 1",
      hint: 'name all of them, such as --mixture "web,code,books", or with a pattern such as --mixture "train_*"',
    });
  }
  const rows = rowsLookedAt(table);
  for (const column of columns) requireShares(table, column, rows);
  requireWhole(table, columns, rows);
  return asMixture(columns);
}

function columnsMatching(table: Table, wanted: string): Column[] {
  const exact = columnCalled(table, wanted);
  if (exact !== null) return [exact];
  const isMeant = matcherOf(wanted);
  const found = wanted.includes("*") ? table.columns.filter(({ name }) => isMeant(name)) : [];
  if (found.length === 0) throw unknownColumn(table, wanted, "--mixture");
  return found;
}

function requireShares(table: Table, column: Column, rows: Int32Array): void {
  const { share, first } = faultsOf(column, rows);
  if (share <= 1 - MOST_CELLS) return;
  const name = escapeText(column.name, 40);
  if (first === undefined) {
    throw new InputError({
      code: "mixture",
      message: `column ${quoteText(column.name, 40)} is empty, so it is no share of a mixture`,
      hint: "leave it out of --mixture",
      file: table.files[0],
      column: name,
    });
  }
  const isPercent = rows.every((row) => !(column.numbers[row]! < 0 || column.numbers[row]! > 100));
  throw new InputError({
    code: "mixture",
    message: `column ${quoteText(column.name, 40)}: ${quoteText(column.text(first), 40)} is not a share from 0 to 1`,
    why: "the columns of --mixture are shares of one whole",
    hint: isPercent
      ? "if these are per cent, divide them by 100 in the log"
      : "leave the column out of --mixture, or turn its numbers into shares",
    ...table.source(first),
    column: name,
  });
}

function requireWhole(table: Table, columns: readonly Column[], rows: Int32Array): void {
  const { complete, whole } = sumsOf(columns, rows);
  if (complete > 0 && whole > MOST_ROWS * complete) return;
  const off = rows.find((row) => Math.abs(sumAt(columns, row) - 1) > SUM_TOLERANCE) ?? rows[0] ?? 0;
  const names = columns.slice(0, 5).map(({ name }) => quoteText(name, 40));
  const more = columns.length > 5 ? ` and ${columns.length - 5} more` : "";
  throw new InputError({
    code: "mixture-sum",
    message:
      complete === 0
        ? `no row has a value in all of the columns ${names.join(", ")}${more}`
        : `the columns ${names.join(", ")}${more} add up to 1 within 1 % in ${whole} of ${complete} rows; here to ${Number(sumAt(columns, off).toPrecision(6))}`,
    why: "shares of a mixture are parts of one whole",
    hint: "a domain may be missing from --mixture, or one named that is no part of it",
    ...table.source(off),
  });
}
