/**
 * Covariance of the estimates from the curvature at the answer:
 *
 *   V = tau^2 (J'W J)^-1,   tau^2 = [SUM w psi^2 / (n - p)] / [share of |r| <= delta]^2
 *
 * with the share 1 for squares. J is in the solver's coordinates, where it is well conditioned, and V is then
 * carried to the law's parameters by the exact derivatives of that map. Coordinates held by a bound, or without
 * influence, have no variance here.
 */
import { symmetricInverse } from "./linear-algebra.js";
import { isHuber } from "./objective.js";
import type { Solution } from "./power-sum-fit.js";
import type { Problem } from "./solve.js";

export interface Covariance {
  /** Parameters x parameters, row-major, in the law's order. */
  values: Float64Array;
  /** Scaled condition number's matrix: J'J with a unit diagonal, over the free coordinates. */
  correlation: { matrix: Float64Array; size: number };
}

/** J'W J in the solver's coordinates, full storage. */
function crossProduct(problem: Problem, theta: Float64Array): Float64Array {
  const { kernel, weight, objective } = problem;
  const p = kernel.size;
  const predicted = new Float64Array(kernel.rows);
  kernel.value(theta, predicted);
  const jacobian = new Float64Array(p);
  const hessian = new Float64Array((p * (p + 1)) / 2);
  const product = new Float64Array(p * p);
  for (let i = 0; i < kernel.rows; i++) {
    kernel.derivatives(theta, i, i + 1, jacobian, hessian);
    // d m / d theta on the objective's scale.
    let factor = 1;
    if (kernel.scale !== objective.scale) {
      factor = objective.scale === "raw" ? Math.exp(predicted[i]) : 1 / predicted[i];
    }
    const w = (weight === null ? 1 : weight[i]) * factor * factor;
    for (let j = 0; j < p; j++) {
      for (let k = 0; k < p; k++) product[j * p + k] += w * jacobian[j] * jacobian[k];
    }
  }
  return product;
}

/** Variance factor of the residuals for this objective; null without degrees of freedom. */
function varianceFactor({ objective }: Problem, residuals: Float64Array, parameters: number): number | null {
  const n = residuals.length;
  if (n <= parameters) return null;
  let squares = 0;
  let inside = 0;
  for (let i = 0; i < n; i++) {
    const psi = objective.slope(0, -residuals[i]);
    squares += psi * psi;
    if (objective.delta === null || Math.abs(residuals[i]) <= objective.delta) inside++;
  }
  const share = isHuber(objective.name) ? Math.max(inside, 1) / n : 1;
  return squares / (n - parameters) / (share * share);
}

/**
 * The covariance of the law's parameters at a solution, or null where it cannot be had.
 *
 * @param residuals one an observation, on the objective's scale
 */
export function covarianceAt(
  problem: Problem,
  solution: Solution,
  residuals: Float64Array,
  parameters: number,
): Covariance | null {
  const { theta } = solution.minimum;
  const p = problem.kernel.size;
  const product = crossProduct(problem, theta);
  const held = new Set(solution.minimum.atBound);
  const free: number[] = [];
  for (let j = 0; j < p; j++) if (!held.has(j) && product[j * p + j] > 0) free.push(j);
  const m = free.length;
  const reduced = new Float64Array(m * m);
  const matrix = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b < m; b++) {
      const value = product[free[a] * p + free[b]];
      reduced[a * m + b] = value;
      matrix[a * m + b] = value / Math.sqrt(product[free[a] * p + free[a]] * product[free[b] * p + free[b]]);
    }
  }
  const inverse = symmetricInverse(reduced, m);
  const tau2 = varianceFactor(problem, residuals, parameters);
  if (inverse === null || tau2 === null) return null;
  const G = solution.kernel.parameterJacobian(theta);
  const values = new Float64Array(parameters * parameters);
  for (let r = 0; r < parameters; r++) {
    for (let s = 0; s < parameters; s++) {
      let total = 0;
      for (let a = 0; a < m; a++) {
        for (let b = 0; b < m; b++) total += G[r * p + free[a]] * inverse[a * m + b] * G[s * p + free[b]];
      }
      values[r * parameters + s] = tau2 * total;
    }
  }
  return { values, correlation: { matrix, size: m } };
}
