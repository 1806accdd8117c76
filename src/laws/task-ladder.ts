/**
 * Task accuracy in two steps, by way of the task's loss (OLMo's model ladder, arXiv 2412.04403): step 1 is the loss of
 * the correct answer in bits per byte from model size and tokens, step 2 accuracy from that loss.
 */
import { defineChain, defineLaw, type LawDefinition, type Preset } from "./law.js";

const POSITIVE = [0, Number.POSITIVE_INFINITY] as const;
const REAL = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const SOURCE = "arXiv 2412.04403";
/** Sigmoids steeper than this are steps. */
const STEEPEST = 100;

const N: LawDefinition["inputs"][string] = {
  quantity: "params",
  unit: "parameters",
  meaning: "model size; the presets count it without embeddings",
};
const D: LawDefinition["inputs"][string] = {
  quantity: "tokens",
  unit: "tokens",
  meaning: "training tokens seen",
};
const C: LawDefinition["inputs"][string] = {
  quantity: "flops",
  unit: "FLOPs",
  meaning: "training compute; the ladder counts it by layers, not as 6 N D",
};
const BPB: LawDefinition["output"] = {
  name: "bpb",
  quantity: "loss",
  meaning: "loss of the correct answer, bits per byte",
  reads: ["bpb", "task_loss"],
  range: POSITIVE,
};
const ACC: LawDefinition["output"] = {
  name: "acc",
  quantity: "fraction",
  meaning: "accuracy of the task",
  reads: ["accuracy", "acc"],
  range: [0, 1],
};
/** Step 2's input, which step 1 gives. */
const TASK_LOSS: LawDefinition["inputs"] = {
  bpb: {
    quantity: "loss",
    unit: "bits per byte",
    meaning: "loss of the task's correct answer",
    reads: ["bpb", "task_loss", "loss"],
  },
};

const exponent = (meaning: string) => ({ meaning, bounds: [0.01, 4] as const });
const amplitude = (meaning: string) => ({ meaning, bounds: POSITIVE, positive: true });
const FLOOR = {
  meaning: "loss that no size and no data take away",
  bounds: POSITIVE,
  positive: true,
  neutral: 0,
};

/** bpb(N, D) = A/N^alpha + B/D^beta + E. */
const lossFromSize: LawDefinition = {
  id: "task-ladder-loss",
  title: "Task loss from parameters and tokens",
  topic: "tasks and test time",
  formula: "E + A / N^alpha + B / D^beta",
  output: BPB,
  inputs: { N, D },
  parameters: {
    A: amplitude("amplitude of the size term"),
    alpha: exponent("exponent of the size term"),
    B: amplitude("amplitude of the data term"),
    beta: exponent("exponent of the data term"),
    E: FLOOR,
  },
  source: `${SOURCE}, step 1`,
};

/** bpb(C) = A/C^alpha + E. */
const lossFromCompute: LawDefinition = {
  ...lossFromSize,
  title: "Task loss from compute",
  formula: "E + A / C^alpha",
  inputs: { C },
  parameters: {
    A: amplitude("amplitude of the compute term"),
    alpha: exponent("exponent of the compute"),
    E: FLOOR,
  },
};

const MIDPOINT = {
  meaning: "loss at the steepest place",
  bounds: POSITIVE,
  start: { within: "bpb" },
} as const;
const STEEPNESS = {
  meaning: "steepness",
  bounds: [0, STEEPEST],
  start: { between: [0.3, 30], spacing: "log" },
} as const;

/** acc(l) = a/(1 + exp(-kk (l - l0))) + b, with a <= 0. */
const sigmoidOfLoss: LawDefinition = {
  id: "loss-sigmoid",
  title: "Accuracy from task loss, a sigmoid (OLMo's ladder, step 2)",
  topic: "tasks and test time",
  formula: "a / (1 + exp(-kk * (bpb - l0))) + b",
  output: ACC,
  inputs: TASK_LOSS,
  parameters: {
    a: {
      meaning: "accuracy of a high loss less that of none: a + b is about that of guessing",
      bounds: [-1, 0],
    },
    l0: MIDPOINT,
    kk: STEEPNESS,
    b: { meaning: "accuracy as the loss falls without end", bounds: [0, 1] },
  },
  source: `${SOURCE}, step 2`,
  notes: [
    "the authors add a point that no run has, loss 0 with the task's best accuracy, which holds b where no run comes near it",
    "where no run is beyond the steepest place, a, b and kk trade off: --fix b=1",
  ],
  objective: "squares",
  answers: [
    {
      kind: "inverse",
      name: "bpb",
      meaning: "the loss at which the accuracy is reached: between a + b and b",
      given: ["acc"],
      gives: ["bpb"],
      solve({ a, l0, kk, b }, { acc }) {
        const odds = a / (acc - b) - 1;
        return odds > 0 && kk > 0 ? { bpb: l0 - Math.log(odds) / kk } : null;
      },
    },
  ],
  examples: [
    "scalefit predict --law loss-sigmoid --coefficients a=-0.73,l0=0.767,kk=12.7,b=0.992 --at bpb=0.7",
  ],
};

