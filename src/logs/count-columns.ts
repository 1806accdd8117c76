/**
 * The columns of a log that hold counts: successes and the trials behind them, as named by flags or found by their
 * headers; and the column of rates made from them.
 */
import { InputError, UsageError } from "../errors.js";
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, listOf, quoteText } from "../text.js";
import { numericColumn } from "./cells.js";
import { columnCalled, unknownColumn } from "./columns.js";
import { type CountColumns, type CountFault, countFault, looksLikePercent, ratesOf } from "./counts.js";
import { plainName } from "./names.js";
import { parseInteger } from "./numbers.js";

/** Headers that leave no doubt what is counted, in plain form. `solved` may be a share, `attempts` are another thing. */
const HEADERS: Readonly<Record<"successes" | "trials", readonly string[]>> = {
  successes: ["c", "correct", "successes", ...counted("correct", "passed", "solved", "successes")],
  trials: ["n", "trials", "samples", ...counted("trials", "samples", "problems", "questions", "items")],
};

function counted(...words: string[]): string[] {
  return words.flatMap((word) => [`n_${word}`, `num_${word}`]);
}

/** A column of rates as it was recognised. */
export interface RateColumn {
  column: Column;
  factor: number;
}

/** What `--successes` and `--trials` name; `undefined` for a flag that is not given. */
export interface CountsAsked {
  successes: string | undefined;
  /** A column, or one whole number that holds for all rows. */
  trials: string | undefined;
  /** The rates that `--y` names, or the law's own. */
  rate: RateColumn | null;
  /** Whether `--y` names them: then they are meant, whatever else there is. */
  isRateMeant: boolean;
}

/** Counts in a log. */
export interface FoundCounts {
  /** Successes, or a rate. */
  measured: Column;
  trials: Column;
  kind: CountColumns["kind"];
  /** Columns that are not in the log: the rates, and trials that were given as a number. */
  made: Column[];
  /** The column of rates. */
  rates: Column;
  warnings: Warning[];
  /** @throws InputError for a row whose counts contradict each other */
  requireSound(table: Table, row: number): void;
}

/**
 * The counts that flags ask for.
 *
 * @throws UsageError for a column that is not there, and where the trials are not known
 */
export function countsAsked(table: Table, asked: CountsAsked): FoundCounts | null {
  const { successes, trials, rate, isRateMeant } = asked;
  if (successes === undefined && trials === undefined) return null;
  const behind = trials === undefined ? null : trialsCalled(table, trials);
  if (successes !== undefined) {
    const measured = whole(called(table, successes, "--successes"));
    const found = behind ?? byHeader(table, "trials");
    if (found === null) throw withoutTrials(table);
    return counts(table, "successes", measured, found, { isFound: behind === null });
  }
  const found = isRateMeant ? null : byHeader(table, "successes");
  if (found !== null) return counts(table, "successes", whole(found), behind as Column, { isFound: true });
  if (rate === null) throw withoutSuccesses(table);
  return counts(table, "rate", rate, behind as Column, { isFound: false });
}

const whole = (column: Column): RateColumn => ({ column, factor: 1 });

/**
 * The counts that headers tell of, where there is one column of each, and no column of rates says otherwise.
 *
 * @param rate a column of rates of the log
 */
export function countsByHeader(table: Table, rate: RateColumn | null): FoundCounts | null {
  const [successes, trials] = [byHeader(table, "successes"), byHeader(table, "trials")];
  if (successes === null || trials === null) return null;
  const found = counts(table, "successes", whole(successes), trials, { isFound: true });
  return rate === null || isSame(rate, found.rates) ? found : null;
}

/** Rates are printed with three digits at least. */
const ROUNDED = 6e-4;

const isSame = ({ column, factor }: RateColumn, { numbers }: Column): boolean =>
  column.numbers.every((value, row) => !(Math.abs(factor * value - numbers[row]) > ROUNDED));

function counts(
  table: Table,
  kind: CountColumns["kind"],
  { column: measured, factor }: RateColumn,
  trials: Column,
  { isFound }: { isFound: boolean },
): FoundCounts {
  const isMade = !table.columns.includes(trials);
  const values = numericColumn(table, measured, kind === "successes" ? "count" : "plain", factor);
  const behind = isMade ? { values: trials.numbers, warnings: [] } : numericColumn(table, trials, "count", 1);
  const columns: CountColumns = { kind, measured: values.values, trials: behind.values };
  const rates = kind === "rate" ? measured : rateColumn(measured, trials, ratesOf(columns));
  const quoted = { measured: quoteText(measured.name, 40), trials: quoteText(trials.name, 40) };
  return {
    measured,
    trials,
    kind,
    made: [...(isMade ? [trials] : []), ...(kind === "rate" ? [] : [rates])],
    rates,
    warnings: [
      ...values.warnings,
      ...behind.warnings,
      ...(isFound ? [foundWarning(quoted.measured, quoted.trials)] : []),
    ],
    requireSound(of, row) {
      const fault = countFault(columns, row, quoted);
      if (fault !== null) throw unsound(of, row, fault, { measured, trials, columns });
    },
  };
}

