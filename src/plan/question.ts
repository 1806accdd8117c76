import { UsageError } from "../errors.js";
import type { Spendable } from "./budgets.js";
import type { CostAsked } from "./cost.js";
import type { CriticalBatchAsked } from "./critical-batch.js";
import type { LossFor } from "./design.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import type { HardwareAsked } from "./run-cost.js";

/** What is asked of a plan; plain units. */
export interface Question extends Spendable {
  params?: number;
  tokens?: number;
  targetLoss?: number;
  /** A value of a task to reach through a chain of laws: of its last output (`0.6`), or of one by name (`{ acc: 0.6 }`). */
  targetTask?: number | Readonly<Record<string, number>>;
  /** Tokens per parameter. */
  ratio?: number;
  /** The law's other inputs, by name (`U`, `P`, `d`). */
  at?: GivenValues;
  /** Tokens there are without repeating any. */
  uniqueTokens?: number;
  minTokens?: number;
  maxTokens?: number;
  maxParams?: number;
  /** Bytes there are for the weights when served, and for weights, gradients and optimizer in training. */
  serveMemory?: number;
  trainMemory?: number;
  /** Bytes a parameter in serving: 2 for bf16. */
  bytesPerParam?: number;
  /** Served at once: tokens of a sequence and how many of them, whose keys and values take memory too. */
  serveContext?: number;
  serveBatch?: number;
  /** Bytes of a cached key or value: 2. */
  cacheBytes?: number;
  /** Bytes a parameter in training: 16 for bf16 weights and gradients with Adam in fp32. */
  trainBytesPerParam?: number;
  /** Tokens of a step. */
  batch?: number;
  /** Tokens that one accelerator needs a step: with them no more work at once than the critical batch feeds. */
  leastBatch?: number;
  /** A fitted law of the critical batch over the loss, in place of the published one. */
  criticalBatch?: CriticalBatchAsked;
  /** Budgets in FLOPs whose best splits are wanted too; without another budget the largest is planned. */
  ladder?: readonly number[];
  /** What of the loss over the resamples the split of a budget makes least: its mean, its worst, or a quantile (0.9). */
  risk?: "mean" | "worst" | number;
  /** Share of the resamples in which the target is to be reached, in (0, 1]. */
  confidence?: number;
  /** What is made least on the way to a target: the cost, or the time of training. */
  least?: "cost" | "time";
  /** Budgets in FLOPs at which the frontier of cost against loss is looked at; `true`: about the budget, or beyond the data. */
  frontier?: true | readonly number[];
  /** Whether to say how each number came about. */
  explain?: boolean;
  /** How FLOPs are counted, and what is served; 6ND and nothing. */
  cost?: CostAsked;
  /** A fitted cost instead: budgets are then in what was measured. */
  measuredCost?: MeasuredCostAsked;
  hardware?: HardwareAsked;
}

/** A question whose loss to reach hangs on the coefficients: that of a task's value. */
export interface Aimed extends Question {
  /** The loss to reach; `targetLoss` is that of the estimate. Null where none gives the value. */
  lossFor?: LossFor;
}

/**
 * The same question of coefficients without resamples: answered by their estimate, and for one budget.
 *
 * @param asked the numbers of the question as they were planned: a frontier alone is given a budget there
 */
export function byEstimate(
  { risk: _risk, confidence: _confidence, frontier: _frontier, ...question }: Question,
  { flops }: Readonly<Record<string, number>>,
): Question {
  return flops === undefined ? question : { ...question, flops };
}

/** Numbers by name, lists of a family, null for what is missing. */
export type GivenValues = Readonly<Record<string, number | readonly number[] | null>>;

const contradiction = (message: string, hint: string, why?: string) =>
  new UsageError({ code: "flags", message, hint, why });

/** The numbers of a question by name. */
export const numbersAsked = (question: Question): [string, number][] =>
  Object.entries(question).filter((entry): entry is [string, number] => typeof entry[1] === "number");

/** Budgets by the name of their flag. */
const SPENDABLE = ["flops", "dollars", "gpuHours", "kwh", "days", "deadlineDays", "costBudget"] as const;

/** Whether there is something to spend. */
export const hasBudget = (question: Question): boolean =>
  SPENDABLE.some((name) => question[name] !== undefined);

/** Whether a loss, or a value of a task, is to be reached. */
export const hasTarget = ({ targetLoss, targetTask }: Question): boolean =>
  targetLoss !== undefined || targetTask !== undefined;

/** The flag of the target, with its value. */
export const targetInWords = ({ targetLoss, targetTask }: Question): string =>
  targetTask === undefined
    ? `--target-loss ${targetLoss}`
    : `--target-task ${typeof targetTask === "number" ? targetTask : Object.entries(targetTask).map(([name, value]) => `${name}=${value}`)}`;

