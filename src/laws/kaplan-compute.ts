/**
 * Kaplan et al.'s laws of the training compute alone: the loss, and how compute is spent. C_min in the paper: compute
 * at a batch far below the critical one, in PF-days of 8.64e19 FLOPs.
 */
import { defineChain, defineLaw, type LawDefinition } from "./law.js";

/** FLOPs of a PF-day, as a number and as it stands in formulas. */
const PF_DAY = 8.64e19;
const PF_DAY_TEXT = "8.64e19";

const compute = {
  C: {
    quantity: "flops" as const,
    unit: "FLOPs",
    meaning: "training compute at a batch far below the critical one (C_min)",
    aliases: [{ name: "C_pfdays", factor: PF_DAY }],
  },
};

/**
 * L(C) = (Cc/C)^aC: the loss of the best model of a budget.
 *
 * @see arXiv 2001.08361, eq. 1.3
 */
export const kaplanLc = defineLaw({
  id: "kaplan-lc",
  title: "Loss from compute alone (Kaplan et al.)",
  topic: "pre-training",
  formula: `(Cc / (C / ${PF_DAY_TEXT}))^aC`,
  coordinates: {
    formula: "S * (C / C0)^-aC",
    variables: {
      S: { bounds: [1e-30, Number.POSITIVE_INFINITY] },
      aC: { bounds: [0.005, 4], start: { between: [0.02, 1], spacing: "log" } },
    },
    parameters: { Cc: `C0 / ${PF_DAY_TEXT} * S^(1 / aC)`, aC: "aC" },
  },
  output: { name: "L", quantity: "loss", meaning: "validation loss of the best model of the budget" },
  inputs: compute,
  parameters: {
    Cc: {
      meaning: "compute at which the loss is 1, in PF-days of 8.64e19 FLOPs",
      bounds: [1e-30, Number.POSITIVE_INFINITY],
      positive: true,
      start: { between: [1e-2, 1e14], spacing: "log" },
    },
    aC: { meaning: "exponent", bounds: [0.005, 4], start: { between: [0.02, 0.5], spacing: "log" } },
  },
  presets: [
    {
      name: "kaplan-lc-cmin",
      values: { Cc: 3.1e8, aC: 0.05 },
      source: "arXiv 2001.08361, eq. 1.3 (read in a secondary transcription)",
      conventions: "WebText2, nats per token; compute at a batch far below the critical one",
      axes: { params: "non-embedding", loss: "nats", per: "token", compute: "6ND", data: "WebText2" },
    },
  ],
  source: "arXiv 2001.08361, eq. 1.3",
  notes: ["a power law without a floor, for the envelope of many sizes: power-floor on C is the freer form"],
  answers: [
    {
      kind: "inverse",
      name: "C",
      meaning: "the compute that reaches a loss",
      given: ["L"],
      gives: ["C"],
      solve: ({ Cc, aC }, { L }) => (L > 0 ? { C: (PF_DAY * Cc) / L ** (1 / aC) } : null),
    },
  ],
  isCandidate: false,
  examples: ["scalefit predict --preset kaplan-lc-cmin --at C_pfdays=100"],
});

/** One quantity that grows as a power of the compute in PF-days. */
function grown(
  name: string,
  output: Omit<LawDefinition["output"], "name">,
  reads: readonly string[],
): LawDefinition {
  const [k, p] = [`k${name}`, `p${name}`];
  return {
    id: `kaplan-alloc-${name}`,
    title: `best ${name} of a budget`,
    topic: "pre-training",
    formula: `${k} * (C / ${PF_DAY_TEXT})^${p}`,
    output: { name, reads, ...output },
    inputs: compute,
    parameters: {
      [k]: { meaning: `${name} at one PF-day`, bounds: [0, Number.POSITIVE_INFINITY], positive: true },
      [p]: { meaning: `exponent of ${name}`, bounds: [-1, 2] },
    },
    source: "arXiv 2001.08361, section 6",
  };
}

/**
 * N = kN C^pN, B = kB C^pB, S = kS C^pS, D = kD C^pD with C in PF-days: how the best model, its batch, the least
 * number of steps and its data grow with compute.
 *
 * @see arXiv 2001.08361, section 6 and its appendix table of trends
 */
export const kaplanAlloc = defineChain({
  id: "kaplan-alloc",
  title: "How the best size, batch, steps and data grow with compute (Kaplan et al.)",
  topic: "pre-training",
  stages: [
    grown("N", { quantity: "params", meaning: "model size without embeddings" }, ["N"]),
    grown("B", { quantity: "tokens", meaning: "batch, the critical one, in tokens" }, ["B", "batch"]),
    grown("S", { quantity: "count", meaning: "least number of serial steps S_min" }, ["S_min", "S", "step"]),
    grown("D", { quantity: "tokens", meaning: "tokens processed" }, ["D"]),
  ],
  first: "N",
  source: "arXiv 2001.08361, section 6",
  notes: [
    "C is C_min; at the critical batch S = 2 S_min and D = B S, so 6 N D is about 1.8 C: do not divide C by 6 N for D",
    "exponents by the loss laws: aC = 1/(1/aS + 1/aB + 1/aN), N ~ C^(aC/aN), B ~ C^(aC/aB), S ~ C^(aC/aS)",
    "later work traces the N exponent of 0.73 to warm-up, head FLOPs and untuned rates (arXiv 2406.12907, 2406.19146)",
  ],
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "size, data, batch and least steps for a budget",
      given: ["C"],
      gives: ["N", "D", "B", "S"],
      solve: (c, { C }) => {
        const at = (name: string) => c[`k${name}`] * (C / PF_DAY) ** c[`p${name}`];
        return { N: at("N"), D: at("D"), B: at("B"), S: at("S") };
      },
    },
  ],
  isCandidate: false,
  examples: [
    "scalefit predict --law kaplan-alloc --coefficients kN=1.3e9,pN=0.73,kB=2e6,pB=0.24,kS=5.4e3,pS=0.03,kD=2e10,pD=0.27 --at C_pfdays=100",
  ],
});
