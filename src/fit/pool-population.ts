/**
 * Several families of runs under one law whose parameters are drawn about a common mean: the family's own best places and
 * the linear models about them, by turns (Lindstrom and Bates, Biometrics 46, 1990). Given the spreads each family is fitted
 * with a penalty for its distance from the mean; about where it comes to lie the model is linear, and mean and spreads follow
 * (the spreads by the EM steps of Laird and Ware, Biometrics 38, 1982).
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { distinctRows } from "./distinct.js";
import { joinedRows } from "./joined-rows.js";
import { choleskyInPlace } from "./linear-algebra.js";
import { modelOf } from "./model-of.js";
import { isHuber, isLog, type ObjectiveName } from "./objective.js";
import { type PoolCoordinates, poolCoordinates, poolLayout } from "./pool-coordinates.js";
import { PoolRows, type RowNoise } from "./pool-rows.js";
import { median, robustSpread } from "./quantiles.js";
import {
  type FamilySums,
  inverseFrom,
  type PopulationMean,
  populationMean,
  type Spreads,
} from "./random-effects.js";
import { quickSearchObjective } from "./search-objective.js";

/** What rows are judged by: only squares and Huber's sums, of logs or of values, are pooled. */
export interface PoolObjective {
  name: ObjectiveName;
  delta: "auto" | number;
}

export interface Population {
  law: Law;
  objective: PoolObjective;
  coordinates: PoolCoordinates;
  isLog: boolean;
  noise: RowNoise;
  /** A spread between families that is usual, by coordinate, and one that leaves a coefficient free. */
  usual: Float64Array;
  free: Float64Array;
  spreads: Spreads;
  mean: Float64Array;
  families: { rows: PoolRows; at: Float64Array; sums: FamilySums }[];
  /** Residuals of all families, widened for what was fitted, of one size. */
  residuals: number[];
}

/**
 * Half of all families lie this close to the mean: exponents and terms within 20 % of it, and no coordinate moves predictions
 * by more than 5 %. By the effect on predictions alone (5 % of each) a family of three runs could take an exponent of three
 * times the others', which the rows hardly show and larger runs do.
 */
const USUAL_SHARE = 0.2;
const USUAL_EFFECT = 0.05;
/** A coordinate that moves nothing keeps a spread that has a logarithm. */
const LEAST_USUAL = 1e-6;
/** A coefficient is as good as free within e^2. */
const FREE = 2;
/** Huber's threshold in robust spreads, for 95 % efficiency. */
const EFFICIENT = 1.345;
const ROUNDS = 25;
/** A smaller spread, in usual ones, is none. */
const LEAST_TAU = 1e-3;

/**
 * @param families rows of each, in canonical order; one row is enough for one of them
 * @throws DataError where no family shows the law by itself, nor all of them together
 */
export function fitPopulation(
  law: Law,
  families: readonly Observations[],
  objective: PoolObjective,
): Population {
  const isLogScale = isLog(objective.name);
  const middle = middleOf(law, families, objective);
  const coordinates = poolCoordinates(law, families, middle, isLogScale);
  const all = families.map((family) => ({
    rows: new PoolRows(law, family, coordinates, isLogScale),
    at: coordinates.of(middle),
  }));
  const unit = isLogScale ? 1 : typicalSize(families);
  const usual = coordinates.steepness.map(
    (R) => Math.min(USUAL_EFFECT, Math.max(USUAL_SHARE * (R / unit), LEAST_USUAL)) * unit,
  );
  const spreads: Spreads = { tau: usual.map((tau) => 2 * tau), sigma: USUAL_EFFECT * unit };
  const noise: RowNoise = { delta: Number.POSITIVE_INFINITY, kappa: 1, sigma: USUAL_EFFECT * unit };
  let state: State = { all, mean: coordinates.of(middle), spreads, noise, sums: [] };
  for (let round = 0; round < ROUNDS; round++) {
    state = settledAbout(settledAbout(state, usual), usual);
    const next = noiseOf(objective, all, state.sums, state.spreads, LEAST_SIGMA * unit);
    const tau = nextTau(all, state.mean, state.spreads, state.sums, usual);
    state = { ...state, noise: next, spreads: { tau, sigma: next.sigma } };
  }
  const widen = Math.sqrt(1 / leftShare(all, state.sums, state.spreads));
  return {
    law,
    objective,
    coordinates,
    isLog: isLogScale,
    noise: state.noise,
    usual,
    free: coordinates.steepness.map((R) => FREE * Math.min(unit, R)),
    spreads: state.spreads,
    mean: state.mean,
    families: all.map(({ rows, at }) => ({ rows, at, sums: rows.sums(at, state.noise) })),
    residuals: all.flatMap(({ rows, at }) => Array.from(rows.residualsAt(at), (r) => r * widen)),
  };
}

interface State {
  all: Placed[];
  mean: Float64Array;
  spreads: Spreads;
  noise: RowNoise;
  sums: FamilySums[];
}

