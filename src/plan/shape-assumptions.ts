/** What a family of shapes rests on, in words. */
import { type ShapeFamily, widthStep } from "./shape-family.js";
import type { ShapeQuestion } from "./shape-question.js";
import { ASPECT_WORDS } from "./shape-rules.js";

export function assumptionsOf(
  family: ShapeFamily,
  { aspect, bytesPerParam }: ShapeQuestion,
): Record<string, string | number> {
  const { ff, ffRatio, isGated, isTied, multiple, context } = family;
  return {
    proportion: aspect === null ? ASPECT_WORDS : `width / layers = ${aspect}, as asked`,
    steps: `widths in steps of ${widthStep(family)}, feed-forward in steps of ${multiple}: whole tiles of the matrix units (arXiv 2401.14489)`,
    feedForward:
      ff === null
        ? `${Number(ffRatio.toPrecision(3))} times the width${isGated ? ", with a gate: three matrices" : ""}`
        : `${ff}${isGated ? ", with a gate: three matrices" : ""}`,
    embeddings: isTied ? "the output matrix is the embedding" : "embedding and output matrix apart",
    context,
    bytesPerParam,
    cache: "2 bytes a cached value",
  };
}
