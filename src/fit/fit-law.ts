/**
 * The one entry of the fitting core: observations + law + options -> a fitted law.
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type { Diagnosis, FitMemory, FitStatus, FittedLaw, Observations } from "../objects.js";
import { startBacktest } from "./backtest-shift.js";
import { type Draws, resamplingUnits } from "./bootstrap.js";
import { stretchFor } from "./clusters.js";
import { correlationsOf } from "./correlations.js";
import { covarianceAt } from "./covariance.js";
import { diagnose } from "./diagnosis.js";
import { dispersionOf } from "./dispersion.js";
import { distinctRows, inverseNoiseOf, perObservation } from "./distinct.js";
import { type DrawTask, runDrawTask } from "./draw-task.js";
import { drawTasks } from "./draw-tasks.js";
import { type Answer, carried, estimates, memory } from "./estimates.js";
import { type Problem, predictionsAt } from "./evaluate.js";
import { requireAnswerable } from "./identifiability.js";
import { indistinct } from "./indistinct.js";
import { noiseFinding, noiseReport } from "./known-noise.js";
import { layoutOf, NO_CHOICES, type ParameterChoices, withHeld } from "./layout.js";
import { fitMetrics } from "./metrics.js";
import type { Solution } from "./model.js";
import { modelOf } from "./model-of.js";
import type { Objective } from "./objective.js";
import { type FitOptions, RESAMPLES, type SettledOptions, settleOptions } from "./options.js";
import { profileIntervals } from "./profile.js";
import { sandwichAt } from "./sandwich.js";
import { searchObjective } from "./search-objective.js";
import { conditionNumber, secondOpinion } from "./second-opinion.js";
import { requireResamples, strataOf, strataStretch } from "./strata.js";

/** What the core makes of one group of rows; the command adds what it knows of the log. */
export type CoreFit = Omit<FittedLaw, "group" | "inputs" | "measured" | "data"> & FitMemory;

/** A fit that lacks nothing but its refits, so that these can be made elsewhere. */
export interface StartedFit {
  tasks: DrawTask[];
  /** @param draws the refits of each task, in their order */
  finish(draws: readonly Draws[]): CoreFit;
}

/**
 * Fits a law to observations.
 *
 * @param observations in canonical order (the order fixes the random draws); measured values > 0 for a log objective,
 *   inputs > 0 for a sum of power terms
 * @param choices what is fixed, tied, started or bounded
 * @throws DataError when the rows cannot determine the law, UsageError for options that contradict each other
 */
export function fitLaw(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  choices: ParameterChoices = NO_CHOICES,
): CoreFit {
  const { tasks, finish } = startFit(law, observations, asked, choices);
  return finish(tasks.map((task) => runDrawTask(task, [0, task.count])));
}

