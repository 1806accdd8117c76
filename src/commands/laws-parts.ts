/** All that `laws` runs, loaded by one import (see `plan-parts.ts`). */
export { axesOf } from "../laws/axes.js";
export { presetCoefficients } from "../laws/coefficients.js";
export { laws } from "../laws/index.js";
export { requireLaw } from "../laws/require-law.js";
export { lawsView, lawView } from "../report/laws-view.js";
