import { evaluateLaw } from "./evaluate-law.js";
import { defineLaw, type Law } from "./law.js";
import { leastAt } from "./least.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;

/**
 * L(N, D, r) = E + A/N^alpha + B r^eta/D^beta + C/(r + eps)^gamma: the loss on a domain's corpus after continued
 * pre-training on D tokens of which a share r is that corpus.
 *
 * @see arXiv 2406.01375
 */
export const mixtureDcpt: Law = defineLaw({
  id: "mixture-dcpt",
  title: "Loss of continued pre-training from size, tokens and the domain's share (D-CPT)",
  topic: "data",
  formula: "E + A / N^alpha + B * r^eta / D^beta + C / (r + eps)^gamma",
  output: { name: "L", quantity: "loss", meaning: "validation loss on the domain's corpus" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size" },
    D: { quantity: "tokens", unit: "tokens", meaning: "tokens of the continued training" },
    r: {
      quantity: "fraction",
      unit: "share",
      meaning: "share of the domain's corpus in these tokens",
      reads: ["r", "share", "proportion"],
      range: [0, 1],
      zero: true,
    },
  },
  parameters: {
    E: { meaning: "irreducible loss", bounds: POSITIVE, positive: true, neutral: 0 },
    A: { meaning: "amplitude of the size term", bounds: POSITIVE, positive: true },
    alpha: { meaning: "exponent of the size term", bounds: [0.01, 4] },
    B: { meaning: "amplitude of the data term", bounds: POSITIVE, positive: true },
    beta: { meaning: "exponent of the data term", bounds: [0.01, 4] },
    eta: {
      meaning: "exponent of the share in the data term",
      bounds: [0, 4],
      start: { between: [0.05, 2], spacing: "log" },
    },
    C: { meaning: "amplitude of the share's own term", bounds: POSITIVE, positive: true },
    gamma: {
      meaning: "exponent of the share's own term",
      bounds: [0.01, 4],
      start: { between: [0.1, 2], spacing: "log" },
    },
    eps: {
      meaning: "keeps the loss finite at a share of 0",
      bounds: [1e-6, 1],
      positive: true,
      start: { between: [1e-3, 0.3], spacing: "log" },
    },
  },
  source: "arXiv 2406.01375 (form not checked against the paper)",
  notes: [
    "nine parameters: rows of several sizes, tokens and shares are needed, some of them with small shares",
  ],
  answers: [
    {
      kind: "inverse",
      name: "r",
      meaning: "share of the corpus with the least loss at N and D",
      given: ["N", "D"],
      gives: ["r", "loss"],
      solve(c, { N, D }) {
        const loss = (r: number) => evaluateLaw(mixtureDcpt, c, { N, D, r });
        const slope = (r: number) =>
          (c.B * c.eta * r ** (c.eta - 1)) / D ** c.beta - (c.C * c.gamma) / (r + c.eps) ** (c.gamma + 1);
        const r = leastAt(loss, slope, 0, 1);
        return r === null ? null : { r, loss: loss(r) };
      },
    },
  ],
  examples: [
    "scalefit predict --law mixture-dcpt --coefficients E=1.6,A=400,alpha=0.34,B=450,beta=0.29,eta=0.3,C=0.05,gamma=0.6,eps=0.01 --at N=1.8e9,D=5e9,r=0.5",
  ],
});
