/**
 * Designs chosen over all draws at once instead of by the estimate: the split whose loss has the least quantile (mean,
 * worst) over the draws, and the least cost at which a loss is reached in a share of them.
 *
 *   R(N, D) = q-quantile over the draws b of L_b(N, D) - T_b
 *
 * with T_b the loss to reach (0 where a budget is split). A budget is split where R is least along the designs that it pays
 * for; a target is reached with probability q where that least R is 0. As for any limit of the loss, few clusters stretch
 * R away from the estimate, and beyond the data R is moved up where the largest runs lie above the law fitted without them
 * (`guard.ts`), for the mean and for quantiles below the middle excepted.
 *
 * Targets that were reached in truth (%), over 300 simulated sweeps (`npm run bench -- coverage:confidence`):
 *
 *                        10 times the largest run        100 times
 *   planned with         plain   80 %   90 %   95 %      plain   80 %   90 %   95 %
 *   right law            57      89     94     97        56      89     94     97
 *   truth lies above     0       87     92     95        0       60     54     51
 *   truth lies below     99      100    100    100       99      100    100    100
 *
 * The 54 % are those of all: of 80 sweeps 27 were refused since no compute reaches the target if the law bends on as it does,
 * and of the other 53 plans 48 reached it.
 */
import { meanOf, quantileSorted } from "../fit/quantiles.js";
import { lawOver } from "../laws/evaluate-law.js";
import type { Split } from "../laws/law.js";
import { root } from "../laws/root.js";
import { lineOf } from "./budget-line.js";
import { designerAt } from "./budget-row.js";
import { inputsAt, lossOf } from "./design.js";
import { shiftAt } from "./guard.js";
import type { Problem } from "./problem.js";
import { movedValue } from "./residual-scale.js";

/** What of the loss over the draws counts: a quantile by its share. */
export type RiskMeasure = "mean" | "worst" | number;

export interface RiskForms {
  /** R. */
  risk(split: Split): number;
  /** The same not moved for a law that bends beyond the data. */
  unmoved(split: Split): number;
  /** The design of a budget with the least R, or the one that is fixed; null where there is none. */
  optimum(flops: number): Split | null;
  /** The least FLOPs at which R is 0 or below, looked for from a budget on; null where none gets there. */
  flopsToReach(near: number): number | null;
  /** Share of the draws in which the target is reached. */
  shareReached(split: Split): number;
}

const measured = (measure: RiskMeasure, values: Float64Array): number => {
  if (measure === "mean") return meanOf([...values]);
  values.sort();
  // What has no value in a draw is the worst of all, and sorts last.
  return measure === "worst" ? values[values.length - 1] : quantileSorted(values, measure);
};

const isUpper = (measure: RiskMeasure): boolean =>
  measure === "worst" || (measure !== "mean" && measure > 0.5);

/** @param problem of a source with draws */
export function riskForms(problem: Problem, measure: RiskMeasure): RiskForms {
  const { source, asked, aim, box } = problem;
  const { targetLoss = 0 } = asked;
  const lossesAt = lawOver(source.law, source.draws);
  const targets = Float64Array.from(source.draws, (c) =>
    asked.lossFor === undefined ? targetLoss : (asked.lossFor(c) ?? Number.NEGATIVE_INFINITY),
  );
  const excess = new Float64Array(source.draws.length);
  const fill = (split: Split): void => {
    const losses = lossesAt(inputsAt(source.law, split));
    for (let b = 0; b < excess.length; b++) {
      const value = losses[b] - targets[b];
      excess[b] = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
    }
  };
  const unmoved = (split: Split): number => {
    fill(split);
    const own = lossOf(source, source.estimate, split) - targetLoss;
    return own + source.stretch * (measured(measure, excess) - own);
  };
  const risk = (split: Split): number => {
    const value = unmoved(split);
    const own = lossOf(source, source.estimate, split);
    const shift = isUpper(measure) ? shiftAt(source, inputsAt(source.law, split)) : 0;
    return shift > 0 ? value + movedValue(source.residualScale, own, shift) - own : value;
  };
  const { params, tokens, ratio } = asked;
  const isFixed = [params, tokens, ratio].some((one) => one !== undefined);
  const optimum = (flops: number): Split | null => {
    if (isFixed) return designerAt({ ...problem, cost: aim }, flops)(source.estimate);
    const line = lineOf(aim, box, flops);
    const start = line === null ? null : problem.aimForms.optimum(source.estimate, flops);
    if (line === null || start === null) return null;
    const at = (x: number): Split => ({ N: Math.exp(x), D: Math.exp(line.tokens(x)) });
    return at(leastNear((x) => risk(at(x)), Math.log(start.N), line));
  };
  /** Above 0 where the target is reached; no design reaches none. */
  const margin = (s: number): number => {
    const split = optimum(Math.exp(s));
    return split === null ? Number.NEGATIVE_INFINITY : -risk(split);
  };
  return {
    risk,
    unmoved,
    optimum,
    flopsToReach: (near) => firstReached(margin, Math.log(near)),
    shareReached,
  };

  function shareReached(split: Split): number {
    fill(split);
    // As the number is shown, a loss that is met to rounding is reached.
    return excess.reduce((sum, value) => sum + (value <= 1e-9 ? 1 : 0), 0) / excess.length;
  }
}

