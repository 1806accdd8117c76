import { type Coefficients, defineLaw, type LawRule, type LawStarts, type Point } from "./law.js";

const UNLIMITED = Number.POSITIVE_INFINITY;

/**
 * The parts of the law, in the paper's letters: unique tokens U_D and repeats R_D, the size U_N that is best for U_D
 * tokens and the excess R_N over it, and what these are worth, D' and N':
 *
 *   U_D = min(U, D),  R_D = D/U_D - 1,  D' = U_D + U_D R_D* (1 - exp(-R_D/R_D*))
 *   U_N = min(N, N_opt(U_D)),  R_N = N/U_N - 1,  N' = U_N + U_N R_N* (1 - exp(-R_N/R_N*))
 *   N_opt(U) = G (G U)^(beta/alpha) = (alpha A U^beta / (beta B))^(1/alpha),  G = (alpha A/(beta B))^(1/(alpha+beta))
 *
 * N_opt is the inverse of the best number of tokens for a size, not U/20.
 *
 * @see arXiv 2305.16264
 */
const U_D = "min(U, D)";
const U_N = `min(N, (alpha * A * ${U_D}^beta / (beta * B))^(1 / alpha))`;
const N_EFFECTIVE = `(${U_N} * (1 - Rn * expm1(-(N / ${U_N} - 1) / Rn)))`;
const D_EFFECTIVE = `(${U_D} * (1 - Rd * expm1(-(D / ${U_D} - 1) / Rd)))`;

/** N, D and the unique tokens, for laws of repeated data. */
export const REPEATED_INPUTS = {
  N: { quantity: "params", unit: "parameters", meaning: "model size; say whether embeddings count" },
  D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen, repeats counted" },
  U: {
    quantity: "tokens",
    unit: "tokens",
    meaning: "unique tokens there are; none given: as many as are seen",
    neutral: UNLIMITED,
  },
} as const;

/** The seven parameters of the law. */
const PARAMETERS = {
  E: {
    meaning: "irreducible loss, in the unit of the loss",
    bounds: [0, UNLIMITED],
    positive: true,
    neutral: 0,
  },
  A: { meaning: "amplitude of the size term", bounds: [0, UNLIMITED], positive: true },
  alpha: { meaning: "exponent of the size term", bounds: [0.01, 4] },
  B: { meaning: "amplitude of the data term", bounds: [0, UNLIMITED], positive: true },
  beta: { meaning: "exponent of the data term", bounds: [0.01, 4] },
  Rd: {
    meaning: "repeats after which the worth of another has fallen to 1/e",
    bounds: [1e-3, 1e4],
    positive: true,
    start: { between: [1, 100], spacing: "log" },
  },
  Rn: {
    meaning: "excess size, in units of the best one, after which the worth of more has fallen to 1/e",
    bounds: [1e-3, 1e4],
    positive: true,
    start: { between: [0.05, 100], spacing: "log" },
  },
} as const;

/** A public table has the two columns swapped. */
export const UNIQUE_WITHIN_SEEN: LawRule = {
  code: "unique-above-tokens",
  holds: ({ D, U }) => U <= D,
  reason: "the unique tokens exceed the tokens seen",
  hint: "the two columns may be swapped: --map U=COLUMN and --map D=COLUMN say which is which",
  rowsOnly: true,
};

/**
 * Likely values of the seven: the exponents, the two scales of decay, and the best size for the unique tokens at the
 * centre, which sets A/B. Drawn one by one A and B would nearly always put that size out of reach of all rows.
 */
function likelyValues(uniform: () => number, { U }: Point): Coefficients {
  const between = (low: number, high: number): number => low * (high / low) ** uniform();
  const [alpha, beta] = [between(0.05, 1.5), between(0.05, 1.5)];
  const best = U * between(5e-4, 5);
  return {
    E: 0,
    A: (beta / alpha) * best ** alpha,
    alpha,
    B: U ** beta,
    beta,
    Rd: between(1, 100),
    Rn: between(0.05, 100),
  };
}

const starts: LawStarts = { sample: likelyValues, scaled: [["A", "B"]], drawn: 400, kept: 24 };

/**
 * L(N, D, U) = E + A/N'^alpha + B/D'^beta: the loss with repeated tokens and more parameters than these deserve, in the
 * effective sizes N' and D' above.
 *
 * @see arXiv 2305.16264
 */
export const dataConstrained = defineLaw({
  id: "data-constrained",
  title: "Loss from parameters, tokens and unique tokens (Muennighoff et al.)",
  topic: "data",
  formula: `E + A / ${N_EFFECTIVE}^alpha + B / ${D_EFFECTIVE}^beta`,
  shown: "E + A / N'^alpha + B / D'^beta",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: REPEATED_INPUTS,
  parameters: PARAMETERS,
  presets: [
    {
      name: "muennighoff",
      values: {
        lnE: 0.6254804,
        lnA: 6.255414,
        lnB: 7.3049974,
        alpha: 0.3526596,
        beta: 0.3526596,
        Rd: 15.387756,
        Rn: 5.309743,
      },
      source: "arXiv 2305.16264, the README of its repository",
      conventions: "C4, GPT-2 tokens, nats per token; N counts all parameters with embeddings",
      axes: { params: "total", loss: "nats", per: "token", compute: "6ND", tokenizer: "gpt2", data: "C4" },
    },
  ],
  source: "arXiv 2305.16264",
  notes: [
    "D' = U_D (1 + Rd (1 - exp(-(D/U_D - 1)/Rd))) with U_D = min(U, D); N' = U_N (1 + Rn (1 - exp(-(N/U_N - 1)/Rn))) with U_N = min(N, (alpha A U_D^beta/(beta B))^(1/alpha)), the best size for U_D tokens",
    "never gets worse with repeats: runs that over-fit (loss rising with epochs) belong to repetition-overfit, or out of the fit",
    "Rd needs runs of 2 to 40 and more epochs, Rn runs larger than is best for their unique tokens; without either they run to their bounds",
    "which over-fitted rows are left out changes every parameter: say the filter with the fit",
    "a budget far beyond what the unique tokens can use has no best size: the loss no longer changes over decades of N",
  ],
  rules: [UNIQUE_WITHIN_SEEN],
  starts,
  route: 60,
  examples: [
    "scalefit predict --preset muennighoff --at N=6.34e9,D=242e9,U=25e9",
    "scalefit predict --preset muennighoff --at N=1e9,D=20e9",
  ],
});
