import { type Coefficients, defineLaw } from "./law.js";
import { type TwoTerms, twoTermAllocation } from "./two-term-allocation.js";

/**
 * L(N, D) = [(Nc/N)^(aN/aD) + Dc/D]^aD: models of N parameters without embeddings, stopped early on D tokens.
 *
 * @see arXiv 2001.08361, eq. 1.5 and table 2
 */
export const kaplanNd = defineLaw({
  id: "kaplan-nd",
  title: "Loss from size and data with early stopping (Kaplan et al.)",
  topic: "pre-training",
  formula: "((Nc / N)^(aN / aD) + Dc / D)^aD",
  coordinates: {
    // S is the loss amid the data, w the share of the size term in the sum there.
    formula: "S * (w * (N / N0)^(-aN / aD) + (1 - w) * D0 / D)^aD",
    variables: {
      S: { bounds: [0, Number.POSITIVE_INFINITY] },
      aN: { bounds: [0.005, 4], start: { between: [0.02, 1], spacing: "log" } },
      w: { bounds: [1e-12, 1] },
      aD: { bounds: [0.005, 4], start: { between: [0.02, 1], spacing: "log" } },
    },
    parameters: {
      Nc: "N0 * w^(aD / aN) * S^(1 / aN)",
      aN: "aN",
      Dc: "(1 - w) * S^(1 / aD) * D0",
      aD: "aD",
    },
  },
  output: { name: "L", quantity: "loss", meaning: "validation loss at early stopping" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size without embeddings" },
    D: { quantity: "tokens", unit: "tokens", meaning: "tokens in the training set" },
  },
  parameters: {
    Nc: {
      meaning: "size at which the size term is 1",
      bounds: [1e-30, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e8, 1e20], spacing: "log" },
    },
    aN: {
      meaning: "exponent of the size at unlimited data",
      bounds: [0.005, 4],
      start: { between: [0.03, 0.6], spacing: "log" },
    },
    Dc: {
      meaning: "data at which the data term is 1",
      bounds: [1e-30, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e8, 1e20], spacing: "log" },
    },
    aD: {
      meaning: "exponent of the data at unlimited size",
      bounds: [0.005, 4],
      start: { between: [0.03, 0.6], spacing: "log" },
    },
  },
  presets: [
    {
      name: "kaplan-nd-table2",
      values: { Nc: 6.4e13, aN: 0.076, Dc: 1.8e13, aD: 0.103 },
      source: "arXiv 2001.08361, table 2 (read in a secondary transcription)",
      conventions: "WebText2, nats per token; N without embeddings, D counted once though read several times",
      axes: { params: "non-embedding", loss: "nats", per: "token", data: "WebText2" },
    },
  ],
  source: "arXiv 2001.08361, eq. 1.5",
  notes: [
    "it has no floor, so its exponents come out about five times smaller than Chinchilla's and cannot be compared with them",
    "N leaves out embeddings; the data set may be read several times, until early stopping",
    "overfitting stays small while D is above about 5e3 N^0.74",
  ],
  allocation: twoTermAllocation({
    terms: termsInside,
    lnSum: ({ aD }, loss) => Math.log(loss) / aD,
  }),
  examples: ["scalefit predict --preset kaplan-nd-table2 --params 1.5e9 --tokens 23e9"],
});

function termsInside({ Nc, aN, Dc, aD }: Coefficients): TwoTerms {
  const alpha = aN / aD;
  return { lnA: alpha * Math.log(Nc), alpha, lnB: Math.log(Dc), beta: 1 };
}
