/**
 * A value of a downstream task as a target, through a chain N, D -> loss -> error or accuracy: the loss at which the later
 * stages give it, under the estimate and under every draw.
 */
import { DataError, UsageError } from "../errors.js";
import { evaluateOutputs } from "../laws/evaluate-law.js";
import type { Law } from "../laws/law.js";
import { root } from "../laws/root.js";
import { listOf, quoteText } from "../text.js";
import { lossOf } from "./design.js";
import { derive, estimateOf } from "./intervals.js";
import type { Question } from "./question.js";
import type { Coefficients, Source } from "./source.js";

export interface TaskTarget {
  /** The output of the chain that is to have the value. */
  output: string;
  value: number;
}

/**
 * The output that is asked for, by default the chain's first.
 *
 * @throws UsageError for a law that is no chain, or has no such output, and for a value that no task can have
 */
export function taskTargetOf(
  law: Law,
  stage: Law | null,
  asked: NonNullable<Question["targetTask"]>,
): TaskTarget {
  const later = law.outputs.filter(({ name }) => name !== stage?.output.name);
  if (stage === null || later.length === 0) {
    throw new UsageError({
      code: "flags",
      message: `--target-task is a value that a chain of laws gives, and the law "${law.id}" predicts no task from N and D`,
      hint: "fit a chain such as task-ladder (N and D, then the task's loss, then its accuracy); of a loss: --target-loss",
    });
  }
  const names = listOf(
    later.map(({ name }) => name),
    "or",
  );
  const given: [string, number][] =
    typeof asked === "number" ? [[later[0].name, asked]] : Object.entries(asked);
  if (given.length !== 1) {
    throw new UsageError({
      code: "flag",
      message: `--target-task takes one value, not ${given.length}`,
      hint: `give ${names} alone`,
    });
  }
  const [[output, value]] = given;
  const found = later.find(({ name }) => name === output);
  if (found === undefined) {
    throw new UsageError({
      code: "flag",
      message: `--target-task: the law "${law.id}" gives no ${quoteText(output)} after its loss`,
      hint: `it gives ${names}`,
    });
  }
  const [least, most] = found.range;
  if (Number.isFinite(value) && value >= least && value <= most) return { output, value };
  throw new UsageError({
    code: "flag",
    message: `--target-task: ${output} lies between ${least} and ${most}, not at ${value}`,
    why: `it is the ${found.meaning}`,
  });
}

/** Losses looked at between the floor and that of a small model, evenly in the logarithm of what is above the floor. */
const GRID = 60;
/** A model so small and so little trained that a task's value there is that of guessing. */
const SMALL = { N: 1e3, D: 1e3 };
/** Share of that loss's distance from the floor at which the search begins: closer to the floor no compute comes. */
const NEAREST = 1e-9;

/**
 * The loss at which a chain gives the value, by coefficients; null where none does.
 *
 * @param chain with its other inputs held
 * @param stage of the loss, which is planned
 * @throws DataError for a value that the floor of the loss does not reach, or that takes no training
 */
export function lossForTask(
  source: Source,
  stage: Law,
  { output, value }: TaskTarget,
): (c: Coefficients) => number | null {
  const { law } = source;
  const later = laterStages(law, stage, output);
  const planned = { ...source, law: stage };
  const valueAt = (c: Coefficients, loss: number): number =>
    evaluateOutputs(later, c, { [stage.output.name]: loss })[output];
  const endsOf = (c: Coefficients): { floor: number; top: number } => ({
    floor: lossOf(planned, c, { N: Number.POSITIVE_INFINITY, D: Number.POSITIVE_INFINITY }),
    top: lossOf(planned, c, SMALL),
  });
  requireReachable();
  return (c) => {
    const { floor, top } = endsOf(c);
    if (!(top > floor)) return null;
    // Above 0 where the value is not reached.
    const sign = valueAt(c, floor) > valueAt(c, top) ? 1 : -1;
    const missing = (loss: number): number => sign * (value - valueAt(c, loss));
    const first = floor + NEAREST * (top - floor);
    let [left, atLeft] = [first, missing(first)];
    if (!(atLeft <= 0)) return null;
    for (let i = 1; i <= GRID; i++) {
      const right = floor + (top - floor) * NEAREST ** (1 - i / GRID);
      const atRight = missing(right);
      if (atRight > 0) return root(missing, left, atLeft, right, atRight);
      [left, atLeft] = [right, atRight];
    }
    return null;
  };

  function requireReachable(): void {
    const ends = derive(source, (c) => {
      const { floor, top } = endsOf(c);
      return { best: valueAt(c, floor), guess: valueAt(c, top) };
    });
    if (ends === null) return;
    const { best, guess } = ends.estimate;
    if (![best, guess].every(Number.isFinite)) return;
    const sign = best > guess ? 1 : -1;
    if (sign * (value - guess) <= 0) {
      throw new DataError({
        code: "reached-already",
        message: `--target-task ${output}=${value} takes no training: the chain gives ${guess.toPrecision(4)} at the loss of a model that has learnt nothing`,
        why: "it is no better than guessing",
        hint: `ask for ${sign > 0 ? "more" : "less"} than that`,
      });
    }
    if (sign * (value - best) < 0) return;
    const reached = estimateOf(source, ends, (values) => values.best);
    const interval =
      reached.low === null || reached.high === null
        ? ""
        : ` (${Number((100 * source.level).toPrecision(6))} % interval ${reached.low.toPrecision(4)} to ${reached.high.toPrecision(4)})`;
    throw new DataError({
      code: "unreachable-task",
      message: `--target-task ${output}=${value} cannot be reached: at the floor of its loss the chain gives ${best.toPrecision(4)}${interval}`,
      why: "no amount of compute takes the loss below its floor",
      hint: `ask for ${sign > 0 ? "less" : "more"} than that`,
    });
  }
}

/**
 * The chain from the loss on, as far as the output.
 *
 * @throws DataError where it needs more than the loss
 */
function laterStages(law: Law, stage: Law, output: string): Law {
  const last = law.stages.findIndex((one) => one.output.name === output);
  const later = law.stages.slice(0, last + 1).filter((one) => one !== stage);
  const known = new Set([stage.output.name, ...later.map((one) => one.output.name)]);
  const other = later.flatMap(({ inputs }) => inputs).find(({ name }) => !known.has(name));
  if (other === undefined) return { ...law, stages: later, outputs: later.map((one) => one.output) };
  throw new DataError({
    code: "no-inverse",
    message: `--target-task: under the law "${law.id}" ${output} hangs on ${other.name} beside the loss, so that no one loss gives it`,
    hint: "plan with --flops, and read the task's value off the plan",
  });
}
