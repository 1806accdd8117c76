import { defineLaw } from "./law.js";

/**
 * error(n) = E + A e^(-n/n0): what a good choice of examples can reach where random ones give a power law.
 *
 * @see arXiv 2206.14486
 */
export const expData = defineLaw({
  id: "exp-data",
  title: "Error falling exponentially with well-chosen data",
  topic: "pre-training",
  formula: "E + A * exp(-n / n0)",
  output: {
    name: "error",
    quantity: "loss",
    meaning: "error rate or loss, lower is better",
    reads: ["error", "loss"],
  },
  inputs: {
    n: {
      quantity: "count",
      unit: "examples",
      meaning: "examples kept and trained on",
      reads: ["n", "samples", "D"],
    },
  },
  parameters: {
    E: {
      meaning: "error at unlimited data",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    A: { meaning: "error that data remove", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    n0: {
      meaning: "examples that divide it by e",
      bounds: [1e-30, Number.POSITIVE_INFINITY],
      positive: true,
    },
  },
  source: "arXiv 2206.14486",
  notes: [
    "an alternative to power-floor: let the error on held-out large n decide between them",
    "with several shares of a pool kept, take the best share at each n first (the Pareto line)",
    "keeping the hardest examples pays only where data are plenty for the model; with few keep the easy ones",
  ],
  answers: [
    {
      kind: "inverse",
      name: "n",
      meaning: "the examples that reach an error",
      given: ["error"],
      gives: ["n"],
      solve({ E, A, n0 }, { error }) {
        const n = -n0 * Math.log((error - E) / A);
        return error > E && n > 0 ? { n } : null;
      },
    },
  ],
  examples: ["scalefit predict --law exp-data --coefficients E=0.05,A=0.6,n0=20000 --at n=1e5"],
});
