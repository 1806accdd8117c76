import { type AttentionShape, attention, attentionBackward } from "./attention.js";
import { contextLength } from "./corpus.js";
import { crossEntropy } from "./cross-entropy.js";
import { gelu, geluBackward } from "./gelu.js";
import { multiplyAdd, rows, transposed } from "./matmul.js";
import { createParameters, type LayerParameters, type ModelShape, type Parameters } from "./parameters.js";
import { rmsNorm, rmsNormBackward } from "./rmsnorm.js";
import { vocabularySize } from "./vocabulary.js";

/** What the forward pass of a layer keeps for the backward pass; every buffer has one row a token. */
interface LayerState {
  readonly input: Float64Array;
  readonly attentionNormed: Float64Array;
  readonly attentionInverse: Float64Array;
  readonly qkv: Float64Array;
  readonly weights: Float64Array;
  readonly attended: Float64Array;
  readonly middle: Float64Array;
  readonly mlpNormed: Float64Array;
  readonly mlpInverse: Float64Array;
  readonly hidden: Float64Array;
  readonly gate: Float64Array;
  readonly activated: Float64Array;
}

/**
 * A decoder-only transformer over characters, for batches of one fixed size. Pre-norm blocks
 * x += Attention(norm(x)), x += MLP(norm(x)); positions enter only by the ALiBi biases of the attention;
 * the embedding is shared between input (scaled by sqrt(d)) and output. No linear map has a bias.
 */
export class Model {
  readonly parameters: Parameters;
  private readonly attentionShape: AttentionShape;
  private readonly states: readonly LayerState[];
  private readonly output: Float64Array;
  private readonly normed: Float64Array;
  private readonly inverse: Float64Array;
  private readonly logits: Float64Array;
  // Gradients of the residual stream and of what hangs off it; shared by all layers.
  private readonly dStream: Float64Array;
  private readonly dNarrow: Float64Array;
  private readonly dQkv: Float64Array;
  private readonly dHidden: Float64Array;

  /** `tokens`: tokens in a batch, a multiple of the context length. */
  constructor(
    readonly shape: ModelShape,
    readonly tokens: number,
    seed: number,
  ) {
    const { dModel: d, heads } = shape;
    this.parameters = createParameters(shape, seed);
    this.attentionShape = { sequences: tokens / contextLength, context: contextLength, heads, width: d };
    this.states = Array.from({ length: shape.layers }, () => createState(tokens, d, heads));
    this.output = new Float64Array(tokens * d);
    this.normed = new Float64Array(tokens * d);
    this.inverse = new Float64Array(tokens);
    this.logits = new Float64Array(tokens * vocabularySize);
    this.dStream = new Float64Array(tokens * d);
    this.dNarrow = new Float64Array(tokens * d);
    this.dQkv = new Float64Array(tokens * 3 * d);
    this.dHidden = new Float64Array(tokens * 4 * d);
  }

  /** Mean loss of a batch in nats per character. */
  loss(inputs: Uint8Array, targets: Uint8Array): number {
    this.forward(inputs);
    return crossEntropy(this.logits, targets, vocabularySize, 1 / this.tokens) / this.tokens;
  }

  /** Mean loss of a batch; leaves its gradient in `parameters.gradients`. */
  lossAndGradient(inputs: Uint8Array, targets: Uint8Array): number {
    const loss = this.loss(inputs, targets);
    this.parameters.gradients.fill(0);
    this.backward(inputs);
    return loss;
  }

  private forward(inputs: Uint8Array): void {
    const { parameters, states, tokens, output, normed, logits } = this;
    const d = this.shape.dModel;
    const embedding = parameters.embedding.values;
    const first = states[0]!.input;
    const scale = Math.sqrt(d);
    for (let t = 0; t < tokens; t++) {
      const from = inputs[t]! * d;
      for (let c = 0; c < d; c++) first[t * d + c] = scale * embedding[from + c]!;
    }
    for (let l = 0; l < states.length; l++) {
      const next = l + 1 < states.length ? states[l + 1]!.input : output;
      this.layerForward(parameters.layers[l]!, states[l]!, next);
    }
    rmsNorm(output, parameters.finalGain.values, normed, this.inverse, d);
    logits.fill(0);
    multiplyAdd(
      tokens,
      vocabularySize,
      d,
      rows(normed, d),
      transposed(embedding, d),
      rows(logits, vocabularySize),
    );
  }

