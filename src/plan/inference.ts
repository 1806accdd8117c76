/**
 * Serving in a plan: its share of the total, what the model that is best for training alone would cost in total at the same
 * loss, and from which demand on the smaller, longer trained one is the cheaper.
 *
 *   C_1 + s_1 T = C_2 + s_2 T  at  T = (C_2 - C_1) / (s_1 - s_2),  s = 2 a N w
 *
 * @see arXiv 2401.00448
 */
import type { Split } from "../laws/law.js";
import type { PlannedInference } from "../objects.js";
import { budgetForms } from "./budget-forms.js";
import { NO_LIMITS } from "./budget-line.js";
import { type Cost, withoutServing } from "./cost.js";
import { lossOf } from "./design.js";
import { type Derived, estimateOf } from "./intervals.js";
import { allocationOf } from "./numeric-allocation.js";
import type { Problem } from "./problem.js";
import type { Coefficients } from "./source.js";

interface Beside {
  plan: Split;
  /** The cheapest to train of the same loss. */
  other: Split | null;
}

/** Sizes so close are one: another limit than serving made the plan. */
const SAME = 1e-6;

export function inferenceOf({ source, cost }: Problem, design: Derived<Split>): PlannedInference {
  const forms = allocationOf(source.law);
  const unserved = withoutServing(cost);
  const training = forms === null ? null : budgetForms(source, forms, unserved, NO_LIMITS);
  const otherOf = (c: Coefficients, split: Split): Split | null => {
    const flops = training?.flopsForLoss(c, lossOf(source, c, split)) ?? null;
    return flops === null ? null : (training?.optimum(c, flops) ?? null);
  };
  const pairs: Derived<Beside> = {
    estimate: { plan: design.estimate, other: otherOf(source.estimate, design.estimate) },
    draws: Array.from(design.draws, (split, b) =>
      split === null ? null : { plan: split, other: otherOf(source.draws[b], split) },
    ),
    at(c) {
      const split = design.at(c);
      return split === null ? null : { plan: split, other: otherOf(c, split) };
    },
  };
  const found = pairs.estimate.other;
  const other = found !== null && Math.abs(found.N / design.estimate.N - 1) > SAME ? found : null;
  const compared = (pick: (plan: Split, other: Split) => number) =>
    other === null || !Number.isFinite(pick(design.estimate, other))
      ? null
      : estimateOf(source, pairs, ({ plan, other }) => (other === null ? null : pick(plan, other)));
  return {
    tokens: cost.inferenceTokens,
    pricePerFlop: cost.inferencePrice,
    trainFlops: estimateOf(source, design, (split) => cost.train(split)),
    serveFlops: estimateOf(source, design, ({ N }) => cost.serve(N)),
    trainingOnly:
      other === null
        ? null
        : {
            N: other.N,
            D: other.D,
            // What ignoring demand costs, as a share of the plan's total.
            extraCost: compared((plan, one) => cost.flops(one) / cost.flops(plan) - 1),
          },
    breakEvenTokens: compared(
      (plan, one) => (cost.train(plan) - cost.train(one)) / servedDifference(cost, plan, one),
    ),
  };
}

/** FLOPs that the smaller model saves a served token. */
const servedDifference = ({ serve, inferenceTokens }: Cost, plan: Split, other: Split): number =>
  (serve(other.N) - serve(plan.N)) / inferenceTokens;
