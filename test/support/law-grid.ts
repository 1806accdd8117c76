/** Noise-free logs made from a law on a grid, and what a fit makes of them. */
import { type CoreFit, fitLaw } from "../../src/fit/fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "../../src/fit/layout.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { Coefficients, Law, Point } from "../../src/laws/law.js";
import type { Observations } from "../../src/objects.js";

/** All points of a grid: each input runs over its values. */
export function gridOf(values: Readonly<Record<string, readonly number[]>>): Point[] {
  let points: Point[] = [{}];
  for (const [name, column] of Object.entries(values))
    points = points.flatMap((point) => column.map((value) => ({ ...point, [name]: value })));
  return points;
}

/** Rows as the fitting core takes them, in the order given, every row a run of its own. */
export function observationsOf(
  law: Law,
  points: readonly Point[],
  measured: readonly number[],
): Observations {
  return {
    inputs: new Map(law.inputs.map(({ name }) => [name, Float64Array.from(points, (point) => point[name])])),
    measured: Float64Array.from(measured),
    weight: null,
    run: null,
    label: (i) => `run-${i}`,
    source: (i) => ({ file: "log.csv", line: i + 2 }),
  };
}

export interface GridFit {
  fit: CoreFit;
  estimates: Coefficients;
  valueAt(point: Point): number;
}

/** A fit without resamples. */
export function fitPoints(
  law: Law,
  points: readonly Point[],
  measured: readonly number[],
  options: Partial<FitOptions> = {},
  choices: Partial<ParameterChoices> = {},
): GridFit {
  const fit = fitLaw(
    law,
    observationsOf(law, points, measured),
    { ...DEFAULT_OPTIONS, bootstrap: 0, ...options },
    { ...NO_CHOICES, ...choices },
  );
  const estimates = Object.fromEntries(
    Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]),
  );
  return { fit, estimates, valueAt: (point) => evaluateLaw(law, estimates, point) };
}

/**
 * The largest relative error of a parameter after a fit to the law's own values on these points. The threshold is given,
 * so that one search is made and not two: on data without noise it decides nothing.
 */
export function worstRecovery(law: Law, truth: Coefficients, points: readonly Point[]): number {
  const measured = points.map((point) => evaluateLaw(law, truth, point));
  const { estimates } = fitPoints(law, points, measured, { delta: 1e-3 });
  return Math.max(...Object.entries(truth).map(([name, value]) => Math.abs(estimates[name] / value - 1)));
}

/** R2 and relative errors of predictions. */
export function scored(measured: readonly number[], predicted: readonly number[]) {
  const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length;
  const squares = (of: (value: number, i: number) => number) =>
    measured.reduce((sum, value, i) => sum + of(value, i) ** 2, 0);
  const errors = measured.map((value, i) => Math.abs(predicted[i] / value - 1));
  return {
    r2: 1 - squares((value, i) => value - predicted[i]) / squares((value) => value - mean),
    meanRelativeError: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    worstRelativeError: Math.max(...errors),
  };
}
