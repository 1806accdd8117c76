/**
 * What a plan may be expected to lose because the law is not known: the loss of the planned design above that of the design
 * that would have been best under each draw, and how much cheaper that one reaches the loss that the plan has under the
 * draw, as a share of the budget, in FLOPs and in dollars.
 */
import { meanOf, quantileSorted } from "../fit/quantiles.js";
import type { Split } from "../laws/law.js";
import type { OverDraws, Regret } from "../objects.js";
import { lossesAt, lossesOf } from "./draw-losses.js";
import type { Derived } from "./intervals.js";
import type { Problem } from "./problem.js";
import { usdPerFlop } from "./run-cost.js";

/** Differences below this share of a loss are those of rounding. */
const ROUNDING = 1e-12;

/**
 * In FLOPs, and in dollars where there is a price.
 *
 * @param best  the best split of the same under each draw
 * @param flops what the design takes
 * @returns null without draws
 */
export function regretOf(
  problem: Problem,
  planned: Split,
  best: Derived<Split>,
  flops: number,
): Regret | null {
  const regret = shareOfRegret(problem, planned, best, flops);
  if (regret === null) return null;
  const price = usdPerFlop(problem.hardware);
  return {
    ...regret,
    extraFlops: times(regret.wastedShare, flops),
    ...(price === null ? {} : { extraUsd: times(regret.wastedShare, flops * price) }),
  };
}

/**
 * As a share of what the design takes, in whatever unit its cost is.
 *
 * @param best  the best split of the same cost under each draw
 * @param spent that cost
 * @returns null without draws
 */
export function shareOfRegret(
  { source, forms }: Pick<Problem, "source" | "forms">,
  planned: Split,
  best: Derived<Split>,
  spent: number,
): Regret | null {
  if (source.draws.length < 2) return null;
  const losses: number[] = [];
  const shares: number[] = [];
  const owns = lossesAt(source, planned).draws;
  const least = lossesOf(source, best).draws;
  for (let b = 0; b < source.draws.length; b++) {
    const c = source.draws[b];
    const own = owns[b] ?? Number.NaN;
    const extra = own - (least[b] ?? Number.NaN);
    if (!Number.isFinite(extra)) continue;
    losses.push(extra > ROUNDING * own ? extra : 0);
    const enough = forms.flopsForLoss(c, own);
    if (enough !== null && Number.isFinite(enough))
      shares.push(enough < spent * (1 - 1e-9) ? 1 - enough / spent : 0);
  }
  if (losses.length < source.draws.length / 2 || shares.length === 0) return null;
  return { extraLoss: spread(losses), wastedShare: spread(shares) };
}

const times = ({ mean, high }: OverDraws, factor: number): OverDraws => ({
  mean: mean * factor,
  high: high * factor,
});

function spread(values: number[]): OverDraws {
  return { mean: meanOf(values), high: quantileSorted(Float64Array.from(values).sort(), 0.95) };
}
