/**
 * The frontier of cost against loss: the best design of each budget of a range within all limits, what a little less loss
 * costs there, from which budget on each limit binds, and where it ends.
 */
import type { FrontierRow, NextLoss, PlannedFrontier } from "../objects.js";
import { budgetRow, derivedSplits, designerAt } from "./budget-row.js";
import { inputsAt, lossOf } from "./design.js";
import { floorOf, floorUnder } from "./floor.js";
import { budgetsAround } from "./frontier-range.js";
import { shiftAt } from "./guard.js";
import { derive, estimateOf, exactly, scaledBy } from "./intervals.js";
import { bindingAt, bindsFrom } from "./limits.js";
import { flopsForLess, HUNDREDTH, PERCENT } from "./next-loss.js";
import type { Problem } from "./problem.js";
import type { Aimed } from "./question.js";
import { runCost, usdPerFlop } from "./run-cost.js";

/** A design that spends so much less than its budget can take no more. */
const ROUNDING = 1e-9;

/** @param around the plan's own budget in FLOPs */
export function frontierOf(problem: Problem, question: Aimed, around: number): PlannedFrontier {
  const { frontier } = question;
  const budgets = frontier === undefined || frontier === true ? budgetsAround(around) : frontier;
  const { rows, ends } = rowsAlong(problem, question, budgets);
  return { rows, floor: floorOf(problem), ends, limits: limitsAlong(problem, question, rows) };
}

/** A row a budget, as far as there are designs. */
function rowsAlong(
  problem: Problem,
  question: Aimed,
  budgets: readonly number[],
): Pick<PlannedFrontier, "rows" | "ends"> {
  const rows: FrontierRow[] = [];
  const last = lastBudget(problem);
  let ends: PlannedFrontier["ends"] = null;
  for (const flops of budgets) {
    if (last !== null && flops > last.flops * (1 + ROUNDING)) {
      ends = last;
      if (rows.length > 0 && rows[rows.length - 1].flops < last.flops * (1 - ROUNDING))
        rows.push(...rowAt(problem, question, last.flops));
      break;
    }
    const designer = designerAt(problem, flops);
    const design = designer(problem.source.estimate);
    const spent = design === null ? null : problem.cost.flops(design);
    if (spent !== null && spent < flops * (1 - ROUNDING)) {
      ends = { flops: spent, reason: "the limits leave nothing more to spend on" };
      rows.push(...rowAt(problem, question, spent));
      break;
    }
    const found = rowAt(problem, question, flops);
    if (found.length === 0 && rows.length > 0) {
      ends = {
        flops: rows[rows.length - 1].flops,
        reason: "beyond it the loss no longer changes: it is on its floor",
      };
      break;
    }
    rows.push(...found);
  }
  return { rows, ends };
}

/** A deadline ends what can be spent on training; other budgets say only where they are spent. */
function lastBudget({ budgets, cost }: Problem): PlannedFrontier["ends"] {
  if (cost.inferenceTokens > 0) return null;
  const deadline = budgets.find(({ flag }) => flag === "--deadline");
  return deadline === undefined
    ? null
    : { flops: deadline.flops, reason: "--deadline leaves no time for more" };
}

/** One row; none where the budget has no best design. */
function rowAt(problem: Problem, question: Aimed, flops: number): FrontierRow[] {
  const { source, hardware, cost } = problem;
  const splits = derivedSplits(source, designerAt(problem, flops));
  if (splits === null) return [];
  const shift = shiftAt(source, inputsAt(source.law, splits.estimate));
  const bill = hardware === null ? null : runCost(hardware, flops);
  const training = hardware === null ? null : runCost(hardware, cost.train(splits.estimate));
  return [
    {
      ...budgetRow(source, splits, flops, shift),
      gpuHours: bill?.gpuHours ?? null,
      wallHours: training?.wallHours ?? null,
      usd: bill?.usd ?? null,
      binds: bindingAt(problem, question, splits.estimate),
      nextPercent: nextLoss(problem, flops, PERCENT),
      nextHundredth: nextLoss(problem, flops, HUNDREDTH),
    },
  ];
}

function nextLoss(problem: Problem, flops: number, less: typeof PERCENT): NextLoss {
  const { source, hardware } = problem;
  const extra = derive(source, (c) =>
    flopsForLess(
      (budget) => {
        const split = designerAt(problem, budget)(c);
        return split === null ? Number.NaN : lossOf(source, c, split);
      },
      floorUnder(problem)(c),
      flops,
      less,
    ),
  );
  if (extra === null)
    return { flops: null, usd: null, reason: "no compute within the limits takes the loss so low" };
  const price = usdPerFlop(hardware);
  const cost = estimateOf(source, extra, (value) => value);
  return { flops: cost, usd: price === null ? null : scaledBy(cost, price) };
}

/** From which budget on each limit binds. */
function limitsAlong(
  problem: Problem,
  question: Aimed,
  rows: readonly FrontierRow[],
): PlannedFrontier["limits"] {
  if (rows.length === 0) return [];
  const { source, hardware, budgets } = problem;
  const price = usdPerFlop(hardware);
  const near = rows[rows.length >> 1].flops;
  const spent = budgets
    .filter(({ flag, unit }) => flag !== "--flops" && !(problem.cost.inferenceTokens > 0 && unit === "days"))
    .map(({ flag, flops }) => ({ limit: flag, binds: "from" as const, flops: exactly(source, flops) }));
  return [...spent, ...bindsFrom(problem, question, near)].map((one) => ({
    ...one,
    usd: price === null || one.flops === null ? null : scaledBy(one.flops, price),
  }));
}
