import { UsageError } from "../errors.js";
import type { Spendable } from "./budgets.js";
import type { CostAsked } from "./cost.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import type { HardwareAsked } from "./run-cost.js";

/** What is asked of a plan; plain units. */
export interface Question extends Spendable {
  params?: number;
  tokens?: number;
  targetLoss?: number;
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
  /** Budgets in FLOPs whose best splits are wanted too; without another budget the largest is planned. */
  ladder?: readonly number[];
  /** Whether to say how each number came about. */
  explain?: boolean;
  /** How FLOPs are counted, and what is served; 6ND and nothing. */
  cost?: CostAsked;
  /** A fitted cost instead: budgets are then in what was measured. */
  measuredCost?: MeasuredCostAsked;
  hardware?: HardwareAsked;
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

/** Refuses a question that is none, or that contradicts itself. @throws UsageError */
export function requireQuestion(question: Question): void {
  const { flops, params, tokens, targetLoss, ratio, minTokens, maxTokens, maxParams } = question;
  for (const [name, value] of numbersAsked(question)) {
    if (value > 0 && Number.isFinite(value)) continue;
    throw new UsageError({
      code: "flag",
      message: `${name} must be a finite number above 0, not ${String(value).slice(0, 40)}`,
    });
  }
  if (flops !== undefined && targetLoss !== undefined) {
    throw contradiction(
      "--flops and --target-loss contradict each other: the one asks for the loss, the other for the compute",
      "give one of them",
    );
  }
  if (question.costBudget !== undefined && question.measuredCost === undefined) {
    throw contradiction(
      "--cost-budget is a budget in a measured cost, and none is given",
      "give its fit with --cost-fit cost.json, or the budget as --flops, --dollars, --days",
    );
  }
  if (ratio !== undefined) requireBudgetFor(question);
  if (params !== undefined && tokens !== undefined && (hasBudget(question) || targetLoss !== undefined)) {
    throw contradiction(
      "--params and --tokens together leave nothing to plan",
      "give one of them with --flops or --target-loss, or ask: scalefit predict --params ... --tokens ...",
    );
  }
  requireOrder("--min-tokens", minTokens, "--max-tokens", maxTokens);
  requireOrder("--min-tokens", minTokens, "--tokens", tokens);
  requireOrder("--tokens", tokens, "--max-tokens", maxTokens);
  requireOrder("--params", params, "--max-params", maxParams);
}

/** The smaller of two that must be in order. @throws UsageError that says by how much they are not */
function requireOrder(low: string, a: number | undefined, high: string, b: number | undefined): void {
  if (a === undefined || b === undefined || a <= b) return;
  throw contradiction(
    `${low} and ${high} contradict each other`,
    "change one of them",
    `${a} is ${(a / b).toPrecision(3)} times ${b}`,
  );
}

/** Tokens per parameter are a line of designs, on which a budget or a loss picks one. */
function requireBudgetFor(question: Question): void {
  const { params, tokens, targetLoss } = question;
  if (params !== undefined || tokens !== undefined) {
    throw contradiction(
      `--ratio with --${params === undefined ? "tokens" : "params"} leaves nothing to plan: the one gives the other`,
      "give --ratio with --flops or --target-loss, or both sizes: --params ... --tokens ...",
    );
  }
  if (!hasBudget(question) && targetLoss === undefined) {
    throw new UsageError({
      code: "no-question",
      message: "--ratio needs a budget or a loss",
      hint: "for example scalefit plan --flops 1e22 --ratio 20, or --target-loss 2.0 --ratio 20",
    });
  }
}