  private layerForward(layer: LayerParameters, state: LayerState, next: Float64Array): void {
    const d = this.shape.dModel;
    rmsNorm(state.input, layer.attentionGain.values, state.attentionNormed, state.attentionInverse, d);
    state.qkv.fill(0);
    this.applyWeight(state.attentionNormed, layer.qkv.values, state.qkv, d, 3 * d);
    state.attended.fill(0);
    attention(this.attentionShape, state.qkv, state.weights, state.attended);
    state.middle.set(state.input);
    this.applyWeight(state.attended, layer.projection.values, state.middle, d, d);
    rmsNorm(state.middle, layer.mlpGain.values, state.mlpNormed, state.mlpInverse, d);
    state.hidden.fill(0);
    this.applyWeight(state.mlpNormed, layer.up.values, state.hidden, d, 4 * d);
    gelu(state.hidden, state.activated, state.gate);
    next.set(state.middle);
    this.applyWeight(state.activated, layer.down.values, next, 4 * d, d);
  }

  /** Expects the gradient of the logits in `logits`, where the loss left it. */
  private backward(inputs: Uint8Array): void {
    const { parameters, states, tokens, dStream, dNarrow, logits } = this;
    const d = this.shape.dModel;
    const { values: embedding, gradients: dEmbedding } = parameters.embedding;
    const dLogits = rows(logits, vocabularySize);
    const dLogitsT = transposed(logits, vocabularySize);
    multiplyAdd(vocabularySize, d, tokens, dLogitsT, rows(this.normed, d), rows(dEmbedding, d));
    dNarrow.fill(0);
    multiplyAdd(tokens, d, vocabularySize, dLogits, rows(embedding, d), rows(dNarrow, d));
    dStream.fill(0);
    const { values: gain, gradients: dGain } = parameters.finalGain;
    rmsNormBackward(dNarrow, this.output, gain, this.inverse, dStream, dGain, d);
    for (let l = states.length - 1; l >= 0; l--) this.layerBackward(parameters.layers[l]!, states[l]!);
    const scale = Math.sqrt(d);
    for (let t = 0; t < tokens; t++) {
      const to = inputs[t]! * d;
      for (let c = 0; c < d; c++) dEmbedding[to + c]! += scale * dStream[t * d + c]!;
    }
  }

  /** Turns the gradient of the layer's output, in `dStream`, into that of its input. */
  private layerBackward(layer: LayerParameters, state: LayerState): void {
    const { dStream, dNarrow, dQkv, dHidden } = this;
    const d = this.shape.dModel;
    const { mlpGain, attentionGain, up, down, qkv, projection } = layer;
    this.weightBackward(dStream, state.activated, down.values, down.gradients, dHidden, 4 * d, d);
    geluBackward(dHidden, state.hidden, state.gate);
    this.weightBackward(dHidden, state.mlpNormed, up.values, up.gradients, dNarrow, d, 4 * d);
    rmsNormBackward(dNarrow, state.middle, mlpGain.values, state.mlpInverse, dStream, mlpGain.gradients, d);
    this.weightBackward(dStream, state.attended, projection.values, projection.gradients, dNarrow, d, d);
    dQkv.fill(0);
    attentionBackward(this.attentionShape, dNarrow, state.qkv, state.weights, dQkv);
    this.weightBackward(dQkv, state.attentionNormed, qkv.values, qkv.gradients, dNarrow, d, 3 * d);
    const { values: gain, gradients: dGain } = attentionGain;
    rmsNormBackward(dNarrow, state.input, gain, state.attentionInverse, dStream, dGain, d);
  }

  /** out += x W for every token. */
  private applyWeight(
    x: Float64Array,
    weight: Float64Array,
    out: Float64Array,
    inputs: number,
    outputs: number,
  ): void {
    multiplyAdd(this.tokens, outputs, inputs, rows(x, inputs), rows(weight, outputs), rows(out, outputs));
  }

  /** The gradients of out = x W: dW += x' dOut and dX = dOut W'. */
  private weightBackward(
    dOut: Float64Array,
    x: Float64Array,
    weight: Float64Array,
    dWeight: Float64Array,
    dX: Float64Array,
    inputs: number,
    outputs: number,
  ): void {
    const { tokens } = this;
    multiplyAdd(inputs, outputs, tokens, transposed(x, inputs), rows(dOut, outputs), rows(dWeight, outputs));
    dX.fill(0);
    multiplyAdd(tokens, inputs, outputs, rows(dOut, outputs), transposed(weight, outputs), rows(dX, inputs));
  }
}

function createState(tokens: number, d: number, heads: number): LayerState {
  return {
    input: new Float64Array(tokens * d),
    attentionNormed: new Float64Array(tokens * d),
    attentionInverse: new Float64Array(tokens),
    qkv: new Float64Array(tokens * 3 * d),
    weights: new Float64Array(tokens * heads * contextLength),
    attended: new Float64Array(tokens * d),
    middle: new Float64Array(tokens * d),
    mlpNormed: new Float64Array(tokens * d),
    mlpInverse: new Float64Array(tokens),
    hidden: new Float64Array(tokens * 4 * d),
    gate: new Float64Array(tokens * 4 * d),
    activated: new Float64Array(tokens * 4 * d),
  };
}
