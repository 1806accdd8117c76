/**
 * Least absolute deviations: |r| has no derivative at 0, and at its optimum about as many residuals as there are parameters
 * vanish. It is reached as the limit of a rounded |r|: the zone of rounding is made smaller in steps, each from the
 * answer of the one before, and at last the vertex itself is solved for.
 *
 * Where rows are few, minima lie side by side, each with other rows met. From the best of them one hops: every coordinate is
 * moved by chance, and the nearest vertex solved for, which costs little. Without hops 1 in 50 of synthetic logs ended too
 * high, by up to 3 % (test/bench/search).
 */
import { residualsAt } from "./evaluate.js";
import type { Model, SearchOutcome, Solution } from "./model.js";
import { makeObjective, type ObjectiveName } from "./objective.js";
import { robustSpread } from "./quantiles.js";
import { randomStream } from "./random.js";
import { nearestVertex } from "./vertex.js";

/** Widths of the rounded zone, relative to the robust spread of the residuals. */
const WIDTHS = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6, 1e-7];
/** With more rows than this the sum is right to 1e-9 at this width: it goes with the square of it. */
const MANY_ROWS = 1000;
const NARROW_ENOUGH = 3e-5;
/** With more rows than this no vertex is solved for: a step of it sorts them all. */
const ROWS_WITH_VERTEX = 20_000;
/** The width at which resamples are fitted: their scatter is a thousand times as large as what it rounds. */
const WORKING_WIDTH = 0.01;
/** So many row evaluations are spent on hops, and so many hops at most. */
const HOPPED_ROWS = 9000;
const MOST_HOPS = 60;
/** The search is part of the fit, not of its randomness: its hops are the same for every seed. */
const HOP_SEED = 20_407;

export interface AbsoluteFit {
  search: SearchOutcome;
  /** Width of the rounded zone for resamples. */
  delta: number;
}

export function searchAbsolute(model: Model, name: ObjectiveName): AbsoluteFit {
  const squares = name === "absolute-log" ? "squares-log" : "squares";
  const first = model.search(makeObjective(squares, null));
  const spread = spreadOf(model, first.best, squares);
  const search = model.search(makeObjective(name, spread));
  const ends = [settled(model, search.best, name, spread)];
  // The rounding may favour one side of a bound, the sum itself the other: other basins get their chance.
  const basins = model.measured.length > MANY_ROWS ? [] : search.basins;
  for (const { theta } of basins) {
    const end = model.polish(theta, makeObjective(name, WIDTHS[0] * spread));
    ends.push(settledIfLower(model, atVertex(model, end, name), lowest(ends), name, spread));
  }
  const hops = Math.min(MOST_HOPS, Math.floor(HOPPED_ROWS / model.measured.length));
  for (let hop = 0; hop < hops; hop++) {
    const end = hopped(model, lowest(ends), name, spread, hop);
    if (end !== null) ends.push(end);
  }
  return { search: withHops(search, ends), delta: WORKING_WIDTH * spread };
}

const lowest = (ends: readonly Solution[]): Solution =>
  ends.reduce((a, b) => (b.minimum.value < a.minimum.value ? b : a));

/** The search with the hops among its starts: how many of them came back to the best, and what else they found. */
function withHops(search: SearchOutcome, ends: readonly Solution[]): SearchOutcome {
  const best = lowest(ends);
  const { value } = best.minimum;
  const isBest = (end: Solution) => end.minimum.value <= value * (1 + 1e-9);
  const back = ends.slice(1).filter(isBest).length;
  return {
    ...search,
    best,
    starts: search.starts + ends.length - 1,
    // The starts before led to the first of the ends, which may have been left behind.
    reachedBest: back + (isBest(ends[0]) ? search.reachedBest : 0),
  };
}

/** The minimum of the sum itself near a solution: with less and less rounding, and at the vertex where there is one. */
function settled(model: Model, from: Solution, name: ObjectiveName, spread: number): Solution {
  const least = model.measured.length > MANY_ROWS ? NARROW_ENOUGH : 0;
  let best = withExactValue(model, from, name);
  let solution = from;
  for (const width of WIDTHS) {
    if (width < least) break;
    solution = model.repolish(solution, makeObjective(name, width * spread));
    const exact = withExactValue(model, solution, name);
    if (exact.minimum.value < best.minimum.value) best = exact;
  }
  return model.measured.length > ROWS_WITH_VERTEX ? best : atVertex(model, best, name);
}

/**
 * The minimum where a hop from the best end leads: only one that promises to be lower is settled. Null where it leads out of
 * the law's bounds.
 */
function hopped(
  model: Model,
  best: Solution,
  name: ObjectiveName,
  spread: number,
  hop: number,
): Solution | null {
  const stream = randomStream(HOP_SEED, hop);
  const size = 10 ** (-2.5 + 2.2 * stream.uniform());
  const { lower, upper } = best.kernel;
  const theta = best.minimum.theta.map((t, j) =>
    Math.min(Math.max(t * (1 + size * stream.normal()), lower[j]), upper[j]),
  );
  if (!model.isInside(best.kernel, theta)) return null;
  const end = atVertex(model, { ...best, minimum: { ...best.minimum, theta } }, name);
  return settledIfLower(model, end, best, name, spread);
}

/** Only an end that promises to be lower than the best so far is worth being settled. */
function settledIfLower(
  model: Model,
  end: Solution,
  best: Solution,
  name: ObjectiveName,
  spread: number,
): Solution {
  return end.minimum.value < best.minimum.value * (1 - 1e-9) ? settled(model, end, name, spread) : end;
}

function spreadOf(model: Model, solution: Solution, name: ObjectiveName): number {
  const residuals = scaledResiduals(model, solution, name);
  const scale = name.endsWith("-log") ? 1 : Math.abs(model.measured[0]) || 1;
  return Math.max(robustSpread(residuals, model.parameters.length), 1e-12 * scale);
}

/** Residuals of the rows in units of their noise. */
function scaledResiduals(model: Model, { kernel, minimum }: Solution, name: ObjectiveName): Float64Array {
  const residuals = residualsAt(model.problem(kernel, makeObjective(name, 1)), minimum.theta);
  return residuals.map((r, i) => r * (model.inverseNoise?.[i] ?? 1));
}

/** The solution with SUM |r| itself as its value. */
function withExactValue(model: Model, solution: Solution, name: ObjectiveName): Solution {
  const residuals = scaledResiduals(model, solution, name);
  let value = 0;
  for (let i = 0; i < residuals.length; i++) value += (model.weight?.[i] ?? 1) * Math.abs(residuals[i]);
  return { ...solution, minimum: { ...solution.minimum, value } };
}

/** The solution at the nearest vertex. */
function atVertex(model: Model, from: Solution, name: ObjectiveName): Solution {
  const { kernel, minimum } = from;
  const problem = model.problem(kernel, makeObjective(name, 1));
  const { theta, value } = nearestVertex(problem, minimum.theta, minimum.atBound, (next) =>
    model.isInside(kernel, next),
  );
  return { ...from, minimum: { ...minimum, theta, value }, parameters: kernel.toParameters(theta) };
}
