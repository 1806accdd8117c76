import { type Alias, defineLaw } from "./law.js";

/** The form (x0/x)^alpha of arXiv 2010.14701: A = x0^alpha. */
export const scaleOfX: Alias = (given) => {
  const x0 = given.get("x0");
  const alpha = given.get("alpha");
  return x0 === undefined || alpha === undefined ? null : { uses: ["x0"], name: "A", value: x0 ** alpha };
};

/**
 * y(x) = E + A/x^alpha: any lower-is-better measure against one scale (N, D, C, samples, hours).
 *
 * Inverse: x(y) = (A/(y-E))^(1/alpha).
 *
 * @see arXiv 2010.14701, eq. 1.1; arXiv 1712.00409
 */
export const powerFloor = defineLaw({
  id: "power-floor",
  title: "Power law with a floor, in one variable",
  topic: "pre-training",
  formula: "E + A / x^alpha",
  output: { name: "y", quantity: "loss", meaning: "loss or error rate, lower is better" },
  inputs: {
    x: {
      quantity: "scale",
      unit: "as in the log",
      meaning: "parameters, tokens, FLOPs or any other scale",
      reads: ["x", "C", "N", "D"],
    },
  },
  parameters: {
    E: {
      meaning: "floor, in the unit of y",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    A: { meaning: "amplitude", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: { meaning: "exponent", bounds: [0.01, 4] },
  },
  presets: [
    {
      name: "kaplan-LN",
      values: { E: 0, x0: 8.8e13, alpha: 0.076 },
      source: "arXiv 2001.08361, eq. 1.1",
      conventions: "x = N without embeddings; WebText2, nats per token",
      axes: { params: "non-embedding", loss: "nats", per: "token", data: "WebText2" },
      reads: { x: "N" },
    },
    {
      name: "kaplan-LD",
      values: { E: 0, x0: 5.4e13, alpha: 0.095 },
      source: "arXiv 2001.08361, eq. 1.2",
      conventions: "x = D, early stopping; WebText2, nats per token",
      axes: { loss: "nats", per: "token", data: "WebText2" },
      reads: { x: "D" },
    },
    {
      name: "hestness-wordlm",
      values: { E: 0, A: 11.9, alpha: 0.066 },
      source: "arXiv 1712.00409 (read in a secondary transcription)",
      conventions: "x = training words; word language model",
      axes: { per: "word" },
      reads: { x: "D" },
    },
  ],
  source: "arXiv 2010.14701, eq. 1.1",
  route: 10,
  notes: [
    "under 1.5 decades of x the floor and the exponent can hardly be told apart",
    "also the form for synthetic training images (arXiv 2312.04567), time-series models on each of N, C and D (arXiv 2410.12360; a likelihood may be below 0: fit it with --objective huber) and energy or force errors of interatomic potentials",
  ],
  aliases: [scaleOfX],
  examples: ["scalefit predict --preset kaplan-LN --at x=1.5e9"],
});
