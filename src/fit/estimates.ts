/**
 * From an answer and its draws to estimates with intervals, and to what later commands need of them.
 */
import type { Law } from "../laws/law.js";
import type { FitMemory, ParameterEstimate } from "../objects.js";
import { studentFactor } from "./distributions.js";
import type { SettledOptions } from "./options.js";
import { percentileInterval, standardDeviation } from "./quantiles.js";
import { randomStream } from "./random.js";

/** Residuals kept in a saved fit, at most. */
const KEPT_RESIDUALS = 1000;

export /** What a fit found, in all of the law's parameters. */
interface Answer {
  law: Law;
  parameters: Float64Array;
  /** Row-major over all parameters; null where it cannot be had. */
  covariance: Float64Array | null;
  draws: Float64Array[] | null;
  fixed: ReadonlyMap<string, number>;
  /** Rows less fitted parameters. */
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

export function estimates(
  { law, parameters, covariance, draws, fixed, degrees }: Answer,
  options: SettledOptions,
) {
  const all = law.parameters.length;
  const isSquares = options.objective === "squares" || options.objective === "squares-log";
  const factor = studentFactor(options.level, degrees);
  const result: Record<string, ParameterEstimate> = {};
  law.parameters.forEach(({ name, positive }, j) => {
    const estimate = parameters[j];
    if (fixed.has(name)) {
      result[name] = { estimate, low: null, high: null, reason: "fixed", standardError: null };
      return;
    }
    const values = draws?.map((draw) => draw[j]) ?? [];
    const fromCovariance = covariance === null ? null : Math.sqrt(covariance[j * all + j]);
    const fromDraws = values.length > 1 ? standardDeviation(values) : null;
    const standardError = isSquares || draws === null ? fromCovariance : fromDraws;
    const useDraws = options.interval === "percentile" && values.length > 1;
    const limits = useDraws
      ? percentileInterval(values, options.level)
      : covarianceInterval(estimate, fromCovariance, positive, factor);
    result[name] =
      limits === null
        ? { estimate, low: null, high: null, reason: noInterval(degrees), standardError }
        : { estimate, low: limits[0], high: limits[1], standardError };
  });
  return result;
}

const noInterval = (degrees: number): string =>
  degrees > 0 ? "the rows do not determine it" : "no more rows than parameters";

/** estimate ± t s.e., on the log for amplitudes and floors so that the limits keep their sign. */
function covarianceInterval(
  estimate: number,
  standardError: number | null,
  positive: boolean,
  factor: number,
): [number, number] | null {
  if (standardError === null || !Number.isFinite(factor) || !Number.isFinite(standardError)) return null;
  if (positive && estimate > 0) {
    const spread = Math.exp((factor * standardError) / estimate);
    return Number.isFinite(estimate * spread) ? [estimate / spread, estimate * spread] : null;
  }
  return [estimate - factor * standardError, estimate + factor * standardError];
}

export function memory({ law, covariance, draws }: Answer, residuals: Float64Array, seed: number): FitMemory {
  const names = law.parameters.map((parameter) => parameter.name);
  const p = names.length;
  return {
    draws: { parameters: names, values: draws?.map((draw) => Array.from(draw)) ?? [] },
    covariance:
      covariance === null
        ? null
        : {
            parameters: names,
            values: names.map((_, r) => Array.from(covariance.subarray(r * p, (r + 1) * p))),
          },
    residuals: keepResiduals(residuals, seed),
  };
}

/** At most 1,000 residuals, chosen by a seeded partial shuffle and kept in order. */
function keepResiduals(residuals: Float64Array, seed: number): number[] {
  if (residuals.length <= KEPT_RESIDUALS) return Array.from(residuals);
  const stream = randomStream(seed, 0xffffffff);
  const order = Int32Array.from(residuals.keys());
  for (let i = 0; i < KEPT_RESIDUALS; i++) {
    const j = i + stream.below(order.length - i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return Array.from(order.subarray(0, KEPT_RESIDUALS).sort(), (i) => residuals[i]);
}
