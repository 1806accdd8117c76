/**
 * Splitting a training budget C = k N D between parameters and tokens, and the questions around it: one of them
 * fixed, a loss to reach, the neighbouring budgets, the price of another size.
 */
import { DataError } from "../errors.js";
import type { Split } from "../laws/law.js";
import type { Estimate, PlanBudgetRow, PlannedLaw, Warning } from "../objects.js";
import { accountOf, costInWords } from "./account.js";

import { isLimited } from "./budget-line.js";
import { bestRow, budgetRow, derivedSplits, designerAt, rowOfBest } from "./budget-row.js";
import { CHOSEN_REASON, chosenOverDraws } from "./chosen-over-draws.js";
import { requireWithin, unaffordable } from "./contradictions.js";
import type { Cost } from "./cost.js";
import { useWarnings } from "./critical-batch.js";
import { designerFor, inputsAt } from "./design.js";
import { explain } from "./explain.js";
import { computeDecades } from "./extrapolation.js";
import { floorUnder } from "./floor.js";
import { frontierOf } from "./frontier.js";
import { guardInWords, type Move, movedCost, shiftAt } from "./guard.js";
import { type Derived, estimateOf } from "./intervals.js";
import { leastTime } from "./least-time.js";
import { offOptimum } from "./off-optimum.js";
import { type Problem, problemOf, TRAIN_BYTES } from "./problem.js";
import { type Aimed, numbersAsked, type Question } from "./question.js";
import { cacheInWords, serveMemoryOf } from "./serve-memory.js";
import type { Source } from "./source.js";
import { DECAY_WORDS } from "./unique-tokens.js";

export interface PlanResult {
  plan: PlannedLaw;
  warnings: Warning[];
  /** The model size and tokens under each draw; absent where a law plans in its own variables. */
  designed?: Designed;
}

/** A planned design with what it was derived from. */
export interface Designed {
  /** Whose draws the splits are of. */
  source: Source;
  splits: Derived<Split>;
  /** The best splits of another budget, in the unit of the plan's budgets; null where there are none. */
  splitsAt(budget: number): Derived<Split> | null;
}

const NEIGHBOURS = [0.1, 1 / 3, 1, 3, 10];
const OTHER_SIZES = [0.5, 2];

/**
 * A plan under a law in N and D.
 *
 * @throws DataError where the law, the data or the target allow no plan
 */
export function allocate(source: Source, question: Aimed): PlanResult {
  const problem = problemOf(source, question);
  const { forms, cost, aim, aimForms, asked } = problem;
  const chosen = chosenOverDraws(problem, question);
  const design = derivedSplits(
    source,
    chosen === null ? designerFor(source, aimForms, aim, asked) : () => chosen.design,
  );
  if (design === null) throw unanswerable(problem, question);
  requireWithin(problem, question, design.estimate);
  // As asked, to the last bit, where it was asked.
  const flops = asked.flops ?? cost.flops(design.estimate);
  const { params, tokens, ratio, targetLoss } = asked;
  // Nothing but the budget is asked: the design is its best split.
  const isBest = chosen === null && [params, tokens, ratio, targetLoss].every((one) => one === undefined);
  const best = isBest ? design : derivedSplits(source, (c) => forms.optimum(c, flops));
  if (best === null) throw unanswerable(problem, question);
  const shift = shiftAt(source, inputsAt(source.law, design.estimate));
  const planned = (pick: (split: Split) => number): Estimate =>
    chosen === null
      ? estimateOf(source, design, pick)
      : { estimate: pick(chosen.design), low: null, high: null, reason: CHOSEN_REASON };
  const spent = planned((split) => cost.flops(split));
  // A loss that is asked for is no prediction: what a wrong law moves is its cost. One that is reached by a chosen design is.
  const isAskedLoss = question.targetLoss !== undefined && chosen === null;
  const guarded = isAskedLoss
    ? movedCost(source, spent, (flops) => designerAt(problem, flops)(source.estimate))
    : spent;
  const move: Move = isAskedLoss ? { of: "compute", isMoved: guarded !== spent } : { of: "loss", shift };
  const row = budgetRow(source, design, flops, isAskedLoss ? 0 : shift);
  const bestAtBudget = isBest ? row : rowOfBest(source, best, flops);
  const plan: PlannedLaw = {
    group: source.group,
    law: source.law.id,
    source: source.from,
    asked: Object.fromEntries(numbersAsked(question)),
    budget: { flops },
    optimum: {
      N: chosen === null ? row.N : planned(({ N }) => N),
      D: chosen === null ? row.D : planned(({ D }) => D),
      loss: row.loss,
      tokensPerParameter: chosen === null ? row.tokensPerParameter : planned(({ N, D }) => D / N),
    },
    ...(question.flops === undefined ? { flops: guarded } : {}),
    ...chosen?.account,
    ...(question.least === "time" && chosen === null ? { least: leastTime(problem, design) } : {}),
    ...accountOf(problem, question, design, best, guarded),
    extrapolation: {
      decades: computeDecades(source, design.estimate.N * design.estimate.D),
      shift,
      shiftScale: source.residualScale,
    },
    assumptions: { ...assumptionsOf(source, move, problem), ...cacheAssumed(question, design.estimate) },
    ...(question.ladder === undefined ? {} : { ladder: bestRows(problem, question.ladder) }),
    ...(question.frontier === undefined ? {} : { frontier: frontierOf(problem, question, flops) }),
    ...(question.explain === true
      ? { explanation: explain(problem, question, design.estimate, shift !== 0) }
      : {}),
    neighbours: NEIGHBOURS.flatMap((factor) =>
      factor === 1 ? bestAtBudget : (bestRow(problem, factor * flops) ?? []),
    ),
    offOptimum: OTHER_SIZES.flatMap((factor) => offOptimum(problem, best, flops, factor)),
  };
  return {
    plan,
    warnings: [
      ...warningsFor(source, plan),
      ...memoryWarnings(problem, question, design.estimate),
      ...useWarnings(source.group, plan.run?.useful),
    ],
    designed: {
      source,
      splits: design,
      splitsAt: (budget) =>
        budget === flops ? best : derivedSplits(source, (c) => forms.optimum(c, budget)),
    },
  };
}

