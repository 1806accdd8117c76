/**
 * The best fit of a sum of power terms: every start run roughly, the best basins polished on the exact objective,
 * and the face E = 0 taken where the floor would be negative.
 */
import type { Kernel } from "./kernel.js";
import { isHuber, makeObjective, type Objective } from "./objective.js";
import {
  type Centred,
  centre,
  FloorlessKernel,
  MeanValueKernel,
  ontoFace,
  type PowerSum,
} from "./power-sum.js";
import { startsFor } from "./search.js";
import { type Minimum, minimise, type Problem, Workspace } from "./solve.js";

/** A minimum with the kernel in whose coordinates it is, and the law's parameters there. */
export interface Solution {
  minimum: Minimum;
  kernel: Kernel;
  parameters: Float64Array;
  /** Whether the floor is held at 0 by its bound. */
  floorAtZero: boolean;
}

const POLISH = { tolerance: 1e-13, maxSteps: 300 };
const ROUGH = { tolerance: 1e-3, maxSteps: 40 };

/** Everything a fit of one law to one set of rows needs, shared by the search, the resamples and the refits. */
export class PowerSumProblem {
  readonly full: MeanValueKernel;
  readonly face: FloorlessKernel;
  private readonly workspaces: [Workspace, Workspace];
  private readonly logs: Float64Array;

  private constructor(
    readonly sum: PowerSum,
    data: Centred,
    readonly measured: Float64Array,
    readonly weight: Float64Array | null,
  ) {
    this.full = new MeanValueKernel(sum, data);
    this.face = new FloorlessKernel(sum, data);
    this.logs = measured.map(Math.log);
    this.workspaces = [
      new Workspace(measured.length, this.full.size),
      new Workspace(measured.length, this.face.size),
    ];
  }

  static of(
    sum: PowerSum,
    inputs: ReadonlyMap<string, Float64Array>,
    measured: Float64Array,
    weight: Float64Array | null,
  ): PowerSumProblem {
    return new PowerSumProblem(sum, centre(sum, inputs), measured, weight);
  }

  /** Every k-th row, in the same coordinates; the problem itself when it has no more than `most` rows. */
  thinned(most: number): PowerSumProblem {
    const stride = Math.ceil(this.measured.length / most);
    if (stride === 1) return this;
    const pick = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
    const data = { logs: this.full.data.logs.map(pick), means: this.full.data.means };
    return new PowerSumProblem(
      this.sum,
      data,
      pick(this.measured),
      this.weight === null ? null : pick(this.weight),
    );
  }

  /** Measured values on the objective's scale. */
  observed(objective: Objective): Float64Array {
    return objective.scale === "log" ? this.logs : this.measured;
  }

  problem(kernel: Kernel, objective: Objective): Problem {
    return { kernel, y: this.observed(objective), weight: this.weight, objective };
  }

  /** Polishes one start (in mean-value coordinates), going to the face E = 0 where the floor would be negative. */
  polish(start: Float64Array, objective: Objective, options = POLISH): Solution {
    return polishOn(
      this.full,
      this.face,
      this.sum,
      start,
      this.workspaces,
      (kernel) => this.problem(kernel, objective),
      options,
    );
  }
}

/** Polishes on given kernels; shared by the fit and its resamples. */
export function polishOn(
  full: MeanValueKernel,
  face: FloorlessKernel,
  sum: PowerSum,
  start: Float64Array,
  [fullWork, faceWork]: readonly [Workspace, Workspace],
  problem: (kernel: Kernel) => Problem,
  options = POLISH,
): Solution {
  const hasFloor = sum.floor !== null;
  let free: Minimum | null = null;
  if (hasFloor) {
    free = minimise(problem(full), start, { ...options, workspace: fullWork });
    if (full.relativeFloor(free.theta) >= 0) return solution(full, free, false);
  }
  const from = ontoFace(free?.theta ?? start, sum.terms.length);
  const bound = minimise(problem(face), from, { ...options, workspace: faceWork });
  return solution(face, bound, hasFloor);
}

