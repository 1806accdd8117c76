/**
 * The binomial objective: rates y = successes / trials with q^2 trials, against predicted rates m in (0, 1).
 *
 *   rho = q^2 [y ln(y/m) + (1 - y) ln((1 - y)/(1 - m))]
 *
 * is the negative log-likelihood less what it is at m = y, so that the sum of rho over rows is half
 * the deviance (McCullagh and Nelder, Generalized Linear Models, 2nd ed., 1989, section 4.4.3). A row without any success
 * counts: it says that the rate is low, however few the trials. A prediction outside [0, 1], or at an end that a
 * measured rate contradicts, is infinitely bad, so a solver never goes there.
 */
import type { Objective } from "./objective.js";

/** Under this a rate is an underflow; its inverse square still is a number. */
const TINY = 1e-150;
/** Relative distance within which x ln(x/m) + m - x is summed as a series: there its terms cancel. */
const NEAR = 0.1;

/**
 * x ln(x/m) + m - x for x >= 0, m > 0, at least 0, without cancellation near x = m (Loader 2000, "Fast and accurate
 * computation of binomial probabilities"): with v = (x - m)/(x + m) it is (x - m) v + 2 x SUM_{j >= 1} v^(2j+1)/(2j+1).
 *
 * @param d x - m, as exactly as it is known
 */
function deviancePart(x: number, m: number, d: number): number {
  if (x === 0) return m;
  if (m === 0) return Number.POSITIVE_INFINITY;
  if (Math.abs(d) > NEAR * (x + m)) return Math.max(x * Math.log(x / m) - d, 0);
  const v = d / (x + m);
  let total = d * v;
  let power = 2 * x * v;
  for (let j = 1; j < 100; j++) {
    power *= v * v;
    const next = total + power / (2 * j + 1);
    if (next === total) break;
    total = next;
  }
  return total;
}

const isRate = (m: number): boolean => m >= 0 && m <= 1;

/** Fisher's information of one trial about its rate: 1 / (m (1 - m)). */
const information = (m: number): number => 1 / (Math.max(m, TINY) * Math.max(1 - m, TINY));

/** The rate on the scale where its noise has one size: 2 asin(sqrt(rate)), whose variance is about 1 / trials. */
export const angleOf = (rate: number): number => 2 * Math.asin(Math.sqrt(Math.min(Math.max(rate, 0), 1)));

/** The rate at such an angle; beyond the ends 0 or 1. */
export const rateAt = (angle: number): number => Math.sin(Math.min(Math.max(angle / 2, 0), Math.PI / 2)) ** 2;

export const binomial: Objective = {
  name: "binomial",
  scale: "raw",
  delta: null,
  rho(y, m, q) {
    if (!isRate(m)) return Number.POSITIVE_INFINITY;
    return q * q * (deviancePart(y, m, y - m) + deviancePart(1 - y, 1 - m, m - y));
  },
  slope(y, m, q) {
    if (y === 0) return (q * q) / Math.max(1 - m, TINY);
    if (y === 1) return (-q * q) / Math.max(m, TINY);
    return q * q * (m - y) * information(m);
  },
  curvature(y, m, q) {
    const [success, failure] = [Math.max(m, TINY), Math.max(1 - m, TINY)];
    return q * q * (y / (success * success) + (1 - y) / (failure * failure));
  },
  // No parabola lies above a likelihood that is infinite at both ends: this is Fisher's scoring, the expected curvature,
  // whose reweighted squares have the same slope at (y, m).
  majorant: (_y, m, q) => q * q * information(m),
  information,
  residual: (y, m) => angleOf(y) - angleOf(m),
};
