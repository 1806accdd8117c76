/**
 * The search for the best fit of a sum of power terms: every start run roughly, the best basins polished on the exact
 * objective.
 */
import { residualsAt } from "./evaluate.js";
import type { Kernel } from "./kernel.js";
import { asBasins, type Basin, type SearchOutcome, type Solution, searchOutcome } from "./model.js";
import { makeObjective, type Objective } from "./objective.js";
import { ontoFace } from "./power-sum.js";
import type { PowerSumProblem } from "./power-sum-fit.js";
import { randomStream } from "./random.js";
import { MOST_MINIMA, startsFor } from "./search.js";
import { minimise } from "./solve.js";

const ROUGH = { tolerance: 1e-3, enough: 1e-8, maxSteps: 40 };

/**
 * Basins polished at most: four, and more where rows are so few that they cost little. Among 14 rows the best was once
 * not one of the four lowest on the widened objective.
 */
const POLISHED = 4;
const POLISHED_ROWS = 480;
const MOST_POLISHED = 20;
const basinsToPolish = (rows: number): number =>
  Math.min(Math.max(POLISHED, Math.floor(POLISHED_ROWS / rows)), MOST_POLISHED);
/**
 * Hops from the best end where most residuals lie beyond delta: the objective is then nearly a sum of absolute values,
 * which has minima side by side where rows are few. In 10,000 synthetic logs at delta 1e-3 (test/bench/search) one in
 * 300, all of 12 to 43 rows, ended in the wrong one without hops. So many row evaluations are spent, whatever the rows.
 */
const HOPPED_ROWS = 1200;
const MOST_HOPS = 60;
/** With more rows no hop has found more than 1e-6. */
const ROWS_WITH_HOPS = 200;
/**
 * With no more rows than this every start is also run on the objective itself, and there are hops whatever the delta:
 * an adaptive delta is as large as the residuals, thirty times that is plain squares, and these leave the basins in
 * which outliers are ignored.
 */
const FEW_ROWS = 60;
/** Share of the rows within delta under which hops are made. */
const MOSTLY_BEYOND = 0.5;
/** The search is part of the fit, not of its randomness: its hops are the same for every seed. */
const HOP_SEED = 20_405;
/** Rows enough to tell basins apart; the polish sees all of them. */
export const ROUGH_ROWS = 4000;
/** Ends of rough runs closer than this (relative, in every coordinate) are one basin. */
const ONE_BASIN = 1e-2;
/** And closer than this one point, from which there is one way on. */
const SAME_POINT = 1e-3;
/**
 * Above this times the lowest, a minimum over thinned rows is none of all rows: with 4000 of them a sum is known to 2 %,
 * and the difference of two sums over the same rows better.
 */
const HOPELESS = 1.1;

/** Where a run ended. */
interface End extends Basin {
  value: number;
}

/** A minimum and how many starts led to it. */
interface Polished {
  solution: Solution;
  starts: number;
}

/**
 * The global minimum over all starts.
 *
 * Each start is run roughly (a Huber objective first at 30 delta, then at 3 delta), equal ends are joined after each
 * stage, and the best of them are polished. The face E = 0 is searched by itself where one of them lies on it: it has
 * basins that no way through the inside leads to. Few rows, and a delta far below the residuals, are searched more widely.
 *
 * @param known points that a search of the same rows on another objective came by: with many rows they take the place of
 *   most starts, with few they are tried beside them
 */
export function searchMinimum(
  problem: PowerSumProblem,
  objective: Objective,
  known: readonly Basin[] = [],
): SearchOutcome {
  const thinned = problem.thinned(ROUGH_ROWS);
  const hasFewRows = problem.measured.length <= FEW_ROWS;
  const { wide, ends } = roughEnds(thinned, objective, known, hasFewRows);
  let tried = ends.reduce((total, end) => total + end.starts, 0);
  const most = basinsToPolish(problem.measured.length);
  const polished = polishedEnds(problem, thinned, ends.slice(0, most), objective);
  const isOnFace = ({ solution }: Polished) => solution.kernel === problem.face;
  if (problem.sum.floor !== null && polished.some(isOnFace)) {
    const onFace = faceEnds(thinned, objective).slice(0, most);
    for (const end of onFace) {
      polished.push({ starts: end.starts, solution: problem.polishFace(end.theta, objective) });
      tried += end.starts;
    }
  }
  const mayHop = objective.delta !== null && problem.measured.length <= ROWS_WITH_HOPS;
  if (mayHop && (hasFewRows || isMostlyBeyond(problem, objective, lowest(polished)))) {
    if (hasFewRows) {
      const starts = thinned.starts();
      const direct = joined(roughRuns(problem, problem.full, asBasins(starts), objective), ONE_BASIN);
      for (const end of direct.slice(0, most))
        polished.push({ starts: end.starts, solution: problem.polish(end.theta, objective) });
      tried += starts.length;
    }
    const hopped = hops(problem, lowest(polished), objective);
    for (const solution of hopped) polished.push({ starts: 1, solution });
    tried += hopped.length;
  }
  // The starts are counted where they first ended.
  const basins = polished
    .map(({ solution }) => ({ theta: problem.warmStart(solution), value: solution.minimum.value, starts: 0 }))
    .concat(wide.slice(0, most));
  return { ...searchOutcome(polished, tried), basins: joined(basins, ONE_BASIN) };
}

const lowest = (polished: readonly Polished[]): Solution =>
  polished.reduce((a, b) => (b.solution.minimum.value < a.solution.minimum.value ? b : a)).solution;

