/**
 * Where the rows of a log can be cut into smaller runs that are fitted and larger ones that are predicted: between two
 * scales, whole runs on one side each. A run is as large as its largest row.
 */
import { unitsOf } from "./held-back.js";

export interface Cut {
  /** The largest scale of the runs below. */
  scale: number;
  /** Rows of the runs below; rows of the others that lie above the scale. */
  below: Int32Array;
  above: Int32Array;
  runsBelow: number;
  runsAbove: number;
}

export interface Cuts {
  /** From the smallest scale up. */
  cuts: Cut[];
  skipped: { scale: number; reason: string }[];
  /** Cuts that would have been possible besides. */
  leftOut: number;
}

/** Scales nearer to each other are one. */
const ONE_SCALE = 1.1;
/** Scales that run into each other count as one as long as they span no more than this. */
const WIDEST_SCALE = 1.5;
/** Scales that must be left: two would fit any curve. */
const LEAST_SCALES = 3;

/** What must be left below a cut. */
export interface Needed {
  rows: number;
  runs: number;
}

/**
 * @param scale of each row, > 0
 * @param run the run of each row, or null when every row is one
 * @param needed what must be left below
 * @param most cuts at most, spread evenly over those that are possible, the smallest and the largest among them
 */
export function cutsOf(scale: Float64Array, run: Int32Array | null, needed: Needed, most: number): Cuts {
  const units = unitsOf(scale.length, run)
    .map((rows) => ({ rows, size: rows.reduce((largest, i) => Math.max(largest, scale[i]), 0) }))
    .sort((a, b) => a.size - b.size || a.rows[0] - b.rows[0]);
  const starts = scalesOf(units.map(({ size }) => size));
  const possible: Cut[] = [];
  const skipped: Cuts["skipped"] = [];
  starts.slice(1).forEach((start, k) => {
    const cut = cutAt(units, start, scale);
    const reason = tooLittle(cut, k + 1, needed);
    if (reason === null) possible.push(cut);
    else skipped.push({ scale: cut.scale, reason });
  });
  const cuts = spread(possible, most);
  return { cuts, skipped, leftOut: possible.length - cuts.length };
}

function cutAt(units: readonly { rows: number[]; size: number }[], start: number, scale: Float64Array): Cut {
  const at = units[start - 1].size;
  const below = units.slice(0, start).flatMap(({ rows }) => rows);
  const above = units.slice(start).flatMap(({ rows }) => rows.filter((i) => scale[i] > at));
  return {
    scale: at,
    below: Int32Array.from(below).sort(),
    above: Int32Array.from(above).sort(),
    runsBelow: start,
    runsAbove: units.length - start,
  };
}

function tooLittle({ below, runsBelow }: Cut, scales: number, needed: Needed): string | null {
  if (below.length < needed.rows) return `${below.length} rows below, and ${needed.rows} are needed`;
  if (runsBelow < needed.runs) return `${runsBelow} runs below, and ${needed.runs} are needed`;
  if (scales < LEAST_SCALES) return `${scales} scales below, and ${LEAST_SCALES} are needed`;
  return null;
}

/**
 * Where each scale begins among ascending sizes. Budgets whose runs spread a little (those of examples/char-lm do, by 15 %)
 * stay whole; sizes without gaps are parted every 10 %.
 */
export function scalesOf(size: readonly number[]): number[] {
  const starts: number[] = [];
  for (let from = 0; from < size.length; ) {
    let to = from + 1;
    while (to < size.length && size[to] <= ONE_SCALE * size[to - 1]) to++;
    const isOne = size[to - 1] <= WIDEST_SCALE * size[from];
    for (let i = from, first = size[from]; i < to; i++) {
      if (i > from && (isOne || size[i] <= ONE_SCALE * first)) continue;
      starts.push(i);
      first = size[i];
    }
    from = to;
  }
  return starts;
}

function spread<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  if (most === 1) return all.slice(-1);
  return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]);
}
