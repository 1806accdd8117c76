/**
 * How many accelerators help to end a run sooner: data parallel beyond the critical batch takes more tokens for the same
 * loss, so with b tokens that one needs a step at least, no more than B_crit(L) / b are of use.
 *
 * @see arXiv 2001.08361, eq. 1.4 and 5.3
 */
export interface UsefulCount {
  /** Accelerators that work. */
  count: number;
  /** Tokens. */
  criticalBatch: number;
  /** The loss for which it holds. */
  loss: number;
}

const STEPS = 60;

/**
 * The count at which what it reaches and what it needs agree: more accelerators reach a lower loss, whose critical batch is
 * larger, until there are no more of them.
 *
 * @param critical the critical batch of a loss, in tokens
 * @param lossWith the loss that so many accelerators reach; null where they reach none
 */
export function usefulCount(
  most: number,
  leastBatch: number,
  critical: (loss: number) => number,
  lossWith: (count: number) => number | null,
): UsefulCount | null {
  let count = most;
  for (let i = 0; i < STEPS; i++) {
    const loss = lossWith(count);
    if (loss === null || !(loss > 0)) return null;
    const criticalBatch = critical(loss);
    if (!(criticalBatch > 0)) return null;
    const next = Math.max(1, Math.min(most, Math.floor(criticalBatch / leastBatch)));
    if (next >= count) return { count, criticalBatch, loss };
    count = next;
  }
  return null;
}
