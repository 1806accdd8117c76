import type { AllocationForms, Coefficients } from "./law.js";

/** The terms of a sum s(N, D) = A/N^alpha + B/D^beta, amplitudes as logarithms. */
export interface TwoTerms {
  lnA: number;
  alpha: number;
  lnB: number;
  beta: number;
}

/** How a law rests on such a sum. */
export interface OnTwoTerms {
  terms(c: Coefficients): TwoTerms;
  /** ln s where the law has this loss; NaN where it never has. */
  lnSum(c: Coefficients, loss: number): number;
}

/**
 * The closed forms of allocation for any law that rises with s(N, D) = A/N^alpha + B/D^beta and depends on N and D
 * through s alone: its best split of N D = P is that of s,
 *
 *   N* = G P^(beta/(alpha+beta)),  D* = P / N*,  G = (alpha A / (beta B))^(1/(alpha+beta))
 *   s* = (A G^-alpha + B G^beta) P^(-alpha beta/(alpha+beta))
 *
 * @see arXiv 2203.15556, eq. 4
 */
export function twoTermAllocation({ terms, lnSum }: OnTwoTerms): AllocationForms {
  return {
    optimum(c, nd) {
      const t = terms(c);
      const lnN = lnG(t) + (t.beta / (t.alpha + t.beta)) * Math.log(nd);
      const N = Math.exp(lnN);
      return Number.isFinite(N) && N > 0 ? { N, D: nd / N } : null;
    },
    productForLoss(c, loss) {
      const t = terms(c);
      const g = lnG(t);
      const lnAmplitude = logOfSum(t.lnA - t.alpha * g, t.lnB + t.beta * g);
      const exponent = (t.alpha + t.beta) / (t.alpha * t.beta);
      return finite(Math.exp(exponent * (lnAmplitude - lnSum(c, loss))));
    },
    tokensFor(c, N) {
      const t = terms(c);
      return finite(Math.exp(-(1 + t.alpha / t.beta) * lnG(t) + (t.alpha / t.beta) * Math.log(N)));
    },
    paramsFor(c, D) {
      const t = terms(c);
      return finite(Math.exp((1 + t.beta / t.alpha) * lnG(t) + (t.beta / t.alpha) * Math.log(D)));
    },
  };
}

/** ln G; NaN where a term vanishes or does not fall: then there is no optimum. */
function lnG({ lnA, alpha, lnB, beta }: TwoTerms): number {
  if (!(alpha > 0 && beta > 0)) return Number.NaN;
  return (Math.log(alpha) + lnA - Math.log(beta) - lnB) / (alpha + beta);
}

function logOfSum(a: number, b: number): number {
  const high = Math.max(a, b);
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

const finite = (value: number): number | null => (Number.isFinite(value) && value > 0 ? value : null);
