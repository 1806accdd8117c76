/**
 * A plan under a measured cost: the split with the least loss that a budget of measured seconds, joules or dollars pays for, or
 * the least of them that reaches a loss; beside it what 6ND would have planned, and how far beyond the measured sizes it lies.
 */
import { DataError, UsageError } from "../errors.js";
import type { Split } from "../laws/law.js";
import { root } from "../laws/root.js";
import type {
  Estimate,
  Explained,
  OffOptimum,
  PlanBudgetRow,
  PlanLimit,
  PlannedLaw,
  PlannedMeasuredCost,
  Warning,
} from "../objects.js";
import { assumptionsOf, type PlanResult, warningsFor } from "./allocate.js";
import { type Box, isLimited } from "./budget-line.js";
import { costOf } from "./cost.js";
import { hoursOf, type MeasuredBudget, measuredBudgets } from "./cost-units.js";
import { type Designer, designerFor, inputsAt, lossOf } from "./design.js";
import { digits } from "./explain.js";
import { computeDecades, inputDecades } from "./extrapolation.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, derive, estimateOf } from "./intervals.js";
import {
  besideCost,
  inputsInWords,
  type MeasuredCost,
  type MeasuredCostAsked,
  measuredCostOf,
} from "./measured-cost.js";
import { type MeasuredForms, measuredForms } from "./measured-forms.js";
import { boxOf, requireAllocation, requireInside, sizesFor } from "./problem.js";
import { numbersAsked, type Question } from "./question.js";
import { shareOfRegret } from "./regret.js";
import { type Hardware, hardwareOf } from "./run-cost.js";
import { cacheInWords, serveMemoryOf } from "./serve-memory.js";
import type { Source } from "./source.js";

/** All that a plan under a measured cost is made from. */
interface MeasuredProblem {
  /** The loss alone. */
  loss: Source;
  /** Of the loss, with the coefficients of the cost beside its own. */
  source: Source;
  cost: MeasuredCost;
  forms: MeasuredForms;
  box: Box;
  budgets: MeasuredBudget[];
  /** The smallest of the budgets in the unit of the cost; null where a loss is asked for. */
  budget: number | null;
  designer: Designer;
  hardware: Hardware | null;
  intervals: string;
}

const NEIGHBOURS = [0.1, 1 / 3, 1, 3, 10];
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

function measuredProblem(source: Source, question: Question, asked: MeasuredCostAsked): MeasuredProblem {
  const lossForms = requireAllocation(source);
  requirePlain(source, question);
  const cost = measuredCostOf(asked, source.law);
  const { source: both, words } = besideCost(source, cost);
  const box = boxOf(question);
  requireInside(question, question.params, box);
  const forms = measuredForms(source.law, lossForms, cost, box);
  const { accelerator, throughput, count, usdPerHour } = question.hardware ?? {};
  const budgets = measuredBudgets(question, asked.unit, { count, usdPerHour });
  const { targetLoss } = question;
  const budget =
    targetLoss !== undefined || budgets.length === 0 ? null : Math.min(...budgets.map(({ buys }) => buys));
  if (budget === null && targetLoss === undefined) throw withoutBudget();
  const hardware =
    question.hardware === undefined || (accelerator === undefined && throughput === undefined)
      ? null
      : hardwareOf(question.hardware, (N) => source.flopsPerParamToken * N);
  const designer =
    budget === null
      ? designerFor(both, forms, costOf({}, source.flopsPerParamToken), {
          params: question.params,
          tokens: question.tokens,
          ratio: question.ratio,
          targetLoss,
        })
      : designerOf(forms, question, budget);
  return {
    loss: source,
    source: both,
    cost,
    forms,
    box,
    budgets,
    budget,
    designer,
    hardware,
    intervals: words,
  };
}

