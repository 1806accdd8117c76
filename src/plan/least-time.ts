/**
 * The plan that trains for the shortest time beside the one that costs least. Both reach the same loss; they differ where
 * more than training is paid for, since serving takes none of the cluster's time before the model is there.
 */
import type { Split } from "../laws/law.js";
import type { Estimate, PlannedTime } from "../objects.js";
import { designerFor } from "./design.js";
import { type Derived, estimateOf } from "./intervals.js";
import type { Problem } from "./problem.js";

/** Sizes so close are one. */
const SAME = 1e-6;

/** @param design of the least time */
export function leastTime({ source, forms, cost, asked }: Problem, design: Derived<Split>): PlannedTime {
  const cheapest = designerFor(source, forms, cost, asked);
  const other = cheapest(source.estimate);
  const compared = (pick: (plan: Split, cheapest: Split) => number): Estimate =>
    estimateOf(source, design, (split, c) => {
      const least = cheapest(c);
      return least === null ? null : pick(split, least);
    });
  const isSame = other === null || Math.abs(other.N / design.estimate.N - 1) < SAME;
  return {
    cheapest: isSame ? null : { ...other, flops: cost.flops(other), trainFlops: cost.train(other) },
    savedTime: compared((plan, least) => 1 - cost.train(plan) / cost.train(least)),
    extraCost: compared((plan, least) => cost.flops(plan) / cost.flops(least) - 1),
  };
}
