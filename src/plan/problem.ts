/**
 * A question about a law of N and D made definite: what a design costs, what there is to spend, and within which limits.
 */
import { DataError, UsageError } from "../errors.js";
import type { Law } from "../laws/law.js";
import { type BudgetForms, budgetForms } from "./budget-forms.js";
import type { Box } from "./budget-line.js";
import { type Budget, bindingBudget, budgetsOf } from "./budgets.js";
import { type Cost, costOf, withoutServing } from "./cost.js";
import { criticalBatchOf, published } from "./critical-batch.js";
import { type Asked, designerFor, lossOf } from "./design.js";
import { allocationOf } from "./numeric-allocation.js";
import type { Aimed, Question } from "./question.js";
import { type Hardware, hardwareOf } from "./run-cost.js";
import { serveMemoryOf } from "./serve-memory.js";
import type { Source } from "./source.js";
import { type UsefulCount, usefulCount } from "./useful-accelerators.js";

export interface Problem {
  source: Source;
  cost: Cost;
  hardware: Hardware | null;
  budgets: Budget[];
  box: Box;
  forms: BudgetForms;
  /** What is made least on the way to a target, and the forms of that: the cost, or training alone where time counts. */
  aim: Cost;
  aimForms: BudgetForms;
  /** The budget that binds, and what is fixed. */
  asked: Asked;
  /** The accelerators of use, where a least batch is given. */
  useful: UsefulCount | null;
}

/** @throws UsageError for a question that contradicts itself, DataError where the law or its data allow no plan */
export function problemOf(source: Source, question: Aimed): Problem {
  const forms = requireAllocation(source);
  const cost = costOf(question.cost ?? {}, source.flopsPerParamToken);
  const params = sizeAsked(cost, question);
  const hardware =
    question.hardware === undefined ? null : hardwareOf(question.hardware, cost.trainPerToken, params);
  const { targetLoss, lossFor, tokens, ratio } = question;
  const sizes = boxOf(question);
  requireInside(question, params, sizes);
  const limited = (on: Hardware | null): Omit<Problem, "useful"> => {
    const budgets = budgetsOf(question, on);
    const isServed = cost.inferenceTokens > 0;
    const isTraining = ({ unit }: Budget): boolean => isServed && unit === "days";
    const forTraining = budgets.filter(isTraining);
    const forAll = budgets.filter((one) => !isTraining(one));
    const train = bindingBudget(forTraining)?.flops ?? Number.POSITIVE_INFINITY;
    if (targetLoss === undefined && forTraining.length > 0 && forAll.length === 0)
      throw withoutLifetime(forTraining[0]);
    const box = { ...sizes, train };
    const isSearched = question.uniqueTokens !== undefined;
    const asBudgets = budgetForms(source, forms, cost, box, isSearched);
    // A budget as asked for, to the last bit; with a loss the budgets are only held against its cost.
    const flops = targetLoss === undefined ? bindingBudget(forAll)?.flops : undefined;
    const asked = { flops, params, tokens, targetLoss, lossFor, ratio };
    const isTimed = question.least === "time" && isServed;
    const aim = isTimed ? withoutServing(cost) : cost;
    const aimForms = isTimed ? budgetForms(source, forms, aim, box, isSearched) : asBudgets;
    return { source, cost, hardware: on, budgets, box, forms: asBudgets, aim, aimForms, asked };
  };
  const useful = usefulOf(question, hardware, limited);
  return {
    ...limited(useful === null ? hardware : { ...(hardware as Hardware), count: useful.count }),
    useful,
  };
}

/** Days of a cluster are for training; what serving may cost is another budget. */
const withoutLifetime = ({ flag }: Budget): UsageError =>
  new UsageError({
    code: "no-question",
    message: `${flag} pays for training only, and --inference-tokens are paid from a budget for both`,
    hint: "add what training and serving may cost together: --flops, --dollars or --gpu-hours; or ask for --target-loss",
  });

/** The accelerators that the critical batch leaves of use, by the estimate of the law. */
function usefulOf(
  { leastBatch, targetLoss, criticalBatch }: Question,
  hardware: Hardware | null,
  limited: (on: Hardware) => Omit<Problem, "useful">,
): UsefulCount | null {
  if (leastBatch === undefined) return null;
  if (hardware === null || hardware.count === null) {
    throw new UsageError({
      code: "no-hardware",
      message: "--least-batch limits how many accelerators work at once, and their number is not given",
      hint: "give --count too, for example --hardware h100 --count 4096",
    });
  }
  const law = criticalBatch?.source ?? published();
  const critical = criticalBatchOf(law);
  const criticalAt = (loss: number) => critical(law.estimate, loss);
  return usefulCount(hardware.count, leastBatch, criticalAt, (count) => {
    if (targetLoss !== undefined) return targetLoss;
    const { source, aimForms, aim, asked } = limited({ ...hardware, count });
    const split = designerFor(source, aimForms, aim, asked)(source.estimate);
    return split === null ? null : lossOf(source, source.estimate, split);
  });
}

