/**
 * Fits without one unit each (a row, a run, or one of many equal groups of them): what the acceleration of BCa
 * intervals is made from.
 */
import type { Draws } from "./bootstrap.js";
import type { Model, Refit, Solution } from "./model.js";
import type { Objective } from "./objective.js";

/**
 * More units than this are left out in groups, every G-th unit in one: the third moment of influences that the
 * acceleration needs adds up over groups, and with 1,000 of them its own noise is sqrt(15)/(6 G) < 0.001.
 */
const MOST_GROUPS = 1000;

/** Units to leave out, at most 1,000. */
export function leaveOutUnits(units: readonly Int32Array[]): Int32Array[] {
  const groups = Math.min(units.length, MOST_GROUPS);
  if (groups === units.length) return [...units];
  return Array.from({ length: groups }, (_, g) => {
    const rows: number[] = [];
    for (let u = g; u < units.length; u += groups) rows.push(...units[u]);
    return Int32Array.from(rows);
  });
}

/**
 * Fits to all rows but those of one unit, for some of the units.
 *
 * @param refit from the estimate
 * @param units what is drawn from; together they are all rows
 * @param from, to  indices of the units that are left out
 */
export function fitsWithout(
  model: Model,
  refit: Refit,
  units: readonly Int32Array[],
  [from, to]: readonly [number, number],
): Solution[] {
  const rows = model.measured.length;
  const total = new Float64Array(rows);
  for (const unit of units) for (const row of unit) total[row]++;
  const chosen = new Int32Array(rows);
  const weight = new Float64Array(rows);
  const left = new Float64Array(rows);
  return units.slice(from, to).map((unit) => {
    left.set(total);
    for (const row of unit) left[row]--;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      if (left[i] === 0) continue;
      chosen[count] = i;
      weight[count++] = left[i];
    }
    return refit(chosen, count, weight);
  });
}

/**
 * The same as draws: parameters of those that ended in a finite answer.
 *
 * @param start the estimate, as `warmStart` gives it
 */
export function leaveOutFits(
  model: Model,
  objective: Objective,
  start: Float64Array,
  units: readonly Int32Array[],
  range: readonly [number, number],
): Draws {
  const draws: Draws = { values: [], indices: [], covariances: [], failed: 0 };
  const refit = model.refitter(start, objective);
  fitsWithout(model, refit, units, range).forEach(({ parameters, minimum }, i) => {
    if (minimum.status !== "stalled" && parameters.every(Number.isFinite)) {
      draws.values.push(parameters);
      draws.indices.push(range[0] + i);
    } else draws.failed++;
  });
  return draws;
}
