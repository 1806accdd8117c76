import { defineLaw } from "./law.js";

const amplitude = (of: string) => ({
  meaning: `amplitude of the ${of} term`,
  bounds: [0, Number.POSITIVE_INFINITY] as const,
  positive: true,
});
const exponent = (of: string) => ({ meaning: `exponent of the ${of} term`, bounds: [0.01, 4] as const });

/**
 * Loss from a transformer's width and depth in place of its size, and tokens:
 *
 *   L(w, l, D) = E + Aw/w^aw + Al/l^al + B/D^beta
 *
 * @see arXiv 2502.06857 (fitted there as a log-sum-exp of its terms)
 */
export const widthDepth = defineLaw({
  id: "width-depth",
  title: "Loss from width, depth and tokens (Gemstones, McLeish et al.)",
  topic: "pre-training",
  formula: "E + Aw / width^aw + Al / depth^al + B / D^beta",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    width: { quantity: "count", unit: "units", meaning: "width of the residual stream" },
    depth: { quantity: "count", unit: "layers", meaning: "number of layers" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
  },
  parameters: {
    E: {
      meaning: "irreducible loss, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    Aw: amplitude("width"),
    aw: exponent("width"),
    Al: amplitude("depth"),
    al: exponent("depth"),
    B: amplitude("data"),
    beta: exponent("data"),
  },
  source: "arXiv 2502.06857",
  notes: [
    "width and depth are to vary apart: in sweeps of one shape they rise together, and only their sum is known",
    "checkpoints of one run are no rows of their own: name the run's column",
  ],
  examples: [
    "scalefit predict --law width-depth --coefficients E=1.7,Aw=60,aw=0.6,Al=3,al=0.8,B=2000,beta=0.36 --at width=1024,depth=24,D=20e9",
  ],
});
