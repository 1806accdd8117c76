/**
 * Approach 1: the envelope of training curves. At each compute of a fine grid the run with the least loss is looked up
 * (smoothed, interpolated in ln C), and its size and data are regressed on compute.
 *
 *   ln N = ln kN + a ln C,  D = C/(k N)
 *
 * Known biases: it picks lucky noise (smooth the curves); a cosine schedule's loss before its end is too high (use the
 * last part of each run, or runs of a constant rate); where the smallest or the largest size is the best, a better one
 * may not have been trained, and those places are left out. A few runs make all of the grid, so intervals come from
 * resampled runs.
 *
 * @see arXiv 2203.15556, section 3.1; arXiv 2502.06857 for its sensitivity to what is cut off
 */
import { DataError } from "../errors.js";
import { percentileInterval } from "../fit/quantiles.js";
import { randomStream } from "../fit/random.js";
import type { Diagnosis, EnvelopeOptima, Estimate, FrontierLine, PowerOfCompute } from "../objects.js";
import { coefficientOf, frontierLine } from "./frontier-line.js";
import { lowerHull } from "./lower-hull.js";

/** One training run. */
export interface Curve {
  run: string;
  N: number;
  /** Compute so far, rising, and the loss there. */
  C: Float64Array;
  loss: Float64Array;
}

export interface EnvelopeOptions {
  /** The least at every place of a grid of compute, or the corners of the lower hull of all points. */
  variant: "grid" | "hull";
  /** Places of the grid, evenly in ln C. */
  places: number;
  /** Points over which ln loss is averaged, an odd number; 1 for none. */
  smoothing: number;
  /** Share of each run's compute that is left out at its start, for warm-up (or all but the end of a decay). */
  skip: number;
  level: number;
  flopsPerParamToken: number;
  flops: readonly number[];
  /** Resamples of runs behind the intervals; 0 for none. */
  draws: number;
  seed: number;
}

export const ENVELOPE_DEFAULTS: EnvelopeOptions = {
  variant: "grid",
  places: 1500,
  smoothing: 5,
  skip: 0.02,
  level: 0.95,
  flopsPerParamToken: 6,
  flops: [],
  draws: 400,
  seed: 1,
};

/** Shares of the runs' starts without which the exponent is told too. */
const SKIPS = [0, 0.1, 0.3];

/** a without more or less of the runs' starts; null where nothing is left of the envelope. */
function exponentWithout(curves: readonly Curve[], options: EnvelopeOptions): number | null {
  const ready = curves.map((curve) => prepared(curve, options)).filter(({ lnC }) => lnC.length > 0);
  const inside = insideOf(ready);
  const { exponent } = lineOf(envelopeOver(ready, options)([...ready.keys()]).filter(inside));
  return Number.isFinite(exponent) ? exponent : null;
}

/** Whether a size between the smallest and the largest is the best at a place. */
function insideOf(curves: readonly Ready[]): (place: Place) => boolean {
  const sizes = curves.map(({ N }) => N);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  return ({ best }) => best.N > smallest && best.N < largest;
}

/** A curve made ready: smoothed, its start cut off, in logarithms. */
interface Ready {
  run: string;
  N: number;
  lnC: number[];
  lnLoss: number[];
}

/** A place of the envelope with the run that is the best there. */
interface Place {
  lnC: number;
  best: Ready;
}

/** The optima, with the lines of ln N* of the resamples of runs behind their intervals. */
export interface Envelope {
  optima: EnvelopeOptima;
  draws: FrontierLine[];
}

