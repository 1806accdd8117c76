/** Pieces of work as plain values, so that any thread can do them with the same outcome. */
import type { Draws } from "../fit/bootstrap.js";
import { type DrawOrder, drawOrdered } from "./draw-order.js";
import { type JudgeOrder, judgeOrdered, type LawErrors } from "./judge-order.js";

export type Order = DrawOrder | JudgeOrder;

export type AnswerTo<O extends Order> = O extends DrawOrder ? Draws : LawErrors;

export function carryOut<O extends Order>(order: O): AnswerTo<O> {
  return (order.kind === "draw" ? drawOrdered(order) : judgeOrdered(order)) as AnswerTo<O>;
}