/** Half the width of the sizes looked at first about the estimate's best, in e-folds, and places on it. */
const WIDTH = 1.5;
const PLACES = 12;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** x = ln N is found to a millionth: R is flat there, and bends where one draw takes another's place. */
const ENOUGH = 1e-6;

/** Where a function that falls and then rises is least, between the ends of a line; about a first guess. */
function leastNear(
  f: (x: number) => number,
  guess: number,
  { low, high }: { low: number; high: number },
): number {
  let centre = Math.min(Math.max(guess, low), high);
  for (let tries = 0; tries < 20; tries++) {
    const [from, to] = [Math.max(low, centre - WIDTH), Math.min(high, centre + WIDTH)];
    if (!(to > from)) return from;
    const step = (to - from) / PLACES;
    const values = Array.from({ length: PLACES + 1 }, (_, i) => f(from + i * step));
    const best = values.indexOf(Math.min(...values));
    if (best < 0) return centre;
    const isAtEnd = (best === 0 && from > low) || (best === PLACES && to < high);
    if (!isAtEnd)
      return golden(f, Math.max(from, from + (best - 1) * step), Math.min(to, from + (best + 1) * step));
    centre = from + best * step;
  }
  return centre;
}

function golden(f: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [a, b] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [atA, atB] = [f(a), f(b)];
  while (high - low > ENOUGH) {
    if (atA <= atB) {
      [high, b, atB] = [b, a, atA];
      a = high - GOLDEN * (high - low);
      atA = f(a);
    } else {
      [low, a, atA] = [a, b, atB];
      b = low + GOLDEN * (high - low);
      atB = f(b);
    }
  }
  // A limit may end the line where it is least.
  const inside = (low + high) / 2;
  const atInside = f(inside);
  if (f(from) <= atInside) return from;
  return f(to) < atInside ? to : inside;
}

/** E-folds of compute looked at in either direction. */
const REACH = 60;
/** The log of a budget is found to so much. */
const FINE = 1e-9;

/** Where a margin that grows with s first is 0, from a place on in whichever direction it lies; null where it stays below. */
function firstReached(margin: (s: number) => number, near: number): number | null {
  let [low, high] = [near, near];
  let [atLow, atHigh] = [margin(near), 0];
  atHigh = atLow;
  for (let step = 0.25; !(atHigh > 0); step *= 2) {
    if (high - near > REACH) return null;
    [low, atLow] = [high, atHigh];
    high += step;
    atHigh = margin(high);
  }
  for (let step = 0.25; atLow > 0; step *= 2) {
    if (near - low > REACH) return null;
    [high, atHigh] = [low, atLow];
    low -= step;
    atLow = margin(low);
  }
  // Where there is no design at all the interval is halved until there is one at both ends.
  while (!Number.isFinite(atLow) && high - low > FINE) {
    const middle = (low + high) / 2;
    const at = margin(middle);
    if (at > 0) [high, atHigh] = [middle, at];
    else [low, atLow] = [middle, at];
  }
  if (!Number.isFinite(atLow)) return Math.exp(high);
  return Math.exp(root((s) => rounded(margin(s)), low, rounded(atLow), high, rounded(atHigh)));
}

/** Margins below this are none: the least R along a line is known no better. */
const rounded = (margin: number): number => (Math.abs(margin) < 1e-12 ? 0 : margin);