/** @throws DataError where fewer than two sizes make the envelope */
export function envelopeOf(curves: readonly Curve[], options: EnvelopeOptions): Envelope {
  const ready = curves.map((curve) => prepared(curve, options)).filter(({ lnC }) => lnC.length > 0);
  const inside = insideOf(ready);
  const envelope = envelopeOver(ready, options);
  const places = envelope([...ready.keys()]);
  const used = places.filter(inside);
  requireSizes(used);
  const line = lineOf(used);
  const draws = resampled(ready.length, (chosen) => envelope(chosen).filter(inside), options);
  const exponent = interval(
    line.exponent,
    draws.map((drawn) => drawn.exponent),
    options,
  );
  const k = options.flopsPerParamToken;
  const lineOfData = {
    ...line,
    exponent: 1 - line.exponent,
    atMiddle: line.middle - Math.log(k) - line.atMiddle,
  };
  const optima: EnvelopeOptima = {
    method: "envelope",
    level: options.level,
    stretches: stretchesOf(places, inside),
    N: powerOf(line, exponent),
    D: powerOf(lineOfData, complement(exponent)),
    flopsPerParamToken: k,
    places: places.length,
    censored: places.length - used.length,
    sensitivity: SKIPS.map((skip) => ({ skip, exponent: exponentWithout(curves, { ...options, skip }) })),
    asked: options.flops.map((flops) => {
      const size = (of: FrontierLine) => Math.exp(of.atMiddle + of.exponent * (Math.log(flops) - of.middle));
      const best = interval(size(line), draws.map(size), options);
      return { flops, N: best, D: dataFor(flops, best, k), loss: null };
    }),
    notes: notesOf(places, used, options),
  };
  return { optima, draws };
}

function prepared({ run, N, C, loss }: Curve, { smoothing, skip }: EnvelopeOptions): Ready {
  const last = C[C.length - 1];
  const lnLoss = Array.from(loss, Math.log);
  const reach = Math.floor(smoothing / 2);
  const ready: Ready = { run, N, lnC: [], lnLoss: [] };
  C.forEach((flops, i) => {
    if (flops < skip * last) return;
    // As many points before as after: a mean over one side only would shift a falling curve.
    const half = Math.min(reach, i, C.length - 1 - i);
    const window = lnLoss.slice(i - half, i + half + 1);
    ready.lnC.push(Math.log(flops));
    ready.lnLoss.push(window.reduce((sum, value) => sum + value, 0) / window.length);
  });
  return ready;
}

/** The envelope of some of the curves, given by their indices. */
type EnvelopeOver = (chosen: readonly number[]) => Place[];

function envelopeOver(curves: readonly Ready[], { variant, places }: EnvelopeOptions): EnvelopeOver {
  if (variant === "hull") return (chosen) => hullOf(chosen.map((i) => curves[i]));
  const ends = curves.flatMap(({ lnC }) => [lnC[0], lnC[lnC.length - 1]]);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const grid = Array.from({ length: places }, (_, i) => from + ((to - from) * i) / (places - 1));
  // Looked up once: resamples only choose among them.
  const losses = curves.map((curve) => grid.map((lnC) => interpolated(curve, lnC)));
  return (chosen) =>
    grid.flatMap((lnC, g) => {
      let best: number | null = null;
      let least = Number.POSITIVE_INFINITY;
      for (const i of chosen) {
        const value = losses[i][g];
        if (value === null || !(value < least)) continue;
        best = i;
        least = value;
      }
      return best === null ? [] : [{ lnC, best: curves[best] }];
    });
}

/** ln loss at a compute within the run; null outside of it. */
function interpolated({ lnC, lnLoss }: Ready, at: number): number | null {
  const last = lnC.length - 1;
  if (at < lnC[0] || at > lnC[last]) return null;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lnC[middle] <= at) low = middle;
    else high = middle;
  }
  const width = lnC[high] - lnC[low];
  return width > 0 ? lnLoss[low] + ((lnLoss[high] - lnLoss[low]) * (at - lnC[low])) / width : lnLoss[low];
}

function hullOf(curves: readonly Ready[]): Place[] {
  const points = curves.flatMap((best) => best.lnC.map((lnC, i) => ({ x: lnC, y: best.lnLoss[i], best })));
  return lowerHull(points).map(({ x, best }) => ({ lnC: x, best }));
}

