import { multiplyAdd, rows, transposed } from "./matmul.js";

/** Rows of scores computed at once; columns beyond the last of these rows are never computed. */
const rowBlock = 8;

export interface AttentionShape {
  /** Sequences in the batch. */
  readonly sequences: number;
  /** Positions in a sequence; a multiple of 8. */
  readonly context: number;
  readonly heads: number;
  readonly width: number;
}

/**
 * The slope of head h in ALiBi: a score loses `slope` for each position between query and key. The slopes
 * run in equal ratios from 2 (a head that sees little but the last characters) to 1/32 (one that sees the
 * whole context of 64).
 */
export function headSlope(head: number, heads: number): number {
  return heads === 1 ? 0.25 : 2 ** (1 - (6 * head) / (heads - 1));
}

/**
 * Causal multi-head attention. `qkv` holds query, key and value of each position (3 x width); `weights`
 * receives the attention weights, [sequences x heads x context x context]; `out` must hold zeros and
 * receives the heads' outputs side by side.
 */
export function attention(
  shape: AttentionShape,
  qkv: Float64Array,
  weights: Float64Array,
  out: Float64Array,
): void {
  const { sequences, context, heads, width } = shape;
  const headWidth = width / heads;
  const stride = 3 * width;
  weights.fill(0);
  for (let s = 0; s < sequences; s++) {
    for (let h = 0; h < heads; h++) {
      const query = s * context * stride + h * headWidth;
      const keys = transposed(qkv, stride, query + width);
      const values = rows(qkv, stride, query + 2 * width);
      const square = (s * heads + h) * context * context;
      const slope = headSlope(h, heads);
      for (let i = 0; i < context; i += rowBlock) {
        const scores = rows(weights, context, square + i * context);
        const columns = i + rowBlock;
        multiplyAdd(rowBlock, columns, headWidth, rows(qkv, stride, query + i * stride), keys, scores);
        for (let r = i; r < columns; r++) {
          causalSoftmax(weights, square + r * context, r, columns, 1 / Math.sqrt(headWidth), slope);
        }
        const target = rows(out, width, (s * context + i) * width + h * headWidth);
        multiplyAdd(rowBlock, headWidth, columns, scores, values, target);
      }
    }
  }
}

/** Softmax of `scale * score - slope * distance` over keys 0..query; later keys of the block get zero. */
function causalSoftmax(
  weights: Float64Array,
  at: number,
  query: number,
  columns: number,
  scale: number,
  slope: number,
): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let j = 0; j <= query; j++) {
    const score = weights[at + j]! * scale - slope * (query - j);
    weights[at + j] = score;
    if (score > largest) largest = score;
  }
  let sum = 0;
  for (let j = 0; j <= query; j++) {
    const weight = Math.exp(weights[at + j]! - largest);
    weights[at + j] = weight;
    sum += weight;
  }
  const inverse = 1 / sum;
  for (let j = 0; j <= query; j++) weights[at + j]! *= inverse;
  for (let j = query + 1; j < columns; j++) weights[at + j] = 0;
}

/** Adds the gradients of `attention` to `dQkv`; `dOut` is the gradient of its output. */
export function attentionBackward(
  shape: AttentionShape,
  dOut: Float64Array,
  qkv: Float64Array,
  weights: Float64Array,
  dQkv: Float64Array,
): void {
  const { sequences, context, heads, width } = shape;
  const headWidth = width / heads;
  const stride = 3 * width;
  const dScores = new Float64Array(rowBlock * context);
  for (let s = 0; s < sequences; s++) {
    for (let h = 0; h < heads; h++) {
      const query = s * context * stride + h * headWidth;
      const key = query + width;
      const value = key + width;
      const square = (s * heads + h) * context * context;
      for (let i = 0; i < context; i += rowBlock) {
        const columns = i + rowBlock;
        const weightsAt = square + i * context;
        const dBlock = rows(dOut, width, (s * context + i) * width + h * headWidth);
        // dV += W' dOut
        const weightsT = transposed(weights, context, weightsAt);
        multiplyAdd(columns, headWidth, rowBlock, weightsT, dBlock, rows(dQkv, stride, value));
        // dW = dOut V', then through the softmax to the scores
        dScores.fill(0);
        const values = transposed(qkv, stride, value);
        multiplyAdd(rowBlock, columns, headWidth, dBlock, values, rows(dScores, context));
        softmaxBackward(dScores, weights, weightsAt, context, columns, 1 / Math.sqrt(headWidth));
        // dQ += dS K and dK += dS' Q
        const dQueries = rows(dQkv, stride, query + i * stride);
        multiplyAdd(rowBlock, headWidth, columns, rows(dScores, context), rows(qkv, stride, key), dQueries);
        const queries = rows(qkv, stride, query + i * stride);
        const dScoresT = transposed(dScores, context);
        multiplyAdd(columns, headWidth, rowBlock, dScoresT, queries, rows(dQkv, stride, key));
      }
    }
  }
}

/** Gradient of the scores from that of the weights, in place: dS = scale * W * (dW - sum(W * dW)). */
function softmaxBackward(
  gradient: Float64Array,
  weights: Float64Array,
  weightsAt: number,
  context: number,
  columns: number,
  scale: number,
): void {
  for (let r = 0; r < rowBlock; r++) {
    const at = r * context;
    let dot = 0;
    for (let j = 0; j < columns; j++) dot += gradient[at + j]! * weights[weightsAt + at + j]!;
    for (let j = 0; j < columns; j++) {
      gradient[at + j] = scale * weights[weightsAt + at + j]! * (gradient[at + j]! - dot);
    }
  }
}
