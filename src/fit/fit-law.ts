/**
 * The one entry of the fitting core: observations + law + options -> a fitted law.
 */
import type { Law } from "../laws/law.js";
import type {
  Diagnosis,
  FitMemory,
  FitStatus,
  FittedLaw,
  Observations,
  ParameterEstimate,
  SearchReport,
} from "../objects.js";
import { bootstrapDraws, type Draws, resamplingUnits } from "./bootstrap.js";
import { type Covariance, covarianceAt } from "./covariance.js";
import { diagnose } from "./diagnosis.js";
import { distinctRows, perObservation } from "./distinct.js";
import { studentFactor } from "./distributions.js";
import { collinearity, requireAnswerable } from "./identifiability.js";
import { fitMetrics } from "./metrics.js";
import { isHuber, makeObjective, type Objective, type ObjectiveName } from "./objective.js";
import { MeanValueKernel, meanValueCoordinates } from "./power-sum.js";
import { PowerSumProblem, type Solution, searchMinimum } from "./power-sum-fit.js";
import { powerSumOf } from "./power-sum-of.js";
import { median, percentileInterval, robustSpread, standardDeviation } from "./quantiles.js";
import { randomStream } from "./random.js";
import { conditionNumber, secondOpinion } from "./second-opinion.js";
import { residualsAt } from "./solve.js";

export type IntervalKind = "percentile" | "covariance";

export interface FitOptions {
  objective: ObjectiveName;
  delta: "auto" | number;
  /** Resamples; 0 takes the covariance instead, `auto` does so for very many rows. */
  bootstrap: "auto" | number;
  seed: number;
  /** Confidence level, in (0, 1). */
  level: number;
  interval: IntervalKind;
}

export const DEFAULT_OPTIONS: FitOptions = {
  objective: "huber-log",
  delta: "auto",
  bootstrap: "auto",
  seed: 1,
  level: 0.95,
  interval: "percentile",
};

/** Residuals kept in a saved fit, at most. */
const KEPT_RESIDUALS = 1000;
const FIRST_DELTA = 1e-3;
/** 95 % efficiency under Gaussian noise (Huber 1964, as in numerics of M-estimation). */
const EFFICIENT = 1.345;

const RESAMPLES = 1000;
/** Beyond this many rows `auto` takes the covariance: it is exact enough there, and a thousand refits take minutes. */
const RESAMPLED_ROWS = 24_000;

/** What the core makes of one group of rows; the command adds what it knows of the log. */
export type CoreFit = Omit<FittedLaw, "group" | "inputs" | "measured" | "data"> & FitMemory;

/**
 * Fits a law to observations.
 *
 * @param observations inputs > 0 and measured values > 0, in canonical order (the order fixes the random draws)
 * @throws DataError when the rows cannot determine the law
 */
export function fitLaw(law: Law, observations: Observations, asked: FitOptions): CoreFit {
  requireAnswerable(observations, law.id, law.parameters.length);
  const options = settle(asked, observations.measured.length);
  const sum = powerSumOf(law);
  const { inputs, measured, weight, rowOf } = distinctRows(observations);
  const problem = PowerSumProblem.of(sum, inputs, measured, weight);
  const { objective, deltaRule } = chooseObjective(problem, rowOf, options);
  const search = searchMinimum(problem, objective);
  const solution = search.best;
  const chosen = problem.problem(solution.kernel, objective);
  const residuals = perObservation(residualsAt(chosen, solution.minimum.theta), rowOf);
  const covariance = covarianceAt(chosen, solution, residuals, law.parameters.length);
  const opinion = secondOpinion(chosen, solution.minimum);
  // `secondOpinion` ran the kernel elsewhere; everything below needs it at the answer only.
  const predicted = perObservation(predictionsAt(solution), rowOf);
  const draws = drawParameters(problem, rowOf, objective, solution, observations, options);
  const logResiduals = observations.measured.map((y, i) => Math.log(y / predicted[i]));
  const diagnosis: Diagnosis[] = [
    ...collinearity(observations),
    ...diagnose({ observations, sum, solution, logResiduals, secondOpinion: opinion }),
    ...failedDraws(draws, options),
    ...manyRows(asked, options, observations.measured.length),
  ];
  return {
    law: law.id,
    formula: law.formula,
    parameters: estimates(law, solution, covariance, draws, observations, options),
    level: options.level,
    interval: draws === null ? "covariance" : options.interval,
    objective: { name: objective.name, delta: objective.delta, deltaRule, value: solution.minimum.value },
    status: statusOf(solution, diagnosis),
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
    } satisfies SearchReport,
    metrics: fitMetrics(observations.measured, predicted, residuals, law.parameters.length),
    diagnosis,
    ...memory(law, covariance, draws, residuals, options.seed),
  };
}

type Settled = FitOptions & { bootstrap: number };

function settle(asked: FitOptions, rows: number): Settled {
  const bootstrap = asked.bootstrap === "auto" ? (rows > RESAMPLED_ROWS ? 0 : RESAMPLES) : asked.bootstrap;
  return { ...asked, bootstrap };
}

