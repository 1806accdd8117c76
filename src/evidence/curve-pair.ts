/**
 * Two curves from independent fits: how far they lie apart at a scale, where they cross, and how much more compute one
 * needs for what the other reaches. Limits are percentiles over pairs of draws, one of each fit; a draw in which the curves
 * do not cross counts as a crossing beyond the end of the range at which it would lie, so that a limit may be open.
 */
import { stretchedFrom } from "../fit/limits.js";
import { quantileSorted } from "../fit/quantiles.js";
import type { Crossing, CurveRow, Estimate, Interval } from "../objects.js";
import type { Coefficients } from "../plan/source.js";
import type { Curve } from "./curve.js";

export interface CurvePair {
  a: Curve;
  b: Curve;
  /** Coefficients of both, draw by draw. */
  draws: (readonly [Coefficients, Coefficients])[];
  level: number;
  /** How much wider limits are made where few clusters were drawn. */
  stretch: number;
}

/** Pairs of draws; where a value is dear, every so many only. */
const MOST_PAIRS = 1000;
const DEAR_PAIRS = 200;

export function pairOf(a: Curve, b: Curve): CurvePair {
  const count = Math.min(
    a.source.draws.length,
    b.source.draws.length,
    a.isCheap && b.isCheap ? MOST_PAIRS : DEAR_PAIRS,
  );
  // Fits of the same design draw the same rows at the same number: half a turn apart they have nothing in common.
  const half = Math.floor(b.source.draws.length / 2);
  const other = (k: number) => b.source.draws[(k + half) % b.source.draws.length];
  return {
    a,
    b,
    draws: Array.from({ length: count }, (_, k) => [a.source.draws[k], other(k)] as const),
    level: a.source.level,
    stretch: Math.max(a.source.stretch, b.source.stretch),
  };
}

/** A fitted curve against one that is known: published coefficients have no draws. */
export function pairWithKnown(a: Curve, b: Curve): CurvePair {
  const known = { ...b, source: { ...b.source, withoutDraws: null } };
  const count = a.isCheap && b.isCheap ? MOST_PAIRS : DEAR_PAIRS;
  const draws = a.source.draws.slice(0, count).map((draw) => [draw, b.source.estimate] as const);
  return { a, b: known, draws, level: a.source.level, stretch: a.source.stretch };
}

/** Two laws fitted to the same rows: draws of one number saw the same resample, so what both owe to it is no difference. */
export function pairOnSameRows(a: Curve, b: Curve): CurvePair {
  const most = a.isCheap && b.isCheap ? MOST_PAIRS : DEAR_PAIRS;
  const count = Math.min(a.source.draws.length, b.source.draws.length, most);
  const draws = Array.from({ length: count }, (_, k) => [a.source.draws[k], b.source.draws[k]] as const);
  const stretch = Math.max(a.source.stretch, b.source.stretch);
  return { a, b, draws, level: a.source.level, stretch };
}

/** What is known of the pair at one scale. */
export function rowAt(pair: CurvePair, scale: number): CurveRow {
  const { a, b } = pair;
  const gap = ([ca, cb]: readonly [Coefficients, Coefficients]) => a.at(ca, scale) - b.at(cb, scale);
  const own = [a.source.estimate, b.source.estimate] as const;
  const difference = guarded(pair, scale, estimate(pair, gap(own), pair.draws.map(gap)));
  const { low, high } = difference;
  const isSure = low !== null && high !== null && low * high > 0;
  return {
    scale,
    difference,
    lower: !isSure ? null : difference.estimate < 0 ? a.source.group : b.source.group,
    multiplier: multiplierAt(pair, scale),
  };
}

/** How much more of the scale b needs than a for what a reaches there. */
function multiplierAt(pair: CurvePair, scale: number): CurveRow["multiplier"] {
  const { a, b } = pair;
  const factor = ([ca, cb]: readonly [Coefficients, Coefficients]) => {
    const needed = b.inverse(cb, a.at(ca, scale));
    return needed === null ? Number.POSITIVE_INFINITY : needed / scale;
  };
  const own = factor([a.source.estimate, b.source.estimate]);
  const limits = percentiles(pair, own, pair.draws.map(factor), "no amount of it reaches this value");
  if (Number.isFinite(own)) return { estimate: own, ...limits };
  return { estimate: null, ...limits, reason: "no amount of it reaches this value" };
}

/** Limits of the difference moved outwards by what both fits say of a law that bends beyond the data. */
function guarded({ a, b }: CurvePair, scale: number, difference: Estimate): Estimate {
  const { low, high } = difference;
  if (low === null || high === null) return difference;
  const moves = [a, b].map((curve) => {
    const value = curve.at(curve.source.estimate, scale);
    const by = curve.shiftAt(scale);
    return curve.source.residualScale === "log" ? value * Math.expm1(by) : by;
  });
  const [up, down] = [
    Math.max(0, moves[0]) - Math.min(0, moves[1]),
    Math.min(0, moves[0]) - Math.max(0, moves[1]),
  ];
  return { ...difference, low: low + down, high: high + up };
}

/** Places at which the gap is looked at, as many a decade. */
const A_DECADE = 8;

/** The range in which crossings are looked for: a decade below the data to three above. */
export const crossingRange = (low: number, high: number): [number, number] => [low / 10, high * 1000];

