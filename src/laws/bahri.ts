/**
 * Two reasons why loss falls as a power of the data (or of the width), after Bahri et al.: the variance of a model far
 * larger than needed falls as 1/D; where data resolve a manifold of dimension d, loss falls as D^(-4/d).
 *
 * @see arXiv 2102.06701
 */
import { defineChain, defineLaw } from "./law.js";

const data = {
  D: {
    quantity: "tokens" as const,
    unit: "examples or tokens",
    meaning: "training data; the model's width in the other pair of regimes",
    reads: ["D", "samples", "width"],
  },
};
const limit = {
  Linf: {
    meaning: "loss at unlimited data",
    bounds: [0, Number.POSITIVE_INFINITY] as const,
    positive: true,
    neutral: 0,
  },
};
const amplitude = (meaning: string) => ({
  meaning,
  bounds: [0, Number.POSITIVE_INFINITY] as const,
  positive: true,
});
const source = "arXiv 2102.06701 (read in a secondary transcription)";
const boundNote =
  "4/d holds for smooth targets and losses smooth at their minimum; 2/d or 1/d otherwise: the dimension is implied, not measured";

/** Both regimes side by side: resolution = Linf + kD D^(-4/d), variance = Linf + kV/D. */
export const bahri = defineChain({
  id: "bahri",
  title: "Resolution-limited and variance-limited loss (Bahri et al.)",
  topic: "pre-training",
  stages: [
    {
      id: "bahri-resolution",
      title: "resolution-limited loss",
      topic: "pre-training",
      formula: "Linf + kD / D^(4 / d)",
      output: {
        name: "resolution",
        quantity: "loss",
        meaning: "loss where data resolve a manifold",
        reads: ["resolution", "resolution_loss", "loss"],
      },
      inputs: data,
      parameters: {
        ...limit,
        kD: amplitude("amplitude of the resolution-limited part"),
        d: {
          meaning: "dimension of the data manifold",
          bounds: [1, 400],
          start: { between: [2, 60], spacing: "log" },
        },
      },
      source,
    },
    {
      id: "bahri-variance",
      title: "variance-limited loss",
      topic: "pre-training",
      formula: "Linf + kV / D",
      output: {
        name: "variance",
        quantity: "loss",
        meaning: "loss of a model far larger than needed",
        reads: ["variance", "variance_loss"],
      },
      inputs: data,
      parameters: { ...limit, kV: amplitude("amplitude of the variance-limited part") },
      source,
    },
  ],
  first: "resolution",
  source,
  notes: [
    boundNote,
    "a fit takes both losses at once, in columns of their own (a row may leave one empty), for the floor is that of both: that holds where both approach the same loss at unlimited data",
    "to find the regime of measured losses fit bahri-mixed, or read the exponent of power-floor",
  ],
  answers: [
    {
      kind: "inverse",
      name: "D",
      meaning: "the data at which both parts are equal, and the exponent of the resolution-limited one",
      given: [],
      gives: ["D", "alpha"],
      solve: ({ kD, d, kV }) => {
        const alpha = 4 / d;
        return { D: Math.exp(Math.log(kV / kD) / (1 - alpha)), alpha };
      },
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --law bahri --coefficients Linf=0.1,kD=40,d=12,kV=900 --at D=1e5"],
});

/** L(D) = Linf + A/D^alpha + V/D: both parts in one curve. */
export const bahriMixed = defineLaw({
  id: "bahri-mixed",
  title: "Loss with a resolution-limited and a variance-limited part",
  topic: "pre-training",
  formula: "Linf + A / D^alpha + V / D",
  output: { name: "L", quantity: "loss", meaning: "loss or error, lower is better" },
  inputs: data,
  parameters: {
    ...limit,
    A: amplitude("amplitude of the resolution-limited part"),
    alpha: {
      meaning: "exponent of the resolution-limited part, 4/d",
      bounds: [0.01, 0.9],
      start: { between: [0.02, 0.85], spacing: "even" },
    },
    V: amplitude("amplitude of the variance-limited part"),
  },
  source,
  notes: [boundNote, "alpha ends at 0.9: above it the two parts are one"],
  answers: [
    {
      kind: "inverse",
      name: "d",
      meaning: "the implied dimension of the data manifold, and the data at which both parts are equal",
      given: [],
      gives: ["d", "D"],
      solve: ({ A, alpha, V }) => ({ d: 4 / alpha, D: Math.exp(Math.log(V / A) / (1 - alpha)) }),
    },
  ],
  examples: ["scalefit predict --law bahri-mixed --coefficients Linf=0.1,A=40,alpha=0.33,V=900 --at D=1e5"],
});

export interface ScalingRegime {
  regime: "variance-limited" | "resolution-limited" | "steeper than either";
  /** The manifold's dimension that the exponent implies, 4/alpha; null where the regime implies none. */
  dimension: number | null;
}

/** Exponents this close to 1 are those of a variance. */
const OF_A_VARIANCE = 0.1;

/**
 * What an exponent of loss against data (or width) says: about 1 is the variance of a model larger than needed, less is
 * the resolution of a manifold of dimension 4/alpha.
 *
 * @param alpha exponent of power-floor, > 0
 */
export function scalingRegime(alpha: number): ScalingRegime {
  if (Math.abs(alpha - 1) <= OF_A_VARIANCE) return { regime: "variance-limited", dimension: null };
  if (alpha > 1) return { regime: "steeper than either", dimension: null };
  return { regime: "resolution-limited", dimension: 4 / alpha };
}
