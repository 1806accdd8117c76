import { bestSplit } from "./best-split.js";
import { type Coefficients, defineLaw } from "./law.js";

/** Bits beyond which nothing is lost: keeps exp(-P/gamma) and its derivatives plain numbers for full precision. */
const FULL = "10000";

const bits = (of: string) => ({
  quantity: "scale" as const,
  unit: "bits",
  meaning: `bits of ${of}; left out: full precision`,
  range: [1, Number.POSITIVE_INFINITY] as const,
  neutral: Number.POSITIVE_INFINITY,
});

const gamma = (of: string) => ({
  meaning: `bits that ${of} need: with as many of them, 63 % of the parameters count`,
  bounds: [0.01, 100] as const,
  start: { between: [0.3, 5], spacing: "log" } as const,
});

/**
 * Loss of models trained, and after that quantised, in few bits:
 *
 *   N_eff = N (1 - exp(-P_w/gw)) (1 - exp(-P_a/ga)) (1 - exp(-P_kv/gkv))
 *   L = A/N_eff^alpha + B/D^beta + E + CT D^gD/N^gN exp(-P_post/gpost)
 *
 * Bits are P_w for weights, P_a for activations, P_kv for the key-value cache in training, P_post for weights after it;
 * without them (infinitely many) a factor is 1 and the last term 0. The last term grows with D: beyond D_crit more data
 * hurt a model that is to be quantised.
 *
 * Trained in P bits throughout, a token and parameter cost C = (6/16) N D P. The loss at the best split then depends on P
 * as a power of P/q(P), q the product of the three factors: the best P is the same for every budget, where
 * SUM_i (P/g_i)/(exp(P/g_i) - 1) = 1.
 *
 * @see arXiv 2411.04330
 */
export const precision = defineLaw({
  id: "precision",
  title: "Loss in few bits, in training and after it (Kumar et al.)",
  topic: "architecture",
  formula:
    `A / (N * (1 - exp(-min(P_w, ${FULL}) / gw)) * (1 - exp(-min(P_a, ${FULL}) / ga)) * (1 - exp(-min(P_kv, ${FULL}) / gkv)))^alpha` +
    ` + B / D^beta + E + CT * D^gD / N^gN * exp(-min(P_post, ${FULL}) / gpost)`,
  output: { name: "L", quantity: "loss", meaning: "final validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
    P_w: bits("the weights in training"),
    P_a: bits("the activations in training"),
    P_kv: bits("the key-value cache in training"),
    P_post: bits("the weights after training"),
  },
  parameters: {
    A: { meaning: "amplitude of the size term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: {
      meaning: "exponent of the size term",
      bounds: [0.01, 4],
      start: { between: [0.1, 1], spacing: "log" },
    },
    B: { meaning: "amplitude of the data term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    beta: {
      meaning: "exponent of the data term",
      bounds: [0.01, 4],
      start: { between: [0.1, 1], spacing: "log" },
    },
    E: {
      meaning: "floor, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    gw: gamma("weights"),
    ga: gamma("activations"),
    gkv: gamma("key-value caches"),
    CT: {
      meaning: "amplitude of what quantisation after training costs",
      bounds: [0, Number.POSITIVE_INFINITY],
      neutral: 0,
    },
    gD: {
      meaning: "exponent of the tokens in that cost",
      bounds: [0, 4],
      neutral: 0,
      start: { between: [0.1, 1], spacing: "log" },
    },
    gN: {
      meaning: "exponent of the size in that cost",
      bounds: [0, 4],
      neutral: 0,
      start: { between: [0.1, 1], spacing: "log" },
    },
    gpost: {
      meaning: "bits over which that cost falls by e",
      bounds: [0.01, 100],
      neutral: 1,
      start: { between: [0.2, 3], spacing: "log" },
    },
  },
  source: "arXiv 2411.04330",
  notes: [
    "no published coefficients are shipped: those at hand are not read from the paper",
    "bits that never vary in a log cannot be fitted: fix their gamma, for example --fix gkv=1",
    "without runs that were quantised after training: --fix CT=0 --fix gD=0 --fix gN=0 --fix gpost=1",
  ],
  answers: [
    {
      kind: "inverse",
      name: "D_crit",
      meaning: "the tokens beyond which more of them raise the loss of the model quantised to P_post bits",
      given: ["N", "P_post"],
      gives: ["D_crit"],
      solve: (c, { N, P_post }) => criticalTokens(c, N, P_post),
    },
    {
      kind: "optimum",
      name: "optimum",
      meaning:
        "bits (the same for weights, activations and cache), size and tokens with the least loss under C = (k/16) N D P",
      given: ["C", "k"],
      defaults: { k: 6 },
      gives: ["P", "N", "D", "loss"],
      solve: (c, { C, k }) => bestBits(c, (16 * C) / k),
    },
  ],
  examples: [
    "scalefit predict --law precision --coefficients A=4000,alpha=0.5,B=18000,beta=0.6,E=2.7,gw=2.7,ga=2.2,gkv=1,CT=0.06,gD=0.5,gN=0.35,gpost=0.6 --at N=1B,D=20B,P_w=8,P_a=8,P_post=4",
    "scalefit predict --law precision --coefficients A=4000,alpha=0.5,B=18000,beta=0.6,E=2.7,gw=2.7,ga=2.2,gkv=1,CT=0.06,gD=0.5,gN=0.35,gpost=0.6 --solve D_crit --at N=1B,P_post=4",
  ],
});

/** dL/dD = 0: beta B D^-(beta + gD) = gD CT N^-gN exp(-P_post/gpost). */
function criticalTokens(c: Coefficients, N: number, P_post: number): { D_crit: number } | null {
  const cost = c.gD * c.CT * N ** -c.gN * Math.exp(-P_post / c.gpost);
  return cost > 0 ? { D_crit: ((c.beta * c.B) / cost) ** (1 / (c.beta + c.gD)) } : null;
}

/** @param product N D P */
function bestBits(c: Coefficients, product: number): Record<string, number> | null {
  const gammas = [c.gw, c.ga, c.gkv];
  // SUM (P/g)/(e^(P/g) - 1) falls from 3 at P = 0 to 0: halving finds the one place where it is 1.
  let [low, high] = [0, 100 * Math.max(...gammas)];
  for (;;) {
    const P = low + (high - low) / 2;
    if (P <= low || P >= high) break;
    const total = gammas.reduce((sum, g) => sum + P / g / Math.expm1(P / g), 0);
    if (total > 1) low = P;
    else high = P;
  }
  const P = high;
  const q = gammas.reduce((all, g) => all * -Math.expm1(-P / g), 1);
  const { E, A, alpha, B, beta } = c;
  const split = bestSplit({ E, A: A * q ** -alpha, alpha, B, beta }, product / P);
  return split === null ? null : { P, N: split.N, D: split.D, loss: split.loss };
}
