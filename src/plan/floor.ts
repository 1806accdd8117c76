import type { Estimate } from "../objects.js";
import { lossOf } from "./design.js";
import { derive, estimateOf } from "./intervals.js";
import type { Problem } from "./problem.js";
import type { Coefficients } from "./source.js";

/** The loss at the far corner of what is allowed; not a number where the law has no limit there. */
export const floorUnder =
  ({ source, box, asked }: Problem) =>
  (c: Coefficients): number =>
    lossOf(source, c, { N: asked.params ?? box.N[1], D: asked.tokens ?? box.D[1] });

/** The loss that no budget within the limits goes below, with its interval; null where the law says none. */
export function floorOf(problem: Problem): Estimate | null {
  const { source } = problem;
  const floors = derive(source, floorUnder(problem));
  if (floors === null || !Number.isFinite(floors.estimate)) return null;
  return estimateOf(source, floors, (value) => value);
}
