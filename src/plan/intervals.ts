/**
 * The interval of any number derived from coefficients, from the same draws as every other one.
 */
import { InternalError } from "../errors.js";
import { percentileInterval } from "../fit/quantiles.js";
import type { Estimate, Interval } from "../objects.js";
import type { Coefficients, Source } from "./source.js";

/** Something derived from coefficients: once for the estimate, once for each draw; null where it has no answer. */
export interface Derived<T> {
  estimate: T;
  draws: (T | null)[];
}

export function derive<T>(source: Source, from: (c: Coefficients) => T | null): Derived<T> | null {
  const estimate = from(source.estimate);
  return estimate === null ? null : { estimate, draws: source.draws.map(from) };
}

/**
 * A number of something derived, with its interval.
 *
 * @param pick the number; null or not finite where it does not exist. The caller has made sure that it exists for
 *   the estimate
 */
export function estimateOf<T>(
  source: Source,
  derived: Derived<T>,
  pick: (value: T, c: Coefficients) => number | null,
): Estimate {
  const estimate = pick(derived.estimate, source.estimate);
  if (estimate === null || !Number.isFinite(estimate)) {
    throw new InternalError({ code: "no-estimate", message: "a planned number has no finite value" });
  }
  return { estimate, ...intervalOf(source, derived, pick) };
}

function intervalOf<T>(
  source: Source,
  derived: Derived<T>,
  pick: (value: T, c: Coefficients) => number | null,
): Interval {
  if (source.withoutDraws !== null) return { low: null, high: null, reason: source.withoutDraws };
  const values: number[] = [];
  derived.draws.forEach((draw, i) => {
    const value = draw === null ? null : pick(draw, source.draws[i]);
    if (value !== null && Number.isFinite(value)) values.push(value);
  });
  const missing = derived.draws.length - values.length;
  // Draws without an answer lie beyond one end or the other: with more of them than a tail holds, no limit is known.
  if (missing > ((1 - source.level) / 2) * derived.draws.length) {
    const share = Math.max(1, Math.round((100 * missing) / derived.draws.length));
    return { low: null, high: null, reason: `no finite answer in ${share} % of the resamples` };
  }
  const [low, high] = percentileInterval(values, source.level);
  return { low, high };
}