/** Each family's own place about the mean, then the mean of the linear models about those. */
function settledAbout({ all, mean, spreads, noise }: State, usual: Float64Array): State {
  const precision = diagonal(spreads.tau.map((tau, k) => 1 / Math.max(tau, LEAST_TAU * usual[k]) ** 2));
  const penalty = { free: Array.from(mean, (_, k) => k), centre: mean, precision };
  for (const family of all) family.at = family.rows.penalised(family.at, noise, penalty);
  const sums = all.map(({ rows, at }) => about(rows.sums(at, noise), at, mean));
  const found = populationMean(sums, spreads);
  return { all, mean: found === null ? mean : mean.map((u, k) => u + found.mean[k]), spreads, noise, sums };
}

const SHAPE_ROUNDS = 8;

/** The mean, with its covariance, where all families have one shape and coefficients of their own. */
export function oneShape(population: Population): PopulationMean {
  const { coordinates, usual, free, noise } = population;
  const tau = population.mean.map((_, k) => (k < coordinates.coefficients ? free[k] : LEAST_TAU * usual[k]));
  const spreads = { tau, sigma: noise.sigma };
  const all = population.families.map(({ rows, at }) => ({ rows, at }));
  let state: State = { all, mean: population.mean, spreads, noise, sums: [] };
  for (let round = 0; round < SHAPE_ROUNDS; round++) state = settledAbout(state, usual);
  const found = populationMean(state.sums, spreads);
  const covariance = found?.covariance ?? diagonal(tau.map((t) => t * t));
  return { mean: state.mean, covariance, logLikelihood: found?.logLikelihood ?? 0 };
}

/** The sums with z counted from the mean instead of the place the model is about. */
export function about({ JJ, Jz, zz, rows }: FamilySums, at: Float64Array, mean: Float64Array): FamilySums {
  const p = at.length;
  const moved = Float64Array.from(Jz);
  let square = zz;
  for (let a = 0; a < p; a++) {
    const d = at[a] - mean[a];
    square += 2 * d * Jz[a];
    for (let b = 0; b < p; b++) {
      moved[a] += JJ[a * p + b] * (at[b] - mean[b]);
      square += d * JJ[a * p + b] * (at[b] - mean[b]);
    }
  }
  return { JJ, Jz: moved, zz: square, rows };
}

/**
 * Parameters amid the families: of the fits to each alone, of those that have the rows for it, and one fit to all, the one
 * that is the closest to the rows of all, each family moved to it as a whole. (A curve through families of other levels as they
 * stand is none of theirs: of six whose levels differ by 15 % its floor was often 0, and no family came back from there. Medians of single parameters would belong to no curve: a coefficient at x = 1 goes
 * with its exponent, and by how much depends on the unit of x.)
 */
function middleOf(law: Law, families: readonly Observations[], objective: PoolObjective): Float64Array {
  const own = families.flatMap((family) => aloneQuickly(law, family, objective) ?? []);
  const all = searched(law, joinedRows(families), objective);
  const found = all === null ? own : [...own, all];
  const inside = found.filter((parameters) => isInside(law, parameters));
  const candidates = inside.length > 0 ? inside : found;
  if (candidates.length > 0) {
    const misses = candidates.map((parameters) => missOf(law, families, parameters, isLog(objective.name)));
    return candidates[misses.indexOf(Math.min(...misses))] ?? candidates[0];
  }
  throw new DataError({
    code: "too-few-rows",
    message: `the families have too few runs to show the law "${law.id}", each alone and all together`,
    hint: "take a law with fewer parameters such as --law power, or add runs to one of them",
  });
}

/** Whether no parameter is on a bound: from a floor of 0, whose logarithm has no end, a population does not come back. */
const isInside = (law: Law, parameters: Float64Array): boolean =>
  poolLayout(law).free.every(
    ({ lower, upper }, j) => parameters[j] > lower + ON_BOUND && parameters[j] < upper - ON_BOUND,
  );

const ON_BOUND = 1e-9;

/** Mean distance of the rows from one curve, each family moved by its median distance and counting alike. */
function missOf(
  law: Law,
  families: readonly Observations[],
  parameters: Float64Array,
  isLogScale: boolean,
): number {
  const compiled = poolLayout(law).compile();
  const miss = families.reduce((total, { inputs, measured }) => {
    const columns = law.inputs.map(({ name }) => inputs.get(name) as Float64Array);
    const value = new Float64Array(measured.length);
    compiled.bind(columns, measured.length).value(parameters, value);
    const distances = measured.map((y, i) => (isLogScale ? Math.log(y / value[i]) : y - value[i]));
    const level = median(distances);
    return total + distances.reduce((sum, d) => sum + Math.abs(d - level), 0) / measured.length;
  }, 0);
  return Number.isFinite(miss) ? miss : Number.MAX_VALUE;
}

