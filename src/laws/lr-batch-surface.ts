/**
 * The surface of loss over learning rate and batch size that lr-batch-bowl and lr-batch-edge share; its formula is told
 * there.
 */
import type { Coefficients, LawDefinition } from "./law.js";

/** Sizes at which lr0 and batch0 are stated; they shift what these two mean, not the law. */
export const AT = { N: 1e9, D: 2e10 } as const;

const V = `(log(batch / batch0) - c_bN * log(N / ${AT.N}) - c_bD * log(D / ${AT.D}))`;
const U = `(log(lr / lr0) - c_lN * log(N / ${AT.N}) - c_lD * log(D / ${AT.D}) - r * ${V})`;

const amplitude = (of: string) => ({
  meaning: `amplitude of the ${of} term`,
  bounds: [0, Number.POSITIVE_INFINITY] as const,
  positive: true,
});
const exponent = (of: string) => ({
  meaning: `exponent of the ${of} term`,
  bounds: [0.01, 4] as const,
  start: { between: [0.08, 0.8], spacing: "log" } as const,
});
/** An exponent of either sign. */
export const slope = (of: string, between: readonly [number, number]) => ({
  meaning: of,
  bounds: [-4, 4] as const,
  start: { between, spacing: "even" } as const,
});
const curvature = (of: string) => ({
  meaning: `cost of missing the best ${of}: share of the reducible loss by which it rises at a distance of e`,
  bounds: [0, 100] as const,
  start: { between: [0.003, 0.3], spacing: "log" } as const,
});

/** As formula text. */
export const BOWL = `E + (A / N^alpha + B0 / D^beta) * (1 + q_l * 2 * (expm1(k * ${U}) - k * ${U}) / k^2 + q_b * ${V}^2)`;

export const SURFACE_INPUTS: LawDefinition["inputs"] = {
  N: { quantity: "params", unit: "parameters", meaning: "model size; say whether embeddings count" },
  D: { quantity: "tokens", unit: "tokens", meaning: "training tokens seen" },
  lr: { quantity: "scale", unit: "1", meaning: "peak learning rate" },
  batch: { quantity: "tokens", unit: "tokens", meaning: "batch size in tokens" },
};

export const BOWL_PARAMETERS: LawDefinition["parameters"] = {
  E: {
    meaning: "irreducible loss, in the unit of the loss",
    bounds: [0, Number.POSITIVE_INFINITY],
    positive: true,
    neutral: 0,
  },
  A: amplitude("size"),
  alpha: exponent("size"),
  B0: amplitude("data"),
  beta: exponent("data"),
  lr0: {
    meaning: "best learning rate at N = 1e9 and D = 2e10",
    bounds: [1e-12, 1e6],
    positive: true,
    start: { within: "lr" },
  },
  c_lN: slope("exponent of N in the best learning rate", [-1, 0.2]),
  c_lD: slope("exponent of D in the best learning rate", [-0.3, 0.6]),
  batch0: {
    meaning: "best batch size at N = 1e9 and D = 2e10, in tokens",
    bounds: [1e-6, 1e15],
    positive: true,
    start: { within: "batch" },
  },
  c_bN: slope("exponent of N in the best batch size", [-0.5, 0.5]),
  c_bD: slope("exponent of D in the best batch size", [0, 0.8]),
  q_l: curvature("learning rate"),
  k: {
    meaning: "asymmetry: how much sooner too large a learning rate costs",
    bounds: [0.02, 20],
    neutral: 0.02,
    start: { between: [0.1, 3], spacing: "log" },
  },
  r: {
    ...slope("exponent with which the best learning rate follows the batch", [-0.2, 1]),
    neutral: 0,
  },
  q_b: curvature("batch size"),
};

/** lr*(N, D). */
export const bestRate = (c: Coefficients, N: number, D: number): number =>
  c.lr0 * (N / AT.N) ** c.c_lN * (D / AT.D) ** c.c_lD;

/** batch*(N, D). */
export const bestBatch = (c: Coefficients, N: number, D: number): number =>
  c.batch0 * (N / AT.N) ** c.c_bN * (D / AT.D) ** c.c_bD;
