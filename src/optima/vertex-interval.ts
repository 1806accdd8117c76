import { studentFactor } from "../fit/distributions.js";
import type { Estimate } from "../objects.js";
import type { ValleyMinimum } from "./budget-minimum.js";
import type { Vertex } from "./parabola.js";

/** The variance of one loss about the parabolas of all budgets together. */
export interface PooledVariance {
  value: number;
  degrees: number;
}

/** Residual variance pooled over budgets, each with its runs less three degrees of freedom; null without any. */
export function pooledVariance(vertices: readonly (Vertex | null)[]): PooledVariance | null {
  let squares = 0;
  let degrees = 0;
  for (const vertex of vertices) {
    if (vertex === null || vertex.points <= 3) continue;
    squares += vertex.squares;
    degrees += vertex.points - 3;
  }
  return degrees === 0 ? null : { value: squares / degrees, degrees };
}

/**
 * N* of one parabola with the interval that the scatter of the losses leaves it (first order in the coefficients).
 *
 * @param minimum one with a vertex
 */
export function vertexInterval(
  { z, vertex }: ValleyMinimum,
  variance: PooledVariance | null,
  level: number,
): Estimate {
  const centre = z as number;
  const estimate = Math.exp(centre);
  if (variance === null || vertex === null)
    return { estimate, low: null, high: null, reason: "no budget has a fourth run to tell the noise by" };
  const half = studentFactor(level, variance.degrees) * Math.sqrt(variance.value * vertex.variance);
  return { estimate, low: Math.exp(centre - half), high: Math.exp(centre + half) };
}
