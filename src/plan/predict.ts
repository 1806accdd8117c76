/**
 * The value of a law at given inputs, with two intervals: one for the mean, from the draws, and one for a single
 * new run, which adds the scatter of the fitted rows to every draw.
 */
import { DataError } from "../errors.js";
import { stretchedFrom } from "../fit/limits.js";
import { percentileInterval } from "../fit/quantiles.js";
import { evaluateLaw, evaluateOutputs } from "../laws/evaluate-law.js";
import type { LawOutput } from "../laws/law.js";
import type { Estimate, Interval, Prediction } from "../objects.js";
import { inputDecades } from "./extrapolation.js";
import { moved, movedValue, shiftAt } from "./guard.js";
import { derive, drawnValues, estimateOf } from "./intervals.js";
import type { Coefficients, Source } from "./source.js";

/** Pairs of draw and residual behind a new run's interval: enough that its limits do not move in the third digit. */
const PAIRS = 8000;

/**
 * @param at the law's inputs by name, each > 0
 * @throws DataError where the law has no finite value there
 */
export function predictAt(source: Source, at: Readonly<Record<string, number>>): Prediction {
  const { law } = source;
  const valueAt = (c: Coefficients) => evaluateLaw(law, c, at);
  const values = derive(source, valueAt);
  const several = law.outputs.length > 1 ? outputsAt(source, at) : null;
  if (values === null || !Number.isFinite(values.estimate)) {
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

/**
 * Every draw of the mean moved by residuals of the fit, r sqrt(n/(n-p)); percentiles of that. In simulation it holds
 * one more run at 10x and 100x the data's compute in 94-97 % of cases (42 runs), 92-94 % (20 runs).
 */
function newRunInterval(source: Source, draws: readonly number[], mean: Estimate): Interval {
  const { residuals } = source;
  if (source.withoutDraws !== null) return { low: null, high: null, reason: source.withoutDraws };
  if (residuals.length === 0) return { low: null, high: null, reason: "no residuals are known" };
  const perDraw = Math.max(1, Math.ceil(PAIRS / draws.length));
  const values = new Float64Array(draws.length * perDraw);
  // A stride prime to the number of residuals pairs each draw with residuals from all over their list.
  const stride = coprimeNear(residuals.length, 0.618);
  let at = 0;
  let next = 0;
  for (const draw of draws) {
    const center = stretchedFrom(mean.estimate, draw, source.stretch);
    for (let k = 0; k < perDraw; k++) {
      const r = residuals[next];
      values[at++] = movedValue(source.residualScale, center, r);
      next = (next + stride) % residuals.length;
    }
  }
  const finite = values.filter(Number.isFinite);
  if (finite.length < values.length)
    return { low: null, high: null, reason: "no finite value in some resamples" };
  const [low, high] = percentileInterval(finite, source.level);
  // Percentiles of many pairs lie a little inside those of few draws; a new run is never surer than the mean.
  return { low: Math.min(low, mean.low ?? low), high: Math.max(high, mean.high ?? high) };
}

function coprimeNear(n: number, share: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let stride = Math.max(1, Math.round(n * share));
  while (divides(stride, n) !== 1) stride++;
  return stride;
}
