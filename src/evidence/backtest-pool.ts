/**
 * What borrowing buys by number of runs: each family in turn is given its 1, 2, 3, ... smallest runs, all others are whole,
 * and its larger runs are predicted, by its own runs alone and by every way of taking from the others.
 */
import { DataError } from "../errors.js";
import type { FitOptions } from "../fit/options.js";
import { median } from "../fit/quantiles.js";
import type { Law } from "../laws/law.js";
import type { PoolBacktest } from "../objects.js";
import { openTrials, type PoolLog } from "./compare-pool.js";
import { type FamilyTrial, POOL_WAYS, poolErrorsOf } from "./pool-errors.js";
import { type FamilyRows, poolFamilies } from "./pool-families.js";
import { runsBySize } from "./pool-trial.js";

export interface PoolBacktestOptions {
  fit: FitOptions;
  /** Numbers of runs that a family is given, ascending; empty for 1, 2, 3 and some more. */
  runs: readonly number[];
}

const RUNS = [1, 2, 3, 5, 8, 12, 20];

/** @throws DataError where no family has more runs than it would be given */
export function backtestPool(
  law: Law,
  given: readonly FamilyRows[],
  { from, columns }: PoolLog,
  { fit, runs }: PoolBacktestOptions,
): PoolBacktest {
  const { families, scale } = poolFamilies(law, given, from);
  const counts = families.map((family) => runsBySize(family).length);
  const most = Math.max(...counts);
  const asked = (runs.length > 0 ? runs : RUNS).filter((count) => count < most);
  if (asked.length === 0)
    throw new DataError({
      code: "too-few-rows",
      message: `no family has more runs than it would be given: the largest has ${most}, and one at least must be hidden`,
      hint: "give smaller numbers with --runs, or add runs",
    });
  const pool = openTrials(law, families, fit);
  return {
    law: law.id,
    formula: law.formula,
    measured: columns.get("loss") ?? "loss",
    level: fit.level,
    scale,
    families: families.map(({ group }, g) => ({ group, runs: counts[g] })),
    byRuns: asked.map((count) => {
      const trials = families.flatMap(({ group }, g): FamilyTrial[] =>
        counts[g] > count ? [{ group, trial: pool.trial(g, count) }] : [],
      );
      const ups = trials.flatMap(({ trial }) => {
        const found = trial.get("partial");
        return found === undefined || "reason" in found ? [] : found.map(({ scaleUp }) => scaleUp);
      });
      return {
        runs: count,
        scaleUp: { median: median(ups), largest: Math.max(...ups) },
        ways: POOL_WAYS.map((way) => poolErrorsOf(trials, way)),
      };
    }),
  };
}
