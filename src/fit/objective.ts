/**
 * Objectives: what a row contributes, as a function of one prediction. The solver sees only the contribution and
 * its first two derivatives in the predicted value; it does not know which objective it has.
 *
 * Every objective is a sum over rows. Residual r = y - m, with y and m both logs (`scale: "log"`) or both raw.
 *
 *   squares   rho = r^2 / 2
 *   Huber     rho = r^2 / 2 for |r| <= delta, delta (|r| - delta/2) beyond     (arXiv 2203.15556, section 3.3)
 */
export type ObjectiveName = "huber-log" | "huber" | "squares-log" | "squares";

export const OBJECTIVE_NAMES: readonly ObjectiveName[] = ["huber-log", "huber", "squares-log", "squares"];

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
}

export const isHuber = (name: ObjectiveName): boolean => name === "huber-log" || name === "huber";
export const isLog = (name: ObjectiveName): boolean => name === "huber-log" || name === "squares-log";

/** The objective of this name; `delta` is used by the Huber objectives and must be > 0 there. */
export function makeObjective(name: ObjectiveName, delta: number | null): Objective {
  const scale = isLog(name) ? "log" : "raw";
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
