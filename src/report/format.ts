/**
 * How numbers read. The same number reads the same in every view, whatever the locale.
 */
import type { Estimate, Interval } from "../objects.js";

const SUFFIXES: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];

/** `value` with `digits` significant digits, without an exponent between 1e-4 and 1e6. */
export function significant(value: number, digits: number): string {
  if (value === 0) return "0";
  // The rounded value decides: 9.996 reads 10.0, not 10.00.
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))) + 1e-12);
  if (magnitude < -4 || magnitude >= 6) return scientific(value, digits);
  const decimals = digits - 1 - magnitude;
  if (decimals >= 0) return value.toFixed(Math.min(decimals, 20));
  const unit = 10 ** -decimals;
  return String(Math.round(value / unit) * unit);
}

/** `5.76e+23` as people write it: `5.76e23`. Trailing zeros of the mantissa are left out; a limit that is none is infinite. */
export function scientific(value: number, digits: number): string {
  if (value === Number.POSITIVE_INFINITY) return "infinite";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${Number(exponent)}`;
}

/** Parameters or tokens: `7.22B`, `184B`, `1.33T`, `57.3M`; beyond 1000T in scientific form. */
export function count(value: number, digits = 3): string {
  if (value >= 1e15) return scientific(value, digits);
  for (const [unit, suffix] of SUFFIXES) {
    // 999.6M reads 1.00B: the rounded value decides the suffix.
    if (Number((value / unit).toPrecision(digits)) >= 1)
      return `${significant(value / unit, digits)}${suffix}`;
  }
  return significant(value, digits);
}

export const flops = (value: number): string => scientific(value, 3);

export const percent = (share: number, digits = 2): string => `${significant(100 * share, digits)} %`;

/** A distance with its sign: `+1.8 %`; a dash where there is none. */
export const signedPercent = (share: number | null): string =>
  share === null ? "-" : `${share >= 0 ? "+" : ""}${percent(share)}`;

/** A confidence level: `95 %`, `99.5 %`. */
export const levelText = (level: number): string => `${Number((100 * level).toPrecision(6))} %`;

/** Decimals that show two significant digits of the uncertainty, between `least` and `most`. */
function decimalsFor(interval: Interval, least: number, most: number): number {
  if (interval.low === null || interval.high === null || !(interval.high > interval.low)) return least;
  // A loss that was asked for differs between draws by rounding only.
  if (interval.high - interval.low < 1e-9 * Math.abs(interval.high)) return least;
  const half = (interval.high - interval.low) / 2;
  return Math.min(Math.max(1 - Math.floor(Math.log10(half)), least), most);
}

/** Below this a measure is shown by significant digits: fixed decimals would leave nothing of it. */
const SMALL = 0.05;

/** A measured or expected loss: four decimals, or four significant digits where it is small. */
export const lossValue = (value: number): string =>
  Math.abs(value) < SMALL ? significant(value, 4) : value.toFixed(4);

/** A loss with the decimals its uncertainty allows, at least three. */
export function loss(estimate: Estimate): string {
  if (Math.abs(estimate.estimate) < SMALL) return coefficient(estimate.estimate, estimate);
  return estimate.estimate.toFixed(decimalsFor(estimate, 3, 6));
}

/** `[1.955, 1.992]`, in the same decimals as the estimate, or `none`. */
export function lossInterval(interval: Interval): string {
  const isSmall = interval.high !== null && Math.abs(interval.high) < SMALL;
  const decimals = decimalsFor(interval, 3, 6);
  return bracketed(interval, (value) => (isSmall ? coefficient(value, interval) : value.toFixed(decimals)));
}

/** `[low, high]` through a formatter, or `none`; why there is none is said once, by `missingIntervals`. */
export function bracketed(interval: Interval, format: (value: number) => string): string {
  if (interval.low === null || interval.high === null) return "none";
  return `[${format(interval.low)}, ${format(interval.high)}]`;
}

/** Why intervals are missing, each reason once; null where none is missing or nothing is known of it. */
export function missingIntervals(intervals: readonly Interval[]): string | null {
  const reasons = new Set(intervals.filter(({ low }) => low === null).map(({ reason }) => reason));
  reasons.delete(undefined);
  return reasons.size === 0 ? null : `none: ${[...reasons].join("; ")}`;
}

/** A coefficient: as many digits as its uncertainty allows, at least three, at most six significant. */
export function coefficient(value: number, interval: Interval): string {
  if (interval.low === null || interval.high === null || !(interval.high > interval.low))
    return significant(value, 5);
  const half = (interval.high - interval.low) / 2;
  const size = Math.max(Math.abs(value), 1e-300);
  const digits = Math.floor(Math.log10(size)) - Math.floor(Math.log10(half)) + 2;
  return significant(value, Math.min(Math.max(digits, 3), 6));
}

/** `1 row`, `5 rows`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
