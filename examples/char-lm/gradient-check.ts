import { contextLength } from "./corpus.js";
import { Model } from "./model.js";
import { Random } from "./random.js";
import { vocabularySize } from "./vocabulary.js";

const shape = { dModel: 8, layers: 2, heads: 2 };
const tokens = 2 * contextLength;
const difference = 1e-5;
const samplesPerParameter = 12;

/**
 * Compares the gradient of a small model with central differences, at some elements of every parameter
 * matrix and vector; returns the largest error relative to the gradient's root mean square there.
 */
export function largestGradientError(): number {
  const random = new Random(3);
  const model = new Model(shape, tokens, 1);
  const inputs = Uint8Array.from({ length: tokens }, () => random.nextUint32() % vocabularySize);
  const targets = Uint8Array.from({ length: tokens }, () => random.nextUint32() % vocabularySize);
  model.lossAndGradient(inputs, targets);
  let worst = 0;
  for (const { values, gradients } of model.parameters.all) {
    const size = Math.sqrt(gradients.reduce((sum, g) => sum + g * g, 0) / gradients.length);
    for (let sample = 0; sample < samplesPerParameter; sample++) {
      const i = random.nextUint32() % values.length;
      const value = values[i]!;
      values[i] = value + difference;
      const above = model.loss(inputs, targets);
      values[i] = value - difference;
      const below = model.loss(inputs, targets);
      values[i] = value;
      const error = Math.abs((above - below) / (2 * difference) - gradients[i]!);
      worst = Math.max(worst, error / size);
    }
  }
  return worst;
}
