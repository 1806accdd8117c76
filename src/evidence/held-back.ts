/**
 * Which rows are held back: a tenth of the runs at a time, and the largest scales all at once.
 */
import { randomStream } from "../fit/random.js";
import type { Observations } from "../objects.js";

/** Folds of a leave-out. */
const FOLDS = 10;

/**
 * Rows that are left out together, each row once: whole runs, dealt out by chance.
 *
 * @param run the run of each row, or null when every row is one
 * @param seed the same seed gives the same folds
 * @param most folds at most; fewer where there are fewer runs
 */
export function foldsOf(rows: number, run: Int32Array | null, seed: number, most = FOLDS): Int32Array[] {
  const units = unitsOf(rows, run);
  const stream = randomStream(seed, 0);
  for (let i = units.length - 1; i > 0; i--) {
    const j = stream.below(i + 1);
    [units[i], units[j]] = [units[j], units[i]];
  }
  const folds = Math.min(most, units.length);
  return Array.from({ length: folds }, (_, k) =>
    Int32Array.from(units.filter((_unit, i) => i % folds === k).flat()).sort(),
  );
}

/** The rows of each run. */
export function unitsOf(rows: number, run: Int32Array | null): number[][] {
  if (run === null) return Array.from({ length: rows }, (_, i) => [i]);
  const units = new Map<number, number[]>();
  for (let i = 0; i < rows; i++) {
    const unit = units.get(run[i]);
    if (unit === undefined) units.set(run[i], [i]);
    else unit.push(i);
  }
  return [...units.values()];
}

/** The same of several groups, whose rows lie group after group. */
export function unitsOfGroups(groups: readonly Observations[]): Int32Array[][] {
  let from = 0;
  return groups.map(({ measured, run }) => {
    const first = from;
    from += measured.length;
    return unitsOf(measured.length, run).map((unit) => Int32Array.from(unit, (i) => first + i));
  });
}

/** Values within this factor of the largest are one scale. */
const ONE_SCALE = 1.1;
/** Scales that are hidden where the rows allow it; more of them where they hold few rows. */
const MOST_SCALES = 3;
const FEW_ROWS = 0.1;
/** At most this share of the rows is hidden. */
const MOST_HIDDEN = 1 / 3;
/** Scales that must be left: two would fit any curve. */
const LEAST_SCALES = 3;

/**
 * How many rows are left when the largest scales are hidden; null where too few would be left.
 *
 * @param scale ascending
 * @param needed rows that must be left
 */
export function rowsBelow(scale: Float64Array, needed: number): number | null {
  const n = scale.length;
  let below = n;
  for (let scales = 0; scales < MOST_SCALES || n - below < FEW_ROWS * n; scales++) {
    let next = below;
    while (next > 0 && scale[next - 1] * ONE_SCALE >= scale[below - 1]) next--;
    if (n - next > MOST_HIDDEN * n || next < needed || scalesIn(scale.subarray(0, next)) < LEAST_SCALES)
      break;
    below = next;
  }
  return below === n ? null : below;
}

function scalesIn(scale: Float64Array): number {
  let count = 0;
  let smallest = 0;
  for (const value of scale) {
    if (count > 0 && value <= ONE_SCALE * smallest) continue;
    smallest = value;
    count++;
  }
  return count;
}
