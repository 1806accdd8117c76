/**
 * The rows on which laws are compared: those that every one of them can use, in one order that depends on values alone,
 * the smallest scale first.
 */
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { scaleOf } from "./scale.js";

/** A law with the rows that it can use; rows of a log are told by `Observations.rows`. */
export interface Candidate {
  law: Law;
  observations: Observations;
  /** What each input was read from. */
  from: ReadonlyMap<string, string>;
}

export interface CommonRows {
  /** The candidates over the common rows, in the order given. */
  candidates: Candidate[];
  /** Candidates that can use so few rows that comparing the others on them would tell nothing. */
  leftOut: { law: Law; reason: string }[];
  /** By what rows are small or large, ascending; null where the laws have no scale in common. */
  scale: { name: string; values: Float64Array } | null;
  /** The common rows, and those that the candidate with the most rows can use. */
  rows: number;
  ofRows: number;
}

/** A law that can use less than this share of what another can use is not compared. */
const LEAST_SHARE = 0.5;
/** More rows than this are thinned: errors of laws differ in the first digits. */
const MOST_ROWS = 500;

/** @param atMost rows; more are thinned, evenly by scale */
export function commonRows(all: readonly Candidate[], atMost = MOST_ROWS): CommonRows {
  const most = all.reduce((least, { observations }) => Math.max(least, observations.measured.length), 0);
  const few = all.filter(({ observations }) => observations.measured.length < LEAST_SHARE * most);
  const kept = all.filter((candidate) => !few.includes(candidate));
  const places = placesInCommon(kept.map(({ observations }) => observations));
  const unordered = kept.map((candidate, k) => ({
    ...candidate,
    observations: taken(candidate.observations, places[k]),
  }));
  const scale = scaleOf(unordered);
  const order = thinned(orderOf(unordered, scale?.values ?? null), atMost);
  return {
    candidates: unordered.map((candidate) => ({
      ...candidate,
      observations: withRuns(taken(candidate.observations, order)),
    })),
    leftOut: few.map(({ law, observations: { measured } }) => ({
      law,
      reason: `it can use ${measured.length} of ${most} rows, too few to compare the others on`,
    })),
    scale:
      scale === null ? null : { name: scale.name, values: Float64Array.from(order, (i) => scale.values[i]) },
    rows: order.length,
    ofRows: most,
  };
}

const rowsOf = ({ rows, measured }: Observations): Int32Array => rows ?? Int32Array.from(measured.keys());

/** For each of the observations, the places of the rows that all of them have, by row. */
function placesInCommon(all: readonly Observations[]): Int32Array[] {
  const maps = all.map(
    (observations) => new Map(Array.from(rowsOf(observations), (row, i) => [row, i] as const)),
  );
  const common = [...(maps[0]?.keys() ?? [])].filter((row) => maps.every((known) => known.has(row)));
  common.sort((a, b) => a - b);
  return maps.map((known) => Int32Array.from(common, (row) => known.get(row) as number));
}

/** Some of the rows, in the order given; their kinds and strata, which no comparison asks for, are left behind. */
export function taken(observations: Observations, places: Int32Array): Observations {
  const { labels: _labels, stratum: _stratum, ...plain } = observations;
  const { inputs, measured, weight, run, label, source } = plain;
  const rows = rowsOf(observations);
  const take = (column: Float64Array) => Float64Array.from(places, (i) => column[i]);
  return {
    ...plain,
    inputs: new Map([...inputs].map(([name, column]) => [name, take(column)])),
    measured: take(measured),
    weight: weight === null ? null : take(weight),
    run: run === null ? null : Int32Array.from(places, (i) => run[i]),
    rows: Int32Array.from(places, (i) => rows[i]),
    label: (i) => label(places[i]),
    source: (i) => source(places[i]),
  };
}

/** Places by scale, then by what is measured, then by every input: the order of the log has no say. */
function orderOf(candidates: readonly Candidate[], scale: Float64Array | null): Int32Array {
  const [first] = candidates;
  if (first === undefined) return new Int32Array(0);
  const columns = [
    ...(scale === null ? [] : [scale]),
    first.observations.measured,
    ...candidates.flatMap(({ observations }) => [...observations.inputs.values()]),
  ];
  return Int32Array.from(first.observations.measured.keys()).sort((a, b) => {
    for (const column of columns) if (column[a] !== column[b]) return column[a] < column[b] ? -1 : 1;
    return a - b;
  });
}

/** At most so many places, spread evenly, the last one among them. */
function thinned(order: Int32Array, most: number): Int32Array {
  const n = order.length;
  if (n <= most) return order;
  return Int32Array.from({ length: most }, (_, i) => order[Math.floor(((i + 1) * n) / most) - 1]);
}

/** Runs numbered as they come, so that their names have no say; none where every row is a run of its own. */
function withRuns(observations: Observations): Observations {
  const { run } = observations;
  if (run === null) return observations;
  const numbers = new Map<number, number>();
  for (const name of run) if (!numbers.has(name)) numbers.set(name, numbers.size);
  const isApart = numbers.size === run.length;
  return { ...observations, run: isApart ? null : run.map((name) => numbers.get(name) as number) };
}
