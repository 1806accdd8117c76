/**
 * Measured counts -> rates with their trials as weights: successes over trials, or a rate with the trials behind it. A
 * row whose numbers contradict each other is refused with the reason, never mended.
 */

/** What a row's measured cell holds. */
export type CountKind = "successes" | "rate";

export interface CountColumns {
  kind: CountKind;
  /** Successes or rates, as read; not a number where a cell is none. */
  measured: Float64Array;
  /** Trials behind each row; null where they are not known (of rates only). */
  trials: Float64Array | null;
}

/** Why a row cannot be used, and which of its cells is at fault. */
export interface CountFault {
  code: "not-a-rate" | "not-a-count" | "successes-above-trials";
  reason: string;
  cell: "measured" | "trials";
}

/** Names of the two columns, quoted, for reasons. */
export interface CountNames {
  measured: string;
  trials: string;
}

/** The rate of every row: successes / trials, or as it is. Rows at fault keep what the division gives. */
export const ratesOf = ({ kind, measured, trials }: CountColumns): Float64Array =>
  kind === "rate" || trials === null ? measured : measured.map((successes, i) => successes / trials[i]);

/**
 * What is wrong with a row; null for a row that can be used. Cells that are no numbers are another check's business.
 */
export function countFault(
  { kind, measured, trials }: CountColumns,
  row: number,
  names: CountNames,
): CountFault | null {
  const value = measured[row];
  if (trials !== null && !isMissing(trials[row]) && !(isWhole(trials[row]) && trials[row] > 0))
    return { code: "not-a-count", reason: `${names.trials} is not a whole number above 0`, cell: "trials" };
  if (isMissing(value)) return null;
  if (kind === "rate")
    return value >= 0 && value <= 1
      ? null
      : { code: "not-a-rate", reason: `${names.measured} is not from 0 to 1`, cell: "measured" };
  if (!isWhole(value) || value < 0)
    return {
      code: "not-a-count",
      reason: `${names.measured} is not a whole number of 0 or more`,
      cell: "measured",
    };
  return trials !== null && value > trials[row]
    ? {
        code: "successes-above-trials",
        reason: `${names.measured} is above ${names.trials}: more successes than trials`,
        cell: "measured",
      }
    : null;
}

const isMissing = (value: number): boolean => Number.isNaN(value);
const isWhole = (value: number): boolean => Number.isInteger(value);

/**
 * Whether a column of rates looks like per cent: all of it from 0 to 100, and most of it above 1.
 */
export function looksLikePercent(rates: Float64Array): boolean {
  const known = rates.filter((rate) => !isMissing(rate));
  return (
    known.length > 0 &&
    known.every((rate) => rate >= 0 && rate <= 100) &&
    known.filter((rate) => rate > 1).length > known.length / 2
  );
}
