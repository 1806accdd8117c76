/**
 * The one entry of the fitting core: observations + law + options -> a fitted law.
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type { Diagnosis, FitMemory, FitStatus, FittedLaw, Observations } from "../objects.js";
import { bootstrapDraws, type Draws, resamplingUnits } from "./bootstrap.js";
import { covarianceAt } from "./covariance.js";
import { diagnose } from "./diagnosis.js";
import { type DistinctRows, distinctRows, perObservation } from "./distinct.js";
import { type Answer, carried, estimates, memory } from "./estimates.js";
import { collinearity, requireAnswerable } from "./identifiability.js";
import { layoutOf, NO_CHOICES, type ParameterChoices } from "./layout.js";
import { fitMetrics } from "./metrics.js";
import type { Model, Solution } from "./model.js";
import { modelOf } from "./model-of.js";
import { isHuber, type Objective } from "./objective.js";
import { type FitOptions, RESAMPLES, type SettledOptions, settleOptions } from "./options.js";
import { searchObjective } from "./search-objective.js";
import { conditionNumber, secondOpinion } from "./second-opinion.js";
import { residualsAt } from "./solve.js";

/** What the core makes of one group of rows; the command adds what it knows of the log. */
export type CoreFit = Omit<FittedLaw, "group" | "inputs" | "measured" | "data"> & FitMemory;

/** What a model is made of, as plain values: enough to make it again elsewhere. */
export interface ModelRecipe {
  law: Law;
  choices: ParameterChoices;
  rows: DistinctRows;
}

/** Draws of a fit's free parameters, to be made. */
export interface DrawTask {
  recipe: ModelRecipe;
  model: Model;
  objective: Objective;
  start: Float64Array;
  units: Int32Array[];
  seed: number;
  count: number;
}

/** A fit that lacks nothing but its draws, so that these can be made elsewhere. */
export interface StartedFit {
  /** Null where there is nothing to draw. */
  task: DrawTask | null;
  finish(draws: Draws | null): CoreFit;
}

/**
 * Fits a law to observations.
 *
 * @param observations in canonical order (the order fixes the random draws); measured values > 0 for a log objective,
 *   inputs > 0 for a sum of power terms
 * @param choices what is fixed, tied, started or bounded
 * @throws DataError when the rows cannot determine the law
 */
export function fitLaw(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  choices: ParameterChoices = NO_CHOICES,
): CoreFit {
  const { task, finish } = startFit(law, observations, asked, choices);
  return finish(task === null ? null : runDrawTask(task, [0, task.count]));
}

/** Draws of one range of a task's resamples. */
export function runDrawTask(
  { model, objective, start, units, seed }: Omit<DrawTask, "recipe" | "count">,
  range: readonly [number, number],
): Draws {
  return bootstrapDraws(model, objective, start, units, seed, range);
}

/** The fit up to its draws; the same arguments as `fitLaw`. */
export function startFit(
  law: Law,
  observations: Observations,
  asked: FitOptions,
  choices: ParameterChoices = NO_CHOICES,
): StartedFit {
  const layout = layoutOf(law, choices);
  const n = observations.measured.length;
  const p = layout.free.length;
  requireAnswerable(observations, law, p);
  const options = settleOptions(asked, n);
  const rows = distinctRows(observations);
  const { model, sum } = modelOf(law, layout, rows);
  const { objective, judged, deltaRule, search } = searchObjective(model, rows.rowOf, options);
  const solution = search.best;
  requireFinite(law, solution);
  const chosen = model.problem(solution.kernel, objective);
  const residuals = perObservation(residualsAt(chosen, solution.minimum.theta), rows.rowOf);
  const predicted = perObservation(predictionsAt(solution), rows.rowOf);
  const free = covarianceAt(chosen, solution, residuals, p);
  const opinion = secondOpinion(model.problem(solution.kernel, judged), solution.minimum, (parameters) =>
    parameters.every((value, j) => value >= layout.free[j].lower && value <= layout.free[j].upper),
  );
  const task: DrawTask | null =
    options.bootstrap === 0 || n <= p
      ? null
      : {
          recipe: { law, choices, rows },
          model,
          objective,
          start: model.warmStart(solution),
          units: resamplingUnits(n, observations.run, rows.rowOf),
          seed: options.seed,
          count: options.bootstrap,
        };

  const finish = (draws: Draws | null): CoreFit => {
    const answer: Answer = {
      law,
      parameters: layout.complete(solution.parameters),
      covariance: free === null ? null : carried(free.values, layout.jacobian(solution.parameters), p),
      draws: draws?.values.map((draw) => layout.complete(draw)) ?? null,
      fixed: choices.fixed,
      degrees: n - p,
    };
    const diagnosis: Diagnosis[] = [
      ...(sum === null ? [] : collinearity(observations)),
      ...diagnose({ observations, free: layout.free, sum, solution, predicted, secondOpinion: opinion }),
      ...failedDraws(draws, options),
      ...manyRows(asked, options, n),
    ];
    return {
      law: law.id,
      formula: law.formula,
      parameters: estimates(answer, options),
      level: options.level,
      interval: draws === null ? "covariance" : options.interval,
      objective: {
        name: objective.name,
        delta: isHuber(objective.name) ? objective.delta : null,
        deltaRule,
        value: solution.minimum.value,
      },
      status: statusOf(solution, diagnosis),
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
      metrics: fitMetrics(observations.measured, predicted, residuals, p),
      diagnosis,
      ...memory(answer, residuals, options.seed),
    };
  };
  return { task, finish };
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

function predictionsAt(solution: Solution): Float64Array {
  const out = new Float64Array(solution.kernel.rows);
  solution.kernel.value(solution.minimum.theta, out);
  return solution.kernel.scale === "log" ? out.map(Math.exp) : out;
}

function failedDraws(draws: Draws | null, options: SettledOptions): Diagnosis[] {
  if (draws === null || draws.failed === 0) return [];
  return [
    {
      code: "failed-resamples",
      severity: draws.failed > 0.01 * options.bootstrap ? "warning" : "note",
      message: `${draws.failed} of ${options.bootstrap} resamples had no finite fit and are left out of the intervals`,
      numbers: { failed: draws.failed, resamples: options.bootstrap },
    },
  ];
}

function statusOf(solution: Solution, diagnosis: readonly Diagnosis[]): FitStatus {
  if (solution.minimum.status !== "converged") return solution.minimum.status;
  const codes = new Set(diagnosis.map((d) => d.code));
  if (codes.has("collinear") || codes.has("no-degrees-of-freedom")) return "degenerate";
  if (solution.held.length > 0) return "at-bound";
  return "converged";
}
