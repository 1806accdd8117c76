/**
 * Limits moved outwards beyond the data, on the side on which the largest runs came out against the law fitted without
 * them (`fit/backtest-shift.ts`): an interval from resamples knows the scatter of the runs, not that their law may bend.
 *
 *   k |m|,   k = decades beyond the largest row / mean decades of the held-out rows beyond the rest
 *
 * Coverage (%) of 95 % intervals of the loss at 3x, 10x and 100x the data's compute, and how much wider they became, over
 * 1,000 simulated sweeps each of 6 budgets x 7 sizes (0.5 % noise, 399 resamples) from the law itself, and from truths with
 * its inner sum to the power 0.8 and 1.25; s is the standard error of m, the sampling error 0.5 to 1:
 *
 *   moved by                     right law        power 0.8        power 1.25       wider, right law
 *   nothing                      94.1 94.5 95.3   52   52   56     14   14   14
 *   k |m|                        96.8 97.2 97.1   90.5 93.4 94.3   89.8 95.4 97.5   1.20 1.28 1.33
 *   k^(3/4) |m|                  96.9 97.2 97.0   91.2 92.9 92.7   92.4 94.5 95.1   1.23 1.26 1.26
 *   k sqrt(m^2 - (s/3)^2)        96.6 96.7 96.8   89.0 91.6 92.8   89.2 94.6 96.7   1.18 1.24 1.28
 *   k max(0, |m| - s/2)          95.5 96.0 96.5   79   85   86     79   91   93     1.11 1.14 1.16
 *   k max(0, |m| - s)            95.0 95.7 96.3   71   75   78     63   76   80     1.04 1.05 1.06
 *
 * What m owes to noise cannot be taken out of it: from few runs a wrong law shows no more of itself than one or two
 * standard errors, and a shift that waits for more leaves it uncovered. test/bench/coverage has the other conditions.
 */

import type { Split } from "../laws/law.js";
import type { Backtest, BacktestShift, Estimate, Interval } from "../objects.js";
import { percentText } from "../text.js";
import { inputsAt, lossOf } from "./design.js";
import { decadesBeyond } from "./extrapolation.js";
import { movedValue } from "./residual-scale.js";
import { solveFalling } from "./solve-falling.js";
import type { Source } from "./source.js";

/**
 * By how much the limit on the side of m is moved at these inputs, with the sign of m: of the log of the value, or of the
 * value itself where the fit's objective is on the raw scale. 0 inside the data and without a backtest.
 */
export function shiftAt({ backtest }: Source, at: Readonly<Record<string, number>>): number {
  if (!isShift(backtest)) return 0;
  const scale = backtest.along.reduce((product, name) => product * at[name], 1);
  const beyond = decadesBeyond(scale, 0, backtest.largest);
  return beyond === 0 ? 0 : backtest.m * (beyond / backtest.decades);
}

const isShift = (backtest: Backtest | null): backtest is BacktestShift =>
  backtest !== null && backtest.m !== null;

/** An interval of the value with the limit on the side of the shift moved by it. */
export function moved<T extends Interval>(source: Source, interval: T, shift: number): T {
  const { low, high } = interval;
  if (shift === 0 || low === null || high === null) return interval;
  const limits =
    shift < 0 ? { low: movedBy(source, low, shift), high } : { low, high: movedBy(source, high, shift) };
  if (Number.isFinite(limits.low) && Number.isFinite(limits.high)) return { ...interval, ...limits };
  return { ...interval, low: null, high: null, reason: "so far beyond the data no limit is known" };
}

const movedBy = ({ residualScale }: Source, value: number, shift: number): number =>
  movedValue(residualScale, value, shift);

/** Budgets beyond the upper limit at which the moved loss is looked at, each this many times the one before. */
const STEPS = 200;
const STEP = 1.5;

/**
 * The cost of a loss that is asked for, with the limit on the side of m where the moved loss is what the loss itself is at
 * the limit.
 *
 * @param splitOf the design at a budget in FLOPs, by the estimate
 */
export function movedCost(
  source: Source,
  cost: Estimate,
  splitOf: (flops: number) => Split | null,
): Estimate {
  const { backtest } = source;
  const { low, high } = cost;
  if (!isShift(backtest) || low === null || high === null) return cost;
  const lossAt = (flops: number, isMoved: boolean): number => {
    const split = splitOf(flops);
    if (split === null) return Number.NaN;
    const loss = lossOf(source, source.estimate, split);
    return isMoved ? movedBy(source, loss, shiftAt(source, inputsAt(source.law, split))) : loss;
  };
  const movedLoss = (flops: number) => lossAt(flops, true);
  const inside = source.flopsPerParamToken * backtest.largest;
  if (backtest.m < 0) {
    if (low <= inside) return cost;
    return { ...cost, low: solveFalling(movedLoss, lossAt(low, false), [inside, low]) ?? low };
  }
  if (high <= inside) return cost;
  const target = lossAt(high, false);
  for (let step = 0, from = high; step < STEPS; step++, from *= STEP) {
    const reached = solveFalling(movedLoss, target, [from, STEP * from]);
    if (reached !== null) return { ...cost, high: reached };
  }
  const reason = "if the law bends on as its largest runs do, no compute reaches this loss";
  return { ...cost, low: null, high: null, reason };
}

/** What was moved: the loss by a shift, or the cost of a loss. */
export type Move = { of: "loss"; shift: number } | { of: "compute"; isMoved: boolean };

/** What was seen of a wrong law and done against it, for the reader; null where there are no data. */
export function guardInWords({ backtest, residualScale }: Source, move: Move): string | null {
  if (backtest === null) return null;
  if (backtest.m === null)
    return `a law that bends beyond the data is not guarded against: ${backtest.reason}`;
  const amount = (value: number) =>
    residualScale === "log"
      ? percentText(Math.abs(Math.expm1(value)))
      : String(Number(Math.abs(value).toPrecision(2)));
  const { m, heldOut } = backtest;
  const seen = `the ${heldOut} largest runs lie ${amount(m)} ${m < 0 ? "below" : "above"} the law fitted without them`;
  const isMoved = move.of === "loss" ? move.shift !== 0 : move.isMoved;
  if (!isMoved) return `${seen}; inside the data no limit is moved for it`;
  const [side, direction] = m < 0 ? ["lower", "down"] : ["upper", "up"];
  const by = move.of === "loss" ? ` by ${amount(move.shift)}` : "";
  return `${seen}; the ${side} limit of the ${move.of} is moved ${direction}${by} for it`;
}
