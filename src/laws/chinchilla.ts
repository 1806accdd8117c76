import { type Coefficients, defineLaw, type Preset } from "./law.js";
import { type TwoTerms, twoTermAllocation } from "./two-term-allocation.js";

const MASSIVE_TEXT =
  "MassiveText, 32k SentencePiece tokens, nats per token; N counts all parameters with embeddings";
const MASSIVE_TEXT_AXES: Preset["axes"] = {
  params: "total",
  loss: "nats",
  per: "token",
  compute: "6ND",
  tokenizer: "sentencepiece-32k",
  data: "MassiveText",
};
const MASSIVE_TEXT_RANGE = { N: [5.73e7, 1.62e10], D: [4.07e9, 1.34e11] } as const;

/** The two terms of laws whose coefficients are called A, alpha, B and beta. */
export const twoTermsOf = ({ A, alpha, B, beta }: Coefficients): TwoTerms => ({
  lnA: Math.log(A),
  alpha,
  lnB: Math.log(B),
  beta,
});

/**
 * L(N, D) = E + A/N^alpha + B/D^beta, with its closed forms under C = k N D:
 *
 *   N* = G (C/k)^(beta/(alpha+beta)),  D* = G^-1 (C/k)^(alpha/(alpha+beta)),  G = (alpha A / (beta B))^(1/(alpha+beta))
 *   L* = E + (A G^-alpha + B G^beta) (C/k)^(-alpha beta/(alpha+beta))
 *
 * @see arXiv 2203.15556, eq. 2 and 4; arXiv 2404.10102 for the corrected coefficients
 */
export const chinchilla = defineLaw({
  id: "chinchilla",
  title: "Loss from parameters and tokens (Hoffmann et al., approach 3)",
  topic: "pre-training",
  formula: "E + A / N^alpha + B / D^beta",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: {
    N: { quantity: "params", unit: "parameters", meaning: "model size; say whether embeddings count" },
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
  },
  parameters: {
    E: {
      meaning: "irreducible loss, in the unit of the loss",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
      neutral: 0,
    },
    A: { meaning: "amplitude of the size term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    alpha: { meaning: "exponent of the size term", bounds: [0.01, 4] },
    B: { meaning: "amplitude of the data term", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    beta: { meaning: "exponent of the data term", bounds: [0.01, 4] },
  },
  presets: [
    {
      name: "besiroglu",
      values: { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 },
      source: "arXiv 2404.10102, table 1",
      conventions: MASSIVE_TEXT,
      axes: MASSIVE_TEXT_AXES,
      range: MASSIVE_TEXT_RANGE,
    },
    {
      name: "hoffmann-tex",
      values: { lnE: 0.5267228, lnA: 6.0073404, lnB: 6.0179186, alpha: 0.33917084, beta: 0.2849083 },
      source: "arXiv 2203.15556, the unrounded figures of its TeX source",
      conventions: MASSIVE_TEXT,
      axes: MASSIVE_TEXT_AXES,
      range: MASSIVE_TEXT_RANGE,
      warning: "not the minimum of the objective it was fitted with (arXiv 2404.10102): prefer besiroglu",
    },
    {
      name: "hoffmann-rounded",
      values: { E: 1.69, A: 406.4, B: 410.7, alpha: 0.34, beta: 0.28 },
      source: "arXiv 2203.15556, eq. 10",
      conventions: MASSIVE_TEXT,
      axes: MASSIVE_TEXT_AXES,
      range: MASSIVE_TEXT_RANGE,
      warning:
        "the rounding of beta alone shifts the data term by 13 %; these figures do not fit their own data (arXiv 2404.10102)",
    },
    {
      name: "muennighoff-c4",
      values: { lnE: 0.6254804, lnA: 6.255414, lnB: 7.3049974, alpha: 0.3526596, beta: 0.3526596 },
      source: "arXiv 2305.16264, appendix B",
      conventions: "C4, GPT-2 tokens, nats per token; N counts all parameters with embeddings",
      axes: { params: "total", loss: "nats", per: "token", compute: "6ND", tokenizer: "gpt2", data: "C4" },
    },
    {
      name: "sardana-all",
      values: { E: 1.45, A: 33.66, B: 138.9, alpha: 0.18, beta: 0.24 },
      source: "arXiv 2401.00448, table 1 (read in a secondary transcription)",
      conventions: "runs with up to 10,000 tokens per parameter; its own data and tokenizer, nats per token",
      axes: { loss: "nats", per: "token" },
      warning: "far from the other sets because its runs reach 10,000 tokens per parameter",
    },
  ],
  source: "arXiv 2203.15556, eq. 2",
  route: 50,
  notes: [
    "alpha and beta can be told apart only where D/N varies at a given compute",
    "C = 6 N D leaves out attention: at long contexts and small sizes it is too low",
  ],
  allocation: twoTermAllocation({
    terms: twoTermsOf,
    lnSum: ({ E }, loss) => Math.log(loss - E),
  }),
  examples: [
    "scalefit plan --flops 1e22",
    "scalefit predict --preset besiroglu --params 70B --tokens 1.4T",
    "scalefit plan --law chinchilla --coefficients E=1.69,A=406.4,B=410.7,alpha=0.34,beta=0.28 --flops 5.76e23",
  ],
});