function manyRows(asked: FitOptions, settled: Settled, rows: number): Diagnosis[] {
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

/** Delta as asked, or 1.345 times the robust spread of the residuals of a first fit at 1e-3; fixed from then on. */
function chooseObjective(
  problem: PowerSumProblem,
  rowOf: Int32Array | null,
  options: FitOptions,
): { objective: Objective; deltaRule: string | null } {
  const { objective: name, delta } = options;
  if (!isHuber(name)) return { objective: makeObjective(name, null), deltaRule: null };
  if (delta !== "auto") return { objective: makeObjective(name, delta), deltaRule: "given" };
  const first = makeObjective(name, FIRST_DELTA);
  const { best } = searchMinimum(problem, first);
  const residuals = perObservation(
    residualsAt(problem.problem(best.kernel, first), best.minimum.theta),
    rowOf,
  );
  const spread = robustSpread(residuals, problem.sum.parameters.length);
  const least = name === "huber" ? 1e-6 * median(problem.measured) : 1e-6;
  return {
    objective: makeObjective(name, Math.max(EFFICIENT * spread, least)),
    deltaRule: "1.345 times the robust spread of the residuals of a first fit at 1e-3",
  };
}

function predictionsAt(solution: Solution): Float64Array {
  const out = new Float64Array(solution.kernel.rows);
  solution.kernel.value(solution.minimum.theta, out);
  return solution.kernel.scale === "log" ? out.map(Math.exp) : out;
}

/** The estimate in coordinates of the mean-value kernel, from which every resample starts. */
function warmStart(problem: PowerSumProblem, solution: Solution): Float64Array {
  if (solution.kernel instanceof MeanValueKernel) return solution.minimum.theta;
  const { theta } = solution.minimum;
  const amplitudes = problem.sum.terms.map((_, k) => Math.exp(theta[2 * k]));
  const level = amplitudes.reduce((total, amplitude) => total + amplitude, 0);
  return meanValueCoordinates(
    1e-3 * level,
    amplitudes,
    problem.sum.terms.map((_, k) => theta[2 * k + 1]),
  );
}

function drawParameters(
  problem: PowerSumProblem,
  rowOf: Int32Array | null,
  objective: Objective,
  solution: Solution,
  observations: Observations,
  options: Settled,
): Draws | null {
  const rows = observations.measured.length;
  if (options.bootstrap === 0 || rows <= problem.sum.parameters.length) return null;
  const units = resamplingUnits(rows, observations.run, rowOf);
  return bootstrapDraws(problem, objective, warmStart(problem, solution), units, options.seed, [
    0,
    options.bootstrap,
  ]);
}

function failedDraws(draws: Draws | null, options: Settled): Diagnosis[] {
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

function estimates(
  law: Law,
  solution: Solution,
  covariance: Covariance | null,
  draws: Draws | null,
  observations: Observations,
  options: Settled,
): Record<string, ParameterEstimate> {
  const p = law.parameters.length;
  const n = observations.measured.length;
  const squares = !isHuber(options.objective);
  const result: Record<string, ParameterEstimate> = {};
  law.parameters.forEach((parameter, j) => {
    const estimate = solution.parameters[j];
    const values = draws?.values.map((draw) => draw[j]) ?? [];
    const fromCovariance = covariance === null ? null : Math.sqrt(covariance.values[j * p + j]);
    const fromDraws = values.length > 1 ? standardDeviation(values) : null;
    const standardError = squares || draws === null ? fromCovariance : fromDraws;
    const useDraws = options.interval === "percentile" && values.length > 1;
    const limits = useDraws
      ? percentileInterval(values, options.level)
      : covarianceInterval(estimate, fromCovariance, parameter.positive, studentFactor(options.level, n - p));
    result[parameter.name] =
      limits === null
        ? { estimate, low: null, high: null, reason: `${n} rows, ${p} parameters`, standardError }
        : { estimate, low: limits[0], high: limits[1], standardError };
  });
  return result;
}

/** estimate ± t s.e., on the log for amplitudes and floors so that the limits keep their sign. */
function covarianceInterval(
  estimate: number,
  standardError: number | null,
  positive: boolean,
  factor: number,
): [number, number] | null {
  if (standardError === null || !Number.isFinite(factor) || !Number.isFinite(standardError)) return null;
  if (positive && estimate > 0) {
    const spread = Math.exp((factor * standardError) / estimate);
    return Number.isFinite(spread) ? [estimate / spread, estimate * spread] : null;
  }
  return [estimate - factor * standardError, estimate + factor * standardError];
}

function statusOf(solution: Solution, diagnosis: readonly Diagnosis[]): FitStatus {
  if (solution.minimum.status !== "converged") return solution.minimum.status;
  const codes = new Set(diagnosis.map((d) => d.code));
  if (codes.has("collinear") || codes.has("no-degrees-of-freedom")) return "degenerate";
  if (codes.has("floor-at-zero") || codes.has("no-effect") || codes.has("exponent-at-bound"))
    return "at-bound";
  return "converged";
}

function memory(
  law: Law,
  covariance: Covariance | null,
  draws: Draws | null,
  residuals: Float64Array,
  seed: number,
): FitMemory {
  const names = law.parameters.map((parameter) => parameter.name);
  const p = names.length;
  return {
    draws: { parameters: names, values: draws?.values.map((draw) => Array.from(draw)) ?? [] },
    covariance:
      covariance === null
        ? null
        : {
            parameters: names,
            values: names.map((_, r) => Array.from(covariance.values.subarray(r * p, (r + 1) * p))),
          },
    residuals: keepResiduals(residuals, seed),
  };
}

/** At most 1,000 residuals, chosen by a seeded partial shuffle and kept in order. */
function keepResiduals(residuals: Float64Array, seed: number): number[] {
  if (residuals.length <= KEPT_RESIDUALS) return Array.from(residuals);
  const stream = randomStream(seed, 0xffffffff);
  const order = Int32Array.from(residuals.keys());
  for (let i = 0; i < KEPT_RESIDUALS; i++) {
    const j = i + stream.below(order.length - i);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return Array.from(order.subarray(0, KEPT_RESIDUALS).sort(), (i) => residuals[i]);
}
