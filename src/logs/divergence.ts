/** What marks a run as diverged, besides a loss that is not finite or far above its lowest. */

/** A last value this many times a run's lowest is said to have diverged: noise of a training loss stays below. */
const DIVERGED_RATIO = 1.3;
/** Norms of the gradient of a mean loss are about 1 in a run that learns; in the hundreds it only jumps about. */
export const WILD_NORM = 100;
const LEAST_POINTS = 6;

/**
 * The median gradient norm of the last third of a run, where it is far above that of any run that learns; else null.
 *
 * @param norms by step; not finite where it was not logged
 */
export function wildNorm(norms: readonly number[]): number | null {
  const known = norms.filter(Number.isFinite);
  if (known.length < LEAST_POINTS) return null;
  const late = known.slice(-Math.ceil(known.length / 3)).sort((a, b) => a - b);
  const median = late[late.length >> 1]!;
  return median > WILD_NORM ? median : null;
}

/** Whether so many wild norms among so many in all can be at least half of the last third. */
export function canBeWild(known: number, wild: number): boolean {
  const late = Math.ceil(known / 3);
  return known >= LEAST_POINTS && wild >= late - (late >> 1);
}

/** Whether a run ends far above the lowest value that it had. */
export const isFarAbove = (last: number, lowest: number): boolean =>
  lowest > 0 && last >= lowest * DIVERGED_RATIO;

/**
 * Where a run ends, for a comparison with its lowest value: the last of its values, or where it has several measures a step
 * (a loss a domain) the lowest of the last step.
 *
 * @param inOrder  rows with the measured value written, by step
 */
export function endOf(
  inOrder: readonly number[],
  values: Float64Array,
  steps: Float64Array,
  isSeveralAStep: boolean,
): number {
  const last = inOrder.at(-1)!;
  if (!isSeveralAStep) return values[last]!;
  const atEnd = inOrder.filter((row) => steps[row] === steps[last]).map((row) => values[row]!);
  return atEnd.reduce((low, value) => (value < low || Number.isNaN(low) ? value : low), Number.NaN);
}
