/**
 * The thread behind `thread-pool.ts`: takes pieces of work from a list as long as there are any, and answers each at once.
 */
import { parentPort } from "node:worker_threads";
import { carryOut } from "./orders.js";
import { NO_MORE, type SharedList, type ThreadAnswer, takeNext } from "./thread-pool.js";

parentPort?.on("message", ({ orders, taken }: SharedList) => {
  const say = (message: ThreadAnswer | typeof NO_MORE) => parentPort?.postMessage(message);
  for (let i = takeNext(taken); i < orders.length; i = takeNext(taken))
    say({ place: i, answer: carryOut(orders[i]) });
  say(NO_MORE);
});
