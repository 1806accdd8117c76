/** Transformers near a size: from deep to wide, one recommended. */
import type {
  PublishedNeighbour,
  ShapeDocument,
  ShapeVocabulary,
  TransformerShapes,
  Warning,
} from "../objects.js";
import { parametersOf, type TransformerShape } from "../transformer/shape.js";
import { bestVocabulary, VOCABULARY_WORDS } from "./best-vocabulary.js";
import { PUBLISHED_SHAPES } from "./published-shapes.js";
import { assumptionsOf } from "./shape-assumptions.js";
import { memberOf } from "./shape-family.js";
import { type FamilyAsked, familyFor, sizeOf } from "./shape-family-for.js";
import { figuresOf } from "./shape-figures.js";
import { ladderOf } from "./shape-ladder.js";
import { requireShapeQuestion, type ShapeQuestion } from "./shape-question.js";
import { MUCH_EMBEDDING, unevenness } from "./shape-rules.js";
import { shapesNear } from "./shape-search.js";

/**
 * Shapes of a size, and a ladder of smaller ones of the same family where that is asked for.
 *
 * @throws UsageError for a question that contradicts itself, or a size that what is given cannot reach
 * @throws DataError where no shape in the steps of the family is near enough
 */
export function shapesFor(asked: ShapeQuestion): Omit<ShapeDocument, "schema" | "cnn"> {
  requireShapeQuestion(asked);
  const { ladder } = asked;
  const isOneShape = asked.layers !== null && asked.width !== null;
  const large = asked.params !== null || isOneShape ? candidatesFor(asked) : null;
  const made = ladder === null ? null : ladderOf(asked, ladder, large?.recommended ?? null);
  return {
    ...(large === null ? {} : { transformer: large.shapes }),
    ...(made === null ? {} : { ladder: made.ladder }),
    warnings: [...(large?.warnings ?? []), ...(made?.warnings ?? [])],
  };
}

/** One shape by both its sides where no size is asked for, else the best about each of several proportions. */
function candidatesFor(asked: ShapeQuestion): {
  shapes: TransformerShapes;
  recommended: TransformerShape;
  warnings: Warning[];
} {
  const { params, counted, tolerance, layers, width, bytesPerParam } = asked;
  const made = familyFor(asked, params ?? 1);
  const { family } = made;
  const found =
    params === null
      ? [memberOf(family, width as number, layers as number)]
      : shapesNear(made, { size: params, tolerance, layers, width });
  const { recommended, candidates } = chosen(found, made, asked);
  const { active, embedding } = parametersOf(recommended);
  const best = bestVocabulary(active - embedding, recommended.width);
  const shapes: TransformerShapes = {
    asked: { params, counted, tolerance },
    candidates: candidates.map((shape) => ({
      ...figuresOf(
        shape,
        bytesPerParam,
        params === null ? null : { size: params, reached: sizeOf(shape, counted) },
      ),
      recommended: shape === recommended,
    })),
    reason: reasonFor(recommended, made, asked),
    vocabulary: {
      auto: family.vocab === "auto",
      ...best,
      padded: paddedVocabulary(recommended.vocab, family.multiple),
      source: VOCABULARY_WORDS,
    },
    published: publishedNear(recommended),
    assumptions: assumptionsOf(family, asked),
  };
  return { shapes, recommended, warnings: warningsFor(recommended, made, shapes.vocabulary) };
}

/** How far apart the proportions of candidates are, in factors of the square root of 2 from the usual one. */
const PROPORTIONS = [-2, -1, 0, 1, 2];
const STEP = Math.log(Math.SQRT2);
/** Errors that weigh alike: 2 % of the size, a quarter of the proportion; layers or heads that do not share out evenly as much as either. */
const SIZE_SCALE = 0.02;
const ASPECT_SCALE = 0.25;
/** A proportion that was asked for is kept more closely. */
const ASKED_ASPECT_SCALE = 0.1;
const UNEVEN = 1;
/** Where layers or width are given there is little to choose from. */
const MOST_OF_ONE_SIDE = 5;

