/** All that a plan under a measured cost is made from: the loss and the cost side by side, budgets, limits, and who designs. */
import { UsageError } from "../errors.js";
import type { Box } from "./budget-line.js";
import { costOf } from "./cost.js";
import { type MeasuredBudget, measuredBudgets } from "./cost-units.js";
import { type Designer, designerFor } from "./design.js";
import { besideCost, type MeasuredCost, type MeasuredCostAsked, measuredCostOf } from "./measured-cost.js";
import { type MeasuredForms, measuredForms } from "./measured-forms.js";
import { boxOf, requireAllocation, requireInside } from "./problem.js";
import type { Question } from "./question.js";
import { type Hardware, hardwareOf } from "./run-cost.js";
import type { Source } from "./source.js";

export interface MeasuredProblem {
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

/** @throws UsageError for a question that a measured cost does not answer */
export function measuredProblem(
  source: Source,
  question: Question,
  asked: MeasuredCostAsked,
): MeasuredProblem {
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
      : hardwareOf(question.hardware, (N) => source.flopsPerParamToken * N, question.params);
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
