/**
 * How noisy each of several stages is: what their residuals are measured by where they are fitted as one problem.
 *
 * One stage may be a loss known to 0.1 % and the next an accuracy known to 5 %: added up as they are, the second would
 * decide what they have in common. Each row counts by 1/s^2, s the robust spread of its stage's residuals about a first fit
 * of that stage alone. About the joint fit, s would hang on the answer: a stage that happened to be met closely would count
 * for more, be met more closely, and in the end pass through its rows.
 */
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { distinctRows } from "./distinct.js";
import { firstFit } from "./first-fit.js";
import { layoutOf, type ParameterChoices, withHeld } from "./layout.js";
import { modelOf } from "./model-of.js";
import { isLog, type ObjectiveName } from "./objective.js";
import { median } from "./quantiles.js";

/** A stage with its rows and what was said of its parameters. */
export interface StageRows {
  law: Law;
  observations: Observations;
  choices: ParameterChoices;
}

/** Rows beyond the parameters without which a stage does not know its own noise: with fewer, s is right to a factor of 2. */
const TO_SPARE = 5;
/** Relative noise under this is rounding. */
const LEAST = 1e-6;

/**
 * The spread of each stage, on the objective's scale, or in units of the rows' noise where that is known. A stage with too
 * few rows is taken to be as noisy, relative to its values, as the noisiest of the others; where none has enough, all
 * count alike.
 */
export function stageSpreads(stages: readonly StageRows[], objective: ObjectiveName): number[] {
  const units = stages.map(({ observations }) => unitOf(observations, objective));
  const relative = stages.map((stage, k) => {
    const own = ownSpread(stage, objective);
    return own === null ? null : Math.max(own / units[k], LEAST);
  });
  const known = relative.filter((spread) => spread !== null);
  const noisiest = known.length === 0 ? 1 : Math.max(...known);
  return units.map((unit, k) => unit * (relative[k] ?? noisiest));
}

/** A relative noise of 1, in the unit of a stage's spread. */
function unitOf({ measured, weight }: Observations, objective: ObjectiveName): number {
  const size = isLog(objective) ? 1 : median(measured.map(Math.abs));
  return size * (weight === null ? 1 : median(weight.map(Math.sqrt)));
}

/** About a fit of the stage alone; null where its rows are too few. */
function ownSpread({ law, observations, choices }: StageRows, objective: ObjectiveName): number | null {
  const layout = layoutOf(law, withHeld(law, choices));
  const p = layout.free.length;
  if (p === 0 || observations.measured.length < p + TO_SPARE) return null;
  const rows = distinctRows(observations);
  const { model } = modelOf(law, layout, rows);
  const { spread } = firstFit(model, rows.rowOf, isLog(objective) ? "huber-log" : "huber");
  return Number.isFinite(spread) ? spread : null;
}
