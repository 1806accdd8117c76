/**
 * The size of the vocabulary that is best for a model, by the published laws.
 *
 * @see arXiv 2407.13623
 */
import { presetCoefficients } from "../laws/coefficients.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Law } from "../laws/law.js";
import { vocabularyApproach1, vocabularyApproach2 } from "../laws/vocabulary.js";

/** Where a vocabulary by law comes from, in words. */
export const VOCABULARY_WORDS =
  "arXiv 2407.13623, approach 1: fitted on 33M to 1.13B non-vocabulary parameters, each trained on its best number of tokens; longer training takes more";

/**
 * N_v = V d by approach 1, and by approach 2 beside it.
 *
 * @param nonEmbedding parameters without the vocabulary's; of experts those that a token passes
 * @param width d, of an embedding
 * @returns tokens, not rounded
 */
export const bestVocabulary = (
  nonEmbedding: number,
  width: number,
): { approach1: number; approach2: number } => ({
  approach1: parametersBy(vocabularyApproach1, nonEmbedding) / width,
  approach2: parametersBy(vocabularyApproach2, nonEmbedding) / width,
});

const published = new Map<Law, ReturnType<typeof presetCoefficients>>();

function parametersBy(law: Law, N_nv: number): number {
  const member = published.get(law) ?? presetCoefficients(law, law.presets[0]);
  published.set(law, member);
  return evaluateLaw(member.law, member.values, { N_nv });
}
