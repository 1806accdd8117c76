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

  /** The answers, in the order of the orders; the first failure ends all. */
  async run<O extends Order>(orders: readonly O[], threads: number): Promise<AnswerTo<O>[]> {
    const list: SharedList = { orders, taken: new Int32Array(new SharedArrayBuffer(4)) };
    const others = this.others(Math.min(threads, orders.length) - 1).map((worker) => answersOf(worker, list));
    const all = await Promise.all([ownAnswers(list), ...others]);
    const answers = new Array<AnswerTo<O>>(orders.length);
    for (const { place, answer } of all.flat()) answers[place] = answer as AnswerTo<O>;
    return answers;
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

/** The main thread's part; between two pieces it listens, to an interrupt too. */
async function ownAnswers({ orders, taken }: SharedList): Promise<ThreadAnswer[]> {
  const answers: ThreadAnswer[] = [];
  for (let i = takeNext(taken); i < orders.length; i = takeNext(taken)) {
    answers.push({ place: i, answer: carryOut(orders[i]) });
    await setImmediate();
  }
  return answers;
}

function answersOf(worker: Worker, list: SharedList): Promise<ThreadAnswer[]> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (answers: ThreadAnswer[]) => {
      worker.off("error", reject);
      resolve(answers);
    });
    worker.postMessage(list);
  });
}
