import { studentFactor } from "../fit/distributions.js";
import type { Estimate, FrontierLine } from "../objects.js";

/**
 * ln y = ln k + p ln C by least squares.
 *
 * @param lnC two or more points that are not all the same
 * @param weights precision of each point, up to a common factor
 */
export function frontierLine(
  lnC: readonly number[],
  lnY: readonly number[],
  weights: readonly number[] = lnC.map(() => 1),
): FrontierLine {
  const m = lnC.length;
  const sum = (of: (i: number) => number) => weights.reduce((total, w, i) => total + w * of(i), 0);
  const weight = sum(() => 1);
  const [middle, atMiddle] = [sum((i) => lnC[i]) / weight, sum((i) => lnY[i]) / weight];
  const spread = sum((i) => (lnC[i] - middle) ** 2);
  const exponent = sum((i) => (lnC[i] - middle) * (lnY[i] - atMiddle)) / spread;
  const squares = sum((i) => (lnY[i] - atMiddle - exponent * (lnC[i] - middle)) ** 2);
  const residual = m > 2 ? Math.sqrt(squares / (m - 2)) : null;
  return { exponent, atMiddle, middle, weight, spread, residual, points: m };
}

const NO_DEGREES = "two budgets: a line through them leaves nothing to judge it by";

/** A number with its t(m - 2) interval; `through` is applied to estimate and limits. */
function interval(
  { residual, points }: FrontierLine,
  centre: number,
  factor: number,
  level: number,
  through: (value: number) => number,
): Estimate {
  const estimate = through(centre);
  if (residual === null) return { estimate, low: null, high: null, reason: NO_DEGREES };
  const half = studentFactor(level, points - 2) * residual * factor;
  return { estimate, low: through(centre - half), high: through(centre + half) };
}

/** The exponent p. */
export const exponentOf = (line: FrontierLine, level: number): Estimate =>
  interval(line, line.exponent, 1 / Math.sqrt(line.spread), level, (value) => value);

/** y at C: of the line, not of the vertex that one more budget would show. */
export function valueAt(line: FrontierLine, flops: number, level: number): Estimate {
  const distance = Math.log(flops) - line.middle;
  const factor = Math.sqrt(1 / line.weight + distance ** 2 / line.spread);
  return interval(line, line.atMiddle + line.exponent * distance, factor, level, Math.exp);
}

/** k. */
export const coefficientOf = ({ atMiddle, exponent, middle }: FrontierLine): number =>
  Math.exp(atMiddle - exponent * middle);
