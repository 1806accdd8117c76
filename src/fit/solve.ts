/**
 * The solver: Newton's method on the exact objective, whatever it is, in a kernel's coordinates.
 *
 * The step solves (H + lambda S) p = -g with the exact Hessian H of the objective and S the diagonal of the
 * iteratively-reweighted matrix M = SUM w majorant J J'. Where H + lambda S is not positive definite, M takes the
 * place of H (it always is semidefinite). Bounds are kept by projection with an active set.
 */
import type { Kernel } from "./kernel.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import type { Objective } from "./objective.js";

/** Rows are taken in blocks whose derivatives stay in the cache and whose buffers do not grow with the data. */
export const BLOCK = 128;

/** A kernel with measured values and weights: everything the objective needs. */
export interface Problem {
  kernel: Kernel;
  /** Measured values on the objective's scale (logs or raw). */
  y: Float64Array;
  /** Precision of each row, or null for all 1. */
  weight: Float64Array | null;
  objective: Objective;
}

export type SolveStatus = "converged" | "max-iterations" | "stalled";

export interface Minimum {
  theta: Float64Array;
  /** The objective: the sum over rows of w rho. */
  value: number;
  status: SolveStatus;
  steps: number;
  /** Largest |g_j| over free coordinates, relative to the sum of the absolute contributions of the rows. */
  gradient: number;
  /** Coordinates at a bound that the objective pushes against. */
  atBound: number[];
}

/** Buffers for one problem size, used again over thousands of refits. */
export class Workspace {
  readonly predicted: Float64Array;
  readonly trial: Float64Array;
  readonly g: Float64Array;
  readonly absolute: Float64Array;
  readonly H: Float64Array;
  readonly M: Float64Array;
  /** What the damping is multiplied by. */
  readonly scale: Float64Array;
  readonly jacobian: Float64Array;
  readonly hessian: Float64Array;

  constructor(
    readonly rows: number,
    readonly size: number,
  ) {
    this.predicted = new Float64Array(rows);
    this.trial = new Float64Array(rows);
    this.g = new Float64Array(size);
    this.absolute = new Float64Array(size);
    this.H = new Float64Array(size * size);
    this.M = new Float64Array(size * size);
    this.scale = new Float64Array(size);
    this.jacobian = new Float64Array(BLOCK * size);
    this.hessian = new Float64Array((BLOCK * size * (size + 1)) / 2);
  }
}

/** Predictions on the objective's scale; false outside the law's domain. */
function predict(problem: Problem, theta: Float64Array, out: Float64Array): boolean {
  const { kernel, objective } = problem;
  if (!kernel.value(theta, out)) return false;
  if (kernel.scale === objective.scale) return true;
  const toLog = objective.scale === "log";
  for (let i = 0; i < kernel.rows; i++) {
    out[i] = toLog ? Math.log(out[i]) : Math.exp(out[i]);
    if (!Number.isFinite(out[i])) return false;
  }
  return true;
}

function sumOf(problem: Problem, predicted: Float64Array): number {
  const { kernel, y, weight, objective } = problem;
  let total = 0;
  for (let from = 0; from < kernel.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, kernel.rows);
    let part = 0;
    for (let i = from; i < to; i++) {
      const rho = objective.rho(y[i], predicted[i]);
      part += weight === null ? rho : weight[i] * rho;
    }
    total += part;
  }
  return total;
}

/**
 * Rows x coordinates derivatives of the prediction on the objective's scale, row-major, at `theta`.
 */
export function jacobianAt(problem: Problem, theta: Float64Array): Float64Array {
  const { kernel, objective } = problem;
  const p = kernel.size;
  const jacobian = new Float64Array(kernel.rows * p);
  const hessian = new Float64Array((BLOCK * p * (p + 1)) / 2);
  const predicted = new Float64Array(kernel.rows);
  kernel.value(theta, predicted);
  for (let from = 0; from < kernel.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, kernel.rows);
    kernel.derivatives(theta, from, to, jacobian.subarray(from * p, to * p), hessian);
  }
  if (kernel.scale === objective.scale) return jacobian;
  for (let i = 0; i < kernel.rows; i++) {
    const factor = objective.scale === "raw" ? Math.exp(predicted[i]) : 1 / predicted[i];
    for (let j = 0; j < p; j++) jacobian[i * p + j] *= factor;
  }
  return jacobian;
}

/** The objective at `theta`, infinite outside the law's domain. */
export function objectiveAt(problem: Problem, theta: Float64Array, buffer?: Float64Array): number {
  const out = buffer ?? new Float64Array(problem.kernel.rows);
  return predict(problem, theta, out) ? sumOf(problem, out) : Number.POSITIVE_INFINITY;
}

