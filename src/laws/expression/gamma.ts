/**
 * The logarithm of the gamma function and its derivatives, for x > 0 (elsewhere NaN): Stirling's series at large x,
 * reached by the recurrence Gamma(x + 1) = x Gamma(x).
 *
 * @see Abramowitz and Stegun, 6.1.40, 6.3.18, 6.4.11 (series), 6.1.15, 6.3.5, 6.4.6 (recurrences)
 */

/** B_2, B_4, ..., B_24: the last term used is below 1e-17 of the sum from `LARGE` on. */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
  -236364091 / 2730,
];

/** Where the series are used, for the gamma function itself; n further on for its n-th derivatives. */
const LARGE = 12;

/** ln Gamma(x); right to 3e-15 absolute for x below 12, to rounding beyond. */
export function lgamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let product = 1;
  let z = x;
  for (; z < LARGE; z++) product *= z;
  let series = 0;
  for (let k = BERNOULLI.length; k > 0; k--)
    series = (series + BERNOULLI[k - 1] / (2 * k * (2 * k - 1))) / (k > 1 ? z * z : z);
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}

/** d/dx ln Gamma(x). */
export function digamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  let shifted = 0;
  let z = x;
  for (; z < LARGE; z++) shifted += 1 / z;
  let series = 0;
  for (let k = BERNOULLI.length; k > 0; k--) series = (series + BERNOULLI[k - 1] / (2 * k)) / (z * z);
  return Math.log(z) - 1 / (2 * z) - series - shifted;
}

/** The n-th derivative of digamma, n a whole number of 0 or more. */
export function polygamma(n: number, x: number): number {
  if (n === 0) return digamma(x);
  if (!(x > 0 && Number.isInteger(n) && n > 0)) return Number.NaN;
  let shifted = 0;
  let z = x;
  for (; z < LARGE + n; z++) shifted += z ** -(n + 1);
  // Term k of the series over n!/z^n: B_2k (2k+n-1)! / ((2k)! n! z^2k).
  let series = 1 / n + 1 / (2 * z);
  let ratio = 1;
  for (let k = 1; k <= BERNOULLI.length; k++) {
    ratio *= k === 1 ? (n + 1) / 2 : ((2 * k + n - 1) * (2 * k + n - 2)) / (2 * k * (2 * k - 1));
    series += (BERNOULLI[k - 1] * ratio) / z ** (2 * k);
  }
  const factorial = Math.exp(lgamma(n + 1));
  return (n % 2 === 0 ? -1 : 1) * factorial * (series / z ** n + shifted);
}
