/**
 * The laws of a choice judged on several threads. What a law makes of the rows depends on them alone, so the number of
 * threads changes no byte of the result; a few laws stay on the main thread.
 */
import { type Contestant, judgedInTurn, openedBy } from "../evidence/choose-law.js";
import type { Contest, Judgement, Unfitted } from "../evidence/judge-law.js";
import { keyOf } from "../laws/law-key.js";
import type { JudgeOrder, LawErrors } from "./judge-order.js";
import type { ThreadPool } from "./thread-pool.js";

/** A law is judged in about the time that a thread takes to start: so many of them pay for one. */
const LAWS_WORTH_A_THREAD = 3;

/** Threads to judge so many laws, in all. */
export const threadsFor = (laws: number, pool: ThreadPool): number =>
  pool.threadsFor(laws / LAWS_WORTH_A_THREAD);

/** Of the laws, those of the fewest parameters; judging them takes as long as a search for the law that leads by then. */
const LEFT_TO_OTHERS = 1 / 2;

/**
 * What each law makes of the rows, in their order.
 *
 * @param meanwhile what the main thread begins while others judge the smallest laws, with what is known by then
 */
export async function judgeAll(
  contestants: readonly Contestant[],
  contest: Contest,
  pool: ThreadPool,
  meanwhile?: (known: readonly (Judgement | Unfitted)[]) => void,
): Promise<(Judgement | Unfitted)[]> {
  const threads = threadsFor(contestants.length, pool);
  pool.warm(threads);
  const opened = openedBy(contestants, contest);
  if (threads <= 1 || opened.finish === null) return judgedInTurn(opened);
  const { unfitted, finish, others, rest } = opened;
  const results: (Judgement | Unfitted)[] = [...unfitted];
  // Laws of many parameters take longest: last, one thread alone would be busy with them.
  const order = [...others.keys()].sort((a, b) => sizeOf(others[b]) - sizeOf(others[a]));
  const judged = (answers: readonly (LawErrors | undefined)[]): (Judgement | Unfitted)[] => [
    ...results,
    ...others.flatMap(({ law }, k) => {
      const answer = answers[order.indexOf(k)];
      return answer === undefined ? [] : [{ law, ...answer }];
    }),
  ];
  const answers = await pool.run(
    order.map((k) => orderFor(others[k], rest)),
    threads,
    {
      // The others have what they need to begin.
      first: () => results.push(finish()),
      pieces: meanwhile === undefined ? 0 : Math.floor(others.length * LEFT_TO_OTHERS),
      begin: (answers) => meanwhile?.(judged(answers)),
    },
  );
  return judged(answers);
}

const sizeOf = ({ law }: Contestant): number => law.parameters.length;

function orderFor({ law, observations }: Contestant, contest: Contest): JudgeOrder {
  const { label: _label, source: _source, ...plain } = observations;
  return { kind: "judge", law: keyOf(law), observations: plain, contest };
}
