/**
 * Kaplan et al.'s laws of the loss against training steps: at an unlimited batch (`kaplan-steps`), and at a finite one,
 * where the loss stands on both sides of the equation (`kaplan-steps-batch`).
 */
import { type Alias, type Coefficients, defineLaw, type Point } from "./law.js";

const params = { quantity: "params" as const, unit: "parameters", meaning: "model size without embeddings" };
const output = { name: "L", quantity: "loss" as const, meaning: "loss after these steps" };

const sizeAndSteps = {
  Nc: {
    meaning: "size at which the size term is 1",
    bounds: [1e-30, Number.POSITIVE_INFINITY] as const,
    positive: true,
    start: { between: [1e8, 1e20], spacing: "log" } as const,
  },
  aN: {
    meaning: "exponent of the size",
    bounds: [0.005, 4] as const,
    start: { between: [0.03, 0.6], spacing: "log" } as const,
  },
  Sc: {
    meaning: "steps at which the step term is 1",
    bounds: [0, Number.POSITIVE_INFINITY] as const,
    positive: true,
    start: { between: [10, 1e5], spacing: "log" } as const,
  },
  aS: {
    meaning: "exponent of the steps",
    bounds: [0.01, 4] as const,
    start: { between: [0.2, 1.5], spacing: "log" } as const,
  },
};

/** The published set holds the constants of the critical batch too; at an unlimited batch they have no effect. */
const ofTheBatch: readonly Alias[] = ["B0", "aB"].map((name) => (given) => {
  const value = given.get(name);
  return value === undefined ? null : { uses: [name], name, value };
});

const scheduleNote =
  "for a constant or finished learning-rate schedule, warm-up steps left out: losses in the middle of a decay lie above it";

/**
 * L(N, S_min) = (Nc/N)^aN + (Sc/S_min)^aS: the loss after S_min steps at a batch far above the critical one.
 *
 * @see arXiv 2001.08361, eq. 1.6
 */
export const kaplanSteps = defineLaw({
  id: "kaplan-steps",
  title: "Loss from size and steps at an unlimited batch (Kaplan et al.)",
  topic: "pre-training",
  formula: "(Nc / N)^aN + (Sc / S_min)^aS",
  coordinates: {
    formula: "U * (N / N0)^-aN + V * (S_min / S_min0)^-aS",
    variables: {
      U: { bounds: [1e-30, Number.POSITIVE_INFINITY] },
      aN: { bounds: [0.005, 4], start: { between: [0.02, 1], spacing: "log" } },
      V: { bounds: [0, Number.POSITIVE_INFINITY] },
      aS: { bounds: [0.01, 4], start: { between: [0.1, 2], spacing: "log" } },
    },
    parameters: { Nc: "N0 * U^(1 / aN)", aN: "aN", Sc: "S_min0 * V^(1 / aS)", aS: "aS" },
  },
  output,
  inputs: {
    N: params,
    S_min: {
      quantity: "count",
      unit: "steps",
      meaning: "least steps: S/(1 + B_crit/B) of a run of S steps at batch B",
      reads: ["S_min"],
    },
  },
  parameters: sizeAndSteps,
  source: "arXiv 2001.08361, eq. 1.6; arXiv 2403.06563",
  notes: [
    scheduleNote,
    "steps at a finite batch must first be turned into S_min (bcrit), or take kaplan-steps-batch",
  ],
  aliases: ofTheBatch,
  examples: [
    "scalefit predict --law kaplan-steps --coefficients Nc=6.5e13,aN=0.077,Sc=2100,aS=0.76 --at N=1e9,S_min=1e5",
  ],
});

/**
 * The root of L = size + [Sc/S (1 + B0/(B L^(1/aB)))]^aS. The step term falls in L and is convex (log-convex in ln L), so
 * Newton's steps from the loss at an unlimited batch, which is too low, rise to the root and never pass it.
 */
