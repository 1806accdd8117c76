/**
 * The one entry of the fitting core: observations + law + options -> a fitted law.
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type {
  Diagnosis,
  FitMemory,
  FitStatus,
  FittedLaw,
  Observations,
  ParameterEstimate,
} from "../objects.js";
import { searchAbsolute } from "./absolute.js";
import { bootstrapDraws, type Draws, resamplingUnits } from "./bootstrap.js";
import { covarianceAt } from "./covariance.js";
import { diagnose } from "./diagnosis.js";
import { distinctRows, perObservation } from "./distinct.js";
import { studentFactor } from "./distributions.js";
import { collinearity, requireAnswerable } from "./identifiability.js";
import { layoutOf, NO_CHOICES, type ParameterChoices } from "./layout.js";
import { fitMetrics } from "./metrics.js";
import type { Model, SearchOutcome, Solution } from "./model.js";
import { modelOf } from "./model-of.js";
import { isAbsolute, isHuber, makeObjective, type Objective, type ObjectiveName } from "./objective.js";
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
  const layout = layoutOf(law, choices);
  const p = layout.free.length;
  requireAnswerable(observations, law, p);
  const options = settle(asked, observations.measured.length);
  const rows = distinctRows(observations);
  const { rowOf } = rows;
  const { model, sum } = modelOf(law, layout, rows);
  const { objective, judged, deltaRule, search } = searchObjective(model, rowOf, options);
  const solution = search.best;
  requireFinite(law, solution);
  const chosen = model.problem(solution.kernel, objective);
  const residuals = perObservation(residualsAt(chosen, solution.minimum.theta), rowOf);
  const free = covarianceAt(chosen, solution, residuals, p);
  const opinion = secondOpinion(model.problem(solution.kernel, judged), solution.minimum, (parameters) =>
    parameters.every((value, j) => value >= layout.free[j].lower && value <= layout.free[j].upper),
  );
  const predicted = perObservation(predictionsAt(solution), rowOf);
  const draws = drawParameters(model, rowOf, objective, solution, observations, options);
  const answer: Answer = {
    law,
    parameters: layout.complete(solution.parameters),
    covariance: free === null ? null : carried(free.values, layout.jacobian(solution.parameters), p),
    draws: draws?.values.map((draw) => layout.complete(draw)) ?? null,
    fixed: choices.fixed,
    degrees: observations.measured.length - p,
  };
  const diagnosis: Diagnosis[] = [
    ...(sum === null ? [] : collinearity(observations)),
    ...diagnose({ observations, free: layout.free, sum, solution, predicted, secondOpinion: opinion }),
    ...failedDraws(draws, options),
    ...manyRows(asked, options, observations.measured.length),
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

/** What a fit found, in all of the law's parameters. */
interface Answer {
  law: Law;
  parameters: Float64Array;
  /** Row-major over all parameters; null where it cannot be had. */
  covariance: Float64Array | null;
  draws: Float64Array[] | null;
  fixed: ReadonlyMap<string, number>;
  /** Rows less fitted parameters. */
  degrees: number;
}

/** J V J' for the p x p covariance V of the free parameters and the Jacobian J of all of them. */
function carried(V: Float64Array, J: Float64Array, p: number): Float64Array {
  const all = J.length / p;
  const result = new Float64Array(all * all);
  for (let r = 0; r < all; r++) {
    for (let s = 0; s < all; s++) {
      let total = 0;
      for (let a = 0; a < p; a++) {
        for (let b = 0; b < p; b++) total += J[r * p + a] * V[a * p + b] * J[s * p + b];
      }
      result[r * all + s] = total;
    }
  }
  return result;
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

interface Searched {
  /** What resamples are fitted with. */
  objective: Objective;
  /** What the answer is judged by: the same, less the rounding of an absolute one. */
  judged: Objective;
  deltaRule: string | null;
  search: SearchOutcome;
}

/**
 * The search on the objective that is asked for. A Huber threshold is as given, or 1.345 times the robust spread of
 * the residuals of a first fit at 1e-3; from then on it is fixed.
 */
function searchObjective(
  model: Model,
  rowOf: Int32Array | null,
  { objective: name, delta }: Settled,
): Searched {
  if (isAbsolute(name)) {
    const { search, delta: width } = searchAbsolute(model, name);
    const judged = makeObjective(name, 1e-9 * width);
    return { objective: makeObjective(name, width), judged, deltaRule: null, search };
  }
  const { objective, deltaRule } = isHuber(name)
    ? huberOf(model, rowOf, name, delta)
    : { objective: makeObjective(name, null), deltaRule: null };
  return { objective, judged: objective, deltaRule, search: model.search(objective) };
}

function huberOf(model: Model, rowOf: Int32Array | null, name: ObjectiveName, delta: "auto" | number) {
  if (delta !== "auto") return { objective: makeObjective(name, delta), deltaRule: "given" };
  const first = makeObjective(name, FIRST_DELTA);
  const { best } = model.search(first);
  const residuals = perObservation(residualsAt(model.problem(best.kernel, first), best.minimum.theta), rowOf);
  const spread = robustSpread(residuals, model.parameters.length);
  const least = name === "huber" ? 1e-6 * median(model.measured.map(Math.abs)) : 1e-6;
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

function drawParameters(
  problem: Model,
  rowOf: Int32Array | null,
  objective: Objective,
  solution: Solution,
  observations: Observations,
  options: Settled,
): Draws | null {
  const rows = observations.measured.length;
  if (options.bootstrap === 0 || rows <= problem.parameters.length) return null;
  const units = resamplingUnits(rows, observations.run, rowOf);
  return bootstrapDraws(problem, objective, problem.warmStart(solution), units, options.seed, [
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

function estimates({ law, parameters, covariance, draws, fixed, degrees }: Answer, options: Settled) {
  const all = law.parameters.length;
  const isSquares = options.objective === "squares" || options.objective === "squares-log";
  const factor = studentFactor(options.level, degrees);
  const result: Record<string, ParameterEstimate> = {};
  law.parameters.forEach(({ name, positive }, j) => {
    const estimate = parameters[j];
    if (fixed.has(name)) {
      result[name] = { estimate, low: null, high: null, reason: "fixed", standardError: null };
      return;
    }
    const values = draws?.map((draw) => draw[j]) ?? [];
    const fromCovariance = covariance === null ? null : Math.sqrt(covariance[j * all + j]);
    const fromDraws = values.length > 1 ? standardDeviation(values) : null;
    const standardError = isSquares || draws === null ? fromCovariance : fromDraws;
    const useDraws = options.interval === "percentile" && values.length > 1;
    const limits = useDraws
      ? percentileInterval(values, options.level)
      : covarianceInterval(estimate, fromCovariance, positive, factor);
    result[name] =
      limits === null
        ? { estimate, low: null, high: null, reason: noInterval(degrees), standardError }
        : { estimate, low: limits[0], high: limits[1], standardError };
  });
  return result;
}

const noInterval = (degrees: number): string =>
  degrees > 0 ? "the rows do not determine it" : "no more rows than parameters";

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
  if (solution.held.length > 0) return "at-bound";
  return "converged";
}

function memory({ law, covariance, draws }: Answer, residuals: Float64Array, seed: number): FitMemory {
  const names = law.parameters.map((parameter) => parameter.name);
  const p = names.length;
  return {
    draws: { parameters: names, values: draws?.map((draw) => Array.from(draw)) ?? [] },
    covariance:
      covariance === null
        ? null
        : {
            parameters: names,
            values: names.map((_, r) => Array.from(covariance.subarray(r * p, (r + 1) * p))),
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
