/** Whether a run's learning rate had come down where its log ends: a last point before that is above the law's line. */

/** A schedule that ends above this share of its peak has not decayed. */
const DECAYED_SHARE = 0.5;
/** Points of the learning rate from which on its course can be told. */
export const LEAST_POINTS = 4;

/** Whether a learning rate was logged. */
export const isRate = (rate: number): boolean => Number.isFinite(rate) && rate >= 0;

/**
 * @param rates  the learning rate of a run in the order of its steps; not finite where it was not logged
 * @returns false where too little was logged, or the rate never fell: a constant rate is a choice, not an early end
 */
export function endsUndecayed(rates: readonly number[]): boolean {
  const known = rates.filter(isRate);
  if (known.length < LEAST_POINTS) return false;
  const peak = Math.max(...known);
  const last = known.at(-1)!;
  return (
    peak > 0 &&
    last < peak &&
    last > DECAYED_SHARE * peak &&
    Math.min(...known.slice(known.indexOf(peak))) === last
  );
}