/** Residuals y - m on the objective's scale. */
export function residualsAt(problem: Problem, theta: Float64Array): Float64Array {
  const out = new Float64Array(problem.kernel.rows);
  predict(problem, theta, out);
  for (let i = 0; i < out.length; i++) out[i] = problem.y[i] - out[i];
  return out;
}

/** Turns derivatives of the kernel's value into those of its log or its exponential, in place. */
function convertScale(
  toLog: boolean,
  m: number,
  jac: Float64Array,
  g: number,
  hes: Float64Array,
  h: number,
  p: number,
) {
  for (let j = 0, at = h; j < p; j++) {
    for (let k = 0; k <= j; k++, at++) {
      const product = jac[g + j] * jac[g + k];
      hes[at] = toLog ? hes[at] / m - product / (m * m) : m * (hes[at] + product);
    }
  }
  for (let j = 0; j < p; j++) jac[g + j] = toLog ? jac[g + j] / m : m * jac[g + j];
}

/** The hot loop: gradient g, Hessian H and majorant M of the objective at the point of the last prediction. */
function accumulate(problem: Problem, theta: Float64Array, work: Workspace): void {
  const { kernel, y, weight, objective } = problem;
  const p = kernel.size;
  const packed = (p * (p + 1)) / 2;
  const { g, absolute, H, M, jacobian, hessian, predicted } = work;
  const other = kernel.scale !== objective.scale;
  const toLog = objective.scale === "log";
  g.fill(0);
  absolute.fill(0);
  H.fill(0);
  M.fill(0);
  for (let from = 0; from < kernel.rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, kernel.rows);
    kernel.derivatives(theta, from, to, jacobian, hessian);
    for (let i = from; i < to; i++) {
      const at = (i - from) * p;
      const ht = (i - from) * packed;
      const m = predicted[i];
      if (other) convertScale(toLog, toLog ? Math.exp(m) : m, jacobian, at, hessian, ht, p);
      const w = weight === null ? 1 : weight[i];
      const slope = w * objective.slope(y[i], m);
      const curvature = w * objective.curvature(y[i], m);
      const majorant = w * objective.majorant(y[i], m);
      let q = ht;
      for (let j = 0; j < p; j++) {
        const Jj = jacobian[at + j];
        const part = slope * Jj;
        g[j] += part;
        absolute[j] += Math.abs(part);
        const cJ = curvature * Jj;
        const mJ = majorant * Jj;
        const row = j * p;
        for (let k = 0; k <= j; k++, q++) {
          const Jk = jacobian[at + k];
          H[row + k] += cJ * Jk + slope * hessian[q];
          M[row + k] += mJ * Jk;
        }
      }
    }
  }
}

