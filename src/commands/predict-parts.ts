/** All that `predict` runs, loaded by one import (see `plan-parts.ts`). */
export { scorePredictions } from "../plan/score.js";
export { predictView } from "../report/predict-view.js";
export { givenPoint, pointOf } from "./point-flags.js";
export { extrapolationWarnings, predictFiles, predictPoint, solvePoint } from "./predict-rows.js";
export { sourcesFrom } from "./source.js";
