/**
 * The thread behind `thread-pool.ts`: takes pieces of work from a list as long as there are any, and answers them together.
 */
import { parentPort } from "node:worker_threads";
import { carryOut } from "./orders.js";
import { type SharedList, type ThreadAnswer, takeNext } from "./thread-pool.js";

parentPort?.on("message", ({ orders, taken }: SharedList) => {
  const answers: ThreadAnswer[] = [];
  for (let i = takeNext(taken); i < orders.length; i = takeNext(taken))
    answers.push({ place: i, answer: carryOut(orders[i]) });
  parentPort?.postMessage(answers);
});
