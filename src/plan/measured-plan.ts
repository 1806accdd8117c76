/**
 * A plan under a measured cost: the split with the least loss that a budget of measured seconds, joules or dollars pays for, or
 * the least of them that reaches a loss; beside it what 6ND would have planned, and how far beyond the measured sizes it lies.
 */
import { DataError } from "../errors.js";
import type { Split } from "../laws/law.js";
import type { OffOptimum, PlanBudgetRow, PlannedLaw } from "../objects.js";
import { assumptionsOf, type PlanResult, warningsFor } from "./allocate.js";
import { inputsAt, lossOf } from "./design.js";
import { digits } from "./explain.js";
import { computeDecades } from "./extrapolation.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, estimateOf } from "./intervals.js";
import { measuredOf } from "./measured-account.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import { limitsOf } from "./measured-limits.js";
import { type MeasuredProblem, measuredProblem, splitsOf } from "./measured-problem.js";
import { costInWords, costWarnings, explained, valuesOf } from "./measured-words.js";
import { numbersAsked, type Question } from "./question.js";
import { shareOfRegret } from "./regret.js";
import { cacheInWords, serveMemoryOf } from "./serve-memory.js";
import type { Source } from "./source.js";

/** Budgets beside the one that is planned, as factors of it. */
const NEIGHBOURS = [0.1, 1 / 3, 1, 3, 10];
/** Sizes off the best one. */
const OTHER_SIZES = [0.5, 2];

/** @throws UsageError for a question that a measured cost does not answer, DataError where there is no plan */
export function allocateMeasured(source: Source, question: Question, asked: MeasuredCostAsked): PlanResult {
  const problem = measuredProblem(source, question, asked);
  const { source: both, cost, forms, budget, hardware } = problem;
  const design = splitsOf(both, problem.designer);
  if (design === null) throw unanswerable(problem, question);
  const spent = estimateOf(both, design, (split, c) => cost.costOf(c, split));
  requireAffordable(problem, question, spent.estimate);
  const amount = budget ?? spent.estimate;
  const k = source.flopsPerParamToken;
  const flops = estimateOf(both, design, ({ N, D }) => k * N * D);
  const isLossAsked = question.targetLoss !== undefined;
  const shift = shiftAt(source, inputsAt(source.law, design.estimate));
  const { N, D, loss, tokensPerParameter } = rowOf(problem, design, amount, isLossAsked ? 0 : shift);
  const best = isLossAsked ? design : splitsOf(both, (c) => forms.optimum(c, amount));
  const unique = question.uniqueTokens ?? source.held?.U;
  const isFree = [question.params, question.tokens, question.ratio].every((one) => one === undefined);
  const regret = isFree && !isLossAsked ? shareOfRegret(problem, design.estimate, amount) : null;
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
      best === null ? [] : OTHER_SIZES.flatMap((factor) => otherSize(problem, best, amount, factor)),
  };
  return { plan, warnings: [...warningsFor(source, plan), ...costWarnings(source, plan, hardware)] };
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

function rowOf(
  { source }: MeasuredProblem,
  splits: Derived<Split>,
  budget: number,
  shift: number,
): PlanBudgetRow {
  const { N, D } = splits.estimate;
  return {
    flops: source.flopsPerParamToken * N * D,
    measured: budget,
    N: estimateOf(source, splits, (split) => split.N),
    D: estimateOf(source, splits, (split) => split.D),
    loss: moved(
      source,
      estimateOf(source, splits, (split, c) => lossOf(source, c, split)),
      shift,
    ),
    tokensPerParameter: estimateOf(source, splits, (split) => split.D / split.N),
  };
}

function neighbour(problem: MeasuredProblem, budget: number): PlanBudgetRow[] {
  const { source, forms } = problem;
  const splits = splitsOf(source, (c) => forms.optimum(c, budget));
  return splits === null
    ? []
    : [rowOf(problem, splits, budget, shiftAt(source, inputsAt(source.law, splits.estimate)))];
}

/** What another size costs at the same measured budget. */
function otherSize(
  { source, forms, box }: MeasuredProblem,
  best: Derived<Split>,
  budget: number,
  factor: number,
): OffOptimum[] {
  const N = factor * best.estimate.N;
  const D = forms.tokensLeft(source.estimate, N, budget);
  if (D === null || N < box.N[0] || N > box.N[1] || D < box.D[0] || D > box.D[1]) return [];
  const away = { N, D };
  const saved = (c: Source["estimate"]): number | null => {
    const enough = forms.flopsForLoss(c, lossOf(source, c, away));
    return enough === null ? null : 1 - enough / budget;
  };
  if (!Number.isFinite(saved(source.estimate) ?? Number.NaN)) return [];
  return [
    {
      factor,
      N,
      D,
      loss: moved(
        source,
        estimateOf(source, best, (_, c) => lossOf(source, c, away)),
        shiftAt(source, inputsAt(source.law, away)),
      ),
      extraLoss: estimateOf(source, best, (split, c) => lossOf(source, c, away) - lossOf(source, c, split)),
      wastedCompute: estimateOf(source, best, (_, c) => saved(c)),
    },
  ];
}
