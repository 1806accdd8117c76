/**
 * The best fit of a sum of power terms: every start run roughly, the best basins polished on the exact objective,
 * and the face E = 0 taken where the floor would be negative.
 */
import type { Kernel } from "./kernel.js";
import { isHuber, makeObjective, type Objective } from "./objective.js";
import { centre, FloorlessKernel, MeanValueKernel, ontoFace, type PowerSum } from "./power-sum.js";
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

  constructor(
    readonly sum: PowerSum,
    inputs: ReadonlyMap<string, Float64Array>,
    readonly measured: Float64Array,
    readonly weight: Float64Array | null,
  ) {
    const data = centre(sum, inputs);
    this.full = new MeanValueKernel(sum, data);
    this.face = new FloorlessKernel(sum, data);
    this.workspaces = [
      new Workspace(measured.length, this.full.size),
      new Workspace(measured.length, this.face.size),
    ];
  }

  /** Measured values on the objective's scale. */
  observed(objective: Objective): Float64Array {
    return objective.scale === "log" ? this.measured.map(Math.log) : this.measured;
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

export interface SearchReport {
  /** Starts tried, and the share of the polished ones that ended in the best minimum. */
  starts: number;
  polished: number;
  reachedBest: number;
  /** Distinct minima found, and how far the next one is above the best, relative to it. */
  minima: number;
  gapToNext: number | null;
}

/**
 * The global minimum over all starts.
 *
 * Each start is run roughly (a Huber objective first at 30 delta), near-equal ends are dropped, and the best four
 * are polished. Cost: a few milliseconds for some hundred rows.
 */
export function searchMinimum(
  problem: PowerSumProblem,
  objective: Objective,
): { best: Solution; search: SearchReport } {
  const starts = startsFor(problem.full, problem.measured, problem.sum.floor !== null);
  const gridStarts = Math.min(3, starts.length);
  const wide = isHuber(objective.name)
    ? makeObjective(objective.name, 30 * (objective.delta as number))
    : objective;
  const near = isHuber(objective.name)
    ? makeObjective(objective.name, 3 * (objective.delta as number))
    : objective;
  const rough: { start: Float64Array; value: number }[] = [];
  const tryStart = (start: Float64Array, stages: Objective[]) => {
    let theta = start;
    let value = Number.POSITIVE_INFINITY;
    for (const stage of stages) {
      const end = minimise(problem.problem(problem.full, stage), theta, ROUGH);
      theta = end.theta;
      value = end.value;
    }
    if (Number.isFinite(value)) rough.push({ start: theta, value });
  };
  starts.forEach((start, i) => {
    tryStart(start, [wide, near]);
    if (i < gridStarts && wide !== near) tryStart(start, [near]);
  });
  rough.sort((a, b) => a.value - b.value);
  const kept: typeof rough = [];
  for (const candidate of rough) {
    if (kept.length < 4 && kept.every((other) => distance(other.start, candidate.start) > 1e-2))
      kept.push(candidate);
  }
  const solutions = kept.map(({ start }) => problem.polish(start, objective));
  solutions.sort((a, b) => a.minimum.value - b.minimum.value);
  return { best: solutions[0], search: report(starts.length, solutions) };
}

function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let j = 0; j < a.length; j++)
    largest = Math.max(largest, Math.abs(a[j] - b[j]) / (0.1 + Math.abs(a[j])));
  return largest;
}

function report(starts: number, solutions: readonly Solution[]): SearchReport {
  const best = solutions[0].minimum.value;
  const same = (value: number) => value <= best * (1 + 1e-9) + 1e-300;
  const above = solutions.map((s) => s.minimum.value).filter((value) => !same(value));
  const distinct: number[] = [];
  for (const value of above)
    if (distinct.every((other) => Math.abs(other - value) > 1e-9 * value)) distinct.push(value);
  return {
    starts,
    polished: solutions.length,
    reachedBest: solutions.filter((s) => same(s.minimum.value)).length,
    minima: 1 + distinct.length,
    gapToNext: distinct.length > 0 && best > 0 ? distinct[0] / best - 1 : null,
  };
}
