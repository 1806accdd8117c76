/**
 * Numbers that hang on two fits: of what a plan derives under its own law, and of the coefficients of another law. Draw b of the
 * plan goes with draw b + 1 of the other: two fits of one log and seed drew the same rows at b, and would not be independent.
 */
import type { Estimate } from "../objects.js";
import { type Derived, derive, estimateOf } from "./intervals.js";
import type { Coefficients, Source } from "./source.js";

/** By what such a number varies: both together, the one that has an uncertainty, neither; `apart` where one has no resamples. */
export type Ways = "paired" | "plan" | "other" | "neither" | "apart";

export function waysOf(source: Source, other: Source): Ways {
  const isOtherKnown = other.withoutDraws === null;
  if (source.withoutDraws !== null) return isOtherKnown ? "other" : "neither";
  if (!isOtherKnown) return "plan";
  return source.draws.length > 1 && other.draws.length > 1 ? "paired" : "apart";
}

/**
 * @param planned what the plan derives, from the draws of `source`
 * @param at the number under the other law's coefficients; null or not finite where there is none. The caller has made
 *   sure that it exists for both estimates
 */
export function estimateOfTwo<T>(
  source: Source,
  other: Source,
  planned: Derived<T>,
  at: (c: Coefficients, planned: T) => number | null,
): Estimate {
  const number = (value: number | null) => value;
  const estimate = at(other.estimate, planned.estimate);
  const ofPlan = (): Estimate => {
    const under = (one: T | null) => (one === null ? null : at(other.estimate, one));
    const draws = Array.from(planned.draws, under);
    return estimateOf(source, { estimate, draws, at: (c) => under(planned.at(c)) }, number);
  };
  const ofOther = (): Estimate => {
    const leveled = { ...other, level: source.level };
    const derived = derive(leveled, (c) => at(c, planned.estimate)) as Derived<number | null>;
    return estimateOf(leveled, derived, number);
  };
  switch (waysOf(source, other)) {
    case "plan":
      return ofPlan();
    case "other":
    case "neither":
      return ofOther();
    case "apart":
      return together(ofPlan(), ofOther());
    case "paired": {
      const both: Source = {
        ...source,
        method: { kind: "percentile" },
        stretch: Math.max(source.stretch, other.stretch),
      };
      const draws = Array.from(planned.draws, (one, b) =>
        one === null ? null : at(other.draws[(b + 1) % other.draws.length], one),
      );
      return estimateOf(both, { estimate, draws, at: () => null }, number);
    }
  }
}

/** Limits of a product of independent factors, from the limits by each alone: distances in the logarithm add as squares. */
function together(one: Estimate, other: Estimate): Estimate {
  const { estimate } = one;
  const missing = [one, other].find(({ low, high }) => low === null || high === null || !(low > 0));
  if (missing !== undefined)
    return { estimate, low: null, high: null, reason: missing.reason ?? "a limit is not above 0" };
  const away = (limit: "low" | "high") =>
    Math.hypot(...[one, other].map((each) => Math.log((each[limit] as number) / estimate)));
  return { estimate, low: estimate * Math.exp(-away("low")), high: estimate * Math.exp(away("high")) };
}
