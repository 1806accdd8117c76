/**
 * Where a plan's coefficients come from: a saved fit, a published preset, or coefficients given outright. All
 * three become one thing: an estimate, draws (or the reason why there are none), and what is known of the data.
 */

import type { Law, Preset } from "../laws/law.js";
import type { Backtest, FitMemory, FittedLaw, LawChoice, Warning } from "../objects.js";

/** Coefficients by name, ready for a law's functions. */
export type Coefficients = Record<string, number>;

/** How limits come from draws. */
export type IntervalMethod =
  | { kind: "percentile" }
  /** Fits without one unit each. */
  | { kind: "bca"; leftOut: Coefficients[] }
  /** Covariances of the estimate and of each draw, row-major over the law's parameters. */
  | { kind: "bootstrap-t"; own: Float64Array; ofDraws: Float64Array[] }
  /** No draws: the estimate's covariance and n - p. */
  | { kind: "covariance"; own: Float64Array; degrees: number };

export interface Source {
  group: string | null;
  law: Law;
  /** In words, for the reader. */
  from: string;
  estimate: Coefficients;
  draws: Coefficients[];
  method: IntervalMethod;
  /** Limits move away from the estimate by this factor; 1 unless few clusters were drawn. */
  stretch: number;
  /** Why there are no draws; null when there are. */
  withoutDraws: string | null;
  level: number;
  /** Residuals of the fit on its scale, widened for the parameters spent: r sqrt(n / (n - p)). */
  residuals: number[];
  /** `angle`: of rates, 2 asin(sqrt(rate)), where the noise of counts has one size. */
  residualScale: "log" | "raw" | "angle";
  /** Range of the data by the law's inputs, where there are data. */
  range: Record<string, [number, number]> | null;
  largestProduct: number | null;
  /** How the largest rows came out against the law fitted without them; null where there are no data. */
  backtest: Backtest | null;
  /** How the fit's law was chosen; null where it was not. */
  choice: LawChoice | null;
  /** Codes of the fit's diagnosis. */
  diagnosis: ReadonlySet<string>;
  /** What each input was read from, by the law's input name (`x` -> `C`). */
  quantities: ReadonlyMap<string, string>;
  conventions: string | null;
  presetRange: Readonly<Record<string, readonly [number, number]>> | null;
  flopsPerParamToken: number;
  /** Inputs that are held at a value while the others are planned. */
  held?: Readonly<Record<string, number>>;
  /** The same before any were. */
  free?: Source;
}

/** C = 6 N D unless a preset says otherwise (arXiv 2001.08361, section 2.1). */
export const FLOPS_PER_PARAM_TOKEN = 6;

/** What a source takes from a fit, saved or just made. */
export type SourceFit = FitMemory &
  Pick<FittedLaw, "group" | "parameters" | "level" | "interval" | "inputs" | "diagnosis" | "choice"> & {
    objective: { name: string };
    data: Pick<FittedLaw["data"], "used" | "range" | "largestProduct">;
    backtest?: Backtest;
    pooled?: object;
  };

export function sourceFromFit(law: Law, fit: SourceFit, from: string): Source {
  const names = fit.draws.parameters;
  const estimate = Object.fromEntries(Object.entries(fit.parameters).map(([name, p]) => [name, p.estimate]));
  const draws = fit.draws.values.map((row) => named(names, row));
  const n = fit.data.used;
  const p = law.parameters.length;
  const degrees = fit.covariance?.degrees ?? n - p;
  const method = methodOf(fit, degrees);
  const widen = n > p ? Math.sqrt(n / (n - p)) : 1;
  return {
    group: fit.group,
    law,
    from,
    estimate,
    draws,
    method: method ?? { kind: "percentile" },
    stretch: fit.draws.stretch ?? 1,
    withoutDraws: method === null ? (reasonIn(fit) ?? `${n} rows, ${p} parameters`) : null,
    level: fit.level,
    // Those of other families are of rows whose own noise is known.
    residuals: fit.pooled !== undefined ? fit.residuals : n > p ? fit.residuals.map((r) => r * widen) : [],
    residualScale: scaleOf(fit.objective.name),
    range: fit.data.range,
    largestProduct: fit.data.largestProduct,
    backtest: fit.backtest ?? { m: null, reason: "the fit was saved without one" },
    choice: fit.choice ?? null,
    diagnosis: new Set(fit.diagnosis.map((d) => d.code)),
    quantities: new Map(fit.inputs.map((input) => [input.name, input.quantity])),
    conventions: null,
    presetRange: null,
    flopsPerParamToken: FLOPS_PER_PARAM_TOKEN,
  };
}

