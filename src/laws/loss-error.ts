import { defineLaw } from "./law.js";

const CONVENTIONS =
  "mean top-1 error of 17 tasks (chance 0.75 or so) against the loss on C4's validation set, nats per GPT-NeoX token; six runs of 11M to 1.4B parameters";
const SOURCE = "arXiv 2403.08540, eq. 5, refitted with the authors' code on their runs";

/**
 * Err(L) = eps - k exp(-gamma L): the error of downstream tasks from the loss; in perplexity eps - k PP^-gamma.
 *
 * Inverse: L = -ln((eps - Err)/k) / gamma.
 *
 * @see arXiv 2403.08540, eq. 5
 */
export const lossError = defineLaw({
  id: "loss-error",
  title: "Task error from loss (Gadre et al.)",
  topic: "tasks and test time",
  formula: "eps - k * exp(-gamma * L)",
  output: {
    name: "error",
    quantity: "fraction",
    meaning: "mean error rate of the tasks",
    reads: ["error", "err"],
    range: [0, 1],
  },
  inputs: {
    L: {
      quantity: "loss",
      unit: "nats per token",
      meaning: "loss on the validation set that the coefficients were fitted with",
      reads: ["loss"],
    },
  },
  parameters: {
    eps: { meaning: "error of a model that knows nothing, at most that of guessing", bounds: [0, 1] },
    k: {
      meaning: "amplitude of what a lower loss gains",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
    },
    gamma: {
      meaning: "rate at which error falls with loss, per nat",
      bounds: [0.01, 20],
      start: { between: [0.05, 5], spacing: "log" },
    },
  },
  presets: [
    {
      name: "loss-error-c4",
      values: { eps: 0.8497420334, k: 2.078906592, gamma: 0.7561207597 },
      source: SOURCE,
      conventions: `trained on C4; ${CONVENTIONS}`,
    },
    {
      name: "loss-error-rpj",
      values: { eps: 0.8569919442, k: 2.206489631, gamma: 0.7145904627 },
      source: SOURCE,
      conventions: `trained on RedPajama; ${CONVENTIONS}`,
    },
    {
      name: "loss-error-refinedweb",
      values: { eps: 0.865279541, k: 2.214814751, gamma: 0.707048479 },
      source: SOURCE,
      conventions: `trained on RefinedWeb; ${CONVENTIONS}`,
    },
  ],
  source: "arXiv 2403.08540, eq. 5",
  notes: [
    "the mean over many tasks is predictable; single tasks often are not",
    "the loss must be that of the validation set, and of the tokenizer, that the coefficients were fitted with",
    "says nothing below an error of eps - k, where the loss would be below 0",
  ],
  answers: [
    {
      kind: "inverse",
      name: "L",
      meaning: "the loss at which the tasks have this error: between eps - k and eps",
      given: ["error"],
      gives: ["L"],
      solve({ eps, k, gamma }, { error }) {
        const share = (eps - error) / k;
        return share > 0 ? { L: -Math.log(share) / gamma } : null;
      },
    },
  ],
  objective: "squares",
  route: 40,
  examples: [
    "scalefit predict --preset loss-error-c4 --at L=2.5",
    "scalefit predict --preset loss-error-c4 --solve L --at error=0.5",
  ],
});
