/** The usual proportions of transformers: width a layer, width of a head, and multiples that hardware likes. */

/**
 * Width over layers of a dense transformer by its non-embedding parameters:
 *
 *   min(117, 109 (N / 7e9)^0.13)
 *
 * Least squares in logs over `PUBLISHED_SHAPES` up to 7e9, and the geometric mean of the larger ones. It is a habit, no
 * optimum: the loss changes by a few per cent over a factor of 40 about it (arXiv 2001.08361, figure 5).
 */
export const usualAspect = (nonEmbedding: number): number =>
  Math.min(LARGE_ASPECT, ASPECT_AT_7B * (nonEmbedding / 7e9) ** ASPECT_EXPONENT);

const LARGE_ASPECT = 117;
const ASPECT_AT_7B = 109;
const ASPECT_EXPONENT = 0.13;

/** The rule in words. */
export const ASPECT_WORDS =
  "width / layers = 109 (N/7B)^0.13, 117 at most: the line through GPT-3, Pythia and LLaMA, a habit and no optimum: the loss hardly depends on it (arXiv 2001.08361, figure 5)";

/** Width of a head: 128 in the models above, 64 in the small ones of GPT-3 and Pythia, never wider than the model. */
export function usualHeadSize(width: number): number {
  if (width >= 1536) return 128;
  return width >= 256 ? 64 : Math.min(32, 2 ** Math.floor(Math.log2(Math.max(width, 1))));
}

/**
 * What widths are rounded to: 128 fills the matrix units of current accelerators (64 half-precision numbers on an A100 by
 * NVIDIA's guide to matrix multiplication, tiles of 128 on TPUs; arXiv 2401.14489). Of small models an eighth of the width
 * as a power of two, so that rounding moves it by 6 % at most; 8 at least.
 */
export const hardwareMultiple = (width: number): number =>
  Math.min(128, Math.max(8, 2 ** Math.floor(Math.log2(Math.max(width, 1) / 8))));

/** Heads that tensor parallelism shares out evenly, and even layers for pipelines, are preferred where sizes are alike. */
export function unevenness({ layers, heads }: { layers: number; heads: number }): number {
  const odd = layers >= 8 && layers % 2 !== 0 ? 1 : 0;
  return odd + (heads >= 8 && heads % 8 !== 0 ? 1 : 0);
}

/** From this share of embeddings on, a size is more vocabulary than model. */
export const MUCH_EMBEDDING = 0.5;
