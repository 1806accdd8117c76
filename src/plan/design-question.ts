/** What is asked of a design: which small runs to train next. Plain units. */
import { UsageError } from "../errors.js";

/** What the runs are to pin down at the target: its loss, its best size, its best tokens, or the law's parameters. */
export const GOALS = ["loss", "N", "D", "parameters"] as const;
export type Goal = (typeof GOALS)[number];

export interface DesignQuestion {
  /** Training FLOPs of all runs together. */
  flops: number;
  /** Runs, seeds counted one by one. */
  runs: number;
  /** The budget in FLOPs of the large run. */
  target: number;
  goal: Goal;
  /** Model sizes that can be trained; null for any. */
  sizes: readonly number[] | null;
  maxFlopsPerRun: number | null;
  minFlopsPerRun: number | null;
  /** Tokens per parameter; null for a factor of 16 about the best of the law. */
  minRatio: number | null;
  maxRatio: number | null;
  /** Standard deviation of one run's loss; null for the scatter of the fit, or 0.5 % where there is none. */
  noise: { value: number; isRelative: boolean } | null;
  seed: number;
  /** Other costs for which runs are designed too, as multiples of `flops`. */
  budgets: readonly number[];
  /** Whether the runs are the next few after those of the fit. */
  isNext: boolean;
}

export const DESIGN_DEFAULTS: Omit<DesignQuestion, "flops" | "target"> = {
  runs: 12,
  goal: "loss",
  sizes: null,
  maxFlopsPerRun: null,
  minFlopsPerRun: null,
  minRatio: null,
  maxRatio: null,
  noise: null,
  seed: 1,
  budgets: [0.1, 1 / 3, 1, 3, 10],
  isNext: false,
};

/** More runs than this are no small set of runs, and the search would take minutes. */
const MOST_RUNS = 500;

const fault = (message: string, hint: string) => new UsageError({ code: "flags", message, hint });

/** Refuses a question that contradicts itself. @throws UsageError */
export function requireDesignQuestion(question: DesignQuestion): void {
  const { flops, runs, target, sizes, maxFlopsPerRun, minFlopsPerRun, minRatio, maxRatio, noise } = question;
  const numbers = { flops, target, maxFlopsPerRun, minFlopsPerRun, minRatio, maxRatio, noise: noise?.value };
  for (const [name, value] of Object.entries(numbers)) {
    if (value === null || value === undefined || (value > 0 && Number.isFinite(value))) continue;
    throw fault(`${name} must be a finite number above 0, not ${String(value).slice(0, 40)}`, "give a count");
  }
  if (!(Number.isInteger(runs) && runs >= 1 && runs <= MOST_RUNS))
    throw fault(`the number of runs must be a whole number from 1 to ${MOST_RUNS}`, "for example --runs 12");
  if (sizes !== null && (sizes.length === 0 || !sizes.every((size) => size > 0 && Number.isFinite(size))))
    throw fault("sizes must be numbers above 0, at least one", "for example --sizes 30M,100M,300M");
  if (minRatio !== null && maxRatio !== null && minRatio > maxRatio)
    throw fault(
      `--min-ratio ${minRatio} is above --max-ratio ${maxRatio} by a factor of ${(minRatio / maxRatio).toPrecision(3)}`,
      "give them the other way round",
    );
  if (minFlopsPerRun === null) return;
  if (maxFlopsPerRun !== null && minFlopsPerRun > maxFlopsPerRun)
    throw fault(
      `--min-flops-per-run ${minFlopsPerRun} is above --max-flops-per-run ${maxFlopsPerRun} by a factor of ${(minFlopsPerRun / maxFlopsPerRun).toPrecision(3)}`,
      "give them the other way round",
    );
  if (minFlopsPerRun * runs > flops)
    throw fault(
      `${runs} runs of --min-flops-per-run ${minFlopsPerRun} cost ${((minFlopsPerRun * runs) / flops).toPrecision(3)} times --flops ${flops}`,
      "ask for fewer runs, or smaller ones",
    );
}
