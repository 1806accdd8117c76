/**
 * A problem at a point: the objective with its derivatives, and what each row gives. Rows are taken in blocks whose
 * derivatives stay in the cache and whose buffers do not grow with the data.
 */
import { areFinite, gathered, type Kernel } from "./kernel.js";
import type { Objective } from "./objective.js";
import {
  addGradient,
  addGradientAndFirst,
  addMajorant,
  addProducts,
  scaleColumns,
  weightedSum,
} from "./products.js";

export const BLOCK = 128;

/** A kernel with measured values and weights: everything the objective needs. */
export interface Problem {
  kernel: Kernel;
  /** Measured values on the objective's scale (logs or raw). */
  y: Float64Array;
  /** How often each row counts (equal observations, or draws of it), or null for all 1. */
  weight: Float64Array | null;
  /** q = 1/s of each row, s its noise on the objective's scale, or null for all 1. */
  inverseNoise: Float64Array | null;
  objective: Objective;
}

/** Weights of the rows in a sum of squares of y - m, w q^2; null for all 1. */
export function squareWeights({ weight, inverseNoise }: Omit<Problem, "kernel" | "y">): Float64Array | null {
  if (inverseNoise === null) return weight;
  return inverseNoise.map((q, i) => (weight === null ? 1 : weight[i]) * q * q);
}

/** The objective at a point: F = SUM w rho, with its derivatives. Matrices are row-major lower triangles. */
export class Expansion {
  value = Number.POSITIVE_INFINITY;
  /** g = dF. */
  readonly g: Float64Array;
  /** Sum of the absolute contributions of the rows to g. */
  readonly absolute: Float64Array;
  /** H = d^2 F. */
  readonly H: Float64Array;
  /** M = SUM w majorant J J'. */
  readonly M: Float64Array;

  constructor(readonly size: number) {
    this.g = new Float64Array(size);
    this.absolute = new Float64Array(size);
    this.H = new Float64Array(size * size);
    this.M = new Float64Array(size * size);
  }
}

/** What one block of rows needs on the way; by columns as long as the block has rows. */
export class BlockBuffers {
  readonly predicted = new Float64Array(BLOCK);
  readonly jacobian: Float64Array;
  readonly hessian: Float64Array;
  /** What derivatives are multiplied by on the way to the objective's scale. */
  readonly factor = new Float64Array(BLOCK);
  readonly slope = new Float64Array(BLOCK);
  readonly curvature = new Float64Array(BLOCK);
  readonly majorant = new Float64Array(BLOCK);
  /** Factor of a product of first derivatives by the shift, and by any other coordinate. */
  readonly edge = new Float64Array(BLOCK);
  readonly inner = new Float64Array(BLOCK);

  constructor({ size, curved }: Kernel) {
    this.jacobian = new Float64Array(BLOCK * size);
    this.hessian = new Float64Array(BLOCK * curved.length);
  }
}

/** Every k-th row of a problem, at most `most` of them; the problem itself where it has no more. */
export function thinned(problem: Problem, most: number): Problem {
  const { rows } = problem.kernel;
  if (rows <= most) return problem;
  const stride = Math.ceil(rows / most);
  const chosen = Int32Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride);
  const pick = (column: Float64Array) => gathered(column, chosen);
  return {
    kernel: problem.kernel.gather(chosen, chosen.length),
    y: pick(problem.y),
    weight: problem.weight === null ? null : pick(problem.weight),
    inverseNoise: problem.inverseNoise === null ? null : pick(problem.inverseNoise),
    objective: problem.objective,
  };
}

/** Predictions of a block on the objective's scale; false outside the law's domain. */
function predict(
  problem: Problem,
  theta: Float64Array,
  from: number,
  to: number,
  out: Float64Array,
): boolean {
  return problem.kernel.value(theta, from, to, out) && onScale(problem, out, to - from);
}

/** Turns predictions on the kernel's scale into ones on the objective's; false outside the law's domain. */
function onScale({ kernel, objective }: Problem, out: Float64Array, count: number): boolean {
  if (kernel.scale === objective.scale) return true;
  const toLog = objective.scale === "log";
  for (let i = 0; i < count; i++) {
    out[i] = toLog ? Math.log(out[i]) : Math.exp(out[i]);
    if (!Number.isFinite(out[i])) return false;
  }
  return true;
}

