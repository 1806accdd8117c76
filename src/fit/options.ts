import { UsageError } from "../errors.js";
import type { Law } from "../laws/law.js";
import {
  isAbsolute,
  isEnvelope,
  isHuber,
  isLikelihood,
  OBJECTIVE_NAMES,
  type ObjectiveName,
} from "./objective.js";

export const INTERVAL_KINDS = ["percentile", "bca", "bootstrap-t", "covariance", "profile"] as const;
export type IntervalKind = (typeof INTERVAL_KINDS)[number];

export const RESAMPLE_KINDS = ["cases", "residuals", "parametric"] as const;
export type ResampleKind = (typeof RESAMPLE_KINDS)[number];

export const COVARIANCE_KINDS = ["classical", "sandwich"] as const;
export type CovarianceKind = (typeof COVARIANCE_KINDS)[number];

export interface FitOptions {
  objective: ObjectiveName;
  delta: "auto" | number;
  /** Resamples; 0 takes the covariance instead, `auto` does so for very many rows. */
  bootstrap: "auto" | number;
  seed: number;
  /** Confidence level, in (0, 1). */
  level: number;
  interval: IntervalKind;
  /** `sandwich` does without equal noise: HC3, or by clusters where rows share an error. */
  covariance: CovarianceKind;
  /** What is drawn: rows (or whole runs), residuals about the curve, or Gaussian noise; `auto` is what the interval needs. */
  resample: "auto" | ResampleKind;
}

export type SettledOptions = FitOptions & { bootstrap: number; resample: ResampleKind };

export const DEFAULT_OPTIONS: FitOptions = {
  objective: "huber-log",
  delta: "auto",
  bootstrap: "auto",
  seed: 1,
  level: 0.95,
  interval: "percentile",
  covariance: "classical",
  resample: "auto",
};

/** The options with the objective that the law asks for, where it asks for one. */
export function optionsFor({ objective }: Law, options: FitOptions): FitOptions {
  const own = OBJECTIVE_NAMES.find((name) => name === objective);
  return own === undefined ? options : { ...options, objective: own };
}

/** Resamples unless asked otherwise: enough for 95 % limits. */
export const RESAMPLES = 1000;
/** Beyond this many rows `auto` takes the covariance: it is exact enough there, and a thousand refits take minutes. */
const RESAMPLED_ROWS = 24_000;

/** @throws UsageError where the options contradict each other */
export function settleOptions(asked: FitOptions, rows: number): SettledOptions {
  requireConsistent(asked);
  const isNeeded = asked.interval === "bca" || asked.interval === "bootstrap-t";
  const automatic = rows > RESAMPLED_ROWS && !isNeeded ? 0 : RESAMPLES;
  return {
    ...asked,
    bootstrap: asked.bootstrap === "auto" ? automatic : asked.bootstrap,
    resample:
      asked.resample !== "auto" ? asked.resample : asked.interval === "bootstrap-t" ? "residuals" : "cases",
  };
}

const contradiction = (message: string, why: string, hint: string): UsageError =>
  new UsageError({ code: "flags", message, why, hint });

/**
 * Whether an interval can be had with this objective and these resamples. The measured coverages behind these rules
 * are in test/bench/coverage.
 *
 * @throws UsageError
 */
export function requireConsistent({
  interval,
  objective,
  delta,
  bootstrap,
  covariance,
  resample,
}: FitOptions): void {
  if (interval === "bca" && (!isHuber(objective) || delta === "auto")) {
    throw contradiction(
      "--interval bca is for a Huber objective with a given delta",
      "there percentile limits come out too wide; at the adaptive delta and with squares they are right as they are, and BCa limits fall to 89-92 % with outliers or unequal noise",
      "leave --interval out, or give the threshold: --delta 1e-3 --interval bca",
    );
  }
  if ((interval === "bca" || interval === "bootstrap-t") && bootstrap === 0) {
    throw contradiction(
      `--interval ${interval} needs resamples, and --bootstrap is 0`,
      "its limits are quantiles of resamples",
      "leave --bootstrap out, or take --interval covariance",
    );
  }
  if (interval === "bca" && resample !== "auto" && resample !== "cases") {
    throw contradiction(
      `--interval bca and --resample ${resample} do not go together`,
      "its correction rests on the fits without one row, which belong to resampled rows",
      "leave --resample out, or take --interval percentile",
    );
  }
  if (interval === "bootstrap-t" && resample !== "auto" && resample !== "residuals") {
    throw contradiction(
      `--interval bootstrap-t and --resample ${resample} do not go together`,
      "only its form with resampled residuals has been measured (94-95 % where 95 % are promised)",
      "leave --resample out",
    );
  }
  if (interval === "bootstrap-t" && covariance === "sandwich") {
    throw contradiction(
      "--interval bootstrap-t and --covariance sandwich do not go together",
      "its draws have noise of one size, and each its classical covariance",
      "leave one of them out",
    );
  }
  if (resample === "parametric" && isEnvelope(objective)) {
    throw contradiction(
      `--resample parametric and --objective ${objective} do not go together`,
      "the rows lie above their envelope, and Gaussian noise would lie about it",
      "take --resample residuals, or leave it out",
    );
  }
  if (
    (objective === "binomial" || objective === "law-likelihood") &&
    (interval === "bootstrap-t" || resample === "residuals" || resample === "parametric")
  ) {
    const asked = interval === "bootstrap-t" ? `--interval ${interval}` : `--resample ${resample}`;
    throw contradiction(
      `${asked} is not for counts`,
      "it draws new noise of one size about the curve, and the noise of counts depends on their rate and trials",
      "leave it out: rows are resampled; or take --interval profile or covariance, which hold the trials",
    );
  }
  if (
    (isAbsolute(objective) || isLikelihood(objective)) &&
    (interval === "bootstrap-t" || interval === "profile")
  ) {
    throw contradiction(
      `--interval ${interval} is for squares and Huber objectives, not for ${objective}`,
      isAbsolute(objective)
        ? "a sum of absolute values has no curvature that its limits could rest on"
        : "every draw and every point of a profile would need a scale of its own",
      "leave --interval out",
    );
  }
}
