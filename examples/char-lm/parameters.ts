import { Random } from "./random.js";
import { vocabularySize } from "./vocabulary.js";

/** The size of a model. */
export interface ModelShape {
  readonly dModel: number;
  readonly layers: number;
  readonly heads: number;
}

/** A matrix or vector of parameters: its values and its gradients, views into two flat buffers. */
export interface Parameter {
  readonly values: Float64Array;
  readonly gradients: Float64Array;
  /** Weight decay applies to matrices, not to the gains of the normalisations. */
  readonly decays: boolean;
}

export interface LayerParameters {
  readonly attentionGain: Parameter;
  readonly qkv: Parameter;
  readonly projection: Parameter;
  readonly mlpGain: Parameter;
  readonly up: Parameter;
  readonly down: Parameter;
}

/** All parameters of a model. Weights are stored [inputs x outputs]; the embedding [symbols x width]. */
export interface Parameters {
  readonly values: Float64Array;
  readonly gradients: Float64Array;
  readonly all: readonly Parameter[];
  readonly embedding: Parameter;
  readonly layers: readonly LayerParameters[];
  readonly finalGain: Parameter;
}

/** Parameters outside the embedding: L (12 d^2 + 2 d) + d. */
export function nonEmbeddingCount({ dModel, layers }: ModelShape): number {
  return layers * (12 * dModel * dModel + 2 * dModel) + dModel;
}

/** All trainable parameters; the embedding, shared with the unembedding, counts once. */
export function parameterCount(shape: ModelShape): number {
  return nonEmbeddingCount(shape) + vocabularySize * shape.dModel;
}

/**
 * Lays out and initialises the parameters. Weights are normal with standard deviation 1/sqrt(inputs), those
 * that write to the residual stream divided by sqrt(2 L) more, the embedding 0.5/sqrt(d); gains are one.
 */
export function createParameters(shape: ModelShape, seed: number): Parameters {
  const { dModel: d, layers } = shape;
  const count = parameterCount(shape);
  const values = new Float64Array(count);
  const gradients = new Float64Array(count);
  const all: Parameter[] = [];
  const random = new Random(seed);
  let offset = 0;
  const take = (size: number, decays: boolean): Parameter => {
    const end = offset + size;
    const view = { values: values.subarray(offset, end), gradients: gradients.subarray(offset, end), decays };
    offset = end;
    all.push(view);
    return view;
  };
  const gain = (): Parameter => {
    const taken = take(d, false);
    taken.values.fill(1);
    return taken;
  };
  const weight = (size: number, deviation: number): Parameter => {
    const taken = take(size, true);
    for (let i = 0; i < size; i++) taken.values[i] = deviation * random.nextNormal();
    return taken;
  };
  const residual = 1 / Math.sqrt(2 * layers);
  const layer = (): LayerParameters => ({
    attentionGain: gain(),
    qkv: weight(3 * d * d, 1 / Math.sqrt(d)),
    projection: weight(d * d, residual / Math.sqrt(d)),
    mlpGain: gain(),
    up: weight(4 * d * d, 1 / Math.sqrt(d)),
    down: weight(4 * d * d, residual / Math.sqrt(4 * d)),
  });
  const embedding = weight(vocabularySize * d, 0.5 / Math.sqrt(d));
  const stack = Array.from({ length: layers }, layer);
  return { values, gradients, all, embedding, layers: stack, finalGain: gain() };
}
