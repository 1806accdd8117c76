import { twoTermsOf } from "./chinchilla.js";
import { defineLaw } from "./law.js";
import { twoTermAllocation } from "./two-term-allocation.js";

/**
 * L(N, D) = E + (A/N^alpha + B/D^beta)^gamma: Chinchilla's two terms under one more exponent. The best split of a
 * budget is Chinchilla's; the loss there is E + (its reducible part)^gamma. gamma = 1 is Chinchilla.
 *
 * @see arXiv 2502.08606 (the supervised law of distillation); NX-AI/xlstm_scaling_laws, arXiv 2510.02228
 */
export const chinchillaGamma = defineLaw({
  id: "chinchilla-gamma",
  title: "Chinchilla's two terms under a common exponent",
  topic: "pre-training",
  formula: "E + (A / N^alpha + B / D^beta)^gamma",
  coordinates: {
    // S is the reducible loss amid the data, w the share of the size term in the sum there.
    formula: "E + S * (w * (N / N0)^-alpha + (1 - w) * (D / D0)^-beta)^gamma",
    variables: {
      E: { bounds: [0, Number.POSITIVE_INFINITY] },
      S: { bounds: [0, Number.POSITIVE_INFINITY] },
      alpha: { bounds: [0.01, 4], start: { between: [0.05, 1.5], spacing: "log" } },
      w: { bounds: [0, 1] },
      beta: { bounds: [0.01, 4], start: { between: [0.05, 1.5], spacing: "log" } },
      gamma: { bounds: [0.05, 8], start: { between: [0.2, 3], spacing: "log" } },
    },
    parameters: {
      E: "E",
      A: "w * S^(1 / gamma) * N0^alpha",
      alpha: "alpha",
      B: "(1 - w) * S^(1 / gamma) * D0^beta",
      beta: "beta",
      gamma: "gamma",
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
    gamma: {
      meaning: "exponent of both terms together",
      bounds: [0.05, 8],
      neutral: 1,
      start: { between: [0.3, 3], spacing: "log" },
    },
  },
  source: "arXiv 2502.08606, the supervised law",
  notes: [
    "gamma trades off against both exponents: runs far from the best split at several budgets are needed to fix it",
    "the best split does not depend on gamma or E",
  ],
  allocation: twoTermAllocation({
    terms: twoTermsOf,
    lnSum: ({ E, gamma }, loss) => Math.log(loss - E) / gamma,
  }),
  examples: [
    "scalefit predict --law chinchilla-gamma --coefficients E=1.8,A=500,alpha=0.35,B=2000,beta=0.37,gamma=0.9 --params 7B --tokens 140B",
  ],
});
