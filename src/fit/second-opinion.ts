/**
 * The independent second opinion: ml-levenberg-marquardt, started at the answer and near it, must not find better.
 *
 * It solves weighted least squares only, so it is given the squares that touch our objective at the answer: the
 * iteratively reweighted form, with sqrt(weight) multiplied into model and data (its own `weights` are inconsistent
 * between gradient and Hessian). Its end points are judged by our objective. How it must be called: exact Jacobian,
 * an error tolerance of 0 (it is absolute, and improvements under it are thrown away), x as the row's index, finite
 * bounds beyond any answer, no time limit (that would not be repeatable).
 */
import { levenbergMarquardt } from "ml-levenberg-marquardt";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { SecondOpinion } from "../objects.js";
import { jacobianAt, objectiveAt, type Problem, predictionsAt, residualsAt, thinned } from "./evaluate.js";
import type { Objective } from "./objective.js";
import type { Minimum } from "./solve.js";

/** Rows it is shown at most: it allocates per row and step. With more rows every k-th is used, and ours judged on those. */
const ROWS = 400;
/** Iterations at a time, and how often: it cannot see by itself that it has arrived. */
const ITERATIONS = 2;
const ROUNDS = 6;
/** A round that lowers the squares by less than this share of them was the last. */
const ARRIVED = 1e-9;
/** Relative decreases under this are rounding between two ways of adding up. */
const TOLERANCE = 1e-8;

/** Starts: the answer, and the answer with every coordinate moved up or down by a twentieth. */
function startsNear(theta: Float64Array): number[][] {
  const moved = (sign: number) => Array.from(theta, (t, j) => t * (1 + (j % 2 === 0 ? sign : -sign) * 0.05));
  return [Array.from(theta), moved(1), moved(-1)];
}

/**
 * @param isInside whether a law's parameters are within its bounds (E >= 0 is no box in the solver's coordinates)
 */
export function secondOpinion(
  problem: Problem,
  answer: Minimum,
  isInside: (parameters: Float64Array) => boolean,
): SecondOpinion {
  const few = thinned(problem, ROWS);
  const { kernel, y, weight, inverseNoise, objective } = few;
  const theta = answer.theta;
  const residuals = residualsAt(few, theta);
  const root = residuals.map((r, i) =>
    Math.sqrt((weight?.[i] ?? 1) * majorantAt(objective, y[i], r, inverseNoise?.[i] ?? 1)),
  );
  // Coordinates at a bound stay there; the solver would stop at once beside one without influence.
  const free = [...theta.keys()].filter((j) => !answer.atBound.includes(j));
  const whole = (values: ArrayLike<number>) => {
    const point = theta.slice();
    free.forEach((j, k) => {
      point[j] = values[k];
    });
    return point;
  };
  // Each point is asked for twice, as the end of one step and as the start of the next.
  let last: { at: number[]; values: Float64Array } = { at: [], values: new Float64Array(0) };
  const model = (parameters: number[]) => {
    if (last.at.length === 0 || parameters.some((value, k) => value !== last.at[k]))
      last = { at: parameters.slice(), values: weighted(predictionsAt(few, whole(parameters)), root) };
    const { values } = last;
    return (i: number) => values[i];
  };
  const jacobianFunction = (parameters: number[]) => {
    const jacobian = jacobianAt(few, whole(parameters));
    // It reads a row's derivatives before it asks for the next one's.
    const row = new Array<number>(free.length).fill(0);
    return (i: number) => {
      for (let k = 0; k < row.length; k++) row[k] = root[i] * jacobian[free[k]][i];
      return row;
    };
  };
  const data = { x: Array.from(root.keys()), y: Array.from(root, (r, i) => r * y[i]) };
  const own = objectiveAt(few, theta);
  const starts = free.length === 0 ? [] : startsNear(theta);
  let best = Number.POSITIVE_INFINITY;
  const options = {
    jacobianFunction,
    minValues: free.map((j) => Math.max(kernel.lower[j], -1e9)),
    maxValues: free.map((j) => Math.min(kernel.upper[j], 1e9)),
    maxIterations: ITERATIONS,
    errorTolerance: 0,
    damping: 1e-4,
  };
  for (const start of starts) {
    let end = free.map((j) => start[j]);
    let squares = sumOfSquares(data, model(end));
    let hasMoved = false;
    for (let round = 0; round < ROUNDS; round++) {
      const reached = run(data, model, { ...options, initialValues: end });
      if (reached === null) break;
      const isLast = !(reached.parameterError < squares * (1 - ARRIVED));
      end = reached.parameterValues;
      squares = reached.parameterError;
      hasMoved = true;
      if (isLast) break;
    }
    if (hasMoved) best = Math.min(best, lowestTowards(few, theta, whole(end), isInside));
  }
  const relativeDifference = Number.isFinite(best) && own > 0 ? best / own - 1 : null;
  // With thinned rows the answer is not the minimum of what the other solver saw: only a gross gap counts.
  const allowed = few === problem ? TOLERANCE : 1;
  const agrees = relativeDifference === null || relativeDifference >= -allowed || own < kernel.rows * 1e-24;
  return { solver: "ml-levenberg-marquardt", starts: starts.length, relativeDifference, agrees };
}

/** The reweighting of a row; but for counts it depends on the residual alone. */
const majorantAt = (
  { majorant, information }: Objective,
  y: number,
  residual: number,
  inverseNoise: number,
): number =>
  information === undefined ? majorant(residual, 0, inverseNoise) : majorant(y, y - residual, inverseNoise);

function sumOfSquares({ y }: { y: readonly number[] }, model: (i: number) => number): number {
  return y.reduce((total, value, i) => total + (value - model(i)) ** 2, 0);
}

/** Outside the law's domain a very poor value makes the step fail; a missing one would end the run. */
function weighted(predicted: Float64Array, root: Float64Array): Float64Array {
  const isInside = predicted.every(Number.isFinite);
  return predicted.map((m, i) => (isInside ? root[i] * m : 1e6));
}

/**
 * The objective at the other solver's end; where that lies outside the law's bounds, which it does not know, at the
 * farthest point inside on the way from the answer to it (halved until one is).
 */
function lowestTowards(
  problem: Problem,
  from: Float64Array,
  end: Float64Array,
  isInside: (parameters: Float64Array) => boolean,
): number {
  for (let share = 1; share > 1e-3; share /= 2) {
    const point = from.map((t, j) => t + share * (end[j] - t));
    if (isInside(problem.kernel.toParameters(point))) return objectiveAt(problem, point);
  }
  return Number.POSITIVE_INFINITY;
}

/** Its end, or null where it gave up: it throws where its matrix is not finite, far outside of the law's domain. */
function run(...call: Parameters<typeof levenbergMarquardt>): ReturnType<typeof levenbergMarquardt> | null {
  try {
    return levenbergMarquardt(...call);
  } catch {
    return null;
  }
}

/** Condition number of a symmetric positive matrix; null where it is singular to working precision. */
export function conditionNumber(matrix: Float64Array, size: number): number | null {
  if (size === 0 || !matrix.every(Number.isFinite)) return null;
  const rows = Array.from({ length: size }, (_, i) => Array.from(matrix.subarray(i * size, (i + 1) * size)));
  const eigenvalues = new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true })
    .realEigenvalues;
  const smallest = Math.min(...eigenvalues);
  const largest = Math.max(...eigenvalues);
  return smallest > 1e-15 * largest ? largest / smallest : null;
}
