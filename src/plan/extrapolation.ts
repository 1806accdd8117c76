import type { Source } from "./source.js";

/**
 * How far a product N D (or another scale) lies outside the data, in decades: above the largest positive, below
 * the smallest negative, 0 inside; null without data.
 */
export function decadesBeyond(value: number, low: number, high: number): number {
  if (value > high) return Math.log10(value / high);
  if (value < low) return Math.log10(value / low);
  return 0;
}

/** Decades of training compute beyond the fitted runs; the smallest compute is taken from the ranges of N and D. */
export function computeDecades(source: Source, nd: number): number | null {
  const { range, largestProduct } = source;
  if (range === null) return null;
  if (range.N !== undefined && range.D !== undefined) {
    return decadesBeyond(nd, range.N[0] * range.D[0], largestProduct ?? range.N[1] * range.D[1]);
  }
  return null;
}

/** The farthest of the inputs of a prediction from the data, in decades. */
export function inputDecades(source: Source, at: Readonly<Record<string, number>>): number | null {
  if (source.range === null) return null;
  let farthest = 0;
  for (const [name, [low, high]] of Object.entries(source.range)) {
    // Decades are counted above 0 only.
    if (!(at[name] > 0 && low > 0)) continue;
    const decades = decadesBeyond(at[name], low, high);
    if (Math.abs(decades) > Math.abs(farthest)) farthest = decades;
  }
  return farthest;
}
