/**
 * What a plan may be expected to lose because the law is not known: the loss of the planned design above that of the design
 * that would have been best under each draw, and the share of the budget that this would have saved.
 */
import { quantileSorted } from "../fit/quantiles.js";
import type { Split } from "../laws/law.js";
import type { Regret } from "../objects.js";
import { lossOf } from "./design.js";
import type { Problem } from "./problem.js";

/** Differences below this share of a loss are those of rounding. */
const ROUNDING = 1e-12;

/** @returns null without draws */
export function regretOf(
  { source, forms }: Pick<Problem, "source" | "forms">,
  planned: Split,
  flops: number,
): Regret | null {
  if (source.draws.length < 2) return null;
  const losses: number[] = [];
  const shares: number[] = [];
  for (const c of source.draws) {
    const best = forms.optimum(c, flops);
    if (best === null) continue;
    const own = lossOf(source, c, planned);
    const extra = own - lossOf(source, c, best);
    if (!Number.isFinite(extra)) continue;
    losses.push(extra > ROUNDING * own ? extra : 0);
    const enough = forms.flopsForLoss(c, own);
    if (enough !== null && Number.isFinite(enough))
      shares.push(enough < flops * (1 - 1e-9) ? 1 - enough / flops : 0);
  }
  if (losses.length < source.draws.length / 2 || shares.length === 0) return null;
  return { extraLoss: spread(losses), wastedShare: spread(shares) };
}

function spread(values: number[]): { mean: number; high: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, high: quantileSorted(Float64Array.from(values).sort(), 0.95) };
}