function named(names: readonly string[], values: readonly number[]): Coefficients {
  const c: Coefficients = {};
  for (let j = 0; j < names.length; j++) c[names[j]] = values[j];
  return c;
}

/** Why the fit's own parameters have no interval. */
const reasonIn = ({ parameters }: Pick<FittedLaw, "parameters">): string | undefined =>
  Object.values(parameters).find(({ reason }) => reason !== undefined)?.reason;

const scaleOf = (objective: string): Source["residualScale"] =>
  objective === "binomial" ? "angle" : objective.endsWith("-log") ? "log" : "raw";

/**
 * What a saved fit allows: percentiles of its draws where what a method needs was not saved, the covariance where there
 * are no draws, null without either.
 */
function methodOf(
  { interval, draws, covariance, leaveOneOut }: Pick<FittedLaw, "interval"> & FitMemory,
  degrees: number,
): IntervalMethod | null {
  const names = draws.parameters;
  if (draws.values.length < 2) {
    const isKnown = covariance?.values.some((row, j) => row[j] > 0) ?? false;
    const own = covariance?.degrees ?? degrees;
    if (covariance === null || !isKnown || own <= 0) return null;
    return { kind: "covariance", own: Float64Array.from(covariance.values.flat()), degrees: own };
  }
  if (interval === "bca" && leaveOneOut !== undefined) {
    const leftOut = leaveOneOut.values.map((row) => named(names, row));
    return { kind: "bca", leftOut };
  }
  if (interval === "bootstrap-t" && covariance !== null && draws.covariances !== undefined) {
    const ofDraws = draws.covariances.map((packed) => unpacked(packed, names.length));
    return { kind: "bootstrap-t", own: Float64Array.from(covariance.values.flat()), ofDraws };
  }
  return { kind: "percentile" };
}

/** A symmetric matrix from its lower triangle. */
function unpacked(packed: readonly number[], p: number): Float64Array {
  const V = new Float64Array(p * p);
  let at = 0;
  for (let r = 0; r < p; r++) {
    for (let s = 0; s <= r; s++) {
      V[r * p + s] = packed[at];
      V[s * p + r] = packed[at++];
    }
  }
  return V;
}

function withoutData(law: Law, from: string, estimate: Coefficients, reason: string): Source {
  return {
    group: null,
    law,
    from,
    estimate,
    draws: [],
    method: { kind: "percentile" },
    stretch: 1,
    withoutDraws: reason,
    level: 0.95,
    residuals: [],
    residualScale: "log",
    range: null,
    largestProduct: null,
    backtest: null,
    choice: null,
    diagnosis: new Set(),
    quantities: new Map(law.inputs.map((input) => [input.name, input.name])),
    conventions: null,
    presetRange: null,
    flopsPerParamToken: FLOPS_PER_PARAM_TOKEN,
  };
}

/** What is known against a published set. */
export const cautionsOf = ({ name, warning }: Preset): Warning[] =>
  warning === undefined ? [] : [{ code: "preset", message: `preset ${name}: ${warning}` }];

export function sourceFromPreset(law: Law, preset: Preset, estimate: Coefficients): Source {
  return {
    ...withoutData(
      law,
      `preset ${preset.name} (${preset.source})`,
      estimate,
      "published coefficients without draws",
    ),
    conventions: preset.conventions,
    presetRange: preset.range ?? null,
    flopsPerParamToken: preset.flopsPerParamToken ?? FLOPS_PER_PARAM_TOKEN,
  };
}

export function sourceFromCoefficients(law: Law, estimate: Coefficients): Source {
  return withoutData(
    law,
    `law ${law.id} with given coefficients`,
    estimate,
    "coefficients given without draws",
  );
}