/** A given shape may miss a given size by so much: 7B is 6.74e9 parameters. */
const NOMINAL = 0.05;

/** The size that is asked for, or that a shape has. */
function sizeAsked({ fixedSize }: Cost, { params, tokens, targetLoss }: Question): number | undefined {
  if (fixedSize === null) return params;
  if (tokens !== undefined && targetLoss !== undefined) return params;
  if (params !== undefined && Math.abs(params / fixedSize - 1) > NOMINAL) {
    throw new UsageError({
      code: "flags",
      message: `--params and the shape (--layers, --width, ...) contradict each other`,
      why: `the shape has ${fixedSize.toPrecision(4)} parameters, ${(fixedSize / params).toPrecision(3)} times ${params}`,
      hint: "leave out --params, or change the shape",
    });
  }
  return fixedSize;
}

/** bf16 weights and gradients, and in fp32 weights and two moments of Adam (arXiv 1910.02054, section 3.1). */
export const TRAIN_BYTES = 16;

/** A limit of the size. */
export interface SizeLimit {
  flag: string;
  field: "maxParams" | "serveMemory" | "trainMemory";
  most: number;
  /** What a size takes of it, in its unit. */
  used(N: number): number;
}

/** The largest size for a memory. */
export function sizesFor(question: Question): SizeLimit[] {
  const { maxParams, serveMemory, trainMemory, trainBytesPerParam = TRAIN_BYTES } = question;
  const served = serveMemoryOf(question);
  return [
    ...(maxParams === undefined
      ? []
      : [{ flag: "--max-params", field: "maxParams" as const, most: maxParams, used: (N: number) => N }]),
    ...(serveMemory === undefined
      ? []
      : [
          {
            flag: "--serve-memory",
            field: "serveMemory" as const,
            most: served.largest(serveMemory),
            used: served.bytesOf,
          },
        ]),
    ...(trainMemory === undefined
      ? []
      : [
          {
            flag: "--train-memory",
            field: "trainMemory" as const,
            most: trainMemory / trainBytesPerParam,
            used: (N: number) => N * trainBytesPerParam,
          },
        ]),
  ];
}

export function boxOf(question: Question): Box {
  const most = Math.min(...sizesFor(question).map((one) => one.most), Number.POSITIVE_INFINITY);
  return {
    N: [0, most],
    D: [question.minTokens ?? 0, question.maxTokens ?? Number.POSITIVE_INFINITY],
    train: Number.POSITIVE_INFINITY,
  };
}

/** A size that is fixed has to fit. */
export function requireInside(question: Question, params: number | undefined, { N }: Box): void {
  if (params === undefined || params <= N[1]) return;
  const tightest = sizesFor(question).reduce((a, b) => (b.most < a.most ? b : a));
  throw new UsageError({
    code: "flags",
    message: `the size of ${params.toPrecision(3)} parameters and ${tightest.flag} contradict each other`,
    why: `it allows ${tightest.most.toPrecision(3)} parameters: the model is ${(params / tightest.most).toPrecision(3)} times too large`,
    hint: `plan without one of them, or with more memory or fewer bytes a parameter`,
  });
}

export function requireAllocation(source: Source) {
  const { law } = source;
  if (source.diagnosis.has("collinear")) {
    throw new DataError({
      code: "not-identified",
      message: "a budget cannot be split with this fit: N and D rose together in its data",
      why: "the size term and the data term cannot be told apart, so any split would be a guess",
      hint: "add runs of one size at several token counts and fit again; predict still works along the line of the data",
    });
  }
  const forms = allocationOf(law);
  if (forms === null) {
    throw new DataError({
      code: "no-allocation",
      message: `the law "${law.id}" says nothing about how to split a budget: it has no N and D`,
      hint: withoutSplit(law),
    });
  }
  return forms;
}

/** What can be asked of a law that splits no budget. */
function withoutSplit({ answers, output, topic }: Law): string {
  if (topic === "costs")
    return "it is a measured cost: give it with --cost-fit, beside a fit of the loss with --fit (scalefit fit runs.csv -o loss.json)";
  const inverse = answers.find(({ kind }) => kind === "inverse");
  return inverse === undefined
    ? `fit a law of N and D such as chinchilla (the log needs parameters and tokens), or ask predict for the ${output.name === "L" ? "loss" : output.name}`
    : `ask which ${inverse.gives[0]} it takes: scalefit predict --solve ${inverse.name} --at ${inverse.given.map((name) => `${name}=...`).join(",")}`;
}
