/**
 * Leave-one-out: how well every row is predicted by the others, and which rows (or runs) the answer hangs on.
 */
import type { Diagnosis } from "../objects.js";
import { perObservation } from "./distinct.js";
import { studentFactor } from "./distributions.js";
import type { Fitted } from "./fitted.js";
import { type WithoutUnit, withoutEach } from "./influence.js";
import { leaveOutFits } from "./leave-out.js";
import { robustSpread } from "./quantiles.js";

/** With more rows no single one matters, and the look at each costs. */
const MOST_ROWS = 2000;
/** Refits at most: the units that one step says matter most. */
const REFITTED = 5;
const FEWEST_ROWS = 15;
/**
 * A row is named when the answer moves by a standard error without it and the others predict it worse than chance
 * would: a corner of a small sweep moves the answer so far in every fifth clean log, which by itself is no news.
 */
const MOVED = 1;
/** Chance that any of n rows is called surprising in a clean log. */
const CHANCE = 0.05;

export interface LeaveOneOut {
  looMeanRelativeError: number | null;
  diagnosis: Diagnosis[];
}

/** A number that a unit may move: an exponent, or the log of the best size at ten times the data's compute. */
interface Watched {
  words: string;
  of(free: Float64Array): number | null;
  /** What it is at the answer. */
  from: number | null;
  standardError: number;
}

/**
 * @param covariance of the free parameters, from the curvature. Draws would not do as the measure: a row that moves the
 *   answer is in some resamples and not in others, and their scatter is as large as its move
 */
export function leaveOneOut(fitted: Fitted, covariance: Float64Array | null): LeaveOneOut {
  const { observations, model, objective, solution, rowResiduals } = fitted;
  const n = observations.measured.length;
  if (n > MOST_ROWS || n <= fitted.layout.free.length) return { looMeanRelativeError: null, diagnosis: [] };
  const units = fitted.units();
  const problem = model.problem(solution.kernel, objective);
  const without = withoutEach(problem, solution, rowResiduals, units);
  const looMeanRelativeError = meanRelativeError(fitted, units, without);
  // The covariance takes rows as independent: with clusters it measures nothing. Counts are surprising each in its
  // own measure, which their dispersion holds.
  const isCounts = objective.information !== undefined;
  if (n < FEWEST_ROWS || covariance === null || observations.run !== null || isCounts)
    return { looMeanRelativeError, diagnosis: [] };
  const watched = watchedNumbers(fitted, covariance);
  return { looMeanRelativeError, diagnosis: influential(fitted, units, watched, without) };
}

function meanRelativeError(
  { model, objective }: Fitted,
  units: readonly Int32Array[],
  without: readonly (WithoutUnit | null)[],
): number | null {
  let total = 0;
  let count = 0;
  for (const [u, unit] of units.entries()) {
    const predicted = without[u]?.predicted;
    if (predicted === undefined) return null;
    unit.forEach((row, k) => {
      const value = objective.scale === "log" ? Math.exp(predicted[k]) : predicted[k];
      total += Math.abs(value / model.measured[row] - 1);
      count++;
    });
  }
  return Number.isFinite(total) ? total / count : null;
}

function watchedNumbers({ law, sum, layout, observations, solution }: Fitted, V: Float64Array): Watched[] {
  const p = layout.free.length;
  const watched: Watched[] = [];
  for (const term of sum?.terms ?? []) {
    const j = layout.free.findIndex(({ name }) => name === term.exponent);
    if (j < 0) continue;
    const from = solution.parameters[j];
    watched.push({
      words: term.exponent,
      of: (free) => free[j],
      from,
      standardError: Math.sqrt(V[j * p + j]),
    });
  }
  const { allocation } = law;
  const [N, D] = [observations.inputs.get("N"), observations.inputs.get("D")];
  if (allocation === null || N === undefined || D === undefined) return watched;
  const nd = 10 * N.reduce((most, size, i) => Math.max(most, size * D[i]), 0);
  const names = law.parameters.map(({ name }) => name);
  const of = (free: Float64Array): number | null => {
    const all = layout.complete(free);
    const c: Record<string, number> = {};
    names.forEach((name, j) => {
      c[name] = all[j];
    });
    const split = allocation.optimum(c, nd);
    return split === null || !(split.N > 0) ? null : Math.log(split.N);
  };
  const standardError = errorOf(of, solution.parameters, V);
  watched.push({ words: "the best size at 10x compute", of, from: of(solution.parameters), standardError });
  return watched;
}

