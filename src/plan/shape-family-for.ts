/** The family that a question describes, with what is left out filled in as usual for its size. */

import { parametersOf, type TransformerShape } from "../transformer/shape.js";
import type { ShapeFamily } from "./shape-family.js";
import { memberOf } from "./shape-family.js";
import type { Counted, ShapeQuestion } from "./shape-question.js";
import { hardwareMultiple, usualAspect, usualHeadSize } from "./shape-rules.js";

/** A family with the proportion that its members are to have. */
export interface FamilyAsked {
  family: ShapeFamily;
  /** Width over layers that a shape would usually have, or that was asked for. */
  aspectFor(shape: TransformerShape): number;
  counted: Counted;
}

/** Parameters of a shape as they are counted. */
export function sizeOf(shape: TransformerShape, counted: Counted): number {
  const { total, nonEmbedding, active } = parametersOf(shape);
  return { total, "non-embedding": nonEmbedding, active }[counted];
}

/** @param size parameters, as the question counts them, for whose width the defaults are taken */
export function familyFor(asked: ShapeQuestion, size: number): FamilyAsked {
  const rough = roughFamily(asked);
  const width = asked.width ?? usualWidth(rough, size, asked.layers);
  const family = {
    ...rough.family,
    headSize: headSizeFor(asked, width),
    multiple: multipleFor(asked, width),
  };
  return { ...rough, family };
}

/** The family before its width, and with it the head size and the multiple, is known. */
export function roughFamily(asked: ShapeQuestion): FamilyAsked {
  const { counted, experts, isGated, aspect, heads } = asked;
  const family: ShapeFamily = {
    headSize: asked.headSize ?? (heads === null ? ROUGH_HEAD_SIZE : null),
    heads,
    kvHeads: asked.kvHeads,
    queriesPerKvHead: 1,
    ff: asked.ff,
    ffRatio: asked.ffRatio ?? (isGated ? FF_RATIO * (2 / 3) : FF_RATIO),
    isGated,
    vocab: asked.vocab,
    isTied: asked.isTied,
    context: asked.context,
    experts,
    activeExperts: asked.activeShare === null ? (asked.activeExperts ?? Math.min(experts, 2)) : null,
    activeShare: asked.activeShare ?? 1,
    multiple: 0,
  };
  const aspectFor = (shape: TransformerShape): number => {
    if (aspect !== null) return aspect;
    const { nonEmbedding, feedForward, activeFeedForward } = parametersOf(shape);
    return usualAspect(nonEmbedding - feedForward + activeFeedForward);
  };
  return { family, aspectFor, counted };
}

/** d_ff / d_model; with a gate two thirds of it, so that the block has as many parameters (arXiv 2002.05202). */
const FF_RATIO = 4;
/** Stands in until the width, and with it the head size, is known. */
const ROUGH_HEAD_SIZE = 128;

/** The width at which a size has its usual proportion, not rounded; by halving, for the size rises with the width. */
export function usualWidth(
  { family, aspectFor, counted }: FamilyAsked,
  size: number,
  layers: number | null,
): number {
  const tooSmall = (width: number): boolean => {
    const guess = memberOf({ ...family, multiple: 0 }, width, layers ?? width / USUAL);
    const depth = layers ?? width / aspectFor(guess);
    return sizeOf(memberOf({ ...family, multiple: 0 }, width, depth), counted) < size;
  };
  let [low, high] = [1, 1e9];
  for (let i = 0; i < 60; i++) {
    const middle = Math.sqrt(low * high);
    if (tooSmall(middle)) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** The proportion that a size usually has. */
export function usualProportion(made: FamilyAsked, size: number): number {
  const width = usualWidth(made, size, null);
  return made.aspectFor(memberOf({ ...made.family, multiple: 0 }, width, width / USUAL));
}

/** For a first guess of the layers. */
const USUAL = 109;

/** The usual head size, or the nearest to it that goes with a given width or multiple; null where heads are given. */
function headSizeFor(
  { heads, headSize, width, kvHeads, multiple }: ShapeQuestion,
  near: number,
): number | null {
  if (headSize !== null) return headSize;
  if (heads !== null) return null;
  const usual = usualHeadSize(near);
  const fits = (size: number): boolean => {
    if (width !== null) return width % size === 0 && (kvHeads === null || (width / size) % kvHeads === 0);
    return multiple === null || multiple % size === 0 || size % multiple === 0;
  };
  for (let off = 0; off < usual; off++)
    for (const size of [usual + off, usual - off]) if (fits(size)) return size;
  return width !== null && fits(width) ? width : usual;
}

/** A given width is what it is: only the feed-forward block and the vocabulary are then rounded. */
function multipleFor({ multiple, width }: ShapeQuestion, near: number): number {
  const usual = multiple ?? hardwareMultiple(near);
  if (width === null || width % usual === 0 || multiple !== null) return usual;
  let fitting = usual;
  while (width % fitting !== 0) fitting /= 2;
  return fitting;
}
