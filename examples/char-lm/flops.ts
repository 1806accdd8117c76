import { contextLength } from "./corpus.js";
import type { ModelShape } from "./parameters.js";
import { vocabularySize } from "./vocabulary.js";

/**
 * Floating-point operations of the forward pass, per token, from the matrix products alone. A product of
 * [m x k] and [k x n] counts 2 m n k. With width d, layers L, context T and vocabulary V:
 *
 * - the four weight matrices of a layer (d x 3d, d x d, d x 4d, 4d x d) together: 2 * 12 d^2
 * - attention scores and weighted values: position i meets i keys, (T + 1) / 2 on average, each costing
 *   2 d for the score and 2 d for the value, over all heads: 2 d (T + 1)
 * - unembedding: 2 d V
 *
 * Looking up the embedding is no product. The few products above the diagonal that the blocked loops
 * compute and mask are not counted.
 */
export function forwardFlopsPerToken({ dModel: d, layers }: ModelShape): number {
  return layers * (24 * d * d + 2 * d * (contextLength + 1)) + 2 * d * vocabularySize;
}

/**
 * Operations of a training step, per token. Each product C = A B of the forward pass needs two of the same
 * cost in the backward pass, dA = dC B' and dB = A' dC, so that training costs three forward passes.
 */
export function trainingFlopsPerToken(shape: ModelShape): number {
  return 3 * forwardFlopsPerToken(shape);
}
