import { defineLaw } from "./law.js";

const EXPONENT = { bounds: [-1, 1] as const, start: { between: [-0.4, 0.4], spacing: "even" } as const };
const FREE = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/**
 * L(N, D) = e^(a3 N^gam + b3) + e^(a2 N^be + b2) D^(-e^(a1 N^al + b1)): the floor, the amplitude of the data term and
 * its exponent all move with the model's size.
 *
 * @see arXiv 2506.10972, eq. 3
 */
export const farseer = defineLaw({
  id: "farseer",
  title: "Loss surface whose data exponent moves with size (Farseer)",
  topic: "pre-training",
  formula: "exp(a3 * N^gam + b3) + exp(a2 * N^be + b2) * D^(-exp(a1 * N^al + b1))",
  coordinates: {
    // F and W are floor and data term amid the data, v3, t2 and v1 the slopes of their logarithms and of the exponent's
    // in ln N there, gam, be and al the curvatures. Their slopes through D = 1 would hide each other.
    formula:
      "F * exp(v3 * expm1(gam * log(N / N0)) / gam) + W * exp(exp(u1) * log(D0)" +
      " + (t2 + exp(u1) * v1 * log(D0)) * expm1(be * log(N / N0)) / be" +
      " - exp(u1 + v1 * expm1(al * log(N / N0)) / al) * log(D))",
    variables: {
      v3: { bounds: FREE, start: { between: [-0.3, 0.05], spacing: "even" } },
      gam: EXPONENT,
      F: { bounds: [1e-12, Number.POSITIVE_INFINITY] },
      t2: { bounds: FREE, start: { between: [-0.3, 0.3], spacing: "even" } },
      be: EXPONENT,
      W: { bounds: [1e-12, Number.POSITIVE_INFINITY] },
      v1: { bounds: FREE, start: { between: [-0.2, 0.2], spacing: "even" } },
      al: EXPONENT,
      u1: { bounds: FREE, start: { between: [-2, -0.2], spacing: "even" } },
    },
    parameters: {
      a3: "v3 / gam * N0^-gam",
      gam: "gam",
      b3: "log(F) - v3 / gam",
      a2: "(t2 + exp(u1) * v1 * log(D0)) / be * N0^-be",
      be: "be",
      b2: "log(W) + exp(u1) * log(D0) - (t2 + exp(u1) * v1 * log(D0)) / be",
      a1: "v1 / al * N0^-al",
      al: "al",
      b1: "u1 - v1 / al",
    },
  },
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size; say whether embeddings count" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
  },
  parameters: {
    a3: { meaning: "how the floor moves with size", bounds: FREE },
    gam: { meaning: "exponent of the size in the floor", ...EXPONENT },
    b3: { meaning: "logarithm of the floor where its size term is 0", bounds: FREE },
    a2: { meaning: "how the data term's amplitude moves with size", bounds: FREE },
    be: { meaning: "exponent of the size in the amplitude", ...EXPONENT },
    b2: { meaning: "logarithm of the amplitude where its size term is 0", bounds: FREE },
    a1: { meaning: "how the data exponent moves with size", bounds: FREE },
    al: { meaning: "exponent of the size in the data exponent", ...EXPONENT },
    b1: { meaning: "logarithm of the data exponent where its size term is 0", bounds: FREE },
  },
  source: "arXiv 2506.10972, eq. 3 (read in a secondary transcription)",
  notes: [
    "nine parameters: several hundred runs over two decades of size and of data, or they are not determined",
    "its best tokens per parameter rise with compute; there is no closed form, plan finds the minimum",
    "far outside the data it need not fall with N or D",
  ],
  examples: [
    "scalefit predict --law farseer --coefficients a3=-0.35,gam=0.12,b3=1.7,a2=-0.4,be=0.1,b2=8,a1=0.02,al=0.1,b1=-1.2 --params 1e9 --tokens 2e10",
  ],
});
