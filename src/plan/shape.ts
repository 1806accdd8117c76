/** Architectures of a size: the one entry of the command and of the library. */
import type { ShapeDocument } from "../objects.js";
import { CNN_DEFAULTS, type CnnQuestion, cnnScalings } from "./cnn-scalings.js";
import { shapesFor } from "./shape-for.js";
import { SHAPE_DEFAULTS, type ShapeQuestion } from "./shape-question.js";

export interface ShapeAsked extends Partial<ShapeQuestion> {
  /** A convolutional network in place of a transformer. */
  cnn?: Partial<CnnQuestion> & Pick<CnnQuestion, "scale">;
}

/**
 * Transformers of a size with one recommended, a ladder of small ones of the same family, or a convolutional network scaled
 * by a factor of FLOPs in several ways.
 *
 *   shape({ params: 7e9, isGated: true, kvHeads: 8 })
 *   shape({ params: 7e9, ladder: { from: 3e7, to: 1e9, runs: 6 } })
 *   shape({ cnn: { scale: 8 } })
 *
 * Parameters: attention d (2 h + 2 h_kv) q, feed-forward 2 d ff (3 with a gate) an expert, embedding V d (twice where
 * untied). Scaling: depth s^(e_d/t), width s^(e_w/2t), resolution s^(e_r/2t).
 *
 * @returns the document that `scalefit shape` prints
 * @throws UsageError for a question that contradicts itself or a size that what is given cannot reach; DataError where no
 *   shape in the steps of the family is near enough, or no scaling keeps to a run time
 * @see arXiv 2001.08361, 2407.13623 (vocabulary), 2103.06877 and 2103.07579 (CNN)
 */
export function shape({ cnn, ...asked }: ShapeAsked): ShapeDocument {
  const schema = "scalefit/shape@1";
  if (cnn === undefined) return { schema, ...shapesFor({ ...SHAPE_DEFAULTS, ...asked }) };
  return { schema, cnn: cnnScalings({ ...CNN_DEFAULTS, ...cnn }), warnings: [] };
}
