/**
 * The isoFLOP grid that such runs would usually be: several budgets, at each of them sizes about the best one, scaled so
 * that all runs together cost the same.
 *
 * @see arXiv 2203.15556, section 3.2: nine budgets about a factor of 3 apart, sizes about a factor of 1.5 to 2
 */
import type { Split } from "../laws/law.js";
import type { KnownLaw } from "./design-law.js";

export interface GridShape {
  budgets: number;
  /** Sizes at each budget; those that do not divide go to the dearest. */
  sizes: number;
  /** Factor between neighbouring budgets. */
  budgetFactor: number;
  /** Factor between neighbouring sizes. */
  sizeFactor: number;
}

export interface IsoflopGrid extends GridShape {
  /** From the cheapest budget up, at each from the smallest size up. */
  runs: (Split & { flops: number })[];
  flops: number;
}

/** Budgets 3 apart, at each a size or more than there are budgets, 2 apart: three budgets of four sizes for 12 runs. */
export function usualShape(runs: number): GridShape | null {
  for (let budgets = Math.floor(Math.sqrt(runs)) + 1; budgets >= 2; budgets--) {
    const sizes = Math.floor(runs / budgets);
    if (sizes >= Math.max(3, budgets + (runs >= 12 ? 1 : 0)))
      return { budgets, sizes, budgetFactor: 3, sizeFactor: 2 };
  }
  return runs >= 6 ? { budgets: 2, sizes: Math.floor(runs / 2), budgetFactor: 3, sizeFactor: 2 } : null;
}

const BUDGET_FACTORS = [2, 3, 10];
const SIZE_FACTORS = [1.5, 2, 4];

/** All ways to lay out a grid of so many runs. */
export function shapesOf(runs: number): GridShape[] {
  const shapes: GridShape[] = [];
  for (let budgets = 2; 3 * budgets <= runs; budgets++)
    for (const budgetFactor of BUDGET_FACTORS)
      for (const sizeFactor of SIZE_FACTORS)
        shapes.push({ budgets, sizes: Math.floor(runs / budgets), budgetFactor, sizeFactor });
  return shapes;
}

/**
 * @param flops of all runs together
 * @param most of one run: the grid then costs less
 * @returns null where a budget has no best size
 */
export function isoflopGrid(
  { forms, estimate, k }: KnownLaw,
  shape: GridShape,
  { runs, flops, most }: { runs: number; flops: number; most: number },
): IsoflopGrid | null {
  const { budgets, sizes, budgetFactor, sizeFactor } = shape;
  const counts = Array.from(
    { length: budgets },
    (_, j) => sizes + (j === budgets - 1 ? runs - budgets * sizes : 0),
  );
  const whole = counts.reduce((sum, count, j) => sum + count * budgetFactor ** j, 0);
  const unit = Math.min(flops / whole, most / budgetFactor ** (budgets - 1));
  const made: IsoflopGrid["runs"] = [];
  for (const [j, count] of counts.entries()) {
    const budget = unit * budgetFactor ** j;
    const best = forms.optimum(estimate, budget / k);
    if (best === null) return null;
    for (let i = 0; i < count; i++) {
      const N = best.N * sizeFactor ** (i - (count - 1) / 2);
      made.push({ N, D: budget / (k * N), flops: budget });
    }
  }
  return { ...shape, runs: made, flops: unit * whole };
}