/** sqrt(g'V g), the gradient g by central differences; not a number where the number has none. */
function errorOf(of: (free: Float64Array) => number | null, at: Float64Array, V: Float64Array): number {
  const p = at.length;
  const gradient = at.map((value, j) => {
    if (!(V[j * p + j] > 0)) return 0;
    const step = 1e-4 * (Math.abs(value) || Math.sqrt(V[j * p + j]));
    const moved = (sign: number) =>
      of(at.map((other, k) => (k === j ? other + sign * step : other))) ?? Number.NaN;
    return (moved(1) - moved(-1)) / (2 * step);
  });
  let variance = 0;
  for (let a = 0; a < p; a++)
    for (let b = 0; b < p; b++) variance += gradient[a] * V[a * p + b] * gradient[b];
  return Math.sqrt(variance);
}

/** How far the most moved of the watched numbers moves, in standard errors. */
function moved(watched: readonly Watched[], to: Float64Array) {
  let most = { words: "", errors: 0 };
  for (const { words, of, from, standardError } of watched) {
    const value = of(to);
    if (from === null || value === null || !(standardError > 0)) continue;
    const errors = (value - from) / standardError;
    if (Math.abs(errors) > Math.abs(most.errors)) most = { words, errors };
  }
  return most;
}

function influential(
  fitted: Fitted,
  units: readonly Int32Array[],
  watched: readonly Watched[],
  without: readonly (WithoutUnit | null)[],
): Diagnosis[] {
  const { solution, model, objective, observations, rows } = fitted;
  const candidates = without
    .map((fit, u) => ({
      u,
      errors: fit === null ? 0 : Math.abs(moved(watched, solution.kernel.toParameters(fit.theta)).errors),
    }))
    .filter(({ errors }) => errors > 0.7 * MOVED)
    .sort((a, b) => b.errors - a.errors || a.u - b.u)
    .slice(0, REFITTED);
  if (candidates.length === 0) return [];
  const start = model.warmStart(solution);
  const residuals = perObservation(
    fitted.rowResiduals.map((r, i) => r * (rows.inverseNoise?.[i] ?? 1)),
    rows.rowOf,
  );
  const p = fitted.layout.free.length;
  const spread = robustSpread(residuals, p);
  // Bonferroni's bound for the largest of n studentised residuals.
  const limit = studentFactor(1 - CHANCE / residuals.length, residuals.length - p - 1);
  const found = candidates.flatMap(({ u }) => {
    const [refit] = leaveOutFits(model, objective, start, units, [u, u + 1]).values;
    const effect = refit === undefined ? null : moved(watched, refit);
    if (effect === null) return [];
    const isSurprising = surprise(fitted, units[u], without[u], spread) > limit;
    return isSurprising && Math.abs(effect.errors) > MOVED ? [{ u, ...effect }] : [];
  });
  if (found.length === 0) return [];
  const firstOf = (u: number) => (rows.rowOf === null ? units[u][0] : rows.rowOf.indexOf(units[u][0]));
  const named = found.map(({ u, words, errors }) => {
    const i = firstOf(u);
    return {
      i,
      text: `${observations.label(i)} (${words} ${errors > 0 ? "+" : "-"}${Math.abs(errors).toFixed(1)} s.e. without it)`,
    };
  });
  return [
    {
      code: "influential",
      severity: "warning",
      message: `the answer hangs on ${found.length === 1 ? "one row" : `${found.length} rows`}: ${named.map(({ text }) => text).join("; ")}. Check ${found.length === 1 ? "it" : "them"}, or add runs nearby`,
      rows: named.map(({ i }) => ({
        label: observations.label(i),
        ...observations.source(i),
        relativeError: relativeErrorOf(fitted, i),
      })),
      numbers: { count: found.length, largest: Math.max(...found.map(({ errors }) => Math.abs(errors))) },
    },
  ];
}

/**
 * How badly the others predict a unit, in standard deviations: sqrt(r r_(-i)) / s of its worst row, which is the
 * studentised residual r_(-i) sqrt(1 - h) / s, since r = (1 - h) r_(-i).
 */
function surprise(
  { rowResiduals, solution, model, objective }: Fitted,
  unit: Int32Array,
  without: WithoutUnit | null,
  spread: number,
): number {
  if (without === null) return Number.POSITIVE_INFINITY;
  const { y, inverseNoise } = model.problem(solution.kernel, objective);
  const products = Array.from(
    unit,
    (row, k) => rowResiduals[row] * (y[row] - without.predicted[k]) * (inverseNoise?.[row] ?? 1) ** 2,
  );
  return Math.sqrt(Math.max(0, ...products)) / spread;
}

function relativeErrorOf({ rows, rowResiduals, objective, observations }: Fitted, i: number): number {
  const r = rowResiduals[rows.rowOf === null ? i : rows.rowOf[i]];
  const y = observations.measured[i];
  return objective.scale === "log" ? Math.expm1(r) : y / (y - r) - 1;
}
