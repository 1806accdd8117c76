/** `--critical-batch-fit`: a saved fit of the critical batch over the loss. */
import { type CriticalBatchAsked, criticalBatchOf } from "../plan/critical-batch.js";
import type { RawFlags } from "./command.js";
import { textFlag } from "./flags.js";
import { oneFitIn } from "./one-fit.js";

/** @throws UsageError for a fit of anything else, InputError and DataError for a file that holds no one fit */
export function criticalBatchAsked(flags: RawFlags): CriticalBatchAsked {
  const file = textFlag(flags, "criticalBatchFit") as string;
  const { source } = oneFitIn("--critical-batch-fit", file, {
    cure: "make one with: scalefit fit batches.csv --law bcrit -o bcrit.json",
    what: "law of its critical batch",
  });
  criticalBatchOf(source);
  return { source };
}
