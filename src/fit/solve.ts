/**
 * The solver: Newton's method on the exact objective, whatever it is, in a kernel's coordinates.
 *
 * The step solves (H + lambda S) p = -g with the exact Hessian H of the objective and S the diagonal of the
 * iteratively-reweighted matrix M = SUM w majorant J J'. Where H + lambda S is not positive definite, M takes the
 * place of H (it always is semidefinite). Bounds are kept by projection with an active set.
 */
import { BlockBuffers, Expansion, expand, objectiveAt, type Problem } from "./evaluate.js";
import type { Kernel } from "./kernel.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";

export type SolveStatus = "converged" | "max-iterations" | "stalled";

export interface Minimum {
  theta: Float64Array;
  /** The objective: the sum over rows of rho, each as often as it counts. */
  value: number;
  status: SolveStatus;
  steps: number;
  /** Largest |g_j| over free coordinates, relative to the sum of the absolute contributions of the rows. */
  gradient: number;
  /** Coordinates at a bound that the objective pushes against. */
  atBound: number[];
}

/** Buffers for a kernel and all that it gathers, used again over thousands of refits. */
export class Workspace {
  /** Where the solver stands, and where it tries to go. */
  readonly expansions: readonly [Expansion, Expansion];
  readonly buffers: BlockBuffers;
  /** What the damping is multiplied by. */
  readonly scale: Float64Array;
  readonly system: StepSystem;
  /** The coordinates that may move. */
  readonly free: number[];

  constructor(kernel: Kernel) {
    const { size } = kernel;
    this.expansions = [new Expansion(size), new Expansion(size)];
    this.buffers = new BlockBuffers(kernel);
    this.scale = new Float64Array(size);
    this.system = { A: new Float64Array(size * size), p: new Float64Array(size) };
    this.free = new Array<number>(size).fill(0);
  }
}

function updateScale(scale: Float64Array, { M, size }: Expansion, largest: boolean): void {
  for (let j = 0; j < size; j++) {
    const now = M[j * size + j];
    scale[j] = largest ? Math.max(scale[j], now) : now;
  }
}

interface StepSystem {
  A: Float64Array;
  p: Float64Array;
}

/** Coordinates that may move: not held by a bound they are pushed against, and of some influence on the rows. */
function freeCoordinates(kernel: Kernel, theta: Float64Array, { g, M }: Expansion, free: number[]): number {
  let count = 0;
  for (let j = 0; j < kernel.size; j++) {
    const heldLow = theta[j] <= kernel.lower[j] && g[j] > 0;
    const heldHigh = theta[j] >= kernel.upper[j] && g[j] < 0;
    if (!heldLow && !heldHigh && M[j * kernel.size + j] > 0) free[count++] = j;
  }
  return count;
}

/** Solves (K + lambda S) p = -g over the free coordinates, K = H or M; false when it is not positive definite. */
function solveStep(
  K: Float64Array,
  g: Float64Array,
  scale: Float64Array,
  free: number[],
  count: number,
  lambda: number,
  out: StepSystem,
) {
  const size = g.length;
  for (let a = 0; a < count; a++) {
    const j = free[a];
    for (let b = 0; b <= a; b++) {
      const k = free[b];
      out.A[a * count + b] = K[Math.max(j, k) * size + Math.min(j, k)];
    }
    out.A[a * count + a] += lambda * scale[j];
    out.p[a] = -g[j];
  }
  if (!choleskyInPlace(out.A, count)) return false;
  choleskySolveInPlace(out.A, out.p, count);
  return true;
}

/** Largest relative gradient over the free coordinates. */
function relativeGradient({ g, absolute }: Expansion, free: number[], count: number): number {
  let largest = 0;
  for (let a = 0; a < count; a++) {
    const j = free[a];
    if (absolute[j] > 0) largest = Math.max(largest, Math.abs(g[j]) / absolute[j]);
  }
  return largest;
}

