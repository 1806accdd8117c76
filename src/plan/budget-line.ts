/**
 * The designs that spend a budget under a cost C(N, D) = F(N) D + serving and within limits, as a line over x = ln N:
 *
 *   y(x) = ln min(D_max, (C - serve(e^x)) / F(e^x))
 */
import type { Cost } from "./cost.js";
import type { Surface } from "./numeric-allocation.js";

/** Where N and D must lie. */
export interface Box {
  N: readonly [number, number];
  D: readonly [number, number];
  /** FLOPs that training may take at most, whatever the budget for all: what a cluster does until a deadline. */
  train: number;
}

export const NO_LIMITS: Box = {
  N: [0, Number.POSITIVE_INFINITY],
  D: [0, Number.POSITIVE_INFINITY],
  train: Number.POSITIVE_INFINITY,
};

export const isLimited = ({ N, D, train }: Box): boolean =>
  train < Number.POSITIVE_INFINITY ||
  N[0] > 0 ||
  D[0] > 0 ||
  N[1] < Number.POSITIVE_INFINITY ||
  D[1] < Number.POSITIVE_INFINITY;

/** Sizes looked at, as natural logs. */
export const LOW = Math.log(1e-6);
export const HIGH = Math.log(1e40);

/** The designs that spend a budget, by x = ln N. */
export interface Line {
  readonly low: number;
  /** Found when it is asked for. */
  readonly high: number;
  /** Whether a size lies between the ends. */
  holds(x: number): boolean;
  /** ln D. */
  tokens(x: number): number;
  /** Of the loss along it. */
  slope(x: number, surface: Surface): number;
}

/** Null where no size within the limits leaves the budget any tokens, or the least asked for. */
export function lineOf(cost: Cost, box: Box, flops: number): Line | null {
  const affordable = (x: number): number => {
    const N = Math.exp(x);
    const left = Math.min(flops - cost.serve(N), box.train);
    return left > 0 ? Math.log(left / cost.trainPerToken(N)) : Number.NEGATIVE_INFINITY;
  };
  const given = (x: number): number => {
    const N = Math.exp(x);
    const serve = cost.serve(N);
    const served = flops - serve > box.train ? 0 : serve / (flops - serve);
    return cost.slope(N) + served;
  };
  return lineAlong(box, { affordable, given, most: Math.log(box.D[1]) });
}

/** What a budget leaves for a size, under any cost. */
export interface Affordable {
  /** ln D at x = ln N, falling; minus infinite where nothing is left. */
  affordable(x: number): number;
  /** -dy/dx there: how fast tokens are given for size. */
  given(x: number, y: number): number;
  /** ln D at most. */
  most: number;
}

/** The line of such designs within limits; null where there is none. */
export function lineAlong(box: Box, { affordable, given, most }: Affordable): Line | null {
  const tokens = (x: number): number => Math.min(most, affordable(x));
  const least = Math.max(box.D[0] > 0 ? Math.log(box.D[0]) : LOW, LOW);
  const low = Math.max(box.N[0] > 0 ? Math.log(box.N[0]) : LOW, LOW);
  const top = Math.min(Math.log(box.N[1]), HIGH);
  if (!(top >= low) || !(tokens(low) >= least * (1 - 1e-15)) || least > most) return null;
  let end: number | null = null;
  return {
    low,
    get high() {
      end ??= tokens(top) >= least ? top : lastAbove(affordable, least, low, top);
      return end;
    },
    holds: (x) => x > low && x < top && affordable(x) > least,
    tokens,
    slope(x, surface) {
      const y = affordable(x);
      const place = surface(x, Math.min(most, y));
      return y >= most ? place.size : place.size - place.tokens * given(x, y);
    },
  };
}

/** The last x of a falling f at or above a value, by bisection. */
function lastAbove(f: (x: number) => number, value: number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (let i = 0; i < 200 && b - a > 4e-16 * Math.max(1, Math.abs(b)); i++) {
    const middle = (a + b) / 2;
    if (f(middle) >= value) a = middle;
    else b = middle;
  }
  return a;
}
