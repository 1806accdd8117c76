import { defineChain, type LawAnswer, type LawDefinition } from "./law.js";

const COMPUTE: LawDefinition["inputs"] = {
  C: { quantity: "flops", unit: "FLOPs", meaning: "training compute, counted as in the budgets of the runs" },
};
const SOURCE = "arXiv 2203.15556, section 3.2";
/** An exponent of a few noisy budgets may come out anywhere; a plan with it is still what they say. */
const EXPONENT = {
  bounds: [-10, 10] as const,
  start: { between: [0.1, 0.9] as const, spacing: "even" as const },
};

const stage = (
  name: "N" | "D",
  quantity: "params" | "tokens",
  meaning: string,
  exponent: string,
): LawDefinition => ({
  id: `isoflop-frontier-${name}`,
  title: `${meaning} of a budget`,
  topic: "pre-training",
  formula: `k${name} * C^${exponent}`,
  output: { name, quantity, meaning, reads: [name] },
  inputs: COMPUTE,
  parameters: {
    [`k${name}`]: { meaning: `${meaning} at C = 1`, bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    [exponent]: { meaning: `exponent of ${name}*`, ...EXPONENT },
  },
  source: SOURCE,
});

const SIZES = [stage("N", "params", "best model size", "a"), stage("D", "tokens", "best data", "b")];

const LOSS: LawDefinition = {
  id: "isoflop-frontier-L",
  title: "least loss of a budget",
  topic: "pre-training",
  formula: "E + A / C^gamma",
  output: { name: "L", quantity: "loss", meaning: "least loss of a budget" },
  inputs: COMPUTE,
  parameters: {
    E: { meaning: "floor, in the unit of the loss", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    A: { meaning: "amplitude", bounds: [0, Number.POSITIVE_INFINITY], positive: true },
    gamma: { meaning: "exponent of the least loss", bounds: [0.01, 4] },
  },
  source: SOURCE,
};

const budgetOf: LawAnswer = {
  kind: "inverse",
  name: "C",
  meaning: "the budget for which N is the best size",
  given: ["N"],
  gives: ["C"],
  solve: ({ kN, a }, { N }) => ({ C: (N / kN) ** (1 / a) }),
};

const split = ({ kN, a, kD, b }: Readonly<Record<string, number>>, C: number) => {
  const [N, D] = [kN * C ** a, kD * C ** b];
  return { N, D, tokensPerParameter: D / N };
};

const NOTES = [
  "fit --law isoflop makes it from runs at several budgets, by parabolas, Akima's interpolation or the envelope of curves; the exponents add up to 1 where C = k N D",
  "says what is best at a budget and nothing of other splits: for those, and for budgets far beyond the runs, fit --law chinchilla to the same log",
];

/**
 * N* = kN C^a, D* = kD C^b through the best sizes and data of several budgets.
 *
 * @see arXiv 2203.15556, sections 3.1 and 3.2
 */
export const isoflopFrontier = defineChain({
  id: "isoflop-frontier",
  title: "Best size and data of a budget, through the optima of several budgets (approaches 1 and 2)",
  topic: "pre-training",
  stages: SIZES,
  first: "N",
  source: SOURCE,
  notes: NOTES,
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning: "best size and data for a budget, by the line through the optima of budgets",
      given: ["C"],
      gives: ["N", "D", "tokensPerParameter"],
      solve: (c, { C }) => split(c, C),
    },
    budgetOf,
  ],
  isCandidate: false,
  examples: [
    "scalefit plan --law isoflop-frontier --coefficients kN=0.6,a=0.46,kD=0.28,b=0.54 --flops 1e22",
    "scalefit fit examples/char-lm/runs.csv --law isoflop --no-save",
  ],
});

/**
 * The same with the least losses of the budgets, L* = E + A/C^gamma.
 *
 * @see arXiv 2203.15556, sections 3.1 and 3.2
 */
export const isoflopFrontierLoss = defineChain({
  id: "isoflop-frontier-loss",
  title: "Best size and data of a budget, and the loss there (approach 2)",
  topic: "pre-training",
  stages: [...SIZES, LOSS],
  first: "N",
  source: SOURCE,
  notes: NOTES,
  answers: [
    {
      kind: "optimum",
      name: "optimum",
      meaning:
        "best size and data for a budget, by the line through the optima of budgets, and the loss there",
      given: ["C"],
      gives: ["N", "D", "tokensPerParameter", "loss"],
      solve: (c, { C }) => ({ ...split(c, C), loss: c.E + c.A / C ** c.gamma }),
    },
    budgetOf,
    {
      kind: "inverse",
      name: "C_for_loss",
      meaning: "the budget whose least loss is L, above the floor",
      given: ["L"],
      gives: ["C"],
      solve: ({ E, A, gamma }, { L }) => (L > E ? { C: (A / (L - E)) ** (1 / gamma) } : null),
    },
  ],
  isCandidate: false,
  examples: [
    "scalefit plan --law isoflop-frontier-loss --coefficients kN=0.6,a=0.46,kD=0.28,b=0.54,E=1.8,A=2000,gamma=0.16 --flops 1e22",
  ],
});
