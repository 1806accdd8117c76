/**
 * The interval of any number derived from coefficients, from the same draws as every other one, by the method of the
 * fit: percentiles, BCa (the number evaluated on the fits without one unit each), bootstrap-t (its standard error
 * at every draw from the draw's covariance and difference quotients of the number), or without draws that standard error
 * of the estimate with Student's factor. Parameters drawn from the covariance would not do: the number bends over their
 * width, and limits from such draws held the loss at 10x in 90 % of sweeps instead of 95 %.
 */
import { InternalError } from "../errors.js";
import { studentFactor, studentPoint } from "../fit/distributions.js";
import {
  bcaLimits,
  type Limits,
  type Studentised,
  stretchedFrom,
  studentisedLimits,
  symmetricLimits,
} from "../fit/limits.js";
import { percentilesInPlace } from "../fit/quantiles.js";
import type { Estimate, Interval } from "../objects.js";
import type { Coefficients, Source } from "./source.js";

/** Something derived from coefficients: once for the estimate, once for each draw; null where it has no answer. */
export interface Derived<T> {
  estimate: T;
  draws: ArrayLike<T | null>;
  /** The same for any other coefficients. */
  at(c: Coefficients): T | null;
}

export function derive<T>(source: Source, from: (c: Coefficients) => T | null): Derived<T> | null {
  const estimate = from(source.estimate);
  return estimate === null ? null : { estimate, draws: source.draws.map(from), at: from };
}

type Pick<T> = (value: T, c: Coefficients) => number | null;

/**
 * A number of something derived, with its interval.
 *
 * @param pick the number; null or not finite where it does not exist. The caller has made sure that it exists for
 *   the estimate
 */
export function estimateOf<T>(source: Source, derived: Derived<T>, pick: Pick<T>): Estimate {
  const estimate = pick(derived.estimate, source.estimate);
  if (estimate === null || !Number.isFinite(estimate)) {
    throw new InternalError({ code: "no-estimate", message: "a planned number has no finite value" });
  }
  return { estimate, ...intervalOf(source, derived, pick, estimate) };
}

/** A constant times a number with its interval. */
export const scaledBy = (value: Estimate, factor: number): Estimate => ({
  ...value,
  estimate: value.estimate * factor,
  low: value.low === null ? null : value.low * factor,
  high: value.high === null ? null : value.high * factor,
});

/** What is the same in every draw. */
export const exactly = ({ withoutDraws }: Source, value: number): Estimate =>
  withoutDraws === null
    ? { estimate: value, low: value, high: value }
    : { estimate: value, low: null, high: null, reason: withoutDraws };

function intervalOf<T>(source: Source, derived: Derived<T>, pick: Pick<T>, estimate: number): Interval {
  if (source.withoutDraws !== null) return { low: null, high: null, reason: source.withoutDraws };
  if (source.method.kind === "covariance") {
    const own = { value: estimate, standardError: ownError(source, source.method.own, derived, pick) };
    const limits = symmetricLimits(own, studentFactor(source.level, source.method.degrees), estimate > 0);
    if (limits === null) return { low: null, high: null, reason: "the covariance sets no limit" };
    return { low: limits[0], high: limits[1] };
  }
  const found = foundIn(source, derived, pick);
  const missing = derived.draws.length - found.values.length;
  // Draws without an answer lie beyond one end or the other: with more of them than a tail holds, no limit is known.
  if (missing > ((1 - source.level) / 2) * derived.draws.length) {
    const share = Math.max(1, Math.round((100 * missing) / derived.draws.length));
    return { low: null, high: null, reason: `no finite answer in ${share} % of the resamples` };
  }
  const limits = limitsOf(source, derived, pick, estimate, found);
  if (limits === null) return { low: null, high: null, reason: "the resamples set no limit" };
  const [low, high] = limits.map((limit) => stretchedFrom(estimate, limit, source.stretch));
  return { low, high };
}

/** The number in the draws that have it, and which these are. */
interface Found {
  values: Float64Array;
  draws: Int32Array;
}

