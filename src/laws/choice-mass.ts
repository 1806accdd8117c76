/**
 * From log-likelihoods to accuracy in multiple choice (arXiv 2406.04391): the log-likelihood of the right choice scales
 * predictably; accuracy does not, because it hangs on the probability mass that the wrong choices have at the same time.
 */
import { defineChain, defineLaw, type LawDefinition } from "./law.js";

const REAL = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;
const SOURCE = "arXiv 2406.04391";

const COMPUTE: LawDefinition["inputs"] = {
  C: { quantity: "flops", unit: "FLOPs", meaning: "training compute" },
};

/** -ln of a probability mass, from compute; the mass may fall with it too. */
const massFromCompute = (which: "right" | "wrong"): LawDefinition => ({
  id: `choice-mass-${which}`,
  title: `Negative log of the mass on the ${which} choices, from compute`,
  topic: "tasks and test time",
  formula: `E_${which} + A_${which} / C^alpha_${which}`,
  output: {
    name: which,
    quantity: "loss",
    meaning: `-ln of the probability of the ${which === "right" ? "right choice" : "wrong choices together"}, mean over questions`,
    reads: [which, `${which}_nll`],
    range: POSITIVE,
  },
  inputs: COMPUTE,
  parameters: {
    [`E_${which}`]: { meaning: "what no compute takes away", bounds: POSITIVE, positive: true, neutral: 0 },
    [`A_${which}`]: { meaning: "amplitude; below 0 where the mass falls with compute", bounds: REAL },
    [`alpha_${which}`]: {
      meaning: "exponent of the compute",
      bounds: [0.01, 4],
      start: { between: [0.02, 1], spacing: "log" },
    },
  },
  source: SOURCE,
});

const CHOICES: LawDefinition["output"] = {
  name: "p_choices",
  quantity: "fraction",
  meaning: "probability of the right choice among the choices",
  range: [0, 1],
};

/** p_choices = p(right) / (p(right) + p(wrong)). */
const amongChoices: LawDefinition = {
  id: "choice-mass-share",
  title: "Probability of the right choice among the choices",
  topic: "tasks and test time",
  formula: "1 / (1 + exp(right - wrong))",
  output: CHOICES,
  inputs: {
    right: {
      quantity: "loss",
      unit: "nats",
      meaning: "-ln of the right choice's probability",
      range: REAL,
      zero: true,
    },
    wrong: {
      quantity: "loss",
      unit: "nats",
      meaning: "-ln of the wrong choices' mass",
      range: REAL,
      zero: true,
    },
  },
  parameters: {},
  source: `${SOURCE}, section 4`,
};

const accuracyFromShare: LawDefinition = {
  id: "choice-accuracy",
  title: "Accuracy from the probability of the right choice among the choices",
  topic: "tasks and test time",
  formula: "1 / (1 + exp(-(t + s * log(p_choices / (1 - p_choices)))))",
  output: {
    name: "acc",
    quantity: "fraction",
    meaning: "accuracy: the share of questions whose most probable choice is right",
    reads: ["accuracy", "acc"],
    range: [0, 1],
  },
  inputs: {
    p_choices: {
      quantity: "fraction",
      unit: "1",
      meaning: "mean probability of the right choice among the choices",
      reads: ["p_choices", "prob_choices", "correct_prob"],
      range: [0, 1],
    },
  },
  parameters: {
    s: {
      meaning: "sharpening: 1 where a choice is drawn, above it where the most probable is taken",
      bounds: [0, 100],
    },
    t: { meaning: "offset in log odds", bounds: REAL, start: { between: [-5, 5], spacing: "even" } },
  },
  source: `${SOURCE}, the transformations of section 4; the curve between them is ours`,
  notes: ["s = 1 and t = 0 make accuracy the probability among the choices itself"],
  objective: "binomial",
  isCandidate: false,
  examples: ["scalefit predict --law choice-accuracy --coefficients s=2.5,t=1.6 --at p_choices=0.4"],
};

export const choiceAccuracy = defineLaw(accuracyFromShare);

/**
 * -ln p(right) and -ln p(wrong) from compute, the share of the right choice among the choices from both, accuracy from
 * the share. The paper has the transformations; the fitted curves (two powers of compute, a line in log odds) are ours.
 *
 * @see arXiv 2406.04391, section 4
 */
export const choiceMass = defineChain({
  id: "choice-mass",
  title: "Multiple-choice accuracy from the mass on right and on wrong choices (Schaeffer et al.)",
  topic: "tasks and test time",
  stages: [massFromCompute("right"), massFromCompute("wrong"), amongChoices, accuracyFromShare],
  source: `${SOURCE}; the curves are ours`,
  notes: [
    "each step from log-likelihood to accuracy loses correlation with compute: look at right and wrong before acc",
    "where the mass on wrong choices rises and falls again over the runs, a power of compute does not hold it",
  ],
  examples: [
    "scalefit predict --law choice-mass --coefficients E_right=0.5,A_right=2500,alpha_right=0.16,E_wrong=0.9,A_wrong=900,alpha_wrong=0.15,s=2.5,t=1.2 --at C=1e22",
  ],
});
