import { defineLaw } from "./law.js";
import { scaleOfX } from "./power-floor.js";

/** y(x) = A/x^alpha: the power law without a floor, a straight line on log-log paper. */
export const power = defineLaw({
  id: "power",
  title: "Power law without a floor, in one variable",
  topic: "pre-training",
  formula: "A / x^alpha",
  output: { name: "y", quantity: "loss", meaning: "loss or error rate, lower is better" },
  inputs: {
    x: {
      quantity: "scale",
      unit: "as in the log",
      meaning: "parameters, tokens, FLOPs or any other scale",
      reads: ["x", "C", "N", "D"],
    },
  },
  parameters: {
    A: { meaning: "amplitude", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: { meaning: "exponent", bounds: [0.01, 4] },
  },
  source: "arXiv 1712.00409, section 2",
  notes: ["falls to zero without end: compare it with power-floor before you extrapolate"],
  aliases: [scaleOfX],
  examples: ["scalefit predict --law power --coefficients A=11.9,alpha=0.066 --at x=1e8"],
});