const foundWarning = (measured: string, trials: string): Warning => ({
  code: "counts-by-header",
  message: `counts are read from columns ${measured} (successes) and ${trials} (trials); choose others with --successes and --trials`,
});

function rateColumn(measured: Column, trials: Column, numbers: Float64Array): Column {
  const cells = (row: number) => [measured.text(row).trim(), trials.text(row).trim()];
  return {
    name: `${measured.name} / ${trials.name}`,
    numbers,
    text(row) {
      if (!Number.isNaN(numbers[row])) return String(numbers[row]);
      // A rate without one of its numbers is missing; one of texts shows them.
      return cells(row).includes("") ? "" : cells(row).join(" / ");
    },
  };
}

function called(table: Table, name: string, flag: string): Column {
  const column = columnCalled(table, name);
  if (column === null) throw unknownColumn(table, name, flag);
  return column;
}

/** The column of trials, or one made of a number that holds for all rows. */
function trialsCalled(table: Table, text: string): Column {
  const column = columnCalled(table, text);
  if (column !== null) return column;
  const number = parseInteger(text);
  if ("fault" in number || number.value < 1) throw unknownColumn(table, text, "--trials");
  return {
    name: `${number.value} trials`,
    numbers: new Float64Array(table.rows).fill(number.value),
    text: () => String(number.value),
  };
}

/** The one column whose header is of the list; null where there is none, or where there are several. */
function byHeader(table: Table, what: "successes" | "trials"): Column | null {
  const found = table.columns.filter(({ name }) => HEADERS[what].includes(plainName(name)));
  return found.length === 1 ? found[0] : null;
}

const alike = (table: Table, what: "successes" | "trials"): string => {
  const found = table.columns.filter(({ name }) => HEADERS[what].includes(plainName(name)));
  return found.length === 0
    ? `no header tells of them`
    : `several could be it: ${listOf(found.map(({ name }) => quoteText(name, 40)))}`;
};

const withoutTrials = (table: Table): UsageError =>
  new UsageError({
    code: "flags",
    message: "--successes needs the trials behind them",
    why: alike(table, "trials"),
    hint: "give --trials COLUMN, or --trials 100 where all rows have as many",
  });

const withoutSuccesses = (table: Table): UsageError =>
  new UsageError({
    code: "flags",
    message: "--trials needs what was counted",
    why: alike(table, "successes"),
    hint: "give --successes COLUMN, or --y COLUMN for rates from 0 to 1",
  });

interface Counted {
  measured: Column;
  trials: Column;
  columns: CountColumns;
}

/** Contradicting counts say that columns are swapped or wrong: the other rows cannot be trusted either. */
function unsound(
  table: Table,
  row: number,
  fault: CountFault,
  { measured, trials, columns }: Counted,
): InputError {
  const column = fault.cell === "trials" ? trials : measured;
  const { file, line } = table.source(row);
  const shown = [measured, trials].map(
    (one) => `${escapeText(one.name, 40)} is ${escapeText(one.text(row), 40)}`,
  );
  return new InputError({
    code: fault.code,
    message: fault.reason,
    why: shown.join(", "),
    hint: cureOf(fault, columns),
    file,
    line,
    column: column.name,
    cell: column.text(row),
  });
}

function cureOf({ code, cell }: CountFault, { kind, measured, trials }: CountColumns): string {
  if (code === "successes-above-trials")
    return measured.every((value, row) => !(value < (trials as Float64Array)[row]))
      ? "the two columns seem to be swapped: exchange --successes and --trials"
      : "correct the row, or leave it out with --where; swapped columns are exchanged by --successes and --trials";
  if (code === "not-a-rate")
    return looksLikePercent(measured)
      ? "the column seems to hold per cent: read it as shares with --map accuracy=COLUMN:0.01"
      : "correct the row, or leave it out with --where";
  return kind === "successes" && cell === "measured"
    ? "a count is needed; rates are given with --y COLUMN and --trials COLUMN"
    : "correct the row, or leave it out with --where";
}
