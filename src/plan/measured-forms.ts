/**
 * Allocation of a budget Y under a measured cost y(N, D), within limits of N and D. With y = k N^a D^b, n = N^a and d = D^b
 * split the product n d = Y / k, and a loss E + A/N^alpha + B/D^beta is one of n and d with exponents alpha/a and beta/b:
 * its closed form answers. Any other cost or law is searched along the designs that the budget pays for, t(x) = ln D at
 * x = ln N: the best is where
 *
 *   dL/dx + dL/dt t'(x) = 0,   t' = -(dy/dx) / (dy/dt)
 *
 * between any two sizes at which the cost bends, or one of these.
 */
import type { AllocationForms, Law } from "../laws/law.js";
import { type BudgetForms, firstRise, LineSearch } from "./budget-forms.js";
import { type Box, HIGH, isLimited, type Line, LOW, lineAlong } from "./budget-line.js";
import type { MeasuredCost } from "./measured-cost.js";
import { type Place, type Surface, surfacesOfLaw } from "./numeric-allocation.js";
import type { Coefficients } from "./source.js";
import { slopesOf, type Throughput } from "./throughput.js";

/** Answers for budgets in the unit of the cost; `flops` in their names is that. */
export interface MeasuredForms extends BudgetForms {
  /** The tokens that a budget leaves for a size; null where it leaves none, or does not limit them. */
  tokensLeft(c: Coefficients, N: number, budget: number): number | null;
  /** The size that a budget pays for with so many tokens, or at so many tokens per parameter. */
  paramsLeft(c: Coefficients, tokensAt: (N: number) => number, budget: number): number | null;
}

/** y = k N^a D^b. */
interface PowerProduct {
  k: number;
  a: number;
  b: number;
}

/**
 * @param law of the loss
 * @param isSearched whether it is to be searched for in any case
 */
export function measuredForms(
  law: Law,
  forms: AllocationForms,
  cost: MeasuredCost,
  box: Box,
  isSearched = false,
): MeasuredForms {
  const { throughputs } = cost.asked;
  const bends = (throughputs ?? []).map(({ params }) => Math.log(params));
  const search = new LineSearch(
    surfacesOfLaw(law),
    throughputs === undefined
      ? (c, budget) => lineOf(cost.surfaceFor(c), box, budget)
      : lineByThroughput(throughputs, box),
    LEAST,
    HIGH,
    bends,
  );
  const isClosed = !isLimited(box) && !isSearched && bends.length === 0;
  const closed = (c: Coefficients) =>
    isClosed ? closedFor(law, forms, powerProductOf(cost.surfaceFor(c)), c) : null;
  return {
    optimum: (c, budget) => (closed(c) ?? search).optimum(c, budget),
    flopsForLoss: (c, loss) => (closed(c) ?? search).budgetForLoss(c, loss),
    tokensLeft(c, N, budget) {
      const y = rising((t) => cost.surfaceFor(c)(Math.log(N), t), Math.log(budget));
      return Number.isFinite(y) ? Math.exp(y) : null;
    },
    paramsLeft(c, tokensAt, budget) {
      const excess = (x: number) => cost.surfaceFor(c)(x, Math.log(tokensAt(Math.exp(x)))).loss - budget;
      const x = firstRise(excess, LOW, HIGH, GRID);
      return x === null ? null : Math.exp(x);
    },
    // What a size is best for is asked of a loss alone; with a cost there is a budget or a loss.
    tokensFor: () => null,
    paramsFor: () => null,
    saturated: () => null,
  };
}

/** Places in ln N and ln D at which a cost has to grow alike to be a product of powers. */
const PLACES = [
  [0, 0],
  [18, 22],
  [25, 3],
  [4, 30],
] as const;

/** The cost as a product of powers; null where it is none. */
function powerProductOf(surface: Surface): PowerProduct | null {
  const slopes = PLACES.map(([x, y]) => {
    const { loss, size, tokens } = surface(x, y);
    return { value: loss, a: size / loss, b: tokens / loss };
  });
  const [{ value: k, a, b }] = slopes;
  const isSame = (one: number, other: number) => Math.abs(one - other) <= 1e-12 * Math.abs(other);
  return k > 0 && a > 0 && b > 0 && slopes.every((one) => isSame(one.a, a) && isSame(one.b, b))
    ? { k, a, b }
    : null;
}