/** What only a count of FLOPs answers. */
function requirePlain({ law }: Source, question: Question): void {
  const stray = (
    [
      ["--table", question.ladder],
      ["--least-batch", question.leastBatch],
      ["--inference-tokens", question.cost?.inferenceTokens],
      ["--flops-rule", question.cost?.rule],
      ["--recompute", question.cost?.recompute],
      ["--active-share", question.cost?.activeShare],
      ["--frontier", question.frontier],
      ["--risk", question.risk],
      ["--confidence", question.confidence],
      ["--least", question.least],
      ["--target-task", question.targetTask],
    ] as const
  ).find(([, value]) => value !== undefined);
  if (stray !== undefined) {
    throw new UsageError({
      code: "flags",
      message: `${stray[0]} and --cost-fit contradict each other: the one counts FLOPs, the other takes their place`,
      hint: "leave out one of them",
    });
  }
  if (law.stages.length === 0) return;
  throw new UsageError({
    code: "flags",
    message: `--cost-fit does not go with the chain of laws "${law.id}"`,
    hint: "plan its law of the loss, such as chinchilla",
  });
}

const withoutBudget = (): UsageError =>
  new UsageError({
    code: "no-question",
    message: "a plan under a measured cost needs a budget, or a loss to reach",
    hint: "for example --days 30, --dollars 1M, --cost-budget 2.6e6 in the numbers of its log, or --target-loss 2.0",
  });

function designerOf(forms: MeasuredForms, { params, tokens, ratio }: Question, budget: number): Designer {
  if (params !== undefined)
    return (c) => {
      const D = forms.tokensLeft(c, params, budget);
      return D === null ? null : { N: params, D };
    };
  const tokensAt =
    tokens !== undefined ? () => tokens : ratio === undefined ? null : (N: number) => ratio * N;
  if (tokensAt === null) return (c) => forms.optimum(c, budget);
  return (c) => {
    const N = forms.paramsLeft(c, tokensAt, budget);
    return N === null ? null : { N, D: tokensAt(N) };
  };
}

