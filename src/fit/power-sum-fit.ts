/**
 * The best fit of a sum of power terms: every start run roughly, the best basins polished on the exact objective,
 * and the face E = 0 taken where the floor would be negative.
 */
import { type Problem, residualsAt } from "./evaluate.js";
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
import { randomStream } from "./random.js";
import { startsFor } from "./search.js";
import { type Minimum, minimise, Workspace } from "./solve.js";

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
  private found: readonly Float64Array[] | null = null;
  private few: PowerSumProblem | null = null;

  private constructor(
    readonly sum: PowerSum,
    data: Centred,
    readonly measured: Float64Array,
    readonly weight: Float64Array | null,
  ) {
    this.full = new MeanValueKernel(sum, data);
    this.face = new FloorlessKernel(sum, data);
    this.logs = measured.map(Math.log);
    this.workspaces = [new Workspace(this.full.size), new Workspace(this.face.size)];
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
    if (this.few !== null) return this.few;
    const pick = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
    const data = { logs: this.full.data.logs.map(pick), means: this.full.data.means };
    this.few = new PowerSumProblem(
      this.sum,
      data,
      pick(this.measured),
      this.weight === null ? null : pick(this.weight),
    );
    return this.few;
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

  refitter(start: Float64Array, objective: Objective, observed = this.observed(objective)): Refit {
    const n = this.measured.length;
    const all = Int32Array.from({ length: n }, (_, i) => i);
    let full = this.full.gather(all, n) as MeanValueKernel;
    let face = this.face.gather(all, n) as FloorlessKernel;
    const y = new Float64Array(n);
    const work = [new Workspace(full.size), new Workspace(face.size)] as const;
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

  /** Polishes one start in the coordinates of the face E = 0, and stays there. */
  polishFace(start: Float64Array, objective: Objective): Solution {
    const workspace = this.workspaceFor(this.face);
    const minimum = minimise(this.problem(this.face, objective), start, { ...POLISH, workspace });
    return solution(this.sum, this.face, minimum, true);
  }

  workspaceFor(kernel: Kernel): Workspace {
    return this.workspaces[kernel === this.face ? 1 : 0];
  }

  /** Starts of the search; they depend on the rows alone and serve every objective. */
  starts(): readonly Float64Array[] {
    this.found ??= startsFor(this.full, this.measured, this.sum.floor !== null);
    return this.found;
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

/** Share of the level at the centre of the data under which a term is none. */
const NOTHING = 1e-10;

function levelAtCentre(kernel: MeanValueKernel | FloorlessKernel, { theta }: Minimum): number {
  if (kernel instanceof MeanValueKernel) return Math.exp(theta[0]);
  return kernel.sum.terms.reduce((level, _, k) => level + Math.exp(theta[2 * k]), 0);
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
    const amplitude = sum.parameters.indexOf(term.amplitude);
    // Without a floor amplitudes are held as logs, which reach 0 only in the limit: what adds nothing to the rows is 0.
    const atCentre = parameters[amplitude] * Math.exp(-exponent * kernel.data.means[k]);
    if (atCentre < NOTHING * levelAtCentre(kernel, minimum)) parameters[amplitude] = 0;
    if (parameters[amplitude] <= 0) held.push(term.amplitude);
    else if (exponent <= low * (1 + 1e-9) || exponent >= high * (1 - 1e-9)) held.push(term.exponent);
  });
  return { minimum, kernel, parameters, held };
}

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
const ROUGH_ROWS = 4000;
/** Ends of rough runs closer than this (relative, in every coordinate) are one basin. */
const ONE_BASIN = 1e-2;

interface RoughEnd {
  theta: Float64Array;
  value: number;
  /** Starts that ended here. */
  starts: number;
}

/** A minimum and how many starts led to it. */
interface Polished {
  solution: Solution;
  starts: number;
}

/**
 * The global minimum over all starts.
 *
 * Each start is run roughly (a Huber objective first at 30 delta, then at 3 delta), near-equal ends are joined, and
 * the best of them are polished. The face E = 0 is searched by itself where one of them lies on it: it has basins that no
 * way through the inside leads to. Few rows, and a delta far below the residuals, are searched more widely. Cost: 5 ms
 * for 240 rows, up to 20 for 15.
 */
export function searchMinimum(problem: PowerSumProblem, objective: Objective): SearchOutcome {
  const thinned = problem.thinned(ROUGH_ROWS);
  const starts = thinned.starts();
  const ends = roughEnds(thinned, starts, objective);
  let tried = ends.reduce((total, end) => total + end.starts, 0);
  const most = basinsToPolish(problem.measured.length);
  const polished: Polished[] = ends
    .slice(0, most)
    .map((end) => ({ starts: end.starts, solution: problem.polish(end.theta, objective) }));
  const isOnFace = ({ solution }: Polished) => solution.kernel === problem.face;
  if (problem.sum.floor !== null && polished.some(isOnFace)) {
    const onFace = faceEnds(thinned, objective).slice(0, most);
    for (const end of onFace) {
      polished.push({ starts: end.starts, solution: problem.polishFace(end.theta, objective) });
      tried += end.starts;
    }
  }
  const hasFewRows = problem.measured.length <= FEW_ROWS;
  if (isHuber(objective.name) && (hasFewRows || isMostlyBeyond(problem, objective, lowest(polished)))) {
    if (hasFewRows) {
      const direct = joined(starts.map((start) => roughRun(problem, problem.full, start, [objective])));
      for (const end of direct.slice(0, most))
        polished.push({ starts: end.starts, solution: problem.polish(end.theta, objective) });
      tried += starts.length;
    }
    const hopped = hops(problem, lowest(polished), objective);
    for (const solution of hopped) polished.push({ starts: 1, solution });
    tried += hopped.length;
  }
  return searchOutcome(polished, tried);
}

const lowest = (polished: readonly Polished[]): Solution =>
  polished.reduce((a, b) => (b.solution.minimum.value < a.solution.minimum.value ? b : a)).solution;

/** Whether most residuals lie on the linear part of the objective. */
function isMostlyBeyond(problem: PowerSumProblem, objective: Objective, solution: Solution): boolean {
  const { delta } = objective;
  if (delta === null) return false;
  const residuals = residualsAt(problem.problem(solution.kernel, objective), solution.minimum.theta);
  const inside = residuals.reduce((count, r) => count + (Math.abs(r) <= delta ? 1 : 0), 0);
  return inside < MOSTLY_BEYOND * residuals.length;
}

/** Minima near the best one so far: every coordinate moved by chance, by a fraction of a per cent to a half. */
function hops(problem: PowerSumProblem, from: Solution, objective: Objective): Solution[] {
  const rows = problem.measured.length;
  const count = rows > ROWS_WITH_HOPS ? 0 : Math.min(Math.floor(HOPPED_ROWS / rows), MOST_HOPS);
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

/** Where starts end on widened objectives, best first, near-equal ends joined. */
function roughEnds(
  thinned: PowerSumProblem,
  starts: readonly Float64Array[],
  objective: Objective,
): RoughEnd[] {
  const stages = widened(objective);
  const runs = starts.map((start) => roughRun(thinned, thinned.full, start, stages));
  // The minima of the grid a second time without the wide stage, which can leave a narrow basin.
  if (stages.length > 1)
    for (const start of starts.slice(0, 3))
      runs.push(roughRun(thinned, thinned.full, start, stages.slice(1)));
  return joined(runs);
}

/** The same on the face E = 0. */
function faceEnds(thinned: PowerSumProblem, objective: Objective): RoughEnd[] {
  const terms = thinned.sum.terms.length;
  const starts = startsFor(thinned.full, thinned.measured, false).map((start) => ontoFace(start, terms));
  return joined(starts.map((start) => roughRun(thinned, thinned.face, start, widened(objective))));
}

const widened = (objective: Objective): Objective[] =>
  isHuber(objective.name)
    ? [30, 3].map((factor) => makeObjective(objective.name, factor * (objective.delta as number)))
    : [objective];

function joined(runs: readonly Omit<RoughEnd, "starts">[]): RoughEnd[] {
  const finite = runs.filter((run) => Number.isFinite(run.value)).sort((a, b) => a.value - b.value);
  const ends: RoughEnd[] = [];
  for (const run of finite) {
    const known = ends.find((end) => distance(end.theta, run.theta) <= ONE_BASIN);
    if (known === undefined) ends.push({ ...run, starts: 1 });
    else known.starts++;
  }
  return ends;
}

function roughRun(
  problem: PowerSumProblem,
  kernel: Kernel,
  start: Float64Array,
  stages: readonly Objective[],
) {
  let theta = start;
  let value = Number.POSITIVE_INFINITY;
  const workspace = problem.workspaceFor(kernel);
  for (const stage of stages) {
    const end = minimise(problem.problem(kernel, stage), theta, { ...ROUGH, workspace });
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
