/**
 * How much further off one law is than another on the same held-out rows, and how sure that is: of rows left out, and of
 * the hidden largest scales,
 *
 *   d = ln(e1/e2),   s^2 = V + T
 *
 * e mean absolute errors; V the scatter of the paired differences |r1|/e1 - |r2|/e2 between runs; T, for hidden rows, how
 * much d depends on the rows that were there to learn from, by the jackknife over their folds.
 */

import { meanOf } from "../fit/quantiles.js";
import { unitsOf } from "./held-back.js";
import { type Judgement, SMALLEST } from "./judge-law.js";

export interface Difference {
  /** ln of the ratio of the errors; above 0 where the first law is further off. */
  d: number;
  standardError: number;
}

export interface Differences {
  leftOut: Difference;
  /** Null where no rows were hidden. */
  hidden: Difference | null;
}

/** The logarithm of a law's error on rows held back: half of the rows left out, half of those hidden. */
export function scoreOf({ leftOut, hidden }: Judgement): number {
  const left = Math.log(SMALLEST + meanOf(leftOut));
  return hidden === null ? left : (left + Math.log(SMALLEST + meanOf(hidden))) / 2;
}

/** @param run the run of each row, or null when every row is one */
export function differencesOf(a: Judgement, b: Judgement, run: Int32Array | null): Differences {
  const leftOut = {
    d: logRatio(meanOf(a.leftOut), meanOf(b.leftOut)),
    standardError: Math.sqrt(pairedVariance(a.leftOut, b.leftOut, run)),
  };
  if (a.hidden === null || b.hidden === null) return { leftOut, hidden: null };
  const runs = run === null ? null : run.subarray(a.leftOut.length - a.hidden.length);
  const learned = (a.hiddenWithout as Float64Array).map((error, k) =>
    logRatio(error, (b.hiddenWithout as Float64Array)[k]),
  );
  return {
    leftOut,
    hidden: {
      d: logRatio(meanOf(a.hidden), meanOf(b.hidden)),
      standardError: Math.sqrt(pairedVariance(a.hidden, b.hidden, runs) + jackknifeVariance(learned)),
    },
  };
}

const logRatio = (a: number, b: number): number => Math.log((SMALLEST + a) / (SMALLEST + b));

/** Variance of ln(mean a / mean b) by the scatter of a/mean a - b/mean b over units. */
function pairedVariance(a: Float64Array, b: Float64Array, run: Int32Array | null): number {
  const [meanA, meanB] = [SMALLEST + meanOf(a), SMALLEST + meanOf(b)];
  const units = unitsOf(a.length, run);
  if (units.length < 2) return 0;
  let squares = 0;
  for (const unit of units) {
    const sum = unit.reduce((total, i) => total + a[i] / meanA - b[i] / meanB, 0);
    squares += sum * sum;
  }
  return ((units.length / (units.length - 1)) * squares) / a.length ** 2;
}

function jackknifeVariance(without: Float64Array): number {
  const center = meanOf(without);
  const squares = without.reduce((sum, value) => sum + (value - center) ** 2, 0);
  return ((without.length - 1) / without.length) * squares;
}

/** Errors closer than this, a hundredth, make no difference. */
const LEAST_GAIN = 0.01;

/** Whether the first law is closer by more than a standard error on rows of one kind, and not further off so on the other. */
export function isCloser({ leftOut, hidden }: Differences): boolean {
  const both = hidden === null ? [leftOut] : [leftOut, hidden];
  const isSure = ({ d, standardError }: Difference) => Math.abs(d) > Math.max(LEAST_GAIN, standardError);
  return both.some((one) => isSure(one) && one.d < 0) && !both.some((one) => isSure(one) && one.d > 0);
}
