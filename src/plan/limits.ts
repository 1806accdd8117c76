/**
 * The limits of a plan, each with whether it binds and its shadow price: by how much the loss falls with one more unit of
 * it, or the cost where a loss is asked for. The price is the difference quotient of the best loss (the least cost) with the
 * limit a ten-thousandth wider, on every draw.
 */
import type { Split } from "../laws/law.js";
import type { Estimate, LimitUnit, PlanLimit } from "../objects.js";
import { spentOf } from "./contradictions.js";
import { designerFor, lossOf } from "./design.js";
import type { FrontierDesigns } from "./frontier-designs.js";
import { type Derived, derive, estimateOf, exactly, scaledBy } from "./intervals.js";
import { type Problem, problemOf, sizesFor } from "./problem.js";
import type { Aimed, Question } from "./question.js";
import { usdPerFlop } from "./run-cost.js";
import type { Coefficients } from "./source.js";
import { withUniqueTokens } from "./unique-tokens.js";

/** A limit before it is held against the design. */
interface Candidate {
  flag: string;
  field: keyof Question & string;
  unit: LimitUnit;
  amount: number;
  /** How much of it a design takes, in its unit. */
  usedBy(split: Split): number;
  /** Whether it is one that there must be at least. */
  isLeast: boolean;
  /** What one more is worth being told of: a billion tokens, a day. */
  per: number;
}

const FIELDS: Readonly<Record<string, keyof Question & string>> = {
  "--flops": "flops",
  "--dollars": "dollars",
  "--gpu-hours": "gpuHours",
  "--energy": "kwh",
  "--days": "days",
  "--deadline": "deadlineDays",
};

/** A limit binds where the design takes all of it, to within rounding. */
const ALL = 1e-6;
/** By this share a limit is made wider to see what it is worth. */
export const WIDER = 1e-4;

export function limitsOf(problem: Problem, question: Aimed, design: Derived<Split>): PlanLimit[] {
  const candidates = candidatesOf(problem, question);
  // A budget alone is the question itself.
  if (candidates.length === 1 && candidates[0].flag === "--flops") return [];
  const isLossAsked = question.targetLoss !== undefined;
  const isChosen = question.risk !== undefined || question.confidence !== undefined;
  return candidates.map((one): PlanLimit => {
    const { flag, unit, amount, per } = one;
    const used = one.usedBy(design.estimate);
    const binds = isBinding(one, design.estimate);
    const limit = { limit: flag, amount, unit, used, binds, per };
    if (!binds)
      return {
        ...limit,
        // More of what is not used up changes nothing.
        shadowPrice: exactly(problem.source, 0),
        ...(isLossAsked ? { shadowCost: nothing(problem) } : {}),
      };
    if (isChosen)
      return { ...limit, shadowPrice: null, reason: "the plan is chosen over all resamples at once" };
    const price = shadowPrice(problem, question, design, one, isLossAsked ? costChange : lossChange);
    if (price === null) return { ...limit, shadowPrice: null, reason: "no design with a wider limit" };
    if (!isLossAsked) return { ...limit, shadowPrice: price };
    const shadowCost = { flops: price, usd: inDollars(problem, price) };
    return { ...limit, shadowPrice: null, shadowCost, reason: "the loss is what is asked for" };
  });
}

function isBinding({ flag, isLeast, amount, usedBy }: Candidate, design: Split): boolean {
  const used = usedBy(design);
  // Tokens that are seen once are not repeated.
  if (flag === "--unique-tokens") return used > amount * (1 + ALL);
  return isTaken(used, amount, isLeast);
}

/** Whether all of a limit is taken, of a least amount no more, to within rounding. */
export const isTaken = (used: number, amount: number, isLeast: boolean): boolean =>
  isLeast ? used <= amount * (1 + ALL) : used >= amount * (1 - ALL);

/** Flags of the limits of sizes, tokens and training that bind at a design, whatever its budget is. */
export const bindingAt = (problem: Problem, question: Aimed, design: Split): string[] =>
  withoutBudgets(problem, candidatesOf(problem, question))
    .filter((one) => isBinding(one, design))
    .map(({ flag }) => flag);

/** Days limit training beside another budget for all; every other budget is what is spent. */
const withoutBudgets = ({ cost }: Problem, candidates: readonly Candidate[]): Candidate[] =>
  candidates.filter(
    ({ flag, unit }) => !Object.hasOwn(FIELDS, flag) || (cost.inferenceTokens > 0 && unit === "days"),
  );

/**
 * The budget from which on each limit binds, a least amount up to which: where the design without the limit takes just as
 * much of it.
 *
 * @param designs of the budgets
 * @param near    a budget in FLOPs to begin the search at
 */
