import type { Finding } from "../objects.js";
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
    const limits =
      tolerance === null
        ? newRun
        : { low: value.estimate * (1 - tolerance), high: value.estimate * (1 + tolerance) };
    const expected = { estimate: value.estimate, ...limits };
    const distance = measured / value.estimate - 1;
    const holds =
      limits.low !== null && limits.high !== null && measured >= limits.low && measured <= limits.high;
    const side = distance >= 0 ? "above" : "below";
    return {
      rule: "off-the-line",
      severity: holds ? "ok" : "error",
      run,
      measured,
      expected,
      message: holds
        ? "on the predicted line"
        : `${(100 * Math.abs(distance)).toPrecision(2)} % ${side} the prediction, outside ${tolerance === null ? "the interval of a new run" : "the tolerance"}`,
      file,
      line,
    };
  },
};