function foundIn<T>(source: Source, { draws }: Derived<T>, pick: Pick<T>): Found {
  const values = new Float64Array(draws.length);
  const places = new Int32Array(draws.length);
  let count = 0;
  for (let b = 0; b < draws.length; b++) {
    const draw = draws[b];
    const value = draw === null ? null : pick(draw, source.draws[b]);
    if (value === null || !Number.isFinite(value)) continue;
    values[count] = value;
    places[count++] = b;
  }
  return { values: values.subarray(0, count), draws: places.subarray(0, count) };
}

function limitsOf<T>(
  source: Source,
  derived: Derived<T>,
  pick: Pick<T>,
  estimate: number,
  { values, draws }: Found,
): Limits | null {
  const { method, level } = source;
  const numberAt = pickAt(derived, pick);
  if (method.kind === "bca") {
    return bcaLimits(values, estimate, method.leftOut.map(numberAt).filter(Number.isFinite), level);
  }
  if (method.kind !== "bootstrap-t") return percentilesInPlace(values, level);
  const drawn: Studentised[] = Array.from(values, (value, k) => ({
    value,
    standardError: errorOf(source, numberAt, source.draws[draws[k]], method.ofDraws[draws[k]]),
  }));
  const own = { value: estimate, standardError: ownError(source, method.own, derived, pick) };
  return studentisedLimits(own, drawn, level);
}

/**
 * The number in the draws; where there are none, in a thousand quantiles of Student's t about the estimate. Missing
 * ones are not numbers.
 */
export function drawnValues(source: Source, derived: Derived<number>): ArrayLike<number> {
  const { draws } = derived;
  if (source.method.kind !== "covariance")
    return draws instanceof Float64Array ? draws : Array.from(draws, (value) => value ?? Number.NaN);
  const { own, degrees } = source.method;
  const { estimate } = derived;
  const error = ownError(source, own, derived, (value) => value);
  return studentPoints(degrees).map((t) =>
    estimate > 0 ? estimate * Math.exp((error * t) / estimate) : estimate + error * t,
  );
}

let points: { degrees: number; values: number[] } | null = null;

/** Quantiles of Student's t, evenly in probability; those of the last degrees of freedom are kept. */
function studentPoints(degrees: number): number[] {
  if (points?.degrees !== degrees) {
    const values = Array.from({ length: QUANTILES }, (_, k) => studentPoint((k + 0.5) / QUANTILES, degrees));
    points = { degrees, values };
  }
  return points.values;
}

const QUANTILES = 1000;

/** The number for any coefficients; not a number where it has no value. */
const pickAt =
  <T>(derived: Derived<T>, pick: Pick<T>) =>
  (c: Coefficients): number => {
    const value = derived.at(c);
    return (value === null ? null : pick(value, c)) ?? Number.NaN;
  };

const ownError = <T>(source: Source, V: Float64Array, derived: Derived<T>, pick: Pick<T>): number =>
  errorOf(source, pickAt(derived, pick), source.estimate, V);

/** Relative step of the difference quotients: their error is then 1e-8 of the derivative. */
const STEP = 1e-4;

/** sqrt(g'V g) with the gradient g of a number by central differences. */
function errorOf(
  { law }: Source,
  numberAt: (c: Coefficients) => number,
  c: Coefficients,
  V: Float64Array,
): number {
  const p = law.parameters.length;
  const gradient = law.parameters.map(({ name }, j) => {
    // A parameter on its bound does not vary.
    if (!(V[j * p + j] > 0)) return 0;
    const step = STEP * (Math.abs(c[name]) || Math.sqrt(V[j * p + j]));
    return (
      (numberAt({ ...c, [name]: c[name] + step }) - numberAt({ ...c, [name]: c[name] - step })) / (2 * step)
    );
  });
  let variance = 0;
  for (let a = 0; a < p; a++)
    for (let b = 0; b < p; b++) variance += gradient[a] * V[a * p + b] * gradient[b];
  return Math.sqrt(Math.max(variance, 0));
}
