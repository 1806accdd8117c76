/** Sample quantiles, medians and the robust spread that the fit and its intervals use. */

/**
 * Quantile at p (B + 1) of sorted values, interpolated; the smallest or largest value beyond the ends. Infinite
 * values are allowed and give an infinite limit.
 */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const B = sorted.length;
  const position = p * (B + 1) - 1;
  if (position <= 0) return sorted[0];
  if (position >= B - 1) return sorted[B - 1];
  const below = Math.floor(position);
  const share = position - below;
  if (share === 0 || sorted[below] === sorted[below + 1]) return sorted[below];
  return sorted[below] + share * (sorted[below + 1] - sorted[below]);
}

/** The percentile interval of draws at a confidence level such as 0.95. */
export function percentileInterval(draws: ArrayLike<number>, level: number): [number, number] {
  const sorted = Float64Array.from(draws).sort();
  return [quantileSorted(sorted, (1 - level) / 2), quantileSorted(sorted, (1 + level) / 2)];
}

/** Standard deviation of draws about their mean (divisor B - 1). */
export function standardDeviation(draws: ArrayLike<number>): number {
  const B = draws.length;
  let mean = 0;
  for (let i = 0; i < B; i++) mean += draws[i];
  mean /= B;
  let squares = 0;
  for (let i = 0; i < B; i++) squares += (draws[i] - mean) ** 2;
  return Math.sqrt(squares / (B - 1));
}

export function median(values: ArrayLike<number>): number {
  return quantileSorted(Float64Array.from(values).sort(), 0.5);
}

/**
 * Robust standard deviation of residuals after a fit of p parameters: 1.4826 times the (n + p)/2-th smallest
 * absolute residual. The shift by p/2 makes up for the p residuals that a robust fit can make vanish.
 */
export function robustSpread(residuals: Float64Array, p: number): number {
  return robustSpreadInPlace(residuals.slice(), p);
}

/** The same; the residuals are lost, and no copy of a long column is made. */
export function robustSpreadInPlace(residuals: Float64Array, p: number): number {
  for (let i = 0; i < residuals.length; i++) residuals[i] = Math.abs(residuals[i]);
  residuals.sort();
  const index = Math.min(Math.ceil((residuals.length + p) / 2), residuals.length) - 1;
  return 1.4826 * residuals[index];
}