/** Splits for the estimate and every draw; null where the estimate has none. */
function splitsOf(source: Source, designer: Designer): Derived<Split> | null {
  const splits = derive(source, designer);
  if (splits === null) return null;
  const { N, D } = splits.estimate;
  return N > 0 && D > 0 && [N * D, lossOf(source, source.estimate, { N, D })].every(Number.isFinite)
    ? splits
    : null;
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

/** @param isFree whether neither size nor tokens are fixed: only then 6ND would have split otherwise */
function measuredOf(
  problem: MeasuredProblem,
  design: Derived<Split>,
  spent: Estimate,
  isFree: boolean,
): PlannedMeasuredCost {
  const { source, cost, budget, hardware, intervals, box } = problem;
  const { asked, inputs } = cost;
  const k = source.flopsPerParamToken;
  const perUnit = estimateOf(source, design, (split, c) => (k * split.N * split.D) / cost.costOf(c, split));
  const bill = billBy6nd(problem, k * design.estimate.N * design.estimate.D);
  return {
    law: asked.source.law.id,
    formula: asked.source.law.formula,
    source: asked.source.from,
    column: asked.column,
    unit: asked.unit,
    inputs: { ...inputs },
    cost: spent,
    budget,
    flopsPerUnit: perUnit,
    // FLOPs a second are in proportion to the unit's bill at the hardware's own rate.
    mfu:
      bill === null || hardware === null || hardware.mfu === null
        ? null
        : hardware.mfu * (bill / spent.estimate),
    by6nd: bill,
    split6nd: isFree && !isLimited(box) ? splitBy6nd(problem, design.estimate, spent.estimate) : null,
    extrapolation: measuredReach(cost, design.estimate),
    intervals,
  };
}

/** What 6ND at the hardware's MFU takes for so many FLOPs, in the measured unit; null where that is no time. */
function billBy6nd({ cost, hardware }: MeasuredProblem, flops: number): number | null {
  const unit = hoursOf(cost.asked.unit);
  if (hardware === null || unit === null || (!unit.isOfOne && hardware.count === null)) return null;
  const hours = flops / hardware.rate / 3600 / (unit.isOfOne ? 1 : (hardware.count ?? 1));
  return hours / unit.hours;
}

/** The best split by 6ND of the same measured cost, by the estimate; null where there is none. */
function splitBy6nd(
  { source, cost }: MeasuredProblem,
  design: Split,
  spent: number,
): PlannedMeasuredCost["split6nd"] {
  const forms = requireAllocation(source);
  const c = source.estimate;
  const excess = (s: number): number => {
    const split = forms.optimum(c, Math.exp(s));
    return split === null ? Number.NaN : Math.log(cost.costOf(c, split) / spent);
  };
  const middle = Math.log(design.N * design.D);
  const [low, high] = [middle - WITHIN, middle + WITHIN];
  const [atLow, atHigh] = [excess(low), excess(high)];
  if (!(atLow <= 0 && atHigh > 0)) return null;
  const split = forms.optimum(c, Math.exp(root(excess, low, atLow, high, atHigh)));
  if (split === null) return null;
  const loss = lossOf(source, c, split);
  return { ...split, loss, extraLoss: loss - lossOf(source, c, design) };
}

/** A split of the same measured cost has so many times more or less compute at most, as a natural log. */
const WITHIN = 7;

/** How far a design lies beyond the sizes at which the cost was measured. */
function measuredReach(cost: MeasuredCost, design: Split): PlannedMeasuredCost["extrapolation"] {
  const { source } = cost.asked;
  const at = cost.inputsAt(design);
  const decades = inputDecades(source, at);
  if (decades === null) return { decades: null, input: null };
  const input =
    Object.keys(at).find((name) => inputDecades(source, { [name]: at[name] }) === decades) ?? null;
  return { decades, input: decades === 0 ? null : input };
}

/** Half a decade beyond what was measured is worth a word. */
const FAR = 0.5;

function costWarnings(source: Source, { measuredCost }: PlannedLaw, hardware: Hardware | null): Warning[] {
  if (measuredCost === undefined) return [];
  const { decades, input } = measuredCost.extrapolation;
  const group = source.group ?? undefined;
  const warnings: Warning[] = [];
  if (decades !== null && Math.abs(decades) >= FAR) {
    warnings.push({
      code: "cost-extrapolation",
      group,
      message: `the cost is an extrapolation, ${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond" : "below"} the sizes it was measured at (in ${input === null ? "its inputs" : measuredCost.inputs[input]}): what changes there, such as a model that no longer fits one accelerator, is not in it`,
    });
  }
  const { mfu } = measuredCost;
  if (mfu !== null && mfu > 1 && hardware !== null) {
    warnings.push({
      code: "cost-above-peak",
      group,
      message: `the measured cost would take ${mfu.toPrecision(3)} times the peak of ${hardware.name}: look at --cost-unit (now ${measuredCost.unit}) and at --count`,
    });
  }
  return warnings;
}

const costInWords = (cost: MeasuredCost): string => {
  const { column, unit, source } = cost.asked;
  const inputs = inputsInWords(cost);
  return `the cost is ${column} as measured${unit === "units" ? "" : ` (${unit})`}: ${source.law.formula}${inputs === "" ? "" : ` with ${inputs}`}, from ${source.from}; runs on the same set-up as those`;
};

const valuesOf = (cost: MeasuredCost, source: Source): string =>
  cost.asked.source.law.parameters
    .map(({ name }, j) => `${name} = ${digits(source.estimate[cost.law.parameters[j].name])}`)
    .join(", ");

function explained(problem: MeasuredProblem, { N, D }: Split, spent: number): Explained[] {
  const { source, cost, budgets, budget, intervals } = problem;
  const { unit, source: own } = cost.asked;
  const inputs = inputsInWords(cost);
  return [
    ...budgets.map(({ flag, amount, buys }) => ({
      what: flag,
      how: `${digits(amount)} pays for ${digits(buys)} ${unit}`,
    })),
    ...(budgets.length > 1 && budget !== null
      ? [{ what: "budget", how: `the smallest of them, ${digits(budget)} ${unit}` }]
      : []),
    {
      what: "cost",
      how: `y = ${own.law.formula} with ${valuesOf(cost, source)}${inputs === "" ? "" : `; ${inputs}`}`,
    },
    {
      what: "law",
      how: `L = ${source.law.formula} with ${Object.entries(source.estimate)
        .filter(([name]) => cost.law.parameters.every((one) => one.name !== name))
        .map(([name, value]) => `${name} = ${digits(value)}`)
        .join(", ")}`,
    },
    {
      what: "split",
      how: `N = ${digits(N)} and D = ${digits(D)}: of the designs that cost ${digits(spent)} ${unit} the one where the loss stops falling, (dL/dlnN) / (dy/dlnN) = (dL/dlnD) / (dy/dlnD)`,
    },
    { what: "intervals", how: intervals },
  ];
}

const WIDER = 1e-4;
const ALL = 1e-6;

/** The budgets and the limits of size and tokens: what the design takes, and what one more is worth. */
function limitsOf(
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
