/** Small shapes of one family, from a size to a size in equal steps of its logarithm: what `design` chooses runs from. */
import { DataError } from "../errors.js";
import type { ShapeLadder, Warning } from "../objects.js";
import { parametersOf, type TransformerShape } from "../transformer/shape.js";
import { assumptionsOf } from "./shape-assumptions.js";
import {
  type FamilyAsked,
  familyFor,
  roughFamily,
  sizeOf,
  usualProportion,
  usualWidth,
} from "./shape-family-for.js";
import { figuresOf } from "./shape-figures.js";
import type { ShapeQuestion } from "./shape-question.js";
import { MUCH_EMBEDDING, usualHeadSize } from "./shape-rules.js";
import { shapesNear } from "./shape-search.js";

/** Errors that weigh alike: a rung may be off its place by a few per cent, less so off the family's proportion. */
const SIZE_SCALE = 0.05;
const ASPECT_SCALE = 0.15;
/** Where steps of the width are coarse, a wider shape may have fewer layers: three scales off is better than that. */
const STEP_BACK = 9;

/**
 * Every rung has the proportion, the head size, the heads a key head and the feed-forward ratio of the family, and is larger
 *
 * @param large the shape whose family it is; null: proportions as usual in the middle of the ladder
 * @throws DataError where steps are too coarse for so many rungs
 */
export function ladderOf(
  asked: ShapeQuestion,
  rungs: NonNullable<ShapeQuestion["ladder"]>,
  large: TransformerShape | null,
): { ladder: ShapeLadder; warnings: Warning[] } {
  const { from, to, runs } = rungs;
  const ratio = Math.log(to / from) / (runs - 1);
  const sizes = Array.from({ length: runs }, (_, i) => from * Math.exp(i * ratio));
  const { made, aspect } = familyOfLadder(asked, from, Math.sqrt(from * to), large);
  const { counted } = asked;
  const shapes: TransformerShape[] = [];
  for (const size of sizes) shapes.push(rungAt(made, aspect, size, Math.min(ratio / 2, 0.3), shapes.at(-1)));
  const ladder: ShapeLadder = {
    asked: rungs,
    counted,
    aspect,
    rungs: shapes.map((shape, i) => {
      const size = sizeOf(shape, counted);
      return { size, ...figuresOf(shape, asked.bytesPerParam, { size: sizes[i], reached: size }) };
    }),
    assumptions: assumptionsOf(made.family, { ...asked, aspect }),
  };
  return { ladder, warnings: warningsFor(ladder) };
}

function familyOfLadder(
  asked: ShapeQuestion,
  from: number,
  middle: number,
  large: TransformerShape | null,
): { made: FamilyAsked; aspect: number } {
  const free: ShapeQuestion = {
    ...asked,
    ...(large === null ? {} : proportionsOf(large, asked)),
    layers: null,
    width: null,
    heads: null,
    ff: null,
  };
  // Of the large one the heads a key head: so many key heads may be more than a small one has heads.
  const queriesPerKvHead = large === null ? 1 : large.heads / large.kvHeads;
  const headSize = free.headSize ?? headSizeOfLadder(free, from, middle, free.kvHeads ?? queriesPerKvHead);
  const made = familyFor({ ...free, headSize }, from);
  const aspect = free.aspect ?? usualProportion(made, middle);
  const family = { ...made.family, queriesPerKvHead };
  return { made: { ...made, family, aspectFor: () => aspect }, aspect };
}

/** What of a large shape its small kin have too. */
const proportionsOf = (large: TransformerShape, asked: ShapeQuestion): Partial<ShapeQuestion> => ({
  aspect: asked.aspect ?? large.width / large.layers,
  headSize: asked.headSize ?? (asked.heads === null ? null : large.headSize),
  ffRatio: asked.ff === null ? asked.ffRatio : large.ff / large.width,
  kvHeads: null,
});

/** As usual in the middle of the ladder; less where the smallest shape would have fewer heads than go together. */
function headSizeOfLadder(asked: ShapeQuestion, from: number, middle: number, together: number): number {
  const rough = roughFamily(asked);
  const narrowest = 2 ** Math.floor(Math.log2(usualWidth(rough, from, null) / together));
  return Math.max(8, Math.min(usualHeadSize(usualWidth(rough, middle, null)), narrowest));
}

function rungAt(
  made: FamilyAsked,
  aspect: number,
  size: number,
  tolerance: number,
  before: TransformerShape | undefined,
): TransformerShape {
  const score = (shape: TransformerShape): number =>
    (Math.log(sizeOf(shape, made.counted) / size) / SIZE_SCALE) ** 2 +
    (Math.log(shape.width / shape.layers / aspect) / ASPECT_SCALE) ** 2 +
    (before === undefined || isNoSmaller(shape, before) ? 0 : STEP_BACK);
  const found = shapesNear(made, { size, tolerance, layers: null, width: null });
  const larger = found.filter(
    (shape) => before === undefined || sizeOf(shape, made.counted) > sizeOf(before, made.counted),
  );
  if (larger.length > 0) return larger.reduce((best, shape) => (score(shape) < score(best) ? shape : best));
  throw new DataError({
    code: "no-shape",
    message: `no shape near ${Number(size.toPrecision(3))} parameters is larger than the rung below it`,
    why: "the steps of width and whole layers are too coarse for rungs so close",
    hint: "ask for fewer --runs, or for a smaller --multiple or --head-size",
  });
}

const isNoSmaller = (shape: TransformerShape, before: TransformerShape): boolean =>
  shape.width >= before.width && shape.layers >= before.layers;

function warningsFor({ rungs, counted }: ShapeLadder): Warning[] {
  const share = ({ shape }: ShapeLadder["rungs"][number]) => {
    const { embedding, total } = parametersOf(shape);
    return embedding / total;
  };
  const [first, last] = [share(rungs[0]), share(rungs[rungs.length - 1])];
  if (counted === "non-embedding" || first < MUCH_EMBEDDING) return [];
  return [
    {
      code: "embeddings",
      message: `embeddings are ${Math.round(100 * first)} % of the smallest rung and ${Math.round(100 * last)} % of the largest: a law in all parameters bends there (arXiv 2406.19146); --counted non-embedding, --tied or a smaller --vocab avoids it`,
    },
  ];
}
