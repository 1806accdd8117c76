/**
 * Splitting a training budget C = k N D between parameters and tokens, and the questions around it: one of them
 * fixed, a loss to reach, the neighbouring budgets, the price of another size.
 */
import { DataError } from "../errors.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { AllocationForms } from "../laws/law.js";
import type { Estimate, OffOptimum, PlanBudgetRow, PlannedLaw, Warning } from "../objects.js";
import { computeDecades } from "./extrapolation.js";
import { estimateOf } from "./intervals.js";
import type { Coefficients, Source } from "./source.js";

/** What is asked of a plan; plain units. */
export interface Question {
  flops?: number;
  params?: number;
  tokens?: number;
  targetLoss?: number;
}

export interface PlanResult {
  plan: PlannedLaw;
  warnings: Warning[];
}

/** The size, tokens and compute that answer a question for one set of coefficients; null where there is no answer. */
interface Design {
  N: number;
  D: number;
}

type Designer = (c: Coefficients) => Design | null;

/** Plans for a law in N and D. @throws DataError where the law, the data or the target allow no plan. */
export function allocate(source: Source, question: Question): PlanResult {
  const forms = requireAllocation(source);
  const k = source.flopsPerParamToken;
  const lossAt = (c: Coefficients, { N, D }: Design) => evaluateLaw(source.law, c, { N, D });
  const design = designerFor(source, forms, question, lossAt);
  const at = design(source.estimate);
  if (at === null || !Number.isFinite(at.N * at.D)) throw unanswerable(source, question);
  const derive = (value: (d: Design, c: Coefficients) => number) =>
    estimateOf(source, (c) => {
      const d = design(c);
      return d === null ? null : value(d, c);
    });
  const flops = k * at.N * at.D;
  const split =
    (budget: number): Designer =>
    (c) =>
      forms.optimum(c, budget / k);
  const plan: PlannedLaw = {
    group: source.group,
    law: source.law.id,
    source: source.from,
    asked: asked(question),
    budget: { flops },
    optimum: {
      N: derive((d) => d.N),
      D: derive((d) => d.D),
      loss: derive((d, c) => lossAt(c, d)),
      tokensPerParameter: derive((d) => d.D / d.N),
    },
    ...(question.flops === undefined ? { flops: derive((d) => k * d.N * d.D) } : {}),
    extrapolation: { decades: computeDecades(source, at.N * at.D) },
    assumptions: assumptionsOf(source),
    neighbours: [0.1, 1 / 3, 1, 3, 10].map((factor) =>
      budgetRow(source, split(factor * flops), factor * flops, lossAt),
    ),
    offOptimum: [0.5, 2].map((factor) => offOptimum(source, forms, split(flops), flops, factor, lossAt)),
  };
  return { plan, warnings: warningsFor(source, forms, plan, question) };
}

type LossAt = (c: Coefficients, design: Design) => number;

function requireAllocation(source: Source): AllocationForms {
  const { law } = source;
  if (source.diagnosis.has("collinear")) {
    throw new DataError({
      code: "not-identified",
      message: "a budget cannot be split with this fit: N and D rose together in its data",
      why: "the size term and the data term cannot be told apart, so any split would be a guess",
      hint: "add runs of one size at several token counts and fit again; predict still works along the line of the data",
    });
  }
  if (law.allocation === null) {
    throw new DataError({
      code: "no-allocation",
      message: `the law "${law.id}" says nothing about how to split a budget: it has no N and D`,
      hint: "fit a law of N and D such as chinchilla (the log needs parameters and tokens), or ask predict for the loss",
    });
  }
  return law.allocation;
}

/** How N and D follow from the coefficients, for each kind of question. */
function designerFor(source: Source, forms: AllocationForms, question: Question, lossAt: LossAt): Designer {
  const k = source.flopsPerParamToken;
  const { flops, params, tokens, targetLoss } = question;
  if (targetLoss !== undefined) {
    requireReachable(source, question, targetLoss);
    if (params !== undefined) return (c) => tokensForLoss(lossAt, c, params, targetLoss);
    if (tokens !== undefined) return (c) => paramsForLoss(lossAt, c, tokens, targetLoss);
    return (c) => {
      const nd = forms.productForLoss(c, targetLoss);
      return nd === null ? null : forms.optimum(c, nd);
    };
  }
  if (flops !== undefined) {
    if (params !== undefined) return () => ({ N: params, D: flops / (k * params) });
    if (tokens !== undefined) return () => ({ N: flops / (k * tokens), D: tokens });
    return (c) => forms.optimum(c, flops / k);
  }
  if (params !== undefined && tokens !== undefined) return () => ({ N: params, D: tokens });
  if (params !== undefined) {
    return (c) => {
      const D = forms.tokensFor(c, params);
      return D === null ? null : { N: params, D };
    };
  }
  return (c) => {
    const N = forms.paramsFor(c, tokens as number);
    return N === null ? null : { N, D: tokens as number };
  };
}

const SOLVE_LOW = 1;
const SOLVE_HIGH = 1e40;

/** The D at which a model of N parameters reaches the loss; null when no D does. */
function tokensForLoss(lossAt: LossAt, c: Coefficients, N: number, target: number): Design | null {
  const D = solveFalling((x) => lossAt(c, { N, D: x }), target);
  return D === null ? null : { N, D };
}

function paramsForLoss(lossAt: LossAt, c: Coefficients, D: number, target: number): Design | null {
  const N = solveFalling((x) => lossAt(c, { N: x, D }), target);
  return N === null ? null : { N, D };
}

