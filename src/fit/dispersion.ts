/**
 * Where the expected curvature of rho depends on the prediction (counts), rows carry information of their own: what is
 * least squares elsewhere is weighted by it, and the size of the noise is Pearson's chi^2 / (n - p).
 */
import { type Problem, squareWeights } from "./evaluate.js";

/** w q^2 times the expected curvature of each row; w q^2 where it is 1. */
export function informationWeights(problem: Problem, rowResiduals: Float64Array): Float64Array | null {
  const weight = squareWeights(problem);
  const { objective, y } = problem;
  const { information } = objective;
  if (information === undefined) return weight;
  return rowResiduals.map((r, i) => (weight?.[i] ?? 1) * information(y[i] - r));
}

/**
 * SUM w q^2 psi^2 / information / (n - p), psi of q = 1: 1 for counts that vary as binomial ones do, above it where rows vary by more than
 * that (items that differ in difficulty, a law that misses). Known trials cannot vary by less: at least 1 then
 * (McCullagh and Nelder 1989, section 4.5).
 *
 * @param degrees n - p, above 0
 * @param trialsKnown whether q^2 are trials
 */
export function dispersionOf(
  { objective, y, weight, inverseNoise }: Problem,
  rowResiduals: Float64Array,
  degrees: number,
  trialsKnown: boolean,
): number {
  let total = 0;
  for (let i = 0; i < rowResiduals.length; i++) {
    const m = y[i] - rowResiduals[i];
    const psi = objective.slope(y[i], m, 1);
    const q = inverseNoise?.[i] ?? 1;
    // In this order it does not overflow at rates near 0 and 1.
    total += (weight?.[i] ?? 1) * q * q * psi * (psi / (objective.information?.(m) ?? 1));
  }
  return Math.max(total / degrees, trialsKnown ? 1 : 0);
}
