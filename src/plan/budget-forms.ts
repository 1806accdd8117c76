/**
 * Allocation of a budget in FLOPs under any cost C(N, D) = F(N) D + serving and within limits of N and D: closed forms where
 * the cost is k N D and nothing limits it, else one root in x = ln N. With the tokens that the budget leaves for a size,
 *
 *   y(x) = ln min(D_max, (C - serve(e^x)) / F(e^x)),
 *
 * the best size is where the loss along that line stops falling, dL/dx + dL/dy y'(x) = 0, or where a limit stops it.
 */
import type { AllocationForms, Split } from "../laws/law.js";
import { root } from "../laws/root.js";
import { type Box, HIGH, isLimited, type Line, LOW, lineOf } from "./budget-line.js";
import type { Cost } from "./cost.js";
import { FLAT, type Place, type Surface, surfacesOfLaw } from "./numeric-allocation.js";
import type { Coefficients, Source } from "./source.js";

/** Answers for budgets in FLOPs, as `AllocationForms` are for products N D. */
export interface BudgetForms {
  /** The design with the least loss that the budget allows; null where there is none. */
  optimum(c: Coefficients, flops: number): Split | null;
  /** The least FLOPs that reach the loss. */
  flopsForLoss(c: Coefficients, loss: number): number | null;
  tokensFor(c: Coefficients, N: number): number | null;
  paramsFor(c: Coefficients, D: number): number | null;
  saturated(c: Coefficients, flops: number): number | null;
}

/**
 * @param forms of the law itself
 * @param isSearched whether they are to be searched for in any case: many draws are then found from their neighbours
 */
export function budgetForms(
  source: Source,
  forms: AllocationForms,
  cost: Cost,
  box: Box,
  isSearched = false,
): BudgetForms {
  const { linear } = cost;
  if (linear !== null && !isLimited(box) && !isSearched) return closedForms(forms, linear);
  const search = new LineSearch(surfacesOfLaw(source.law), (_, flops) => lineOf(cost, box, flops));
  return {
    optimum: (c, flops) => search.optimum(c, flops),
    flopsForLoss: (c, loss) => search.budgetForLoss(c, loss),
    tokensFor: (c, N) => forms.tokensFor(c, N),
    paramsFor: (c, D) => forms.paramsFor(c, D),
    saturated: (c, flops) => forms.saturated?.(c, flops / cost.trainPerToken(1)) ?? null,
  };
}

const closedForms = (forms: AllocationForms, k: number): BudgetForms => ({
  optimum: (c, flops) => forms.optimum(c, flops / k),
  flopsForLoss(c, loss) {
    const nd = forms.productForLoss(c, loss);
    return nd === null ? null : k * nd;
  },
  tokensFor: (c, N) => forms.tokensFor(c, N),
  paramsFor: (c, D) => forms.paramsFor(c, D),
  saturated: (c, flops) => forms.saturated?.(c, flops / k) ?? null,
});

const GRID = 60;
/** Budgets looked at for a loss: from 1 FLOP up. */
const MOST = Math.log(1e60);

/** Best designs along the lines that budgets leave, in whatever unit these are. */
export class LineSearch {
  /** Best sizes found before, by half e-folds of the budget, and a budget: where the next is looked for first. */
  readonly #sizes = new Map<number, number>();
  #lastBudget: number | null = null;

  /**
   * @param lineFor the designs that spend a budget; null where there are none
   * @param least   ln of the least budget that is looked at for a loss
   * @param endless ln D from which on tokens have no end
   * @param bends   sizes, as natural logs, at which the slope along the line jumps: the best may lie on one, and between any
   *   two there may be another
   */
  constructor(
    readonly surfaceFor: (c: Coefficients) => Surface,
    readonly lineFor: (c: Coefficients, budget: number) => Line | null,
    readonly least = 0,
    readonly endless = Number.POSITIVE_INFINITY,
    readonly bends: readonly number[] = [],
  ) {}

  /** The design with the least loss that the budget allows; null where there is none. */
  optimum(c: Coefficients, budget: number): Split | null {
    return this.#best(c, this.surfaceFor(c), budget)?.split ?? null;
  }

  /** The least budget that reaches the loss; null where none does. */
  budgetForLoss(c: Coefficients, loss: number): number | null {
    const surface = this.surfaceFor(c);
    const excess = (s: number): number => {
      const best = this.#best(c, surface, Math.exp(s));
      return best === null ? Number.NEGATIVE_INFINITY : loss - best.loss;
    };
    const s = this.#lastBudget === null ? null : rootNear(excess, this.#lastBudget, 0.5);
    const found = s ?? firstRise(excess, this.least, MOST, 2 * GRID);
    if (found === null) return null;
    this.#lastBudget ??= found;
    return Math.exp(found);
  }

