import type { FitMetrics, Observations } from "../objects.js";

/** 1 - SUM (y - m)^2 / SUM (y - mean y)^2 of values or, `of`, their logs; null where y does not vary. */
function explained(y: Float64Array, m: Float64Array, of: (value: number) => number): number | null {
  let mean = 0;
  for (let i = 0; i < y.length; i++) mean += of(y[i]);
  mean /= y.length;
  let total = 0;
  let left = 0;
  for (let i = 0; i < y.length; i++) {
    const observed = of(y[i]);
    total += (observed - mean) ** 2;
    left += (observed - of(m[i])) ** 2;
  }
  return total > 0 ? 1 - left / total : null;
}

/**
 * Quality of a fit.
 *
 * @param predicted raw values
 * @param residuals on the objective's scale
 * @param p number of parameters
 *
 * AICc = n ln(RSS/n) + 2k + 2k(k+1)/(n-k-1) and BIC = n ln(RSS/n) + k ln n with k = p + 1 (the variance counts) and
 * RSS of the residuals on the objective's scale; null where n is too small or the residuals vanish. With precisions w
 * the first term is n ln(SUM w r^2 / n) - SUM ln w.
 */
export function fitMetrics(
  { measured, weight }: Pick<Observations, "measured" | "weight">,
  predicted: Float64Array,
  residuals: Float64Array,
  p: number,
): Omit<FitMetrics, "looMeanRelativeError"> {
  const n = measured.length;
  let squares = 0;
  let rss = 0;
  let weighted = 0;
  let logs = 0;
  let relative = 0;
  let worst = 0;
  for (let i = 0; i < n; i++) {
    squares += (measured[i] - predicted[i]) ** 2;
    rss += residuals[i] * residuals[i];
    weighted += (weight?.[i] ?? 1) * residuals[i] * residuals[i];
    logs += weight === null ? 0 : Math.log(weight[i]);
    const error = Math.abs(predicted[i] / measured[i] - 1);
    relative += error;
    worst = Math.max(worst, error);
  }
  const k = p + 1;
  const fit = weighted > 0 ? n * Math.log(weighted / n) - logs : null;
  const positive = measured.every((value) => value > 0) && predicted.every((value) => value > 0);
  return {
    r2: explained(measured, predicted, (value) => value),
    r2Log: positive ? explained(measured, predicted, Math.log) : null,
    rmse: Math.sqrt(squares / n),
    meanRelativeError: Number.isFinite(relative) ? relative / n : null,
    worstRelativeError: Number.isFinite(worst) ? worst : null,
    residualStandardDeviation: n > p ? Math.sqrt(rss / (n - p)) : null,
    aicc: fit !== null && n - k - 1 > 0 ? fit + 2 * k + (2 * k * (k + 1)) / (n - k - 1) : null,
    bic: fit !== null && n > p ? fit + k * Math.log(n) : null,
  };
}
