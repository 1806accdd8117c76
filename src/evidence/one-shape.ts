/**
 * Recipes whose curves may have one shape: each with its own floor and amplitudes, the exponents from the runs of all. What
 * sets them apart is then known better than from a curve each, if the exponents are the same.
 */
import { bootstrapDraws } from "../fit/bootstrap.js";
import type { Objective } from "../fit/objective.js";
import { nameInGroup } from "../laws/over-groups.js";
import type { Observations } from "../objects.js";
import type { Coefficients, Source } from "../plan/source.js";
import { type Curve, curveOf } from "./curve.js";
import { unitsOfGroups } from "./held-back.js";
import type { Account } from "./recipe-models.js";

/** Refits of all recipes together, each as dear as as many fits; limits of 400 draws are right to a tenth of their width. */
const MOST_DRAWS = 400;

/**
 * The same curves with their exponents in common, draw by draw from the same resamples: of each recipe's runs its own
 * number.
 *
 * @param curves each from its own fit
 * @param shaped the account of one shape over the rows of all groups
 */
export function withSharedShape(
  curves: readonly Curve[],
  groups: readonly Observations[],
  shaped: Account,
  objective: Objective,
  seed: number,
): Curve[] {
  const [{ model, solution }] = shaped.parts;
  const units = unitsOfGroups(groups);
  const resamples = Math.min(MOST_DRAWS, ...curves.map(({ source }) => source.draws.length));
  const { values } = bootstrapDraws(
    model,
    objective,
    model.warmStart(solution),
    { units: units.flat(), strata: strataOf(units) },
    seed,
    [0, resamples],
  );
  return curves.map(({ source }, k) => {
    const own = (parameters: Float64Array) => coefficientsIn(source, k, model.parameters, parameters);
    const method = { kind: "percentile" as const };
    const shared = { ...source, estimate: own(solution.parameters), draws: values.map(own), method };
    return curveOf(shared, groups[k]);
  });
}

/** What the parameters of all groups are in one of them; parameters that were not fitted are as in its own fit. */
function coefficientsIn(
  source: Source,
  group: number,
  names: readonly string[],
  values: Float64Array,
): Coefficients {
  const coefficients = { ...source.estimate };
  for (const name of Object.keys(coefficients)) {
    const shared = names.indexOf(name);
    const place = shared >= 0 ? shared : names.indexOf(nameInGroup(name, group));
    if (place >= 0) coefficients[name] = values[place];
  }
  return coefficients;
}

/** Indices of the units of each group, one after the other. */
function strataOf(units: readonly (readonly Int32Array[])[]): Int32Array[] {
  let from = 0;
  return units.map(({ length }) => {
    const first = from;
    from += length;
    return Int32Array.from({ length }, (_, u) => first + u);
  });
}