function requireSizes(used: readonly Place[]): void {
  if (new Set(used.map(({ best }) => best.N)).size >= 2 && new Set(used.map(({ lnC }) => lnC)).size >= 2)
    return;
  throw new DataError({
    code: "too-few-sizes",
    message:
      "the envelope of the training curves is made by fewer than two sizes between the smallest and the largest",
    why: "where the smallest or the largest size is the best, a better one may not have been trained",
    hint: "add runs of other sizes, or train them for longer",
  });
}

const lineOf = (used: readonly Place[]): FrontierLine =>
  frontierLine(
    used.map(({ lnC }) => lnC),
    used.map(({ best }) => Math.log(best.N)),
  );

/** Lines through the envelopes of resampled runs; those without one are left out. */
function resampled(runs: number, envelope: EnvelopeOver, { draws, seed }: EnvelopeOptions): FrontierLine[] {
  return Array.from({ length: draws }, (_, draw) => {
    const stream = randomStream(seed, draw);
    const drawn = new Set(Array.from({ length: runs }, () => stream.below(runs)));
    return lineOf(envelope([...drawn].sort((a, b) => a - b)));
  }).filter(({ exponent }) => Number.isFinite(exponent));
}

/** Percentile limits, where most of the resamples have an answer. */
function interval(
  estimate: number,
  draws: readonly number[],
  { draws: asked, level }: EnvelopeOptions,
): Estimate {
  if (asked === 0) return { estimate, low: null, high: null, reason: "no resamples of runs were asked for" };
  if (draws.length < asked / 2) {
    return {
      estimate,
      low: null,
      high: null,
      reason: `only ${draws.length} of ${asked} resamples of the runs have an envelope of two sizes`,
    };
  }
  const [low, high] = percentileInterval(draws, level);
  return { estimate, low, high };
}

function powerOf(line: FrontierLine, exponent: Estimate): PowerOfCompute {
  return { coefficient: coefficientOf(line), exponent, spread: line.residual, line };
}

/** 1 - a. */
function complement({ estimate, low, high, ...rest }: Estimate): Estimate {
  const less = (value: number | null) => (value === null ? null : 1 - value);
  return { estimate: 1 - estimate, low: less(high), high: less(low), ...rest };
}

/** C/(k N). */
function dataFor(flops: number, { estimate, low, high, ...rest }: Estimate, k: number): Estimate {
  const over = (value: number | null) => (value === null ? null : flops / (k * value));
  return { estimate: flops / (k * estimate), low: over(high), high: over(low), ...rest };
}

function stretchesOf(
  places: readonly Place[],
  inside: (place: Place) => boolean,
): EnvelopeOptima["stretches"] {
  const stretches: EnvelopeOptima["stretches"] = [];
  let held: Ready | null = null;
  for (const place of places) {
    const flops = Math.exp(place.lnC);
    if (place.best === held) stretches[stretches.length - 1].to = flops;
    else
      stretches.push({
        from: flops,
        to: flops,
        run: place.best.run,
        N: place.best.N,
        used: inside(place),
      });
    held = place.best;
  }
  return stretches;
}

function notesOf(places: readonly Place[], used: readonly Place[], { draws }: EnvelopeOptions): Diagnosis[] {
  const runs = new Set(used.map(({ best }) => best.run)).size;
  const censored = places.length - used.length;
  return [
    {
      code: "estimator-bias",
      severity: "note",
      message:
        `the envelope is made by ${runs} runs${draws > 0 ? ", and its intervals come from resampling all of them" : ""}; it is drawn to lucky runs, and losses before the end of a decay are too high: ` +
        "compare it without the first parts of the runs, and with fit --law chinchilla",
      numbers: { runs },
    },
    ...(censored === 0
      ? []
      : [
          {
            code: "censored",
            severity: "note" as const,
            message: `${((100 * censored) / places.length).toFixed(0)} % of the compute is left out: the smallest or the largest size is the best there, and a better one may not have been trained`,
            numbers: { censored, places: places.length },
          },
        ]),
  ];
}
