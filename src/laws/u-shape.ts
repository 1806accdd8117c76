/**
 * Measures that turn with scale: down and up again, or up and down. The papers on inverse scaling sort tasks and give
 * no formula; these two are for telling whether a trend may turn.
 *
 * @see arXiv 2306.09479, arXiv 2211.02011
 */
import { defineLaw } from "./law.js";

const FREE = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

const inputs = {
  C: {
    quantity: "flops" as const,
    unit: "FLOPs",
    meaning: "training compute; z = log10(C/1e21)",
    aliases: [{ name: "z_log10C_over_1e21", factor: 1e21, base: 10 }],
  },
};
const output = {
  name: "y",
  quantity: "scale" as const,
  meaning: "any score: accuracy, minus a Brier score; it may be negative",
  reads: ["y", "accuracy", "loss"],
};
const turnNote =
  "a downward trend may turn: of the inverse scaling prize's eleven tasks most were U-shaped at larger scale (arXiv 2211.02011)";

/** y = q0 + q1 z + q2 z^2, z = log10(C/1e21). */
export const uQuadratic = defineLaw({
  id: "u-quadratic",
  title: "Score against compute as a parabola (U-shaped or inverse scaling)",
  topic: "tasks and test time",
  formula: "q0 + q1 * log10(C / 1e21) + q2 * log10(C / 1e21)^2",
  output,
  inputs,
  parameters: {
    q0: { meaning: "score at 1e21 FLOPs", bounds: FREE },
    q1: { meaning: "slope there, per decade", bounds: FREE },
    q2: { meaning: "half the curvature, per decade squared", bounds: FREE },
  },
  source: "a parabola, for the trends of arXiv 2306.09479",
  notes: [turnNote, "far from the data a parabola is no forecast"],
  answers: [
    {
      kind: "inverse",
      name: "turn",
      meaning: "where the parabola turns, and the score there",
      given: [],
      gives: ["C", "y"],
      solve: ({ q0, q1, q2 }) => ({ C: 1e21 * 10 ** (-q1 / (2 * q2)), y: q0 - q1 ** 2 / (4 * q2) }),
    },
  ],
  objective: "squares",
  examples: [
    "scalefit predict --law u-quadratic --coefficients q0=-0.5,q1=-0.1,q2=0.06 --at C=1e22",
    "scalefit predict --law u-quadratic --coefficients q0=-0.5,q1=-0.1,q2=0.06 --solve turn",
  ],
});

const height = (meaning: string) => ({ meaning, bounds: [0, Number.POSITIVE_INFINITY] as const });
const steepness = (meaning: string) => ({
  meaning,
  bounds: [0.05, 100] as const,
  start: { between: [0.5, 10], spacing: "log" } as const,
});

/** y = y0 - h1 sigmoid(k1 (z - z1)) + h2 sigmoid(k2 (z - z2)), z = log10(C/1e21): a fall, then a rise. */
export const uShape = defineLaw({
  id: "u-shape",
  title: "Score against compute as a fall and a later rise (two logistics)",
  topic: "tasks and test time",
  formula: "y0 - h1 * sigmoid(k1 * (log10(C / 1e21) - z1)) + h2 * sigmoid(k2 * (log10(C / 1e21) - z2))",
  output,
  inputs,
  parameters: {
    y0: { meaning: "score at small compute", bounds: FREE },
    h1: height("depth of the fall"),
    k1: steepness("steepness of the fall, per decade"),
    z1: {
      meaning: "middle of the fall, log10(C/1e21)",
      bounds: [-30, 30],
      start: { between: [-5, 5], spacing: "even" },
    },
    h2: height("height of the rise"),
    k2: steepness("steepness of the rise, per decade"),
    z2: {
      meaning: "middle of the rise, log10(C/1e21), beyond z1",
      bounds: [-30, 30],
      start: { between: [-5, 5], spacing: "even" },
    },
  },
  source: "two logistics, for the trends of arXiv 2306.09479 and arXiv 2211.02011",
  notes: [
    turnNote,
    "seven parameters: with few points tie k2 = k1, or take u-quadratic or bnsl with two breaks",
    "for a score that rises first, fit its negative",
  ],
  objective: "squares",
  examples: [
    "scalefit predict --law u-shape --coefficients y0=-0.45,h1=0.15,k1=2,z1=0.3,h2=0.4,k2=3,z2=2 --at C=1e22",
  ],
});
