/**
 * The compute that gives a task its value, under a chain that knows compute alone (C -> loss -> accuracy): there is nothing to
 * split, and the answer is a budget with its interval.
 */
import { DataError } from "../errors.js";
import { evaluateOutputs } from "../laws/evaluate-law.js";
import type { Law } from "../laws/law.js";
import type { Estimate, PlannedLaw } from "../objects.js";
import { assumptionsOf, type PlanResult } from "./allocate.js";
import { decadesBeyond } from "./extrapolation.js";
import { ENDLESS } from "./floor.js";
import { derive, estimateOf } from "./intervals.js";
import type { Question } from "./question.js";
import { solveFalling } from "./solve-falling.js";
import type { Coefficients, Source } from "./source.js";
import { taskTargetOf } from "./task-target.js";

/** FLOPs looked at: from those of a model so small and so little trained that a task's value there is that of guessing. */
const LEAST = 6e6;

/** Whether the law is such a chain. */
export const knowsComputeAlone = ({ stages, inputs }: Law): boolean =>
  stages.length > 1 && inputs.length === 1 && inputs[0].quantity === "flops";

/**
 * @throws UsageError for a value that no task can have, DataError for one that no compute reaches, or that takes none
 */
export function computeForTask(source: Source, asked: NonNullable<Question["targetTask"]>): PlanResult {
  const { law } = source;
  const [{ name }] = law.inputs;
  const target = taskTargetOf(law, law.stages[0], asked);
  const outputsAt = (c: Coefficients, C: number) => evaluateOutputs(law, c, { [name]: C });
  const valueAt = (c: Coefficients, C: number): number => outputsAt(c, C)[target.output];
  const reachedBy = (c: Coefficients) => {
    const sign = valueAt(c, ENDLESS) > valueAt(c, LEAST) ? 1 : -1;
    const C = solveFalling((flops) => -sign * valueAt(c, flops), -sign * target.value, [LEAST, ENDLESS]);
    // At the very beginning it is the value of guessing, to rounding.
    return C === null || C < 2 * LEAST ? null : { C, outputs: outputsAt(c, C) };
  };
  const reached = derive(source, reachedBy);
  if (reached === null) throw outOfReach(source, target, valueAt);
  const flops = estimateOf(source, reached, ({ C }) => C);
  const optimum: Record<string, Estimate> = { [name]: flops };
  for (const output of law.outputs)
    optimum[output.name] = estimateOf(source, reached, ({ outputs }) => outputs[output.name]);
  const plan: PlannedLaw = {
    group: source.group,
    law: law.id,
    source: source.from,
    asked: { targetTask: target.value },
    target,
    budget: { flops: flops.estimate },
    flops,
    optimum,
    extrapolation: {
      decades:
        source.range?.[name] === undefined ? null : decadesBeyond(flops.estimate, ...source.range[name]),
      shift: 0,
      shiftScale: source.residualScale,
    },
    assumptions: {
      ...assumptionsOf(source, { of: "loss", shift: 0 }),
      compute: "C counted as in the fitted runs; split between parameters and tokens as they were",
    },
    neighbours: [],
    offOptimum: [],
  };
  return { plan, warnings: [] };
}

function outOfReach(
  { law, estimate }: Source,
  { output, value }: { output: string; value: number },
  valueAt: (c: Coefficients, C: number) => number,
): DataError {
  const [guess, best] = [valueAt(estimate, LEAST), valueAt(estimate, ENDLESS)];
  const isReached = (value - guess) / (best - guess) < 1e-9;
  return new DataError({
    code: isReached ? "reached-already" : "unreachable-task",
    message: isReached
      ? `--target-task ${output}=${value} takes no training: ${law.id} gives ${guess.toPrecision(4)} without any`
      : `--target-task ${output}=${value} cannot be reached: with endless compute ${law.id} gives ${best.toPrecision(4)}`,
    why: isReached ? "it is no better than guessing" : "no amount of compute takes the loss below its floor",
    hint: `ask for ${(best > guess) === isReached ? "more" : "less"} than that`,
  });
}