function chosen(
  found: readonly TransformerShape[],
  { aspectFor, counted }: FamilyAsked,
  { params, layers, width, aspect }: ShapeQuestion,
): { recommended: TransformerShape; candidates: TransformerShape[] } {
  const aspectScale = aspect === null ? ASPECT_SCALE : ASKED_ASPECT_SCALE;
  const isFree = layers === null && width === null;
  const aspectOff = (shape: TransformerShape) => Math.log(shape.width / shape.layers / aspectFor(shape));
  const score = (shape: TransformerShape, proportion: number): number =>
    (Math.log(sizeOf(shape, counted) / (params ?? sizeOf(shape, counted))) / SIZE_SCALE) ** 2 +
    (isFree ? ((aspectOff(shape) - proportion * STEP) / aspectScale) ** 2 : 0) +
    UNEVEN * unevenness(shape);
  const bestAt = (proportion: number, among: readonly TransformerShape[]): TransformerShape | null =>
    among.reduce<TransformerShape | null>(
      (best, shape) => (best === null || score(shape, proportion) < score(best, proportion) ? shape : best),
      null,
    );
  const recommended = bestAt(0, found) as TransformerShape;
  const picked = isFree
    ? PROPORTIONS.flatMap((proportion) => {
        const about = found.filter((shape) => Math.abs(aspectOff(shape) - proportion * STEP) <= STEP / 2);
        return bestAt(proportion, about) ?? [];
      })
    : [...found].sort((a, b) => score(a, 0) - score(b, 0)).slice(0, MOST_OF_ONE_SIDE);
  const widths = new Set([recommended.width]);
  const others = picked.filter((shape) => !isFree || (!widths.has(shape.width) && widths.add(shape.width)));
  const candidates = [...new Set([recommended, ...others])];
  return { recommended, candidates: candidates.sort((a, b) => a.width - b.width || b.layers - a.layers) };
}

const digits = (value: number, count = 3): number => Number(value.toPrecision(count));

/** The vocabulary rounded up to whole tiles; null where it is. */
const paddedVocabulary = (vocab: number, multiple: number): number | null =>
  vocab % multiple === 0 ? null : Math.ceil(vocab / multiple) * multiple;

/** Why this one. */
function reasonFor(
  shape: TransformerShape,
  { aspectFor, counted }: FamilyAsked,
  { params, layers, width, aspect }: ShapeQuestion,
): string {
  const own = digits(shape.width / shape.layers);
  const off = params === null ? null : sizeOf(shape, counted) / params - 1;
  const near =
    off === null ? "" : `${digits(100 * Math.abs(off), 2)} % ${off < 0 ? "below" : "above"} the size`;
  if (layers !== null && width !== null)
    return off === null ? "the shape that was given" : `as given; ${near}`;
  const even =
    unevenness(shape) === 0 && shape.layers >= 8 && shape.heads >= 8
      ? "; layers and heads share out evenly"
      : "";
  if (layers !== null || width !== null)
    return `nearest to the size with ${layers !== null ? `${layers} layers` : `a width of ${width}`}: ${near}${even}`;
  const wanted = digits(aspectFor(shape));
  return `width / layers of ${own} where ${wanted} ${aspect === null ? "is usual for the size" : "is asked for"}, ${near}${even}`;
}

/** The published shapes nearest in size, one of each source. */
function publishedNear(shape: TransformerShape): PublishedNeighbour[] {
  const { total } = parametersOf(shape);
  const off = (one: TransformerShape) => Math.abs(Math.log(parametersOf(one).total / total));
  const isMixture = shape.experts > 1;
  return PUBLISHED_SHAPES.filter((one) => one.shape.experts > 1 === isMixture)
    .sort((a, b) => off(a.shape) - off(b.shape))
    .filter((one) => off(one.shape) < Math.log(2))
    .slice(0, 3)
    .map(({ name, shape: { layers, width }, shape: own, source }) => ({
      name,
      layers,
      width,
      params: parametersOf(own).total,
      source,
    }));
}

/** A vocabulary further than this from the law's is worth a word. */
const FAR_VOCABULARY = 4;
const FAR_ASPECT = 4;

function warningsFor(
  shape: TransformerShape,
  { aspectFor }: FamilyAsked,
  { approach1, auto }: ShapeVocabulary,
): Warning[] {
  const warnings: Warning[] = [];
  const aspect = shape.width / shape.layers;
  const factor = aspect / aspectFor(shape);
  if (Math.abs(Math.log(factor)) > Math.log(FAR_ASPECT))
    warnings.push({
      code: "proportion",
      message: `${shape.layers} layers of ${shape.width}: width / layers is ${digits(Math.max(factor, 1 / factor))} times ${factor > 1 ? "as large" : "smaller"} as usual for the size`,
    });
  const { embedding, nonEmbedding, total } = parametersOf(shape);
  if (embedding > MUCH_EMBEDDING * total)
    warnings.push({
      code: "embeddings",
      message: `the size is small for a vocabulary of ${shape.vocab}: its embeddings take ${digits((100 * embedding) / total)} % and leave ${digits(nonEmbedding)} parameters for the layers; --tied, a smaller --vocab or --counted non-embedding changes that`,
    });
  else if (!auto && Math.abs(Math.log(shape.vocab / approach1)) > Math.log(FAR_VOCABULARY))
    warnings.push({
      code: "vocabulary",
      message: `a vocabulary of ${shape.vocab} is ${digits(Math.max(shape.vocab / approach1, approach1 / shape.vocab), 2)} times ${shape.vocab > approach1 ? "as large as" : "smaller than"} what the law has for this size, ${digits(approach1)} (arXiv 2407.13623); --vocab auto takes that`,
    });
  return warnings;
}
