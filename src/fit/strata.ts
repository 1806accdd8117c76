/**
 * Strata: groups of rows that every resample holds as many of as the log does, such as the runs of each budget, where the
 * design was fixed beforehand and is no part of the chance.
 */
import { DataError } from "../errors.js";
import type { Observations } from "../objects.js";

/**
 * The units of resampling by stratum, in an order that neither names nor the order of rows decide.
 *
 * @param units as `resamplingUnits` gives them
 * @returns null without strata, or with a single one: all units are drawn together
 * @throws DataError where rows of one run lie in several strata, or no stratum has two units
 */
export function strataOf(
  { stratum, run }: Observations,
  units: () => readonly Int32Array[],
): Int32Array[] | null {
  if (stratum === undefined) return null;
  const all = units();
  const members = new Map<number, number[]>();
  const unitOf = new Map<number, number>();
  const stratumOf: number[] = [];
  for (let i = 0; i < stratum.length; i++) {
    const own = run === null ? i : run[i];
    const known = unitOf.get(own);
    if (known === undefined) {
      const unit = unitOf.size;
      unitOf.set(own, unit);
      stratumOf.push(stratum[i]);
      const list = members.get(stratum[i]);
      if (list === undefined) members.set(stratum[i], [unit]);
      else list.push(unit);
    } else if (stratumOf[known] !== stratum[i]) throw torn();
  }
  if (members.size === 1) return null;
  const strata = [...members.values()].map((list) => Int32Array.from(list));
  if (strata.length === all.length) throw tooSmall(strata.length);
  return strata.sort((a, b) => compare(all, a, b));
}

/** By the rows of their units: equal rows in several strata are alike. */
function compare(units: readonly Int32Array[], a: Int32Array, b: Int32Array): number {
  const rows = (list: Int32Array) => Array.from(list, (unit) => [...units[unit]]).flat();
  const [x, y] = [rows(a), rows(b)];
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i];
  return x.length - y.length;
}

/** Units with their strata, as a resample draws them. */
export interface Strata {
  units: Int32Array[];
  /** Indices of units; null where all are drawn together. */
  strata: Int32Array[] | null;
}

/** The same of some of the rows. Where no stratum has two units left, all are drawn together. */
export function within({ units, strata }: Strata, rows: Int32Array): Strata {
  const isIn = new Set(rows);
  const left: Int32Array[] = [];
  const places = units.map((unit) => {
    const own = unit.filter((row) => isIn.has(row));
    return own.length === 0 ? -1 : left.push(own) - 1;
  });
  const kept = strata?.map((list) => list.map((unit) => places[unit]).filter((place) => place >= 0));
  const some = kept?.filter(({ length }) => length > 0) ?? null;
  return { units: left, strata: some === null || some.length === left.length ? null : some };
}

/**
 * What limits from draws within strata lack: of H strata among n units they have (n - H)/n of the variance, as one stratum
 * has (n - 1)/n.
 */
export const strataStretch = (strata: readonly Int32Array[] | null): number => {
  if (strata === null) return 1;
  const n = strata.reduce((sum, { length }) => sum + length, 0);
  return Math.sqrt(n / (n - strata.length));
};

/** @throws DataError for strata where no rows are drawn, as for very many of them */
export function requireResamples({ stratum }: Observations, bootstrap: number): void {
  if (stratum === undefined || bootstrap > 0) return;
  throw new DataError({
    code: "strata",
    message: `strata say how rows are drawn, and of ${stratum.length} rows none are`,
    why: "limits of so many come from the covariance unless resamples are asked for",
    hint: "leave --strata out, or give their number: --bootstrap 200",
  });
}

const torn = (): DataError =>
  new DataError({
    code: "strata",
    message: "rows of one run, or of one cluster, lie in several strata",
    why: "they are drawn together, and a stratum holds whole runs",
    hint: "give a column with the same value in all rows of a run",
  });

const tooSmall = (count: number): DataError =>
  new DataError({
    code: "strata",
    message: `each of the ${count} strata holds one row or run: every resample would be the log itself`,
    hint: "give a column that several rows share, or leave --strata out",
  });
