/**
 * The normal, Student's and Fisher's distributions, from @stdlib (exact to the last digits; bundled at build time).
 *
 * Each is loaded when it is first needed: they are hundreds of small modules that take as long to start as all of Node, and
 * a plan from a fit with resamples needs none of them.
 */
import type FDistribution from "@stdlib/stats-base-dists-f-cdf";
import type NormalQuantile from "@stdlib/stats-base-dists-normal-quantile";
import type StudentQuantile from "@stdlib/stats-base-dists-t-quantile";

// A `require` of a fixed name inside a function is bundled, and run when the function is.
const fDistribution = once(() => require("@stdlib/stats-base-dists-f-cdf") as typeof FDistribution);
const normalQuantile = once(
  () => require("@stdlib/stats-base-dists-normal-quantile") as typeof NormalQuantile,
);
const studentQuantile = once(() => require("@stdlib/stats-base-dists-t-quantile") as typeof StudentQuantile);

function once<T>(load: () => T): () => T {
  let loaded: T | null = null;
  return () => {
    loaded ??= load();
    return loaded;
  };
}

/** Two-sided factor for a confidence level with `degrees` degrees of freedom. */
export function studentFactor(level: number, degrees: number): number {
  return degrees > 0 ? studentQuantile()((1 + level) / 2, degrees) : Number.POSITIVE_INFINITY;
}

/** The quantile of Student's t. */
export const studentPoint = (p: number, degrees: number): number => studentQuantile()(p, degrees);

export function normalFactor(level: number): number {
  return normalQuantile()((1 + level) / 2, 0, 1);
}

/** The standard normal quantile of p; infinite at 0 and 1. */
export const normalPoint = (p: number): number => normalQuantile()(p, 0, 1);

/**
 * The standard normal distribution at x: Newton's steps on its quantile, of which there is an exact one at hand;
 * right to 1e-14.
 */
export function normalShare(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  // Bowling et al. 2009: within 2e-4 everywhere, so that a few steps end at rounding.
  let p = 1 / (1 + Math.exp(-(0.07056 * x ** 3 + 1.5976 * x)));
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  for (let step = 0; step < 30; step++) {
    const move = (normalPoint(p) - x) * density;
    p = Math.min(Math.max(p - move, p / 8), 1 - (1 - p) / 8);
    if (Math.abs(move) < 1e-15) break;
  }
  return p;
}

/** The share of Fisher's F with these degrees of freedom that lies above f. */
export function fisherTail(f: number, between: number, within: number): number {
  return between > 0 && within > 0 && Number.isFinite(f)
    ? 1 - fDistribution()(f, between, within)
    : f > 0
      ? 0
      : 1;
}
