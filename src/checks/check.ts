/**
 * What a rule of `check` is. To add one: a file beside this one and a line in `index.ts`.
 */
import type { Finding, Prediction } from "../objects.js";

/** A run with its prediction and its measured value. */
export interface CheckedRun {
  prediction: Prediction & { measured: number };
  run: string;
  file: string;
  line: number;
}

export interface CheckOptions {
  /** Allowed relative distance from the prediction, or null for the interval of a new run. */
  tolerance: number | null;
}

export interface Check {
  rule: string;
  /** One finding a run; severity `ok` where the run holds. */
  judge(run: CheckedRun, options: CheckOptions): Finding;
}
