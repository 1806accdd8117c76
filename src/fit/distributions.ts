/** Quantiles of the normal and Student distributions, from @stdlib (exact to the last digits; bundled at build time). */
import normalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import studentQuantile from "@stdlib/stats-base-dists-t-quantile";

/** Two-sided factor for a confidence level with `degrees` degrees of freedom. */
export function studentFactor(level: number, degrees: number): number {
  return degrees > 0 ? studentQuantile((1 + level) / 2, degrees) : Number.POSITIVE_INFINITY;
}

export function normalFactor(level: number): number {
  return normalQuantile((1 + level) / 2, 0, 1);
}
