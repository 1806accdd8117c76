/**
 * Whether the intervals of plans under limits hold the truth, over simulated sweeps of a known law: the second table of
 * `test/bench/coverage.ts` and its seeded sample in the tests. The truth is found by this file alone: by the paper's
 * formulas, and by golden section along the designs that the budget pays for.
 */
import type { Estimate, Question } from "../../src/index.js";
import { budgetRow, derivedSplits } from "../../src/plan/budget-row.js";
import { designerFor, inputsAt } from "../../src/plan/design.js";
import { shiftAt } from "../../src/plan/guard.js";
import { problemOf } from "../../src/plan/problem.js";
import { type Source, sourceFromFit } from "../../src/plan/source.js";
import { withUniqueTokens } from "../../src/plan/unique-tokens.js";
import { lawCalled } from "./core.js";
import { CONDITIONS, fitSweep, type Tally, tally } from "./coverage.js";
import { BESIROGLU, bestSize, lossOf, type Truth } from "./sweeps.js";

/** How far beyond the largest run is planned. */
const FACTORS = [10, 100] as const;
const LARGEST = 3.2e20;
/** R_D* and R_N* of arXiv 2305.16264: the decay that the planner takes over for a fit without repeats. */
const [RD, RN] = [15.387756, 5.309743];

export const PLAN_NUMBERS = ["N 10x", "D 10x", "L 10x", "N 100x", "D 100x", "L 100x"] as const;
type Name = (typeof PLAN_NUMBERS)[number];
export type PlanCoverage = Record<Name, Tally>;

interface Limits {
  title: string;
  /** What is asked beside the budget. */
  asked(C: number): Partial<Question>;
  loss(N: number, D: number, C: number): number;
  /** The true best size within the limits. */
  size(C: number): number;
}

const { alpha, beta, A, B, E } = BESIROGLU;

/** Eq. 5 and 6 of arXiv 2305.16264. */
function repeatedLoss(N: number, D: number, U: number): number {
  const seen = Math.min(U, D);
  const fit = Math.min(N, ((alpha * A * seen ** beta) / (beta * B)) ** (1 / alpha));
  const size = fit * (1 + RN * (1 - Math.exp(-(N / fit - 1) / RN)));
  const tokens = seen * (1 + RD * (1 - Math.exp(-(D / seen - 1) / RD)));
  return E + A / size ** alpha + B / tokens ** beta;
}

/** The size with the least loss at a budget, by golden section in ln N over four decades about the best without limits. */
function leastAlong(C: number, loss: (N: number) => number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  const middle = Math.log(bestSize(BESIROGLU, C));
  let [low, high] = [middle - 4.6, middle + 4.6];
  for (let i = 0; i < 80; i++) {
    const width = golden * (high - low);
    if (loss(Math.exp(high - width)) < loss(Math.exp(low + width))) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

const plain = (truth: Truth) => (N: number, D: number) => lossOf(truth, N, D);

/** Unique tokens: a share of those that the best design at the budget sees. */
function withUnique(share: number): Limits {
  const unique = (C: number) => (share * C) / (6 * bestSize(BESIROGLU, C));
  const loss = (N: number, D: number, C: number) => repeatedLoss(N, D, unique(C));
  return {
    title: `unique tokens, ${share} of the best D`,
    asked: (C) => ({ uniqueTokens: unique(C) }),
    loss,
    size: (C) => leastAlong(C, (N) => loss(N, C / (6 * N), C)),
  };
}

/** Memory for serving: a multiple of what the best model takes in bf16. */
function withMemory(share: number): Limits {
  return {
    title: `serve memory for ${share} of the best N`,
    asked: (C) => ({ serveMemory: 2 * share * bestSize(BESIROGLU, C) }),
    loss: plain(BESIROGLU),
    size: (C) => Math.min(share, 1) * bestSize(BESIROGLU, C),
  };
}

const atRatio = (ratio: number): Limits => ({
  title: `${ratio} tokens per parameter`,
  asked: () => ({ ratio }),
  loss: plain(BESIROGLU),
  size: (C) => Math.sqrt(C / (6 * ratio)),
});

export const LIMITS: readonly Limits[] = [
  {
    title: "no limits",
    asked: () => ({}),
    loss: plain(BESIROGLU),
    size: (C) => bestSize(BESIROGLU, C),
  },
  withUnique(0.25),
  withUnique(0.02),
  atRatio(20),
  atRatio(100),
  withMemory(0.5),
  // At the true best size the limit binds in about half of the sweeps.
  withMemory(1),
];

export const noPlanCoverage = (): PlanCoverage =>
  Object.fromEntries(PLAN_NUMBERS.map((name) => [name, { held: 0, below: 0, above: 0 }])) as PlanCoverage;

/** A number that the limits give in every resample is one to within rounding. */
const widened = ({ low, high, ...rest }: Estimate): Estimate => ({
  ...rest,
  low: low === null ? null : low * (1 - 1e-9),
  high: high === null ? null : high * (1 + 1e-9),
});

/** The design of a budget with its loss, as `plan` gives it, without all that stands beside it in a plan. */
function planned(source: Source, question: Question) {
  const held = question.uniqueTokens === undefined ? source : withUniqueTokens(source, question.uniqueTokens);
  const { forms, cost, asked } = problemOf(held, question);
  const splits = derivedSplits(held, designerFor(held, forms, cost, asked));
  if (splits === null) throw new Error("a simulated sweep has no plan");
  const shift = shiftAt(held, inputsAt(held.law, splits.estimate));
  return budgetRow(held, splits, question.flops as number, shift);
}

/** Fits sweep number `k` of the first condition, plans under every set of limits, and counts where the truths lie. */
export function tallyPlans(k: number, bootstrap: number, into: readonly PlanCoverage[], base = 0): void {
  const { fit } = fitSweep(CONDITIONS[0], k, bootstrap, base);
  const source = sourceFromFit(lawCalled("chinchilla"), fit, "a simulated sweep");
  LIMITS.forEach(({ asked, loss: lossAt, size }, i) => {
    for (const factor of FACTORS) {
      const C = factor * LARGEST;
      const { N, D, loss } = planned(source, { flops: C, ...asked(C) });
      const best = size(C);
      tally(into[i][`N ${factor}x`], widened(N), best);
      tally(into[i][`D ${factor}x`], widened(D), C / (6 * best));
      tally(into[i][`L ${factor}x`], loss, lossAt(best, C / (6 * best), C));
    }
  });
}
