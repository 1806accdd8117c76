/** What many predictions of hidden runs say together. */
import { quantileSorted } from "../fit/quantiles.js";
import type { PredictionErrors } from "../objects.js";

/** One hidden row, predicted from the rows below one cut. */
export interface Predicted {
  run: number;
  /** How many times larger than the cut. */
  scaleUp: number;
  /** Predicted / measured - 1; not a number where 0 was measured. */
  relativeError: number;
  /** Whether the measured value lies in the interval of a new run; null without one. */
  isInside: boolean | null;
}

export function errorsOf(all: readonly Predicted[]): PredictionErrors {
  const judged = all.filter(({ relativeError }) => Number.isFinite(relativeError));
  const sizes = Float64Array.from(judged, ({ relativeError }) => Math.abs(relativeError)).sort();
  const stated = all.filter(({ isInside }) => isInside !== null);
  const n = sizes.length;
  const mean = sizes.reduce((sum, size) => sum + size, 0) / n;
  return {
    predictions: all.length,
    runs: runsIn(all),
    ...(n === 0
      ? { mean: null, standardError: null, median: null, worst: null, bias: null }
      : {
          mean,
          standardError: standardErrorBetweenRuns(judged, mean),
          median: quantileSorted(sizes, 0.5),
          worst: sizes[n - 1],
          bias: judged.reduce((sum, { relativeError }) => sum + relativeError, 0) / n,
        }),
    coverage: stated.length === 0 ? null : stated.filter(({ isInside }) => isInside).length / stated.length,
  };
}

export const runsIn = (all: readonly Predicted[]): number => new Set(all.map(({ run }) => run)).size;

/** Of a mean over rows, those of one run taken together: sqrt(G/(G-1) SUM_runs (SUM e - m)^2) / n. */
function standardErrorBetweenRuns(all: readonly Predicted[], mean: number): number | null {
  const sums = new Map<number, number>();
  for (const { run, relativeError } of all)
    sums.set(run, (sums.get(run) ?? 0) + Math.abs(relativeError) - mean);
  if (sums.size < 2) return null;
  const squares = [...sums.values()].reduce((total, sum) => total + sum * sum, 0);
  return Math.sqrt((sums.size / (sums.size - 1)) * squares) / all.length;
}
