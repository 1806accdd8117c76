/**
 * Which way a family is to take from the others: the simplest whose errors on hidden runs are no larger than those of the
 * best by more than one standard error of the difference, family by family (the one-standard-error rule of Breiman et al.,
 * Classification and Regression Trees, 1984); where few families could be tried, by a quarter.
 */

import { meanOf } from "../fit/quantiles.js";
import type { PoolErrors, PoolWay } from "../objects.js";
import { percentText } from "../text.js";
import { type FamilyTrial, familyErrors, POOL_WAYS, poolErrorsOf, standardErrorOf } from "./pool-errors.js";

/** Below this the scatter between families is not known. */
const ENOUGH_FAMILIES = 3;
const THIN_SHARE = 0.25;

export interface PoolChoice {
  errors: PoolErrors[];
  choice: { way: PoolWay; text: string };
}

export function choosePool(trials: readonly FamilyTrial[]): PoolChoice {
  const errors = POOL_WAYS.map((way) => poolErrorsOf(trials, way));
  const tried = errors.filter(({ families, mean }) => families === trials.length && mean !== null);
  if (trials.length === 0 || tried.length === 0)
    return {
      errors,
      choice: {
        way: "level",
        text: `${WORDS.level}: no family has runs that could be hidden to try the others`,
      },
    };
  const best = tried.reduce((a, b) => ((b.mean as number) < (a.mean as number) ? b : a));
  const chosen = tried.find((one) => isAsGood(trials, one, best)) ?? best;
  return { errors, choice: { way: chosen.way, text: reasonFor(trials.length, chosen, best, errors) } };
}

function isAsGood(trials: readonly FamilyTrial[], one: PoolErrors, best: PoolErrors): boolean {
  if (one === best) return true;
  const [own, least] = [one, best].map(({ way }) => familyErrors(trials, way));
  const differences = own.map(({ mean }, f) => mean - least[f].mean);
  if (trials.length < ENOUGH_FAMILIES)
    return (one.mean as number) <= (1 + THIN_SHARE) * (best.mean as number);
  return meanOf(differences) <= (standardErrorOf(differences) as number);
}

const WORDS: Readonly<Record<PoolWay, string>> = {
  alone: "its own runs alone",
  level: "all but its level from the others",
  fixed: "the exponents of the others, its own coefficients",
  shared: "one set of exponents for all families, its own coefficients",
  partial: "all parameters drawn to those of the others",
};

function reasonFor(
  families: number,
  chosen: PoolErrors,
  best: PoolErrors,
  errors: readonly PoolErrors[],
): string {
  const percent = (share: number | null) => percentText(share as number);
  const over = `on the hidden runs of ${families === 1 ? "one family" : `${families} families`}`;
  const alone = errors.find(({ way }) => way === "alone");
  const beside =
    chosen.way === "alone"
      ? ""
      : alone === undefined || alone.mean === null
        ? "; by its own runs alone none could be predicted"
        : `; by its own runs alone ${percent(alone.mean)}${alone.families < families ? ` (${alone.families} of them)` : ""}`;
  const rule =
    chosen === best
      ? "the least error"
      : `the simplest that is as good as the best (${WORDS[best.way]}: ${percent(best.mean)})${families < ENOUGH_FAMILIES ? ", as far as so few families tell" : ""}`;
  return `${WORDS[chosen.way]}: off by ${percent(chosen.mean)} ${over}, ${rule}${beside}`;
}
