/** What a design takes by a measured cost, beside what 6ND makes of it, and how far beyond the measured sizes it lies. */
import type { Split } from "../laws/law.js";
import { root } from "../laws/root.js";
import type { Estimate, PlannedMeasuredCost } from "../objects.js";
import { isLimited } from "./budget-line.js";
import { hoursOf } from "./cost-units.js";
import { lossOf } from "./design.js";
import { inputDecades } from "./extrapolation.js";
import { type Derived, estimateOf } from "./intervals.js";
import type { MeasuredCost } from "./measured-cost.js";
import type { MeasuredProblem } from "./measured-problem.js";
import { requireAllocation } from "./problem.js";

/** @param isFree whether neither size nor tokens are fixed: only then 6ND would have split otherwise */
export function measuredOf(
  problem: MeasuredProblem,
  design: Derived<Split>,
  spent: Estimate,
  isFree: boolean,
): PlannedMeasuredCost {
  const { source, cost, budget, hardware, intervals, box } = problem;
  const { asked, inputs } = cost;
  const k = source.flopsPerParamToken;
  const perUnit = estimateOf(source, design, (split, c) => (k * split.N * split.D) / cost.costOf(c, split));
  const bill = billBy6nd(problem, k * design.estimate.N * design.estimate.D);
  return {
    law: asked.source.law.id,
    formula: asked.source.law.formula,
    source: asked.source.from,
    column: asked.column,
    unit: asked.unit,
    inputs: { ...inputs },
    cost: spent,
    budget,
    flopsPerUnit: perUnit,
    // FLOPs a second are in proportion to the unit's bill at the hardware's own rate.
    mfu:
      bill === null || hardware === null || hardware.mfu === null
        ? null
        : hardware.mfu * (bill / spent.estimate),
    // The FLOPs a second of a throughput are its own: 6ND has no other hours.
    by6nd: asked.throughputs === undefined ? bill : null,
    split6nd: isFree && !isLimited(box) ? splitBy6nd(problem, design.estimate, spent.estimate) : null,
    extrapolation: measuredReach(cost, design.estimate),
    intervals,
    ...(asked.throughputs === undefined
      ? {}
      : {
          throughput: {
            tokensPerSecond: estimateOf(
              source,
              design,
              (split, c) => split.D / (3600 * cost.costOf(c, split)),
            ),
            measured: asked.throughputs.map((one) => ({ ...one })),
          },
        }),
  };
}

/** What 6ND at the hardware's MFU takes for so many FLOPs, in the measured unit; null where that is no time. */
function billBy6nd({ cost, hardware }: MeasuredProblem, flops: number): number | null {
  const unit = hoursOf(cost.asked.unit);
  if (hardware === null || unit === null || (!unit.isOfOne && hardware.count === null)) return null;
  const hours = flops / hardware.rate / 3600 / (unit.isOfOne ? 1 : (hardware.count ?? 1));
  return hours / unit.hours;
}

/** The best split by 6ND of the same measured cost, by the estimate; null where there is none. */
function splitBy6nd(
  { source, cost }: MeasuredProblem,
  design: Split,
  spent: number,
): PlannedMeasuredCost["split6nd"] {
  const forms = requireAllocation(source);
  const c = source.estimate;
  const excess = (s: number): number => {
    const split = forms.optimum(c, Math.exp(s));
    return split === null ? Number.NaN : Math.log(cost.costOf(c, split) / spent);
  };
  const middle = Math.log(design.N * design.D);
  const [low, high] = [middle - WITHIN, middle + WITHIN];
  const [atLow, atHigh] = [excess(low), excess(high)];
  if (!(atLow <= 0 && atHigh > 0)) return null;
  const split = forms.optimum(c, Math.exp(root(excess, low, atLow, high, atHigh)));
  if (split === null) return null;
  const loss = lossOf(source, c, split);
  return { ...split, loss, extraLoss: loss - lossOf(source, c, design) };
}

/** A split of the same measured cost has so many times more or less compute at most, as a natural log. */
const WITHIN = 7;

/** How far a design lies beyond the sizes at which the cost was measured. */
function measuredReach(cost: MeasuredCost, design: Split): PlannedMeasuredCost["extrapolation"] {
  const { source } = cost.asked;
  const at = cost.inputsAt(design);
  const decades = inputDecades(source, at);
  if (decades === null) return { decades: null, input: null };
  const input =
    Object.keys(at).find((name) => inputDecades(source, { [name]: at[name] }) === decades) ?? null;
  return { decades, input: decades === 0 ? null : input };
}
