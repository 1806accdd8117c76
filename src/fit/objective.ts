/**
 * Objectives: what a row contributes, as a function of one prediction. The solver sees only the contribution and
 * its first two derivatives in the predicted value; it does not know which objective it has.
 *
 * Every objective is a sum over rows. Residual r = y - m, with y and m both logs (`scale: "log"`) or both raw.
 *
 *   squares   rho = r^2 / 2
 *   Huber     rho = r^2 / 2 for |r| <= delta, delta (|r| - delta/2) beyond     (arXiv 2203.15556, section 3.3)
 *   envelope  rho = tau r^2 / 2 for r > 0, (1 - tau) r^2 / 2 below, tau = 0.05: the curve lies along the lowest rows
 *             (an expectile; Newey and Powell, Econometrica 55, 1987)
 *   absolute  rho = |r|; solved as the limit of Huber's rho / delta, delta -> 0 (`absolute.ts`)
 *   law-likelihood  rho = m: the law gives a row's negative log-likelihood itself; not for users to choose
 *   binomial  half the deviance of a rate, trials as weight                  (`binomial.ts`)
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
  "binomial",
];

export interface Objective {
  name: ObjectiveName;
  /** Whether observed and predicted values are compared as logs. */
  scale: "log" | "raw";
  /** The Huber threshold on the objective's scale; null where there is none. */
  delta: number | null;
  /** Contribution of one row. */
  rho(y: number, m: number): number;
  /** d rho / d m. */
  slope(y: number, m: number): number;
  /** d^2 rho / d m^2, where it exists; 0 on the linear part. */
  curvature(y: number, m: number): number;
  /** A curvature above 0 everywhere that majorises rho (iteratively reweighted squares). */
  majorant(y: number, m: number): number;
  /** The expected curvature of one row of weight 1, where it depends on the prediction; without it, 1. */
  information?(m: number): number;
  /** The residual on a scale where the noise of all rows of one weight has one size; without it, y - m. */
  residual?(y: number, m: number): number;
}

export const isHuber = (name: ObjectiveName): boolean => name === "huber-log" || name === "huber";
export const isAbsolute = (name: ObjectiveName): boolean => name === "absolute-log" || name === "absolute";
export const isSquares = (name: ObjectiveName): boolean => name === "squares-log" || name === "squares";
export const isLog = (name: ObjectiveName): boolean => name.endsWith("-log");

/**
 * The objective of this name. `delta` must be > 0 for the Huber objectives; for the absolute ones it is the width of
 * the zone in which |r| is rounded off so that it has derivatives.
 */
export function makeObjective(name: ObjectiveName, delta: number | null): Objective {
  if (name === "binomial") return binomial;
  if (name === "law-likelihood") return lawLikelihood;
  const scale = isLog(name) ? "log" : "raw";
  if (isAbsolute(name)) return roundedAbsolute(name, scale, delta ?? 1e-6);
  if (name.startsWith("envelope")) return envelope(name, scale);
  if (!isHuber(name)) {
    return {
      name,
      scale,
      delta: null,
      rho: (y, m) => ((y - m) * (y - m)) / 2,
      slope: (y, m) => m - y,
      curvature: () => 1,
      majorant: () => 1,
    };
  }
  const d = delta ?? 1e-3;
  return {
    name,
    scale,
    delta: d,
    rho(y, m) {
      const r = Math.abs(y - m);
      return r <= d ? (r * r) / 2 : d * (r - d / 2);
    },
    slope(y, m) {
      const r = m - y;
      return Math.max(-d, Math.min(d, r));
    },
    curvature: (y, m) => (Math.abs(y - m) <= d ? 1 : 0),
    majorant(y, m) {
      const r = Math.abs(y - m);
      return r <= d ? 1 : d / r;
    },
  };
}

/** Huber's rho over delta: |r| - delta/2 beyond delta, r^2 / (2 delta) within. */
function roundedAbsolute(name: ObjectiveName, scale: Objective["scale"], d: number): Objective {
  return {
    name,
    scale,
    delta: d,
    rho(y, m) {
      const r = Math.abs(y - m);
      return r <= d ? (r * r) / (2 * d) : r - d / 2;
    },
    slope: (y, m) => Math.max(-1, Math.min(1, (m - y) / d)),
    curvature: (y, m) => (Math.abs(y - m) <= d ? 1 / d : 0),
    majorant: (y, m) => 1 / Math.max(Math.abs(y - m), d),
  };
}

/** Share of the weight that a row above the curve has: with 0.05 the curve follows the best runs of each size. */
const ENVELOPE_SHARE = 0.05;

function envelope(name: ObjectiveName, scale: Objective["scale"]): Objective {
  const weight = (y: number, m: number) => (y > m ? ENVELOPE_SHARE : 1 - ENVELOPE_SHARE);
  return {
    name,
    scale,
    delta: null,
    rho: (y, m) => (weight(y, m) * (y - m) * (y - m)) / 2,
    slope: (y, m) => weight(y, m) * (m - y),
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
  rho: (_y, m) => m,
  slope: () => 1,
  curvature: () => 0,
  majorant: () => 1,
  information: () => 1,
  residual: () => 0,
};
