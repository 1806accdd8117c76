import type { Finding } from "../objects.js";
import { relativeTo } from "../relative.js";
import type { Check, CheckedRun, CheckOptions } from "./check.js";

/**
 * The measured value lies where the fit predicts a new run: inside its interval (noise of one run included), or
 * within a given tolerance of the estimate. A value below the interval is a finding too: a loss that is too good
 * is a leak or another data set more often than luck.
 */
export const offTheLine: Check = {
  rule: "off-the-line",
  judge({ prediction, run, file, line }: CheckedRun, { tolerance }: CheckOptions): Finding {
    const { measured, value, newRun } = prediction;
    const limits = tolerance === null ? newRun : within(value.estimate, tolerance);
    const expected = { estimate: value.estimate, ...limits };
    const holds =
      limits.low !== null && limits.high !== null && measured >= limits.low && measured <= limits.high;
    const side = measured >= value.estimate ? "above" : "below";
    return {
      rule: "off-the-line",
      severity: holds ? "ok" : "error",
      run,
      measured,
      expected,
      message: holds
        ? "on the predicted line"
        : `${distanceInWords(measured, value.estimate)} ${side} the prediction, outside ${tolerance === null ? "the interval of a new run" : "the tolerance"}`,
      file,
      line,
    };
  },
};

/** Limits by a share of the estimate; it may be below 0. */
function within(estimate: number, share: number): { low: number; high: number } {
  const [a, b] = [estimate * (1 - share), estimate * (1 + share)];
  return { low: Math.min(a, b), high: Math.max(a, b) };
}

function distanceInWords(measured: number, estimate: number): string {
  const distance = relativeTo(estimate, measured);
  if (distance === null) return Math.abs(measured).toPrecision(2);
  const percent = 100 * Math.abs(distance);
  return `${percent < 99.5 ? percent.toPrecision(2) : Math.round(percent)} %`;
}
