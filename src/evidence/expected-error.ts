/**
 * The error to expect so many times beyond the largest run, by hidden runs that lay at least as far beyond the runs they
 * were predicted from. Where none did, errors of the farther half are carried on in proportion to the decades, as the guard
 * of limits does (`plan/guard.ts`): more than noise grows, and as much as a law that bends does.
 */
import { quantileSorted } from "../fit/quantiles.js";
import type { BacktestErrors, ExpectedError } from "../objects.js";

/** @returns the reason where there is nothing to expect it from */
export function expectedError(
  { law, size, scaleUp, relativeError, run }: BacktestErrors,
  distance: number,
): ExpectedError | { reason: string } {
  if (!(distance > 1))
    return { reason: "it lies within the runs: a backtest says how far predictions beyond them are off" };
  const judged = [...scaleUp.keys()].filter((i) => Number.isFinite(relativeError[i]) && scaleUp[i] > 1);
  if (judged.length === 0) return { reason: "no hidden run was predicted" };
  const largestScaleUp = judged.reduce((most, i) => Math.max(most, scaleUp[i]), 1);
  const far = judged.filter((i) => scaleUp[i] >= distance);
  const isObserved = far.length > 0;
  const used = isObserved ? far : judged.filter((i) => scaleUp[i] ** 2 >= largestScaleUp);
  const sizes = Float64Array.from(used, (i) => {
    const growth = isObserved ? 1 : Math.log(distance) / Math.log(scaleUp[i]);
    return growth * Math.abs(relativeError[i]);
  }).sort();
  return {
    law,
    ...(size === undefined ? {} : { size }),
    scaleUp: distance,
    kind: isObserved ? "observed" : "extrapolated",
    predictions: used.length,
    runs: new Set(used.map((i) => run[i])).size,
    mean: sizes.reduce((sum, one) => sum + one, 0) / sizes.length,
    median: quantileSorted(sizes, 0.5),
    ninetieth: quantileSorted(sizes, 0.9),
    worst: sizes[sizes.length - 1],
    largestScaleUp,
  };
}
