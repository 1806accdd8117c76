/**
 * How far the estimator misses the optimum where there is no noise at all: it is put to the losses of a smooth surface
 * at the very sizes and budgets of the runs, and compared with the surface's own optimum.
 */
import { ScalefitError } from "../errors.js";
import { type CoreFit, fitLaw } from "../fit/fit-law.js";
import { DEFAULT_OPTIONS } from "../fit/options.js";
import { chinchilla } from "../laws/chinchilla.js";
import type { AllocationForms, Coefficients } from "../laws/law.js";
import type { Optima, OptimaBias } from "../objects.js";
import type { OptimaRuns } from "./budgets.js";
import { valueAt } from "./frontier-line.js";
import { type Judged, judge, linesThrough } from "./judged-budgets.js";
import { observations } from "./observations.js";
import type { OptimaOptions } from "./optima-options.js";

const forms = chinchilla.allocation as AllocationForms;

interface Found {
  bias: OptimaBias | null;
  reason?: string;
}

/** The surface is the law `chinchilla` fitted to all runs. */
export function surfaceBias(
  runs: OptimaRuns,
  judged: readonly Judged[],
  dataFrom: Optima["dataFrom"],
  options: OptimaOptions,
): Found {
  if (options.surface === "none") return { bias: null, reason: "it was not asked for" };
  if (dataFrom === "own-minimum")
    return {
      bias: null,
      reason: "compute is not k N D here, so a surface of N and D has no budget of its own",
    };
  const fit = fittedSurface(runs, options.flopsPerParamToken);
  if ("reason" in fit) return { bias: null, reason: fit.reason };
  const bias = biasOn(fit.c, runs, judged, options);
  return bias === null
    ? { bias, reason: "the surface of all runs has no optimum at these budgets" }
    : { bias };
}

function fittedSurface(runs: OptimaRuns, k: number): { c: Coefficients } | { reason: string } {
  const D = runs.D ?? runs.C.map((flops, i) => flops / (k * runs.N[i]));
  try {
    const fit = fitLaw(chinchilla, observations({ N: runs.N, D }, runs.loss), {
      ...DEFAULT_OPTIONS,
      bootstrap: 0,
    });
    return { c: coefficientsOf(fit) };
  } catch (error) {
    if (error instanceof ScalefitError) return { reason: `no surface could be fitted: ${error.message}` };
    throw error;
  }
}

const coefficientsOf = ({ parameters }: CoreFit): Coefficients =>
  Object.fromEntries(Object.entries(parameters).map(([name, { estimate }]) => [name, estimate]));

/** The estimator against the optimum of a surface with these coefficients; null where the surface has none. */
export function biasOn(
  c: Coefficients,
  runs: OptimaRuns,
  judged: readonly Judged[],
  options: OptimaOptions,
): OptimaBias | null {
  const { flopsPerParamToken: k, flops, level, weights } = options;
  const lossAt = (N: number, D: number) => c.E + c.A / N ** c.alpha + c.B / D ** c.beta;
  const smooth = { ...runs, loss: runs.N.map((N, i) => lossAt(N, runs.C[i] / (k * N))) };
  const isUsed = new Set(judged.filter((one) => one.isUsed).map(({ budget }) => budget.flops));
  const own = judge(smooth, "compute", options).filter((one) => one.isUsed && isUsed.has(one.budget.flops));
  const best = (C: number) => forms.optimum(c, C / k);
  if (own.length < 2 || own.some(({ budget }) => best(budget.flops) === null)) return null;
  const line = linesThrough(own, "compute", k, weights).N;
  const exponent = c.beta / (c.alpha + c.beta);
  return {
    law: chinchilla.id,
    coefficients: { ...c },
    exponent,
    exponentError: line.exponent - exponent,
    budgets: own.map(({ budget, N }) => {
      const size = best(budget.flops)?.N as number;
      return { flops: budget.flops, N: size, error: Math.exp(N.z as number) / size - 1 };
    }),
    asked: flops.flatMap((C) => {
      const split = best(C);
      if (split === null) return [];
      const { N, D } = split;
      return [{ flops: C, N, D, loss: lossAt(N, D), error: valueAt(line, C, level).estimate / N - 1 }];
    }),
  };
}
