/**
 * The outliers on which objectives disagree. Rows are taken out one at a time, each time the one farthest off the curve
 * that a robust objective fits to those that are left: several outliers together bend the curve and hide each other, so
 * that one look at all rows finds some of them and takes a good row for another.
 */
import { robustSpread } from "../fit/quantiles.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import type { Coefficients } from "../plan/source.js";
import { taken } from "./common-rows.js";

/** Robust standard deviations off the curve: the rule of a fit's own warning (`fit/diagnosis.ts`). */
const FAR = 5;
/** More outliers than this are no few rows that decide. */
const MOST = 10;
/** Outliers are named until the objectives' disagreement has come down to this share of what it was. */
const SHARE_LEFT = 1 / 3;

/** What the objectives make of some rows. */
export interface Look {
  /** By the robust objective. */
  coefficients: Coefficients;
  /** ln of greatest over least of the watched number. */
  disagreement: number;
}

export interface DecidingRows {
  /** Places of the outliers, the worst first; and of all other rows. */
  outliers: number[];
  others: Int32Array;
}

/**
 * The fewest outliers without which the objectives agree three times as well; all outliers where that never comes.
 *
 * @param look null where the rows determine no plan
 */
export function decidingRows(
  law: Law,
  observations: Observations,
  look: (rows: Observations) => Look | null,
): DecidingRows {
  const outliers: number[] = [];
  let left = Int32Array.from(observations.measured.keys());
  let first: number | null = null;
  while (outliers.length <= MOST) {
    const rows = taken(observations, left);
    const seen = look(rows);
    if (seen === null) break;
    first ??= seen.disagreement;
    if (outliers.length > 0 && seen.disagreement <= SHARE_LEFT * first) break;
    const worst = outliers.length === MOST ? null : farthest(law, seen.coefficients, rows);
    if (worst === null) break;
    outliers.push(left[worst]);
    left = left.filter((_, i) => i !== worst);
  }
  return { outliers, others: left };
}

/** The place of the row farthest off the curve; null where none is far. */
function farthest(law: Law, coefficients: Coefficients, rows: Observations): number | null {
  const off = residualsOf(law, coefficients, rows);
  const spread = robustSpread(off, law.parameters.length);
  // Residuals under 1e-9 are rounding, and rounding has no outliers.
  const far = Math.max(FAR * spread, 1e-9);
  const worst = off.reduce((most, r, i) => (Math.abs(r) > Math.abs(off[most]) ? i : most), 0);
  return Math.abs(off[worst]) > far ? worst : null;
}

/** Differences of logs where all values have one, else of the values; in units of the rows' noise where that is known. */
export function residualsOf(law: Law, coefficients: Coefficients, rows: Observations): Float64Array {
  const { measured, inputs, weight } = rows;
  const columns = [...inputs];
  const predicted = measured.map((_, i) =>
    evaluateLaw(law, coefficients, Object.fromEntries(columns.map(([name, column]) => [name, column[i]]))),
  );
  const isLog = measured.every((y, i) => y > 0 && predicted[i] > 0);
  return measured.map(
    (y, i) => (isLog ? Math.log(y / predicted[i]) : y - predicted[i]) * Math.sqrt(weight?.[i] ?? 1),
  );
}
