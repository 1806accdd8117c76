import { defineLaw } from "./law.js";

/**
 * R(C) - R0 = (A - R0) / (1 + (Cmid/C)^B): reward of reinforcement learning from its compute. Written with C^B above
 * and below, so that it has its value R0 at C = 0 too.
 *
 * Inverse: C = Cmid ((A - R0)/(R - R0) - 1)^(-1/B).
 *
 * @see arXiv 2510.13786, eq. 1
 */
export const computeSigmoid = defineLaw({
  id: "compute-sigmoid",
  title: "Reward from compute of reinforcement learning (ScaleRL)",
  topic: "tasks and test time",
  formula: "R0 + (A - R0) * C^B / (C^B + Cmid^B)",
  output: {
    name: "R",
    quantity: "fraction",
    meaning: "pass rate on held-out prompts",
    reads: ["reward", "pass_rate", "accuracy"],
    range: [0, 1],
  },
  inputs: {
    C: {
      quantity: "scale",
      unit: "GPU-hours or FLOPs, as in the log",
      meaning: "compute spent on reinforcement learning",
      reads: ["C", "gpu_hours"],
      zero: true,
    },
  },
  parameters: {
    R0: { meaning: "pass rate before training, at C = 0", bounds: [0, 1], neutral: 0 },
    A: { meaning: "ceiling of the pass rate", bounds: [0, 1] },
    B: {
      meaning: "efficiency: steepness in ln C",
      bounds: [0.05, 10],
      start: { between: [0.2, 5], spacing: "log" },
    },
    Cmid: {
      meaning: "compute half-way from R0 to A",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      start: { within: "C" },
    },
  },
  source: "arXiv 2510.13786, eq. 1",
  notes: [
    "R0 is measured before training, not fitted: --fix R0=0.28, or keep the row of C = 0",
    "where the largest C is below Cmid the ceiling is not determined: do not extrapolate from there",
    "A and B trade off; leave the first transient out of the rows (--where)",
  ],
  answers: [
    {
      kind: "inverse",
      name: "C",
      meaning: "the compute at which the pass rate is reached: between R0 and A",
      given: ["R"],
      gives: ["C"],
      solve({ R0, A, B, Cmid }, { R }) {
        const odds = (A - R0) / (R - R0) - 1;
        return odds > 0 ? { C: Cmid * odds ** (-1 / B) } : null;
      },
    },
  ],
  objective: "squares",
  route: 40,
  examples: [
    "scalefit predict --law compute-sigmoid --coefficients R0=0.28,A=0.61,B=1.8,Cmid=2500 --at C=10000",
    "scalefit predict --law compute-sigmoid --coefficients R0=0.28,A=0.61,B=1.8,Cmid=2500 --solve C --at R=0.5",
  ],
});
