/**
 * The best fit of any formula.
 *
 * Parameters that enter linearly are solved for at every start, so that only the others are searched. From a start far
 * away no single damping of Levenberg and Marquardt's method finds the way on all problems: four are tried (damping
 * scaled by the columns of the Jacobian as they are, or as large as they have been; first damping 0.01, 1 or 100) and
 * the lowest end is polished by Newton's method with exact second derivatives. That reaches the certified answer on
 * all 27 problems of NIST's StRD from both of its starts.
 */
import type { ColumnFunction } from "../laws/expression/index.js";
import { FormulaKernel } from "./formula-kernel.js";
import type { Kernel } from "./kernel.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import { type Model, type Refit, type SearchOutcome, type Solution, searchOutcome } from "./model.js";
import { makeObjective, type Objective } from "./objective.js";
import { gaussNewtonStep } from "./qr.js";
import { type RandomStream, randomStream } from "./random.js";
import { type Minimum, minimise, objectiveAt, type Problem, type SolveOptions, Workspace } from "./solve.js";

/** A parameter of a formula: where it may lie, and where to start. */
export interface FreeParameter {
  name: string;
  lower: number;
  upper: number;
  /** Null where the start is to be searched. */
  start: number | null;
  /** Whether the formula is linear in it (jointly with the other linear ones). */
  isLinear: boolean;
}

/** First dampings and their scaling, tried from each serious start. */
const DESCENTS: readonly SolveOptions[] = [
  { scaling: "current", lambda: 1e-2 },
  { scaling: "largest", lambda: 1e-2 },
  { scaling: "largest", lambda: 1 },
  { scaling: "largest", lambda: 100 },
].map((choice) => ({ ...choice, tolerance: 1e-13, maxSteps: 3000, curvature: "majorant" }) as SolveOptions);
const ROUGH: SolveOptions = {
  tolerance: 1e-4,
  maxSteps: 60,
  curvature: "majorant",
  scaling: "largest",
  lambda: 1,
};
const POLISH: SolveOptions = { tolerance: 1e-13, maxSteps: 200 };
const REFIT: SolveOptions = { tolerance: 1e-9, maxSteps: 200 };

/** Starts tried: around given ones, or over all magnitudes where none are given. */
const NEAR_STARTS = 32;
const SEARCHED_STARTS = 400;
const POLISHED = 4;
/** Ends closer than this (relative, in every parameter) are one basin. */
const ONE_BASIN = 1e-3;
/** The search is part of the fit, not of its randomness: its starts are the same for every seed. */
const SEARCH_SEED = 20_404;

export class FormulaModel implements Model {
  readonly parameters: readonly string[];
  readonly kernel: FormulaKernel;
  private readonly workspace: Workspace;
  private readonly linear: readonly number[];
  private readonly nonlinear: readonly number[];
  private readonly logs: Float64Array;

  constructor(
    private readonly compiled: ColumnFunction,
    private readonly free: readonly FreeParameter[],
    private readonly columns: readonly Float64Array[],
    readonly measured: Float64Array,
    readonly weight: Float64Array | null,
  ) {
    this.parameters = free.map(({ name }) => name);
    const lower = Float64Array.from(free, (parameter) => parameter.lower);
    const upper = Float64Array.from(free, (parameter) => parameter.upper);
    this.kernel = new FormulaKernel({ compiled, lower, upper }, columns, measured.length);
    this.workspace = new Workspace(measured.length, free.length);
    this.linear = [...free.keys()].filter((j) => free[j].isLinear);
    this.nonlinear = [...free.keys()].filter((j) => !free[j].isLinear);
    this.logs = measured.map(Math.log);
  }

  problem(kernel: Kernel, objective: Objective): Problem {
    const y = objective.scale === "log" ? this.logs : this.measured;
    return { kernel, y, weight: this.weight, objective };
  }

  search(objective: Objective): SearchOutcome {
    const problem = this.problem(this.kernel, objective);
    const given = this.givenStart();
    const sampled = this.sampledStarts(given);
    const rough = this.roughEnds(problem, sampled);
    const polished: { solution: Solution; starts: number }[] = [];
    if (given !== null) {
      for (const start of [given, this.withLinear(given, objective)]) {
        const solution = this.descend(problem, start);
        if (solution !== null) polished.push({ solution, starts: 1 });
      }
    }
    for (const end of rough.slice(0, POLISHED)) {
      const solution = this.descend(problem, end.theta);
      if (solution !== null) polished.push({ solution, starts: end.starts });
    }
    if (polished.length === 0) polished.push({ solution: this.failed(given), starts: 0 });
    const starts = sampled.length + (given === null ? 0 : 2);
    const rounding = roundingOf(problem);
    return searchOutcome(polished, starts, rounding, (solution) =>
      this.distanceFrom(given, solution.parameters),
    );
  }

