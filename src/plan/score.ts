import type { PredictDocument, Prediction } from "../objects.js";

/**
 * How predictions fared against measured values. Coverage counts the measured values inside the interval of a new
 * run; null where a prediction has none. Relative errors are
 * null where a measured value is 0. Null altogether when nothing was measured.
 */
export function scorePredictions(predictions: readonly Prediction[]): PredictDocument["metrics"] | null {
  const scored = predictions.filter((p): p is Prediction & { measured: number } => p.measured !== undefined);
  if (scored.length === 0) return null;
  const mean = scored.reduce((sum, p) => sum + p.measured, 0) / scored.length;
  const total = scored.reduce((sum, p) => sum + (p.measured - mean) ** 2, 0);
  const left = scored.reduce((sum, p) => sum + (p.measured - p.value.estimate) ** 2, 0);
  const errors = scored.map((p) => Math.abs(p.value.estimate / p.measured - 1));
  const isRelative = scored.every((p) => p.measured !== 0);
  const held = scored.map(isInside);
  const judged = held.filter((inside) => inside !== null);
  return {
    r2: total > 0 ? 1 - left / total : null,
    meanRelativeError: isRelative ? errors.reduce((sum, e) => sum + e, 0) / errors.length : null,
    worstRelativeError: isRelative ? errors.reduce((most, e) => Math.max(most, e), 0) : null,
    coverage:
      judged.length === scored.length ? judged.filter((inside) => inside).length / judged.length : null,
  };
}

/** Whether the measured value lies in the interval of a new run; null without an interval. */
export function isInside(prediction: Prediction & { measured: number }): boolean | null {
  const { low, high } = prediction.newRun;
  return low === null || high === null ? null : prediction.measured >= low && prediction.measured <= high;
}
