/**
 * Objectives: what a row contributes, as a function of one prediction. The solver sees only the contribution and
 * its first two derivatives in the predicted value; it does not know which objective it has.
 *
 * Every objective is a sum over rows. Residual r = q (y - m), with y and m both logs (`scale: "log"`) or both raw, and
 * q = 1/s where the noise s of a row is known, else 1: precision belongs inside rho, so that delta counts in units of each
 * row's own noise. Outside of rho, w rho(r), delta would be too small for noisy rows and too large for the others.
 *
 *   squares   rho = r^2 / 2
 *   Huber     rho = r^2 / 2 for |r| <= delta, delta (|r| - delta/2) beyond     (arXiv 2203.15556, section 3.3)
 *   envelope  rho = tau r^2 / 2 for r > 0, (1 - tau) r^2 / 2 below, tau = 0.05: the curve lies along the lowest rows
 *             (an expectile; Newey and Powell, Econometrica 55, 1987)
 *   huber-likelihood  Huber's rho of r / s, the scale s fitted too (`likelihood.ts`); at a given s it is Huber's sum
 *   absolute  rho = |r|, the limit of Huber's rho / delta for delta -> 0 (`absolute.ts`)
 *   law-likelihood  rho = q^2 m: the law gives a row's negative log-likelihood itself; not for users to choose
 *   binomial  half the deviance of a rate, with q^2 trials                   (`binomial.ts`)
 */
import { binomial } from "./binomial.js";

export type ObjectiveName =
  | "huber-log"
  | "huber"
  | "squares-log"
  | "squares"
  | "absolute-log"
  | "absolute"
  | "envelope-log"
  | "envelope"
  | "huber-likelihood-log"
  | "huber-likelihood"
  | "binomial"
  | "law-likelihood";

export const OBJECTIVE_NAMES: readonly ObjectiveName[] = [
  "huber-log",
  "huber",
  "squares-log",
  "squares",
  "absolute-log",
  "absolute",
  "envelope-log",
  "envelope",
  "huber-likelihood-log",
  "huber-likelihood",
  "binomial",
];

/** A block of rows: those of `y`, `weight` and `inverseNoise` from `from` on, those of `predicted` from 0. */
export interface JudgedRows {
  y: Float64Array;
  predicted: Float64Array;
  from: number;
  count: number;
  /** How often each row counts; null for all 1. */
  weight: Float64Array | null;
  /** q of each row; null for all 1. */
  inverseNoise: Float64Array | null;
}

/** What each row of a block gives, times how often it counts. */
export interface RowDerivatives {
  slope: Float64Array;
  curvature: Float64Array;
  majorant: Float64Array;
}

export interface Objective {
  name: ObjectiveName;
  /** Whether observed and predicted values are compared as logs. */
  scale: "log" | "raw";
  /** The Huber threshold on r, in the objective's scale or in units of the rows' noise; null where there is none. */
  delta: number | null;
  /** Contribution of one row. */
  rho(y: number, m: number, q: number): number;
  /** d rho / d m. */
  slope(y: number, m: number, q: number): number;
  /** d^2 rho / d m^2, where it exists; 0 on the linear part. */
  curvature(y: number, m: number, q: number): number;
  /** A curvature above 0 everywhere that majorises rho (iteratively reweighted squares). */
  majorant(y: number, m: number, q: number): number;
  /**
   * All four for a block of rows in one loop, where an objective has one: most of a fit is spent on it. Without it they are
   * asked for row by row.
   *
   * @returns the sum of the contributions, each as often as it counts
   */
  judge?(rows: JudgedRows, into: RowDerivatives): number;
  /** The expected curvature of one row of q = 1, where it depends on the prediction; without it, 1. */
  information?(m: number): number;
  /** The residual on a scale where the noise of all rows of one q has one size; without it, y - m. */
  residual?(y: number, m: number): number;
}

export const isLikelihood = (name: ObjectiveName): boolean => name.startsWith("huber-likelihood");
/** At a given scale a likelihood is one. */
export const isHuber = (name: ObjectiveName): boolean => name.startsWith("huber");
export const isAbsolute = (name: ObjectiveName): boolean => name === "absolute-log" || name === "absolute";
export const isSquares = (name: ObjectiveName): boolean => name === "squares-log" || name === "squares";
export const isEnvelope = (name: ObjectiveName): boolean => name.startsWith("envelope");
export const isLog = (name: ObjectiveName): boolean => name.endsWith("-log");

