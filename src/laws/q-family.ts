import { type Coefficients, defineLaw } from "./law.js";
import { type TwoTerms, twoTermAllocation } from "./two-term-allocation.js";

/**
 * L(N, D) = E + [(A N^-alpha)^(1/q) + (B D^-beta)^(1/q)]^q: between Chinchilla's sum (q = 1) and Kaplan's joint law
 * (E = 0, q = beta = alphaD); as q -> 0 only the larger term counts. The best split of a budget is in closed form,
 * that of the sum inside. As a curve it is chinchilla-gamma with gamma = q and each term's amplitude and exponent
 * over q; here A, alpha, B and beta are those of the law that is left when the other term is gone.
 *
 * @see arXiv 2001.08361, eq. 1.5 and arXiv 2203.15556, eq. 2, which it joins
 */
export const qFamily = defineLaw({
  id: "q-family",
  title: "Between Chinchilla's sum and Kaplan's joint law",
  topic: "pre-training",
  formula: "E + ((A / N^alpha)^(1/q) + (B / D^beta)^(1/q))^q",
  coordinates: {
    // S is the reducible loss amid the data, w the share of the size term in the sum there.
    formula: "E + S * (w * (N / N0)^(-alpha / q) + (1 - w) * (D / D0)^(-beta / q))^q",
    variables: {
      E: { bounds: [0, Number.POSITIVE_INFINITY] },
      S: { bounds: [0, Number.POSITIVE_INFINITY] },
      alpha: { bounds: [0.01, 4], start: { between: [0.05, 1.5], spacing: "log" } },
      w: { bounds: [0, 1] },
      beta: { bounds: [0.01, 4], start: { between: [0.05, 1.5], spacing: "log" } },
      q: { bounds: [0.05, 8], start: { between: [0.1, 3], spacing: "log" } },
    },
    parameters: {
      E: "E",
      A: "S * w^q * N0^alpha",
      alpha: "alpha",
      B: "S * (1 - w)^q * D0^beta",
      beta: "beta",
      q: "q",
    },
  },
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size; say whether embeddings count" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
  },
  parameters: {
    E: {
      meaning: "irreducible loss, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    A: {
      meaning: "amplitude of the size term",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { term: [0.01, 2], of: "N", to: "alpha" },
    },
    alpha: {
      meaning: "exponent of the size term",
      bounds: [0.01, 4],
      start: { between: [0.1, 1.5], spacing: "log" },
    },
    B: {
      meaning: "amplitude of the data term",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { term: [0.01, 2], of: "D", to: "beta" },
    },
    beta: {
      meaning: "exponent of the data term",
      bounds: [0.01, 4],
      start: { between: [0.1, 1.5], spacing: "log" },
    },
    q: {
      meaning: "how the terms add up: 1 as a sum, near 0 as the larger one",
      bounds: [0.05, 8],
      neutral: 1,
      start: { between: [0.1, 2], spacing: "log" },
    },
  },
  source: "joins arXiv 2001.08361, eq. 1.5 (E = 0, q = beta) and arXiv 2203.15556, eq. 2 (q = 1)",
  notes: [
    "the same curve as chinchilla-gamma (gamma = q, alpha/q, A^(1/q) and so on): it predicts and plans as that does",
    "q shows only where one of the terms dominates in some runs: very small models on much data, and the reverse",
  ],
  // Of one curve a choice needs one form.
  isCandidate: false,
  allocation: twoTermAllocation({
    terms: rootedTerms,
    lnSum: ({ E, q }, loss) => Math.log(loss - E) / q,
  }),
  examples: [
    "scalefit predict --law q-family --coefficients E=1.8172,A=482.01,alpha=0.3478,B=2085.43,beta=0.3658,q=0.8 --params 7B --tokens 140B",
  ],
});

/** The terms inside the outer power. */
function rootedTerms({ A, alpha, B, beta, q }: Coefficients): TwoTerms {
  return { lnA: Math.log(A) / q, alpha: alpha / q, lnB: Math.log(B) / q, beta: beta / q };
}
