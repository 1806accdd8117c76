/** What trials of several families say of each way, every family counting alike. */
import { meanOf } from "../fit/quantiles.js";
import type { PoolErrors, PoolWay } from "../objects.js";
import type { Trial } from "./pool-trial.js";
import { errorsOf } from "./prediction-errors.js";

/** The simplest first: fewer of the family's own parameters, and fewer runs to tell them. */
export const POOL_WAYS: readonly PoolWay[] = ["level", "fixed", "shared", "partial", "alone"];

export interface FamilyTrial {
  group: string;
  trial: Trial;
}

/** The mean error of one way in each of the families that could be tried with it. */
export function familyErrors(
  trials: readonly FamilyTrial[],
  way: PoolWay,
): { group: string; mean: number }[] {
  return trials.flatMap(({ group, trial }) => {
    const found = trial.get(way);
    if (found === undefined || "reason" in found) return [];
    const { mean } = errorsOf(found);
    return mean === null ? [] : [{ group, mean }];
  });
}

export function poolErrorsOf(trials: readonly FamilyTrial[], way: PoolWay): PoolErrors {
  const own = familyErrors(trials, way);
  const predicted = trials.flatMap(({ trial }) => {
    const found = trial.get(way);
    return found === undefined || "reason" in found ? [] : [errorsOf(found)];
  });
  const covered = predicted.flatMap(({ coverage }) => coverage ?? []);
  const reason = trials
    .map(({ trial }) => trial.get(way))
    .find((found) => found !== undefined && "reason" in found);
  const isNone = own.length === 0;
  return {
    way,
    families: own.length,
    predictions: predicted.reduce((sum, { predictions }) => sum + predictions, 0),
    mean: isNone ? null : meanOf(own.map(({ mean }) => mean)),
    standardError: standardErrorOf(own.map(({ mean }) => mean)),
    worst: isNone ? null : own.reduce((a, b) => (b.mean > a.mean ? b : a)),
    coverage: covered.length === 0 ? null : meanOf(covered),
    ...(isNone
      ? { reason: reason !== undefined && "reason" in reason ? reason.reason : "no family has runs to hide" }
      : {}),
  };
}

/** Of a mean of independent values; null for fewer than two. */
export function standardErrorOf(values: readonly number[]): number | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1) / n);
}
