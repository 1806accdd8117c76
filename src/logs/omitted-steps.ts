/** What is said of runs of which most rows were counted and not kept, from what was counted and the rows kept for it. */
import type { OmittedSteps, Table } from "../objects.js";
import { canBeWild, WILD_NORM, wildNorm } from "./divergence.js";
import { endsUndecayed, isRate } from "./schedule-end.js";

/** A log whose step rows were reduced to runs while it was read, where every row is needed: it is to be read again. */
export class EveryRowNeeded extends Error {}

/** Steps that were passed over, by the run that they are of. */
export function omittedByRun(omitted: readonly OmittedSteps[]): Map<string, OmittedSteps[]> {
  const byRun = new Map<string, OmittedSteps[]>();
  for (const one of omitted) byRun.set(one.run, [...(byRun.get(one.run) ?? []), one]);
  return byRun;
}

/** Whether a row of the table is among the rows counted too. */
export function isCounted(table: Table, row: number, omitted: readonly OmittedSteps[]): boolean {
  const { file, line } = table.source(row);
  return omitted.some((one) => one.file === file && one.kept.has(line));
}

/**
 * `wildNorm` of a run.
 *
 * @param inOrder  all rows of the run in the table, by step
 * @param norms    by row of the table
 * @throws EveryRowNeeded where it takes the norms themselves
 */
export function wildNormOf(
  table: Table,
  inOrder: readonly number[],
  norms: Float64Array,
  omitted: readonly OmittedSteps[],
): number | null {
  const hidden = omitted.filter(({ norms: { known } }) => known > 0);
  if (hidden.length === 0) return wildNorm(inOrder.map((row) => norms[row]!));
  const own = inOrder.filter((row) => Number.isFinite(norms[row]!) && !isCounted(table, row, hidden));
  const known = hidden.reduce((sum, one) => sum + one.norms.known, own.length);
  const ownWild = own.filter((row) => norms[row]! > WILD_NORM).length;
  const wild = hidden.reduce((sum, one) => sum + one.norms.wild, ownWild);
  if (canBeWild(known, wild)) throw new EveryRowNeeded();
  return null;
}

/**
 * `endsUndecayed` of a run: of the rows not in the table, those of the first peak, of the end and of the lowest rates are
 * kept, so that a rate that had come down is seen to have.
 *
 * @param inOrder  all rows of the run in the table, by step
 * @param rates    by row of the table
 * @throws EveryRowNeeded where a lower rate may have been passed over
 */
export function endsUndecayedOf(
  table: Table,
  inOrder: readonly number[],
  rates: Float64Array,
  omitted: readonly OmittedSteps[],
): boolean {
  if (!endsUndecayed(inOrder.map((row) => rates[row]!))) return false;
  const known = inOrder.filter((row) => isRate(rates[row]!));
  const end = rates[known.at(-1)!]!;
  const peak = known.reduce((most, row) => Math.max(most, rates[row]!), 0);
  const first = inOrder.findIndex((row) => rates[row] === peak);
  const isSure = ({ file, rates: course }: OmittedSteps): boolean => {
    if (course === null) return true;
    const placeOf = (line: number) =>
      inOrder.findIndex((row) => {
        const source = table.source(row);
        return source.line === line && source.file === file;
      });
    const rateAt = (line: number) => rates[inOrder[placeOf(line)] ?? -1] ?? Number.NaN;
    if (rateAt(course.least) >= end) return true;
    return course.isInOrder && placeOf(course.peak) <= first && rateAt(course.low) >= end;
  };
  if (!omitted.every(isSure)) throw new EveryRowNeeded();
  return true;
}
