import { defineLaw, type Preset } from "./law.js";

const SOURCE = "arXiv 2402.07871, table 1 (read in a secondary transcription)";
const C4 = "C4, nats per token; whether N leaves out embeddings could not be checked";

const AXES: Preset["axes"] = { loss: "nats", per: "token", data: "C4" };

/**
 * Loss of mixtures of experts whose experts are G times smaller than the dense layer they stand for, and G times as many:
 *
 *   L(N, D, G) = c + (g/G^gamma + a)/N^alpha + b/D^beta
 *
 * N are all parameters, G = 1 the usual expert; at a given G it is the law of Hoffmann et al.
 *
 * @see arXiv 2402.07871
 */
export const moeFineGrained = defineLaw({
  id: "moe-fine-grained",
  title: "Loss of fine-grained mixtures of experts (Krajewski et al.)",
  topic: "architecture",
  formula: "c + (g / G^gamma + a) / N^alpha + b / D^beta",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "all parameters, experts included" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
    G: {
      quantity: "scale",
      unit: "times",
      meaning: "granularity: how many small experts stand for one of usual size",
    },
  },
  parameters: {
    c: {
      meaning: "floor, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    a: { meaning: "amplitude of the size term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: {
      meaning: "exponent of the size term",
      bounds: [0.01, 4],
      start: { between: [0.03, 1], spacing: "log" },
    },
    b: { meaning: "amplitude of the data term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    beta: {
      meaning: "exponent of the data term",
      bounds: [0.01, 4],
      start: { between: [0.03, 1], spacing: "log" },
    },
    g: {
      meaning: "what coarse experts cost: added to a at G = 1",
      bounds: [0, Number.POSITIVE_INFINITY],
      neutral: 0,
    },
    gamma: {
      meaning: "exponent of the granularity",
      bounds: [0.01, 4],
      neutral: 1,
      start: { between: [0.1, 2], spacing: "log" },
    },
  },
  presets: [
    {
      name: "fine-grained-moe",
      values: { a: 18.1, alpha: 0.115, b: 30.8, beta: 0.147, g: 2.1, gamma: 0.58, c: 0.47 },
      source: SOURCE,
      conventions: `${C4}; 64 times as many expert parameters as the dense layer has`,
      axes: AXES,
    },
    {
      name: "fine-grained-dense",
      values: { a: 16.3, alpha: 0.126, b: 26.7, beta: 0.127, g: 0, gamma: 1, c: 0.47 },
      source: SOURCE,
      conventions: `${C4}; dense models beside the mixtures`,
      axes: AXES,
    },
  ],
  source: "arXiv 2402.07871",
  notes: [
    "finer experts cost nothing in this law: the router's FLOPs, which grow with their number, are to be added to the budget",
  ],
  examples: ["scalefit predict --preset fine-grained-moe --at N=1e9,D=20e9,G=16"],
});
