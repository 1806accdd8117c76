import type { AllocationForms, Split } from "../laws/law.js";
import type { OffOptimum } from "../objects.js";
import { inputsAt, lossOf } from "./design.js";
import { moved, shiftAt } from "./guard.js";
import { type Derived, estimateOf } from "./intervals.js";
import type { Source } from "./source.js";

/**
 * What a model `factor` times the best size costs at the same budget: the loss above the optimum's, and the share of
 * the budget that the best split would have saved for the same loss. The size is fixed; what the best one would have
 * been is not known, so the intervals hold that too.
 *
 * @param best the best split of the budget
 * @param nd the budget over k: the product N D
 * @returns nothing where the losses are so close to the floor that their difference is lost to rounding
 */
export function offOptimum(
  source: Source,
  forms: AllocationForms,
  best: Derived<Split>,
  nd: number,
  factor: number,
): OffOptimum[] {
  const away = { N: best.estimate.N * factor, D: best.estimate.D / factor };
  const needed = forms.productForLoss(source.estimate, lossOf(source, source.estimate, away));
  if (needed === null || !Number.isFinite(needed)) return [];
  return [
    {
      factor,
      N: away.N,
      D: away.D,
      loss: moved(
        source,
        estimateOf(source, best, (_, c) => lossOf(source, c, away)),
        shiftAt(source, inputsAt(source.law, away)),
      ),
      extraLoss: estimateOf(source, best, (split, c) => lossOf(source, c, away) - lossOf(source, c, split)),
      wastedCompute: estimateOf(source, best, (_, c) => {
        const enough = forms.productForLoss(c, lossOf(source, c, away));
        return enough === null ? null : 1 - enough / nd;
      }),
    },
  ];
}