function updateScale({ scale, M, size }: Workspace, largest: boolean): void {
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
function freeCoordinates(kernel: Kernel, theta: Float64Array, work: Workspace, free: number[]): number {
  let count = 0;
  for (let j = 0; j < kernel.size; j++) {
    const heldLow = theta[j] <= kernel.lower[j] && work.g[j] > 0;
    const heldHigh = theta[j] >= kernel.upper[j] && work.g[j] < 0;
    if (!heldLow && !heldHigh && work.M[j * kernel.size + j] > 0) free[count++] = j;
  }
  return count;
}

/** Solves (K + lambda S) p = -g over the free coordinates, K = H or M; false when it is not positive definite. */
function solveStep(
  K: Float64Array,
  work: Workspace,
  free: number[],
  count: number,
  lambda: number,
  out: StepSystem,
) {
  const size = work.size;
  for (let a = 0; a < count; a++) {
    const j = free[a];
    for (let b = 0; b <= a; b++) {
      const k = free[b];
      out.A[a * count + b] = K[Math.max(j, k) * size + Math.min(j, k)];
    }
    out.A[a * count + a] += lambda * work.scale[j];
    out.p[a] = -work.g[j];
  }
  if (!choleskyInPlace(out.A, count)) return false;
  choleskySolveInPlace(out.A, out.p, count);
  return true;
}

/** Largest relative gradient over the free coordinates. */
function relativeGradient(work: Workspace, free: number[], count: number): number {
  let largest = 0;
  for (let a = 0; a < count; a++) {
    const j = free[a];
    if (work.absolute[j] > 0) largest = Math.max(largest, Math.abs(work.g[j]) / work.absolute[j]);
  }
  return largest;
}

/** Puts the step into `next`, cut to the kernel's reach and projected on the bounds; returns the Newton decrement. */
function takeStep(
  kernel: Kernel,
  theta: Float64Array,
  work: Workspace,
  free: number[],
  count: number,
  system: StepSystem,
  next: Float64Array,
): number {
  let decrement = 0;
  let shrink = 1;
  for (let a = 0; a < count; a++) {
    decrement -= work.g[free[a]] * system.p[a];
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

/** Decrease that the quadratic model with the matrix K promises for the move as it was cut and projected. */
function promisedDecrease(work: Workspace, K: Float64Array, theta: Float64Array, next: Float64Array): number {
  const { g, size } = work;
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

/** The objective is so flat that at a decrement of 1e-13 an amplitude is right only to 5e-7: go on while it pays. */
const EXTRA_STEPS = 6;

export interface SolveOptions {
  /** Stop when the Newton decrement falls under this share of the objective. */
  tolerance: number;
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
  const work = options.workspace ?? new Workspace(kernel.rows, size);
  const system: StepSystem = { A: new Float64Array(size * size), p: new Float64Array(size) };
  const free = new Array<number>(size).fill(0);
  const theta = start.map((value, j) => Math.min(Math.max(value, kernel.lower[j]), kernel.upper[j]));
  const next = new Float64Array(size);
  // Rounding in a sum of squares of logs: below it the objective carries no information.
  const rounding = kernel.rows * 1e-31;

  let value = predict(problem, theta, work.predicted)
    ? sumOf(problem, work.predicted)
    : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(value)) {
    return { theta, value, status: "stalled", steps: 0, gradient: Number.POSITIVE_INFINITY, atBound: [] };
  }
  const largest = options.scaling === "largest";
  const useNewton = options.curvature !== "majorant";
  work.scale.fill(0);
  accumulate(problem, theta, work);
  updateScale(work, largest);
  let lambda = options.lambda ?? 1e-4;
  let growth = 2;
  let status: SolveStatus = "max-iterations";
  let steps = 0;
  // Full steps after the stopping rule is met, while each still halves the decrement at the least.
  let extra = 0;
  let lastDecrement = Number.POSITIVE_INFINITY;
  while (steps < options.maxSteps) {
    steps++;
    const count = freeCoordinates(kernel, theta, work, free);
    const isLast = extra > 0;
    const useHessian =
      count > 0 && useNewton && solveStep(work.H, work, free, count, isLast ? 0 : lambda, system);
    if (count === 0 || (isLast && !useHessian)) {
      status = "converged";
      break;
    }
    if (!useHessian && !solveStep(work.M, work, free, count, Math.max(lambda, 1e-10), system)) {
      lambda = Math.max(lambda * 10, 1e-8);
      if (lambda <= 1e8) continue;
      status = "stalled";
      break;
    }
    const decrement = takeStep(kernel, theta, work, free, count, system, next);
    if (isLast && !(decrement < 0.5 * lastDecrement)) {
      status = "converged";
      break;
    }
    lastDecrement = decrement;
    const promised = promisedDecrease(work, useHessian ? work.H : work.M, theta, next);
    const isSmall = decrement <= options.tolerance * value + rounding;
    const trial = predict(problem, next, work.trial) ? sumOf(problem, work.trial) : Number.POSITIVE_INFINITY;
    const isLower = trial < value || (isSmall && trial <= value + 1e-14 * value + rounding);
    if (!isLower) {
      // The kernel was run elsewhere: go back.
      predict(problem, theta, work.predicted);
      if (isSmall) {
        // Nothing lower can be seen at this precision.
        accumulate(problem, theta, work);
        status = "converged";
        break;
      }
      lambda = Math.max(lambda, 1e-12) * growth;
      growth *= 2;
      if (lambda <= 1e12) continue;
      status = "stalled";
      break;
    }
    const ratio = promised > 0 ? (value - trial) / promised : 0;
    theta.set(next);
    value = Math.min(value, trial);
    work.predicted.set(work.trial.subarray(0, kernel.rows));
    accumulate(problem, theta, work);
    updateScale(work, largest);
    if (ratio > 0.75) lambda = Math.max(lambda / 10, 1e-15);
    else if (ratio < 0.25) lambda *= growth;
    growth = 2;
    if (isSmall && lambda <= 1e-2) extra++;
    if (extra > EXTRA_STEPS) {
      status = "converged";
      break;
    }
  }
  const count = freeCoordinates(kernel, theta, work, free);
  const gradient = relativeGradient(work, free, count);
  const atBound: number[] = [];
  for (let j = 0; j < size; j++) {
    if (theta[j] <= kernel.lower[j] || theta[j] >= kernel.upper[j]) atBound.push(j);
  }
  return { theta, value, status, steps, gradient, atBound };
}
