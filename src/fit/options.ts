import type { ObjectiveName } from "./objective.js";

export type IntervalKind = "percentile" | "covariance";

export interface FitOptions {
  objective: ObjectiveName;
  delta: "auto" | number;
  /** Resamples; 0 takes the covariance instead, `auto` does so for very many rows. */
  bootstrap: "auto" | number;
  seed: number;
  /** Confidence level, in (0, 1). */
  level: number;
  interval: IntervalKind;
}

export type SettledOptions = FitOptions & { bootstrap: number };

export const DEFAULT_OPTIONS: FitOptions = {
  objective: "huber-log",
  delta: "auto",
  bootstrap: "auto",
  seed: 1,
  level: 0.95,
  interval: "percentile",
};

/** Resamples unless asked otherwise: enough for 95 % limits. */
export const RESAMPLES = 1000;
/** Beyond this many rows `auto` takes the covariance: it is exact enough there, and a thousand refits take minutes. */
const RESAMPLED_ROWS = 24_000;

export function settleOptions(asked: FitOptions, rows: number): SettledOptions {
  const bootstrap = asked.bootstrap === "auto" ? (rows > RESAMPLED_ROWS ? 0 : RESAMPLES) : asked.bootstrap;
  return { ...asked, bootstrap };
}
