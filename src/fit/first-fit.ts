import { residualsAt } from "./evaluate.js";
import type { Model, SearchOutcome, Solution } from "./model.js";
import { makeObjective, type Objective, type ObjectiveName } from "./objective.js";
import { median, robustSpreadOf } from "./quantiles.js";

/** The threshold of a first fit, in units of the usual noise. */
export const FIRST_DELTA = 1e-3;

/** A first look at how far the rows lie from the law. */
export interface FirstFit {
  /** One over the usual noise of a row; 1 where none is known. */
  unit: number;
  /** Robust spread of the residuals, in units of their noise where it is known. */
  spread: number;
  search: SearchOutcome;
}

/**
 * The residuals' spread about a first fit with Huber's objective at 1e-3 (of the usual noise where it is known), which no
 * outlier moves.
 *
 * @param name a Huber objective
 * @param rowOf the row of the model in which each observation stands, where equal ones are joined
 */
export function firstFit(model: Model, rowOf: Int32Array | null, name: ObjectiveName): FirstFit {
  const q = model.inverseNoise;
  const unit = q === null ? 1 : median(q);
  const first = makeObjective(name, FIRST_DELTA * unit);
  const search = model.search(first);
  return { unit, spread: spreadAbout(model, rowOf, first, search.best), search };
}

/** Robust spread of the residuals about a solution, in units of their noise where it is known. */
export function spreadAbout(
  model: Model,
  rowOf: Int32Array | null,
  objective: Objective,
  solution: Solution,
): number {
  const q = model.inverseNoise;
  const residuals = residualsAt(model.problem(solution.kernel, objective), solution.minimum.theta);
  const scaled = (row: number) => (q === null ? residuals[row] : residuals[row] * q[row]);
  const p = model.parameters.length;
  return rowOf === null
    ? robustSpreadOf(residuals.length, scaled, p)
    : robustSpreadOf(rowOf.length, (i) => scaled(rowOf[i]), p);
}