  polish(start: Float64Array, objective: Objective): Solution {
    const problem = this.problem(this.kernel, objective);
    return this.solution(minimise(problem, start, { ...POLISH, workspace: this.workspace }));
  }

  warmStart({ minimum }: Solution): Float64Array {
    return minimum.theta;
  }

  refitter(theta: Float64Array, objective: Objective): Refit {
    return (rows, count, weight) => {
      const kernel = this.kernel.gather(rows, count);
      const all = objective.scale === "log" ? this.logs : this.measured;
      const y = Float64Array.from({ length: count }, (_, i) => all[rows[i]]);
      const problem: Problem = { kernel, y, weight, objective };
      return this.solution(minimise(problem, theta, { ...REFIT, workspace: this.workspace }));
    };
  }

  private givenStart(): Float64Array | null {
    if (this.free.some(({ start }) => start === null)) return null;
    return Float64Array.from(this.free, ({ start }) => start as number);
  }

  /** Around the given start by up to a factor of 10 either way, or over all magnitudes where none is given. */
  private sampledStarts(given: Float64Array | null): Float64Array[] {
    const count = given === null ? SEARCHED_STARTS : NEAR_STARTS;
    if (this.nonlinear.length === 0) return given === null ? [this.neutralStart()] : [];
    return Array.from({ length: count }, (_, i) => {
      const stream = randomStream(SEARCH_SEED, i);
      const theta = given?.slice() ?? this.neutralStart();
      for (const j of this.nonlinear) theta[j] = this.sample(j, given, stream);
      return theta;
    });
  }

  private neutralStart(): Float64Array {
    return Float64Array.from(this.free, ({ start, lower, upper }) => {
      if (start !== null) return start;
      return Math.min(Math.max(1, lower), upper);
    });
  }

  private sample(j: number, given: Float64Array | null, stream: RandomStream): number {
    const { lower, upper, start } = this.free[j];
    let value: number;
    if (given !== null) value = given[j] * 10 ** (2 * stream.uniform() - 1);
    else if (start !== null) value = start * 10 ** (2 * stream.uniform() - 1);
    else if (Number.isFinite(lower) && Number.isFinite(upper))
      value = lower + (upper - lower) * stream.uniform();
    else value = this.magnitude(stream) * (lower >= 0 || stream.uniform() < 0.7 ? 1 : -1);
    return Math.min(Math.max(value, lower), upper);
  }

  /** A size of 1e-4 to 1e2, or of that relative to a column or to its inverse, so that scales of the data are met. */
  private magnitude(stream: RandomStream): number {
    const base = 10 ** (6 * stream.uniform() - 4);
    if (this.columns.length === 0) return base;
    const column = this.columns[stream.below(this.columns.length)];
    const x = Math.abs(column[stream.below(column.length)]) || 1;
    const kind = stream.below(3);
    return kind === 0
      ? base
      : kind === 1
        ? x * 10 ** (2 * stream.uniform() - 1)
        : 10 ** (2 * stream.uniform() - 1) / x;
  }

  /** The start with its linear parameters at their least-squares values (relative ones for a log objective). */
  private withLinear(start: Float64Array, objective: Objective): Float64Array {
    const m = this.linear.length;
    const n = this.measured.length;
    if (m === 0) return start;
    const size = this.free.length;
    const theta = start.slice();
    for (const j of this.linear) theta[j] = 0;
    const value = new Float64Array(n);
    const jacobian = new Float64Array(n * size);
    this.compiled.bind(this.columns, n).gradient(theta, value, jacobian);
    const G = new Float64Array(m * m);
    const c = new Float64Array(m);
    for (let i = 0; i < n; i++) {
      const w = (this.weight?.[i] ?? 1) / (objective.scale === "log" ? this.measured[i] ** 2 : 1);
      for (let a = 0; a < m; a++) {
        const ga = jacobian[i * size + this.linear[a]];
        c[a] += w * ga * (this.measured[i] - value[i]);
        for (let b = 0; b <= a; b++) G[a * m + b] += w * ga * jacobian[i * size + this.linear[b]];
      }
    }
    // A touch of the diagonal keeps nearly equal columns (two exponentials started alike) solvable.
    for (let a = 0; a < m; a++) G[a * m + a] *= 1 + 1e-12;
    if (!G.every(Number.isFinite) || !choleskyInPlace(G, m)) return start;
    choleskySolveInPlace(G, c, m);
    this.linear.forEach((j, a) => {
      theta[j] = Math.min(Math.max(c[a], this.free[j].lower), this.free[j].upper);
    });
    return theta;
  }