/** acc(l) = 1 - a ln(1 - 1/(1 + exp(-kk (l - l0)))) = 1 + a ln(1 + exp(kk (l - l0))), with a <= 0. */
const logSigmoidOfLoss: LawDefinition = {
  id: "loss-log-sigmoid",
  title: "Accuracy from task loss, the log of a sigmoid (OLMo's ladder, step 2 on cross-entropy)",
  topic: "tasks and test time",
  formula: "1 + a * log1p(exp(kk * (bpb - l0)))",
  output: ACC,
  inputs: TASK_LOSS,
  parameters: {
    a: { meaning: "accuracy lost per 1/kk of loss above l0", bounds: [Number.NEGATIVE_INFINITY, 0] },
    l0: { ...MIDPOINT, meaning: "loss below which the accuracy nears 1" },
    kk: STEEPNESS,
  },
  source: `${SOURCE}, step 2 with log-sigmoid`,
  notes: [
    "knows no chance level: falls without end as the loss rises. The authors take the later half of each run",
  ],
  objective: "squares",
  answers: [
    {
      kind: "inverse",
      name: "bpb",
      meaning: "the loss at which the accuracy is reached: below 1",
      given: ["acc"],
      gives: ["bpb"],
      solve({ a, l0, kk }, { acc }) {
        const grown = Math.expm1((acc - 1) / a);
        return grown > 0 && kk > 0 ? { bpb: l0 + Math.log(grown) / kk } : null;
      },
    },
  ],
  examples: ["scalefit predict --law loss-log-sigmoid --coefficients a=-0.15,l0=0.6,kk=4 --at bpb=0.9"],
};

export const lossSigmoid = defineLaw(sigmoidOfLoss);
export const lossLogSigmoid = defineLaw(logSigmoidOfLoss);

const TASK =
  "N without embeddings; ladder of 190M to 1.3B parameters and 1 to 10 times Chinchilla's tokens; bits per byte of the correct answer";
const RANGE = { N: [1.9e8, 1.28e9], D: [3.8e9, 2.56e11] } as const;
const NAMES = ["A", "alpha", "B", "beta", "E", "a", "l0", "kk", "b"] as const;

const preset = (task: string, words: string, values: readonly number[]): Preset => ({
  name: `ladder-${task}`,
  values: Object.fromEntries(NAMES.map((name, i) => [name, values[i]])),
  source: `${SOURCE}, refitted with the authors' code on their runs`,
  conventions: `${words}; ${TASK}`,
  range: RANGE,
});

/**
 * acc(bpb(N, D)), the two steps of arXiv 2412.04403.
 */
export const taskLadder = defineChain({
  id: "task-ladder",
  title: "Task accuracy from parameters and tokens by way of the task's loss (OLMo's ladder)",
  topic: "tasks and test time",
  stages: [lossFromSize, sigmoidOfLoss],
  presets: [
    preset("mmlu", "MMLU", [38.07, 0.226216, 100.0921, 0.236076, 0.454093, -0.742064, 0.615953, 4.833392, 1]),
    preset(
      "hellaswag",
      "HellaSwag",
      [11.2313, 0.195539, 60.3687, 0.256498, 0.501911, -0.730111, 0.766735, 12.741707, 0.992104],
    ),
    preset(
      "piqa",
      "PIQA",
      [405.6597, 0.397838, 10.1591, 0.153277, 0.721701, -0.458563, 0.963023, 5.032957, 1],
    ),
  ],
  source: SOURCE,
  notes: [
    "at 13B parameters and 5T tokens the presets gave MMLU .513 (true .516), HellaSwag .853 (.832), PIQA .821 (.830); ARC-easy missed by .10",
    "the authors fit step 1 to the mean of the last five evaluations of a run, step 2 to all evaluations after the first tenth, averaged over five, with a point of loss 0 and the best accuracy added",
  ],
  examples: [
    "scalefit predict --preset ladder-hellaswag --params 13202396160 --tokens 5000088518656",
    "scalefit predict --preset ladder-mmlu --params 7B --tokens 4T",
  ],
});

