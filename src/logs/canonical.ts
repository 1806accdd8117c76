/** An order of rows that depends on their values only, so that the order of rows and files changes no number. */
import type { Column } from "../objects.js";

/** Rows in canonical order, with the run of each as an index from 0 where runs have several rows. */
export interface CanonicalRows {
  rows: number[];
  /** Null when every row is a run of its own. */
  cluster: Int32Array | null;
}

/**
 * Sorts rows by their values, the first list first. Among rows of equal values the run with the smaller values
 * elsewhere comes first: run names and places in the file have no say.
 *
 * @param rows  table rows to order
 * @param by    values over all rows of the table: the inputs, then the measured value
 * @param run   the column of run names, or null
 * @param size  params of each row, where known: rows of one name but of different sizes are different runs
 */
export function canonicalOrder(
  rows: readonly number[],
  by: readonly Float64Array[],
  run: Column | null,
  size: Float64Array | null,
): CanonicalRows {
  const sorted = [...rows].sort((a, b) => compareValues(by, a, b));
  const members = run === null ? null : rowsByRun(sorted, run, size);
  if (members === null || members.length === sorted.length) return { rows: sorted, cluster: null };
  const ranks = ranksOf(sorted, by);
  members.sort((a, b) => compareRanks(a, b, ranks));
  const clusterOf = new Int32Array(sorted.length);
  members.forEach((places, cluster) => {
    for (const place of places) clusterOf[place] = cluster;
  });
  const places = sorted.map((_, place) => place);
  places.sort((a, b) => ranks[a]! - ranks[b]! || clusterOf[a]! - clusterOf[b]!);
  return {
    rows: places.map((place) => sorted[place]!),
    cluster: Int32Array.from(places, (place) => clusterOf[place]!),
  };
}

function compareValues(by: readonly Float64Array[], a: number, b: number): number {
  for (const values of by) {
    const [x, y] = [values[a]!, values[b]!];
    if (x < y) return -1;
    if (x > y) return 1;
    // a value that is not there comes after those that are
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  }
  return 0;
}

/** Places (indices into `sorted`) of each run; a row without a run's name is a run of its own. */
function rowsByRun(sorted: readonly number[], run: Column, size: Float64Array | null): number[][] {
  const named = new Map<string, number[]>();
  const members: number[][] = [];
  for (const [place, row] of sorted.entries()) {
    const text = run.text(row).trim();
    const name = text === "" || size === null ? text : `${size[row]} ${text}`;
    const known = name === "" ? undefined : named.get(name);
    if (known !== undefined) {
      known.push(place);
      continue;
    }
    const places = [place];
    members.push(places);
    if (name !== "") named.set(name, places);
  }
  return members;
}

/** Equal rows have equal ranks. */
function ranksOf(sorted: readonly number[], by: readonly Float64Array[]): Int32Array {
  const ranks = new Int32Array(sorted.length);
  for (let place = 1; place < sorted.length; place++) {
    const isEqual = compareValues(by, sorted[place - 1]!, sorted[place]!) === 0;
    ranks[place] = ranks[place - 1]! + (isEqual ? 0 : 1);
  }
  return ranks;
}

/** Runs by the ranks of their rows, ascending. */
function compareRanks(a: readonly number[], b: readonly number[], ranks: Int32Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = ranks[a[i]!]! - ranks[b[i]!]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
