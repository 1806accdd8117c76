/**
 * How well one law predicts rows that its fit has not seen: rows left out at random, and the largest scales. All laws that
 * are compared see the same rows, in the same folds, on the same objective.
 */
import { ScalefitError } from "../errors.js";
import { distinctRows } from "../fit/distinct.js";
import { requireAnswerable } from "../fit/identifiability.js";
import { type Layout, layoutOf, NO_CHOICES, withHeld } from "../fit/layout.js";
import { fitsWithout } from "../fit/leave-out.js";
import { fitMetrics } from "../fit/metrics.js";
import type { Model, Solution } from "../fit/model.js";
import { modelOf } from "../fit/model-of.js";
import type { Objective, ObjectiveName } from "../fit/objective.js";
import { quickSearchObjective } from "../fit/search-objective.js";
import type { Coefficients, Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { taken } from "./common-rows.js";

/** What is the same for all laws that are compared. */
export interface Contest {
  objective: { objective: ObjectiveName; delta: "auto" | number };
  /** Whether errors are differences of logs; otherwise they are in units of `spread`. */
  isLog: boolean;
  /** Standard deviation of what is measured. */
  spread: number;
  /** Mean of one over the rows' noise; 1 where none is known. */
  inverseNoise: number;
  /** Rows that are left out together. */
  folds: readonly Int32Array[];
  /** Where the largest scales begin, and folds of the rows below; null where none are hidden. */
  hidden: { from: number; folds: readonly Int32Array[] } | null;
}

/** What a law made of the rows that were held back. */
export interface Judgement {
  law: Law;
  /** How many parameters were fitted. */
  parameters: number;
  coefficients: Coefficients;
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

/** The errors of one law; its reason where it cannot be fitted. */
export function judgeLaw(law: Law, observations: Observations, contest: Contest): Judgement | Unfitted {
  const layout = layoutOf(law, withHeld(law, NO_CHOICES));
  const p = layout.free.length;
  const n = observations.measured.length;
  const largestFold = Math.max(...contest.folds.map(({ length }) => length));
  try {
    requireAnswerable(observations, law, p);
  } catch (error) {
    if (!(error instanceof ScalefitError)) throw error;
    return { law, reason: error.message };
  }
  if (n - largestFold <= p)
    return { law, reason: `${p} parameters, and ${n - largestFold} rows without a tenth of them` };
  const whole = fitted(law, layout, observations, contest);
  if (whole === null)
    return { law, reason: "it has no finite value on these rows at any of the starts tried" };
  const leftOut = new Float64Array(n);
  const refits = whole.without(contest.folds);
  contest.folds.forEach((fold, k) => {
    const errors = whole.errors(refits[k], observations);
    for (const i of fold) leftOut[i] = errors[i];
  });
  const beyond =
    contest.hidden === null ? null : extrapolated(law, layout, observations, contest.hidden, contest);
  if (beyond !== null && "reason" in beyond) return beyond;
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
    leftOut,
    hidden: beyond?.errors ?? null,
    hiddenWithout: beyond?.without ?? null,
    aicc,
    bic,
  };
}

/** The law fitted to some rows. */
interface Fitted {
  solution: Solution;
  /** Refits without each of the folds. */
  without(folds: readonly Int32Array[]): Solution[];
  predict(solution: Solution, at: Observations): Float64Array;
  /** Absolute errors of rows. */
  errors(solution: Solution, at: Observations): Float64Array;
}

function fitted(law: Law, layout: Layout, observations: Observations, contest: Contest): Fitted | null {
  const rows = distinctRows(observations);
  const { model } = modelOf(law, layout, rows);
  const found = quickSearchObjective(model, rows.rowOf, contest.objective);
  if (found === null) return null;
  const { objective, solution } = found;
  const compiled = layout.compile();
  const predict = ({ parameters }: Solution, at: Observations): Float64Array => {
    const columns = law.inputs.map(({ name }) => at.inputs.get(name) as Float64Array);
    const out = new Float64Array(at.measured.length);
    compiled.bind(columns, out.length).value(parameters, out);
    return out;
  };
  return {
    solution,
    without: (folds) => refitted(model, objective, solution, folds, rows.rowOf),
    predict,
    errors: (fit, at) => {
      const weight = at.weight ?? [];
      return residuals(at.measured, predict(fit, at), contest).map(
        // A row counts as its noise lets it.
        (r, i) => (Math.abs(r) * Math.sqrt(weight[i] ?? 1)) / contest.inverseNoise,
      );
    },
  };
}

function refitted(
  model: Model,
  objective: Objective,
  solution: Solution,
  folds: readonly Int32Array[],
  rowOf: Int32Array | null,
): Solution[] {
  const units = rowOf === null ? folds : folds.map((fold) => fold.map((i) => rowOf[i]));
  const refit = model.quickRefitter(model.warmStart(solution), objective);
  return fitsWithout(model, refit, units, [0, units.length]);
}

interface Extrapolated {
  errors: Float64Array;
  without: Float64Array;
}

/** Errors of the largest scales as predicted by a fit that never saw them, from its own search. */
function extrapolated(
  law: Law,
  layout: Layout,
  observations: Observations,
  { from, folds }: NonNullable<Contest["hidden"]>,
  contest: Contest,
): Extrapolated | Unfitted {
  const n = observations.measured.length;
  const p = layout.free.length;
  const largestFold = Math.max(...folds.map(({ length }) => length));
  if (from - largestFold <= p)
    return { law, reason: `${p} parameters, and ${from} rows below the largest scale` };
  const places = Int32Array.from({ length: n }, (_, i) => i);
  const below = taken(observations, places.subarray(0, from));
  const above = taken(observations, places.subarray(from));
  const fit = fitted(law, layout, below, contest);
  if (fit === null)
    return {
      law,
      reason: "it has no finite value on the rows below the largest scale at any of the starts tried",
    };
  return {
    errors: fit.errors(fit.solution, above),
    without: Float64Array.from(fit.without(folds), (without) => mean(fit.errors(without, above))),
  };
}

export const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Measured less predicted, of logs or in units of the spread; not a number where a prediction has no log. */
function residuals(
  measured: Float64Array,
  predicted: Float64Array,
  { isLog, spread }: Contest,
): Float64Array {
  return measured.map((y, i) => (isLog ? Math.log(y) - Math.log(predicted[i]) : (y - predicted[i]) / spread));
}
