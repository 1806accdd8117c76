import { InternalError } from "../errors.js";
import { percentileInterval } from "../fit/quantiles.js";
import type { Estimate, Interval } from "../objects.js";
import type { Coefficients, Source } from "./source.js";

/**
 * The interval of any number derived from coefficients, from the same draws as every other one.
 *
 * @param derive the number for one set of coefficients; null or not finite where it has none for them
 */
export function intervalOf(source: Source, derive: (c: Coefficients) => number | null): Interval {
  if (source.withoutDraws !== null) return { low: null, high: null, reason: source.withoutDraws };
  const values: number[] = [];
  for (const draw of source.draws) {
    const value = derive(draw);
    if (value !== null && Number.isFinite(value)) values.push(value);
  }
  const missing = source.draws.length - values.length;
  // Draws without an answer lie beyond one end or the other: with more of them than a tail holds, no limit is known.
  if (missing > ((1 - source.level) / 2) * source.draws.length) {
    const share = Math.max(1, Math.round((100 * missing) / source.draws.length));
    return { low: null, high: null, reason: `no finite answer in ${share} % of the resamples` };
  }
  const [low, high] = percentileInterval(values, source.level);
  return { low, high };
}

/** The estimate with its interval; the caller has made sure that the estimate exists. */
export function estimateOf(source: Source, derive: (c: Coefficients) => number | null): Estimate {
  const estimate = derive(source.estimate);
  if (estimate === null || !Number.isFinite(estimate)) {
    throw new InternalError({ code: "no-estimate", message: "a planned number has no finite value" });
  }
  return { estimate, ...intervalOf(source, derive) };
}
