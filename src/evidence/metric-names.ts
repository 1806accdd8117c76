/** What the name of a metric says: whether less is better, how it is measured, and of which benchmark it is a part. */
import type { MetricDirection } from "../objects.js";

const LOWER = new Set(
  "loss nll ce xent ppl perplexity bpb bpc bits byte err error errors wer cer mse rmse mae fid brier ece entropy".split(
    " ",
  ),
);
const HIGHER = new Set(
  "acc accuracy em exact match f1 bleu rouge chrf mcc auc auroc pass score reward win rate recall precision elo logprob prob".split(
    " ",
  ),
);
/** Words about the measure and not about the task. */
const MEASURES = new Set([
  ...LOWER,
  ...HIGHER,
  "norm",
  "per",
  "char",
  "token",
  "uncond",
  "raw",
  "primary",
  "correct",
]);

const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");

/** Whether less of it is better; null where the name does not say. */
export function directionOf(metric: string): MetricDirection | null {
  const words = wordsOf(metric);
  if (words.some((word) => LOWER.has(word))) return "lower";
  return words.some((word) => HIGHER.has(word)) ? "higher" : null;
}

/**
 * The benchmark of a sub-task and its measure: `mmlu/abstract_algebra`, `mmlu_stem_test_acc` are of `mmlu`. The first word
 * of the task's name is the benchmark, the words of the measure (at either end) are a part of it: accuracies and losses of one
 * benchmark are not averaged.
 */
export function benchmarkOf(metric: string): { benchmark: string; measure: string } {
  const words = wordsOf(metric);
  let [from, to] = [0, words.length];
  while (to - from > 1 && MEASURES.has(words[from])) from++;
  while (to - from > 1 && MEASURES.has(words[to - 1])) to--;
  return {
    benchmark: words[from] ?? metric,
    measure: [...words.slice(0, from), ...words.slice(to)].join("_"),
  };
}