/**
 * The ends polished. Of many rows some are enough to tell which basins can be the best, and to come so near to their
 * minima that few passes over all rows are left.
 */
function polishedEnds(
  problem: PowerSumProblem,
  thinned: PowerSumProblem,
  ends: readonly End[],
  objective: Objective,
): Polished[] {
  const few = ends.map(({ theta, starts }) => ({ starts, solution: thinned.polish(theta, objective) }));
  if (thinned === problem) return few;
  const limit = HOPELESS * lowest(few).minimum.value;
  return few
    .filter(({ solution }) => solution.minimum.value <= limit)
    .map(({ starts, solution }) => ({
      starts,
      solution: problem.polish(thinned.warmStart(solution), objective),
    }));
}

/** Whether most residuals lie on the linear part of the objective. */
function isMostlyBeyond(problem: PowerSumProblem, objective: Objective, solution: Solution): boolean {
  const { delta } = objective;
  if (delta === null) return false;
  const residuals = residualsAt(problem.problem(solution.kernel, objective), solution.minimum.theta);
  const q = problem.inverseNoise;
  const inside = residuals.reduce((count, r, i) => count + (Math.abs(r) * (q?.[i] ?? 1) <= delta ? 1 : 0), 0);
  return inside < MOSTLY_BEYOND * residuals.length;
}

/** Minima near the best one so far: every coordinate moved by chance, by a fraction of a per cent to a half. */
function hops(problem: PowerSumProblem, from: Solution, objective: Objective): Solution[] {
  const rows = problem.measured.length;
  const count = Math.min(Math.floor(HOPPED_ROWS / rows), MOST_HOPS);
  let best = from;
  return Array.from({ length: count }, (_, hop) => {
    const stream = randomStream(HOP_SEED, hop);
    const size = 10 ** (-2.5 + 2.2 * stream.uniform());
    // From the face every other hop goes inside.
    const stays = best.kernel === problem.face && hop % 2 === 0;
    const moved = (stays ? best.minimum.theta : problem.warmStart(best)).map(
      (t, j) => t * (1 + size * stream.normal() * (j === 0 && !stays ? 0.1 : 1)),
    );
    const end = stays ? problem.polishFace(moved, objective) : problem.polish(moved, objective);
    if (end.minimum.value < best.minimum.value) best = end;
    return end;
  });
}

/**
 * Where starts end on widened objectives, best first, near-equal ends joined; `wide` after the first of two stages.
 * The minima of the grid are also run without the wide stage, which can leave a narrow basin.
 */
function roughEnds(
  thinned: PowerSumProblem,
  objective: Objective,
  known: readonly Basin[],
  hasFewRows: boolean,
): { wide: End[]; ends: End[] } {
  const starts = thinned.starts();
  const first = starts.slice(0, MOST_MINIMA);
  const isKnown = known.length > 0 && !hasFewRows;
  const begun = isKnown ? [...asBasins(first), ...known] : asBasins(starts);
  const run = (from: readonly Basin[], stage: Objective) => roughRuns(thinned, thinned.full, from, stage);
  const stages = widened(objective);
  if (stages.length === 1) {
    const ends = joined(run(begun, objective), ONE_BASIN);
    return { wide: [], ends };
  }
  const [widest, narrower] = stages;
  const wide = joined(run(begun, widest), SAME_POINT);
  const again = known.map(({ theta }) => ({ theta, starts: 0 }));
  const narrow = isKnown ? again : [...asBasins(first), ...again];
  return { wide, ends: joined(run([...wide, ...narrow], narrower), ONE_BASIN) };
}

/** The same on the face E = 0. */
function faceEnds(thinned: PowerSumProblem, objective: Objective): End[] {
  const terms = thinned.sum.terms.length;
  const starts = startsFor(thinned.full, thinned.measured, false).map((start) => ontoFace(start, terms));
  const run = (from: readonly Basin[], stage: Objective) => roughRuns(thinned, thinned.face, from, stage);
  const stages = widened(objective);
  const last = stages[stages.length - 1];
  const before = stages
    .slice(0, -1)
    .reduce((ends, stage) => joined(run(ends, stage), SAME_POINT), asBasins(starts));
  return joined(run(before, last), ONE_BASIN);
}

const widened = (objective: Objective): Objective[] =>
  objective.delta === null
    ? [objective]
    : [30, 3].map((factor) => makeObjective(objective.name, factor * (objective.delta as number)));

/** Ends of rough runs, best first, those within `distance` of a better one joined to it. */
function joined(runs: readonly End[], nearest: number): End[] {
  const finite = runs.filter((run) => Number.isFinite(run.value)).sort((a, b) => a.value - b.value);
  const ends: End[] = [];
  for (const run of finite) {
    const known = ends.find((end) => distance(end.theta, run.theta) <= nearest);
    if (known === undefined) ends.push({ ...run });
    else known.starts += run.starts;
  }
  return ends;
}

function roughRuns(
  problem: PowerSumProblem,
  kernel: Kernel,
  from: readonly Basin[],
  stage: Objective,
): End[] {
  const workspace = problem.workspaceFor(kernel);
  return from.map(({ theta, starts }) => {
    const end = minimise(problem.problem(kernel, stage), theta, { ...ROUGH, workspace });
    return { theta: end.theta, value: end.value, starts };
  });
}

/** Largest difference of a coordinate, relative to its size. */
function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let j = 0; j < a.length; j++)
    largest = Math.max(largest, Math.abs(a[j] - b[j]) / (0.1 + Math.abs(a[j])));
  return largest;
}
