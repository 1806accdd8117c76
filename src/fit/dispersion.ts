/**
 * Where the expected curvature of rho depends on the prediction (counts), rows carry information of their own: what is
 * least squares elsewhere is weighted by it, and the size of the noise is Pearson's chi^2 / (n - p).
 */
import type { Problem } from "./evaluate.js";

/** w times the expected curvature of each row; the weights as they are where it is 1. */
export function informationWeights(
  { objective, y, weight }: Problem,
  rowResiduals: Float64Array,
): Float64Array | null {
  const { information } = objective;
  if (information === undefined) return weight;
  return rowResiduals.map((r, i) => (weight?.[i] ?? 1) * information(y[i] - r));
}

/**
 * SUM w psi^2 / information / (n - p): 1 for counts that vary as binomial ones do, above it where rows vary by more than
 * that (items that differ in difficulty, a law that misses). Known trials cannot vary by less: at least 1 then
 * (McCullagh and Nelder 1989, section 4.5).
 *
 * @param degrees n - p, above 0
 * @param trialsKnown whether the weights are trials
 */
export function dispersionOf(
  { objective, y, weight }: Problem,
  rowResiduals: Float64Array,
  degrees: number,
  trialsKnown: boolean,
): number {
  let total = 0;
  for (let i = 0; i < rowResiduals.length; i++) {
    const m = y[i] - rowResiduals[i];
    const psi = objective.slope(y[i], m);
    // In this order it does not overflow at rates near 0 and 1.
    total += (weight?.[i] ?? 1) * psi * (psi / (objective.information?.(m) ?? 1));
  }
  return Math.max(total / degrees, trialsKnown ? 1 : 0);
}