function solution(
  kernel: MeanValueKernel | FloorlessKernel,
  minimum: Minimum,
  floorAtZero: boolean,
): Solution {
  return { minimum, kernel, parameters: kernel.toParameters(minimum.theta), floorAtZero };
}

/** How the search went. */
export interface SearchOutcome {
  best: Solution;
  /** Starts tried, and how many of them lie in the basin of the best minimum. */
  starts: number;
  reachedBest: number;
  /** Distinct minima found, and how far the next one is above the best, relative to it. */
  minima: number;
  gapToNext: number | null;
}

/** Basins polished at most; a second one is rare, a fifth has not been seen. */
const POLISHED = 4;
/** Rows enough to tell basins apart; the polish sees all of them. */
const ROUGH_ROWS = 4000;
/** Ends of rough runs closer than this (relative, in every coordinate) are one basin. */
const ONE_BASIN = 1e-2;

interface RoughEnd {
  theta: Float64Array;
  value: number;
  /** Starts that ended here. */
  starts: number;
}

/**
 * The global minimum over all starts.
 *
 * Each start is run roughly (a Huber objective first at 30 delta, then at 3 delta), near-equal ends are joined, and
 * the best four are polished. Cost: a few milliseconds for some hundred rows.
 */
export function searchMinimum(problem: PowerSumProblem, objective: Objective): SearchOutcome {
  const ends = roughEnds(problem, objective);
  const starts = ends.reduce((total, end) => total + end.starts, 0);
  const polished = ends
    .slice(0, POLISHED)
    .map((end) => ({ end, solution: problem.polish(end.theta, objective) }));
  polished.sort((a, b) => a.solution.minimum.value - b.solution.minimum.value);
  const best = polished[0].solution;
  const value = best.minimum.value;
  const isBest = (other: number) => other <= value * (1 + 1e-9) + 1e-300;
  const others: number[] = [];
  for (const { solution } of polished) {
    const other = solution.minimum.value;
    if (!isBest(other) && others.every((known) => Math.abs(known - other) > 1e-9 * other)) others.push(other);
  }
  return {
    best,
    starts,
    reachedBest: polished
      .filter(({ solution }) => isBest(solution.minimum.value))
      .reduce((total, { end }) => total + end.starts, 0),
    minima: 1 + others.length,
    gapToNext: others.length > 0 && value > 0 ? others[0] / value - 1 : null,
  };
}

/** Where the starts end on a widened objective, best first, near-equal ends joined. */
function roughEnds(problem: PowerSumProblem, objective: Objective): RoughEnd[] {
  const thinned = problem.thinned(ROUGH_ROWS);
  const starts = startsFor(thinned.full, thinned.measured, problem.sum.floor !== null);
  const stages = isHuber(objective.name)
    ? [30, 3].map((factor) => makeObjective(objective.name, factor * (objective.delta as number)))
    : [objective];
  const runs = starts.map((start) => roughRun(thinned, start, stages));
  // The minima of the grid a second time without the wide stage, which can leave a narrow basin.
  if (stages.length > 1)
    for (const start of starts.slice(0, 3)) runs.push(roughRun(thinned, start, stages.slice(1)));
  const finite = runs.filter((run) => Number.isFinite(run.value)).sort((a, b) => a.value - b.value);
  const ends: RoughEnd[] = [];
  for (const run of finite) {
    const known = ends.find((end) => distance(end.theta, run.theta) <= ONE_BASIN);
    if (known === undefined) ends.push({ ...run, starts: 1 });
    else known.starts++;
  }
  return ends;
}

function roughRun(problem: PowerSumProblem, start: Float64Array, stages: readonly Objective[]) {
  let theta = start;
  let value = Number.POSITIVE_INFINITY;
  for (const stage of stages) {
    const end = minimise(problem.problem(problem.full, stage), theta, ROUGH);
    theta = end.theta;
    value = end.value;
  }
  return { theta, value };
}

function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let j = 0; j < a.length; j++)
    largest = Math.max(largest, Math.abs(a[j] - b[j]) / (0.1 + Math.abs(a[j])));
  return largest;
}
