/** The limits of a plan under a measured cost: what the design takes of each, and what one more is worth. */

import type { Split } from "../laws/law.js";
import type { Estimate, PlanLimit } from "../objects.js";
import { lossOf } from "./design.js";
import { type Derived, derive, estimateOf } from "./intervals.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import { type MeasuredProblem, measuredProblem } from "./measured-problem.js";
import { sizesFor } from "./problem.js";
import type { Question } from "./question.js";

/** A limit is made wider by this share to see what it is worth. */
const WIDER = 1e-4;
/** A limit is taken whole from this share short of it on. */
const ALL = 1e-6;

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
        unit: field === "maxParams" ? ("parameters" as const) : ("bytes" as const),
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
    const binds = isLeast ? one.used <= one.amount * (1 + ALL) : one.used >= one.amount * (1 - ALL);
    const per = one.unit === "days" ? 1 : 10 ** Math.round(Math.log10(one.amount) - 2);
    if (question.targetLoss !== undefined)
      return { ...one, binds, per, shadowPrice: null, reason: "the loss is what is asked for" };
    const price = binds
      ? shadowPrice(problem, question, asked, design, field, isLeast, per)
      : unmoved(problem);
    return {
      ...one,
      binds,
      per,
      shadowPrice: price,
      ...(price === null ? { reason: "no design with a wider limit" } : {}),
    };
  });
}

const unmoved = ({ source }: MeasuredProblem): Estimate =>
  source.withoutDraws === null
    ? { estimate: 0, low: 0, high: 0 }
    : { estimate: 0, low: null, high: null, reason: source.withoutDraws };

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
