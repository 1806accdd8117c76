import { defineLaw } from "./law.js";

/**
 * error(C) = a (C + b)^c + d, C in GFLOPs: a power law that bends at small compute (b) and at large (d).
 *
 * @see arXiv 2506.04598; LAION-AI/scaling-laws-for-comparison, `saturation_both` (`saturation` is d = 0)
 */
export const saturatingPower = defineLaw({
  id: "saturating-power",
  title: "Error against compute with a bend at either end (CLIP, MaMMUT)",
  topic: "pre-training",
  formula: "a * (C / 1e9 + b)^c + d",
  output: {
    name: "error",
    quantity: "fraction",
    meaning: "error rate, 1 - accuracy or 1 - recall",
    reads: ["error", "loss"],
  },
  inputs: {
    C: {
      quantity: "flops",
      unit: "FLOPs",
      meaning: "total training compute",
      aliases: [{ name: "gflops_total", factor: 1e9 }],
    },
  },
  parameters: {
    a: { meaning: "amplitude, for C in GFLOPs", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    b: {
      meaning: "GFLOPs below which the curve levels out",
      bounds: [0, Number.POSITIVE_INFINITY],
      neutral: 0,
      start: { between: [1, 1e12], spacing: "log" },
    },
    c: {
      meaning: "exponent, below 0",
      bounds: [-4, -0.005],
      start: { between: [-0.6, -0.02], spacing: "even" },
    },
    d: { meaning: "error that no compute removes", bounds: [0, Number.POSITIVE_INFINITY], neutral: 0 },
  },
  source: "arXiv 2506.04598; LAION-AI/scaling-laws-for-comparison, scaling_laws/functions.py",
  notes: [
    "fit it to the least error of each compute bin, not to all runs",
    "b is determined only by runs of small compute",
    "two recipes are compared where their curves cross, with the interval of that place",
  ],
  answers: [
    {
      kind: "inverse",
      name: "C",
      meaning: "the compute that reaches an error",
      given: ["error"],
      gives: ["C"],
      solve({ a, b, c, d }, { error }) {
        const C = 1e9 * (((error - d) / a) ** (1 / c) - b);
        return error > d && C > 0 ? { C } : null;
      },
    },
  ],
  objective: "squares",
  examples: [
    "scalefit predict --law saturating-power --coefficients a=9,b=5e5,c=-0.14,d=0.1 --at gflops_total=1e10",
  ],
});
