/**
 * From draws of one number to its limits: percentile, BCa, bootstrap-t, and the stretch for few clusters. Used for
 * parameters and for every number derived from them alike.
 */
import { normalFactor, normalPoint, normalShare } from "./distributions.js";
import { quantileSorted } from "./quantiles.js";

export type Limits = readonly [low: number, high: number];

/**
 * Bias-corrected and accelerated limits (Efron 1987): quantiles of the draws at
 *
 *   Phi(z0 + (z0 + z) / (1 - a (z0 + z))),  z = -+1.96 for 95 %
 *
 * z0 from the share of draws below the estimate (ties count half), a = SUM d^3 / (6 (SUM d^2)^(3/2)) with
 * d = mean - value over the fits without one unit each.
 *
 * @returns null where all draws lie to one side of the estimate: then nothing can be corrected
 */
export function bcaLimits(
  draws: ArrayLike<number>,
  estimate: number,
  leftOut: ArrayLike<number>,
  level: number,
): Limits | null {
  const sorted = Float64Array.from(draws).sort();
  let below = 0;
  for (const value of sorted) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  if (below === 0 || below === sorted.length) return null;
  const z0 = normalPoint(below / sorted.length);
  const a = acceleration(leftOut);
  const z = normalFactor(level);
  const at = (side: number) => {
    const shifted = z0 + side * z;
    const slope = 1 - a * shifted;
    return slope > 0 ? quantileSorted(sorted, normalShare(z0 + shifted / slope)) : null;
  };
  const [low, high] = [at(-1), at(1)];
  return low === null || high === null ? null : [low, high];
}

function acceleration(leftOut: ArrayLike<number>): number {
  const n = leftOut.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += leftOut[i] / n;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < n; i++) {
    const d = mean - leftOut[i];
    squares += d * d;
    cubes += d * d * d;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

/**
 * estimate -+ factor se; of positive numbers in the log, so that the limits keep their sign.
 *
 * @returns null where a limit is not finite
 */
export function symmetricLimits(
  { value, standardError }: Studentised,
  factor: number,
  isPositive: boolean,
): Limits | null {
  const limits: Limits = isPositive
    ? [
        value * Math.exp((-factor * standardError) / value),
        value * Math.exp((factor * standardError) / value),
      ]
    : [value - factor * standardError, value + factor * standardError];
  return limits.every(Number.isFinite) ? limits : null;
}

/** One draw of a number with its own standard error. */
export interface Studentised {
  value: number;
  standardError: number;
}

/**
 * Bootstrap-t limits (Davison & Hinkley 1997, section 5.2): estimate - t se at the quantiles of
 * t = (draw - estimate) / (the draw's own se). Of positive numbers in the log.
 *
 * @returns null where a limit is not finite
 */
export function studentisedLimits(
  estimate: Studentised,
  draws: readonly Studentised[],
  level: number,
): Limits | null {
  const isPositive = estimate.value > 0 && draws.every(({ value }) => value >= 0);
  const point = (s: Studentised) =>
    isPositive
      ? { at: Math.log(s.value), error: s.standardError / s.value }
      : { at: s.value, error: s.standardError };
  const own = point(estimate);
  const pivots = Float64Array.from(draws, (drawn) => {
    const { at, error } = point(drawn);
    // A draw on its bound has no error of its own; it lies at the end of the order.
    const t = (at - own.at) / error;
    return Number.isNaN(t) ? Number.NEGATIVE_INFINITY : t;
  }).sort();
  const limit = (p: number) => {
    const value = own.at - quantileSorted(pivots, p) * own.error;
    return isPositive ? Math.exp(value) : value;
  };
  const limits: Limits = [limit((1 + level) / 2), limit((1 - level) / 2)];
  return limits.every(Number.isFinite) ? limits : null;
}

/** A value moved away from the estimate by a factor; of positive numbers in the log, so that they stay positive. */
export function stretchedFrom(estimate: number, value: number, stretch: number): number {
  if (stretch === 1) return value;
  if (estimate > 0 && value >= 0) return estimate * (value / estimate) ** stretch;
  return estimate + stretch * (value - estimate);
}