function lossAtBatch({ Nc, aN, Sc, aS, B0, aB }: Coefficients, { N, S, B_tokens }: Point): number {
  const size = (Nc / N) ** aN;
  let L = size + (Sc / S) ** aS;
  for (let step = 0; step < MOST_STEPS; step++) {
    const share = B0 / L ** (1 / aB) / B_tokens;
    const term = ((Sc / S) * (1 + share)) ** aS;
    const move = (size + term - L) / (1 + (aS * term * share) / (1 + share) / (aB * L));
    if (!(move > 2e-16 * L)) break;
    L += move;
  }
  return L;
}

/** Far more than any root takes: from a loss a thousand times too low it is about thirty. */
const MOST_STEPS = 500;

/**
 * L = (Nc/N)^aN + [Sc/S (1 + B0/(B L^(1/aB)))]^aS: the loss after S steps at a batch of B tokens, the root
 * of an equation; S/(1 + B_crit(L)/B) are the least steps of `kaplan-steps`.
 *
 * @see arXiv 2001.08361, eq. 1.6 with 5.4; arXiv 2403.06563
 */
export const kaplanStepsBatch = defineLaw({
  id: "kaplan-steps-batch",
  title: "Loss from size, steps and batch (Kaplan et al.; implicit)",
  topic: "pre-training",
  formula: "the root of L = (Nc / N)^aN + (Sc / S * (1 + B0 / (B * L^(1/aB))))^aS",
  implicit: {
    unknown: "L",
    equation: "L - (Nc / N)^aN - (Sc / S * (1 + B0 / (B_tokens * L^(1 / aB))))^aS",
    roots: (c) => (at) => lossAtBatch(c, at),
  },
  coordinates: {
    // Every term at its size amid the data; R is the critical batch at a loss of e over the middle batch.
    variables: {
      U: { bounds: [1e-30, Number.POSITIVE_INFINITY], start: { between: [0.3, 10], spacing: "log" } },
      aN: { bounds: [0.005, 4], start: { between: [0.02, 1], spacing: "log" } },
      V: { bounds: [0, Number.POSITIVE_INFINITY], start: { between: [0.01, 3], spacing: "log" } },
      aS: { bounds: [0.01, 4], start: { between: [0.2, 2], spacing: "log" } },
      R: { bounds: [0, Number.POSITIVE_INFINITY], start: { between: [0.01, 100], spacing: "log" } },
      aB: { bounds: [0.02, 4], start: { between: [0.08, 1], spacing: "log" } },
    },
    parameters: {
      Nc: "N0 * U^(1 / aN)",
      aN: "aN",
      Sc: "S0 * V^(1 / aS)",
      aS: "aS",
      B0: "R * B_tokens0 * exp(1 / aB)",
      aB: "aB",
    },
  },
  output,
  inputs: {
    N: params,
    S: { quantity: "count", unit: "steps", meaning: "optimiser steps", reads: ["S", "step"] },
    B_tokens: {
      quantity: "tokens",
      unit: "tokens",
      meaning: "batch size in tokens, not in sequences",
      reads: ["B_tokens", "batch"],
      aliases: [{ name: "B" }],
    },
  },
  parameters: {
    ...sizeAndSteps,
    B0: {
      meaning: "critical batch at loss 1, in tokens",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e5, 1e12], spacing: "log" },
    },
    aB: {
      meaning: "exponent of the loss in the critical batch",
      bounds: [0.02, 4],
      start: { between: [0.08, 1], spacing: "log" },
    },
  },
  source: "arXiv 2001.08361, eq. 1.6 with eq. 5.4; arXiv 2403.06563",
  notes: [
    scheduleNote,
    "B0 and aB show only where runs reach a loss at several batches, some near the critical one",
    "fit in stages where it will not settle: Nc, aN on converged runs; Sc, aS at a huge batch; B0, aB on a grid of batches (arXiv 2403.06563)",
  ],
  route: 30,
  examples: [
    "scalefit predict --law kaplan-steps-batch --coefficients Nc=6.5e13,aN=0.077,Sc=2100,aS=0.76,B0=2e8,aB=0.21 --at N=1e9,S=1e5,B=5e5",
  ],
});
