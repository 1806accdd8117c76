import { defineLaw, type LawDefinition } from "./law.js";

const amplitude = (of: string) => ({
  meaning: `amplitude of the ${of} term`,
  bounds: [0, Number.POSITIVE_INFINITY] as const,
  positive: true,
});
const exponent = (of: string) => ({ meaning: `exponent of the ${of} term`, bounds: [0.01, 4] as const });

const SHAPE: LawDefinition["inputs"] = {
  width: { quantity: "count", unit: "units", meaning: "width of the residual stream" },
  depth: { quantity: "count", unit: "layers", meaning: "number of layers" },
  D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
};

const TERMS: LawDefinition["parameters"] = {
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
};

const NOTES = [
  "width and depth are to vary apart: in sweeps of one shape they rise together, and only their sum is known",
  "checkpoints of one run are no rows of their own: name the run's column",
];

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
  inputs: SHAPE,
  parameters: TERMS,
  source: "arXiv 2502.06857",
  notes: NOTES,
  examples: [
    "scalefit predict --law width-depth --coefficients E=1.7,Aw=60,aw=0.6,Al=3,al=0.8,B=2000,beta=0.36 --at width=1024,depth=24,D=20e9",
  ],
});

/**
 * The same with a term for the size itself: L = E + Aw/w^aw + Al/l^al + A/N^alpha + B/D^beta.
 *
 * @see arXiv 2502.06857
 */
export const widthDepthParams = defineLaw({
  id: "width-depth-params",
  title: "Loss from width, depth, size and tokens (Gemstones, McLeish et al.)",
  topic: "pre-training",
  formula: "E + Aw / width^aw + Al / depth^al + A / N^alpha + B / D^beta",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: { N: { quantity: "params", unit: "parameters", meaning: "model size" }, ...SHAPE },
  parameters: { ...TERMS, A: amplitude("size"), alpha: exponent("size") },
  source: "arXiv 2502.06857",
  notes: [
    ...NOTES,
    "size is nearly width^2 depth: its term stands in for the others', and single exponents mean little",
  ],
  examples: [
    "scalefit predict --law width-depth-params --coefficients E=1.7,Aw=30,aw=0.6,Al=2,al=0.8,A=100,alpha=0.3,B=2000,beta=0.36 --at N=3e8,width=1024,depth=24,D=20e9",
  ],
});