/** Puts the step into `next`, cut to the kernel's reach and projected on the bounds; returns the Newton decrement. */
function takeStep(
  kernel: Kernel,
  theta: Float64Array,
  g: Float64Array,
  free: number[],
  count: number,
  system: StepSystem,
  next: Float64Array,
): number {
  let decrement = 0;
  let shrink = 1;
  for (let a = 0; a < count; a++) {
    decrement -= g[free[a]] * system.p[a];
    const reach = kernel.reach(theta, free[a]);
    if (Math.abs(system.p[a]) > reach) shrink = Math.min(shrink, reach / Math.abs(system.p[a]));
  }
  next.set(theta);
  for (let a = 0; a < count; a++) {
    const j = free[a];
    next[j] = Math.min(Math.max(theta[j] + shrink * system.p[a], kernel.lower[j]), kernel.upper[j]);
  }
  return decrement;
}

/**
 * A full step of Newton's method by all coordinates, into `next`; its decrement, or null where it is cut or meets a bound.
 *
 * Of an error d such a step leaves c d^2. The share c d of it that is left is squared from step to step, and the step before
 * shows how large it was at most (damping left more): sqrt of the ratio of the decrements, which go with d^2. So the
 * decrement after this step is at most its own times the square of that ratio.
 */
function fullStep(
  kernel: Kernel,
  theta: Float64Array,
  { H, g }: Expansion,
  scale: Float64Array,
  free: number[],
  system: StepSystem,
  next: Float64Array,
): number | null {
  const { size } = kernel;
  if (!solveStep(H, g, scale, free, size, 0, system)) return null;
  const decrement = takeStep(kernel, theta, g, free, size, system, next);
  for (let a = 0; a < size; a++) if (next[free[a]] !== theta[free[a]] + system.p[a]) return null;
  return decrement;
}

/** Decrease that the quadratic model with the matrix K promises for the move as it was cut and projected. */
function promisedDecrease(g: Float64Array, K: Float64Array, theta: Float64Array, next: Float64Array): number {
  const size = g.length;
  let promised = 0;
  for (let j = 0; j < size; j++) {
    const moved = next[j] - theta[j];
    promised -= g[j] * moved;
    for (let k = 0; k < size; k++) {
      promised -= 0.5 * moved * K[Math.max(j, k) * size + Math.min(j, k)] * (next[k] - theta[k]);
    }
  }
  return promised;
}

/** Sum of q^2 over the rows: their number where no noise is known. */
function precisionOf({ kernel, inverseNoise }: Problem): number {
  if (inverseNoise === null) return kernel.rows;
  let total = 0;
  for (let i = 0; i < kernel.rows; i++) total += inverseNoise[i] * inverseNoise[i];
  return total;
}

/** The objective is so flat that at a decrement of 1e-13 an amplitude is right only to 5e-7: go on while it pays. */
const EXTRA_STEPS = 6;

export interface SolveOptions {
  /** Full steps begin when the Newton decrement falls under this share of the objective. */
  tolerance: number;
  /** They end when it falls under this share, by default 1e-24: what is left cannot be seen in any parameter. */
  enough?: number;
  /**
   * The last full step is taken without a look at where it leads, where it is foretold that the decrement there falls under
   * this share of the objective: one look less of four. The value is then foretold too, and `gradient` is that before it.
   */
  foretold?: number;
  maxSteps: number;
  workspace?: Workspace;
  /** First damping; 1e-4 trusts the start, 100 is for starts far from any answer. */
  lambda?: number;
  /** `newton` takes the exact Hessian where it is positive definite, `majorant` never does (Gauss and Newton's way). */
  curvature?: "newton" | "majorant";
  /** The damping is scaled by the majorant's diagonal as it is, or as the largest it has been. */
  scaling?: "current" | "largest";
}

/**
 * Minimises the objective from one start.
 *
 * Stops on the Newton decrement -g'p relative to the objective, never on an absolute size, and then takes full steps
 * as long as they pay.
 */
