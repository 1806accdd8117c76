/**
 * The cuts of a backtest on several threads. What a law makes of a cut depends on them alone, so the number of threads
 * changes no byte of the result.
 */
import { type CutAnswer, type CutWork, runCut } from "../evidence/backtest.js";
import { plainLaw } from "./plain-law.js";
import type { ThreadPool } from "./thread-pool.js";

/** Rows times resamples that pay for a thread; a fit itself counts as so many. */
const WORTH_A_THREAD = 250_000;
const A_FIT = 20_000;

/** The answers in the order of the work. */
export async function tryCuts(work: readonly CutWork[], pool: ThreadPool): Promise<CutAnswer[]> {
  const threads = pool.threadsFor(work.reduce((sum, one) => sum + sizeOf(one), 0) / WORTH_A_THREAD);
  if (threads <= 1) return work.map(runCut);
  // The longest first: last, one thread alone would be busy with it.
  const order = [...work.keys()].sort((a, b) => sizeOf(work[b]) - sizeOf(work[a]));
  const answers = await pool.run(
    order.map((k) => {
      const { law, observations, choices, task } = work[k];
      const { label: _label, source: _source, ...plain } = observations;
      return { kind: "cut" as const, law: plainLaw(law), observations: plain, choices, task };
    }),
    threads,
  );
  const inOrder = new Array<CutAnswer>(work.length);
  order.forEach((k, i) => {
    inOrder[k] = answers[i];
  });
  return inOrder;
}

const sizeOf = ({ law, task: { below, options } }: CutWork): number =>
  law.parameters.length * (A_FIT + below.length * Math.max(Number(options.bootstrap), 1));
