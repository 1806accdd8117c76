import { SATURATED_EXPERTS, saturatedExperts } from "./expert-saturation.js";
import { type Coefficients, defineLaw } from "./law.js";

const SOURCE = "arXiv 2202.01169, table 3 (read in a secondary transcription)";
const CONVENTIONS =
  "MassiveText, nats per token, 130B tokens; N counts the parameters that one token sees; one expert a token, every other layer routed";
const ROUNDED =
  "its coefficients are rounded: losses are right to about 2 %, and N_cut = 10^(-b/c) is not to be had from them";
const RANGE = { N: [1.5e7, 1.3e9], experts: [1, 512] } as const;

const preset = (name: string, values: Record<string, number>) => ({
  name,
  values,
  source: SOURCE,
  conventions: CONVENTIONS,
  axes: { params: "active", loss: "nats", per: "token", data: "MassiveText" } as const,
  range: RANGE,
  warning: ROUNDED,
});

/**
 * Loss of routed language models from the parameters that a token sees and the number of experts, both in decimal
 * logarithms, with the number of experts saturating at both ends:
 *
 *   log10 L = a log10 N + b log10 Eh + c log10 N log10 Eh + d
 *   1/Eh = 1/(E - 1 + 1/(1/E_start - 1/E_max)) + 1/E_max
 *
 * With E_start = 1 and E_max without limit Eh is E: the bilinear form without saturation. A routed model is worth
 * a dense one of N_eff = N^(al(Eh)/al(E_start)) (Eh/E_start)^(b/al(E_start)) parameters, al(x) = a + c log10 x.
 *
 * @see arXiv 2202.01169, eq. 1
 */
export const moeRouting = defineLaw({
  id: "moe-routing",
  title: "Loss of routed models from size and experts (Clark et al.)",
  topic: "architecture",
  formula: `10^(d + a * log10(N) + (b + c * log10(N)) * log10(${SATURATED_EXPERTS}))`,
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "parameters that one token sees" },
    experts: {
      quantity: "count",
      unit: "experts",
      meaning: "experts of a routed layer, 1 for a dense model",
      range: [1, Number.POSITIVE_INFINITY],
    },
  },
  parameters: {
    a: {
      meaning: "slope of log10 L in log10 N",
      bounds: [-4, 4],
      start: { between: [-0.3, 0], spacing: "even" },
    },
    b: {
      meaning: "slope of log10 L in log10 Eh at N = 1",
      bounds: [-4, 4],
      start: { between: [-0.4, 0], spacing: "even" },
    },
    c: {
      meaning: "interaction: how much less experts help a larger model",
      bounds: [-4, 4],
      start: { between: [0, 0.04], spacing: "even" },
    },
    d: {
      meaning: "log10 L at N = 1 and Eh = 1",
      bounds: [-100, 100],
      start: { between: [0, 3], spacing: "even" },
    },
    E_start: {
      meaning: "experts that a dense model is worth: where routing sets in",
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
  presets: [
    preset("moe-s-base", { a: -0.082, b: -0.108, c: 0.009, d: 1.104, E_start: 1.847, E_max: 314.478 }),
    preset("moe-rl-r", { a: -0.083, b: -0.126, c: 0.012, d: 1.111, E_start: 1.88, E_max: 469.982 }),
    preset("moe-hash", { a: -0.087, b: -0.136, c: 0.012, d: 1.157, E_start: 4.175, E_max: 477.741 }),
  ],
  source: "arXiv 2202.01169, eq. 1",
  route: 60,
  notes: [
    "all logarithms are decimal: with natural ones c becomes c / ln 10 and d becomes d ln 10",
    "there is no floor and no data term: it holds for one number of training tokens, and moe-floor predicts larger models better",
    "one expert a token and half of the layers routed; other routings need coefficients of their own",
    "without saturation: --fix E_start=1 --fix E_max=1e300",
  ],
  answers: [
    {
      kind: "inverse",
      name: "N_effective",
      meaning: "the size of a dense model with the same loss",
      given: ["N", "experts"],
      gives: ["N_effective"],
      solve: (c, { N, experts }) => ({ N_effective: effectiveParams(c, N, experts) }),
    },
  ],
  examples: [
    "scalefit predict --preset moe-s-base --at N=130M,experts=64",
    "scalefit predict --preset moe-s-base --solve N_effective --at N=130M,experts=64",
  ],
});

function effectiveParams(c: Coefficients, N: number, experts: number): number {
  const Eh = saturatedExperts(c, experts);
  const al = (x: number) => c.a + c.c * Math.log10(x);
  const dense = al(c.E_start);
  return N ** (al(Eh) / dense) * (Eh / c.E_start) ** (c.b / dense);
}
