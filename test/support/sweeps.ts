/** Simulated logs with a known law behind them. */
import type { Columns } from "./csv.js";
import { between, normal } from "./random.js";

export interface Truth {
  E: number;
  A: number;
  B: number;
  alpha: number;
  beta: number;
}

export const lossOf = ({ E, A, B, alpha, beta }: Truth, N: number, D: number): number =>
  E + A / N ** alpha + B / D ** beta;

/** A random law: exponents 0.05 to 1, floor 0 to 3, each term 0.1 to 3 at N = 3e8, D = 6e9. */
export function randomTruth(random: () => number): Truth {
  const alpha = between(random, 0.05, 1);
  const beta = between(random, 0.05, 1);
  const term = () => 10 ** between(random, -1, 0.5);
  return {
    E: between(random, 0, 3),
    A: term() * 3e8 ** alpha,
    alpha,
    B: term() * 6e9 ** beta,
    beta,
  };
}

export interface LogOptions {
  rows: number;
  /** Standard deviation of the log loss. */
  noise: number;
  /** Share of rows that are 2 to 30 % too high. */
  outliers: number;
}

/** Runs scattered over 1.5 decades of N and 2 of D about N = 3e8, D = 6e9. */
export function randomLog(
  truth: Truth,
  { rows, noise, outliers }: LogOptions,
  random: () => number,
): Columns {
  const log: Columns = { N: [], D: [], loss: [] };
  for (let i = 0; i < rows; i++) {
    const N = 3e8 * 10 ** between(random, -0.75, 0.75);
    const D = 6e9 * 10 ** between(random, -1, 1);
    const high = random() < outliers ? 1 + between(random, 0.02, 0.3) : 1;
    log.N.push(N);
    log.D.push(D);
    log.loss.push(lossOf(truth, N, D) * high * Math.exp(noise * normal(random)));
  }
  return log;
}

/** The published law of arXiv 2404.10102. */
export const BESIROGLU: Truth = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };

/** The size with the least loss under C = 6 N D, by the closed form of arXiv 2203.15556, eq. 4. */
export function bestSize({ A, B, alpha, beta }: Truth, C: number): number {
  return ((alpha * A) / (beta * B)) ** (1 / (alpha + beta)) * (C / 6) ** (beta / (alpha + beta));
}

/** An isoFLOP sweep: at each budget `sizes` models, evenly in ln N within `reach` decades of the best size. */
export function isoFlopSweep(
  truth: Truth,
  budgets: readonly number[],
  sizes: number,
  reach: number,
  noise: number,
  random: () => number,
): Columns {
  const log: Columns = { N: [], D: [], loss: [] };
  for (const C of budgets) {
    for (let j = 0; j < sizes; j++) {
      const N = bestSize(truth, C) * 10 ** (reach * ((2 * j) / (sizes - 1) - 1));
      const D = C / (6 * N);
      log.N.push(N);
      log.D.push(D);
      log.loss.push(lossOf(truth, N, D) * Math.exp(noise * normal(random)));
    }
  }
  return log;
}
