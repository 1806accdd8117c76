/** The budgets of a set of runs, each with its least loss, and the lines through those that have one. */
import type { FrontierLine, Optima } from "../objects.js";
import { akimaMinimumOf, parabolaMinimum, type Valley, type ValleyMinimum } from "./budget-minimum.js";
import { type Budget, budgetsOf, type OptimaRuns } from "./budgets.js";
import { frontierLine } from "./frontier-line.js";
import type { OptimaOptions } from "./optima-options.js";

/** What the estimator makes of one budget. */
export interface Judged {
  budget: Budget;
  N: ValleyMinimum;
  /** In ln D, where D* has a minimum of its own. */
  D: ValleyMinimum | null;
  isUsed: boolean;
}

/** Every budget judged by its runs. */
export function judge(runs: OptimaRuns, dataFrom: Optima["dataFrom"], options: OptimaOptions): Judged[] {
  const minimum = (valley: Valley) =>
    options.method === "akima"
      ? akimaMinimumOf(valley, options.leastRuns)
      : parabolaMinimum(valley, options.leastRuns);
  return budgetsOf(runs, options.tolerance).map((budget) => {
    const N = minimum(valleyOf(runs, budget, runs.N));
    const D = dataFrom === "own-minimum" && runs.D !== null ? minimum(valleyOf(runs, budget, runs.D)) : null;
    const stands = ({ code, z }: ValleyMinimum) =>
      z !== null && (code === "inside" || options.outside === "keep");
    return { budget, N, D, isUsed: stands(N) && (D === null || stands(D)) };
  });
}

/** The points of a budget against N or D. */
export const valleyOf = (runs: OptimaRuns, { rows }: Budget, scale: Float64Array): Valley => ({
  z: rows.map((i) => Math.log(scale[i])),
  loss: rows.map((i) => runs.loss[i]),
});

/** The lines of ln N* and ln D* against ln C. */
export function linesThrough(
  used: readonly Judged[],
  dataFrom: Optima["dataFrom"],
  k: number,
  weights: OptimaOptions["weights"],
): { N: FrontierLine; D: FrontierLine } {
  const lnC = used.map(({ budget }) => Math.log(budget.flops));
  const lnN = used.map(({ N }) => N.z as number);
  const lnD = used.map(({ D }, j) => D?.z ?? lnC[j] - Math.log(k) - lnN[j]);
  const precision = (of: (one: Judged) => ValleyMinimum | null) =>
    weights === "equal" ? lnC.map(() => 1) : used.map((one) => 1 / (of(one)?.vertex?.variance ?? 1));
  const ofN = precision(({ N }) => N);
  return {
    N: frontierLine(lnC, lnN, ofN),
    D: frontierLine(lnC, lnD, dataFrom === "compute" ? ofN : precision(({ D }) => D)),
  };
}
