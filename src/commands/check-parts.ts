/** All that `check` runs, loaded by one import (see `plan-parts.ts`). */
export { checks } from "../checks/index.js";
export { annotations } from "../report/annotations.js";
export { checkView } from "../report/check-view.js";
export { outcomesOf } from "./check-plan.js";
export { exists } from "./files.js";
export { shareFlag } from "./flags.js";
export { registerIn } from "./plan-register.js";
export { predictFiles, requireGroups } from "./predict-rows.js";
export { sourcesFrom } from "./source.js";
