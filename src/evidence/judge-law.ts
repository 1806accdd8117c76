/**
 * How well one law predicts rows that its fit has not seen: rows left out at random, and the largest scales. All laws that
 * are compared see the same rows, in the same folds, on the same objective.
 */
import { ScalefitError } from "../errors.js";
import { requireAnswerable } from "../fit/identifiability.js";
import { type Layout, layoutOf, NO_CHOICES, withHeld } from "../fit/layout.js";
import { fitMetrics } from "../fit/metrics.js";
import { meanOf } from "../fit/quantiles.js";
import type { Coefficients, Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { taken } from "./common-rows.js";
import { type QuickFit, quickFit, residuals, type Yardstick } from "./quick-fit.js";

/** What is the same for all laws that are compared. */
export interface Contest extends Yardstick {
  /** Rows that are left out together. */
  folds: readonly Int32Array[];
  /** Where the largest scales begin, and folds of the rows below; null where none are hidden. */
  hidden: Hidden | null;
  /** The mean error of a plain law on the rows below the hidden ones; null where no law is judged roughly. */
  par: number | null;
}

interface Hidden {
  from: number;
  folds: readonly Int32Array[];
}

/**
 * So many times as far off as a plain law on rows that both were fitted to, a law is judged with about half the work. It may
 * come in front all the same, where the plain one goes astray beyond the rows (one of 17 shared logs); it is then judged anew.
 * On those and on 45 small noisy logs the chosen law and the next one are what they were without this.
 */
const HOPELESS = 2;
/** Steps of the refits of such a law: enough for one that converges; a fifth of such laws moves by over 2 % left out. */
const ROUGH_STEPS = 8;
/** Errors below this (of logs, or of the spread) are rounding: laws that err less are equal. */
export const SMALLEST = 1e-5;

/** What a law made of the rows that were held back. */
export interface Judgement {
  law: Law;
  /** How many parameters were fitted. */
  parameters: number;
  coefficients: Coefficients;
  /** Mean absolute error of the rows below the hidden ones, in the fit to these; null where none are hidden. */
  below: number | null;
  /** Whether the fit to all rows began at that to the rows below, and refits were short. */
  isRough: boolean;
  /** Absolute error of each row, as predicted by a fit to the other folds. */
  leftOut: Float64Array;
  /** Absolute error of each hidden row, as predicted by a fit to the rows below. */
  hidden: Float64Array | null;
  /** The mean of it when one fold less was there to learn from. */
  hiddenWithout: Float64Array | null;
  aicc: number | null;
  bic: number | null;
}

export interface Unfitted {
  law: Law;
  /** Why it was not compared. */
  reason: string;
}

/** A law that can be judged, with its fit to the rows below the hidden ones. */
export interface Begun {
  law: Law;
  observations: Observations;
  layout: Layout;
  cut: Cut | null;
  learned: QuickFit | null;
  /** As a judgement has it. */
  below: number | null;
}

/** The errors of one law; its reason where it cannot be fitted. */
export function judgeLaw(law: Law, observations: Observations, contest: Contest): Judgement | Unfitted {
  const begun = beginJudging(law, observations, contest);
  return "reason" in begun ? begun : finishJudging(begun, contest);
}

/** The first half of judging a law, which needs no other: what a plain law errs by here is the par of others. */
export function beginJudging(law: Law, observations: Observations, contest: Contest): Begun | Unfitted {
  const layout = layoutOf(law, withHeld(law, NO_CHOICES));
  const p = layout.free.length;
  const n = observations.measured.length;
  const largestFold = largestOf(contest.folds);
  try {
    requireAnswerable(observations, law, p);
  } catch (error) {
    if (!(error instanceof ScalefitError)) throw error;
    return { law, reason: error.message };
  }
  if (n - largestFold <= p)
    return { law, reason: `${p} parameters, and ${n - largestFold} rows without a tenth of them` };
  const { hidden } = contest;
  if (hidden !== null && hidden.from - largestOf(hidden.folds) <= p)
    return { law, reason: `${p} parameters, and ${hidden.from} rows below the largest scale` };
  const cut = hidden === null ? null : cutAt(observations, hidden.from);
  const learned = cut === null ? null : quickFit(law, layout, cut.below, contest);
  const below = cut === null || learned === null ? null : meanOf(learned.errors(learned.solution, cut.below));
  return { law, observations, layout, cut, learned, below };
}

/** The second half. */
export function finishJudging(begun: Begun, contest: Contest): Judgement | Unfitted {
  const { law, observations, layout, cut, learned, below } = begun;
  const { hidden, par } = contest;
  const p = layout.free.length;
  const n = observations.measured.length;
  const isRough = par !== null && below !== null && below > HOPELESS * (SMALLEST + par);
  const steps = isRough ? ROUGH_STEPS : null;
  const earlier = learned === null ? undefined : { fit: learned, isFollowed: isRough };
  const whole =
    quickFit(law, layout, observations, contest, earlier) ?? quickFit(law, layout, observations, contest);
  if (whole === null)
    return { law, reason: "it has no finite value on these rows at any of the starts tried" };
  if (cut !== null && learned === null)
    return {
      law,
      reason: "it has no finite value on the rows below the largest scale at any of the starts tried",
    };
  const leftOut = new Float64Array(n);
  const refits = whole.without(contest.folds, steps);
  contest.folds.forEach((fold, k) => {
    const errors = whole.errors(refits[k], observations);
    for (const i of fold) leftOut[i] = errors[i];
  });
  const beyond =
    hidden === null || cut === null || learned === null
      ? null
      : extrapolated(learned, cut.above, hidden.folds, steps);
  const isPredicted = [leftOut, ...(beyond === null ? [] : [beyond.errors, beyond.without])].every((errors) =>
    errors.every(Number.isFinite),
  );
  if (!isPredicted) return { law, reason: "fitted to some of the rows it has no finite value at others" };
  const predicted = whole.predict(whole.solution, observations);
  const { aicc, bic } = fitMetrics(
    observations,
    predicted,
    residuals(observations.measured, predicted, contest),
    p,
  );
  const all = layout.complete(whole.solution.parameters);
  return {
    law,
    parameters: p,
    coefficients: Object.fromEntries(law.parameters.map(({ name }, j) => [name, all[j]])),
    below,
    isRough,
    leftOut,
    hidden: beyond?.errors ?? null,
    hiddenWithout: beyond?.without ?? null,
    aicc,
    bic,
  };
}

const largestOf = (folds: readonly Int32Array[]): number => Math.max(...folds.map(({ length }) => length));

interface Cut {
  below: Observations;
  above: Observations;
}

function cutAt(observations: Observations, from: number): Cut {
  const places = Int32Array.from(observations.measured.keys());
  return {
    below: taken(observations, places.subarray(0, from)),
    above: taken(observations, places.subarray(from)),
  };
}

/** Errors of the largest scales as predicted by a fit that never saw them, from its own search. */
function extrapolated(
  learned: QuickFit,
  above: Observations,
  folds: readonly Int32Array[],
  steps: number | null,
): { errors: Float64Array; without: Float64Array } {
  return {
    errors: learned.errors(learned.solution, above),
    without: Float64Array.from(learned.without(folds, steps), (refit) =>
      meanOf(learned.errors(refit, above)),
    ),
  };
}
