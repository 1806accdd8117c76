import type { PlannedMeasuredCost } from "../objects.js";
import { bracketed, count, flops, percent, significant } from "./format.js";
import { labelled } from "./words.js";

/** An amount of what was measured: `2.59M seconds`. */
export const measuredText = (amount: number, unit: string): string =>
  `${Math.abs(amount) >= 1e3 || amount === 0 ? count(amount) : significant(amount, 3)}${unit === "units" ? "" : ` ${unit}`}`;

/** What a design takes of the measured cost, and what 6ND would have said. */
export function measuredCostView(measured: PlannedMeasuredCost, width: number): string {
  const { cost, unit, column, flopsPerUnit, mfu, by6nd, split6nd, throughput } = measured;
  const one = unit === "units" ? `unit of ${column}` : unit.replace(/s$/, "");
  const interval =
    cost.low === null || cost.high === null || cost.high - cost.low <= 1e-9 * cost.estimate
      ? ""
      : ` ${bracketed(cost, (value) => measuredText(value, "units"))}`;
  const share = mfu === null ? "" : `, an MFU of ${percent(mfu)}`;
  const bill =
    by6nd === null
      ? ""
      : `; by 6ND at the MFU of the hardware it would be ${measuredText(by6nd, unit)}, ${significant(by6nd / cost.estimate, 3)} times as much`;
  const beside =
    split6nd === null
      ? ""
      : labelled(
          "beside",
          `the best split by 6ND of the same ${throughput === undefined ? "measured cost" : "hours"} has ${count(split6nd.N)} parameters and ${count(split6nd.D)} tokens, and a loss of +${significant(Math.max(0, split6nd.extraLoss), 2)}`,
          width,
        );
  if (throughput !== undefined) return throughputView(throughput, beside, measured.intervals, width);
  return [
    `  under the measured cost ${column}\n`,
    labelled("cost", `${measuredText(cost.estimate, unit)}${interval}`, width),
    labelled("speed", `${flops(flopsPerUnit.estimate)} FLOPs (6ND) a ${one}${share}${bill}`, width),
    beside,
    labelled("certainty", measured.intervals, width),
  ].join("");
}

/** A class of compute: how many tokens a second the planned size makes, and what 6ND would have taken. */
function throughputView(
  { tokensPerSecond, measured }: NonNullable<PlannedMeasuredCost["throughput"]>,
  beside: string,
  certainty: string,
  width: number,
): string {
  const isOne = tokensPerSecond.low === null || tokensPerSecond.low === tokensPerSecond.high;
  const interval = isOne ? "" : ` ${bracketed(tokensPerSecond, count)}`;
  const [first, last] = [measured[0], measured[measured.length - 1]];
  return [
    "  each size with the tokens of its own throughput\n",
    labelled(
      "speed",
      `${count(tokensPerSecond.estimate)} tokens a second${interval} at the planned size`,
      width,
    ),
    labelled(
      "measured",
      `${measured.length} sizes, from ${count(first.tokensPerSecond)} a second at ${count(first.params)} parameters to ${count(last.tokensPerSecond)} at ${count(last.params)}`,
      width,
    ),
    beside,
    labelled("certainty", certainty, width),
  ].join("");
}
