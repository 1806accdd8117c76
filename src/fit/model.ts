/**
 * A law over given rows, ready to be fitted: how it is searched, refitted and judged. Two kinds exist, sums of power
 * terms (`power-sum-fit.ts`) and any other formula (`formula-fit.ts`); nothing else in the core knows which it has.
 */
import type { DistinctRows } from "./distinct.js";
import type { Problem } from "./evaluate.js";
import type { Kernel } from "./kernel.js";
import type { Objective } from "./objective.js";
import type { Minimum } from "./solve.js";

/** A minimum with the kernel in whose coordinates it is, and the law's free parameters there. */
export interface Solution {
  minimum: Minimum;
  kernel: Kernel;
  /** In the model's order of parameters, in plain units. */
  parameters: Float64Array;
  /** Parameters held by a bound that the objective pushes against. */
  held: string[];
}

/** How the search went. */
export interface SearchOutcome {
  best: Solution;
  /** Starts tried, and how many of them lie in the basin of the best minimum. */
  starts: number;
  reachedBest: number;
  /** Distinct minima found, and how far the next one is above the best, relative to it. */
  minima: number;
  gapToNext: number | null;
  /** What it came by: starts for a search of the same rows on another objective. */
  basins: readonly Basin[];
}

/** A point in the model's coordinates that some starts led to. */
export interface Basin {
  theta: Float64Array;
  starts: number;
}

export const asBasins = (starts: readonly Float64Array[]): Basin[] =>
  starts.map((theta) => ({ theta, starts: 1 }));

/**
 * Fits again to some of the rows.
 *
 * @param rows row indices of the model, `count` of them
 * @param weight how often each counts, in the same order
 */
export type Refit = (rows: Int32Array, count: number, weight: Float64Array) => Solution;

export interface Model {
  /** Names of the fitted parameters. */
  readonly parameters: readonly string[];
  readonly measured: Float64Array;
  /** How many equal observations each row stands for, or null for all 1. */
  readonly weight: Float64Array | null;
  /** q = 1/s of each row, s its noise on the objective's scale, or null for all 1. */
  readonly inverseNoise: Float64Array | null;

  /** Work of one row in a refit, in units of that of a sum of two power terms. */
  readonly effort: number;

  problem(kernel: Kernel, objective: Objective): Problem;
  /** The law over other rows in the same variables, so that starts here are starts there; null where these are the rows' own. */
  over(rows: DistinctRows): Model | null;
  /** Whether a point of a kernel is within the law's bounds; E >= 0 is no box in its coordinates. */
  isInside(kernel: Kernel, theta: Float64Array): boolean;
  /** @param earlier a search of the same rows on another objective, whose basins this one may begin in */
  search(objective: Objective, earlier?: SearchOutcome): SearchOutcome;
  /**
   * The lowest minimum that a small part of the search finds, and to few digits: enough to compare laws by, not to report.
   *
   * @param start as `warmStart` gives it: the minimum near it is taken
   */
  quickSearch(objective: Objective, start?: Float64Array): Solution;
  /**
   * The same where a minimum of many of the rows is known: the lower of the one near it and of what few samples lead to.
   *
   * @param known as `warmStart` gives it
   */
  quickConfirmed(objective: Objective, known: Float64Array): Solution;
  /** The minimum near a start that `warmStart` gave. */
  polish(start: Float64Array, objective: Objective): Solution;
  /** The minimum near a solution, of another objective. */
  repolish(solution: Solution, objective: Objective): Solution;
  /** A solution as the start of refits. */
  warmStart(solution: Solution): Float64Array;
  /** Other starts of refits, from which fits to a part of the rows may find a lower minimum; none where none are known. */
  otherStarts(): readonly Float64Array[];
  /**
   * Refits from such a start; buffers are made once and used for all of them.
   *
   * @param observed values to fit in place of the measured ones, on the objective's scale; may change between refits
   */
  refitter(start: Float64Array, objective: Objective, observed?: Float64Array): Refit;
  /**
   * The same to fewer digits.
   *
   * @param steps at most; null for as many as a quick fit takes. A refit that converges in few steps pays no heed
   */
  quickRefitter(start: Float64Array, objective: Objective, steps: number | null): Refit;
}

/**
 * What a search ended in, from the basins it polished.
 *
 * @param polished solutions with the number of starts that led to each
 * @param rounding objectives closer than this (and than 1e-9 of themselves) are equal
 * @param prefer among equally low minima, the one with the smallest of this is the best; by default the first
 */
export function searchOutcome(
  polished: readonly { solution: Solution; starts: number }[],
  starts: number,
  rounding = 0,
  prefer: (solution: Solution) => number = () => 0,
): SearchOutcome {
  const lowest = Math.min(...polished.map(({ solution }) => solution.minimum.value));
  const isBest = (value: number) => value <= lowest * (1 + 1e-9) + rounding + 1e-300;
  const equal = polished.filter(({ solution }) => isBest(solution.minimum.value));
  const best = equal.reduce((a, b) => (prefer(b.solution) < prefer(a.solution) ? b : a)).solution;
  const others: number[] = [];
  for (const { solution } of polished) {
    const { value } = solution.minimum;
    if (!isBest(value) && others.every((known) => Math.abs(known - value) > 1e-9 * value)) others.push(value);
  }
  others.sort((a, b) => a - b);
  return {
    best,
    starts,
    reachedBest: equal.reduce((total, { starts: reached }) => total + reached, 0),
    minima: 1 + others.length,
    gapToNext: others.length > 0 && lowest > 0 ? others[0] / lowest - 1 : null,
    basins: [],
  };
}
