/** Sample quantiles, medians and the robust spread that the fit and its intervals use. */
import { kthSmallest } from "./kth-smallest.js";

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
  const values = new Float64Array(draws.length);
  values.set(draws);
  return percentilesInPlace(values, level);
}

/** The same of values that may be moved about. */
export function percentilesInPlace(values: Float64Array, level: number): [number, number] {
  if (hasNaN(values)) {
    // What is not a number has no place among the others: it comes last, as when they are sorted.
    values.sort();
    return [quantileSorted(values, (1 - level) / 2), quantileSorted(values, (1 + level) / 2)];
  }
  const low = quantileInPlace(values, (1 - level) / 2, 0);
  const above = Math.max(0, Math.floor(((1 - level) / 2) * (values.length + 1) - 1));
  return [low, quantileInPlace(values, (1 + level) / 2, Math.min(above, values.length - 1))];
}

/** Values between two limits, in any order, and how many are smaller. */
export interface Band {
  smaller: number;
  values: Float64Array;
}

/** Where the quantile at p of so many values lies among them: at a place from 0, or a share of the way to the next. */
export function quantilePlace(p: number, count: number): number {
  return Math.min(Math.max(p * (count + 1) - 1, 0), count - 1);
}

/**
 * The same number as `quantileSorted` of all values, from a band of them alone, which are moved about; null where it does
 * not lie in the band.
 */
export function quantileIn({ smaller, values }: Band, place: number): number | null {
  const below = Math.floor(place);
  const share = place - below;
  const first = below - smaller;
  const last = values.length - 1;
  if (first < 0 || first + (share === 0 ? 0 : 1) > last) return null;
  const a = selectInPlace(values, first, 0, last);
  if (share === 0) return a;
  const b = leastFrom(values, first + 1);
  return a === b ? a : a + share * (b - a);
}

function leastFrom(values: Float64Array, from: number): number {
  let least = values[from];
  for (let i = from + 1; i < values.length; i++) if (values[i] < least) least = values[i];
  return least;
}

function hasNaN(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return true;
  return false;
}

/**
 * The same number as `quantileSorted` of the sorted values, by moving them about no more than it needs.
 *
 * @param from values before this index are known to be no larger than those after it
 */
function quantileInPlace(values: Float64Array, p: number, from: number): number {
  const B = values.length;
  const position = p * (B + 1) - 1;
  if (position <= 0) return selectInPlace(values, 0, from, B - 1);
  if (position >= B - 1) return selectInPlace(values, B - 1, from, B - 1);
  const below = Math.floor(position);
  const share = position - below;
  const a = selectInPlace(values, below, from, B - 1);
  if (share === 0) return a;
  const b = leastFrom(values, below + 1);
  return a === b ? a : a + share * (b - a);
}

/** Under so many values a sample of them is not worth its while. */
const SAMPLED = 600;

/**
 * The k-th smallest of values[left..right]; afterwards no value before k is larger than it, and none after it smaller.
 * Floyd and Rivest, Algorithm 489, CACM 18 (1975): the pivot is found by selection in a sample.
 */
function selectInPlace(values: Float64Array, k: number, left: number, right: number): number {
  while (right > left) {
    if (right - left > SAMPLED) {
      const n = right - left + 1;
      const i = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * (i < n / 2 ? -1 : 1);
      const low = Math.max(left, Math.floor(k - (i * s) / n + sd));
      const high = Math.min(right, Math.floor(k + ((n - i) * s) / n + sd));
      selectInPlace(values, k, low, high);
    }
    const t = values[k];
    let i = left;
    let j = right;
    swap(values, left, k);
    if (values[right] > t) swap(values, left, right);
    while (i < j) {
      swap(values, i, j);
      i++;
      j--;
      while (values[i] < t) i++;
      while (values[j] > t) j--;
    }
    if (values[left] === t) swap(values, left, j);
    else {
      j++;
      swap(values, j, right);
    }
    if (j <= k) left = j + 1;
    if (k <= j) right = j - 1;
  }
  return values[k];
}

function swap(values: Float64Array, i: number, j: number): void {
  const held = values[i];
  values[i] = values[j];
  values[j] = held;
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
  return robustSpreadOf(residuals.length, (i) => residuals[i], p);
}

/** The same of residuals that are worked out as they are asked for: a long column of them is never made. */
export function robustSpreadOf(count: number, residualAt: (i: number) => number, p: number): number {
  const index = Math.min(Math.ceil((count + p) / 2), count) - 1;
  return 1.4826 * kthSmallest(count, index, (i) => Math.abs(residualAt(i)));
}

/** The least and the greatest value. */
export function extent(values: Float64Array): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
