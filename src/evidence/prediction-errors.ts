/** What many predictions of hidden runs say together. */
import { quantileSorted } from "../fit/quantiles.js";
import type { PredictionErrors } from "../objects.js";

/** One hidden row, predicted from the rows below one cut. */
export interface Predicted {
  run: number;
  /** The cut it was predicted from. */
  cut: number;
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
          standardError: standardErrorOf(judged, mean),
          median: quantileSorted(sizes, 0.5),
          worst: sizes[n - 1],
          bias: judged.reduce((sum, { relativeError }) => sum + relativeError, 0) / n,
        }),
    coverage: stated.length === 0 ? null : stated.filter(({ isInside }) => isInside).length / stated.length,
  };
}

export const runsIn = (all: readonly Predicted[]): number => new Set(all.map(({ run }) => run)).size;

/**
 * Of the mean size of errors. Those of one run go together, and so do those of one cut, which come from one fit: by both
 * (Cameron, Gelbach and Miller, J. Bus. Econ. Stat. 29, 2011), V = V_run + V_cut - V_row, where there are several cuts, and
 * never less than by runs alone.
 */
function standardErrorOf(all: readonly Predicted[], mean: number): number | null {
  const ofRun = varianceBy(all, mean, ({ run }) => run);
  if (ofRun === null) return null;
  const ofCut = varianceBy(all, mean, ({ cut }) => cut);
  if (ofCut === null) return Math.sqrt(ofRun);
  const ofRow = varianceBy(all, mean, (_one, i) => i) as number;
  return Math.sqrt(Math.max(ofRun, ofRun + ofCut - ofRow));
}

/** G/(G-1) SUM_clusters (SUM |e| - m)^2 / n^2; null for a single cluster. */
function varianceBy(
  all: readonly Predicted[],
  mean: number,
  clusterOf: (one: Predicted, i: number) => number,
): number | null {
  const sums = new Map<number, number>();
  all.forEach((one, i) => {
    const cluster = clusterOf(one, i);
    sums.set(cluster, (sums.get(cluster) ?? 0) + Math.abs(one.relativeError) - mean);
  });
  if (sums.size < 2) return null;
  const squares = [...sums.values()].reduce((total, sum) => total + sum * sum, 0);
  return ((sums.size / (sums.size - 1)) * squares) / all.length ** 2;
}
