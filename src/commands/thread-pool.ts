/**
 * The main thread and others beside it, at work on one list: each takes the next piece until none is left. Threads are
 * started when they are first wanted and kept for the next list, since a start takes a tenth of a second.
 */
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type AnswerTo, carryOut, type Order } from "./orders.js";

const MOST_THREADS = 8;

/** What every thread is given: the whole list, and how many of it are taken, one number for all threads. */
export interface SharedList {
  orders: readonly Order[];
  taken: Int32Array;
}

export interface ThreadAnswer {
  place: number;
  answer: AnswerTo<Order>;
}

/** What a thread says when nothing is left to take. */
export const NO_MORE = "no more";

/** What the main thread has to do besides pieces of a list. */
export interface OwnWork<O extends Order> {
  /** Before it takes any, when the others have begun. */
  first(): void;
  /** How many of the last pieces it leaves to the others, where there are any, and begins something else in that time. */
  pieces: number;
  /** @param answers those that are there; undefined in the places of the rest */
  begin(answers: readonly (AnswerTo<O> | undefined)[]): void;
}

/** The place of a piece of work that no other thread has. */
export const takeNext = (taken: Int32Array): number => Atomics.add(taken, 0, 1);

export class ThreadPool {
  private readonly workers: Worker[] = [];

  /** @param wanted threads in all, or as many as pay */
  constructor(private readonly wanted: number | "auto") {}

  /** @param worth how many threads the work is worth */
  threadsFor(worth: number): number {
    if (this.wanted !== "auto") return this.wanted;
    return Math.max(1, Math.min(availableParallelism(), MOST_THREADS, Math.floor(worth)));
  }

  /** Starts the threads beside this one, so that they are there when there is work for them. */
  warm(threads: number): void {
    this.others(threads - 1);
  }

  /**
   * The answers, in the order of the orders; the first failure ends all.
   *
   * @param own for the main thread
   */
  async run<O extends Order>(
    orders: readonly O[],
    threads: number,
    own?: OwnWork<O>,
  ): Promise<AnswerTo<O>[]> {
    const list: SharedList = { orders, taken: new Int32Array(new SharedArrayBuffer(4)) };
    const answers = new Array<AnswerTo<O> | undefined>(orders.length).fill(undefined);
    const keep = ({ place, answer }: ThreadAnswer): void => {
      answers[place] = answer as AnswerTo<O>;
    };
    const others = this.others(Math.min(threads, orders.length) - 1);
    const ending = others.map((worker) => answersOf(worker, list, keep));
    const left = others.length > 0 && own !== undefined ? own.pieces : 0;
    own?.first();
    await Promise.all([
      ownAnswers(list, left, keep).then(() => {
        if (left > 0) own?.begin(answers);
      }),
      ...ending,
    ]);
    return answers as AnswerTo<O>[];
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.terminate()));
  }

  private others(count: number): Worker[] {
    while (this.workers.length < count)
      this.workers.push(new Worker(new URL("../worker.js", import.meta.url)));
    return this.workers.slice(0, count);
  }
}

/**
 * The main thread's part; between two pieces it listens, to an interrupt too.
 *
 * @param left how many of the last pieces it leaves to others
 */
async function ownAnswers(
  { orders, taken }: SharedList,
  left: number,
  keep: (answer: ThreadAnswer) => void,
): Promise<void> {
  const isLeft = () => Atomics.load(taken, 0) >= orders.length - left;
  while (!isLeft()) {
    const place = takeNext(taken);
    if (place >= orders.length) break;
    keep({ place, answer: carryOut(orders[place]) });
    await setImmediate();
  }
}

function answersOf(worker: Worker, list: SharedList, keep: (answer: ThreadAnswer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const hear = (message: ThreadAnswer | typeof NO_MORE) => {
      if (message !== NO_MORE) return keep(message);
      worker.off("error", reject);
      worker.off("message", hear);
      resolve();
    };
    worker.once("error", reject);
    worker.on("message", hear);
    worker.postMessage(list);
  });
}
