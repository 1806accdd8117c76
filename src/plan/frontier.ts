/**
 * The frontier of cost against loss: the best design of each budget of a range within all limits (or the one with the least
 * risk), what a little less loss costs there, from which budget on each limit binds, and where it ends.
 */
import type { Estimate, FrontierRow, NextLoss, PlannedFrontier } from "../objects.js";
import { type FrontierDesigns, frontierDesigns } from "./frontier-designs.js";
import { budgetsAround } from "./frontier-range.js";
import { exactly, scaledBy } from "./intervals.js";
import { bindingAt, bindsFrom } from "./limits.js";
import { HUNDREDTH, type Less, PERCENT } from "./next-loss.js";
import type { Problem } from "./problem.js";
import type { Aimed } from "./question.js";
import { type Hardware, runCost, usdPerFlop } from "./run-cost.js";

/** A design that spends so much less than its budget can take no more. */
const ROUNDING = 1e-9;

/** @param around the plan's own budget in FLOPs */
export function frontierOf(problem: Problem, question: Aimed, around: number): PlannedFrontier {
  const { frontier } = question;
  const budgets = frontier === undefined || frontier === true ? budgetsAround(around) : frontier;
  const designs = frontierDesigns(problem, question);
  const { rows, ends } = rowsAlong(problem, question, designs, budgets);
  return { rows, floor: designs.floor(), ends, limits: limitsAlong(problem, question, designs, rows) };
}

/** A row a budget, as far as there are designs. */
function rowsAlong(
  problem: Problem,
  question: Aimed,
  designs: FrontierDesigns,
  budgets: readonly number[],
): Pick<PlannedFrontier, "rows" | "ends"> {
  const rows: FrontierRow[] = [];
  const last = lastBudget(problem);
  let ends: PlannedFrontier["ends"] = null;
  for (const flops of budgets) {
    if (last !== null && flops > last.flops * (1 + ROUNDING)) {
      ends = last;
      if (rows.length > 0 && rows[rows.length - 1].flops < last.flops * (1 - ROUNDING))
        rows.push(...rowAt(problem, question, designs, last.flops));
      break;
    }
    const design = designs.at(flops);
    const spent = design === null ? null : problem.cost.flops(design);
    if (spent !== null && spent < flops * (1 - ROUNDING)) {
      ends = { flops: spent, reason: "the limits leave nothing more to spend on" };
      rows.push(...rowAt(problem, question, designs, spent));
      break;
    }
    const found = rowAt(problem, question, designs, flops);
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
function rowAt(problem: Problem, question: Aimed, designs: FrontierDesigns, flops: number): FrontierRow[] {
  const { hardware, cost } = problem;
  const found = designs.row(flops);
  if (found === null) return [];
  const { design, row } = found;
  const bill = hardware === null ? null : runCost(hardware, flops);
  const training = hardware === null ? null : runCost(hardware, cost.train(design));
  const next = (less: Less): NextLoss => nextLoss(hardware, designs.forLess(flops, less));
  return [
    {
      ...row,
      gpuHours: bill?.gpuHours ?? null,
      wallHours: training?.wallHours ?? null,
      usd: bill?.usd ?? null,
      binds: bindingAt(problem, question, design),
      nextPercent: next(PERCENT),
      nextHundredth: next(HUNDREDTH),
    },
  ];
}

function nextLoss(hardware: Hardware | null, flops: Estimate | null): NextLoss {
  if (flops === null)
    return { flops: null, usd: null, reason: "no compute within the limits takes the loss so low" };
  const price = usdPerFlop(hardware);
  return { flops, usd: price === null ? null : scaledBy(flops, price) };
}

/** From which budget on each limit binds. */
function limitsAlong(
  problem: Problem,
  question: Aimed,
  designs: FrontierDesigns,
  rows: readonly FrontierRow[],
): PlannedFrontier["limits"] {
  if (rows.length === 0) return [];
  const { source, hardware, budgets } = problem;
  const price = usdPerFlop(hardware);
  const near = rows[rows.length >> 1].flops;
  const spent = budgets
    .filter(({ flag, unit }) => flag !== "--flops" && !(problem.cost.inferenceTokens > 0 && unit === "days"))
    .map(({ flag, flops }) => ({ limit: flag, binds: "from" as const, flops: exactly(source, flops) }));
  return [...spent, ...bindsFrom(problem, question, designs, near)].map((one) => ({
    ...one,
    usd: price === null || one.flops === null ? null : scaledBy(one.flops, price),
  }));
}
