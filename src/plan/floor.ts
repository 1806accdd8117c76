import type { Split } from "../laws/law.js";
import type { Estimate } from "../objects.js";
import { lossOf } from "./design.js";
import { derive, estimateOf } from "./intervals.js";
import type { Problem } from "./problem.js";
import type { Coefficients } from "./source.js";

/** More compute than any there will be. */
export const ENDLESS = 1e40;

/**
 * The loss at the far corner of what is allowed, or with all the training that there is time for; not a number where the
 * law has no limit there.
 */
export function floorUnder({ source, forms, box, asked }: Problem): (c: Coefficients) => number {
  const isFixed = asked.params !== undefined || asked.tokens !== undefined;
  const corner: Split = { N: asked.params ?? box.N[1], D: asked.tokens ?? box.D[1] };
  return (c) => {
    const last = box.train < Number.POSITIVE_INFINITY && !isFixed ? forms.optimum(c, ENDLESS) : corner;
    return last === null ? Number.NaN : lossOf(source, c, last);
  };
}

/** The loss that no budget within the limits goes below, with its interval; null where the law says none. */
export function floorOf(problem: Problem): Estimate | null {
  const { source } = problem;
  const floors = derive(source, floorUnder(problem));
  if (floors === null || !Number.isFinite(floors.estimate)) return null;
  return estimateOf(source, floors, (value) => value);
}
