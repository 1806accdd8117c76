/**
 * The one entry of the fitting core: observations + law + options -> a fitted law.
 */
import type { Law } from "../laws/law.js";
import type { Backtest, Diagnosis, FitMemory, FitStatus, FittedLaw, Observations } from "../objects.js";
import { backtestShift, startBacktest } from "./backtest-shift.js";
import { answerFrom, beginFit } from "./begun-fit.js";
import type { Draws } from "./bootstrap.js";
import { correlationsOf } from "./correlations.js";
import { diagnose } from "./diagnosis.js";
import { dispersionOf } from "./dispersion.js";
import { perObservation } from "./distinct.js";
import { type DrawTask, runWhole } from "./draw-task.js";
import { indistinct } from "./indistinct.js";
import { noiseFinding, noiseReport } from "./known-noise.js";
import { NO_CHOICES, type ParameterChoices } from "./layout.js";
import { fitMetrics } from "./metrics.js";
import type { Solution } from "./model.js";
import type { Objective } from "./objective.js";
import { type FitOptions, RESAMPLES, type SettledOptions } from "./options.js";
import { conditionNumber, secondOpinion } from "./second-opinion.js";

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
  return finish(runWhole(tasks));
}

/** The fit up to its refits; the same arguments as `fitLaw`. */
export function startFit(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  said: ParameterChoices = NO_CHOICES,
): StartedFit {
  const begun = beginFit(law, observations, asked, said);
  const { fitted, options, searched, residuals, covariance } = begun;
  const { layout, rows, model, sum, solution, rowResiduals } = fitted;
  const { objective, judged, report, search } = searched;
  const n = observations.measured.length;
  const p = layout.free.length;
  const predicted = perObservation(inPlainUnits(begun.rowPredictions, objective), rows.rowOf);
  const noise = noiseReport(observations, residuals, p);
  const opinion = secondOpinion(model.problem(solution.kernel, judged), solution.minimum, (parameters) =>
    parameters.every((value, j) => value >= layout.free[j].lower && value <= layout.free[j].upper),
  );
  const guard = startBacktest(fitted, options);

  const finish = (drawn: readonly Draws[]): CoreFit => {
    const own = drawn.slice(0, begun.tasks.length);
    const { backtest, diagnosis: misfit } = guard.finish(drawn[begun.tasks.length]);
    const { parameters, interval, kept } = answerFrom(begun, own);
    const { diagnosis, looMeanRelativeError } = diagnose({
      ...fitted,
      predicted,
      residuals,
      parameters,
      covariance: covariance?.values ?? null,
      secondOpinion: opinion,
      misfitOfLargest: misfit,
    });
    const found = [
      ...(sum === null ? indistinct(begun.problem, solution, model.parameters) : []),
      ...diagnosis,
      ...noiseFinding(noise, n, p),
      ...failedDraws(own[0], options),
      ...manyRows(asked, options, n),
    ];
    return {
      law: law.id,
      formula: law.formula,
      parameters,
      level: options.level,
      interval,
      objective: {
        name: objective.name,
        ...report,
        ...(objective.information === undefined || n <= p
          ? {}
          : { dispersion: dispersionOf(begun.problem, rowResiduals, n - p, observations.weight !== null) }),
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
        condition:
          covariance === null
            ? null
            : conditionNumber(covariance.correlation.matrix, covariance.correlation.size),
        secondOpinion: opinion,
      },
      metrics: { ...fitMetrics(observations, predicted, residuals, p), looMeanRelativeError },
      diagnosis: found,
      correlations: correlationsOf(kept.covariance),
      backtest,
      ...kept,
    };
  };
  return { tasks: [...begun.tasks, ...guard.tasks], finish };
}

/** What a prediction needs of a fit: nothing that is said about it. */
export interface PredictingFit extends FitMemory {
  parameters: CoreFit["parameters"];
  level: number;
  interval: string;
  objective: { name: string };
  /** Without a standard error. */
  backtest: Backtest;
}

/** The same fit as `fitLaw` makes, for half of the work. */
export function fitToPredict(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  said: ParameterChoices = NO_CHOICES,
): PredictingFit {
  const begun = beginFit(law, observations, asked, said);
  const { fitted, options, searched, tasks } = begun;
  const { parameters, interval, kept } = answerFrom(begun, runWhole(tasks));
  const backtest = backtestShift(fitted);
  return { parameters, level: options.level, interval, objective: searched.objective, backtest, ...kept };
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
