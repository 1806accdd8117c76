/**
 * How far each step from log-likelihood to accuracy weakens what compute predicts (arXiv 2406.04391): for every question
 * of a multiple-choice task, the correlation over models of its score with the log of compute, after each step
 *
 *   ln p(right)  ->  p(right)  ->  p(right) / SUM over choices of p  ->  1 where the right choice is the most probable
 */

/** Models and what they give to the choices of each question. */
export interface ChoiceRecord {
  /** Training compute of each model, in FLOPs. */
  flops: readonly number[];
  questions: readonly {
    /** The index of the right choice. */
    right: number;
    /** ln p of each choice, by model. */
    logProbabilities: readonly (readonly number[])[];
  }[];
}

export const CHOICE_STEPS = ["log-likelihood", "probability", "share among choices", "accuracy"] as const;
export type ChoiceStep = (typeof CHOICE_STEPS)[number];

export interface StepPredictability {
  step: ChoiceStep;
  /** Questions whose score differs between models, and those whose score does not and so has no correlation. */
  questions: number;
  constant: number;
  /** Medians over questions of the correlation with ln C; null without such a question. */
  pearson: number | null;
  spearman: number | null;
}

export function predictabilityBySteps({ flops, questions }: ChoiceRecord): StepPredictability[] {
  const x = flops.map(Math.log);
  const rankedX = ranks(x);
  return CHOICE_STEPS.map((step) => {
    const scores = questions.map(({ right, logProbabilities }) =>
      logProbabilities.map((choices) => scoreAfter(step, choices, right)),
    );
    const varied = scores.filter((values) => values.some((value) => value !== values[0]));
    return {
      step,
      questions: varied.length,
      constant: scores.length - varied.length,
      pearson: median(varied.map((values) => correlation(x, values))),
      spearman: median(varied.map((values) => correlation(rankedX, ranks(values)))),
    };
  });
}

function scoreAfter(step: ChoiceStep, choices: readonly number[], right: number): number {
  switch (step) {
    case "log-likelihood":
      return choices[right];
    case "probability":
      return Math.exp(choices[right]);
    case "share among choices":
      // Relative to the right one: probabilities of long answers underflow.
      return 1 / choices.reduce((sum, other) => sum + Math.exp(other - choices[right]), 0);
    case "accuracy":
      return choices.every((other, j) => j === right || other < choices[right]) ? 1 : 0;
  }
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const n = a.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Ranks from 1, the mean rank for equal values. */
function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const result = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let k = from; k <= to; k++) result[order[k]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return result;
}

function median(values: readonly number[]): number | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
