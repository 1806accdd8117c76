import type { Observations } from "../objects.js";
import { gathered } from "./kernel.js";

/**
 * Equal rows as one row that counts as often as they are: an equal row counts as weight 2, and costs nothing.
 * `rowOf[i]` is the distinct row of observation i; null where all rows differ.
 */
export interface DistinctRows {
  inputs: ReadonlyMap<string, Float64Array>;
  measured: Float64Array;
  /** How many observations each row stands for, or null for all 1. */
  weight: Float64Array | null;
  /** 1/s of each row, s its noise, or null for all 1. */
  inverseNoise: Float64Array | null;
  rowOf: Int32Array | null;
}

/** 1/s of each observation, from its precision 1/s^2. */
export const inverseNoiseOf = ({ weight }: Observations): Float64Array | null =>
  weight === null ? null : weight.map(Math.sqrt);

/** Joins equal neighbours; observations in canonical order have all equal rows side by side. */
export function distinctRows(observations: Observations): DistinctRows {
  const { inputs, measured } = observations;
  const inverseNoise = inverseNoiseOf(observations);
  const n = measured.length;
  const columns = [...inputs.values(), measured, ...(inverseNoise === null ? [] : [inverseNoise])];
  const isNew = (i: number) => i === 0 || !columns.every((column) => column[i] === column[i - 1]);
  let distinct = 0;
  for (let i = 0; i < n; i++) if (isNew(i)) distinct++;
  if (distinct === n) return { inputs, measured, weight: null, inverseNoise, rowOf: null };
  const rowOf = new Int32Array(n);
  for (let i = 1; i < n; i++) rowOf[i] = rowOf[i - 1] + (isNew(i) ? 1 : 0);
  const first = new Int32Array(distinct);
  const total = new Float64Array(distinct);
  for (let i = n - 1; i >= 0; i--) {
    first[rowOf[i]] = i;
    total[rowOf[i]]++;
  }
  const take = (column: Float64Array) => gathered(column, first);
  return {
    inputs: new Map([...inputs].map(([name, column]) => [name, take(column)])),
    measured: take(measured),
    weight: total,
    inverseNoise: inverseNoise === null ? null : take(inverseNoise),
    rowOf,
  };
}

/** Values of the distinct rows, once for every observation. */
export function perObservation(values: Float64Array, rowOf: Int32Array | null): Float64Array {
  return rowOf === null ? values : gathered(values, rowOf);
}
