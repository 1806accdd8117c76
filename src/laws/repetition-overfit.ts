import { REPEATED_INPUTS, UNIQUE_WITHIN_SEEN } from "./data-constrained.js";
import { defineLaw } from "./law.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;

/**
 * L(N, D, U) = E + A/N^alpha + B/D^beta + k ln(1 + (R/R_0)^q) (1 - exp(-(N/(x_0 U))^m)), R = max(D/U - 1, 0): Chinchilla's
 * law and a rise of the loss with repeats, for models that can hold their unique tokens by heart.
 *
 * A candidate of our own. On the public runs with repeated data (223 of them, 7M to 8.7B parameters, up to 9,000 epochs),
 * fitted below 4e9 parameters, it explains 96 % of the variance of the loss above, where the data-constrained law
 * explains 41 % and Chinchilla's 2 %. Tried and dropped: a rise k (N/U)^m R^q without limit (far too steep beyond the
 * data), a rise with ln(1 + c (N/U)^m R^q), and the decays R_d and R_n of the data-constrained law beside the rise, which
 * run to their bounds there.
 */
export const repetitionOverfit = defineLaw({
  id: "repetition-overfit",
  title: "Loss with repeated tokens, rising where a model learns them by heart",
  topic: "data",
  formula:
    "E + A / N^alpha + B / D^beta + k * log1p((max(D / U - 1, 0) / R0)^q) * (1 - exp(-(N / (x0 * U))^m))",
  output: { name: "L", quantity: "loss", meaning: "final training or validation loss" },
  inputs: REPEATED_INPUTS,
  parameters: {
    E: { meaning: "irreducible loss, in the unit of the loss", bounds: POSITIVE, positive: true, neutral: 0 },
    A: { meaning: "amplitude of the size term", bounds: POSITIVE, positive: true },
    alpha: { meaning: "exponent of the size term", bounds: [0.01, 4] },
    B: { meaning: "amplitude of the data term", bounds: POSITIVE, positive: true },
    beta: { meaning: "exponent of the data term", bounds: [0.01, 4] },
    k: { meaning: "rise of the loss with the log of repeats, over q", bounds: POSITIVE, positive: true },
    R0: { meaning: "repeats from which the loss rises", bounds: [1e-2, 1e6], positive: true },
    q: { meaning: "how suddenly it begins to rise", bounds: [0.1, 8] },
    x0: {
      meaning: "parameters per unique token from which a model holds them by heart",
      bounds: [1e-4, 1e4],
      positive: true,
    },
    m: { meaning: "how suddenly a larger model does", bounds: [0.1, 8] },
  },
  source:
    "scalefit: arXiv 2203.15556, eq. 2, with a term for over-fitting; the data-constrained law is arXiv 2305.16264",
  notes: [
    "needs runs that over-fit: k, R0, q, x0 and m show only where the loss rises with epochs",
    "without such runs data-constrained has fewer parameters",
  ],
  rules: [UNIQUE_WITHIN_SEEN],
  starts: {
    sample(uniform) {
      const between = (low: number, high: number): number => low * (high / low) ** uniform();
      return {
        E: 0,
        A: 0,
        alpha: between(0.05, 1.5),
        B: 0,
        beta: between(0.05, 1.5),
        k: 0,
        R0: between(3, 300),
        q: between(0.5, 5),
        x0: between(0.1, 100),
        m: between(0.3, 3),
      };
    },
    drawn: 400,
    kept: 24,
  },
  examples: [
    "scalefit predict --law repetition-overfit --coefficients E=2.43,A=6062,alpha=0.496,B=48010,beta=0.509,k=0.7,R0=19.8,q=3.88,x0=7.07,m=1.37 --at N=1.1e9,D=7.5e9,U=100e6",
  ],
});
