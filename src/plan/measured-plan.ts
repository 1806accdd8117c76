/**
 * A plan under a measured cost: the split with the least loss that a budget of measured seconds, joules or dollars pays for, or
 * the least of them that reaches a loss; beside it what 6ND would have planned, and how far beyond the measured sizes it lies.
 */
import { DataError } from "../errors.js";
import type { Split } from "../laws/law.js";
import type { Estimate, OffOptimum, PlanBudgetRow, PlannedLaw, PlannedRun } from "../objects.js";
import { assumptionsOf, type PlanResult, warningsFor } from "./allocate.js";
import { budgetRow, derivedSplits } from "./budget-row.js";
import { inputsAt } from "./design.js";
import { digits } from "./explain.js";
import { computeDecades } from "./extrapolation.js";
import { shiftAt } from "./guard.js";
import { type Derived, estimateOf } from "./intervals.js";
import { measuredOf } from "./measured-account.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import { limitsOf } from "./measured-limits.js";
import { type MeasuredProblem, measuredProblem } from "./measured-problem.js";
import { costInWords, costWarnings, explained, valuesOf } from "./measured-words.js";
import { otherSize } from "./off-optimum.js";
import { numbersAsked, type Question } from "./question.js";
import { shareOfRegret } from "./regret.js";
import { hardwareOf, runCost } from "./run-cost.js";
import { runOn } from "./run-on.js";
import { cacheInWords, serveMemoryOf } from "./serve-memory.js";
import type { Source } from "./source.js";
import { type Throughput, throughputAt } from "./throughput.js";

/** Budgets beside the one that is planned, as factors of it. */
const NEIGHBOURS = [0.1, 1 / 3, 1, 3, 10];
/** Sizes off the best one. */
const OTHER_SIZES = [0.5, 2];

/** @throws UsageError for a question that a measured cost does not answer, DataError where there is no plan */
export function allocateMeasured(source: Source, question: Question, asked: MeasuredCostAsked): PlanResult {
  const problem = measuredProblem(source, question, asked);
  const { source: both, cost, forms, budget, hardware } = problem;
  const design = derivedSplits(both, problem.designer);
  if (design === null) throw unanswerable(problem, question);
  const spent = estimateOf(both, design, (split, c) => cost.costOf(c, split));
  requireAffordable(problem, question, spent.estimate);
  const amount = budget ?? spent.estimate;
  const k = source.flopsPerParamToken;
  const flops = estimateOf(both, design, ({ N, D }) => k * N * D);
  const isLossAsked = question.targetLoss !== undefined;
  const shift = shiftAt(source, inputsAt(source.law, design.estimate));
  const { N, D, loss, tokensPerParameter } = rowOf(problem, design, amount, isLossAsked ? 0 : shift);
  const best = isLossAsked ? design : derivedSplits(both, (c) => forms.optimum(c, amount));
  const unique = question.uniqueTokens ?? source.held?.U;
  const isFree = [question.params, question.tokens, question.ratio].every((one) => one === undefined);
  const regret =
    isFree && !isLossAsked && best !== null ? shareOfRegret(problem, design.estimate, best, amount) : null;
  const served = serveMemoryOf(question).partsOf(design.estimate.N);
  const limits = limitsOf(problem, question, asked, design, spent.estimate);
  const plan: PlannedLaw = {
    group: source.group,
    law: source.law.id,
    source: source.from,
    asked: Object.fromEntries(numbersAsked(question)),
    budget: { flops: flops.estimate },
    optimum: { N, D, loss, tokensPerParameter },
    flops,
    measuredCost: measuredOf(problem, design, spent, isFree),
    ...(asked.throughputs === undefined
      ? {}
      : { run: runInClass(asked.throughputs, question, k, design.estimate, spent) }),
    ...(unique === undefined || !Number.isFinite(unique)
      ? {}
      : { epochs: estimateOf(both, design, (split) => split.D / unique) }),
    ...(served === null ? {} : { serveMemory: served }),
    ...(question.batch === undefined ? {} : { steps: Math.floor(design.estimate.D / question.batch) }),
    ...(limits.length === 0 ? {} : { limits }),
    ...(regret === null ? {} : { regret }),
    extrapolation: {
      decades: computeDecades(source, design.estimate.N * design.estimate.D),
      shift: isLossAsked ? 0 : shift,
      shiftScale: source.residualScale,
    },
    assumptions: {
      ...assumptionsOf(source, { of: "loss", shift: isLossAsked ? 0 : shift }),
      compute: costInWords(cost),
      ...(served === null ? {} : { cache: cacheInWords(served) }),
    },
    ...(question.explain === true
      ? { explanation: explained(problem, design.estimate, spent.estimate) }
      : {}),
    neighbours: NEIGHBOURS.flatMap((factor) => neighbour(problem, factor * amount)),
    offOptimum:
      best === null ? [] : OTHER_SIZES.flatMap((factor) => offOptimum(problem, best, amount, factor)),
  };
  return {
    plan,
    warnings: [...warningsFor(source, plan), ...costWarnings(source, plan, hardware)],
    designed: {
      source: both,
      splits: design,
      splitsAt: (amount) => derivedSplits(both, (c) => forms.optimum(c, amount)),
    },
  };
}