const ROWS_BEYOND = 2;
const kept = new WeakMap<Observations, Map<string, Float64Array | null>>();

/** A quick fit, kept for the next who asks; null where the rows are too few or the law has no value. */
function aloneQuickly(law: Law, family: Observations, objective: PoolObjective): Float64Array | null {
  const key = `${law.id} ${objective.name} ${objective.delta}`;
  const known = kept.get(family) ?? new Map<string, Float64Array | null>();
  kept.set(family, known);
  const found = known.get(key) ?? searched(law, family, objective);
  known.set(key, found);
  return found;
}

function searched(law: Law, family: Observations, objective: PoolObjective): Float64Array | null {
  const layout = poolLayout(law);
  if (family.measured.length < layout.free.length + ROWS_BEYOND) return null;
  const rows = distinctRows(family);
  const { objective: name, delta } = { objective: objective.name, delta: objective.delta };
  try {
    const { model } = modelOf(law, layout, rows);
    return quickSearchObjective(model, rows.rowOf, { objective: name, delta })?.solution.parameters ?? null;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return null;
  }
}

function typicalSize(families: readonly Observations[]): number {
  return median(families.map(({ measured }) => median(measured.map(Math.abs))));
}

interface Placed {
  rows: PoolRows;
  at: Float64Array;
}

const LEAST_SIGMA = 1e-4;
/** So much of the rows counts as left however much was fitted. */
const LEAST_LEFT = 0.2;

function leftShare(all: readonly Placed[], sums: readonly FamilySums[], spreads: Spreads): number {
  const p = spreads.tau.length;
  const own = sums.reduce((total, family) => total + spentOn(family, spreads), 0);
  const spent = own + p - own / sums.length;
  const count = all.reduce((total, { rows }) => total + rows.rows, 0);
  return Math.max(1 - spent / count, LEAST_LEFT);
}

/** Parameters that a family's rows are worth: all where they tell more than the population, none where it tells more. */
function spentOn({ JJ }: FamilySums, { tau, sigma }: Spreads): number {
  const posterior = posteriorOf(JJ, tau, sigma);
  const p = tau.length;
  let spent = 0;
  for (let a = 0; a < p; a++)
    for (let b = 0; b < p; b++) spent += (posterior[a * p + b] * JJ[b * p + a]) / sigma ** 2;
  return spent;
}

/** (J'J / sigma^2 + T^-1)^-1. */
function posteriorOf(JJ: Float64Array, tau: Float64Array, sigma: number): Float64Array {
  const p = tau.length;
  const K = new Float64Array(p * p);
  for (let a = 0; a < p; a++)
    for (let b = 0; b < p; b++)
      K[a * p + b] = (a === b ? 1 : 0) + (tau[a] * tau[b] * JJ[a * p + b]) / sigma ** 2;
  choleskyInPlace(K, p);
  const inverse = inverseFrom(K, p);
  return inverse.map((value, i) => value * tau[Math.floor(i / p)] * tau[i % p]);
}

function noiseOf(
  { name, delta }: PoolObjective,
  all: readonly Placed[],
  sums: readonly FamilySums[],
  spreads: Spreads,
  least: number,
): RowNoise {
  const residuals = Float64Array.from(all.flatMap(({ rows, at }) => Array.from(rows.residualsAt(at))));
  const n = residuals.length;
  const left = leftShare(all, sums, spreads);
  const rough = Math.max(robustSpread(residuals, (1 - left) * n), least);
  const threshold = !isHuber(name) ? Number.POSITIVE_INFINITY : delta === "auto" ? EFFICIENT * rough : delta;
  const within = residuals.reduce((count, r) => count + (Math.abs(r) <= threshold ? 1 : 0), 0) / n;
  const kappa = Math.max(within, 0.1);
  const squares = residuals.reduce((sum, r) => sum + Math.min(Math.abs(r), threshold) ** 2, 0);
  return { delta: threshold, kappa, sigma: Math.max(Math.sqrt(squares / (n * left)) / kappa, least) };
}

/** tau^2 = mean over the families of (u - mean)^2 and of what is not known of u. */
function nextTau(
  all: readonly Placed[],
  mean: Float64Array,
  { tau, sigma }: Spreads,
  sums: readonly FamilySums[],
  usual: Float64Array,
): Float64Array {
  const p = tau.length;
  const total = new Float64Array(p);
  all.forEach(({ at }, g) => {
    const posterior = posteriorOf(sums[g].JJ, tau, sigma);
    for (let k = 0; k < p; k++) total[k] += (at[k] - mean[k]) ** 2 + posterior[k * p + k];
  });
  return total.map((sum, k) => Math.max(Math.sqrt(sum / all.length), LEAST_TAU * usual[k]));
}

export function diagonal(values: Float64Array): Float64Array {
  const p = values.length;
  const matrix = new Float64Array(p * p);
  for (let k = 0; k < p; k++) matrix[k * p + k] = values[k];
  return matrix;
}
