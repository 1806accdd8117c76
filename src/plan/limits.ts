/**
 * The limits of a plan, each with whether it binds and its shadow price: by how much the loss falls with one more unit of it.
 * The price is the difference quotient of the best loss with the limit a ten-thousandth wider, on every draw.
 */
import type { Split } from "../laws/law.js";
import type { LimitUnit, PlanLimit } from "../objects.js";
import { spentOf } from "./contradictions.js";
import { designerFor, lossOf } from "./design.js";
import { type Derived, derive, estimateOf } from "./intervals.js";
import { type Problem, problemOf, sizesFor } from "./problem.js";
import type { Question } from "./question.js";
import type { Coefficients } from "./source.js";
import { withUniqueTokens } from "./unique-tokens.js";

/** A limit before it is held against the design. */
interface Candidate {
  flag: string;
  field: keyof Question & string;
  unit: LimitUnit;
  amount: number;
  /** How much of it the design takes, in its unit. */
  used: number;
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
const WIDER = 1e-4;

export function limitsOf(problem: Problem, question: Question, design: Derived<Split>): PlanLimit[] {
  const candidates = candidatesOf(problem, question, design.estimate);
  // A budget alone is the question itself.
  if (candidates.length === 1 && candidates[0].flag === "--flops") return [];
  const isLossAsked = question.targetLoss !== undefined;
  return candidates.map((one): PlanLimit => {
    const { flag, unit, amount, used, isLeast, per } = one;
    const binds =
      flag === "--unique-tokens"
        ? used > amount * (1 + ALL)
        : isLeast
          ? used <= amount * (1 + ALL)
          : used >= amount * (1 - ALL);
    const price = binds && !isLossAsked ? shadowPrice(problem, question, design, one) : null;
    return {
      limit: flag,
      amount,
      unit,
      used,
      binds,
      per,
      shadowPrice: binds ? price : zero(problem),
      ...(binds && price === null
        ? { reason: isLossAsked ? "the loss is what is asked for" : "no design with a wider limit" }
        : {}),
    };
  });
}

/** More of what is not used up changes nothing. */
const zero = ({ source }: Problem): PlanLimit["shadowPrice"] =>
  source.withoutDraws === null
    ? { estimate: 0, low: 0, high: 0 }
    : { estimate: 0, low: null, high: null, reason: source.withoutDraws };

function candidatesOf({ budgets, cost, asked }: Problem, question: Question, design: Split): Candidate[] {
  const found: Candidate[] = budgets.map((budget) => ({
    flag: budget.flag,
    field: FIELDS[budget.flag],
    unit: budget.unit,
    amount: budget.amount,
    used: budget.amount * (spentOf(budget, cost, design) / budget.flops),
    isLeast: false,
    per: budget.unit === "days" ? 1 : worthTelling(budget.amount),
  }));
  for (const { flag, field, used } of sizesFor(question)) {
    if (asked.params !== undefined) continue;
    const amount = question[field] as number;
    const isBytes = field !== "maxParams";
    found.push({
      flag,
      field,
      unit: isBytes ? "bytes" : "parameters",
      amount,
      used: used(design.N),
      isLeast: false,
      per: Math.min(1e9, worthTelling(amount)),
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
      used: design.D,
      isLeast,
      per: Math.min(1e9, worthTelling(amount)),
    });
  };
  tokens("--unique-tokens", "uniqueTokens", question.uniqueTokens, false);
  tokens("--min-tokens", "minTokens", question.minTokens, true);
  tokens("--max-tokens", "maxTokens", question.maxTokens, false);
  return found;
}

/** A round amount near a hundredth of all. */
const worthTelling = (amount: number): number => 10 ** Math.round(Math.log10(amount) - 2);

/** Loss per `per` of a limit, below 0 where more of it lowers the loss; null where a wider one has no design. */
function shadowPrice(
  problem: Problem,
  question: Question,
  design: Derived<Split>,
  { field, amount, isLeast, per }: Candidate,
): PlanLimit["shadowPrice"] {
  const { source } = problem;
  const step = isLeast ? -WIDER : WIDER;
  const wider = { ...question, [field]: amount * (1 + step) };
  const base = field === "uniqueTokens" ? withUniqueTokens(source, amount * (1 + step)) : source;
  const { forms, cost, asked } = problemOf(base, wider);
  const designer = designerFor(base, forms, cost, asked);
  const change = (c: Coefficients, split: Split | null): number | null => {
    const other = designer(c);
    if (other === null || split === null) return null;
    // Told of one more, a least amount too: more of it raises the loss.
    return ((lossOf(base, c, other) - lossOf(source, c, split)) / (step * amount)) * per;
  };
  const prices: Derived<number> | null = derive(source, (c) => change(c, design.at(c)));
  if (prices === null || !Number.isFinite(prices.estimate)) return null;
  return estimateOf(source, prices, (value) => value);
}