/** The run on accelerators that are as fast as was measured at its size; an hour of one costs the same whatever it trains. */
function runInClass(
  measured: readonly Throughput[],
  { hardware: on }: Question,
  flopsPerParamToken: number,
  { N }: Split,
  hours: Estimate,
): PlannedRun {
  const hardware = hardwareOf(
    { ...on, throughput: throughputAt(measured, N) },
    (size) => flopsPerParamToken * size,
  );
  return runOn(hardware, runCost(hardware, 3600 * hardware.rate), hours);
}

function unanswerable({ cost, source, budget }: MeasuredProblem, question: Question): DataError {
  const at = cost.surfaceFor(source.estimate)(Math.log(1e9), Math.log(1e10));
  const still = [at.size <= 0 ? "parameters" : "", at.tokens <= 0 ? "tokens" : ""].filter(
    (word) => word !== "",
  );
  return new DataError({
    code: "no-optimum",
    message:
      still.length > 0
        ? `the measured cost does not rise with ${still.join(" and ")}: no budget of it has a best split`
        : budget === null
          ? `no design reaches the loss of ${question.targetLoss} within the limits`
          : `no design costs ${digits(budget)} ${cost.asked.unit} within the limits`,
    why: `the cost is ${cost.asked.source.law.formula} with ${valuesOf(cost, source)}`,
    hint:
      still.length > 0
        ? "fix the other one (--params, --tokens, --max-params, --max-tokens), or fit the cost on runs that differ in both"
        : "change the budget or the limits",
  });
}

/** A size, tokens or a loss that is asked for may cost more than there is. */
function requireAffordable(
  { budgets, cost }: MeasuredProblem,
  { targetLoss }: Question,
  spent: number,
): void {
  if (targetLoss === undefined) return;
  const broken = budgets.find(({ buys }) => spent > buys * (1 + 1e-9));
  if (broken === undefined) return;
  throw new DataError({
    code: "contradiction",
    message: `--target-loss ${targetLoss} and ${broken.flag} contradict each other`,
    why: `the loss costs ${digits(spent)} ${cost.asked.unit}, ${(spent / broken.buys).toPrecision(3)} times the ${digits(broken.buys)} that ${broken.flag} buys`,
    hint: "ask for a higher loss, or leave out --target-loss: then the plan says what the budget reaches",
  });
}

/** The row of a budget in the measured unit. */
function rowOf(
  { source }: MeasuredProblem,
  splits: Derived<Split>,
  budget: number,
  shift: number,
): PlanBudgetRow {
  const { N, D } = splits.estimate;
  const { flops, ...row } = budgetRow(source, splits, source.flopsPerParamToken * N * D, shift);
  return { flops, measured: budget, ...row };
}

function neighbour(problem: MeasuredProblem, budget: number): PlanBudgetRow[] {
  const { source, forms } = problem;
  const splits = derivedSplits(source, (c) => forms.optimum(c, budget));
  return splits === null
    ? []
    : [rowOf(problem, splits, budget, shiftAt(source, inputsAt(source.law, splits.estimate)))];
}

/** What another size costs at the same measured budget. */
function offOptimum(
  problem: MeasuredProblem,
  best: Derived<Split>,
  budget: number,
  factor: number,
): OffOptimum[] {
  const N = factor * best.estimate.N;
  const D = problem.forms.tokensLeft(problem.source.estimate, N, budget);
  return D === null ? [] : otherSize(problem, best, { N, D }, factor, budget);
}