/** The fit up to its refits; the same arguments as `fitLaw`. */
export function startFit(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  said: ParameterChoices = NO_CHOICES,
): StartedFit {
  const choices = withHeld(law, said);
  const layout = layoutOf(law, choices);
  const n = observations.measured.length;
  const p = layout.free.length;
  const options = settleOptions(asked, n);
  requireAnswerable(observations, law, p);
  requireResamples(observations, options.bootstrap);
  const rows = distinctRows(observations);
  const { model, sum } = modelOf(law, layout, rows);
  const { objective, judged, report, search } = searchObjective(model, rows.rowOf, options);
  const solution = search.best;
  requireFinite(law, solution);
  const chosen = model.problem(solution.kernel, objective);
  const rowPredictions = predictionsAt(chosen, solution.minimum.theta);
  const rowResiduals = rowPredictions.map((m, i) => chosen.y[i] - m);
  const differences = perObservation(rowResiduals, rows.rowOf);
  const residuals = perObservation(ofOneSize(chosen, rowResiduals), rows.rowOf);
  const predicted = perObservation(inPlainUnits(rowPredictions, objective), rows.rowOf);
  const free = covarianceAt(chosen, solution, differences, inverseNoiseOf(observations), p);
  const sandwich =
    options.covariance === "sandwich"
      ? sandwichAt(chosen, solution, rowResiduals, { rowOf: rows.rowOf, run: observations.run }, p)
      : null;
  const noise = noiseReport(observations, residuals, p);
  const opinion = secondOpinion(model.problem(solution.kernel, judged), solution.minimum, (parameters) =>
    parameters.every((value, j) => value >= layout.free[j].lower && value <= layout.free[j].upper),
  );
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
  const ownTasks = n <= p ? [] : drawTasks(fitted, options);
  const guard = startBacktest(fitted, options);

  const finish = (drawn: readonly Draws[]): CoreFit => {
    const [draws, leftOut] = drawn.slice(0, ownTasks.length);
    const { backtest, diagnosis: misfit } = guard.finish(drawn[ownTasks.length]);
    const V = options.covariance === "sandwich" ? sandwich?.values : free?.values;
    const answer: Answer = {
      law,
      parameters: layout.complete(solution.parameters),
      covariance: V === undefined ? null : carried(V, layout.jacobian(solution.parameters), p),
      draws: draws?.values.map((draw) => layout.complete(draw)) ?? null,
      drawCovariances:
        draws?.covariances.map((V, b) => carried(V, layout.jacobian(draws.values[b]), p)) ?? [],
      leftOut: leftOut?.values.map((fit) => layout.complete(fit)) ?? [],
      profile:
        options.interval === "profile" && n > p
          ? profileIntervals(fitted, options.level, free?.values ?? null)
          : null,
      stretch: draws === undefined ? 1 : stretchFor(observations, options.level) * strataStretch(strata),
      fixed: choices.fixed,
      degrees: sandwich?.degrees ?? n - p,
    };
    const parameters = estimates(answer, options);
    const kept = memory(answer, residuals, options.seed);
    const { diagnosis, looMeanRelativeError } = diagnose({
      ...fitted,
      predicted,
      residuals,
      parameters,
      covariance: free?.values ?? null,
      secondOpinion: opinion,
      misfitOfLargest: misfit,
    });
    const found = [
      ...(sum === null ? indistinct(chosen, solution, model.parameters) : []),
      ...diagnosis,
      ...noiseFinding(noise, n, p),
      ...failedDraws(draws, options),
      ...manyRows(asked, options, n),
    ];
    return {
      law: law.id,
      formula: law.formula,
      parameters,
      level: options.level,
      interval: draws === undefined && options.interval !== "profile" ? "covariance" : options.interval,
      objective: {
        name: objective.name,
        ...report,
        ...(objective.information === undefined || n <= p
          ? {}
          : { dispersion: dispersionOf(chosen, rowResiduals, n - p, observations.weight !== null) }),
        ...(noise === undefined ? {} : { noise }),
      },
      status: statusOf(solution, found),
      search: {
        starts: search.starts,
        reachedBest: search.reachedBest,
        minima: search.minima,
        gapToNext: search.gapToNext,
        steps: solution.minimum.steps,
        gradient: solution.minimum.gradient,
        condition: free === null ? null : conditionNumber(free.correlation.matrix, free.correlation.size),
        secondOpinion: opinion,
      },
      metrics: { ...fitMetrics(observations, predicted, residuals, p), looMeanRelativeError },
      diagnosis: found,
      correlations: correlationsOf(kept.covariance),
      backtest,
      ...kept,
    };
  };
  return { tasks: [...ownTasks, ...guard.tasks], finish };
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

function manyRows(asked: FitOptions, settled: SettledOptions, rows: number): Diagnosis[] {
  if (asked.bootstrap !== "auto" || settled.bootstrap > 0) return [];
  return [
    {
      code: "many-rows",
      severity: "note",
      message: `${rows} rows: intervals come from the covariance; --bootstrap ${RESAMPLES} takes resamples, and minutes`,
      numbers: { rows },
    },
  ];
}

/** Predictions on the objective's scale in plain units, in place. */
function inPlainUnits(predictions: Float64Array, { scale }: Objective): Float64Array {
  for (let i = 0; scale === "log" && i < predictions.length; i++) predictions[i] = Math.exp(predictions[i]);
  return predictions;
}

function failedDraws(draws: Draws | undefined, options: SettledOptions): Diagnosis[] {
  if (draws === undefined || draws.failed === 0) return [];
  return [
    {
      code: "failed-resamples",
      severity: draws.failed > 0.01 * options.bootstrap ? "warning" : "note",
      message: `${draws.failed} of ${options.bootstrap} resamples had no finite fit and are left out of the intervals`,
      numbers: { failed: draws.failed, resamples: options.bootstrap },
    },
  ];
}

const DEGENERATE = ["collinear", "one-budget", "no-degrees-of-freedom"];

function statusOf(solution: Solution, diagnosis: readonly Diagnosis[]): FitStatus {
  if (diagnosis.some(({ code }) => code === "not-identified")) return "degenerate";
  if (solution.minimum.status !== "converged") return solution.minimum.status;
  if (diagnosis.some(({ code }) => DEGENERATE.includes(code))) return "degenerate";
  if (solution.held.length > 0) return "at-bound";
  return "converged";
}