/** The best splits of budgets that have one. */
const bestRows = (problem: Problem, budgets: readonly number[]): PlanBudgetRow[] =>
  budgets.flatMap((flops) => bestRow(problem, flops) ?? []);

function unanswerable(problem: Problem, question: Question): DataError {
  const { source, asked, forms, box, cost } = problem;
  const saturated = asked.flops === undefined ? null : forms.saturated(source.estimate, asked.flops);
  if (saturated !== null) {
    return new DataError({
      code: "saturated",
      message: `no best size exists for this budget: the loss stays at ${saturated.toPrecision(6)}, however the budget is split`,
      why: `over a wide range of sizes and tokens more of either changes the loss of ${source.law.id} by less than 1e-9 of itself: what limits it is something else, such as the unique tokens`,
      hint: "plan a smaller budget, or raise what limits the law",
    });
  }
  if (isLimited(box) || cost.inferenceTokens > 0) {
    const floor = floorUnder(problem)(source.estimate);
    throw unaffordable(question, asked.flops, Number.isFinite(floor) ? floor : null);
  }
  return new DataError({
    code: "no-optimum",
    message: `no finite optimum exists for the given ${numbersAsked(question)
      .map(([name]) => name)
      .join(" and ")} under these coefficients of ${source.law.id}`,
    why:
      source.law.allocation === null
        ? "an optimum needs a loss that falls with parameters and with tokens, each the slower the more of it there is"
        : "an optimum needs both terms to fall: A, B, alpha and beta above 0, and a budget within reach of finite numbers",
    hint: "look at the parameters of the fit: one of its terms has vanished, or its exponent is not positive",
  });
}

/** Inputs held at a value, in words; a limit that is none is said so. */
function heldWords(held: Readonly<Record<string, number>>): { held?: string } {
  const words = Object.entries(held).map(
    ([name, value]) => `${name} = ${Number.isFinite(value) ? value : "no limit"}`,
  );
  return words.length === 0 ? {} : { held: words.join(", ") };
}

/** @param problem of a split; absent where a law plans in its own variables */
export function assumptionsOf(
  source: Source,
  move: Move,
  problem?: Problem,
): Record<string, string | number> {
  const k = source.flopsPerParamToken;
  const guard = guardInWords(source, move);
  return {
    compute:
      problem === undefined
        ? `C = ${k} N D (training FLOPs; attention and embeddings not counted apart)`
        : costInWords(problem),
    flopsPerParamToken: k,
    parameters: source.conventions ?? "N counted as in the fitted log",
    ...(source.held === undefined ? {} : heldWords(source.held)),
    schedule: "every run decayed to its end, hyper-parameters tuned as in the fitted runs",
    ...(guard === null ? {} : { wrongLaw: guard }),
    ...(problem === undefined ? {} : assumedOf(problem)),
    level: source.level,
  };
}