/**
 * The crossing nearest to the data.
 *
 * @param data the range of all data
 * @returns null where the estimates do not cross, with the share of draws in which they do
 */
export function crossingOf(pair: CurvePair, data: readonly [number, number]): Crossing {
  const { a, b } = pair;
  const range = crossingRange(...data);
  const places = gridOver(range);
  const roots = rootsOf(pair, [a.source.estimate, b.source.estimate], places);
  const all = pair.draws.map((draw) => ({ draw, roots: rootsOf(pair, draw, places) }));
  const shareCrossing = all.filter(({ roots: found }) => found.length > 0).length / Math.max(1, all.length);
  const middle = Math.log(data[0] * data[1]) / 2;
  const distance = (x: number) => Math.abs(Math.log(x) - middle);
  const nearest = roots.reduce<Root | null>(
    (best, root) => (best === null || distance(root.x) < distance(best.x) ? root : best),
    null,
  );
  const [low, high] = range;
  if (nearest === null) return { scale: null, range: { low, high }, shareCrossing };
  const values = all.map(({ draw, roots: found }) => {
    const same = found.filter(({ rises }) => rises === nearest.rises);
    if (same.length > 0)
      return same.reduce(
        (x, root) => (apart(root.x, nearest.x) < apart(x, nearest.x) ? root.x : x),
        same[0].x,
      );
    // Before the crossing the gap has one sign, after it the other.
    const isAfter = a.at(draw[0], nearest.x) - b.at(draw[1], nearest.x) > 0 === nearest.rises;
    return isAfter ? 0 : Number.POSITIVE_INFINITY;
  });
  const limits = percentiles(pair, nearest.x, values, "in some resamples they do not cross in this range");
  return {
    scale: { estimate: nearest.x, ...limits },
    range: { low, high },
    shareCrossing,
    lowerBefore: nearest.rises ? a.source.group : b.source.group,
    lowerAfter: nearest.rises ? b.source.group : a.source.group,
  };
}

interface Root {
  x: number;
  /** Whether a - b goes from below 0 to above it. */
  rises: boolean;
}

const apart = (x: number, y: number): number => Math.abs(Math.log(x / y));

function gridOver([low, high]: readonly [number, number]): Float64Array {
  const count = Math.max(2, Math.ceil(A_DECADE * Math.log10(high / low)));
  return Float64Array.from({ length: count + 1 }, (_, i) => low * (high / low) ** (i / count));
}

function rootsOf(
  { a, b }: CurvePair,
  [ca, cb]: readonly [Coefficients, Coefficients],
  places: Float64Array,
): Root[] {
  const gap = (x: number) => a.at(ca, x) - b.at(cb, x);
  const found: Root[] = [];
  let before = gap(places[0]);
  for (let i = 1; i < places.length; i++) {
    const next = gap(places[i]);
    if (before !== 0 && before * next < 0)
      found.push({ x: bisected(gap, places[i - 1], places[i], before), rises: before < 0 });
    if (Number.isFinite(next)) before = next === 0 ? before : next;
  }
  return found;
}

/** Steps that leave an eighth of a decade to a relative 1e-9. */
const STEPS = 30;

function bisected(gap: (x: number) => number, from: number, to: number, atFrom: number): number {
  let [low, high] = [Math.log(from), Math.log(to)];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (gap(Math.exp(middle)) * atFrom > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

function estimate(pair: CurvePair, own: number, values: readonly number[]): Estimate {
  const missing = values.filter((value) => !Number.isFinite(value)).length;
  if (missing > ((1 - pair.level) / 2) * values.length || values.length === 0)
    return {
      estimate: own,
      low: null,
      high: null,
      reason: noDraws(pair) ?? "no finite value in some resamples",
    };
  const sorted = values.filter(Number.isFinite).sort((x, y) => x - y);
  const [low, high] = tails(pair.level).map((p) => own + (quantileSorted(sorted, p) - own) * pair.stretch);
  return { estimate: own, low, high };
}

/** Percentiles of values above 0 that may be infinite; a limit there is open, with the reason. */
function percentiles(pair: CurvePair, own: number, values: readonly number[], open: string): Interval {
  if (values.length === 0) return { low: null, high: null, reason: noDraws(pair) ?? "no resamples" };
  const sorted = values
    .map((value) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value))
    .sort((x, y) => x - y);
  const [low, high] = tails(pair.level).map(
    (p) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(p * (sorted.length - 1))))],
  );
  const stretched = (limit: number) =>
    Number.isFinite(own) ? stretchedFrom(own, limit, pair.stretch) : limit;
  const isOpen = { above: !Number.isFinite(high), below: !(low > 0) || !Number.isFinite(low) };
  const side = isOpen.above ? "above" : isOpen.below ? "below" : null;
  return {
    low: isOpen.below ? null : stretched(low),
    high: isOpen.above ? null : stretched(high),
    ...(side === null ? {} : { reason: `open ${side}: ${open}` }),
  };
}

const tails = (level: number): [number, number] => [(1 - level) / 2, (1 + level) / 2];

const noDraws = ({ a, b }: CurvePair): string | null => a.source.withoutDraws ?? b.source.withoutDraws;