/** x with f(x) = target for a falling f, by bisection of ln x to the last bits; null outside [1, 1e40]. */
function solveFalling(f: (x: number) => number, target: number): number | null {
  let low = Math.log(SOLVE_LOW);
  let high = Math.log(SOLVE_HIGH);
  if (!(f(SOLVE_LOW) >= target && f(SOLVE_HIGH) < target)) return null;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (f(Math.exp(middle)) > target) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

function requireReachable(source: Source, question: Question, targetLoss: number): void {
  const { params, tokens } = question;
  const infinite = Number.POSITIVE_INFINITY;
  const floorAt = (c: Coefficients) =>
    evaluateLaw(source.law, c, { N: params ?? infinite, D: tokens ?? infinite });
  const floor = estimateOf(source, floorAt);
  if (targetLoss > floor.estimate) return;
  const interval =
    floor.low === null || floor.high === null
      ? ""
      : ` (${source.level * 100} % interval ${floor.low.toPrecision(5)} to ${floor.high.toPrecision(5)})`;
  const given =
    params !== undefined
      ? ` with ${params.toPrecision(4)} parameters`
      : tokens !== undefined
        ? ` with ${tokens.toPrecision(4)} tokens`
        : "";
  throw new DataError({
    code: "unreachable-loss",
    message: `--target-loss ${targetLoss} cannot be reached${given}: the law's floor there is ${floor.estimate.toPrecision(5)}${interval}`,
    why: "no amount of compute takes the loss of this law below its floor",
    hint:
      given === ""
        ? "ask for a loss above the floor"
        : "ask for a higher loss, or leave the size and the tokens free",
  });
}

function unanswerable(source: Source, question: Question): DataError {
  return new DataError({
    code: "no-optimum",
    message: `no finite optimum exists for ${Object.keys(asked(question)).join(" and ") || "this question"} under these coefficients of ${source.law.id}`,
    why: "an optimum needs both terms to fall: A, B, alpha and beta above 0",
    hint: "look at the parameters of the fit; one of its terms has vanished or its exponent is not positive",
  });
}

function asked(question: Question): Record<string, number> {
  const entries = Object.entries(question).filter(
    (entry): entry is [string, number] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

function assumptionsOf(source: Source): Record<string, string | number> {
  const k = source.flopsPerParamToken;
  return {
    compute: `C = ${k} N D (training FLOPs; attention and embeddings not counted apart)`,
    flopsPerParamToken: k,
    parameters: source.conventions ?? "N counted as in the fitted log",
    schedule: "every run decayed to its end, hyper-parameters tuned as in the fitted runs",
    level: source.level,
  };
}

function budgetRow(source: Source, design: Designer, flops: number, lossAt: LossAt): PlanBudgetRow {
  const derive = (value: (d: Design, c: Coefficients) => number): Estimate =>
    estimateOf(source, (c) => {
      const d = design(c);
      return d === null ? null : value(d, c);
    });
  return {
    flops,
    N: derive((d) => d.N),
    D: derive((d) => d.D),
    loss: derive((d, c) => lossAt(c, d)),
    tokensPerParameter: derive((d) => d.D / d.N),
  };
}

/** What a model `factor` times the best size costs at the same budget, in loss and in compute. */
function offOptimum(
  source: Source,
  forms: AllocationForms,
  split: Designer,
  flops: number,
  factor: number,
  lossAt: LossAt,
): OffOptimum {
  const k = source.flopsPerParamToken;
  const best = split(source.estimate) as Design;
  const away = { N: best.N * factor, D: best.D / factor };
  return {
    factor,
    N: away.N,
    D: away.D,
    loss: estimateOf(source, (c) => lossAt(c, away)),
    extraLoss: estimateOf(source, (c) => {
      const optimum = split(c);
      return optimum === null ? null : lossAt(c, away) - lossAt(c, optimum);
    }),
    wastedCompute: estimateOf(source, (c) => {
      const nd = forms.productForLoss(c, lossAt(c, away));
      return nd === null ? null : 1 - (k * nd) / flops;
    }),
  };
}

function warningsFor(
  source: Source,
  forms: AllocationForms,
  plan: PlannedLaw,
  question: Question,
): Warning[] {
  const group = source.group ?? undefined;
  const warnings: Warning[] = [];
  const { decades } = plan.extrapolation;
  if (decades !== null && Math.abs(decades) >= 0.05) {
    const far = Math.abs(decades);
    warnings.push({
      code: "extrapolation",
      group,
      message:
        `this budget lies ${far.toFixed(1)} decades ${decades > 0 ? "beyond the largest" : "below the smallest"} run fitted` +
        (far > 1 ? ": intervals cover the scatter of the runs, not a law that bends out there" : ""),
    });
  }
  const range = source.presetRange;
  if (range?.N !== undefined && range.D !== undefined) {
    const far =
      computeDecades(
        { ...source, range: { N: [...range.N], D: [...range.D] }, largestProduct: null },
        plan.budget.flops / source.flopsPerParamToken,
      ) ?? 0;
    if (Math.abs(far) >= 0.5) {
      warnings.push({
        code: "extrapolation",
        group,
        message: `this budget is an extrapolation: ${Math.abs(far).toFixed(1)} decades ${far > 0 ? "beyond" : "below"} the range of the preset's data`,
      });
    }
  }
  if (source.diagnosis.has("floor-at-zero")) {
    warnings.push({
      code: "floor-at-zero",
      group,
      message: "the fit has no floor (E at its bound 0): losses far out are too low",
    });
  }
  if (question.params !== undefined && question.tokens !== undefined && question.flops === undefined) {
    const best = forms.optimum(source.estimate, question.params * question.tokens);
    if (best === null) return warnings;
  }
  return warnings;
}