/**
 * The objective of this name. `delta` must be > 0 for the Huber objectives; for the absolute ones it is the width of
 * the zone in which |r| is rounded off so that it has derivatives.
 */
export function makeObjective(name: ObjectiveName, delta: number | null): Objective {
  if (name === "binomial") return binomial;
  if (name === "law-likelihood") return lawLikelihood;
  const scale = isLog(name) ? "log" : "raw";
  if (isAbsolute(name)) return huber(name, scale, delta ?? 1e-6);
  if (isHuber(name)) return huber(name, scale, delta ?? 1e-3);
  if (isEnvelope(name)) return envelope(name, scale);
  return {
    name,
    scale,
    delta: null,
    rho(y, m, q) {
      const r = q * (y - m);
      return (r * r) / 2;
    },
    slope: (y, m, q) => q * q * (m - y),
    curvature: (_y, _m, q) => q * q,
    majorant: (_y, _m, q) => q * q,
  };
}

/** Huber's rho; over delta where it stands for |r|: |r| - delta/2 beyond delta, r^2 / (2 delta) within. */
function huber(name: ObjectiveName, scale: Objective["scale"], d: number): Objective {
  const factor = isAbsolute(name) ? 1 / d : 1;
  return {
    name,
    scale,
    delta: d,
    rho(y, m, q) {
      const r = q * Math.abs(y - m);
      return factor * (r <= d ? (r * r) / 2 : d * (r - d / 2));
    },
    slope: (y, m, q) => factor * q * Math.max(-d, Math.min(d, q * (m - y))),
    curvature: (y, m, q) => (q * Math.abs(y - m) <= d ? factor * q * q : 0),
    majorant(y, m, q) {
      const r = q * Math.abs(y - m);
      return factor * q * q * (r <= d ? 1 : d / r);
    },
    judge({ y, predicted, from, count, weight, inverseNoise }, { slope, curvature, majorant }) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        const w = weight === null ? 1 : weight[from + i];
        const q = inverseNoise === null ? 1 : inverseNoise[from + i];
        const away = q * (predicted[i] - y[from + i]);
        const r = Math.abs(away);
        const unit = factor * q;
        if (r <= d) {
          slope[i] = w * (unit * away);
          curvature[i] = w * (unit * q);
          majorant[i] = w * (unit * q);
          sum += w * (factor * ((r * r) / 2));
        } else {
          slope[i] = w * (away > 0 ? unit * d : -unit * d);
          curvature[i] = 0;
          majorant[i] = w * (unit * q * (d / r));
          sum += w * (factor * (d * (r - d / 2)));
        }
      }
      return sum;
    },
  };
}

/** Share of the weight that a row above the curve has: with 0.05 the curve follows the best runs of each size. */
const ENVELOPE_SHARE = 0.05;

function envelope(name: ObjectiveName, scale: Objective["scale"]): Objective {
  const weight = (y: number, m: number, q: number) => q * q * (y > m ? ENVELOPE_SHARE : 1 - ENVELOPE_SHARE);
  return {
    name,
    scale,
    delta: null,
    rho: (y, m, q) => (weight(y, m, q) * (y - m) * (y - m)) / 2,
    slope: (y, m, q) => weight(y, m, q) * (m - y),
    curvature: weight,
    majorant: weight,
  };
}

/**
 * The law's value is what a row contributes. Its expected curvature is estimated by the square of its slope (Berndt, Hall,
 * Hall and Hausman, Ann. Econ. Soc. Meas. 3, 1974), so that J'J is the information and its inverse the covariance. There
 * are no residuals.
 */
const lawLikelihood: Objective = {
  name: "law-likelihood",
  scale: "raw",
  delta: null,
  rho: (_y, m, q) => q * q * m,
  slope: (_y, _m, q) => q * q,
  curvature: () => 0,
  majorant: (_y, _m, q) => q * q,
  information: () => 1,
  residual: () => 0,
};
