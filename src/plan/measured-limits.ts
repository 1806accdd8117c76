/** The limits of a plan under a measured cost: what the design takes of each, and what one more is worth. */

import type { Split } from "../laws/law.js";
import type { Estimate, PlanLimit } from "../objects.js";
import { lossOf } from "./design.js";
import { type Derived, derive, estimateOf, exactly } from "./intervals.js";
import { isTaken, unitOfSize, WIDER, worthTelling } from "./limits.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import { type MeasuredProblem, measuredProblem } from "./measured-problem.js";
import { sizesFor } from "./problem.js";
import type { Question } from "./question.js";

/** The budgets and the limits of size and tokens: what the design takes, and what one more is worth. */
export function limitsOf(
  problem: MeasuredProblem,
  question: Question,
  asked: MeasuredCostAsked,
  design: Derived<Split>,
  spent: number,
): PlanLimit[] {
  const { N, D } = design.estimate;
  const found: (Omit<PlanLimit, "binds" | "shadowPrice" | "per"> & {
    field: keyof Question;
    isLeast?: boolean;
  })[] = [
    ...problem.budgets.map(({ flag, field, amount, unit, buys }) => ({
      limit: flag,
      field,
      amount,
      unit,
      used: amount * (spent / buys),
    })),
    ...sizesFor(question)
      .filter(() => question.params === undefined)
      .map(({ flag, field, used }) => ({
        limit: flag,
        field,
        amount: question[field] as number,
        unit: unitOfSize(field),
        used: used(N),
      })),
    ...(
      [
        ["--min-tokens", "minTokens", true],
        ["--max-tokens", "maxTokens", false],
      ] as const
    ).flatMap(([limit, field, isLeast]) => {
      const amount = question[field];
      return amount === undefined
        ? []
        : [{ limit, field, amount, unit: "tokens" as const, used: D, isLeast }];
    }),
  ];
  return found.map(({ field, isLeast = false, ...one }): PlanLimit => {
    const binds = isTaken(one.used, one.amount, isLeast);
    const per = worthTelling(one);
    if (question.targetLoss !== undefined)
      return { ...one, binds, per, shadowPrice: null, reason: "the loss is what is asked for" };
    const price = binds
      ? shadowPrice(problem, question, asked, design, field, isLeast, per)
      : exactly(problem.source, 0);
    return {
      ...one,
      binds,
      per,
      shadowPrice: price,
      ...(price === null ? { reason: "no design with a wider limit" } : {}),
    };
  });
}

/** By how much the loss changes with `per` more of a limit. */
function shadowPrice(
  { source, loss }: MeasuredProblem,
  question: Question,
  asked: MeasuredCostAsked,
  design: Derived<Split>,
  field: keyof Question,
  isLeast: boolean,
  per: number,
): Estimate | null {
  const amount = question[field] as number;
  const step = isLeast ? -WIDER : WIDER;
  const wider = measuredProblem(loss, { ...question, [field]: amount * (1 + step) }, asked);
  const prices = derive(source, (c) => {
    const [own, other] = [design.at(c), wider.designer(c)];
    return own === null || other === null
      ? null
      : ((lossOf(source, c, other) - lossOf(source, c, own)) / (step * amount)) * per;
  });
  return prices === null || !Number.isFinite(prices.estimate)
    ? null
    : estimateOf(source, prices, (value) => value);
}
