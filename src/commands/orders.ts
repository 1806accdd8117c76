/** Pieces of work as plain values, so that any thread can do them with the same outcome. */
import type { CutAnswer } from "../evidence/backtest.js";
import type { Draws } from "../fit/bootstrap.js";
import { type CutOrder, cutOrdered } from "./cut-order.js";
import { type DrawOrder, drawOrdered } from "./draw-order.js";
import { type JudgeOrder, judgeOrdered, type LawErrors } from "./judge-order.js";

export type Order = DrawOrder | JudgeOrder | CutOrder;

export type AnswerTo<O extends Order> = O extends DrawOrder
  ? Draws
  : O extends JudgeOrder
    ? LawErrors
    : CutAnswer;

export function carryOut<O extends Order>(order: O): AnswerTo<O> {
  return answerTo(order) as AnswerTo<O>;
}

function answerTo(order: Order): Draws | LawErrors | CutAnswer {
  switch (order.kind) {
    case "draw":
      return drawOrdered(order);
    case "judge":
      return judgeOrdered(order);
    case "cut":
      return cutOrdered(order);
  }
}
