import { defineLaw } from "./law.js";

/**
 * Loss of mixtures of experts from all parameters, tokens and the share of experts that rest:
 *
 *   L = a/N^alpha + b/D^beta + c/(1 - S)^lambda + d/((1 - S)^delta N^gamma) + e,   S = 1 - active/all experts
 *
 * lambda is called lam. At a given S only the split of N and D is left, which has no closed form.
 *
 * @see arXiv 2501.12370, eq. 6
 */
export const moeSparsity = defineLaw({
  id: "moe-sparsity",
  title: "Loss of mixtures of experts from size, tokens and sparsity (Abnar et al.)",
  topic: "architecture",
  formula: "a / N^alpha + b / D^beta + c / (1 - sparsity)^lam + d / ((1 - sparsity)^delta * N^gamma) + e",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "all parameters, experts included" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
    sparsity: {
      quantity: "fraction",
      unit: "share",
      meaning: "share of the experts that a token does not use, 0 for a dense model",
      range: [0, 1],
      zero: true,
    },
  },
  parameters: {
    a: { meaning: "amplitude of the size term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: {
      meaning: "exponent of the size term",
      bounds: [0.01, 4],
      start: { between: [0.05, 1], spacing: "log" },
    },
    b: { meaning: "amplitude of the data term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    beta: {
      meaning: "exponent of the data term",
      bounds: [0.01, 4],
      start: { between: [0.05, 1], spacing: "log" },
    },
    c: { meaning: "amplitude of the sparsity term", bounds: [0, Number.POSITIVE_INFINITY] },
    lam: {
      meaning: "exponent of the sparsity term; below 0 sparsity helps",
      bounds: [-4, 4],
      start: { between: [-1, 1], spacing: "even" },
    },
    d: { meaning: "amplitude of the interaction", bounds: [0, Number.POSITIVE_INFINITY] },
    delta: {
      meaning: "exponent of the sparsity in the interaction",
      bounds: [-4, 4],
      start: { between: [-0.5, 1], spacing: "even" },
    },
    gamma: {
      meaning: "exponent of the size in the interaction",
      bounds: [0.01, 4],
      start: { between: [0.05, 1], spacing: "log" },
    },
    e: { meaning: "floor, in the unit of the loss", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
  },
  presets: [
    {
      name: "sparsity-abnar",
      values: {
        alpha: 0.5962,
        beta: 0.3954,
        lam: -0.1666,
        delta: 0.1603,
        gamma: 0.1595,
        a: 16612.5,
        b: 5455.67,
        c: 0.4598,
        d: 17.26,
        e: 0.94,
      },
      source: "arXiv 2501.12370, eq. 6 and table 3 (read in a secondary transcription)",
      conventions: "nats per token; N counts all parameters",
      axes: { params: "total", loss: "nats", per: "token" },
      warning: "it explains 68 % of the variance of the runs its authors held out",
    },
  ],
  source: "arXiv 2501.12370, eq. 6",
  notes: [
    "a and d can be told apart only where sparse models of many sizes are there",
    "at a sparsity of 1 nothing is left to compute with, and the law has no value",
  ],
  examples: ["scalefit predict --preset sparsity-abnar --at N=10B,D=100B,sparsity=0.9"],
});
