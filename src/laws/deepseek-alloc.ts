import { defineChain } from "./law.js";

const compute = { C: { quantity: "flops" as const, unit: "FLOPs", meaning: "training compute, M D" } };

/**
 * M* = kM C^a, D* = kD C^b under C = M D: the model scale as its FLOPs per token (attention counted, embeddings not), so
 * that no number of parameters has to stand for the cost.
 *
 * @see arXiv 2401.02954, eq. 4
 */
export const deepseekAlloc = defineChain({
  id: "deepseek-alloc",
  title: "Best model scale and data of a budget (DeepSeek)",
  topic: "pre-training",
  stages: [
    {
      id: "deepseek-alloc-M",
      title: "best FLOPs per token of a budget",
      topic: "pre-training",
      formula: "kM * C^a",
      output: {
        name: "M",
        quantity: "scale",
        meaning: "non-embedding FLOPs per token, 72 layers width^2 + 12 layers width length",
        reads: ["flops_per_token"],
      },
      inputs: compute,
      parameters: {
        kM: { meaning: "FLOPs per token at C = 1", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
        a: { meaning: "exponent of the model scale", bounds: [0.01, 2] },
      },
      source: "arXiv 2401.02954, eq. 4",
    },
    {
      id: "deepseek-alloc-D",
      title: "best data of a budget",
      topic: "pre-training",
      formula: "kD * C^b",
      output: { name: "D", quantity: "tokens", meaning: "training tokens" },
      inputs: compute,
      parameters: {
        kD: { meaning: "tokens at C = 1", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
        b: { meaning: "exponent of the data, 1 - a", bounds: [0.01, 2] },
      },
      source: "arXiv 2401.02954, eq. 4",
    },
  ],
  first: "M",
  presets: [
    {
      name: "deepseek-alloc-2024",
      values: { kM: 0.1715, a: 0.5243, kD: 5.8316, b: 0.4757 },
      source: "arXiv 2401.02954, eq. 4 (read in a secondary transcription)",
      conventions: "DeepSeek's own data and tokens; M in non-embedding FLOPs per token, C = M D",
    },
  ],
  source: "arXiv 2401.02954, eq. 4",
  notes: ["M is not a number of parameters: about 6 N plus the attention of the context"],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "model scale and data for a budget",
      given: ["C"],
      gives: ["M", "D"],
      solve: ({ kM, a, kD, b }, { C }) => ({ M: kM * C ** a, D: kD * C ** b }),
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --preset deepseek-alloc-2024 --at C=1e22"],
});
