import { defineChain, defineLaw, type LawDefinition } from "./law.js";

/**
 * PU(N) = exp(-c N^-alpha): the probability that one sample passes, from model size; a power law of the loss pushed
 * through exp, by which accuracies that seem to emerge are predictable.
 *
 * Inverse: N = (c / -ln PU)^(1/alpha).
 *
 * @see arXiv 2310.03262
 */
export const passUntil = defineLaw({
  id: "passuntil",
  title: "Pass rate from model size, resolved far below one in the samples (PassUntil)",
  topic: "tasks and test time",
  formula: "exp(-c / N^alpha)",
  output: {
    name: "PU",
    quantity: "fraction",
    meaning: "probability that one sample passes, averaged over problems",
    reads: ["pass_rate", "PU", "accuracy"],
    range: [0, 1],
  },
  inputs: { N: { quantity: "params", unit: "parameters", meaning: "model size, without embeddings" } },
  parameters: {
    c: {
      meaning: "amplitude: -ln PU of one parameter",
      bounds: [0, Number.POSITIVE_INFINITY],
      positive: true,
    },
    alpha: {
      meaning: "exponent of the size",
      bounds: [0.01, 4],
      start: { between: [0.02, 2], spacing: "log" },
    },
  },
  source: "arXiv 2310.03262 (form as quoted by others)",
  notes: [
    "sample until something passes: rates of 1e-5 need 1e5 samples, and a size without any success still tells that its rate is low (--successes, --trials)",
    "holds for one task whose problems are alike; a mean over easy and hard ones bends",
  ],
  answers: [
    {
      kind: "inverse",
      name: "N",
      meaning: "the size at which the pass rate is reached: between 0 and 1",
      given: ["PU"],
      gives: ["N"],
      solve({ c, alpha }, { PU }) {
        return PU > 0 && PU < 1 ? { N: (c / -Math.log(PU)) ** (1 / alpha) } : null;
      },
    },
  ],
  objective: "binomial",
  examples: [
    "scalefit predict --law passuntil --coefficients c=4200,alpha=0.38 --params 1e9",
    "scalefit predict --law passuntil --coefficients c=4200,alpha=0.38 --solve N --at PU=0.5",
    "scalefit fit examples/repeated-sampling/sizes.csv --law passuntil --successes passed --trials samples --no-save",
  ],
});

const COUNTS: LawDefinition["inputs"] = {
  successes: {
    quantity: "count",
    unit: "samples",
    meaning: "samples that passed, at which sampling was stopped",
    range: [1, Number.POSITIVE_INFINITY],
    aliases: [{ name: "r" }],
  },
  trials: {
    quantity: "count",
    unit: "samples",
    meaning: "samples drawn until then",
    reads: ["trials", "samples"],
    range: [1, Number.POSITIVE_INFINITY],
    aliases: [{ name: "K" }],
  },
};

const RULES: LawDefinition["rules"] = [
  {
    code: "successes-above-trials",
    holds: ({ successes, trials }) => successes <= trials,
    reason: "there are more successes than trials",
    hint: "successes are counted among the trials",
  },
  {
    code: "not-a-count",
    holds: ({ successes, trials }) => Number.isInteger(successes) && Number.isInteger(trials),
    reason: "successes and trials are whole numbers",
    hint: "give counts, not rates",
  },
];

const estimator = (name: string, formula: string, meaning: string): LawDefinition => ({
  id: `passuntil-${name}`,
  title: meaning,
  topic: "tasks and test time",
  formula,
  output: { name, quantity: "fraction", meaning, range: [0, 1] },
  inputs: COUNTS,
  parameters: {},
  rules: RULES,
  source: "arXiv 2310.03262",
});

/**
 * The pass rate from samples drawn until r of them passed, K in all: r/K by maximum likelihood, which is too high on
 * average, and (r - 1)/(K - 1), which is not for r >= 2 (Haldane, Biometrika 33, 1945). With r = 1 an unbiased estimate
 * is 1 where K = 1, else 0.
 */
export const passUntilEstimator = defineChain({
  id: "passuntil-estimator",
  title: "Pass rate from samples drawn until some passed",
  topic: "tasks and test time",
  stages: [
    estimator("mle", "successes / trials", "successes over trials: too high on average"),
    estimator(
      "unbiased",
      "select(successes, 1, select(trials, 1, 1, 0), (successes - 1) / (trials - 1))",
      "the pass rate without bias",
    ),
  ],
  first: "unbiased",
  source: "arXiv 2310.03262; J. B. S. Haldane, Biometrika 33, 1945",
  notes: [
    "an estimator: nothing is fitted. With one success it is unbiased and useless: sample until 2 or more",
  ],
  examples: ["scalefit predict --law passuntil-estimator --at successes=3,trials=1000"],
});
