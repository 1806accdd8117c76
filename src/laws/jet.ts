/**
 * Numbers that carry their first and second derivatives (forward mode), for laws that no formula can hold: a sum over
 * epochs, the root of an equation. A law is written once over jets and its exact derivatives come with its value.
 *
 * A jet of p variables: value v, gradient g (p), Hessian h as its lower triangle, (i, j), j <= i, at i (i + 1)/2 + j. A
 * jet of no variables is a plain number.
 */
import { digamma, lgamma as logGamma, polygamma } from "./expression/gamma.js";

export interface Jet {
  readonly v: number;
  readonly g: Float64Array;
  readonly h: Float64Array;
}

const NONE = new Float64Array(0);

/** A constant; it takes part in jets of any number of variables. */
export const constant = (v: number): Jet => ({ v, g: NONE, h: NONE });

/** Variable number `i` of `p`, at the value `v`. */
export function variable(v: number, i: number, p: number): Jet {
  const g = new Float64Array(p);
  g[i] = 1;
  return { v, g, h: new Float64Array((p * (p + 1)) / 2) };
}

const isConstant = ({ g }: Jet): boolean => g.length === 0;

/** f(a), given f, f' and f'' at the value of a. */
export function mapped(a: Jet, f: number, f1: number, f2: number): Jet {
  if (isConstant(a)) return constant(f);
  const p = a.g.length;
  const g = new Float64Array(p);
  const h = new Float64Array(a.h.length);
  for (let i = 0, at = 0; i < p; i++) {
    g[i] = f1 * a.g[i];
    for (let j = 0; j <= i; j++, at++) h[at] = f1 * a.h[at] + f2 * a.g[i] * a.g[j];
  }
  return { v: f, g, h };
}

/** a + b. */
export function add(a: Jet | number, b: Jet | number): Jet {
  const [x, y] = [jetOf(a), jetOf(b)];
  const v = x.v + y.v;
  if (isConstant(x)) return { v, g: y.g, h: y.h };
  if (isConstant(y)) return { v, g: x.g, h: x.h };
  return { v, g: x.g.map((d, i) => d + y.g[i]), h: x.h.map((d, i) => d + y.h[i]) };
}

/** a b. */
export function multiply(a: Jet | number, b: Jet | number): Jet {
  const [x, y] = [jetOf(a), jetOf(b)];
  if (isConstant(x)) return mapped(y, x.v * y.v, x.v, 0);
  if (isConstant(y)) return mapped(x, x.v * y.v, y.v, 0);
  const p = x.g.length;
  const g = new Float64Array(p);
  const h = new Float64Array(x.h.length);
  for (let i = 0, at = 0; i < p; i++) {
    g[i] = x.v * y.g[i] + y.v * x.g[i];
    for (let j = 0; j <= i; j++, at++)
      h[at] = x.v * y.h[at] + y.v * x.h[at] + x.g[i] * y.g[j] + x.g[j] * y.g[i];
  }
  return { v: x.v * y.v, g, h };
}

const jetOf = (a: Jet | number): Jet => (typeof a === "number" ? constant(a) : a);

/** -a. */
export const negate = (a: Jet): Jet => mapped(a, -a.v, -1, 0);
/** a - b. */
export const subtract = (a: Jet | number, b: Jet | number): Jet => add(a, negate(jetOf(b)));
/** 1 / a. */
export const invert = (a: Jet): Jet => mapped(a, 1 / a.v, -1 / a.v ** 2, 2 / a.v ** 3);

/** a / b. */
export function divide(a: Jet | number, b: Jet | number): Jet {
  if (typeof b === "number") return multiply(a, 1 / b);
  return multiply(a, invert(b));
}

export function exp(a: Jet): Jet {
  const f = Math.exp(a.v);
  return mapped(a, f, f, f);
}

export function expm1(a: Jet): Jet {
  const f = Math.exp(a.v);
  return mapped(a, Math.expm1(a.v), f, f);
}

export const log = (a: Jet): Jet => mapped(a, Math.log(a.v), 1 / a.v, -1 / a.v ** 2);
export const log1p = (a: Jet): Jet => mapped(a, Math.log1p(a.v), 1 / (1 + a.v), -1 / (1 + a.v) ** 2);

/** a^b for a > 0, or for any a where b is a plain number. */
export function power(a: Jet | number, b: Jet | number): Jet {
  if (typeof b === "number") {
    const x = jetOf(a);
    return mapped(x, x.v ** b, b * x.v ** (b - 1), b * (b - 1) * x.v ** (b - 2));
  }
  if (typeof a === "number") {
    const [f, l] = [a ** b.v, Math.log(a)];
    return mapped(b, f, f * l, f * l * l);
  }
  if (isConstant(a) && isConstant(b)) return constant(a.v ** b.v);
  return exp(multiply(b, log(a)));
}

/** ln(1 + e^a) without overflow. */
export function softplus(a: Jet): Jet {
  const s = 1 / (1 + Math.exp(-a.v));
  // 1 - s as 1/(1 + e^a): the difference is 0 from a = 37 on.
  const rest = 1 / (1 + Math.exp(a.v));
  return mapped(a, Math.max(a.v, 0) + Math.log1p(Math.exp(-Math.abs(a.v))), s, s * rest);
}

/** 1 / (1 + e^-a). */
export function sigmoid(a: Jet): Jet {
  const s = 1 / (1 + Math.exp(-a.v));
  const rest = 1 / (1 + Math.exp(a.v));
  return mapped(a, s, s * rest, s * rest * (rest - s));
}

/** ln Gamma(a), for a > 0. */
export const lgamma = (a: Jet): Jet => mapped(a, logGamma(a.v), digamma(a.v), polygamma(1, a.v));

/** The smaller of the two; at a tie the first, whose derivatives then count. */
export const least = (a: Jet, b: Jet): Jet => (b.v < a.v ? b : a);
/** The larger of the two; at a tie the first. */
export const most = (a: Jet, b: Jet): Jet => (b.v > a.v ? b : a);
/** The sum, in order. */
export const sum = (terms: readonly Jet[]): Jet => terms.reduce(add, constant(0));

/**
 * The root w of F(w, ...) = 0 with its derivatives, from its value: two steps of Newton's method over jets make the first
 * and then the second derivatives exact.
 *
 * @param root the value of the root, to rounding
 * @param F the function over jets, F(w) with w a jet in the same variables
 * @param slope dF/dw at the root, not 0
 */
export function implicit(root: number, F: (w: Jet) => Jet, slope: number): Jet {
  let w = constant(root);
  for (let step = 0; step < 2; step++) {
    const move = divide(F(w), slope);
    // The value is known already; its last bit is not to be moved.
    w = { ...subtract(w, move), v: root };
  }
  return w;
}