export function minimise(problem: Problem, start: Float64Array, options: SolveOptions): Minimum {
  const { kernel } = problem;
  const size = kernel.size;
  const { expansions, buffers, scale, system, free } = options.workspace ?? new Workspace(kernel);
  let [here, there] = expansions;
  let theta = start.map((value, j) => Math.min(Math.max(value, kernel.lower[j]), kernel.upper[j]));
  let next = new Float64Array(size);
  // Rounding in a sum of squares of logs: below it the objective carries no information.
  const rounding = precisionOf(problem) * 1e-31;
  const largest = options.scaling === "largest";
  const enough = options.enough ?? 1e-24;
  const useNewton = options.curvature !== "majorant";

  if (!expand(problem, theta, useNewton, here, buffers)) {
    const nowhere = Number.POSITIVE_INFINITY;
    return { theta, value: nowhere, status: "stalled", steps: 0, gradient: nowhere, atBound: [] };
  }
  let { value } = here;
  scale.fill(0);
  updateScale(scale, here, largest);
  let lambda = options.lambda ?? 1e-4;
  let growth = 2;
  let status: SolveStatus = "max-iterations";
  let steps = 0;
  // Full steps after the stopping rule is met, while each still halves the decrement at the least.
  let extra = 0;
  let lastDecrement = Number.POSITIVE_INFINITY;
  const foretold = options.foretold ?? -1;
  const isForetold = (own: number) => steps > 1 && own * (own / lastDecrement) ** 2 <= foretold * value;
  while (steps < options.maxSteps) {
    steps++;
    const { g, H, M } = here;
    const count = freeCoordinates(kernel, theta, here, free);
    const isLast = extra > 0;
    const useHessian =
      count > 0 && useNewton && solveStep(H, g, scale, free, count, isLast ? 0 : lambda, system);
    if (count === 0 || (isLast && !useHessian)) {
      status = "converged";
      break;
    }
    if (!useHessian && !solveStep(M, g, scale, free, count, Math.max(lambda, 1e-10), system)) {
      lambda = Math.max(lambda * 10, 1e-8);
      if (lambda <= 1e8) continue;
      status = "stalled";
      break;
    }
    const decrement = takeStep(kernel, theta, g, free, count, system, next);
    if (useHessian && count === size && isForetold(decrement)) {
      const whole = fullStep(kernel, theta, here, scale, free, system, next);
      if (whole !== null && isForetold(whole)) {
        [theta, next] = [next, theta];
        value -= whole / 2;
        status = "converged";
        break;
      }
      // The damped step is taken after all.
      solveStep(H, g, scale, free, count, isLast ? 0 : lambda, system);
      takeStep(kernel, theta, g, free, count, system, next);
    }
    const isOver = !(decrement < 0.5 * lastDecrement) || decrement <= enough * value;
    if (isLast && isOver) {
      status = "converged";
      break;
    }
    lastDecrement = decrement;
    const isSmall = decrement <= options.tolerance * value + rounding;
    const isLower = (trial: number) =>
      trial < value || (isSmall && trial <= value + 1e-14 * value + rounding);
    // After a failed step the next one may well fail too: its value alone costs less.
    const isWorthIt = growth === 2 || isLower(objectiveAt(problem, next, buffers.predicted));
    const isInside = isWorthIt && expand(problem, next, useNewton, there, buffers);
    if (!isInside || !isLower(there.value)) {
      if (isSmall) {
        // Nothing lower can be seen at this precision.
        status = "converged";
        break;
      }
      lambda = Math.max(lambda, 1e-12) * growth;
      growth *= 2;
      if (lambda <= 1e12) continue;
      status = "stalled";
      break;
    }
    const promised = promisedDecrease(g, useHessian ? H : M, theta, next);
    const ratio = promised > 0 ? (value - there.value) / promised : 0;
    value = Math.min(value, there.value);
    [theta, next] = [next, theta];
    [here, there] = [there, here];
    updateScale(scale, here, largest);
    if (ratio > 0.75) lambda = Math.max(lambda / 10, 1e-15);
    else if (ratio < 0.25) lambda *= growth;
    growth = 2;
    if (isSmall && lambda <= 1e-2) extra++;
    if (extra > EXTRA_STEPS) {
      status = "converged";
      break;
    }
  }
  const count = freeCoordinates(kernel, theta, here, free);
  const gradient = relativeGradient(here, free, count);
  const atBound: number[] = [];
  for (let j = 0; j < size; j++) {
    if (theta[j] <= kernel.lower[j] || theta[j] >= kernel.upper[j]) atBound.push(j);
  }
  return { theta, value, status, steps, gradient, atBound };
}
