import { defineLaw } from "./law.js";

/**
 * L = q0 + q1 z + q2 z^2, z = ln N, at one budget: the parabola of approach 2, with its vertex
 *
 *   ln N* = -q1/(2 q2),  L* = q0 - q1^2/(4 q2)   for q2 > 0
 *
 * Over several budgets, vertices and their line against ln C are found by the estimator (`optimaOf`, law `isoflop-frontier`).
 *
 * @see arXiv 2203.15556, section 3.2
 */
export const isoflop = defineLaw({
  id: "isoflop",
  title: "Parabola of the loss against size at one budget (approach 2)",
  topic: "pre-training",
  formula: "q0 + q1 * log(N) + q2 * log(N)^2",
  output: { name: "L", quantity: "loss", meaning: "loss of a model of this size at the budget" },
  inputs: { N: { quantity: "params", unit: "parameters", meaning: "model size" } },
  parameters: {
    q0: {
      meaning: "loss of the parabola at N = 1",
      bounds: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    },
    q1: { meaning: "slope at N = 1", bounds: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] },
    q2: {
      meaning: "half the curvature in ln N",
      bounds: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    },
  },
  source: "arXiv 2203.15556, section 3.2",
  notes: [
    "of a log with several budgets, fit --law isoflop finds every vertex and how it moves with compute (law isoflop-frontier); --estimator takes Akima's interpolation or the envelope of training curves instead",
    "a parabola is the second-order part of an asymmetric curve: its vertex is too small or too large where alpha and beta differ, the sizes reach far, or they are not centred (arXiv 2603.22339). On besiroglu's surface, 9 sizes within a decade either side, N* comes out 1.2 % too small",
    "a vertex outside the sizes that were trained is an extrapolation: leave that budget out",
  ],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "the vertex: the best size at the budget of the runs, and the loss there",
      given: ["C"],
      gives: ["N", "loss"],
      solve: ({ q0, q1, q2 }) =>
        q2 > 0 ? { N: Math.exp(-q1 / (2 * q2)), loss: q0 - q1 ** 2 / (4 * q2) } : null,
    },
  ],
  objective: "squares",
  isCandidate: false,
  examples: ["scalefit predict --law isoflop --coefficients q0=60.5,q1=-5.3,q2=0.12 --at N=4e9"],
});
