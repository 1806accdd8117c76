import { defineLaw } from "./law.js";

/**
 * B_crit(L) = B0 / L^(1/aB): the batch, in tokens, at which a loss is reached with twice the least steps and twice the
 * least tokens. At any batch B and steps S with T = B S tokens,
 *
 *   (S/S_min - 1) (T/T_min - 1) = 1,  B_crit = T_min/S_min,  S_min = S/(1 + B_crit/B),  T_min = T/(1 + B/B_crit)
 *
 * @see arXiv 2001.08361, eq. 1.4 and 5.1 to 5.4; arXiv 1812.06162
 */
export const bcrit = defineLaw({
  id: "bcrit",
  title: "Critical batch size from the loss (Kaplan et al.)",
  topic: "pre-training",
  formula: "B0 / L^(1/aB)",
  output: {
    name: "B_crit_tokens",
    quantity: "tokens",
    meaning: "critical batch size in tokens",
    reads: ["B_crit_tokens", "B_crit", "critical_batch"],
  },
  inputs: {
    L: { quantity: "loss", unit: "nats per token", meaning: "loss reached", reads: ["loss"] },
  },
  parameters: {
    B0: {
      meaning: "critical batch at loss 1, in tokens",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
    },
    aB: { meaning: "exponent of the loss in the batch", bounds: [0.01, 4] },
  },
  presets: [
    {
      name: "kaplan-bcrit",
      values: { B0: 2e8, aB: 0.21 },
      source: "arXiv 2001.08361, eq. 1.4 (read in a secondary transcription)",
      conventions: "WebText2, nats per token, batch in tokens",
    },
  ],
  source: "arXiv 2001.08361, eq. 1.4",
  notes: [
    "to measure it: train one size at several batches, read (S, T) at several losses, fit the hyperbola of each loss",
    "batches in sequences must be multiplied by the sequence length",
  ],
  answers: [
    {
      kind: "inverse",
      name: "S_min",
      meaning: "least steps and least tokens to a loss, from a run of S steps at batch B that reached it",
      given: ["L", "B", "S"],
      gives: ["S_min", "T", "T_min"],
      solve({ B0, aB }, { L, B, S }) {
        const critical = B0 / L ** (1 / aB);
        const T = B * S;
        return { S_min: S / (1 + critical / B), T, T_min: T / (1 + B / critical) };
      },
    },
    {
      kind: "inverse",
      name: "S",
      meaning: "steps and tokens to a loss at batch B, from its least steps S_min",
      given: ["L", "B", "S_min"],
      gives: ["S", "T"],
      solve({ B0, aB }, { L, B, S_min }) {
        const S = S_min * (1 + B0 / L ** (1 / aB) / B);
        return { S, T: B * S };
      },
    },
    {
      kind: "inverse",
      name: "L",
      meaning: "the loss at which a batch is the critical one",
      given: ["B"],
      gives: ["L"],
      solve: ({ B0, aB }, { B }) => ({ L: (B0 / B) ** aB }),
    },
  ],
  examples: [
    "scalefit predict --preset kaplan-bcrit --at L=3",
    "scalefit predict --preset kaplan-bcrit --solve S_min --at L=3,B=1e6,S=1e5",
  ],
});
