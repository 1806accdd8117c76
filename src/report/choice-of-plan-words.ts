/** In words: how a plan that was chosen over all resamples, or for the least time, stands beside the plain one. */
import type { Estimate, PlannedLaw } from "../objects.js";
import { bracketed, count, flops, levelText, percent, significant } from "./format.js";
import { dollars } from "./plan-account-view.js";

/** Each with its label. */
export function choicesInWords({
  risk,
  confidence,
  least,
  budget,
}: PlannedLaw): [label: string, words: string][] {
  return [
    ...(risk === undefined ? [] : [["risk", riskInWords(risk)] as [string, string]]),
    ...(confidence === undefined
      ? []
      : [["confidence", confidenceInWords(confidence, budget.flops)] as [string, string]]),
    ...(least === undefined ? [] : [["least time", leastInWords(least)] as [string, string]]),
  ];
}

const plainly = ({ N, D }: { N: number; D: number }): string => `N ${count(N)} and D ${count(D)}`;

/** What of the loss is least: `the 90 % quantile`. */
export const measureInWords = (share: number | undefined, measure: "mean" | "worst" | "quantile"): string =>
  share !== undefined
    ? `the ${levelText(share)} quantile`
    : measure === "worst"
      ? "the worst case"
      : "the mean";

function riskInWords({
  measure,
  share,
  resamples,
  value,
  plain,
  extraLoss,
}: NonNullable<PlannedLaw["risk"]>): string {
  const digits = Math.max(4, 1 - Math.floor(Math.log10(Math.max(plain.value - value, 1e-9))));
  const shown = (one: number): string => one.toFixed(Math.min(digits, 7));
  return `${measureInWords(share, measure)} of the loss over ${resamples} resamples is the least of any split: ${shown(value)}, where the plain plan, ${plainly(plain)}, has ${shown(plain.value)}; by the estimate this costs +${significant(extraLoss, 2)} loss`;
}

function confidenceInWords(
  { reached, resamples, plain, extraFlops, extraUsd }: NonNullable<PlannedLaw["confidence"]>,
  total: number | null,
): string {
  const price = extraUsd === undefined ? "" : `, ${dollars(Math.abs(extraUsd))}`;
  const share = total === null ? "" : ` (${percent(Math.abs(extraFlops) / plain.flops)})`;
  return `the target is reached in ${percent(reached, 3)} of ${resamples} resamples; the plain plan, ${plainly(plain)} for ${flops(plain.flops)} FLOPs, reaches it in ${percent(plain.reached, 3)}: this one costs ${flops(Math.abs(extraFlops))} FLOPs${price}${share} ${extraFlops < 0 ? "less" : "more"}`;
}

/** What the shortest training saves and costs. */
function leastInWords({ cheapest, savedTime, extraCost }: NonNullable<PlannedLaw["least"]>): string {
  if (cheapest === null)
    return "is that of the least cost: training is all that is paid for, and within the limits no design trains sooner";
  const interval = (value: Estimate) => (value.low === null ? "" : ` ${bracketed(value, (v) => percent(v))}`);
  return `trains for ${percent(savedTime.estimate)}${interval(savedTime)} less time than the plan of the least cost, ${plainly(cheapest)} for ${flops(cheapest.flops)} FLOPs, and costs ${percent(extraCost.estimate)}${interval(extraCost)} more`;
}
