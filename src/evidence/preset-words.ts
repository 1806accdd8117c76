/** What a comparison with a published set comes to, in words. */

import type { PresetComparison } from "../objects.js";
import { percentText } from "../text.js";

type Words = Omit<PresetComparison, "text">;

export function presetInWords(comparison: Words): string {
  return [...rowsInWords(comparison), ...curvesInWords(comparison), ...planInWords(comparison)].join("; ");
}

function rowsInWords({ rows, rowsReason, preset }: Words): string[] {
  if (rows === null) return [`${preset} predicts none of the rows: ${rowsReason ?? ""}`];
  const { bias, meanRelativeError, meanRelativeErrorOfShape, insideNewRun } = rows;
  const inside =
    insideNewRun === null
      ? ""
      : `, in the fit's interval of one new run at ${percentText(insideNewRun)} of them`;
  const words = [
    `${preset} lies ${percentText(Math.abs(bias))} ${bias < 0 ? "below" : "above"} the rows on average (mean error ${percentText(meanRelativeError)})${inside}`,
  ];
  if (meanRelativeErrorOfShape < HALF * meanRelativeError)
    words.push(
      `most of it is level: moved by ${number(rows.offset)} as a whole it is off by ${percentText(meanRelativeErrorOfShape)}`,
    );
  return words;
}

/** Under this share of the error what is left is another matter than what was taken away. */
const HALF = 0.5;

function curvesInWords({ scales, along, alongReason }: Words): string[] {
  if (along === null) return [`no curves side by side: ${alongReason ?? ""}`];
  const judged = scales.filter(({ inside }) => inside !== null);
  if (judged.length === 0) return ["there is no interval to hold its curve against"];
  const inside = judged.filter((row) => row.inside).length;
  const all = judged.length === 1 ? "the one scale" : `all ${judged.length} scales`;
  const share =
    inside === 0
      ? `outside the fit's interval at ${all}`
      : inside === judged.length
        ? `inside the fit's interval at ${all}`
        : `inside the fit's interval at ${inside} of ${judged.length} scales`;
  return [`its curve is ${share}`];
}

/** What both would plan at the largest scale. */
function planInWords({ scales }: Words): string[] {
  const last = scales.at(-1);
  const ratio = last?.optimum?.tokensPerParameter;
  if (last === undefined || ratio?.fit == null || ratio.preset === null) return [];
  const { estimate, low, high } = ratio.fit;
  const interval = low === null || high === null ? "" : ` [${short(low)}, ${short(high)}]`;
  return [
    `at ${last.scale.toExponential(0).replace("+", "")} FLOPs it plans ${short(ratio.preset)} tokens per parameter, the fit ${short(estimate)}${interval}`,
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
const number = (value: number): string => `${value < 0 ? "-" : "+"}${Math.abs(Number(value.toPrecision(2)))}`;