  private roughEnds(
    problem: Problem,
    starts: readonly Float64Array[],
  ): { theta: Float64Array; starts: number }[] {
    const valued = starts
      .map((start) => this.withLinear(start, problem.objective))
      .map((theta) => ({ theta, value: objectiveAt(problem, theta, this.workspace.predicted) }))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => a.value - b.value)
      .slice(0, 24);
    const ends = valued.map(({ theta }) => minimise(problem, theta, { ...ROUGH, workspace: this.workspace }));
    ends.sort((a, b) => a.value - b.value);
    const kept: { theta: Float64Array; starts: number }[] = [];
    for (const end of ends) {
      const known = kept.find((other) => distance(other.theta, end.theta) <= ONE_BASIN);
      if (known === undefined) kept.push({ theta: end.theta, starts: 1 });
      else known.starts++;
    }
    return kept;
  }

  /** The lowest end of the four descents, polished; null where the law has no value at the start. */
  private descend(problem: Problem, start: Float64Array): Solution | null {
    let best: Minimum | null = null;
    for (const options of DESCENTS) {
      const end = minimise(problem, start, { ...options, workspace: this.workspace });
      if (Number.isFinite(end.value) && (best === null || end.value < best.value)) best = end;
    }
    if (best === null) return null;
    const polished = minimise(problem, best.theta, { ...POLISH, workspace: this.workspace });
    return this.solution(refined(problem, polished.value <= best.value ? polished : best));
  }

  private failed(given: Float64Array | null): Solution {
    const theta = given ?? this.neutralStart();
    const value = objectiveAt(this.problem(this.kernel, makeObjective("squares", null)), theta);
    return this.solution({
      theta,
      value,
      status: "stalled",
      steps: 0,
      gradient: Number.POSITIVE_INFINITY,
      atBound: [],
    });
  }

  private solution(minimum: Minimum): Solution {
    return {
      minimum,
      kernel: this.kernel,
      parameters: minimum.theta,
      held: minimum.atBound.map((j) => this.parameters[j]),
    };
  }

  private distanceFrom(given: Float64Array | null, theta: Float64Array): number {
    return given === null ? 0 : relativeSquares(given, theta);
  }
}

/** Sum of squared relative differences: how far a minimum lies from the start, all parameters together. */
function relativeSquares(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let j = 0; j < a.length; j++) {
    const size = Math.max(Math.abs(a[j]), Math.abs(b[j]));
    if (size > 0) total += ((a[j] - b[j]) / size) ** 2;
  }
  return total;
}

/** Last steps by reflections instead of normal equations: digits that these cannot have where columns nearly agree. */
const LAST_STEPS = 10;

/**
 * A minimum of squares with its last digits, where no bound is in the way: steps of Gauss and Newton as long as each
 * is shorter than the one before.
 */
function refined(problem: Problem, minimum: Minimum): Minimum {
  const isSquares = problem.objective.delta === null;
  if (!isSquares || minimum.status !== "converged" || minimum.atBound.length > 0) return minimum;
  let { theta, value } = minimum;
  let shortest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < LAST_STEPS; step++) {
    const move = gaussNewtonStep(problem, theta);
    if (move === null) break;
    const length = Math.max(...move.map((m, j) => Math.abs(m) / (Math.abs(theta[j]) + 1e-300)));
    if (!(length < 0.5 * shortest)) break;
    shortest = length;
    const next = theta.map((t, j) => t + move[j]);
    const lower = objectiveAt(problem, next);
    // Rounding moves the sum of squares itself by some bits.
    if (!(lower <= value * (1 + 1e-9))) break;
    theta = next;
    value = Math.min(value, lower);
  }
  return { ...minimum, theta, value };
}

function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let j = 0; j < a.length; j++) {
    const size = Math.max(Math.abs(a[j]), Math.abs(b[j]));
    if (size > 0) largest = Math.max(largest, Math.abs(a[j] - b[j]) / size);
  }
  return largest;
}

/** What is left of the objective when every row is met to the last few bits: below it minima cannot be told apart. */
function roundingOf({ y, objective }: Problem): number {
  let total = 0;
  for (let i = 0; i < y.length; i++) total += objective.rho(y[i], y[i] * (1 + 1e-12));
  return total;
}
