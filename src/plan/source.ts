/**
 * Where a plan's coefficients come from: a saved fit, a published preset, or coefficients given outright. All
 * three become one thing: an estimate, draws (or the reason why there are none), and what is known of the data.
 */

import { covarianceDraws } from "../fit/covariance-draws.js";
import type { Law, Preset } from "../laws/law.js";
import type { FitMemory, FittedLaw } from "../objects.js";

/** Coefficients by name, ready for a law's functions. */
export type Coefficients = Record<string, number>;

export interface Source {
  group: string | null;
  law: Law;
  /** In words, for the reader. */
  from: string;
  estimate: Coefficients;
  draws: Coefficients[];
  /** Why there are no draws; null when there are. */
  withoutDraws: string | null;
  level: number;
  /** Residuals of the fit on its scale, widened for the parameters spent: r sqrt(n / (n - p)). */
  residuals: number[];
  residualScale: "log" | "raw";
  /** Range of the data by the law's inputs, where there are data. */
  range: Record<string, [number, number]> | null;
  largestProduct: number | null;
  /** Codes of the fit's diagnosis. */
  diagnosis: ReadonlySet<string>;
  /** What each input was read from, by the law's input name (`x` -> `C`). */
  quantities: ReadonlyMap<string, string>;
  conventions: string | null;
  presetRange: Readonly<Record<string, readonly [number, number]>> | null;
  flopsPerParamToken: number;
}

/** C = 6 N D unless a preset says otherwise (arXiv 2001.08361, section 2.1). */
export const FLOPS_PER_PARAM_TOKEN = 6;

export function sourceFromFit(law: Law, fit: FittedLaw & FitMemory, from: string, seed: number): Source {
  const names = fit.draws.parameters;
  const estimate = Object.fromEntries(Object.entries(fit.parameters).map(([name, p]) => [name, p.estimate]));
  let draws = fit.draws.values.map((row) => Object.fromEntries(names.map((name, j) => [name, row[j]])));
  let withoutDraws: string | null = null;
  const n = fit.data.used;
  const p = law.parameters.length;
  if (draws.length < 2) {
    const sampled = covarianceDraws(law, estimate, fit.covariance, n - p, seed);
    draws = sampled ?? [];
    withoutDraws = sampled === null ? `${n} rows, ${p} parameters` : null;
  }
  const widen = n > p ? Math.sqrt(n / (n - p)) : 1;
  return {
    group: fit.group,
    law,
    from,
    estimate,
    draws,
    withoutDraws,
    level: fit.level,
    residuals: n > p ? fit.residuals.map((r) => r * widen) : [],
    residualScale: fit.objective.name.endsWith("-log") ? "log" : "raw",
    range: fit.data.range,
    largestProduct: fit.data.largestProduct,
    diagnosis: new Set(fit.diagnosis.map((d) => d.code)),
    quantities: new Map(fit.inputs.map((input) => [input.name, input.quantity])),
    conventions: null,
    presetRange: null,
    flopsPerParamToken: FLOPS_PER_PARAM_TOKEN,
  };
}

function withoutData(law: Law, from: string, estimate: Coefficients, reason: string): Source {
  return {
    group: null,
    law,
    from,
    estimate,
    draws: [],
    withoutDraws: reason,
    level: 0.95,
    residuals: [],
    residualScale: "log",
    range: null,
    largestProduct: null,
    diagnosis: new Set(),
    quantities: new Map(law.inputs.map((input) => [input.name, input.name])),
    conventions: null,
    presetRange: null,
    flopsPerParamToken: FLOPS_PER_PARAM_TOKEN,
  };
}

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