export function bindsFrom(
  problem: Problem,
  question: Aimed,
  designs: Pick<FrontierDesigns, "budgetWhere">,
  near: number,
): { limit: string; binds: "from" | "up-to"; flops: Estimate | null; reason?: string }[] {
  const { source } = problem;
  return withoutBudgets(problem, candidatesOf(problem, question)).map((one) => {
    const { flag, field, amount, isLeast, usedBy } = one;
    const isLaw = field === "uniqueTokens";
    const without = isLaw ? problem : problemOf(source, { ...question, [field]: undefined });
    const flops = designs.budgetWhere(without, (split) => Math.log(usedBy(split) / amount), near);
    const found = { limit: flag, binds: isLeast ? ("up-to" as const) : ("from" as const), flops };
    return flops === null ? { ...found, reason: "no budget takes just so much" } : found;
  });
}

const nothing = (problem: Problem): PlanLimit["shadowCost"] => {
  const none = exactly(problem.source, 0);
  return { flops: none, usd: inDollars(problem, none) };
};

/** FLOPs in dollars; null without a price. */
function inDollars({ hardware }: Problem, flops: Estimate): Estimate | null {
  const price = usdPerFlop(hardware);
  return price === null ? null : scaledBy(flops, price);
}

function candidatesOf({ budgets, cost, asked }: Problem, question: Question): Candidate[] {
  const found: Candidate[] = budgets.map((budget) => ({
    flag: budget.flag,
    field: FIELDS[budget.flag],
    unit: budget.unit,
    amount: budget.amount,
    usedBy: (split) => budget.amount * (spentOf(budget, cost, split) / budget.flops),
    isLeast: false,
    per: worthTelling(budget),
  }));
  for (const { flag, field, used } of sizesFor(question)) {
    if (asked.params !== undefined) continue;
    const amount = question[field] as number;
    found.push({
      flag,
      field,
      unit: unitOfSize(field),
      amount,
      usedBy: ({ N }) => used(N),
      isLeast: false,
      per: Math.min(1e9, worthTelling({ unit: unitOfSize(field), amount })),
    });
  }
  const tokens = (
    flag: string,
    field: keyof Question & string,
    amount: number | undefined,
    isLeast: boolean,
  ) => {
    if (amount === undefined) return;
    found.push({
      flag,
      field,
      unit: "tokens",
      amount,
      usedBy: ({ D }) => D,
      isLeast,
      per: Math.min(1e9, worthTelling({ unit: "tokens", amount })),
    });
  };
  tokens("--unique-tokens", "uniqueTokens", question.uniqueTokens, false);
  tokens("--min-tokens", "minTokens", question.minTokens, true);
  tokens("--max-tokens", "maxTokens", question.maxTokens, false);
  return found;
}

/** What a limit of the size counts. */
export const unitOfSize = (field: "maxParams" | "serveMemory" | "trainMemory"): LimitUnit =>
  field === "maxParams" ? "parameters" : "bytes";

/** A day, or a round amount near a hundredth of all. */
export const worthTelling = ({ unit, amount }: Pick<PlanLimit, "unit" | "amount">): number =>
  unit === "days" ? 1 : 10 ** Math.round(Math.log10(amount) - 2);

/** What a wider limit changes from one design to another, under the same coefficients. */
type Change = (
  c: Coefficients,
  of: { problem: Problem; split: Split },
  to: { problem: Problem; split: Split },
) => number;

const lossChange: Change = (c, of, to) =>
  lossOf(to.problem.source, c, to.split) - lossOf(of.problem.source, c, of.split);

const costChange: Change = (_, of, to) => to.problem.cost.flops(to.split) - of.problem.cost.flops(of.split);

/** Change per `per` of a limit, below 0 where more of it is of use; null where a wider one has no design. */
function shadowPrice(
  problem: Problem,
  question: Aimed,
  design: Derived<Split>,
  { field, amount, isLeast, per }: Candidate,
  change: Change,
): Estimate | null {
  const { source } = problem;
  const step = isLeast ? -WIDER : WIDER;
  const wider = { ...question, [field]: amount * (1 + step) };
  const base = field === "uniqueTokens" ? withUniqueTokens(source, amount * (1 + step)) : source;
  const widened = problemOf(base, wider);
  const designer = designerFor(base, widened.aimForms, widened.aim, widened.asked);
  const prices: Derived<number> | null = derive(source, (c) => {
    const [split, other] = [design.at(c), designer(c)];
    if (other === null || split === null) return null;
    const changed = change(c, { problem, split }, { problem: widened, split: other });
    // Told of one more, a least amount too: more of it raises what is least.
    return (changed / (step * amount)) * per;
  });
  if (prices === null || !Number.isFinite(prices.estimate)) return null;
  return estimateOf(source, prices, (value) => value);
}
