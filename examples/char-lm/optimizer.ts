import type { Parameters } from "./parameters.js";

const beta1 = 0.9;
const beta2 = 0.95;
const epsilon = 1e-8;
const weightDecay = 0.1;
const largestNorm = 1;
/** Part of the steps over which the learning rate rises from zero. */
const warmupShare = 0.05;

/** Learning rate of a step (1-based): linear warm-up to `peak`, then linear decay towards zero. */
export function learningRate(step: number, steps: number, peak: number): number {
  const warmup = Math.max(1, Math.round(warmupShare * steps));
  if (step <= warmup) return (peak * step) / warmup;
  return (peak * (steps + 1 - step)) / (steps + 1 - warmup);
}

/** AdamW: Adam with weight decay apart from the gradient, after clipping the gradient's norm to one. */
export class AdamW {
  private readonly firstMoments: Float64Array;
  private readonly secondMoments: Float64Array;
  private step = 0;

  constructor(private readonly parameters: Parameters) {
    this.firstMoments = new Float64Array(parameters.values.length);
    this.secondMoments = new Float64Array(parameters.values.length);
  }

  /** Moves the parameters by one step against their gradients. */
  update(rate: number): void {
    this.step++;
    const clip = clipFactor(this.parameters.gradients);
    const stepSize = rate / (1 - beta1 ** this.step);
    const correction = 1 / (1 - beta2 ** this.step);
    let offset = 0;
    for (const { values, gradients, decays } of this.parameters.all) {
      const keep = decays ? 1 - rate * weightDecay : 1;
      for (let i = 0; i < values.length; i++) {
        const gradient = gradients[i]! * clip;
        const first = beta1 * this.firstMoments[offset + i]! + (1 - beta1) * gradient;
        const second = beta2 * this.secondMoments[offset + i]! + (1 - beta2) * gradient * gradient;
        this.firstMoments[offset + i] = first;
        this.secondMoments[offset + i] = second;
        values[i] = keep * values[i]! - (stepSize * first) / (Math.sqrt(second * correction) + epsilon);
      }
      offset += values.length;
    }
  }
}

function clipFactor(gradients: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < gradients.length; i++) squares += gradients[i]! * gradients[i]!;
  const norm = Math.sqrt(squares);
  return norm > largestNorm ? largestNorm / norm : 1;
}
