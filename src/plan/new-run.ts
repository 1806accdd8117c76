/**
 * The interval of one more run: every draw of the mean moved by residuals of the fit, r sqrt(n/(n-p)), and percentiles of
 * that. In simulation it holds one more run at 10x and 100x the data's compute in 94-97 % of cases (42 runs), 92-94 % (20
 * runs).
 */
import { stretchedFrom } from "../fit/limits.js";
import { type Band, percentilesInPlace, quantileIn, quantilePlace } from "../fit/quantiles.js";
import type { Estimate, Interval } from "../objects.js";
import { RESIDUAL_SCALES, type ResidualScale } from "./residual-scale.js";
import type { Source } from "./source.js";

/** Pairs of draw and residual behind a new run's interval: enough that its limits do not move in the third digit. */
const PAIRS = 8000;
/** The limits of two predictions side by side, over their estimates, differ by no more than this share of their distance. */
const SLACK = 0.04;

/** What a source needs for many predictions, made once for it. */
interface Pairs {
  /** How many residuals each draw is moved by. */
  perDraw: number;
  /** Those of one draw side by side, ascending, made ready for their scale. */
  steps: Float64Array;
  /** Where each draw lies, made ready for the scale; a new one for every prediction. */
  centres: Float64Array;
  /** Room for a value of each pair. */
  room: Float64Array;
  /** For either limit, where it lay among each draw's steps in the last prediction: it lies near there in the next. */
  places: readonly [Int32Array, Int32Array];
  /** The last prediction's limits over its estimate: those of the next lie near. */
  last: readonly [number, number] | null;
}

const pairsFor = new WeakMap<Source, Pairs>();

/**
 * @param draws the mean in every draw
 * @param mean the estimate with its own interval: a new run is never surer than the mean
 */
export function newRunInterval(source: Source, draws: ArrayLike<number>, mean: Estimate): Interval {
  const found = pairsAt(source, draws, mean.estimate);
  if ("reason" in found) return { low: null, high: null, reason: found.reason };
  const { pairs, scale } = found;
  const limits =
    limitsNear(pairs, scale, source.level, mean.estimate) ??
    percentilesInPlace(allValues(pairs, scale), source.level);
  pairs.last = [limits[0] / mean.estimate, limits[1] / mean.estimate];
  const [low, high] = limits;
  // Percentiles of many pairs lie a little inside those of few draws.
  return { low: Math.min(low, mean.low ?? low), high: Math.max(high, mean.high ?? high) };
}

/** Nearer to a limit than this share of itself, a value may lie on either side of it by rounding. */
const NEXT_TO = 1e-9;

/** Where a value lies against a limit: below it, next to it, or above. */
type Side = -1 | 0 | 1;

/**
 * Whether the interval reaches down to one value and up to another, by counting the pairs that are smaller: a tenth of the
 * work of looking for its limits.
 *
 * @param mean the estimate with its interval, asked for where the pairs alone do not reach so far
 * @returns null where there is no interval, or a value lies next to its limit
 */
export function newRunReaches(
  source: Source,
  draws: ArrayLike<number>,
  estimate: number,
  mean: () => Interval,
  [down, up]: readonly [number, number],
): boolean | null {
  const found = pairsAt(source, draws, estimate);
  if ("reason" in found || !doAscend(found.pairs.centres, found.scale)) return null;
  const { pairs, scale } = found;
  const slackOf = (value: number) => NEXT_TO * (Math.abs(value) + Math.abs(estimate));
  const atPercentile = (p: number, value: number): Side => {
    const place = Math.floor(quantilePlace(p, pairs.steps.length));
    if (smallerThan(pairs, scale, value + slackOf(value)) <= place) return -1;
    return smallerThan(pairs, scale, value - slackOf(value)) >= place + 2 ? 1 : 0;
  };
  const atLimit = (limit: number | null, value: number): Side => {
    const distance = value - (limit ?? Number.NaN);
    return Math.abs(distance) > slackOf(value) ? (Math.sign(distance) as Side) : 0;
  };
  const low = atPercentile((1 - source.level) / 2, down);
  const high = atPercentile((1 + source.level) / 2, up);
  if (low === 1 && high === -1) return true;
  if (low === 0 || high === 0) return null;
  const own = mean();
  const [lowest, highest] = [
    low === 1 ? low : atLimit(own.low, down),
    high === -1 ? high : atLimit(own.high, up),
  ];
  return lowest === 0 || highest === 0 ? null : lowest === 1 && highest === -1;
}

