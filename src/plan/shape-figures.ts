/** What a shape has and takes: parameters by kind, FLOPs by convention, cache, memory. */
import type { ShapeFigures } from "../objects.js";
import { FLOPS_RULES, type FlopsRule, trainFlopsPerToken } from "../transformer/flops-rules.js";
import { CACHE_BYTES, cachedValues, parametersOf, type TransformerShape } from "../transformer/shape.js";

/**
 * KV cache 2 L h_kv q values a token, of two bytes each; weights by the bytes of a parameter. FLOPs of a token in training,
 * forward and backward; null by rules whose formula has no place for what the shape has.
 *
 * @param asked the size that was wanted and how it is counted; null where there was none
 */
export function figuresOf(
  shape: TransformerShape,
  bytesPerParam: number,
  asked: { size: number; reached: number } | null,
): ShapeFigures {
  const { total, nonEmbedding, embedding, active } = parametersOf(shape);
  const { layers, width, context } = shape;
  const cache = cachedValues(shape) * CACHE_BYTES;
  return {
    shape,
    aspect: width / layers,
    params: { total, nonEmbedding, embedding, active },
    difference: asked === null ? null : asked.reached / asked.size - 1,
    flopsPerToken: Object.fromEntries(
      FLOPS_RULES.map((rule) => [rule, holds(rule, shape) ? trainFlopsPerToken(rule, shape, "none") : null]),
    ),
    kvCacheBytes: { perToken: cache, perSequence: cache * context },
    weightBytes: total * bytesPerParam,
  };
}

/** Kaplan's, Chinchilla's and DeepSeek's formulas know two dense feed-forward matrices and as many key heads as heads. */
function holds(
  rule: FlopsRule,
  { isGated, kvHeads, heads, experts, ff, width, headSize }: TransformerShape,
): boolean {
  const isPlain = !isGated && kvHeads === heads && experts === 1;
  if (rule === "kaplan" || rule === "chinchilla") return isPlain;
  return rule !== "deepseek" || (isPlain && ff === 4 * width && heads * headSize === width);
}
