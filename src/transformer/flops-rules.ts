/**
 * Ways to count the training FLOPs of a token (forward and backward; a multiply-add is 2). They differ in attention, in
 * the embeddings and in what is thrown away, by up to a factor of two at small sizes and long contexts.
 */
import { parametersOf, type TransformerShape } from "./shape.js";

export type FlopsRule = "6nd" | "kaplan" | "palm" | "chinchilla" | "deepseek" | "exact";
export const FLOPS_RULES: readonly FlopsRule[] = ["6nd", "kaplan", "palm", "chinchilla", "deepseek", "exact"];

/** Which activations are computed twice: none, those of the attention core, or all. */
export type Recompute = "none" | "selective" | "full";
export const RECOMPUTES: readonly Recompute[] = ["none", "selective", "full"];

/** What each rule counts, for the reader. */
export const RULE_WORDS: Readonly<Record<FlopsRule, string>> = {
  "6nd": "6 FLOPs a parameter and token (arXiv 2001.08361)",
  kaplan: "6 a non-embedding parameter, and causal attention (arXiv 2001.08361, table 1)",
  palm: "6 a parameter, and attention without its causal half (arXiv 2204.02311, appendix B)",
  chinchilla:
    "every product of a forward pass, embedding look-up and softmax too, times 3 (arXiv 2203.15556, appendix F)",
  deepseek: "72 L d^2 + 12 L d S (arXiv 2401.02954, eq. 2)",
  exact: "every matrix product: no embedding look-up, the output matrix in, causal attention",
};

/** Kaplan et al.: N_nonemb = 2 d L (2 d_attn + d_ff), forward 2 N_nonemb + 2 L n_ctx d_attn a token, training 3 times that. */
export function kaplanCount({ layers: L, width: d, heads, headSize, ff, context }: TransformerShape): {
  nonEmbedding: number;
  forward: number;
  train: number;
} {
  const attention = heads * headSize;
  const nonEmbedding = 2 * d * L * (2 * attention + ff);
  const forward = 2 * nonEmbedding + 2 * L * context * attention;
  return { nonEmbedding, forward, train: 3 * forward };
}

/** PaLM's model FLOPs a token: 6 N + 12 L H Q T. */
export const palmCount = ({ layers, heads, headSize, context }: TransformerShape, N: number): number =>
  6 * N + 12 * layers * heads * headSize * context;

/** DeepSeek's M: 72 L d^2 + 12 L d S. */
export const deepseekCount = ({ layers: L, width: d, context }: TransformerShape): number =>
  72 * L * d * d + 12 * L * d * context;

/** Chinchilla's forward pass of one sequence, appendix F. */
export function chinchillaCount({
  layers,
  width: d,
  heads: h,
  headSize: q,
  ff,
  vocab,
  context: s,
}: TransformerShape): {
  forwardPerSequence: number;
  trainPerSequence: number;
  trainPerToken: number;
} {
  const projections = 6 * s * d * h * q + 2 * s * h * q * d;
  const core = 2 * s * s * h * q + 3 * h * s * s + 2 * s * s * h * q;
  const block = 2 * s * (d * ff + ff * d);
  const forwardPerSequence = 2 * s * vocab * d + layers * (projections + core + block) + 2 * s * d * vocab;
  const trainPerSequence = 3 * forwardPerSequence;
  return { forwardPerSequence, trainPerSequence, trainPerToken: trainPerSequence / s };
}

/**
 * Every matrix product of a token: 2 a parameter it passes (the embedding look-up multiplies nothing, the output matrix
 * does), and attention 4 L h q (S + 1)/2, the causal mean over the sequence. Backward is twice that.
 */
export function exactForward(shape: TransformerShape): { matrices: number; attention: number } {
  const { layers, heads, headSize, context } = shape;
  return {
    matrices: 2 * parametersOf(shape).activeMatrices,
    attention: 2 * layers * heads * headSize * (context + 1),
  };
}

/** Training FLOPs a token of a shape, by a rule, with what recomputation adds. */
export function trainFlopsPerToken(rule: FlopsRule, shape: TransformerShape, recompute: Recompute): number {
  return countOf(rule, shape) + recomputed(rule, shape, recompute);
}

function countOf(rule: FlopsRule, shape: TransformerShape): number {
  switch (rule) {
    case "6nd":
      return 6 * parametersOf(shape).active;
    case "kaplan":
      return kaplanCount(shape).train;
    case "palm":
      return palmCount(shape, parametersOf(shape).active);
    case "chinchilla":
      return chinchillaCount(shape).trainPerToken;
    case "deepseek":
      return deepseekCount(shape);
    case "exact": {
      const { matrices, attention } = exactForward(shape);
      return 3 * (matrices + attention);
    }
  }
}

/** A second forward pass, whole or of the attention core (arXiv 2205.05198). */
function recomputed(rule: FlopsRule, shape: TransformerShape, recompute: Recompute): number {
  if (recompute === "none") return 0;
  return recompute === "full" ? countOf(rule, shape) / 3 : exactForward(shape).attention;
}
