/**
 * From an answer and its draws to estimates with intervals, and to what later commands need of them.
 */
import type { Law } from "../laws/law.js";
import type { FitMemory, Interval, ParameterEstimate } from "../objects.js";
import { studentFactor } from "./distributions.js";
import { bcaLimits, type Limits, stretchedFrom, studentisedLimits, symmetricLimits } from "./limits.js";
import { isSquares } from "./objective.js";
import type { SettledOptions } from "./options.js";
import { percentileInterval, standardDeviation } from "./quantiles.js";
import { randomStream } from "./random.js";

/** Residuals kept in a saved fit, at most. */
const KEPT_RESIDUALS = 1000;

/** What a fit found, in all of the law's parameters. */
export interface Answer {
  law: Law;
  parameters: Float64Array;
  /** Row-major over all parameters; null where it cannot be had. */
  covariance: Float64Array | null;
  draws: Float64Array[] | null;
  /** The covariance of each draw, for a bootstrap-t. */
  drawCovariances: Float64Array[];
  /** Fits without one unit each, for BCa. */
  leftOut: Float64Array[];
  /** By parameter, for profile intervals. */
  profile: ReadonlyMap<string, Interval> | null;
  /** What draws of few clusters lack; 1 for nothing. */
  stretch: number;
  fixed: ReadonlyMap<string, number>;
  /** Of the covariance: rows less fitted parameters, or clusters less 1. */
  degrees: number;
}

/** J V J' for the p x p covariance V of the free parameters and the Jacobian J of all of them. */
export function carried(V: Float64Array, J: Float64Array, p: number): Float64Array {
  const all = J.length / p;
  const result = new Float64Array(all * all);
  for (let r = 0; r < all; r++) {
    for (let s = 0; s < all; s++) {
      let total = 0;
      for (let a = 0; a < p; a++) {
        for (let b = 0; b < p; b++) total += J[r * p + a] * V[a * p + b] * J[s * p + b];
      }
      result[r * all + s] = total;
    }
  }
  return result;
}

export function estimates(answer: Answer, options: SettledOptions): Record<string, ParameterEstimate> {
  const { law, parameters, covariance, draws, fixed } = answer;
  const all = law.parameters.length;
  const result: Record<string, ParameterEstimate> = {};
  law.parameters.forEach(({ name, positive, bounds }, j) => {
    const estimate = parameters[j];
    if (fixed.has(name)) {
      result[name] = { estimate, low: null, high: null, reason: "fixed", standardError: null };
      return;
    }
    const values = draws?.map((draw) => draw[j]) ?? [];
    const fromCovariance = covariance === null ? null : Math.sqrt(covariance[j * all + j]);
    const fromDraws = values.length > 1 ? answer.stretch * standardDeviation(values) : null;
    const standardError = isSquares(options.objective) || draws === null ? fromCovariance : fromDraws;
    const profile = answer.profile?.get(name);
    const interval = profile ?? asInterval(limitsOf(answer, options, j, values, positive), answer);
    // No scatter at all is no certainty: a bound holds the value in every refit.
    result[name] =
      interval.low === estimate && interval.high === estimate && bounds.includes(estimate)
        ? { estimate, low: null, high: null, reason: "held by its bound", standardError: null }
        : { estimate, ...interval, standardError };
  });
  return result;
}

function limitsOf(
  answer: Answer,
  { interval, level }: SettledOptions,
  j: number,
  values: readonly number[],
  positive: boolean,
): Limits | null {
  const { parameters, covariance, law, stretch } = answer;
  const estimate = parameters[j];
  const at = j * law.parameters.length + j;
  const widened = (limits: Limits | null): Limits | null =>
    limits === null
      ? null
      : [stretchedFrom(estimate, limits[0], stretch), stretchedFrom(estimate, limits[1], stretch)];
  if (values.length > 1) {
    if (interval === "percentile") return widened(percentileInterval(values, level));
    if (interval === "bca") {
      const leftOut = answer.leftOut.map((fit) => fit[j]);
      return widened(bcaLimits(values, estimate, leftOut, level));
    }
    if (interval === "bootstrap-t" && covariance !== null) {
      const own = { value: estimate, standardError: Math.sqrt(covariance[at]) };
      const drawn = values.map((value, b) => ({
        value,
        standardError: Math.sqrt(answer.drawCovariances[b][at]),
      }));
      return studentisedLimits(own, drawn, level);
    }
  }
  if (covariance === null || answer.degrees <= 0) return null;
  const own = { value: estimate, standardError: Math.sqrt(covariance[at]) };
  return symmetricLimits(own, studentFactor(level, answer.degrees), positive && estimate > 0);
}

function asInterval(limits: Limits | null, { degrees }: Answer): Interval {
  if (limits !== null) return { low: limits[0], high: limits[1] };
  const reason = degrees > 0 ? "the rows do not determine it" : "no more rows than parameters";
  return { low: null, high: null, reason };
}

/** What later commands need of an answer. */
export function memory(answer: Answer, residuals: Float64Array, seed: number): FitMemory {
  const { law, covariance, draws, drawCovariances, leftOut, stretch } = answer;
  const parameters = law.parameters.map((parameter) => parameter.name);
  const p = parameters.length;
  const square = (V: Float64Array) => parameters.map((_, r) => Array.from(V.subarray(r * p, (r + 1) * p)));
  return {
    draws: {
      parameters,
      values: draws?.map((draw) => Array.from(draw)) ?? [],
      ...(stretch === 1 ? {} : { stretch }),
      ...(drawCovariances.length === 0
        ? {}
        : { covariances: drawCovariances.map((V) => lowerTriangle(V, p)) }),
    },
    covariance:
      covariance === null ? null : { parameters, values: square(covariance), degrees: answer.degrees },
    residuals: keepResiduals(residuals, seed),
    ...(leftOut.length === 0
      ? {}
      : { leaveOneOut: { parameters, values: leftOut.map((fit) => Array.from(fit)) } }),
  };
}

/** (0,0), (1,0), (1,1), (2,0), ... */
function lowerTriangle(V: Float64Array, p: number): number[] {
  const packed: number[] = [];
  for (let r = 0; r < p; r++) for (let s = 0; s <= r; s++) packed.push(V[r * p + s]);
  return packed;
}

/** At most 1,000 residuals, chosen by a seeded partial shuffle and kept in order. */
export function keepResiduals(residuals: Float64Array, seed: number): number[] {
  if (residuals.length <= KEPT_RESIDUALS) return Array.from(residuals);
  const stream = randomStream(seed, 0xffffffff);
  // Places that were swapped; all others hold their own index.
  const swapped = new Map<number, number>();
  const at = (place: number) => swapped.get(place) ?? place;
  const chosen = Int32Array.from({ length: KEPT_RESIDUALS }, (_, i) => {
    const j = i + stream.below(residuals.length - i);
    const taken = at(j);
    swapped.set(j, at(i));
    return taken;
  });
  return Array.from(chosen.sort(), (i) => residuals[i]);
}
