/**
 * The best fit of a sum of power terms: every start run roughly, the best basins polished on the exact objective,
 * and the face E = 0 taken where the floor would be negative.
 */
import type { Kernel } from "./kernel.js";
import { type Model, type Refit, type SearchOutcome, type Solution, searchOutcome } from "./model.js";
import { isHuber, makeObjective, type Objective } from "./objective.js";
import {
  type Centred,
  centre,
  FloorlessKernel,
  MeanValueKernel,
  meanValueCoordinates,
  ontoFace,
  type PowerSum,
} from "./power-sum.js";
import { startsFor } from "./search.js";
import { type Minimum, minimise, type Problem, Workspace } from "./solve.js";

const POLISH = { tolerance: 1e-13, maxSteps: 300 };
const ROUGH = { tolerance: 1e-3, maxSteps: 40 };

/** Refits stop earlier than the estimate: 1e-9 of the objective is a thousandth of a draw's own scatter. */
const REFIT = { tolerance: 1e-9, maxSteps: 100 };

/** A sum of power terms over given rows, shared by the search, the resamples and the refits. */
export class PowerSumProblem implements Model {
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

  get parameters(): readonly string[] {
    return this.sum.parameters;
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

  search(objective: Objective): SearchOutcome {
    return searchMinimum(this, objective);
  }

  /** The solution in coordinates of the mean-value kernel; from the face E = 0 a little inside. */
  warmStart({ kernel, minimum }: Solution): Float64Array {
    if (kernel instanceof MeanValueKernel) return minimum.theta;
    const amplitudes = this.sum.terms.map((_, k) => Math.exp(minimum.theta[2 * k]));
    const exponents = this.sum.terms.map((_, k) => minimum.theta[2 * k + 1]);
    const level = amplitudes.reduce((total, amplitude) => total + amplitude, 0);
    return meanValueCoordinates(1e-3 * level, amplitudes, exponents);
  }

  refitter(start: Float64Array, objective: Objective): Refit {
    const n = this.measured.length;
    const all = Int32Array.from({ length: n }, (_, i) => i);
    let full = this.full.gather(all, n) as MeanValueKernel;
    let face = this.face.gather(all, n) as FloorlessKernel;
    const observed = this.observed(objective);
    const y = new Float64Array(n);
    const work = [new Workspace(n, full.size), new Workspace(n, face.size)] as const;
    return (rows, count, weight) => {
      for (let i = 0; i < count; i++) y[i] = observed[rows[i]];
      full = this.full.gather(rows, count, full) as MeanValueKernel;
      face = this.face.gather(rows, count, face) as FloorlessKernel;
      return polishOn(
        full,
        face,
        this.sum,
        start,
        work,
        (kernel) => ({ kernel, y, weight, objective }),
        REFIT,
      );
    };
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
    if (full.relativeFloor(free.theta) >= 0) return solution(sum, full, free, false);
  }
  const from = ontoFace(free?.theta ?? start, sum.terms.length);
  const bound = minimise(problem(face), from, { ...options, workspace: faceWork });
  return solution(sum, face, bound, hasFloor);
}

function solution(
  sum: PowerSum,
  kernel: MeanValueKernel | FloorlessKernel,
  minimum: Minimum,
  floorAtZero: boolean,
): Solution {
  const parameters = kernel.toParameters(minimum.theta);
  const held = floorAtZero && sum.floor !== null ? [sum.floor] : [];
  sum.terms.forEach((term, k) => {
    const [low, high] = sum.exponentBounds[k];
    const exponent = parameters[sum.parameters.indexOf(term.exponent)];
    if (parameters[sum.parameters.indexOf(term.amplitude)] <= 0) held.push(term.amplitude);
    else if (exponent <= low * (1 + 1e-9) || exponent >= high * (1 - 1e-9)) held.push(term.exponent);
  });
  return { minimum, kernel, parameters, held };
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
    .map((end) => ({ starts: end.starts, solution: problem.polish(end.theta, objective) }));
  return searchOutcome(polished, starts);
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
