import { type Alias, defineLaw } from "./law.js";

const inPlainUnits: Alias = (given) => {
  const C0 = given.get("C0");
  return C0 === undefined ? null : { uses: ["C0"], name: "log10C0", value: Math.log10(C0) };
};

/**
 * acc(C) = g + (cmax - g) / (1 + exp(-k (log10 C - log10 C0))): accuracy as a logistic curve in the log of compute,
 * between the chance level and a ceiling.
 *
 * Inverse: log10 C = log10 C0 - ln((cmax - g)/(acc - g) - 1) / k.
 */
export const logisticLogC = defineLaw({
  id: "logistic-logc",
  title: "Accuracy from compute, a logistic curve in its log",
  topic: "tasks and test time",
  formula: "g + (cmax - g) / (1 + exp(-k * (log10(C) - log10C0)))",
  output: {
    name: "acc",
    quantity: "fraction",
    meaning: "accuracy, or any rate of success",
    reads: ["accuracy", "acc"],
    range: [0, 1],
  },
  inputs: { C: { quantity: "flops", unit: "FLOPs", meaning: "training compute" } },
  parameters: {
    g: { meaning: "accuracy by guessing: 1 / choices", bounds: [0, 1], neutral: 0 },
    cmax: { meaning: "ceiling of the accuracy", bounds: [0, 1], neutral: 1 },
    k: {
      meaning: "steepness, per decade of compute",
      bounds: [0.01, 100],
      start: { between: [0.1, 10], spacing: "log" },
    },
    log10C0: { meaning: "log10 of the compute half-way between the two", bounds: [-10, 40] },
  },
  source: "standard form of a psychometric curve",
  notes: [
    "fix g where the number of choices is known: --fix g=0.25. Rows near the chance level alone tell neither k nor C0",
    "models share their items, which differ in difficulty: give --trials, and intervals hold what rates vary by beyond their counts",
  ],
  aliases: [inPlainUnits],
  answers: [
    {
      kind: "inverse",
      name: "C",
      meaning: "the compute at which the accuracy is reached: between g and cmax",
      given: ["acc"],
      gives: ["C"],
      solve({ g, cmax, k, log10C0 }, { acc }) {
        const odds = (cmax - g) / (acc - g) - 1;
        return odds > 0 ? { C: 10 ** (log10C0 - Math.log(odds) / k) } : null;
      },
    },
  ],
  objective: "binomial",
  examples: [
    "scalefit predict --law logistic-logc --coefficients g=0.25,cmax=0.95,k=1.1,log10C0=23.5 --at C=1e23",
    "scalefit predict --law logistic-logc --coefficients g=0.25,cmax=0.95,k=1.1,log10C0=23.5 --solve C --at acc=0.8",
  ],
});
