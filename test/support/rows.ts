/** Rows given outright to the fitting core, for laws of any inputs. */
import { type CoreFit, fitLaw } from "../../src/fit/fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "../../src/fit/layout.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import type { Law } from "../../src/laws/law.js";
import type { Observations } from "../../src/objects.js";

export interface GivenRows {
  /** By the law's input names. */
  inputs: Readonly<Record<string, readonly number[]>>;
  measured: readonly number[];
  weight?: readonly number[];
  run?: readonly number[];
}

export function observationsOf({ inputs, measured, weight, run }: GivenRows): Observations {
  return {
    inputs: new Map(Object.entries(inputs).map(([name, values]) => [name, Float64Array.from(values)])),
    measured: Float64Array.from(measured),
    weight: weight === undefined ? null : Float64Array.from(weight),
    run: run === undefined ? null : Int32Array.from(run),
    label: (i) => `run-${i}`,
    source: (i) => ({ file: "log.csv", line: i + 2 }),
  };
}

/** A fit without resamples unless asked otherwise; parameters held at the values of `fixed`. */
export function fitGiven(
  law: Law,
  rows: GivenRows,
  { fixed, ...options }: Partial<FitOptions> & { fixed?: Readonly<Record<string, number>> } = {},
): CoreFit {
  const choices: ParameterChoices = { ...NO_CHOICES, fixed: new Map(Object.entries(fixed ?? {})) };
  return fitLaw(law, observationsOf(rows), { ...DEFAULT_OPTIONS, bootstrap: 0, ...options }, choices);
}

/** The estimates by name. */
export const estimatesOf = ({ parameters }: CoreFit): Record<string, number> =>
  Object.fromEntries(Object.entries(parameters).map(([name, { estimate }]) => [name, estimate]));
