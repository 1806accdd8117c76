/**
 * Draws on several threads. Each resample has its own random stream, so how they are spread over threads changes no
 * byte of the result; small tasks stay on the main thread, where they are done before a thread has started.
 */
import type { Draws } from "../fit/bootstrap.js";
import { type DrawTask, runWhole } from "../fit/draw-task.js";
import { isHuber } from "../fit/objective.js";
import type { DrawOrder } from "./draw-order.js";
import { plainLaw } from "./plain-law.js";
import type { ThreadPool } from "./thread-pool.js";

/** Rows times resamples that one thread does in about a quarter of a second, and the size of one order. */
const QUARTER_SECOND = 250_000;
/** Under this much work threads cost more than they save. */
const WORTH_THREADS = 2 * QUARTER_SECOND;

/** Draws of all tasks, in their order. */
async function drawAll(tasks: readonly DrawTask[], pool: ThreadPool): Promise<Draws[]> {
  const work = tasks.reduce((sum, task) => sum + workOf(task), 0);
  const threads = pool.threadsFor(work < WORTH_THREADS ? 1 : Math.ceil(work / QUARTER_SECOND));
  if (threads <= 1) return runWhole(tasks);
  const orders = tasks.flatMap((task, id) => ordersOf(task, id, threads));
  const answers = await pool.run(orders, threads);
  return tasks.map((_, id) => {
    const own = answers.filter((_answer, i) => orders[i].task === id);
    return {
      values: own.flatMap(({ values }) => values),
      indices: own.flatMap(({ indices }) => indices),
      covariances: own.flatMap(({ covariances }) => covariances),
      failed: own.reduce((sum, { failed }) => sum + failed, 0),
    };
  });
}

/** Draws of things that have several tasks each, thing by thing. */
export async function drawEach(
  all: readonly { tasks: readonly DrawTask[] }[],
  pool: ThreadPool,
): Promise<Draws[][]> {
  const draws = await drawAll(
    all.flatMap(({ tasks }) => tasks),
    pool,
  );
  let next = 0;
  return all.map(({ tasks }) => {
    const own = draws.slice(next, next + tasks.length);
    next += tasks.length;
    return own;
  });
}

const workOf = ({ count, model }: DrawTask): number => count * model.measured.length * model.effort;

/** A task in ranges of resamples of about equal work, one for each thread at the least. */
function ordersOf(task: DrawTask, id: number, threads: number): DrawOrder[] {
  const { recipe, objective, start, resampling, seed, count, model } = task;
  const shared = {
    kind: "draw" as const,
    task: id,
    law: plainLaw(recipe.law),
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
  const perQuarter = Math.ceil(QUARTER_SECOND / (model.measured.length * model.effort));
  const per = Math.max(1, Math.min(perQuarter, Math.ceil(count / threads)));
  return Array.from({ length: Math.ceil(count / per) }, (_, i) => ({
    ...shared,
    from: i * per,
    to: Math.min((i + 1) * per, count),
  }));
}
