/**
 * The size of the vocabulary, three ways (Tao et al.).
 *
 * @see arXiv 2407.13623
 */
import { type Coefficients, defineLaw, type LawDefinition } from "./law.js";
import { root } from "./root.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;
const SOURCE = "arXiv 2407.13623";

/** Tokens per character of a vocabulary of V, as fitted by the authors; they call it with V in thousands. */
const TOKENS_PER_CHARACTER = "(0.00639222 * log(V / 1000)^2 - 0.15811069 * log(V / 1000) + 1.20470122)";

const SIZES: LawDefinition["inputs"] = {
  N_nv: {
    quantity: "params",
    unit: "parameters",
    meaning: "model size without the vocabulary's embeddings",
    reads: ["N_nv", "N"],
  },
  V: { quantity: "count", unit: "tokens", meaning: "size of the vocabulary", reads: ["V"] },
  d: { quantity: "count", unit: "dimensions", meaning: "width of an embedding", reads: ["width", "d"] },
};

const LOSS: LawDefinition["output"] = {
  name: "L_u",
  quantity: "scale",
  meaning: "loss less that of guessing each token by its frequency, below 0",
  reads: ["L_u", "unigram_normalised_loss", "loss"],
};

const PARAMETERS: LawDefinition["parameters"] = {
  E: { meaning: "what no size and no data reach, taken as -E", bounds: POSITIVE, positive: true },
  A1: { meaning: "amplitude of the size term, N_nv in millions", bounds: POSITIVE, positive: true },
  alpha1: { meaning: "exponent of the size term", bounds: [0.01, 4] },
  A2: { meaning: "amplitude of the vocabulary term, V d in millions", bounds: POSITIVE, positive: true },
  alpha2: { meaning: "exponent of the vocabulary term", bounds: [0.01, 4] },
  B: { meaning: "amplitude of the data term, tokens in billions", bounds: POSITIVE, positive: true },
  beta: { meaning: "exponent of the data term", bounds: [0.01, 4] },
};

/**
 * The V at which the loss is least for given N_nv, d and compute C = 6 (N_nv + V d) D: the root of
 *
 *   beta B (6/C)^beta (N_nv + V d)^(beta-1) - alpha2 A2 (V d)^(-alpha2-1)
 *
 * in the law's units (millions of parameters, billions of tokens, C/1e15), which rises with V.
 */
function bestVocabulary(c: Coefficients, N_nv: number, d: number, C: number): number | null {
  if (!(c.A2 > 0 && c.B > 0)) return null;
  const N = N_nv / 1e6;
  const rising = (lnX: number): number => {
    const data =
      Math.log(c.beta * c.B) + c.beta * Math.log(6e15 / C) + (c.beta - 1) * Math.log(N + Math.exp(lnX));
    return data - Math.log(c.alpha2 * c.A2) + (c.alpha2 + 1) * lnX;
  };
  const [low, high] = [Math.log(1e-12), Math.log(1e30)];
  const [atLow, atHigh] = [rising(low), rising(high)];
  if (!(atLow < 0 && atHigh > 0)) return null;
  return (Math.exp(root(rising, low, atLow, high, atHigh)) * 1e6) / d;
}

const BEST: NonNullable<LawDefinition["answers"]>[number] = {
  kind: "optimum",
  name: "optimum",
  meaning: "the vocabulary with the least loss for a model of this size and width at this compute",
  given: ["N_nv", "d", "C"],
  gives: ["V", "N_v"],
  solve(c, { N_nv, d, C }) {
    const V = bestVocabulary(c, N_nv, d, C);
    return V === null ? null : { V, N_v: V * d };
  },
};

const NOTES = [
  "E is subtracted: L_u = -E + ...; alpha1 and beta are equal in the published set",
  "the optimum takes C/(6 (N_nv + V d)) for tokens as the law counts them",
];

const NON_VOCABULARY: LawDefinition["inputs"] = {
  N_nv: {
    quantity: "params",
    unit: "parameters",
    meaning: "model size without the vocabulary's embeddings",
    reads: ["N_nv"],
  },
};
const VOCABULARY_PARAMETERS: LawDefinition["output"] = {
  name: "N_v",
  quantity: "params",
  meaning: "parameters of the best vocabulary, V d",
  reads: ["N_v"],
};

/**
 * N_nv = k_N F^a_N and N_v = k_V F^a_V along the best runs of each budget F, so that N_v = k_V (N_nv/k_N)^(a_V/a_N).
 *
 * @see arXiv 2407.13623, approach 1
 */
export const vocabularyApproach1 = defineLaw({
  id: "vocabulary-approach1",
  title: "Parameters of the best vocabulary from the size of the model (approach 1)",
  topic: "pre-training",
  formula: "kV * (N_nv / kN)^(aV / aN)",
  output: VOCABULARY_PARAMETERS,
  inputs: NON_VOCABULARY,
  parameters: {
    kN: { meaning: "factor of the size along the budgets", bounds: POSITIVE, positive: true, held: 1 },
    aN: { meaning: "exponent of the size along the budgets", bounds: [0.01, 4], held: 0.5 },
    kV: { meaning: "factor of the vocabulary along the budgets", bounds: POSITIVE, positive: true },
    aV: { meaning: "exponent of the vocabulary along the budgets", bounds: [0.01, 4] },
  },
  presets: [
    {
      name: "tao-approach1",
      values: { lnkN: -2.4846510161625193, aN: 0.5, lnkV: -1.589031299255507, aV: 0.4163622634135234 },
      source: `${SOURCE}, its code: optimal_Nv_predict.py`,
      conventions: "the paper's runs; plain counts, F in FLOPs",
    },
  ],
  source: `${SOURCE}, approach 1`,
  notes: ["only kV/kN^(aV/aN) and aV/aN show in N_v: a fit holds kN at 1 and aN at 0.5"],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "parameters of the best vocabulary for a model of this size",
      given: ["N_nv"],
      gives: ["N_v"],
      solve: (c, { N_nv }) => ({ N_v: c.kV * (N_nv / c.kN) ** (c.aV / c.aN) }),
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --preset tao-approach1 --at N_nv=7e9"],
});

