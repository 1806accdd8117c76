/**
 * All that a plan from a saved fit runs, loaded by one import: taken one by one, the pieces become a file each in the built
 * program, and twenty files more take as long to find and open as the plan takes to compute.
 */

export { planFor } from "../plan/plan-for.js";
export { areOfMixture, planMixture } from "../plan/plan-mixture.js";
export { planView } from "../report/plan-view.js";
export { readText } from "./files.js";
export { pageAsked, weightsFlag } from "./flags.js";
export { questionOf } from "./plan-flags.js";
export { POINT_WORDS } from "./point-flags.js";
export { withExpectedErrors } from "./saved-backtest.js";
export { sourcesFrom } from "./source.js";