/** The pairs with their centres where a prediction has them; the reason where it has none. */
function pairsAt(
  source: Source,
  draws: ArrayLike<number>,
  estimate: number,
): { pairs: Pairs; scale: ResidualScale } | { reason: string } {
  if (source.withoutDraws !== null) return { reason: source.withoutDraws };
  if (source.residuals.length === 0) return { reason: "no residuals are known" };
  const scale = RESIDUAL_SCALES[source.residualScale];
  const pairs = pairsFor.get(source) ?? madePairs(source, draws.length);
  pairsFor.set(source, pairs);
  for (let b = 0; b < draws.length; b++)
    pairs.centres[b] = scale.start(stretchedFrom(estimate, draws[b], source.stretch));
  return areFinite(pairs, scale) ? { pairs, scale } : { reason: "no finite value in some resamples" };
}

/** A stride prime to the number of residuals pairs each draw with residuals from all over their list. */
function madePairs({ residuals, residualScale }: Source, draws: number): Pairs {
  const { step } = RESIDUAL_SCALES[residualScale];
  const stride = coprimeNear(residuals.length, 0.618);
  const perDraw = Math.max(1, Math.ceil(PAIRS / draws));
  const steps = new Float64Array(draws * perDraw);
  for (let k = 0, next = 0; k < steps.length; k++, next = (next + stride) % residuals.length)
    steps[k] = step(residuals[next]);
  for (let b = 0; b < draws; b++) steps.subarray(b * perDraw, (b + 1) * perDraw).sort();
  return {
    perDraw,
    steps,
    centres: new Float64Array(draws),
    room: new Float64Array(steps.length),
    places: [new Int32Array(draws), new Int32Array(draws)],
    last: null,
  };
}

function coprimeNear(n: number, share: number): number {
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  let stride = Math.max(1, Math.round(n * share));
  while (divides(stride, n) !== 1) stride++;
  return stride;
}

function doAscend(centres: Float64Array, { ascends }: ResidualScale): boolean {
  for (let b = 0; b < centres.length; b++) if (!ascends(centres[b])) return false;
  return true;
}

/** A draw's values ascend with its steps, or descend: where the first and the last are finite all are. */
function areFinite({ perDraw, steps, centres }: Pairs, { end }: ResidualScale): boolean {
  for (let b = 0; b < centres.length; b++) {
    const [first, last] = [steps[b * perDraw], steps[(b + 1) * perDraw - 1]];
    if (!Number.isFinite(end(centres[b], first)) || !Number.isFinite(end(centres[b], last))) return false;
  }
  return true;
}

function allValues({ perDraw, steps, centres, room }: Pairs, { end }: ResidualScale): Float64Array {
  for (let b = 0, k = 0; b < centres.length; b++) {
    for (const beyond = k + perDraw; k < beyond; k++) room[k] = end(centres[b], steps[k]);
  }
  return room;
}

/** Percentiles looked for where those of the last prediction lay; null where they do not lie there. */
function limitsNear(
  pairs: Pairs,
  scale: ResidualScale,
  level: number,
  estimate: number,
): readonly [number, number] | null {
  if (pairs.last === null || !doAscend(pairs.centres, scale)) return null;
  const [low, high] = pairs.last.map((limit) => limit * estimate);
  const slack = SLACK * Math.abs(high - low);
  const found = [low, high].map((limit, side) => {
    const place = quantilePlace((1 + (side === 0 ? -level : level)) / 2, pairs.steps.length);
    return quantileIn(bandOf(pairs, pairs.places[side], scale, limit - slack, limit + slack), place);
  });
  return found[0] === null || found[1] === null ? null : [found[0], found[1]];
}

/** The values between two limits, and how many are smaller. */
function bandOf(
  { perDraw, steps, centres, room }: Pairs,
  places: Int32Array,
  { end }: ResidualScale,
  from: number,
  to: number,
): Band {
  let smaller = 0;
  let count = 0;
  for (let b = 0; b < centres.length; b++) {
    const centre = centres[b];
    const first = b * perDraw;
    const beyond = first + perDraw;
    let left = first + places[b];
    while (left > first && !(end(centre, steps[left - 1]) < from)) left--;
    while (left < beyond && end(centre, steps[left]) < from) left++;
    places[b] = left - first;
    smaller += left - first;
    for (; left < beyond; left++) {
      const value = end(centre, steps[left]);
      if (!(value <= to)) break;
      room[count++] = value;
    }
  }
  return { smaller, values: room.subarray(0, count) };
}

/** How many values are smaller than a given one. */
function smallerThan({ perDraw, steps, centres }: Pairs, { end }: ResidualScale, value: number): number {
  let smaller = 0;
  for (let b = 0; b < centres.length; b++) {
    const first = b * perDraw;
    let from = first;
    let to = first + perDraw;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (end(centres[b], steps[middle]) < value) from = middle + 1;
      else to = middle;
    }
    smaller += from - first;
  }
  return smaller;
}
