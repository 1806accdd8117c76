/** The design that a budget leads to, with its loss: one row of a ladder of budgets. */
import type { Split } from "../laws/law.js";
import type { PlanBudgetRow } from "../objects.js";
import { type Designer, designerFor, inputsAt, lossOf } from "./design.js";
import { lossesOf } from "./draw-losses.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, derive, estimateOf } from "./intervals.js";
import type { Problem } from "./problem.js";
import type { Source } from "./source.js";

/** The design of a budget with what is fixed, whatever the plan itself was asked for. */
export function designerAt(
  { source, forms, cost, asked }: Pick<Problem, "source" | "forms" | "cost" | "asked">,
  flops: number,
): Designer {
  const { params, tokens, ratio } = asked;
  return designerFor(source, forms, cost, { params, tokens, ratio, flops });
}

/** Splits for the estimate and every draw; null when the estimate has none that is finite. */
export function derivedSplits(source: Source, designer: Designer): Derived<Split> | null {
  const splits = derive(source, designer);
  if (splits === null) return null;
  const { N, D } = splits.estimate;
  const isAnswer = [N * D, D / N, lossOf(source, source.estimate, { N, D })].every(Number.isFinite);
  return isAnswer && N > 0 && D > 0 ? splits : null;
}

/** The best split of a budget; null where there is none. */
export function bestRow({ source, forms }: Problem, flops: number): PlanBudgetRow | null {
  const splits = derivedSplits(source, (c) => forms.optimum(c, flops));
  return splits === null ? null : rowOfBest(source, splits, flops);
}

/** @param best the best split of the budget */
export const rowOfBest = (source: Source, best: Derived<Split>, flops: number): PlanBudgetRow =>
  budgetRow(source, best, flops, shiftAt(source, inputsAt(source.law, best.estimate)));

/** @param shift by how much a limit of the loss is moved against a wrong law */
export function budgetRow(
  source: Source,
  splits: Derived<Split>,
  flops: number,
  shift: number,
): PlanBudgetRow {
  return {
    flops,
    N: estimateOf(source, splits, (split) => split.N),
    D: estimateOf(source, splits, (split) => split.D),
    loss: moved(
      source,
      estimateOf(source, lossesOf(source, splits), (loss) => loss),
      shift,
    ),
    tokensPerParameter: estimateOf(source, splits, (split) => split.D / split.N),
  };
}
