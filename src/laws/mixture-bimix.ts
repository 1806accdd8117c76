import { defineLaw } from "./law.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;

/**
 * L(r, s) = A/r^alpha (B/s^beta + C): the loss of one domain from its own share r of the mixture and the training steps s.
 *
 * @see arXiv 2405.14908
 */
export const mixtureBimix = defineLaw({
  id: "mixture-bimix",
  title: "Loss of a domain from its share and the steps (BiMix)",
  topic: "data",
  formula: "A / r^alpha * (B / steps^beta + C)",
  output: { name: "L", quantity: "loss", meaning: "validation loss of the domain" },
  inputs: {
    r: {
      quantity: "fraction",
      unit: "share",
      meaning: "share of the domain in the training data",
      reads: ["r", "share", "proportion"],
      range: [0, 1],
    },
    steps: { quantity: "count", unit: "steps", meaning: "training steps", reads: ["S", "step", "steps"] },
  },
  parameters: {
    A: {
      meaning: "factor of the loss; a fit holds it at 1, for B and C can take it over",
      bounds: POSITIVE,
      positive: true,
      neutral: 1,
      held: 1,
    },
    alpha: { meaning: "exponent of the share", bounds: [0, 4] },
    B: { meaning: "amplitude of the term of steps", bounds: POSITIVE, positive: true },
    beta: { meaning: "exponent of the steps", bounds: [0.01, 4] },
    C: {
      meaning: "loss left after many steps with all data from the domain",
      bounds: POSITIVE,
      positive: true,
    },
  },
  source: "arXiv 2405.14908 (form not checked against the paper)",
  notes: [
    "each domain by its own share alone: it knows nothing of what other domains teach",
    "has no value at a share of 0",
  ],
  examples: [
    "scalefit predict --law mixture-bimix --coefficients A=1.4,alpha=0.12,B=900,beta=0.45,C=1.9 --at r=0.5,steps=1e5",
  ],
});