/** Refuses a question that is none, or that contradicts itself. @throws UsageError */
export function requireQuestion(question: Question): void {
  const { flops, params, tokens, targetLoss, targetTask, ratio, minTokens, maxTokens, maxParams } = question;
  for (const [name, value] of numbersAsked(question)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new UsageError({
      code: "flag",
      message: `${name} must be a finite number above 0, not ${String(value).slice(0, 40)}`,
    });
  }
  if (flops !== undefined && hasTarget(question)) {
    const [target, reached] =
      targetTask === undefined ? ["--target-loss", "the loss"] : ["--target-task", "what is reached"];
    throw contradiction(
      `--flops and ${target} contradict each other: the one asks for ${reached}, the other for the compute`,
      "give one of them",
    );
  }
  if (targetLoss !== undefined && targetTask !== undefined) {
    throw contradiction(
      "--target-loss and --target-task contradict each other: the task's value has its own loss",
      "give one of them",
    );
  }
  if (question.costBudget !== undefined && question.measuredCost === undefined) {
    throw contradiction(
      "--cost-budget is a budget in a measured cost, and none is given",
      "give its fit with --cost-fit cost.json, or the budget as --flops, --dollars, --days",
    );
  }
  if (question.criticalBatch !== undefined && question.leastBatch === undefined) {
    throw contradiction(
      "--critical-batch-fit says how large a batch is of use, and what an accelerator needs of it is not given",
      "give --least-batch too, for example --least-batch 8k --hardware h100 --count 4096",
    );
  }
  if (ratio !== undefined) requireBudgetFor(question);
  if (params !== undefined && tokens !== undefined && (hasBudget(question) || hasTarget(question))) {
    throw contradiction(
      "--params and --tokens together leave nothing to plan",
      "give one of them with --flops or --target-loss, or ask: scalefit predict --params ... --tokens ...",
    );
  }
  requireOrder("--min-tokens", minTokens, "--max-tokens", maxTokens);
  requireOrder("--min-tokens", minTokens, "--tokens", tokens);
  requireOrder("--tokens", tokens, "--max-tokens", maxTokens);
  requireOrder("--params", params, "--max-params", maxParams);
  requireFrontier(question);
  requireChoice(question);
}

/** What is made least: by which measure, how surely, and of what. */
function requireChoice(question: Question): void {
  const { risk, confidence, least, hardware } = question;
  if (typeof risk === "number" && !(risk < 1))
    throw contradiction(`--risk is a quantile between 0 and 1, not ${risk}`, "for example 0.9");
  if (confidence !== undefined && !(confidence <= 1))
    throw contradiction(`--confidence lies between 0 and 1, not at ${confidence}`, "for example 0.9");
  if (risk !== undefined && hasTarget(question)) {
    throw contradiction(
      `--risk and ${question.targetTask === undefined ? "--target-loss" : "--target-task"} contradict each other: the one chooses how a budget is split, the other asks for the budget`,
      "say how surely the target is to be reached: --confidence 90%",
    );
  }
  if (risk !== undefined && !hasBudget(question) && question.frontier === undefined) {
    throw new UsageError({
      code: "no-question",
      message: "--risk chooses how a budget is split, and there is none",
      hint: "give one, for example scalefit plan --flops 1e22 --risk 90%",
    });
  }
  if (confidence !== undefined && !hasTarget(question)) {
    throw new UsageError({
      code: "no-question",
      message: "--confidence is that of reaching a target, and there is none",
      hint: "give --target-loss or --target-task; how a budget is split surely says --risk 90%",
    });
  }
  if (least !== "time") return;
  if (!hasTarget(question)) {
    throw new UsageError({
      code: "no-question",
      message: "--least time is that of reaching a target, and there is none",
      hint: "give --target-loss or --target-task; a budget is split for the least loss",
    });
  }
  if (hardware !== undefined) return;
  throw new UsageError({
    code: "no-hardware",
    message: "--least time needs what training runs on",
    hint: "give --hardware h100 --count 512",
  });
}

/** A frontier is over budgets that rise. */
function requireFrontier({ frontier, ladder }: Question): void {
  if (frontier === undefined) return;
  if (ladder !== undefined) {
    throw contradiction(
      "--frontier and --table contradict each other: both are a table of budgets",
      "give one of them",
    );
  }
  if (frontier === true) return;
  const isRising = frontier.every(
    (flops, k) => flops > (k === 0 ? 0 : frontier[k - 1]) && Number.isFinite(flops),
  );
  if (frontier.length > 0 && isRising) return;
  throw contradiction(
    "the budgets of a frontier are finite, above 0, and rise",
    "for example [1e20, 1e21, 1e22]",
  );
}

/** The smaller of two that must be in order. @throws UsageError that says by how much they are not */
function requireOrder(low: string, a: number | undefined, high: string, b: number | undefined): void {
  if (a === undefined || b === undefined || a <= b) return;
  throw contradiction(
    `${low} and ${high} contradict each other`,
    "change one of them",
    `${counted(a)} is ${(a / b).toPrecision(3)} times ${counted(b)}`,
  );
}

/** As one may give it: 2e12. */
const counted = (value: number): string => value.toExponential().replace("e+", "e");

/** Tokens per parameter are a line of designs, on which a budget or a loss picks one. */
function requireBudgetFor(question: Question): void {
  const { params, tokens } = question;
  if (params !== undefined || tokens !== undefined) {
    throw contradiction(
      `--ratio with --${params === undefined ? "tokens" : "params"} leaves nothing to plan: the one gives the other`,
      "give --ratio with --flops or --target-loss, or both sizes: --params ... --tokens ...",
    );
  }
  if (!hasBudget(question) && !hasTarget(question) && question.frontier === undefined) {
    throw new UsageError({
      code: "no-question",
      message: "--ratio needs a budget or a loss",
      hint: "for example scalefit plan --flops 1e22 --ratio 20, or --target-loss 2.0 --ratio 20",
    });
  }
}
