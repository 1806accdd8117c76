/**
 * Draws on several threads. Each resample has its own random stream, so how they are spread over threads changes no
 * byte of the result; small tasks stay on the main thread, where they are done before a thread has started.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Draws } from "../fit/bootstrap.js";
import { type DrawTask, runDrawTask } from "../fit/draw-task.js";
import { isHuber } from "../fit/objective.js";
import { keyOf } from "../laws/index.js";
import type { DrawAnswer, DrawOrder } from "./draw-worker.js";

/** Rows times resamples that one thread does in about a quarter of a second: the size of one order. */
const ORDER_SIZE = 250_000;
/** Under this much work threads cost more than they save. */
const WORTH_THREADS = 4 * ORDER_SIZE;
const MOST_THREADS = 8;

/** Draws of all tasks, in their order. */
export async function drawAll(tasks: readonly DrawTask[], threads: number | "auto"): Promise<Draws[]> {
  const wanted = threads === "auto" ? threadsFor(tasks) : threads;
  if (wanted <= 1) return tasks.map((task) => runDrawTask(task, [0, task.count]));
  const orders = tasks.flatMap(ordersOf);
  const answers = await onThreads(orders, Math.min(wanted, orders.length));
  return tasks.map((_, id) => {
    const own = answers.filter((answer) => answer.task === id).sort((a, b) => a.from - b.from);
    return {
      values: own.flatMap(({ values }) => values),
      indices: own.flatMap(({ indices }) => indices),
      covariances: own.flatMap(({ covariances }) => covariances),
      failed: own.reduce((sum, { failed }) => sum + failed, 0),
    };
  });
}

const workOf = (task: DrawTask): number => task.count * task.model.measured.length;

function threadsFor(tasks: readonly DrawTask[]): number {
  const work = tasks.reduce((sum, task) => sum + workOf(task), 0);
  if (work < WORTH_THREADS) return 1;
  return Math.min(availableParallelism(), MOST_THREADS, Math.ceil(work / ORDER_SIZE));
}

/** A task in ranges of resamples of about equal work. */
function ordersOf(task: DrawTask, id: number): DrawOrder[] {
  const { recipe, objective, start, resampling, seed, count, model } = task;
  const law = recipe.law.isCustom
    ? {
        formula: recipe.law.formula,
        inputs: recipe.law.inputs.map(({ name, quantity }) => ({ name, quantity })),
      }
    : { id: keyOf(recipe.law) };
  const shared = {
    task: id,
    law,
    choices: recipe.choices,
    rows: recipe.rows,
    objective: {
      name: objective.name,
      delta: isHuber(objective.name) || objective.delta !== null ? objective.delta : null,
    },
    start,
    resampling,
    seed,
  };
  const per = Math.max(1, Math.min(count, Math.ceil(ORDER_SIZE / model.measured.length)));
  return Array.from({ length: Math.ceil(count / per) }, (_, i) => ({
    ...shared,
    from: i * per,
    to: Math.min((i + 1) * per, count),
  }));
}

/** Hands orders to threads one at a time; the first failure ends all. */
function onThreads(orders: readonly DrawOrder[], threads: number): Promise<DrawAnswer[]> {
  return new Promise((resolve, reject) => {
    const answers: DrawAnswer[] = [];
    let next = 0;
    const workers = Array.from(
      { length: threads },
      () => new Worker(new URL("../draw-worker.js", import.meta.url)),
    );
    const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
    const fail = (error: unknown) => {
      void stop();
      reject(error);
    };
    const give = (worker: Worker) => {
      if (next < orders.length) worker.postMessage(orders[next++]);
    };
    for (const worker of workers) {
      worker.on("error", fail);
      worker.on("message", (answer: DrawAnswer) => {
        answers.push(answer);
        if (answers.length === orders.length) void stop().then(() => resolve(answers));
        else give(worker);
      });
      give(worker);
    }
  });
}
