import { type ChainDefinition, defineChain, type LawDefinition } from "./law.js";

const SLOPE = { bounds: [-4, 4] as const, start: { between: [-1.2, 1.2], spacing: "even" } as const };
const FACTOR = { bounds: [0, Number.POSITIVE_INFINITY] as const, positive: true };

const LEARNING_RATE: LawDefinition["output"] = {
  name: "lr",
  quantity: "scale",
  meaning: "best peak learning rate",
  reads: ["lr"],
};
const BATCH: LawDefinition["output"] = {
  name: "batch_tokens",
  quantity: "tokens",
  meaning: "best batch size in tokens",
  reads: ["batch"],
};

const stage = (
  output: LawDefinition["output"],
  formula: string,
  inputs: LawDefinition["inputs"],
  parameters: LawDefinition["parameters"],
): LawDefinition => ({
  id: output.name,
  title: output.meaning,
  topic: "hyper-parameters",
  formula,
  output,
  inputs,
  parameters,
  source: "arXiv 2503.04715",
});

const NOTES = [
  "fitted to the best settings of each size and data, or to all runs within 0.25 % of the least loss there: the single best cell of a grid is a noisy estimate",
  "batch sizes are tokens: divide by the sequence length for sequences",
  "it says where the optimum lies, not what missing it costs: lr-batch-bowl does",
];

/** One name for both sizes: a law of compute alone is this one with C in place of N and D, and b = 0. */
const COMPUTE = [{ name: "C" }];

/**
 * The best learning rate and batch size as powers of size and data:
 *
 *   lr* = c N^a D^b,   B* = cb D^bb   (B in tokens)
 *
 * Each is a plane in logarithms, fitted by itself.
 *
 * @see arXiv 2503.04715
 */
export const lrBatch = defineChain({
  id: "lr-batch",
  title: "Best learning rate and batch size from size and tokens (Step Law, Li et al.)",
  topic: "hyper-parameters",
  first: "lr",
  stages: [
    stage(
      LEARNING_RATE,
      "c * N^a * D^b",
      {
        N: {
          quantity: "params",
          unit: "parameters",
          meaning: "model size without embeddings",
          aliases: COMPUTE,
        },
        D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen", aliases: COMPUTE },
      },
      {
        c: { meaning: "learning rate at N = 1 and D = 1", ...FACTOR },
        a: { meaning: "exponent of the size", ...SLOPE },
        b: { meaning: "exponent of the tokens", ...SLOPE, neutral: 0 },
      },
    ),
    stage(
      BATCH,
      "cb * D^bb",
      { D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen", aliases: COMPUTE } },
      {
        cb: { meaning: "batch at D = 1, in tokens", ...FACTOR },
        bb: { meaning: "exponent of the tokens", ...SLOPE },
      },
    ),
  ],
  presets: [
    {
      name: "steplaw",
      values: { c: 1.79, a: -0.713, b: 0.307, cb: 0.58, bb: 0.571 },
      source: "arXiv 2503.04715",
      conventions:
        "dense models; N leaves out embeddings, and every schedule ends at a learning rate of 1e-5",
      range: { N: [2.1e8, 1.1e9], D: [4e9, 1e11] },
    },
  ],
  source: "arXiv 2503.04715",
  notes: [
    ...NOTES,
    "coefficients of a law of compute alone are taken too: C=... in place of N and D, without b",
  ],
  examples: ["scalefit predict --preset steplaw --params 1B --tokens 100B"],
} satisfies ChainDefinition);

const ofCompute = { C: { quantity: "flops", unit: "FLOPs", meaning: "training compute" } } as const;

/**
 * The best learning rate and batch size as powers of compute: lr* = c C^a, B* = cb C^bb (B in tokens).
 *
 * @see arXiv 2401.02954, eq. 1
 */
export const lrBatchCompute = defineChain({
  id: "lr-batch-compute",
  title: "Best learning rate and batch size from compute (DeepSeek)",
  topic: "hyper-parameters",
  first: "lr",
  stages: [
    stage(LEARNING_RATE, "c * C^a", ofCompute, {
      c: { meaning: "learning rate at C = 1", ...FACTOR },
      a: { meaning: "exponent of the compute", ...SLOPE },
    }),
    stage(BATCH, "cb * C^bb", ofCompute, {
      cb: { meaning: "batch at C = 1, in tokens", ...FACTOR },
      bb: { meaning: "exponent of the compute", ...SLOPE },
    }),
  ],
  presets: [
    {
      name: "deepseek",
      values: { c: 0.3118, a: -0.125, cb: 0.292, bb: 0.3271 },
      source: "arXiv 2401.02954, eq. 1 (read in a secondary transcription)",
      conventions: "C = M D, with M the FLOPs a token without embeddings, attention included",
    },
  ],
  source: "arXiv 2401.02954, eq. 1",
  notes: NOTES,
  examples: ["scalefit predict --preset deepseek --flops 1e22"],
});
