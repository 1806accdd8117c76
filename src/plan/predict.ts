/**
 * The value of a law at given inputs, with two intervals: one for the mean, from the draws, and one for a single
 * new run, which adds the scatter of the fitted rows to every draw.
 */
import { DataError } from "../errors.js";
import { evaluateLaw, evaluateOutputs, lawOver } from "../laws/evaluate-law.js";
import type { LawOutput } from "../laws/law.js";
import type { Estimate, Interval, Prediction } from "../objects.js";
import { inputDecades } from "./extrapolation.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, derive, drawnValues, estimateOf } from "./intervals.js";
import { newRunInterval, newRunReaches } from "./new-run.js";
import { movedValue } from "./residual-scale.js";
import { isInside } from "./score.js";
import type { Coefficients, Source } from "./source.js";

/**
 * @param at the law's inputs by name, each > 0
 * @throws DataError where the law has no finite value there
 */
export function predictAt(source: Source, at: Readonly<Record<string, number>>): Prediction {
  const { law } = source;
  const values = valuesAt(source, at);
  const several = law.outputs.length > 1 ? outputsAt(source, at) : null;
  const mean = meanAt(source, values);
  const shift = shiftAt(source, at);
  return {
    group: source.group,
    law: law.id,
    at: Object.fromEntries(law.inputs.map(({ name }) => [name, at[name]])),
    value: within(law.output, moved(source, mean, shift)),
    newRun: within(
      law.output,
      moved(source, newRunInterval(source, drawnValues(source, values), mean), shift),
    ),
    ...(several === null ? {} : { values: several }),
    extrapolation: { decades: inputDecades(source, at), shift, shiftScale: source.residualScale },
  };
}

/** A law's value at inputs, and what became of a measured one there. */
export interface Held {
  predicted: number;
  /** Whether the measured value lies in the interval of a new run; null where that has no limits. */
  isInside: boolean | null;
}

/**
 * What `predictAt` says of a value that was measured, for a fifth of the work: where the value is far enough from the limits
 * of a new run, they are not looked for.
 *
 * @throws DataError where the law has no finite value there
 */
export function heldAt(source: Source, at: Readonly<Record<string, number>>, measured: number): Held {
  const values = valuesAt(source, at);
  const plain = plainlyInside(source, values, shiftAt(source, at), measured);
  if (plain !== null) return { predicted: values.estimate, isInside: plain };
  return { predicted: values.estimate, isInside: isInside({ ...predictAt(source, at), measured }) };
}

/** Logs moved by more than this may have no finite value. */
const FAR_SHIFT = 20;

/** Without the limits; null where they are needed. */
function plainlyInside(
  source: Source,
  values: Derived<number>,
  shift: number,
  measured: number,
): boolean | null {
  const { law, residualScale } = source;
  const [least, most] = law.output.range;
  // At the ends of possible values limits end too, and moved ones may be no limits.
  if (!(measured > least && measured < most)) return null;
  if (shift !== 0 && (residualScale === "angle" || !(Math.abs(shift) < FAR_SHIFT))) return null;
  // A limit moved by the shift reaches a value where the limit itself reaches the value moved back.
  const back = movedValue(residualScale, measured, -shift);
  const reached: [number, number] =
    shift === 0 ? [measured, measured] : shift < 0 ? [back, measured] : [measured, back];
  return newRunReaches(
    source,
    drawnValues(source, values),
    values.estimate,
    () => meanAt(source, values),
    reached,
  );
}

const meanAt = (source: Source, values: Derived<number>): Estimate =>
  within(
    source.law.output,
    estimateOf(source, values, (value) => value),
  );

/** Limits that end where possible values do: a rate is at most 1, whatever its noise. */
function within<T extends Interval>({ range: [least, most] }: LawOutput, interval: T): T {
  const inside = (limit: number | null) => (limit === null ? null : Math.min(Math.max(limit, least), most));
  return { ...interval, low: inside(interval.low), high: inside(interval.high) };
}

/** All outputs of a law that has several, each with its interval from the same draws. */
function outputsAt(source: Source, at: Readonly<Record<string, number>>): Record<string, Estimate> | null {
  const all = derive(source, (c) => evaluateOutputs(source.law, c, at));
  if (all === null || !Object.values(all.estimate).every(Number.isFinite)) return null;
  return Object.fromEntries(
    source.law.outputs.map((output) => [
      output.name,
      within(
        output,
        estimateOf(source, all, (outputs) => outputs[output.name]),
      ),
    ]),
  );
}

/** The law's value in every draw of a source, compiled once for many predictions. */
const drawsOf = new WeakMap<Source, ReturnType<typeof lawOver>>();

function drawsAt(source: Source, at: Readonly<Record<string, number>>): Float64Array {
  const known = drawsOf.get(source) ?? lawOver(source.law, source.draws);
  drawsOf.set(source, known);
  return known(at);
}

function valuesAt(source: Source, at: Readonly<Record<string, number>>): Derived<number> {
  const lawAt = (c: Coefficients) => evaluateLaw(source.law, c, at);
  const estimate = lawAt(source.estimate);
  if (!Number.isFinite(estimate)) {
    const { id, inputs } = source.law;
    throw new DataError({
      code: "no-value",
      message: `the law "${id}" has no finite value at ${inputs.map(({ name }) => `${name}=${at[name]}`).join(", ")}`,
      hint: "check the size of the inputs; they are plain counts",
    });
  }
  const draws = source.draws.length === 0 ? [] : drawsAt(source, at).slice();
  return { estimate, draws, at: lawAt };
}