  #best(c: Coefficients, surface: Surface, budget: number): Found | null {
    const line = this.lineFor(c, budget);
    if (line === null) return null;
    const slope = (x: number): number => line.slope(x, surface);
    const decade = Math.round(2 * Math.log(budget));
    const near = this.#sizes.get(decade);
    const isSmooth = this.bends.length === 0;
    const between =
      near === undefined || !isSmooth || !line.holds(near) ? null : rootNear(slope, near, 0.3, line);
    const x = between ?? bestOnLine(surface, line, slope, this.bends);
    if (x === null) return null;
    if (near === undefined) this.#sizes.set(decade, x);
    const y = line.tokens(x);
    const place = surface(x, y);
    // At the end of what is looked at there is no optimum, at a limit there is.
    if (!Number.isFinite(place.loss) || x === LOW || x === HIGH || y >= this.endless) return null;
    const isEdge = between === null && (x === line.low || x === line.high);
    if (!isEdge && isFlat(place)) return null;
    return { split: { N: Math.exp(x), D: Math.exp(y) }, loss: place.loss };
  }
}

interface Found {
  split: Split;
  loss: number;
}

const isFlat = ({ size, tokens, loss }: Place): boolean =>
  Math.max(Math.abs(size), Math.abs(tokens)) < FLAT * Math.abs(loss);

/** The least loss among the places where it stops falling, those where it bends and the two ends. */
function bestOnLine(
  surface: Surface,
  line: Line,
  slope: (x: number) => number,
  bends: readonly number[],
): number | null {
  const { low, high, tokens } = line;
  const inside = bends.filter((x) => x > low && x < high);
  const ends = [low, ...inside, high];
  const candidates = [...ends];
  for (let k = 1; k < ends.length; k++) {
    const isOuter = k === 1 || k === ends.length - 1;
    candidates.push(
      ...(inside.length === 0
        ? stopsBetween(slope, low, high, GRID)
        : stopsBetween(slope, ends[k - 1] + ASIDE, ends[k] - ASIDE, isOuter ? OUTER : INNER)),
    );
  }
  let [best, least] = [null as number | null, Number.POSITIVE_INFINITY];
  for (const x of candidates) {
    const { loss } = surface(x, tokens(x));
    if (loss < least) [best, least] = [x, loss];
  }
  return best;
}

/** Beside a bend the slope is that of its own side. */
const ASIDE = 1e-9;
/** Steps beyond the first and the last bend, and between two. */
const OUTER = 6;
const INNER = 1;

/** Where a slope rises through 0 on an even grid. */
function stopsBetween(slope: (x: number) => number, low: number, high: number, grid: number): number[] {
  const found: number[] = [];
  if (!(high > low)) return found;
  let [left, atLeft] = [low, slope(low)];
  for (let i = 1; i <= grid; i++) {
    const right = low + ((high - low) * i) / grid;
    const atRight = slope(right);
    if (atLeft <= 0 && atRight > 0) found.push(root(slope, left, atLeft, right, atRight));
    [left, atLeft] = [right, atRight];
  }
  return found;
}

/**
 * A root of a function that rises through 0 close to a place, widening three times; null where there is none so near.
 *
 * @param line on which the place lies, where there are ends
 */
function rootNear(
  f: (x: number) => number,
  near: number,
  width: number,
  line: Pick<Line, "low" | "high" | "holds"> | null = null,
): number | null {
  const inside = (x: number, end: "low" | "high"): number => (line === null || line.holds(x) ? x : line[end]);
  for (let step = width; step < 30 * width; step *= 3) {
    const [a, b] = [inside(near - step, "low"), inside(near + step, "high")];
    const [fa, fb] = [f(a), f(b)];
    if (fa <= 0 && fb > 0 && Number.isFinite(fa)) return root(f, a, fa, b, fb);
  }
  return null;
}

/** Where f first rises through 0 on an even grid; f may be minus infinite before. */
export function firstRise(f: (x: number) => number, low: number, high: number, grid: number): number | null {
  let [left, atLeft] = [low, f(low)];
  for (let i = 1; i <= grid; i++) {
    const right = low + ((high - low) * i) / grid;
    const atRight = f(right);
    if (atLeft <= 0 && atRight > 0) {
      // Where there is no design at all the interval is halved until there is one at both ends.
      for (let k = 0; k < 60 && !Number.isFinite(atLeft); k++) {
        const middle = (left + right) / 2;
        const at = f(middle);
        if (at > 0) return bisected(f, left, middle);
        [left, atLeft] = [middle, at];
      }
      return root(f, left, atLeft, right, atRight);
    }
    [left, atLeft] = [right, atRight];
  }
  return null;
}

function bisected(f: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 100; i++) {
    const middle = (a + b) / 2;
    if (f(middle) > 0) b = middle;
    else a = middle;
  }
  return b;
}