/** Sum of the contributions of a block. */
function sumOfBlock(problem: Problem, from: number, to: number, predicted: Float64Array): number {
  const { y, weight, inverseNoise, objective } = problem;
  let sum = 0;
  for (let i = from; i < to; i++) {
    const rho = objective.rho(y[i], predicted[i - from], inverseNoise === null ? 1 : inverseNoise[i]);
    sum += weight === null ? rho : weight[i] * rho;
  }
  return sum;
}

/**
 * The objective at `theta`, infinite outside the law's domain.
 *
 * @param predicted room for a block, lost
 */
export function objectiveAt(
  problem: Problem,
  theta: Float64Array,
  predicted = new Float64Array(Math.min(problem.kernel.rows, BLOCK)),
): number {
  const { rows } = problem.kernel;
  let total = 0;
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, rows);
    if (!predict(problem, theta, from, to, predicted)) return Number.POSITIVE_INFINITY;
    total += sumOfBlock(problem, from, to, predicted);
  }
  return total;
}

/**
 * The objective at given predictions, infinite outside the law's domain.
 *
 * @param predicted on the kernel's scale; lost
 */
export function objectiveOf(problem: Problem, predicted: Float64Array): number {
  const { rows } = problem.kernel;
  if (!areFinite(predicted, predicted.length) || !onScale(problem, predicted, rows))
    return Number.POSITIVE_INFINITY;
  return sumOfBlock(problem, 0, rows, predicted);
}

/** Predictions on the objective's scale; not numbers outside the law's domain. */
export function predictionsAt(problem: Problem, theta: Float64Array): Float64Array {
  const { rows } = problem.kernel;
  const all = new Float64Array(rows);
  const predicted = new Float64Array(Math.min(rows, BLOCK));
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, rows);
    if (!predict(problem, theta, from, to, predicted)) predicted.fill(Number.NaN);
    for (let i = from; i < to; i++) all[i] = predicted[i - from];
  }
  return all;
}

/** Residuals y - m on the objective's scale. */
export function residualsAt(problem: Problem, theta: Float64Array): Float64Array {
  const out = predictionsAt(problem, theta);
  for (let i = 0; i < out.length; i++) out[i] = problem.y[i] - out[i];
  return out;
}

/**
 * Predictions and derivatives of a block on the objective's scale, into the buffers; false outside the law's domain.
 * Second derivatives are left as the kernel gives them, but for the factor that first ones have too.
 */
function expandBlock(
  { kernel, objective }: Problem,
  theta: Float64Array,
  from: number,
  to: number,
  { predicted, jacobian, hessian, factor }: BlockBuffers,
  withHessian: boolean,
): boolean {
  const n = to - from;
  if (!kernel.derivatives(theta, from, to, predicted, jacobian, withHessian ? hessian : null)) return false;
  if (kernel.scale === objective.scale) return true;
  const toLog = objective.scale === "log";
  for (let i = 0; i < n; i++) {
    const value = predicted[i];
    const m = toLog ? Math.log(value) : Math.exp(value);
    if (!Number.isFinite(m)) return false;
    predicted[i] = m;
    factor[i] = toLog ? 1 / value : m;
  }
  scaleColumns(jacobian, factor, n, kernel.size);
  if (withHessian) scaleColumns(hessian, factor, n, kernel.curved.length);
  return true;
}

/**
 * Derivatives of the predictions of rows `from` (a multiple of `BLOCK`) to `to - 1` on the objective's scale: a column
 * for each coordinate.
 */
export function jacobianAt(
  problem: Problem,
  theta: Float64Array,
  from = 0,
  to = problem.kernel.rows,
): Float64Array[] {
  const columns = Array.from({ length: problem.kernel.size }, () => new Float64Array(to - from));
  jacobianInto(problem, theta, from, to, columns, new BlockBuffers(problem.kernel));
  return columns;
}

/** The same into given columns: into the first of them, one for each coordinate. */
export function jacobianInto(
  problem: Problem,
  theta: Float64Array,
  from: number,
  to: number,
  columns: readonly Float64Array[],
  buffers: BlockBuffers,
): void {
  const { size } = problem.kernel;
  for (let start = from; start < to; start += BLOCK) {
    const end = Math.min(start + BLOCK, to);
    expandBlock(problem, theta, start, end, buffers, false);
    const n = end - start;
    for (let j = 0; j < size; j++) {
      const column = columns[j];
      for (let i = 0; i < n; i++) column[start - from + i] = buffers.jacobian[j * n + i];
    }
  }
}