/**
 * N_v = N_v0 (N_nv/N_nv0)^gamma: the best vocabulary of a small model carried to a large one.
 *
 * @see arXiv 2407.13623, approach 2
 */
export const vocabularyApproach2 = defineLaw({
  id: "vocabulary-approach2",
  title: "Parameters of the best vocabulary from those of a smaller model (approach 2)",
  topic: "pre-training",
  formula: "Nv0 * (N_nv / Nnv0)^gamma",
  output: VOCABULARY_PARAMETERS,
  inputs: NON_VOCABULARY,
  parameters: {
    Nv0: { meaning: "parameters of the small model's best vocabulary", bounds: POSITIVE, positive: true },
    Nnv0: {
      meaning: "size of the small model; a fit holds it at 1e9, for Nv0 can take it over",
      bounds: POSITIVE,
      positive: true,
      held: 1e9,
    },
    gamma: { meaning: "exponent of the vocabulary in the size", bounds: [0.01, 4] },
  },
  presets: [
    {
      name: "tao-approach2",
      values: { Nv0: 3145728, Nnv0: 3.3e7, gamma: 0.8353974035228025 },
      source: `${SOURCE}, its code: optimal_Nv_predict.py`,
      conventions: "the paper's runs; plain counts",
    },
  ],
  source: `${SOURCE}, approach 2`,
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "parameters of the best vocabulary for a model of this size",
      given: ["N_nv"],
      gives: ["N_v"],
      solve: (c, { N_nv }) => ({ N_v: c.Nv0 * (N_nv / c.Nnv0) ** c.gamma }),
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --preset tao-approach2 --at N_nv=70e9"],
});

/**
 * L_u = -E + A1/N_nv^alpha1 + A2/N_v^alpha2 + B/D^beta with N_v = V d, N in millions and D in billions of tokens, D being
 * H characters times f(V/1000) tokens a character.
 *
 * f is right for V itself, but the script that fitted the published constants gives it V/1000, and only with that do
 * they meet its data (RMSE 0.09 against 0.53). For runs whose tokens are known there is `vocabulary-tokens`.
 *
 * @see arXiv 2407.13623, approach 3, and its code: approach3_isoloss.py
 */
export const vocabulary = defineLaw({
  id: "vocabulary",
  title: "Loss from size, vocabulary and characters (Tao et al., approach 3)",
  topic: "pre-training",
  formula: `-E + A1 / (N_nv / 1e6)^alpha1 + A2 / (V * d / 1e6)^alpha2 + B / (H_chars * ${TOKENS_PER_CHARACTER} / 1e9)^beta`,
  shown:
    "-E + A1 / (N_nv/1e6)^alpha1 + A2 / (V d/1e6)^alpha2 + B / (H_chars f(V/1000)/1e9)^beta, f the tokens per character",
  output: LOSS,
  inputs: {
    ...SIZES,
    H_chars: {
      quantity: "scale",
      unit: "characters",
      meaning: "training data in characters",
      reads: ["H_chars", "characters"],
    },
  },
  parameters: PARAMETERS,
  presets: [
    {
      name: "tao",
      values: {
        A1: 1.8313851559554126,
        A2: 0.19584238398665638,
        B: 2.1241123120064955,
        E: 5.5327846803337435,
        alpha1: 0.44660634152009615,
        alpha2: 0.6707374679896795,
        beta: 0.44660634152009615,
      },
      source: `${SOURCE}, its code: optimal_Nv_predict.py`,
      conventions:
        "the paper's runs; loss less the unigram loss, nats per token; N in millions, tokens in billions, from characters by f(V/1000)",
    },
  ],
  source: `${SOURCE}, approach 3`,
  notes: [
    "tokens per character are those of the authors' tokenizers, by f(V/1000) as in their fit; own runs with known tokens belong to vocabulary-tokens",
    ...NOTES,
  ],
  objective: "huber",
  answers: [BEST],
  variants: [vocabularyApproach1, vocabularyApproach2],
  isCandidate: false,
  examples: ["scalefit predict --preset tao --at N_nv=1.13e9,V=65536,d=2048,H_chars=1e11"],
});

/**
 * The same in tokens as they were counted.
 *
 * @see arXiv 2407.13623, approach 3
 */
export const vocabularyTokens = defineLaw({
  id: "vocabulary-tokens",
  title: "Loss from size, vocabulary and tokens (the form of Tao et al.)",
  topic: "pre-training",
  formula: "-E + A1 / (N_nv / 1e6)^alpha1 + A2 / (V * d / 1e6)^alpha2 + B / (D / 1e9)^beta",
  output: LOSS,
  inputs: {
    ...SIZES,
    D: { quantity: "tokens", unit: "tokens", meaning: "training tokens by the tokenizer of this vocabulary" },
  },
  parameters: PARAMETERS,
  source: `${SOURCE}, approach 3`,
  notes: [
    "losses of different vocabularies compare only when the loss of guessing by frequency is taken off, which makes them negative",
    ...NOTES,
  ],
  objective: "huber",
  answers: [BEST],
  examples: [
    "scalefit predict --law vocabulary-tokens --coefficients E=5.5,A1=1.8,alpha1=0.45,A2=0.2,alpha2=0.67,B=2.1,beta=0.45 --at N_nv=1.13e9,V=65536,d=2048,D=2.3e10",
  ],
});
