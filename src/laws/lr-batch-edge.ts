import { type Coefficients, defineLaw } from "./law.js";
import { AT, BOWL, BOWL_PARAMETERS, bestBatch, bestRate, SURFACE_INPUTS, slope } from "./lr-batch-surface.js";

/**
 * The surface of lr-batch-bowl with an edge beyond which training diverges:
 *
 *   L = bowl(N, D, lr, batch) + H / (1 + (edge/lr)^12),   edge = edge0 (N/1e9)^c_eN (D/2e10)^c_eD
 *
 * At the edge half of the height H has come: a factor of 1.2 below it a tenth, a factor of 1.2 above it nine tenths. For
 * logs that hold diverged runs: what these show of the edge keeps them from bending the bowl. A form of our own; its
 * trials are in lr-batch-bowl.
 */
export const lrBatchEdge = defineLaw({
  id: "lr-batch-edge",
  title: "Loss from size, tokens, learning rate and batch size, with the edge of divergence",
  topic: "hyper-parameters",
  formula: `${BOWL} + H / (1 + (edge0 * (N / ${AT.N})^c_eN * (D / ${AT.D})^c_eD / lr)^12)`,
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: SURFACE_INPUTS,
  parameters: {
    ...BOWL_PARAMETERS,
    H: {
      meaning: "by how much a diverged run's loss is higher",
      bounds: [0, Number.POSITIVE_INFINITY],
      neutral: 0,
    },
    edge0: {
      meaning: "learning rate at which training diverges, at N = 1e9 and D = 2e10",
      bounds: [1e-12, 1e6],
      positive: true,
      start: { within: "lr" },
    },
    c_eN: slope("exponent of N in that learning rate", [-0.8, 0.2]),
    c_eD: slope("exponent of D in that learning rate", [-0.2, 0.4]),
  },
  source: "ours, after arXiv 2203.15556 and arXiv 2503.04715; the trials are in test/bench",
  notes: [
    "without diverged runs in the log its edge is unknown: take lr-batch-bowl",
    "near the edge runs diverge or do not by chance: a value half-way up stands for either",
    "the batch is read in the log's unit: sequences do as well, if all are of one length, and batch0 is then in sequences",
  ],
  answers: [
    {
      kind: "inverse",
      name: "lr",
      meaning: "the bottom of the bowl for a size and a number of tokens, and the learning rate at the edge",
      given: ["N", "D"],
      gives: ["lr", "batch", "edge"],
      solve: (c, { N, D }) => ({ lr: bestRate(c, N, D), batch: bestBatch(c, N, D), edge: edgeAt(c, N, D) }),
    },
  ],
  examples: [
    "scalefit predict --law lr-batch-edge --coefficients E=1.38,A=75,alpha=0.244,B0=171,beta=0.26,lr0=6e-4,c_lN=-0.86,c_lD=0.34,batch0=2.6e5,c_bN=-0.34,c_bD=0.64,q_l=0.014,k=0.43,r=0.55,q_b=0.016,H=4.2,edge0=0.0093,c_eN=-0.44,c_eD=0.2 --at N=1B,D=20B,lr=0.02,batch=5e5",
  ],
});

const edgeAt = (c: Coefficients, N: number, D: number): number =>
  c.edge0 * (N / AT.N) ** c.c_eN * (D / AT.D) ** c.c_eD;