/**
 * The objective with gradient g, majorant M and, where it is asked for, Hessian H, in one pass over the rows.
 *
 * @returns false outside the law's domain; `into` is then not to be used
 */
export function expand(
  problem: Problem,
  theta: Float64Array,
  withHessian: boolean,
  into: Expansion,
  buffers: BlockBuffers,
): boolean {
  const { rows } = problem.kernel;
  const { g, absolute, H, M } = into;
  g.fill(0);
  absolute.fill(0);
  H.fill(0);
  M.fill(0);
  let total = 0;
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(from + BLOCK, rows);
    if (!expandBlock(problem, theta, from, to, buffers, withHessian)) return false;
    total += judgeBlock(problem, from, to, buffers);
    addBlock(problem.kernel, to - from, withHessian, into, buffers);
  }
  into.value = total;
  return Number.isFinite(total);
}

/** The exact Hessian of the objective, row-major, its lower triangle alone; null outside the law's domain. */
export function hessianAt(problem: Problem, theta: Float64Array): Float64Array | null {
  const into = new Expansion(problem.kernel.size);
  return expand(problem, theta, true, into, new BlockBuffers(problem.kernel)) ? into.H : null;
}

/** The contributions of a block's rows: returns their sum, and puts the derivatives in the prediction into the buffers. */
function judgeBlock(problem: Problem, from: number, to: number, buffers: BlockBuffers): number {
  const { kernel, y, weight, inverseNoise, objective } = problem;
  const { predicted, slope, curvature, edge, inner } = buffers;
  const count = to - from;
  const sum =
    objective.judge?.({ y, predicted, from, count, weight, inverseNoise }, buffers) ??
    judgeRowByRow(problem, from, to, buffers);
  // H = SUM c J J' + s m'', with m'' from q'' as the kernel gives it and from the product of first derivatives:
  // -J J' in the log of a sum; where a log is undone, J J' / m by the shift alone.
  const isLog = objective.scale === "log";
  const shifts = kernel.hasShift;
  for (let i = 0; i < count; i++) {
    inner[i] = isLog ? curvature[i] - slope[i] : curvature[i];
    if (shifts) edge[i] = isLog ? curvature[i] : curvature[i] + slope[i] / predicted[i];
  }
  return sum;
}

function judgeRowByRow(problem: Problem, from: number, to: number, buffers: BlockBuffers): number {
  const { y, weight, inverseNoise, objective } = problem;
  const { predicted, slope, curvature, majorant } = buffers;
  for (let i = 0; i < to - from; i++) {
    const w = weight === null ? 1 : weight[from + i];
    const q = inverseNoise === null ? 1 : inverseNoise[from + i];
    const observed = y[from + i];
    const m = predicted[i];
    slope[i] = w * objective.slope(observed, m, q);
    curvature[i] = w * objective.curvature(observed, m, q);
    majorant[i] = w * objective.majorant(observed, m, q);
  }
  return sumOfBlock(problem, from, to, predicted);
}

/** Adds a block of n rows to g, H and M. */
function addBlock(
  { size, hasShift, curved }: Kernel,
  n: number,
  withHessian: boolean,
  into: Expansion,
  { jacobian, hessian, slope, majorant, edge, inner }: BlockBuffers,
): void {
  const products = { columns: jacobian, n, size, forH: inner, forM: majorant };
  if (hasShift) addGradientAndFirst({ columns: jacobian, n, size, forH: edge, forM: majorant }, slope, into);
  else addGradient(products, slope, into);
  const { H, M } = into;
  const first = hasShift ? 1 : 0;
  if (!withHessian) {
    addMajorant(products, first, M);
    return;
  }
  addProducts(products, first, into);
  for (let e = 0, j = 0; e < curved.length; e++) {
    while (((j + 1) * (j + 2)) / 2 <= curved[e]) j++;
    H[j * size + curved[e] - (j * (j + 1)) / 2] += weightedSum(hessian, n, e, slope);
  }
}
