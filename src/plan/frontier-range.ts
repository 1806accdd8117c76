/** The budgets of a frontier: those that are asked for, some about the plan's own, or some beyond the data. */
import { UsageError } from "../errors.js";
import type { Question } from "./question.js";
import type { Source } from "./source.js";

/** Budgets a decade. */
const PER_DECADE = 3;
/** Decades below and above a budget that is planned. */
const AROUND = [-1, 2] as const;
/** Decades beyond the largest run where none is. */
const BEYOND = 3;

/** Budgets in FLOPs from one to another in even steps of their logarithm, both ends in. */
export function budgetsBetween(low: number, high: number): number[] {
  const steps = Math.max(1, Math.round(PER_DECADE * Math.log10(high / low)));
  return Array.from({ length: steps + 1 }, (_, k) =>
    k === 0 ? low : k === steps ? high : Number((low * (high / low) ** (k / steps)).toPrecision(6)),
  );
}

/** The budgets about one. */
export const budgetsAround = (flops: number): number[] => {
  const [below, above] = AROUND;
  return budgetsBetween(flops * 10 ** below, flops * 10 ** above);
};

/**
 * A question that asks for a frontier and nothing else: its largest budget is planned, by default three decades beyond the
 * largest run.
 *
 * @throws UsageError where no data say where to begin
 */
export function frontierAlone(source: Source, question: Question): Question {
  const { frontier } = question;
  if (frontier === undefined) return question;
  const budgets = frontier === true ? budgetsBeyond(source) : frontier;
  return { ...question, frontier: budgets, flops: budgets[budgets.length - 1] };
}

function budgetsBeyond({ largestProduct, flopsPerParamToken, presetRange }: Source): number[] {
  const { N, D } = presetRange ?? {};
  const product = largestProduct ?? (N === undefined || D === undefined ? null : N[1] * D[1]);
  if (product !== null) {
    const largest = Number((flopsPerParamToken * product).toPrecision(3));
    return budgetsBetween(largest, largest * 10 ** BEYOND);
  }
  throw new UsageError({
    code: "no-question",
    message: "--frontier needs a range of budgets: no runs behind these coefficients say where to begin",
    hint: "for example --frontier 1e20..1e24, or a budget beside it: --flops 1e22",
  });
}
