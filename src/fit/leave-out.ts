/**
 * Fits without one unit each (a row, a run, or one of many equal groups of them): what the acceleration of BCa
 * intervals is made from.
 */
import type { Draws } from "./bootstrap.js";
import type { Model } from "./model.js";
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
 * Fits to all rows but those of one unit.
 *
 * @param start the estimate, as `warmStart` gives it
 * @param from, to  indices of the units that are left out
 */
export function leaveOutFits(
  model: Model,
  objective: Objective,
  start: Float64Array,
  units: readonly Int32Array[],
  [from, to]: readonly [number, number],
): Draws {
  const rows = model.measured.length;
  const total = new Float64Array(rows);
  for (const unit of units) for (const row of unit) total[row]++;
  const chosen = new Int32Array(rows);
  const weight = new Float64Array(rows);
  const left = new Float64Array(rows);
  const refit = model.refitter(start, objective);
  const draws: Draws = { values: [], indices: [], covariances: [], failed: 0 };
  for (let u = from; u < to; u++) {
    left.set(total);
    for (const row of units[u]) left[row]--;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      if (left[i] === 0) continue;
      chosen[count] = i;
      weight[count++] = left[i];
    }
    const { parameters, minimum } = refit(chosen, count, weight);
    if (minimum.status !== "stalled" && parameters.every(Number.isFinite)) {
      draws.values.push(parameters);
      draws.indices.push(u);
    } else draws.failed++;
  }
  return draws;
}
