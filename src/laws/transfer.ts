import { defineLaw, type LawDefinition } from "./law.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;
const PYTHON = "Python code; D in characters, N without embeddings";

const FINE_TUNED: LawDefinition["inputs"] = {
  D_F_chars: {
    quantity: "scale",
    unit: "characters",
    meaning: "data of the fine-tuning",
    reads: ["D_F", "D"],
  },
  N: { quantity: "params", unit: "parameters", meaning: "model size without embeddings" },
};

const TRANSFERRED: LawDefinition["parameters"] = {
  k: { meaning: "factor: how near the pre-training is to the task", bounds: POSITIVE, positive: true },
  alpha: {
    meaning: "exponent of the fine-tuning data",
    bounds: [0, 2],
    start: { between: [0.01, 1], spacing: "even" },
  },
  beta: {
    meaning: "exponent of the model size",
    bounds: [0, 2],
    start: { between: [0.01, 1], spacing: "even" },
  },
};

/**
 * D_T = k D_F^alpha N^beta: how much data of the task a pre-trained model has no need of, in characters.
 *
 * @see arXiv 2102.01293
 */
export const transfer = defineLaw({
  id: "transfer",
  title: "Effective data transferred by pre-training",
  topic: "data",
  formula: "k * D_F_chars^alpha * N^beta",
  output: { name: "D_T_chars", quantity: "scale", meaning: "effective data transferred, in characters" },
  inputs: FINE_TUNED,
  parameters: TRANSFERRED,
  presets: [
    {
      name: "text-to-python",
      values: { k: 1.9e4, alpha: 0.18, beta: 0.38 },
      source: "arXiv 2102.01293, table 1 (read in a secondary transcription)",
      conventions: `pre-trained on text, fine-tuned on ${PYTHON}`,
    },
    {
      name: "half-code-to-python",
      values: { k: 2.1e5, alpha: 0.096, beta: 0.38 },
      source: "arXiv 2102.01293, table 1 (read in a secondary transcription)",
      conventions: `pre-trained on half text, half code, fine-tuned on ${PYTHON}`,
    },
  ],
  source: "arXiv 2102.01293",
  notes: [
    "D_T is measured: the data that a model trained from scratch needs for the same loss, less D_F",
    "holds where D_F is a tenth or less of what would be enough by itself; with much data pre-training can hurt",
    "alpha/beta says what is cheaper, more data of the task or a larger model",
  ],
  answers: [
    {
      kind: "inverse",
      name: "D_E",
      meaning: "effective data D_F + D_T, in characters, and how many times D_F that is",
      given: ["D_F_chars", "N"],
      gives: ["D_E", "multiplier"],
      solve({ k, alpha, beta }, { D_F_chars, N }) {
        const effective = D_F_chars + k * D_F_chars ** alpha * N ** beta;
        return { D_E: effective, multiplier: effective / D_F_chars };
      },
    },
  ],
  isCandidate: false,
  examples: [
    "scalefit predict --preset text-to-python --at D_F_chars=3e5,N=40e6",
    "scalefit predict --preset text-to-python --solve D_E --at D_F_chars=3e5,N=40e6",
  ],
});

/**
 * L = ((N_C/N)^(alpha_N/alpha_D) + D_C/D_E)^alpha_D with D_E = D_F + k D_F^alpha N^beta: Kaplan's law of size and data, with
 * effective data in the place of data.
 *
 * @see arXiv 2102.01293; arXiv 2001.08361, eq. 1.5
 */
export const transferLoss = defineLaw({
  id: "transfer-loss",
  title: "Loss of fine-tuning from its data and the size of the pre-trained model",
  topic: "data",
  formula: "((N_C / N)^(alpha_N / alpha_D) + D_C / (D_F_chars + k * D_F_chars^alpha * N^beta))^alpha_D",
  output: { name: "L", quantity: "loss", meaning: "loss of the fine-tuned model" },
  inputs: FINE_TUNED,
  parameters: {
    N_C: { meaning: "scale of the size, parameters", bounds: POSITIVE, positive: true },
    alpha_N: {
      meaning: "exponent of the size",
      bounds: [0.005, 2],
      start: { between: [0.02, 0.5], spacing: "log" },
    },
    D_C: { meaning: "scale of the data, characters", bounds: POSITIVE, positive: true },
    alpha_D: {
      meaning: "exponent of the data",
      bounds: [0.005, 2],
      start: { between: [0.02, 0.5], spacing: "log" },
    },
    ...TRANSFERRED,
  },
  source: "arXiv 2102.01293",
  notes: [
    "N_C, alpha_N, D_C and alpha_D are those of models trained from scratch on the task: fit them first and hold them with --fix",
    "the paper's own form leaves D_F out of the effective data where it is small beside D_T",
  ],
  isCandidate: false,
  examples: [
    "scalefit predict --law transfer-loss --coefficients N_C=2e8,alpha_N=0.12,D_C=1e12,alpha_D=0.2,k=1.9e4,alpha=0.18,beta=0.38 --at D_F_chars=3e6,N=40e6",
  ],
});