/** The two steps with the log of a sigmoid as the second. */
export const taskLadderLogSigmoid = defineChain({
  id: "task-ladder-log-sigmoid",
  title: "Task accuracy from parameters and tokens by way of the task's cross-entropy",
  topic: "tasks and test time",
  stages: [lossFromSize, logSigmoidOfLoss],
  source: `${SOURCE}, step 2 with log-sigmoid`,
  examples: [
    "scalefit predict --law task-ladder-log-sigmoid --coefficients A=38,alpha=0.23,B=100,beta=0.24,E=0.45,a=-0.15,l0=0.6,kk=4 --params 7B --tokens 4T",
  ],
});

/** The two steps with compute alone as input. */
export const taskLadderCompute = defineChain({
  id: "task-ladder-compute",
  title: "Task accuracy from compute by way of the task's loss",
  topic: "tasks and test time",
  stages: [lossFromCompute, sigmoidOfLoss],
  source: `${SOURCE}, compute-only variant`,
  notes: ["for runs of one ratio of tokens to parameters: others lie off the curve"],
  examples: [
    "scalefit predict --law task-ladder-compute --coefficients A=70,alpha=0.12,E=0.4,a=-0.73,l0=0.77,kk=12,b=1 --at C=1e23",
  ],
});

/** What makes terms of about 1 at sizes and tokens of 1e7 to 1e12. */
const STEP_AMPLITUDE = { between: [1, 1e6], spacing: "log" } as const;

/**
 * acc(N, D) = p/(1 + exp(-(A/N^alpha + B/D^beta + E))) + q: both steps at once, on accuracies alone; p <= 0, and E may be
 * below 0.
 */
export const taskOneStep = defineLaw({
  id: "task-one-step",
  title: "Task accuracy from parameters and tokens in one step",
  topic: "tasks and test time",
  formula: "p / (1 + exp(-(A / N^alpha + B / D^beta + E))) + q",
  output: ACC,
  inputs: { N, D },
  parameters: {
    A: { ...amplitude("amplitude of the size term"), start: STEP_AMPLITUDE },
    alpha: { ...exponent("exponent of the size term"), start: { between: [0.05, 1], spacing: "log" } },
    B: { ...amplitude("amplitude of the data term"), start: STEP_AMPLITUDE },
    beta: { ...exponent("exponent of the data term"), start: { between: [0.05, 1], spacing: "log" } },
    E: { meaning: "offset, of either sign", bounds: REAL, start: { between: [-5, 2], spacing: "even" } },
    p: { meaning: "accuracy of no training less the best", bounds: [-1, 0] },
    q: { meaning: "the best accuracy, were the offset low enough", bounds: [0, 1] },
  },
  source: `${SOURCE}, single-step variant`,
  notes: [
    "seven parameters from accuracies alone: the two steps of task-ladder predict better where losses are logged",
  ],
  objective: "squares",
  examples: [
    "scalefit predict --law task-one-step --coefficients A=500,alpha=0.35,B=500,beta=0.3,E=-1,p=-0.75,q=1 --params 7B --tokens 4T",
  ],
});

/**
 * nll(C) = p + q log10 C and acc(nll) = a/(1 + exp(-kk (nll - l0))) + b: a straight line in the log of compute, then a
 * sigmoid, as Llama 3 was planned.
 *
 * @see arXiv 2407.21783, section 3.2.1
 */
export const taskLoglinear = defineChain({
  id: "task-loglinear",
  title: "Task accuracy from compute: loss linear in the log of compute, then a sigmoid (Llama 3)",
  topic: "tasks and test time",
  stages: [
    {
      ...lossFromCompute,
      title: "Task loss linear in the log of compute",
      formula: "p + q * log10(C)",
      parameters: {
        p: { meaning: "loss of one FLOP on this line", bounds: REAL },
        q: { meaning: "change of the loss per decade of compute", bounds: [Number.NEGATIVE_INFINITY, 0] },
      },
      source: "arXiv 2407.21783, section 3.2.1",
    },
    sigmoidOfLoss,
  ],
  source: "arXiv 2407.21783, section 3.2.1",
  notes: ["a straight line has no floor: beyond the largest run it promises more and more"],
  examples: [
    "scalefit predict --law task-loglinear --coefficients p=5,q=-0.18,a=-0.75,l0=0.9,kk=8,b=1 --at C=1e25",
  ],
});
