import { bestSplit, type TwoPowers } from "./best-split.js";
import { SATURATED_EXPERTS, saturatedExperts } from "./expert-saturation.js";
import { type Coefficients, defineLaw } from "./law.js";

const EH = SATURATED_EXPERTS;

/**
 * Loss of mixtures of experts from active parameters, tokens and the number of experts at once:
 *
 *   L = a Eh^delta N_act^(alpha + gamma ln Eh) + b Eh^omega D^(beta + zeta ln Eh) + c
 *
 * with Eh the saturated number of experts of moe-routing, natural logarithms, and alpha, beta below 0 here. For a given
 * number of experts it is the law of Hoffmann et al. with A = a Eh^delta and the exponent -(alpha + gamma ln Eh), and
 * likewise for the data: the best split is its closed form under C = k N_act D.
 *
 * @see arXiv 2502.05172
 */
export const moeJoint = defineLaw({
  id: "moe-joint",
  title: "Loss of mixtures of experts from active size, tokens and experts (Ludziejewski et al.)",
  topic: "architecture",
  formula: `a * (${EH})^delta * N_act^(alpha + gamma * log(${EH})) + b * (${EH})^omega * D^(beta + zeta * log(${EH})) + c`,
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N_act: {
      quantity: "params",
      unit: "parameters",
      meaning: "active parameters: those that one token sees",
      reads: ["N_act", "N"],
    },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
    experts: {
      quantity: "count",
      unit: "experts",
      meaning: "experts, 1 for a dense model",
      range: [1, Number.POSITIVE_INFINITY],
    },
  },
  parameters: {
    a: { meaning: "amplitude of the size term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: {
      meaning: "exponent of the active size, below 0",
      bounds: [-4, 0],
      start: { between: [-0.6, -0.05], spacing: "even" },
    },
    delta: {
      meaning: "exponent of the experts in the size term",
      bounds: [-4, 4],
      start: { between: [-0.5, 0.5], spacing: "even" },
    },
    gamma: {
      meaning: "change of the size's exponent with ln Eh",
      bounds: [-1, 1],
      start: { between: [-0.05, 0.05], spacing: "even" },
    },
    b: { meaning: "amplitude of the data term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    beta: {
      meaning: "exponent of the tokens, below 0",
      bounds: [-4, 0],
      start: { between: [-0.6, -0.05], spacing: "even" },
    },
    omega: {
      meaning: "exponent of the experts in the data term",
      bounds: [-4, 4],
      start: { between: [-1, 0.5], spacing: "even" },
    },
    zeta: {
      meaning: "change of the tokens' exponent with ln Eh",
      bounds: [-1, 1],
      start: { between: [-0.05, 0.05], spacing: "even" },
    },
    c: {
      meaning: "floor, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    E_start: {
      meaning: "experts that a dense model is worth",
      bounds: [1, 100],
      neutral: 1,
      start: { between: [1, 8], spacing: "log" },
    },
    E_max: {
      meaning: "experts beyond which more do not help",
      bounds: [2, 1e6],
      neutral: 1e300,
      start: { between: [30, 3000], spacing: "log" },
    },
  },
  source: "arXiv 2502.05172",
  notes: [
    "no published coefficients are shipped: those that could be found disagree in a sign or a unit, and let the loss rise with experts",
    "more experts are free in this law: the memory for all of them is the limit to set",
  ],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "the active size and tokens with the least loss under C = k N_act D",
      given: ["C", "experts", "k"],
      defaults: { k: 6 },
      gives: ["N_act", "D", "loss"],
      solve(c, { C, experts, k }) {
        const split = bestSplit(atExperts(c, experts), C / k);
        return split === null ? null : { N_act: split.N, D: split.D, loss: split.loss };
      },
    },
  ],
  examples: [
    "scalefit predict --law moe-joint --coefficients a=36,alpha=-0.19,delta=-0.1,gamma=0.003,b=36,beta=-0.18,omega=-0.1,zeta=0.005,c=1.36,E_start=2,E_max=290 --at N_act=1e9,D=20e9,experts=8",
  ],
});

/** The law of size and data that it is for a given number of experts. */
function atExperts(c: Coefficients, experts: number): TwoPowers {
  const Eh = saturatedExperts(c, experts);
  return {
    E: c.c,
    A: c.a * Eh ** c.delta,
    alpha: -(c.alpha + c.gamma * Math.log(Eh)),
    B: c.b * Eh ** c.omega,
    beta: -(c.beta + c.zeta * Math.log(Eh)),
  };
}
