import { perObservation } from "./distinct.js";
import { residualsAt } from "./evaluate.js";
import type { Basin, Model } from "./model.js";
import { makeObjective, type ObjectiveName } from "./objective.js";
import { median, robustSpreadInPlace } from "./quantiles.js";

const FIRST_DELTA = 1e-3;

/** A first look at how far the rows lie from the law. */
export interface FirstFit {
  /** One over the usual noise of a row; 1 where none is known. */
  unit: number;
  /** Robust spread of the residuals, in units of their noise where it is known. */
  spread: number;
  /** What its search came by. */
  basins: readonly Basin[];
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
  const { best, basins } = model.search(first);
  const residuals = residualsAt(model.problem(best.kernel, first), best.minimum.theta);
  const scaled = q === null ? residuals : residuals.map((r, i) => r * q[i]);
  const spread = robustSpreadInPlace(perObservation(scaled, rowOf), model.parameters.length);
  return { unit, spread, basins };
}
