import { letterOf } from "../laws/from-formula.js";
import type { Law } from "../laws/law.js";
import type { Dropped, FitMemory, FittedLaw, FittedStage, Observations } from "../objects.js";
import { type CoreFit, fitLaw } from "./fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "./layout.js";
import type { FitOptions } from "./options.js";

/** One group of rows with what is known of how it was selected. */
export interface Observed {
  group: string | null;
  observations: Observations;
  rows: number;
  used: number;
  dropped: Dropped[];
  range: Record<string, [number, number]>;
  /** The column each input and the measured value were read from. */
  columns?: ReadonlyMap<string, string>;
}

/** Fits one group: the core's answer with the account of its rows. */
export function fitObserved(
  law: Law,
  observed: Observed,
  from: ReadonlyMap<string, string>,
  options: FitOptions,
  choices: ParameterChoices = NO_CHOICES,
): FittedLaw & FitMemory {
  return accountFor(law, observed, from, fitLaw(law, observed.observations, options, choices));
}

/** A fit of the core with what is known of its rows. */
export function accountFor(
  law: Law,
  observed: Observed,
  from: ReadonlyMap<string, string>,
  { draws, covariance, residuals, leaveOneOut, ...core }: CoreFit & { stages?: FittedStage[] },
): FittedLaw & FitMemory {
  return {
    group: observed.group,
    law: core.law,
    ...(law.family === null ? {} : { size: law.family.size }),
    formula: core.formula,
    inputs: law.inputs.map((input) => {
      const { name } = input;
      const quantity = law.isCustom ? letterOf(input) : (from.get(name) ?? name);
      return { name, quantity, column: observed.columns?.get(name) ?? quantity };
    }),
    measured: {
      column: observed.columns?.get("loss") ?? "loss",
      ...(law.output.quantity === "loss" ? {} : { name: law.output.name }),
    },
    parameters: core.parameters,
    level: core.level,
    interval: core.interval,
    objective: core.objective,
    status: core.status,
    search: core.search,
    metrics: core.metrics,
    data: {
      rows: observed.rows,
      used: observed.used,
      dropped: observed.dropped,
      range: observed.range,
      largestProduct: largestProduct(observed.observations),
    },
    diagnosis: core.diagnosis,
    correlations: core.correlations ?? null,
    ...(core.stages === undefined ? {} : { stages: core.stages }),
    backtest: core.backtest,
    draws,
    covariance,
    residuals,
    ...(leaveOneOut === undefined ? {} : { leaveOneOut }),
  };
}

/** The largest N D of rows that have both. */
export function largestProduct({ inputs }: Observations): number | null {
  const N = inputs.get("N");
  const D = inputs.get("D");
  if (N === undefined || D === undefined) return null;
  let largest = 0;
  for (let i = 0; i < N.length; i++) largest = Math.max(largest, N[i] * D[i]);
  return largest;
}
