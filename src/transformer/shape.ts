/**
 * The shape of a decoder-only transformer and its parameters, exactly as given or as a family of one proportion in which a
 * size picks the member.
 */
import { UsageError } from "../errors.js";
import type { ShapeSides } from "../objects.js";

/** Sizes of one transformer; counts of tensors' sides. */
export type TransformerShape = ShapeSides;

/** What of a shape is given; the rest follows. */
export type ShapeGiven = Partial<TransformerShape>;

/** Bytes of a cached key or value: half precision. */
export const CACHE_BYTES = 2;

/** Keys and values that are cached for a token: 2 L h_kv q. */
export const cachedValues = ({ layers, kvHeads, headSize }: TransformerShape): number =>
  2 * layers * kvHeads * headSize;

/** Parameters of a shape by part. */
export interface ShapeParameters {
  attention: number;
  feedForward: number;
  /** Of the feed-forward parameters those that a token passes. */
  activeFeedForward: number;
  router: number;
  norms: number;
  embedding: number;
  /** All that multiply activations for a token: no embedding look-up, the output matrix in. */
  activeMatrices: number;
  nonEmbedding: number;
  total: number;
  /** All that a token passes. */
  active: number;
}

/**
 * attention d (2 h + 2 h_kv) q, feed-forward 2 d ff (3 with a gate) an expert, router d E, norms 2 d a layer and one more,
 * embedding V d (twice where untied).
 */
export function parametersOf(shape: TransformerShape): ShapeParameters {
  const { layers: L, width: d, heads, kvHeads, headSize: q, ff, isGated, vocab, isTied, experts } = shape;
  const attention = L * d * (2 * heads + 2 * kvHeads) * q;
  const expert = L * (isGated ? 3 : 2) * d * ff;
  const feedForward = experts * expert;
  const activeFeedForward = shape.activeExperts * expert;
  const router = experts > 1 ? L * d * experts : 0;
  const norms = 2 * d * L + d;
  const matrix = vocab * d;
  const embedding = isTied ? matrix : 2 * matrix;
  const nonEmbedding = attention + feedForward + router + norms;
  const total = nonEmbedding + embedding;
  return {
    attention,
    feedForward,
    activeFeedForward,
    router,
    norms,
    embedding,
    activeMatrices: attention + activeFeedForward + router + matrix,
    nonEmbedding,
    total,
    active: total - feedForward + activeFeedForward,
  };
}

/**
 * Layers are width / 128 in the models of many laboratories (Kaplan et al., arXiv 2001.08361, figure 5: the loss hardly
 * depends on it between 30 and 300).
 */
const WIDTH_PER_LAYER = 128;
const HEAD_SIZE = 128;
const DEFAULTS = { vocab: 32_000, context: 4096 } as const;
/** d_ff / d_model; with a gate two thirds of it, so that the block has as many parameters. */
const FF_RATIO = 4;

/** The shape of a width in the family of what is given; layers and heads need not be whole. */
export function shapeOfWidth(given: ShapeGiven, width: number): TransformerShape {
  const headSize =
    given.headSize ?? (given.heads === undefined ? Math.min(HEAD_SIZE, width) : width / given.heads);
  const heads = given.heads ?? width / headSize;
  const isGated = given.isGated ?? false;
  const experts = given.experts ?? 1;
  return {
    layers: given.layers ?? width / WIDTH_PER_LAYER,
    width,
    heads,
    kvHeads: given.kvHeads ?? heads,
    headSize,
    ff: given.ff ?? (FF_RATIO * width * (isGated ? 2 : 3)) / 3,
    isGated,
    vocab: given.vocab ?? DEFAULTS.vocab,
    isTied: given.isTied ?? false,
    context: given.context ?? DEFAULTS.context,
    experts,
    activeExperts: given.activeExperts ?? (experts > 1 ? 2 : 1),
  };
}

/**
 * Finds members of the family by their number of parameters, embeddings in; layers and heads need not be whole. Each is
 * looked for from the one before, by secants in the logs: parameters grow as a power of the width between 1 and 3.
 */
export function shapeFinder(given: ShapeGiven): (N: number) => TransformerShape {
  const size = (lnWidth: number) => Math.log(parametersOf(shapeOfWidth(given, Math.exp(lnWidth))).total);
  let [at, lnSize] = [Math.log(1024), size(Math.log(1024))];
  let slope = 3;
  return (N) => {
    const wanted = Math.log(N);
    for (let i = 0; i < 60 && Math.abs(wanted - lnSize) > 1e-15 * Math.abs(wanted); i++) {
      const next = at + (wanted - lnSize) / slope;
      const nextSize = size(next);
      if (next === at) break;
      const secant = (nextSize - lnSize) / (next - at);
      if (Math.abs(next - at) > 1e-9 && secant > 0.5 && secant < 4) slope = secant;
      [at, lnSize] = [next, nextSize];
    }
    return shapeOfWidth(given, Math.exp(at));
  };
}

/** The shape where it is wholly given: layers and width fix the size. Null where a size has to pick it. */
export function givenShape(given: ShapeGiven): TransformerShape | null {
  const { width, layers } = given;
  return width === undefined || layers === undefined ? null : shapeOfWidth(given, width);
}

/** @throws UsageError for a shape that cannot be */
export function requireShape(given: ShapeGiven): void {
  const { kvHeads, heads, experts, activeExperts, width, layers } = given;
  if (kvHeads !== undefined && heads !== undefined && kvHeads > heads)
    throw contradiction(
      `--kv-heads ${kvHeads} and --heads ${heads}`,
      `${kvHeads - heads} more key heads than heads`,
    );
  if (activeExperts !== undefined && activeExperts > (experts ?? 1))
    throw contradiction(
      `--active-experts ${activeExperts} and --experts ${experts ?? 1}`,
      `a token cannot pass ${activeExperts - (experts ?? 1)} more experts than there are`,
    );
  if ((width === undefined) !== (layers === undefined)) {
    const [given, other] = width === undefined ? ["--layers", "--width"] : ["--width", "--layers"];
    throw new UsageError({
      code: "flags",
      message: `${given} without ${other}: both together give a shape`,
      hint: `give ${other} too, or neither: then the size picks a shape of width 128 a layer`,
    });
  }
}

const contradiction = (flags: string, why: string): UsageError =>
  new UsageError({
    code: "flags",
    message: `${flags} contradict each other`,
    why,
    hint: "change one of them",
  });
