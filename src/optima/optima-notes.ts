import type { BudgetCode, BudgetOptimum, Diagnosis, OptimaBias } from "../objects.js";
import type { OptimaOptions } from "./optima-options.js";

const WHY: Readonly<Record<Exclude<BudgetCode, "inside">, string>> = {
  "below-sizes": "the loss still falls towards the smallest size",
  "above-sizes": "the loss still falls towards the largest size",
  "no-minimum": "the losses bend the other way",
  "too-few-runs": "too few runs",
};

/** What must be known of the answer: budgets left out or taken on trust, and the estimator's bias. */
export function notesOf(
  budgets: readonly BudgetOptimum[],
  bias: OptimaBias | null,
  options: OptimaOptions,
): Diagnosis[] {
  return [...leftOut(budgets), ...extrapolated(budgets), estimatorNote(bias, options)];
}

const at = (budgets: readonly BudgetOptimum[]): string =>
  budgets.map(({ flops }) => flops.toExponential(2).replace("e+", "e")).join(", ");

function leftOut(budgets: readonly BudgetOptimum[]): Diagnosis[] {
  const dropped = budgets.filter(({ used }) => !used);
  if (dropped.length === 0) return [];
  const reasons = (Object.keys(WHY) as (keyof typeof WHY)[]).flatMap((code) => {
    const of = dropped.filter((budget) => budget.code === code);
    return of.length === 0 ? [] : [`${WHY[code]} at ${at(of)} FLOPs`];
  });
  return [
    {
      code: "budgets-not-used",
      severity: "warning",
      message: `${dropped.length} of ${budgets.length} budgets are not used: ${reasons.join("; ")}. A least loss beyond the sizes is an extrapolation; runs of further sizes there would bring it in`,
      numbers: { budgets: budgets.length, notUsed: dropped.length },
    },
  ];
}

function extrapolated(budgets: readonly BudgetOptimum[]): Diagnosis[] {
  const kept = budgets.filter(({ used, code }) => used && code !== "inside");
  if (kept.length === 0) return [];
  return [
    {
      code: "extrapolated-minimum",
      severity: "warning",
      message: `the least loss at ${at(kept)} FLOPs lies outside the sizes that were trained, and stands in the line all the same`,
      numbers: { budgets: kept.length },
    },
  ];
}

const NAMES = { parabola: "a parabola in ln N", akima: "Akima's interpolation" } as const;
const KNOWN = {
  parabola:
    "is only the second-order part of the loss along a budget: with unequal exponents, or sizes that reach far or are off the centre, its vertex misses the optimum",
  akima:
    "follows the noise of single runs: its minimum is drawn to lucky ones and to the sizes that were trained",
} as const;

function estimatorNote(bias: OptimaBias | null, { method }: OptimaOptions): Diagnosis {
  const known = `${NAMES[method]} ${KNOWN[method]}`;
  if (bias === null)
    return { code: "estimator-bias", severity: "note", message: `${known}. How far could not be found here` };
  const errors = bias.budgets.map(({ error }) => error);
  const worst = errors.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return {
    code: "estimator-bias",
    severity: "note",
    message:
      `${known}. On the surface of these runs (${bias.law}, a = ${bias.exponent.toFixed(3)}) and without noise it would be up to ` +
      `${(100 * Math.abs(worst)).toFixed(1)} % too ${side(worst)} at these budgets, and a ${Math.abs(bias.exponentError).toFixed(3)} too ${side(bias.exponentError)}`,
    numbers: { worst, exponentError: bias.exponentError, surfaceExponent: bias.exponent },
  };
}

const side = (error: number): string => (error < 0 ? "small" : "large");
