/**
 * A law at its minimum over rows, with its refits still to be made: what every fit needs, whatever is said of it after.
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type { FitMemory, Observations, ParameterEstimate } from "../objects.js";
import { type Draws, resamplingUnits } from "./bootstrap.js";
import { stretchFor } from "./clusters.js";
import { type Covariance, covarianceAt } from "./covariance.js";
import { distinctRows, inverseNoiseOf, perObservation } from "./distinct.js";
import type { DrawTask } from "./draw-task.js";
import { drawTasks } from "./draw-tasks.js";
import { type Answer, carried, estimates, memory } from "./estimates.js";
import { type Problem, predictionsAt } from "./evaluate.js";
import type { Fitted } from "./fitted.js";
import { requireAnswerable } from "./identifiability.js";
import { layoutOf, type ParameterChoices, withHeld } from "./layout.js";
import type { Solution } from "./model.js";
import { modelOf } from "./model-of.js";
import { type FitOptions, type SettledOptions, settleOptions } from "./options.js";
import { profileIntervals } from "./profile.js";
import { type Sandwich, sandwichAt } from "./sandwich.js";
import { type Searched, searchObjective } from "./search-objective.js";
import { requireResamples, strataOf, strataStretch } from "./strata.js";

export interface BegunFit {
  fitted: Fitted;
  options: SettledOptions;
  searched: Searched;
  /** The chosen minimum's problem. */
  problem: Problem;
  /** Of the rows (not the observations), on the objective's scale. */
  rowPredictions: Float64Array;
  /** One an observation, on the scale where their noise has one size. */
  residuals: Float64Array;
  /** Of the free parameters; null where it cannot be had. */
  covariance: Covariance | null;
  sandwich: Sandwich | null;
  /** The refits behind the limits: of resamples, then without one unit each. */
  tasks: DrawTask[];
}

/** @throws DataError, UsageError as `fitLaw` does */
export function beginFit(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  said: ParameterChoices,
): BegunFit {
  const choices = withHeld(law, said);
  const layout = layoutOf(law, choices);
  const n = observations.measured.length;
  const p = layout.free.length;
  const options = settleOptions(asked, n);
  requireAnswerable(observations, law, p);
  requireResamples(observations, options.bootstrap);
  const rows = distinctRows(observations);
  const { model, sum } = modelOf(law, layout, rows);
  const searched = searchObjective(model, rows.rowOf, options);
  const { objective, search } = searched;
  const solution = search.best;
  requireFinite(law, solution);
  const problem = model.problem(solution.kernel, objective);
  const rowPredictions = predictionsAt(problem, solution.minimum.theta);
  const rowResiduals = rowPredictions.map((m, i) => problem.y[i] - m);
  const differences = perObservation(rowResiduals, rows.rowOf);
  const units = () => resamplingUnits(n, observations.run, rows.rowOf);
  const strata = options.bootstrap === 0 ? null : strataOf(observations, units);
  const fitted = {
    law,
    choices,
    observations,
    layout,
    rows,
    model,
    sum,
    objective,
    solution,
    rowResiduals,
    units,
    strata,
  };
  return {
    fitted,
    options,
    searched,
    problem,
    rowPredictions,
    residuals: perObservation(ofOneSize(problem, rowResiduals), rows.rowOf),
    covariance: covarianceAt(problem, solution, differences, inverseNoiseOf(observations), p),
    sandwich:
      options.covariance === "sandwich"
        ? sandwichAt(problem, solution, rowResiduals, { rowOf: rows.rowOf, run: observations.run }, p)
        : null,
    tasks: n <= p ? [] : drawTasks(fitted, options),
  };
}

/** Estimates with their limits, and what later commands need of them. */
export interface Answered {
  parameters: Record<string, ParameterEstimate>;
  interval: string;
  kept: FitMemory;
}

/** @param drawn the refits of each task of the begun fit, in their order */
export function answerFrom(begun: BegunFit, [draws, leftOut]: readonly Draws[]): Answered {
  const { fitted, options, covariance, sandwich, residuals } = begun;
  const { law, layout, solution, observations, choices, strata } = fitted;
  const n = observations.measured.length;
  const p = layout.free.length;
  const V = options.covariance === "sandwich" ? sandwich?.values : covariance?.values;
  const answer: Answer = {
    law,
    parameters: layout.complete(solution.parameters),
    covariance: V === undefined ? null : carried(V, layout.jacobian(solution.parameters), p),
    draws: draws?.values.map((draw) => layout.complete(draw)) ?? null,
    drawCovariances:
      draws?.covariances.map((own, b) => carried(own, layout.jacobian(draws.values[b]), p)) ?? [],
    leftOut: leftOut?.values.map((fit) => layout.complete(fit)) ?? [],
    profile:
      options.interval === "profile" && n > p
        ? profileIntervals(fitted, options.level, covariance?.values ?? null)
        : null,
    stretch: draws === undefined ? 1 : stretchFor(observations, options.level) * strataStretch(strata),
    fixed: choices.fixed,
    degrees: sandwich?.degrees ?? n - p,
  };
  return {
    parameters: estimates(answer, options),
    interval: draws === undefined && options.interval !== "profile" ? "covariance" : options.interval,
    kept: memory(answer, residuals, options.seed),
  };
}

/** Residuals on the scale where their noise has one size. */
function ofOneSize({ objective: { residual }, y }: Problem, rowResiduals: Float64Array): Float64Array {
  return residual === undefined ? rowResiduals : rowResiduals.map((r, i) => residual(y[i], y[i] - r));
}

/** A formula that has no finite value at any start cannot be fitted. */
function requireFinite(law: Law, solution: Solution): void {
  if (Number.isFinite(solution.minimum.value)) return;
  throw new DataError({
    code: "no-finite-value",
    message: `the formula ${law.formula.slice(0, 200)} has no finite value on these rows at any of the starts tried`,
    why: "it divides by zero, takes the log or the root of a negative number, or overflows; a log objective also needs predictions above 0",
    hint: 'give starts where it is finite, for example --param "A=1:[0,10]", or take --objective huber',
  });
}
