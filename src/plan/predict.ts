/**
 * The value of a law at given inputs, with two intervals: one for the mean, from the draws, and one for a single
 * new run, which adds the scatter of the fitted rows to every draw.
 */
import { DataError } from "../errors.js";
import { stretchedFrom } from "../fit/limits.js";
import { percentilesInPlace, percentilesNear } from "../fit/quantiles.js";
import { evaluateLaw, evaluateOutputs, lawOver } from "../laws/evaluate-law.js";
import type { LawOutput } from "../laws/law.js";
import type { Estimate, Interval, Prediction } from "../objects.js";
import { inputDecades } from "./extrapolation.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, derive, drawnValues, estimateOf } from "./intervals.js";
import { RESIDUAL_SCALES } from "./residual-scale.js";
import type { Coefficients, Source } from "./source.js";

/** Pairs of draw and residual behind a new run's interval: enough that its limits do not move in the third digit. */
const PAIRS = 8000;

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

/** What a source needs for many predictions, made once for it. */
interface Prepared {
  /** The law's value in every draw. */
  draws(at: Readonly<Record<string, number>>): Float64Array;
  /** Residuals of the pairs of a draw and a residual, those of one draw side by side; null until they are needed. */
  pairs: Pairs | null;
}

interface Pairs {
  /** Each pair's residual, made ready for its scale. */
  pairs: Float64Array;
  /** A value for each pair; used again for every prediction. */
  values: Float64Array;
  /** Room for as many. */
  band: Float64Array;
  /** The last prediction's limits over its estimate: those of the next lie near. */
  last: readonly [number, number] | null;
}

/** The limits of two predictions side by side, over their estimates, differ by no more than this share of their distance. */
const SLACK = 0.04;

const preparedFor = new WeakMap<Source, Prepared>();

function prepared(source: Source): Prepared {
  const known = preparedFor.get(source);
  if (known !== undefined) return known;
  const made: Prepared = { draws: lawOver(source.law, source.draws), pairs: null };
  preparedFor.set(source, made);
  return made;
}

function valuesAt(source: Source, at: Readonly<Record<string, number>>): Derived<number> {
  const lawAt = (c: Coefficients) => evaluateLaw(source.law, c, at);
  const draws = source.draws.length === 0 ? [] : Array.from(prepared(source).draws(at));
  return { estimate: lawAt(source.estimate), draws, at: lawAt };
}

/**
 * Every draw of the mean moved by residuals of the fit, r sqrt(n/(n-p)); percentiles of that. In simulation it holds
 * one more run at 10x and 100x the data's compute in 94-97 % of cases (42 runs), 92-94 % (20 runs).
 */
function newRunInterval(source: Source, draws: readonly number[], mean: Estimate): Interval {
  const { residuals } = source;
  if (source.withoutDraws !== null) return { low: null, high: null, reason: source.withoutDraws };
  if (residuals.length === 0) return { low: null, high: null, reason: "no residuals are known" };
  const known = pairsOf(source, draws.length);
  const { pairs, values } = known;
  const perDraw = pairs.length / draws.length;
  const { start, end } = RESIDUAL_SCALES[source.residualScale];
  let hasAll = true;
  for (let b = 0, next = 0; b < draws.length; b++) {
    const center = start(stretchedFrom(mean.estimate, draws[b], source.stretch));
    for (let k = 0; k < perDraw; k++, next++) {
      const value = end(center, pairs[next]);
      values[next] = value;
      hasAll &&= Number.isFinite(value);
    }
  }
  if (!hasAll) return { low: null, high: null, reason: "no finite value in some resamples" };
  const [low, high] = limitsOf(known, source.level, mean.estimate);
  // Percentiles of many pairs lie a little inside those of few draws; a new run is never surer than the mean.
  return { low: Math.min(low, mean.low ?? low), high: Math.max(high, mean.high ?? high) };
}

/** Percentiles of the pairs' values, looked for where those of the last prediction lay. */
function limitsOf(known: Pairs, level: number, estimate: number): readonly [number, number] {
  const { values, band, last } = known;
  const limits =
    last === null
      ? percentilesInPlace(values, level)
      : percentilesNear(values, level, nearTo(estimate, last), band);
  known.last = [limits[0] / estimate, limits[1] / estimate];
  return limits;
}

function nearTo(estimate: number, [low, high]: readonly [number, number]): readonly [number, number, number] {
  return [low * estimate, high * estimate, SLACK * Math.abs((high - low) * estimate)];
}

/** A stride prime to the number of residuals pairs each draw with residuals from all over their list. */
function pairsOf(source: Source, draws: number): Pairs {
  const known = prepared(source);
  known.pairs ??= madePairs(source, draws);
  return known.pairs;
}

function madePairs({ residuals, residualScale }: Source, draws: number): Pairs {
  const { step } = RESIDUAL_SCALES[residualScale];
  const stride = coprimeNear(residuals.length, 0.618);
  const pairs = new Float64Array(draws * Math.max(1, Math.ceil(PAIRS / draws)));
  for (let k = 0, next = 0; k < pairs.length; k++, next = (next + stride) % residuals.length)
    pairs[k] = step(residuals[next]);
  const room = () => new Float64Array(pairs.length);
  return { pairs, values: room(), band: room(), last: null };
}

function coprimeNear(n: number, share: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let stride = Math.max(1, Math.round(n * share));
  while (divides(stride, n) !== 1) stride++;
  return stride;
}
