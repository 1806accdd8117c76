import type { Split } from "../laws/law.js";
import type { OffOptimum } from "../objects.js";
import { inputsAt, lossOf } from "./design.js";
import { lossesAt, lossesOf } from "./draw-losses.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, estimateOf } from "./intervals.js";
import type { Problem } from "./problem.js";

/**
 * What a model `factor` times the best size costs at the same budget: the loss above the optimum's, and the share of
 * the budget that the best split would have saved for the same loss. The size is fixed; what the best one would have
 * been is not known, so the intervals hold that too.
 *
 * @param best the best split of the budget
 * @param flops the budget
 * @returns nothing where such a size is outside of the limits, or the losses are so close to the floor that their
 *   difference is lost to rounding
 */
export function offOptimum(
  { source, forms, cost, box }: Problem,
  best: Derived<Split>,
  flops: number,
  factor: number,
): OffOptimum[] {
  return otherSize({ source, forms, box }, best, sizeAway(best.estimate, factor), factor, flops);

  /** The size with the tokens that the budget leaves for it. */
  function sizeAway({ N, D }: Split, times: number): Split {
    const size = N * times;
    if (cost.linear !== null) return { N: size, D: D / times };
    return { N: size, D: Math.min(flops - cost.serve(size), box.train) / cost.trainPerToken(size) };
  }
}

/**
 * The same of any cost.
 *
 * @param away what the budget leaves for the other size
 * @param budget in whatever unit the forms count
 */
export function otherSize(
  { source, forms, box }: Pick<Problem, "source" | "forms" | "box">,
  best: Derived<Split>,
  away: Split,
  factor: number,
  budget: number,
): OffOptimum[] {
  const isAllowed = away.N >= box.N[0] && away.N <= box.N[1] && away.D >= box.D[0] && away.D <= box.D[1];
  if (!isAllowed || !(away.D > 0)) return [];
  const needed = forms.flopsForLoss(source.estimate, lossOf(source, source.estimate, away));
  if (needed === null || !Number.isFinite(needed)) return [];
  const losses = lossesAt(source, away);
  const least = lossesOf(source, best);
  return [
    {
      factor,
      N: away.N,
      D: away.D,
      loss: moved(
        source,
        estimateOf(source, losses, (loss) => loss),
        shiftAt(source, inputsAt(source.law, away)),
      ),
      extraLoss: estimateOf(source, differenceOf(losses, least), (extra) => extra),
      wastedCompute: estimateOf(source, losses, (loss, c) => {
        const enough = forms.flopsForLoss(c, loss);
        return enough === null ? null : 1 - enough / budget;
      }),
    },
  ];
}

/** Draw by draw the one less the other. */
function differenceOf(all: Derived<number>, less: Derived<number>): Derived<number> {
  const difference = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b);
  return {
    estimate: all.estimate - less.estimate,
    draws: Array.from(all.draws, (value, b) => difference(value, less.draws[b])),
    at: (c) => difference(all.at(c), less.at(c)),
  };
}
