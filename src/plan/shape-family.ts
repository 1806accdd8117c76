/** A family of transformers: what is fixed and what goes with the width, so that width and layers give a member. */

import { parametersOf, type TransformerShape } from "../transformer/shape.js";
import { bestVocabulary } from "./best-vocabulary.js";

export interface ShapeFamily {
  /** Width of a head; null: the width over the heads. One of the two is given. */
  headSize: number | null;
  /** Null: the width over the head size. */
  heads: number | null;
  /** Null: the heads over `queriesPerKvHead`. */
  kvHeads: number | null;
  /** Heads that share one of keys and values. */
  queriesPerKvHead: number;
  /** Null: by the ratio. */
  ff: number | null;
  /** d_ff over the width, rounded up to the multiple. */
  ffRatio: number;
  isGated: boolean;
  /** Tokens; or the best number by law, rounded to the multiple. */
  vocab: number | "auto";
  isTied: boolean;
  context: number;
  experts: number;
  /** Null: by the share. */
  activeExperts: number | null;
  /** Share of all parameters that a token passes, of which the nearest number of experts is taken. */
  activeShare: number;
  /** Widths are multiples of it. */
  multiple: number;
}

/** The member of so many layers of a width that is a multiple of `widthStep`. */
export function memberOf(family: ShapeFamily, width: number, layers: number): TransformerShape {
  const headSize = family.headSize ?? width / (family.heads ?? 1);
  const heads = family.heads ?? width / headSize;
  const dense: TransformerShape = {
    layers,
    width,
    heads,
    kvHeads: family.kvHeads ?? heads / family.queriesPerKvHead,
    headSize,
    ff: family.ff ?? roundedUp(family.ffRatio * width, family.multiple),
    isGated: family.isGated,
    vocab: family.vocab === "auto" ? 1 : family.vocab,
    isTied: family.isTied,
    context: family.context,
    experts: family.experts,
    activeExperts: family.activeExperts ?? family.experts,
  };
  const shape = family.vocab === "auto" ? { ...dense, vocab: vocabularyFor(dense, family) } : dense;
  return family.activeExperts === null ? { ...shape, activeExperts: activeFor(shape, family) } : shape;
}

/** The width of every member is a multiple of it. */
export function widthStep({ headSize, heads, kvHeads, queriesPerKvHead, multiple }: ShapeFamily): number {
  // Heads of a multiple of 8, which the kernels of attention want.
  if (headSize === null) return leastCommonMultiple(multiple, (heads ?? 1) * (multiple % 8 === 0 ? 8 : 1));
  if (heads !== null) return multiple;
  return leastCommonMultiple(multiple, headSize * (kvHeads ?? queriesPerKvHead));
}

/** A multiple of 0 rounds nothing. 4096 times 8/3 is no whole number in floating point: hence the slack. */
const roundedUp = (value: number, multiple: number): number =>
  multiple === 0 ? value : Math.max(1, Math.ceil(value / multiple - 1e-9)) * multiple;

function vocabularyFor(shape: TransformerShape, { multiple }: ShapeFamily): number {
  const { active, embedding } = parametersOf(shape);
  const { approach1 } = bestVocabulary(active - embedding, shape.width);
  return multiple === 0 ? approach1 : Math.max(1, Math.round(approach1 / multiple)) * multiple;
}

/** Of total - (E - k) expert = share total the nearest k. */
function activeFor(shape: TransformerShape, { activeShare, experts }: ShapeFamily): number {
  const { total, feedForward } = parametersOf(shape);
  const k = experts - ((1 - activeShare) * total * experts) / feedForward;
  return Math.min(experts, Math.max(1, Math.round(k)));
}

export function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
