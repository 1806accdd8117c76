/** Fits of any law of the catalogue to columns made for a test. */
import { type CoreFit, fitLaw } from "../../src/fit/fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "../../src/fit/layout.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { Coefficients, Law } from "../../src/laws/law.js";
import type { Observations } from "../../src/objects.js";

export type Inputs = Readonly<Record<string, readonly number[]>>;

export const spaced = (from: number, to: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));

/** Every combination of the values of the axes, as columns. */
export function grid(axes: Inputs): Inputs {
  const rows = Object.entries(axes).reduce<Record<string, number>[]>(
    (all, [name, values]) => all.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  );
  return Object.fromEntries(Object.keys(axes).map((name) => [name, rows.map((row) => row[name])]));
}

/** The law's values over columns. */
export function valuesOf(law: Law, coefficients: Coefficients, inputs: Inputs): number[] {
  const columns = Object.entries(inputs);
  return columns[0][1].map((_, i) =>
    evaluateLaw(law, coefficients, Object.fromEntries(columns.map(([name, column]) => [name, column[i]]))),
  );
}

export function observationsOf(law: Law, inputs: Inputs, measured: readonly number[]): Observations {
  return {
    inputs: new Map(law.inputs.map(({ name }) => [name, Float64Array.from(inputs[name])])),
    measured: Float64Array.from(measured),
    weight: null,
    run: null,
    label: (i) => `run-${i}`,
    source: (i) => ({ file: "log.csv", line: i + 2 }),
  };
}

/** The law fitted without resamples, under the law's own objective unless another is asked for. */
export function fitTo(
  law: Law,
  inputs: Inputs,
  measured: readonly number[],
  options: Partial<FitOptions> = {},
  choices: Partial<ParameterChoices> = {},
): CoreFit {
  const objective = (law.objective ?? DEFAULT_OPTIONS.objective) as FitOptions["objective"];
  return fitLaw(
    law,
    observationsOf(law, inputs, measured),
    { ...DEFAULT_OPTIONS, bootstrap: 0, objective, ...options },
    { ...NO_CHOICES, ...choices },
  );
}

/** The estimates of a fit, by parameter. */
export const estimatesOf = (fit: CoreFit): Record<string, number> =>
  Object.fromEntries(Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]));
