/**
 * The search on the objective that is asked for, with the threshold that the data give it.
 */
import { searchAbsolute } from "./absolute.js";
import { perObservation } from "./distinct.js";
import { residualsAt } from "./evaluate.js";
import type { Model, SearchOutcome } from "./model.js";
import { isAbsolute, isHuber, makeObjective, type Objective, type ObjectiveName } from "./objective.js";
import { median, robustSpreadInPlace } from "./quantiles.js";

const FIRST_DELTA = 1e-3;
/** 95 % efficiency under Gaussian noise (Huber, Ann. Math. Statist. 35, 1964). */
const EFFICIENT = 1.345;

export interface Searched {
  /** What resamples are fitted with. */
  objective: Objective;
  /** What the answer is judged by: the same, less the rounding of an absolute one. */
  judged: Objective;
  deltaRule: string | null;
  search: SearchOutcome;
}

/**
 * @param rowOf the row of the model in which each observation stands, where equal ones are joined
 *
 * A Huber threshold is as given, or 1.345 times the robust spread of
 * the residuals of a first fit at 1e-3; from then on it is fixed.
 */
export function searchObjective(
  model: Model,
  rowOf: Int32Array | null,
  { objective: name, delta }: { objective: ObjectiveName; delta: "auto" | number },
): Searched {
  if (isAbsolute(name)) {
    const { search, delta: width } = searchAbsolute(model, name);
    const judged = makeObjective(name, 1e-9 * width);
    return { objective: makeObjective(name, width), judged, deltaRule: null, search };
  }
  const { objective, deltaRule, known } = isHuber(name)
    ? huberOf(model, rowOf, name, delta)
    : { objective: makeObjective(name, null), deltaRule: null, known: [] };
  return { objective, judged: objective, deltaRule, search: model.search(objective, known) };
}

function huberOf(model: Model, rowOf: Int32Array | null, name: ObjectiveName, delta: "auto" | number) {
  if (delta !== "auto") return { objective: makeObjective(name, delta), deltaRule: "given", known: [] };
  const q = model.inverseNoise;
  // One over the usual noise: with noise that is known delta counts in units of it.
  const unit = q === null ? 1 : median(q);
  const first = makeObjective(name, FIRST_DELTA * unit);
  const { best, basins } = model.search(first);
  const residuals = residualsAt(model.problem(best.kernel, first), best.minimum.theta);
  const scaled = q === null ? residuals : residuals.map((r, i) => r * q[i]);
  const spread = robustSpreadInPlace(perObservation(scaled, rowOf), model.parameters.length);
  const least = unit * (name === "huber" ? 1e-6 * median(model.measured.map(Math.abs)) : 1e-6);
  return {
    objective: makeObjective(name, Math.max(EFFICIENT * spread, least)),
    deltaRule:
      q === null
        ? "1.345 times the robust spread of the residuals of a first fit at 1e-3"
        : "1.345 times the robust spread of the residuals in units of their noise",
    known: basins,
  };
}