/** The closed form for a product of powers: of chinchilla's law always, of any other where it is one of N D. */
function closedFor(
  law: Law,
  forms: AllocationForms,
  product: PowerProduct | null,
  c: Coefficients,
): Pick<LineSearch, "optimum" | "budgetForLoss"> | null {
  if (product === null || law.allocation === null) return null;
  const { k, a, b } = product;
  const isOfProduct = Math.abs(a / b - 1) <= 1e-12;
  if (!isOfProduct && law.id !== "chinchilla") return null;
  // Of N D alone the law stays as it is.
  const own = isOfProduct ? c : { ...c, alpha: c.alpha / a, beta: c.beta / b };
  const [p, q] = isOfProduct ? [1, 1] : [a, b];
  const productOf = (budget: number) => (budget / k) ** (isOfProduct ? 1 / a : 1);
  return {
    optimum(_, budget) {
      const split = forms.optimum(own, productOf(budget));
      return split === null ? null : { N: split.N ** (1 / p), D: split.D ** (1 / q) };
    },
    budgetForLoss(_, loss) {
      const nd = forms.productForLoss(own, loss);
      return nd === null ? null : k * nd ** (isOfProduct ? a : 1);
    },
  };
}

/** Budgets looked at for a loss, in whatever unit. */
const LEAST = Math.log(1e-30);
/** Sizes looked at for so many tokens. */
const GRID = 60;

/** The designs that spend a budget; null where no size within the limits leaves it any tokens, or the least asked for. */
function lineOf(cost: Surface, box: Box, budget: number): Line | null {
  const s = Math.log(budget);
  let [lastX, lastY] = [Number.NaN, 0];
  const affordable = (x: number): number => {
    if (x === lastX) return lastY;
    const near = Number.isFinite(lastY) ? lastY : 0;
    [lastX, lastY] = [x, rising((t) => cost(x, t), s, near)];
    return lastY;
  };
  const given = (x: number, y: number): number => {
    const { size, tokens } = cost(x, y);
    return size / tokens;
  };
  return lineAlong(box, { affordable, given, most: Math.min(Math.log(box.D[1]), HIGH) });
}

/** The same by throughputs at sizes, from the smallest up: no step is needed to know what so many hours make. */
function lineByThroughput(
  measured: readonly Throughput[],
  box: Box,
): (c: unknown, hours: number) => Line | null {
  const places = measured.map(({ params, tokensPerSecond }) => ({
    x: Math.log(params),
    y: Math.log(3600 * tokensPerSecond),
  }));
  const slopes = slopesOf(measured);
  /** The last size at or below x; before the first one its own FLOPs a second hold. */
  const below = (x: number): number => places.findLastIndex((place) => place.x <= x);
  const most = Math.min(Math.log(box.D[1]), HIGH);
  return (_, hours) => {
    const s = Math.log(hours);
    const affordable = (x: number): number => {
      const i = below(x);
      const from = places[Math.max(i, 0)];
      return s + from.y - (i < 0 ? 1 : slopes[i]) * (x - from.x);
    };
    const given = (x: number): number => slopes[below(x)] ?? 1;
    return lineAlong(box, { affordable, given, most });
  };
}

/**
 * Where a cost that rises comes to e^s: minus infinite where it is more from the beginning, infinite where it never does. By
 * Newton's steps on its logarithm, which go straight to the place where it is a power.
 */
function rising(at: (t: number) => Place, s: number, near = Math.log(1e10)): number {
  let [low, high] = [LOW, HIGH];
  let t = Math.min(Math.max(near, low), high);
  for (let i = 0; i < 200; i++) {
    const place = at(t);
    const off = Math.log(place.loss) - s;
    if (off === 0) return t;
    if (off > 0) high = t;
    else low = t;
    const step = (off * place.loss) / place.tokens;
    const next = t - step;
    if (Math.abs(step) <= 4e-16 * Math.max(1, Math.abs(t))) return t;
    t = next > low && next < high ? next : (low + high) / 2;
    if (high - low <= 4e-16 * Math.max(1, Math.abs(t))) break;
  }
  if (high <= LOW + 1e-9) return Number.NEGATIVE_INFINITY;
  if (low >= HIGH - 1e-9) return Number.POSITIVE_INFINITY;
  return t;
}
