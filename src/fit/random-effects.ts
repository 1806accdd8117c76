/**
 * The linear model with random effects that pooling rests on: the rows of family g are z = J u_g + e, e of standard deviation
 * sigma, and its coordinates u_g are drawn about the mean of all families with standard deviations tau, one a coordinate. By
 * families' sums J'J, J'z, z'z alone, so that a likelihood costs families x coordinates^3 whatever the rows.
 *
 * With few families a single best tau is often 0 and would promise too much: sigma and tau are drawn from their
 * distribution given the rows, by slice sampling (Neal, Ann. Statist. 31, 2003) of the restricted likelihood (Patterson and
 * Thompson, Biometrika 58, 1971) times a half-Cauchy density of each tau (Gelman, Bayesian Analysis 1, 2006).
 */
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import type { RandomStream } from "./random.js";

/** Sums over the rows of a family; J'J row-major. */
export interface FamilySums {
  JJ: Float64Array;
  Jz: Float64Array;
  zz: number;
  rows: number;
}

export interface Spreads {
  /** Between families, by coordinate. */
  tau: Float64Array;
  /** Of one row. */
  sigma: number;
}

/** The mean of the families given the spreads. */
export interface PopulationMean {
  mean: Float64Array;
  /** Row-major. */
  covariance: Float64Array;
  logLikelihood: number;
}

/** Precision of a prior of the mean, in units of the objective: no more than what keeps sums of few rows from being singular. */
const LEAST_PRECISION = 1e-4;

/** The mean by generalised least squares, and the restricted likelihood; null where it cannot be had. */
export function populationMean(
  families: readonly FamilySums[],
  { tau, sigma }: Spreads,
): PopulationMean | null {
  const p = tau.length;
  const P = new Float64Array(p * p);
  const q = new Float64Array(p);
  for (let k = 0; k < p; k++) P[k * p + k] = LEAST_PRECISION;
  const precision = 1 / sigma ** 2;
  let twice = 0;
  const K = new Float64Array(p * p);
  const Y = new Float64Array(p * p);
  const y = new Float64Array(p);
  for (const { JJ, Jz, zz, rows } of families) {
    for (let a = 0; a < p; a++)
      for (let b = 0; b <= a; b++)
        K[a * p + b] = (a === b ? 1 : 0) + tau[a] * tau[b] * precision * JJ[a * p + b];
    if (!choleskyInPlace(K, p)) return null;
    // Y = K^-1/2 S Lambda and y = K^-1/2 S h, by forward substitution.
    for (let a = 0; a < p; a++) {
      for (let column = 0; column < p; column++) {
        let sum = tau[a] * precision * JJ[a * p + column];
        for (let b = 0; b < a; b++) sum -= K[a * p + b] * Y[b * p + column];
        Y[a * p + column] = sum / K[a * p + a];
      }
      let sum = tau[a] * precision * Jz[a];
      for (let b = 0; b < a; b++) sum -= K[a * p + b] * y[b];
      y[a] = sum / K[a * p + a];
      twice += 2 * Math.log(K[a * p + a]) - y[a] * y[a];
    }
    twice += 2 * rows * Math.log(sigma) + precision * zz;
    for (let a = 0; a < p; a++) {
      let linear = precision * Jz[a];
      for (let k = 0; k < p; k++) linear -= Y[k * p + a] * y[k];
      q[a] += linear;
      for (let b = 0; b <= a; b++) {
        let sum = precision * JJ[a * p + b];
        for (let k = 0; k < p; k++) sum -= Y[k * p + a] * Y[k * p + b];
        P[a * p + b] += sum;
      }
    }
  }
  if (!choleskyInPlace(P, p)) return null;
  const mean = Float64Array.from(q);
  choleskySolveInPlace(P, mean, p);
  for (let a = 0; a < p; a++) twice += 2 * Math.log(P[a * p + a]) - q[a] * mean[a];
  return { mean, covariance: inverseFrom(P, p), logLikelihood: -twice / 2 };
}

/** The inverse from a factor made by `choleskyInPlace`. */
export function inverseFrom(L: Float64Array, p: number): Float64Array {
  const inverse = new Float64Array(p * p);
  const column = new Float64Array(p);
  for (let j = 0; j < p; j++) {
    column.fill(0);
    column[j] = 1;
    choleskySolveInPlace(L, column, p);
    for (let i = 0; i < p; i++) inverse[i * p + j] = column[i];
  }
  return inverse;
}

/** Where the sampler begins, and what it holds taus against. */
export interface SpreadsAsked {
  start: Spreads;
  /** Scales of the half-Cauchy densities, by coordinate. */
  usual: Float64Array;
  draws: number;
}

/** Sweeps before the first that counts. */
const BURN_IN = 40;
/** tau below this part of the scale is nothing. */
const LEAST_SHARE = 1e-3;
/** Steps by which an interval of a slice grows, in ln tau. */
const STEP = 1.5;
const MOST_STEPS = 12;

/** @returns as many as asked, one a sweep; fewer (none) where the likelihood has no value */
export function drawSpreads(
  families: readonly FamilySums[],
  { start, usual, draws }: SpreadsAsked,
  stream: RandomStream,
): Spreads[] {
  const p = start.tau.length;
  const place = Float64Array.from([
    ...Array.from(start.tau, (tau, k) => Math.log(Math.max(tau, 0.1 * usual[k]))),
    Math.log(start.sigma),
  ]);
  const floor = usual.map((tau) => Math.log(LEAST_SHARE * tau));
  const spreadsAt = (x: Float64Array): Spreads => ({
    tau: x.subarray(0, p).map(Math.exp),
    sigma: Math.exp(x[p]),
  });
  const density = (x: Float64Array): number => {
    let log = 0;
    for (let k = 0; k < p; k++) {
      if (x[k] < floor[k] || x[k] > 5) return Number.NEGATIVE_INFINITY;
      log += x[k] - Math.log1p((Math.exp(x[k]) / usual[k]) ** 2);
    }
    return log + (populationMean(families, spreadsAt(x))?.logLikelihood ?? Number.NEGATIVE_INFINITY);
  };
  let here = density(place);
  if (!Number.isFinite(here)) return [];
  const found: Spreads[] = [];
  for (let sweep = 0; sweep < BURN_IN + draws; sweep++) {
    for (let k = 0; k <= p; k++) here = slice(place, k, k === p ? STEP / 8 : STEP, here, density, stream);
    if (sweep >= BURN_IN) found.push(spreadsAt(place));
  }
  return found;
}

/** Moves one coordinate in place; returns the log density there. */
function slice(
  place: Float64Array,
  k: number,
  width: number,
  here: number,
  density: (x: Float64Array) => number,
  stream: RandomStream,
): number {
  const from = place[k];
  const level = here + Math.log(stream.uniform());
  const at = (value: number): number => {
    place[k] = value;
    return density(place);
  };
  let low = from - width * stream.uniform();
  let high = low + width;
  for (let step = 0; step < MOST_STEPS && at(low) > level; step++) low -= width;
  for (let step = 0; step < MOST_STEPS && at(high) > level; step++) high += width;
  for (;;) {
    const value = low + (high - low) * stream.uniform();
    const there = at(value);
    if (there > level) return there;
    if (value < from) low = value;
    else high = value;
    if (high - low < 1e-9) {
      place[k] = from;
      return here;
    }
  }
}
