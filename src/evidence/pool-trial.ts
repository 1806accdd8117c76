/**
 * What borrowing buys: a family is given its smallest runs only, all other families are whole, and its larger runs are
 * predicted by a fit to its own runs alone and by every way of taking from the others.
 */

import { NO_CHOICES } from "../fit/layout.js";
import { isLog } from "../fit/objective.js";
import type { FitOptions } from "../fit/options.js";
import type { PoolObjective } from "../fit/pool-population.js";
import { openPool, POOL_FORMS, type PoolDraws, type PoolTarget } from "../fit/pool-target.js";
import type { Law } from "../laws/law.js";
import type { Observations, PoolWay } from "../objects.js";
import { type Held, heldAt } from "../plan/predict.js";
import { relativeTo } from "../relative.js";
import { predictBeyond } from "./beyond-cut.js";
import { taken } from "./common-rows.js";
import { unitsOf } from "./held-back.js";
import { sourceFromPool } from "./pool-source.js";
import type { Predicted } from "./prediction-errors.js";

/** The rows of one family, with a scale for each. */
export interface PoolFamily {
  group: string;
  observations: Observations;
  scale: Float64Array;
}

export interface TrialOptions {
  law: Law;
  objective: PoolObjective;
  /** For the fit to its own runs alone. */
  alone: FitOptions;
  draws: PoolDraws;
  level: number;
}

/** Each hidden row by every way; the reason where one could not be tried. */
export type Trial = Map<PoolWay, Predicted[] | { reason: string }>;

/** Runs from the smallest up, as rows. */
export function runsBySize({ observations, scale }: PoolFamily): number[][] {
  const { measured, run, inputs } = observations;
  const sizeOf = (rows: readonly number[]) => rows.reduce((most, i) => Math.max(most, scale[i]), 0);
  const columns = [measured, ...inputs.values()];
  return unitsOf(measured.length, run)
    .map((rows) => ({ rows, size: sizeOf(rows) }))
    .sort((a, b) => {
      if (a.size !== b.size) return a.size - b.size;
      for (const column of columns)
        if (column[a.rows[0]] !== column[b.rows[0]]) return column[a.rows[0]] - column[b.rows[0]];
      return a.rows[0] - b.rows[0];
    })
    .map(({ rows }) => rows);
}

/** One family beside the others, which are fitted once for all that is asked of it. */
export interface BesideOthers {
  /** Its larger runs predicted from so many of its smallest. */
  trial(runs: number): Trial;
  /** With all of its runs. */
  whole(draws: PoolDraws): PoolTarget;
}

/** @throws DataError where the others cannot show the law */
export function besideOthers(
  families: readonly PoolFamily[],
  target: number,
  { law, objective, alone, draws, level }: TrialOptions,
): BesideOthers {
  const family = families[target];
  const others = families.filter((_, g) => g !== target).map(({ observations }) => observations);
  const beside = openPool(law, others, objective);
  const sizes = runsBySize(family);
  const trialOf = (runs: number): Trial => {
    const below = Int32Array.from(sizes.slice(0, runs).flat()).sort();
    const above = Int32Array.from(sizes.slice(runs).flat()).sort();
    const small = taken(family.observations, below);
    const cut = below.reduce((most, i) => Math.max(most, family.scale[i]), 0);
    const { measured, run, inputs } = family.observations;
    const predictedBy = (held: readonly Held[]): Predicted[] =>
      Array.from(above, (row, i) => ({
        run: run?.[row] ?? row,
        cut: target,
        scaleUp: family.scale[row] / cut,
        relativeError: relativeTo(measured[row], held[i].predicted) ?? Number.NaN,
        isInside: held[i].isInside,
      }));
    const trial: Trial = new Map();
    const own = predictBeyond(law, family.observations, NO_CHOICES, {
      below,
      above,
      options: alone,
      subsets: [],
    });
    trial.set(
      "alone",
      "reason" in own
        ? own
        : predictedBy(own.isInside.map((isInside, i) => ({ predicted: own.predicted[i], isInside }))),
    );
    const { fitted, residuals } = beside(small, draws);
    for (const form of POOL_FORMS) {
      const source = sourceFromPool(law, fitted(form), {
        group: family.group,
        observations: small,
        residuals,
        isLog: isLog(objective.name),
        level,
        quantities: new Map(),
      });
      trial.set(
        form,
        predictedBy(
          Array.from(above, (row) => {
            const at = Object.fromEntries([...inputs].map(([name, column]) => [name, column[row]]));
            return heldAt(source, at, measured[row]);
          }),
        ),
      );
    }
    return trial;
  };
  return { trial: trialOf, whole: (asked) => beside(family.observations, asked) };
}
