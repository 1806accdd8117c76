/**
 * The log of a ratio of gamma functions over jets: what Beta functions of very unequal arguments are made of, without
 * the difference of two large logarithms. Series and recurrences: NIST Digital Library of Mathematical Functions,
 * sections 5.5 and 5.11.
 */
import { add, constant, type Jet, mapped, subtract } from "./jet.js";

/** Coefficients of x^-1, x^-3, ... in ln Gamma(x) - (x - 1/2) ln x + x - ln(2 pi)/2: B_2j / (2j (2j - 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
/** From here on seven terms are right to 1e-16; smaller arguments are moved up by Gamma(x + 1) = x Gamma(x). */
const LARGE = 12;

/** ln Gamma(x + a) - ln Gamma(x) for x > 0, a >= 0. */
export function lnGammaRatio(x: Jet, a: Jet): Jet {
  const sum = add(x, a);
  if (sum.g.length === 0) return constant(ratio(x.v, a.v));
  const slopes = subtract(
    mapped(sum, 0, digamma(sum.v), trigamma(sum.v)),
    mapped(x, 0, digamma(x.v), trigamma(x.v)),
  );
  return { ...slopes, v: ratio(x.v, a.v) };
}

function ratio(x: number, a: number): number {
  let from = x;
  let moved = 0;
  for (; from < LARGE; from++) moved += Math.log1p(a / from);
  const to = from + a;
  const leading = (from - 0.5) * Math.log1p(a / from) + a * (Math.log(to) - 1);
  return leading + (stirling(to) - stirling(from)) - moved;
}

function stirling(x: number): number {
  let total = 0;
  for (let j = STIRLING.length - 1; j >= 0; j--) total = total / (x * x) + STIRLING[j];
  return total / x;
}

/** d ln Gamma / dx. */
function digamma(x: number): number {
  let from = x;
  let moved = 0;
  for (; from < LARGE; from++) moved += 1 / from;
  let series = 0;
  for (let j = STIRLING.length - 1; j >= 0; j--)
    series = (series + (2 * j + 1) * STIRLING[j]) / (from * from);
  return Math.log(from) - 0.5 / from - series - moved;
}

/** d^2 ln Gamma / dx^2. */
function trigamma(x: number): number {
  let from = x;
  let moved = 0;
  for (; from < LARGE; from++) moved += 1 / (from * from);
  let series = 0;
  for (let j = STIRLING.length - 1; j >= 0; j--)
    series = (series + (2 * j + 1) * (2 * j + 2) * STIRLING[j]) / (from * from);
  return (1 + 0.5 / from + series) / from + moved;
}
