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
import { newRunInterval } from "./new-run.js";
import type { Coefficients, Source } from "./source.js";

/**
 * @param at the law's inputs by name, each > 0
 * @throws DataError where the law has no finite value there
 */
export function predictAt(source: Source, at: Readonly<Record<string, number>>): Prediction {
  const { law } = source;
  const values = valuesAt(source, at);
  const several = law.outputs.length > 1 ? outputsAt(source, at) : null;
  if (!Number.isFinite(values.estimate)) {
    throw new DataError({
      code: "no-value",
      message: `the law "${law.id}" has no finite value at ${law.inputs.map(({ name }) => `${name}=${at[name]}`).join(", ")}`,
      hint: "check the size of the inputs; they are plain counts",
    });
  }
  const mean = within(
    law.output,
    estimateOf(source, values, (value) => value),
  );
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
  const draws = source.draws.length === 0 ? [] : Array.from(drawsAt(source, at));
  return { estimate: lawAt(source.estimate), draws, at: lawAt };
}
