import { type Alias, defineLaw, type Preset } from "./law.js";

/** Chinchilla's amplitudes with alpha = beta = 2 eta: a = A 6^eta, b = B 6^eta under C = 6 N D. */
const fromChinchilla: readonly Alias[] = [
  ["A", "a"],
  ["B", "b"],
].map(([published, name]) => (given) => {
  const [amplitude, eta] = [given.get(published), given.get("eta")];
  if (amplitude === undefined || eta === undefined) return null;
  return { uses: [published], name, value: amplitude * 6 ** eta };
});

const C4 = "C4 validation loss, GPT-NeoX tokens, nats per token; N counts all parameters";
const AXES: Preset["axes"] = {
  params: "total",
  loss: "nats",
  per: "token",
  compute: "6ND",
  tokenizer: "gpt-neox",
  data: "C4",
};
const RE_RUN =
  "arXiv 2403.08540: the authors' five-point fit, run again on their data (mlfoundations/scaling)";

/**
 * L(C, M) = E + (a M^eta + b M^-eta) C^-eta, M = D/N tokens per parameter: Chinchilla with alpha = beta = 2 eta, in the
 * coordinates of over-training.
 *
 *   M* = (b/a)^(1/(2 eta)) at any C,  L*(C) = E + 2 sqrt(a b) C^-eta
 *
 * @see arXiv 2403.08540, eq. 4
 */
export const overtrain = defineLaw({
  id: "overtrain",
  title: "Loss from compute and tokens per parameter (over-training)",
  topic: "pre-training",
  formula: "E + (a * M^eta + b * M^-eta) * C^-eta",
  output: { name: "L", quantity: "loss", meaning: "validation loss" },
  inputs: {
    C: { quantity: "flops", unit: "FLOPs", meaning: "training compute, 6 N D" },
    M: { quantity: "scale", unit: "tokens per parameter", meaning: "D/N", reads: ["M"] },
  },
  parameters: {
    E: {
      meaning: "irreducible loss, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    a: {
      meaning: "amplitude of the size term, A 6^eta",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
    },
    b: {
      meaning: "amplitude of the data term, B 6^eta",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
    },
    eta: {
      meaning: "exponent of compute; half of alpha and of beta",
      bounds: [0.005, 2],
      start: { between: [0.02, 0.6], spacing: "log" },
    },
  },
  presets: [
    {
      name: "overtrain-c4",
      values: { E: 1.50826056, a: 141.2772583, b: 189.5155265, eta: 0.1212361204 },
      source: RE_RUN,
      conventions: `trained on C4; ${C4}`,
      axes: AXES,
    },
    {
      name: "overtrain-rpj",
      values: { E: 1.836648399, a: 212.2361181, b: 366.68719, eta: 0.1364253525 },
      source: RE_RUN,
      conventions: `trained on RedPajama; ${C4}`,
      axes: AXES,
    },
    {
      name: "overtrain-refinedweb",
      values: { E: 1.734462081, a: 157.1162821, b: 246.2066827, eta: 0.1271974219 },
      source: RE_RUN,
      conventions: `trained on RefinedWeb; ${C4}`,
      axes: AXES,
    },
  ],
  source: "arXiv 2403.08540, eq. 4",
  notes: [
    "for predicting along M at given compute; the presets' four numbers come from five runs, so do not choose M by them",
    "the authors' code writes alpha' N^p + beta' 6^(p/2) (M N)^p + E with p = -2 eta: a = alpha' 6^eta and b = beta'",
  ],
  aliases: fromChinchilla,
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "the best tokens per parameter, the same at every budget, and the loss there",
      given: ["C"],
      gives: ["M", "loss", "N", "D"],
      solve({ E, a, b, eta }, { C }) {
        const M = Math.exp(Math.log(b / a) / (2 * eta));
        const N = Math.sqrt(C / (6 * M));
        return { M, loss: E + 2 * Math.sqrt(a * b) * C ** -eta, N, D: M * N };
      },
    },
    {
      kind: "inverse",
      name: "C",
      meaning: "the compute that reaches a loss at this many tokens per parameter",
      given: ["L", "M"],
      gives: ["C"],
      solve: ({ E, a, b, eta }, { L, M }) =>
        L > E ? { C: ((a * M ** eta + b * M ** -eta) / (L - E)) ** (1 / eta) } : null,
    },
  ],
  examples: [
    "scalefit predict --preset overtrain-c4 --at C=7.96e21,M=640",
    "scalefit predict --preset overtrain-rpj --solve C --at L=2.4,M=100",
  ],
});
