/** A law that the catalogue lacks, as a file of src/laws would define it: what a size gives depends on the data. */
import { defineLaw } from "../../src/laws/law.js";

const ABOVE = [0, Number.POSITIVE_INFINITY] as const;

export const toyLaw = defineLaw({
  id: "toy",
  title: "A law of this test alone",
  topic: "pre-training",
  formula: "E + A / N^alpha * (1 + B / D^beta)",
  output: { name: "L", quantity: "loss", meaning: "loss" },
  inputs: {
    N: { quantity: "params", unit: "1", meaning: "parameters" },
    D: { quantity: "tokens", unit: "1", meaning: "training tokens" },
  },
  parameters: {
    E: { meaning: "floor", bounds: ABOVE, positive: true, neutral: 0 },
    A: { meaning: "amplitude", bounds: ABOVE, positive: true },
    alpha: {
      meaning: "exponent of the size",
      bounds: [0.01, 4],
      start: { between: [0.05, 1], spacing: "log" },
    },
    B: {
      meaning: "what too little data costs",
      bounds: ABOVE,
      positive: true,
      start: { between: [1, 1e6], spacing: "log" },
    },
    beta: {
      meaning: "exponent of the data",
      bounds: [0.01, 4],
      start: { between: [0.05, 1], spacing: "log" },
    },
  },
  source: "no paper",
  examples: [
    "scalefit predict --law toy --coefficients E=1.5,A=40,alpha=0.2,B=2e4,beta=0.5 --at N=1e8,D=1e9",
  ],
});