/** The cache of what is served, by the shape of the size. */
function cacheAssumed(question: Question, { N }: Split): { cache?: string } {
  const parts = serveMemoryOf(question).partsOf(N);
  return parts === null ? {} : { cache: cacheInWords(parts) };
}

/** What was taken because it was not given. */
function assumedOf({ source, hardware, cost }: Problem): Record<string, string> {
  const isLifted = source.held?.U !== undefined && source.free?.law.id === "chinchilla";
  return {
    ...(isLifted ? { repeats: DECAY_WORDS } : {}),
    ...(hardware === null || hardware.assumed.length === 0 ? {} : { hardware: hardware.assumed.join("; ") }),
    ...(cost.inferenceTokens === 0 ? {} : { serving: servingInWords(cost) }),
  };
}

const servingInWords = ({ inferencePrice }: Cost): string =>
  `serving a token takes 2 FLOPs a parameter, each ${inferencePrice === 1 ? "at the price of one in training (--inference-price)" : `at ${inferencePrice} times the price of one in training`}; attention to the context not counted`;

/** A model whose training state exceeds the memory of all accelerators cannot be trained as planned. */
function memoryWarnings({ source, hardware }: Problem, question: Question, { N }: Split): Warning[] {
  const { count, memoryBytes } = hardware ?? { count: null, memoryBytes: null };
  if (count === null || memoryBytes === null) return [];
  const needed = N * (question.trainBytesPerParam ?? TRAIN_BYTES);
  const there = count * memoryBytes;
  if (needed <= there) return [];
  return [
    {
      code: "memory",
      group: source.group ?? undefined,
      message: `weights, gradients and optimizer of this model take ${(needed / 1e9).toPrecision(3)} GB (${question.trainBytesPerParam ?? TRAIN_BYTES} bytes a parameter), and ${count} accelerators have ${(there / 1e9).toPrecision(3)} GB: --train-memory ${(there / 1e9).toPrecision(3)}GB plans what fits`,
    },
  ];
}

/** Distances worth a word: a tenth of a decade from a fit's own data, half a decade from a preset's. */
const FAR_FROM_DATA = 0.05;
const FAR_FROM_PRESET = 0.5;

export function warningsFor(source: Source, plan: PlannedLaw): Warning[] {
  const group = source.group ?? undefined;
  const warnings: Warning[] = [];
  const { decades } = plan.extrapolation;
  if (decades !== null && Math.abs(decades) >= FAR_FROM_DATA) {
    const where = decades > 0 ? "beyond the largest" : "below the smallest";
    const bend = Math.abs(decades) > 1 ? `: ${whatIntervalsCover(source)}` : "";
    warnings.push({
      code: "extrapolation",
      group,
      message: `this budget is an extrapolation, ${Math.abs(decades).toFixed(1)} decades ${where} run fitted${bend}`,
    });
  }
  const far = presetDecades(source, (plan.budget.flops ?? Number.NaN) / source.flopsPerParamToken);
  if (Math.abs(far) >= FAR_FROM_PRESET) {
    const where = far > 0 ? "beyond" : "below";
    warnings.push({
      code: "extrapolation",
      group,
      message: `this budget is an extrapolation, ${Math.abs(far).toFixed(1)} decades ${where} the runs behind the preset`,
    });
  }
  if (source.diagnosis.has("one-budget") && decades !== null && Math.abs(decades) >= FAR_FROM_DATA) {
    const message = "the fit knows one budget only: how the best size grows with compute is a guess here";
    warnings.push({ code: "one-budget", group, message });
  }
  if (source.diagnosis.has("floor-at-zero")) {
    const message = "the fit has no floor (E at its bound 0): losses far out are predicted too low";
    warnings.push({ code: "floor-at-zero", group, message });
  }
  return warnings;
}

function whatIntervalsCover({ backtest }: Source): string {
  return backtest === null || backtest.m === null
    ? "the intervals cover the scatter of the runs, not a law that bends out there"
    : "the intervals cover the scatter of the runs and a bend that their largest show, not one that begins out there";
}

/** Decades of compute outside the range a preset was fitted on; 0 where that is not known. */
function presetDecades(source: Source, nd: number): number {
  const range = source.presetRange;
  if (range?.N === undefined || range.D === undefined) return 0;
  const known = { N: [...range.N] as [number, number], D: [...range.D] as [number, number] };
  return computeDecades({ ...source, range: known, largestProduct: null }, nd) ?? 0;
}
