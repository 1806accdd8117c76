/** The runs of `examples/ci`: made here, and compared with the files there by a test. */
import { type MadeRun, makeRuns, smallRuns } from "./made-log.js";

/** The runs that the saved fit of the example was made from. */
export const baselineRuns = (): MadeRun[] => smallRuns();

/** Four larger runs by the same law: what a pull request would bring. */
export const newRuns = (): MadeRun[] =>
  makeRuns({ seed: 7, noise: 0.003, sizes: [1e9, 1.5e9], tokensPerParameter: [10, 40], prefix: "new" });
