/**
 * A finished run as the outcome of a registered plan. Nobody trains exactly the planned size: the registered prediction and
 * its limits are moved by what the law says of the difference, and runs too far from the plan are no outcome of it.
 */
import type { Interval, Prediction } from "../objects.js";

/** What was registered, as far as a run is judged by it. */
export interface Registered {
  group: string | null;
  planned: { N: number; D: number };
  value: Interval & { estimate: number };
  newRun: Interval;
  residualScale: "log" | "raw" | "angle";
}

/** A run is the outcome of a plan within this factor of its size and of its tokens. */
export const SAME_RUN = 1.25;

/**
 * The plan nearest to a run; null where none is near.
 *
 * @param run its parameters and tokens
 */
export function planOf<P extends Registered>(
  plans: readonly P[],
  group: string | null,
  run: { N: number; D: number },
): P | null {
  const away = ({ planned }: Registered) =>
    Math.max(Math.abs(Math.log(run.N / planned.N)), Math.abs(Math.log(run.D / planned.D)));
  const near = plans.filter(
    (plan) => (plan.group === null || plan.group === group) && away(plan) <= Math.log(SAME_RUN),
  );
  return near.length === 0 ? null : near.reduce((a, b) => (away(b) < away(a) ? b : a));
}

/**
 * The registered prediction at the run that was trained.
 *
 * @param atRun the law's prediction there, by the registered coefficients
 * @param atPlan the law's value at the plan
 */
export function movedToRun<P extends Prediction>(plan: Registered, atRun: P, atPlan: number): P {
  const { estimate } = atRun.value;
  const move = (value: number): number =>
    plan.residualScale === "log" ? value * (estimate / atPlan) : value + (estimate - atPlan);
  const moved = <I extends Interval>(interval: I): I => ({
    ...interval,
    low: interval.low === null ? null : move(interval.low),
    high: interval.high === null ? null : move(interval.high),
  });
  return {
    ...atRun,
    value: { ...moved(plan.value), estimate: move(plan.value.estimate) },
    newRun: moved(plan.newRun),
  };
}
