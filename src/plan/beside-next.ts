/**
 * A plan under a law that was chosen among several hangs on that choice: the next law's plan stands beside it.
 */
import { ScalefitError } from "../errors.js";
import { lawNamed } from "../laws/require-law.js";
import type { LawChoice } from "../objects.js";
import type { PlanResult } from "./allocate.js";
import { type Source, sourceFromCoefficients } from "./source.js";

/** @param plan the same question under other coefficients */
export function besideNext(
  result: PlanResult,
  { ranking, runnerUp }: LawChoice,
  plan: (next: Source) => PlanResult,
): PlanResult {
  const among = ranking.filter(({ verdict }) => verdict !== "not-compared").length;
  const next =
    runnerUp === null
      ? null
      : {
          law: runnerUp.law,
          ...(runnerUp.size === undefined ? {} : { size: runnerUp.size }),
          optimum: optimumUnder(runnerUp, plan),
        };
  return { ...result, plan: { ...result.plan, choice: { among, runnerUp: next } } };
}

function optimumUnder(
  runnerUp: NonNullable<LawChoice["runnerUp"]>,
  plan: (next: Source) => PlanResult,
): Record<string, number> | null {
  try {
    const { optimum } = plan(sourceFromCoefficients(lawNamed(runnerUp), runnerUp.coefficients)).plan;
    return Object.fromEntries(Object.entries(optimum).map(([name, { estimate }]) => [name, estimate]));
  } catch (error) {
    // It need not be a law of the planned variables, nor have an optimum.
    if (error instanceof ScalefitError) return null;
    throw error;
  }
}
