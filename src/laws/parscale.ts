import { type Coefficients, defineLaw } from "./law.js";

const SOURCE = "arXiv 2505.10475, its 24 published points fitted again by the authors' objective";
const TRAINED = "42B training tokens, shapes of Qwen-2.5, nats per token; N leaves out embeddings";

/**
 * Loss of a model that runs P streams in parallel, each with its own learnt prefix, and sums them up:
 *
 *   L = E + (A / (N (k ln P + 1)))^alpha
 *
 * P streams are worth a model of N (k ln P + 1) parameters. A stands inside the power and is a number of parameters:
 * A^alpha is the usual amplitude.
 *
 * @see arXiv 2505.10475
 */
export const parscale = defineLaw({
  id: "parscale",
  title: "Loss of parallel streams (ParScale, Chen et al.)",
  topic: "architecture",
  formula: "E + (A / (N * (1 + k * log(P))))^alpha",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size without embeddings" },
    P: {
      quantity: "count",
      unit: "streams",
      meaning: "parallel streams, 1 for a usual model",
      range: [1, Number.POSITIVE_INFINITY],
    },
  },
  parameters: {
    E: {
      meaning: "floor at this number of training tokens, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    A: {
      meaning: "scale of the size, in parameters",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e4, 1e12], spacing: "log" },
    },
    alpha: {
      meaning: "exponent of the size",
      bounds: [0.01, 4],
      start: { between: [0.05, 1], spacing: "log" },
    },
    k: {
      meaning: "what a stream is worth: N grows by the factor 1 + k ln P",
      bounds: [0, 100],
      start: { between: [0.05, 1.5], spacing: "log" },
    },
  },
  presets: [
    {
      name: "parscale-stack",
      values: { E: 0.6912070464, A: 1.130707313e7, alpha: 0.1893582544, k: 0.3934567737 },
      source: SOURCE,
      conventions: `Stack-V2 (Python); ${TRAINED}`,
      axes: { params: "non-embedding", loss: "nats", per: "token", data: "Stack-V2 (Python)" },
      range: { N: [5e8, 4.5e9], P: [1, 8] },
    },
    {
      name: "parscale-pile",
      values: { E: 1.288587602, A: 1.975165605e8, alpha: 0.1962814592, k: 0.3344424065 },
      source: SOURCE,
      conventions: `Pile; ${TRAINED}`,
      axes: { params: "non-embedding", loss: "nats", per: "token", data: "Pile" },
      range: { N: [5e8, 4.5e9], P: [1, 8] },
    },
  ],
  source: "arXiv 2505.10475",
  route: 60,
  notes: [
    "streams multiply compute and the key-value cache, not the weights; N grows by about 0.2 % a stream",
    "there is no data term: the floor E belongs to one number of training tokens",
  ],
  answers: [
    {
      kind: "inverse",
      name: "N_equivalent",
      meaning: "the size of a model of one stream with the same loss",
      given: ["N", "P"],
      gives: ["N_equivalent"],
      solve: (c, { N, P }) => ({ N_equivalent: N * (1 + c.k * Math.log(P)) }),
    },
    {
      kind: "inverse",
      name: "P",
      meaning: "the streams with which a model of size N reaches a loss, which must lie above the floor",
      given: ["N", "L"],
      gives: ["P"],
      solve: (c, { N, L }) => (L > c.E ? streams(c, N, c.A / (L - c.E) ** (1 / c.alpha)) : null),
    },
    {
      kind: "inverse",
      name: "P_for_size",
      meaning: "the streams with which a model of size N is worth one of N_equivalent",
      given: ["N", "N_equivalent"],
      gives: ["P"],
      solve: (c, { N, N_equivalent }) => streams(c, N, N_equivalent),
    },
  ],
  examples: [
    "scalefit predict --preset parscale-stack --at N=2.8B,P=4",
    "scalefit predict --preset parscale-stack --solve P_for_size --at N=1B,N_equivalent=1.5B",
  ],
});

/** Rounding of a size that one stream reaches. */
const ROUNDING = 1e-9;

/** P = exp((N_equivalent/N - 1)/k); null where a single stream is more than enough. */
function streams({ k }: Coefficients, N: number, equivalent: number): { P: number } | null {
  const P = Math.exp((equivalent / N - 1) / k);
  return P >= 1 - ROUNDING ? { P: Math.max(P, 1) } : null;
}
