/** Limits that leave no design: which two contradict each other, and by how much. */
import { DataError } from "../errors.js";
import type { Split } from "../laws/law.js";
import type { Budget } from "./budgets.js";
import type { Cost } from "./cost.js";
import type { Problem } from "./problem.js";
import { type Question, targetInWords } from "./question.js";

/** Relative difference below which a limit is kept. */
const ROUNDING = 1e-9;

/**
 * A design that follows from what is fixed, held against the limits; a loss that is asked for against the budgets.
 *
 * @throws DataError
 */
export function requireWithin(
  { box, budgets, cost, asked }: Problem,
  question: Question,
  design: Split,
): void {
  const { N, D } = design;
  if (N > box.N[1] * (1 + ROUNDING)) throw outside("parameters", N, "at most", box.N[1], N / box.N[1]);
  if (D > box.D[1] * (1 + ROUNDING)) throw outside("tokens", D, "at most", box.D[1], D / box.D[1]);
  if (D < box.D[0] * (1 - ROUNDING)) throw outside("tokens", D, "at least", box.D[0], box.D[0] / D);
  if (cost.train(design) > box.train * (1 + ROUNDING)) {
    const [taken, allowed] = [cost.train(design), box.train];
    throw outside("training FLOPs", taken, "at most", allowed, taken / allowed);
  }
  if (asked.targetLoss === undefined) return;
  const broken = budgets.find((one) => spentOf(one, cost, design) > one.flops * (1 + ROUNDING));
  if (broken === undefined) return;
  const spent = spentOf(broken, cost, design);
  throw new DataError({
    code: "contradiction",
    message: `${targetInWords(question)} and ${broken.flag} contradict each other`,
    why: `the loss costs ${spent.toExponential(2)} FLOPs, ${(spent / broken.flops).toPrecision(3)} times the ${broken.flops.toExponential(2)} that ${broken.flag} buys`,
    hint: `ask for ${question.targetTask === undefined ? "a higher loss" : "less"}, or leave the target out: then the plan says what the budget reaches`,
  });
}

/** FLOPs that a budget pays for: days of a cluster are for training only. */
export const spentOf = ({ unit }: Budget, cost: Cost, design: Split): number =>
  unit === "days" ? cost.train(design) : cost.flops(design);

const outside = (what: string, value: number, bound: string, limit: number, factor: number): DataError =>
  new DataError({
    code: "contradiction",
    message: `what is asked for contradicts the limit of ${bound} ${limit.toPrecision(4)} ${what}`,
    why: `it takes ${value.toPrecision(4)} ${what}, ${factor.toPrecision(3)} times ${bound === "at most" ? "more" : "less"} than that`,
    hint: "change the budget or the limit, or leave one of them out",
  });

/**
 * A budget that pays for no design within the limits, or a loss that none of them reaches.
 *
 * @param floor the least loss within the limits, where it is known
 */
export function unaffordable(question: Question, flops: number | undefined, floor: number | null): DataError {
  if (flops === undefined) {
    return new DataError({
      code: "contradiction",
      message: `${targetInWords(question)} and the limits of the size or the tokens contradict each other`,
      why: `no budget reaches that loss within them${floor === null ? "" : `: it stays above ${floor.toPrecision(5)}`}`,
      hint: "ask for a higher loss, or for wider limits",
    });
  }
  const { minTokens, cost } = question;
  const served = cost?.inferenceTokens;
  return new DataError({
    code: "contradiction",
    message: `the budget of ${flops.toExponential(2)} FLOPs and ${minTokens === undefined ? "--inference-tokens" : `--min-tokens ${minTokens}`} contradict each other`,
    why:
      served === undefined
        ? "what it pays for with so many tokens is no model"
        : "serving so many tokens takes all of it, whatever the size",
    hint: "plan with a larger budget or fewer tokens",
  });
}
