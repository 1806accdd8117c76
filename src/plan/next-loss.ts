/**
 * What a little less loss costs from a budget on: the extra compute for the next hundredth of what lies above the floor, or
 * for the next 0.01 of the loss, along the best designs. Over the log of the budget the log of the reducible loss is close
 * to a line, so that a secant finds it in a few designs.
 */
import { secantRoot } from "./secant.js";

/** How much less: of the reducible loss, or of the loss itself. */
export type Less = { of: "reducible" | "loss"; by: number };
export const PERCENT: Less = { of: "reducible", by: 0.01 };
export const HUNDREDTH: Less = { of: "loss", by: 0.01 };

/** Budgets so far apart give the slope to begin with. */
const STEP = 0.05;
/** A budget is found to this share of the change asked for. */
const ENOUGH = 1e-6;

/**
 * @param lossAt the loss of the best design of a budget in FLOPs
 * @param floor the least loss there can be; not a number where none is known
 * @returns FLOPs above the budget; null where no budget gives so little
 */
export function flopsForLess(
  lossAt: (flops: number) => number,
  floor: number,
  flops: number,
  { of, by }: Less,
): number | null {
  const isKnown = Number.isFinite(floor);
  if (of === "reducible" && !isKnown) return null;
  const above = (loss: number): number => (isKnown ? Math.log(loss - floor) : loss);
  const now = lossAt(flops);
  const target = of === "reducible" ? now - by * (now - floor) : now - by;
  if (!(now > floor || !isKnown) || (isKnown && !(target > floor))) return null;
  const s = Math.log(flops);
  const wanted = above(target);
  // Rises as the loss falls.
  const f = (x: number): number => wanted - above(lossAt(Math.exp(x)));
  const slope = (above(now) - above(lossAt(Math.exp(s + STEP)))) / STEP;
  const found = secantRoot(f, s, slope, ENOUGH * Math.abs(above(now) - wanted));
  return found === null || found <= s ? null : flops * Math.expm1(found - s);
}
