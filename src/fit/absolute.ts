/**
 * Least absolute deviations: |r| has no derivative at 0, and at its optimum as many residuals as there are parameters
 * vanish. It is reached as the limit of a rounded |r|: the zone of rounding is made smaller in steps, each from the
 * answer of the one before, and at last the vertex itself is solved for, the p rows nearest to the curve taken as met.
 */
import { jacobianAt, residualsAt } from "./evaluate.js";
import type { Model, SearchOutcome, Solution } from "./model.js";
import { makeObjective, type ObjectiveName } from "./objective.js";
import { robustSpread } from "./quantiles.js";

/** Widths of the rounded zone, relative to the robust spread of the residuals. */
const WIDTHS = [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 1e-4, 1e-5, 1e-6];
/** The width at which resamples are fitted: their scatter is a thousand times as large as what it rounds. */
const WORKING_WIDTH = 0.01;
const VERTEX_STEPS = 8;

export interface AbsoluteFit {
  search: SearchOutcome;
  /** Width of the rounded zone for resamples. */
  delta: number;
}

export function searchAbsolute(model: Model, name: ObjectiveName): AbsoluteFit {
  const squares = name === "absolute-log" ? "squares-log" : "squares";
  const first = model.search(makeObjective(squares, null));
  const spread = spreadOf(model, first.best, squares);
  const search = model.search(makeObjective(name, spread));
  let best = withExactValue(model, search.best, name);
  let solution = search.best;
  for (const width of WIDTHS) {
    solution = model.polish(model.warmStart(solution), makeObjective(name, width * spread));
    const exact = withExactValue(model, solution, name);
    if (exact.minimum.value < best.minimum.value) best = exact;
  }
  const vertex = toVertex(model, best, name);
  return { search: { ...search, best: vertex ?? best }, delta: WORKING_WIDTH * spread };
}

function spreadOf(model: Model, solution: Solution, name: ObjectiveName): number {
  const residuals = scaledResiduals(model, solution, name);
  const scale = name.endsWith("-log") ? 1 : Math.abs(model.measured[0]) || 1;
  return Math.max(robustSpread(residuals, model.parameters.length), 1e-12 * scale);
}

/** Residuals of the rows in units of their noise. */
function scaledResiduals(model: Model, { kernel, minimum }: Solution, name: ObjectiveName): Float64Array {
  const residuals = residualsAt(model.problem(kernel, makeObjective(name, 1)), minimum.theta);
  return residuals.map((r, i) => r * (model.inverseNoise?.[i] ?? 1));
}

/** The solution with SUM |r| itself as its value. */
function withExactValue(model: Model, solution: Solution, name: ObjectiveName): Solution {
  const residuals = scaledResiduals(model, solution, name);
  let value = 0;
  for (let i = 0; i < residuals.length; i++) value += (model.weight?.[i] ?? 1) * Math.abs(residuals[i]);
  return { ...solution, minimum: { ...solution.minimum, value } };
}

/** The point at which the p rows of the smallest residuals are met exactly; null where that is not lower. */
function toVertex(model: Model, from: Solution, name: ObjectiveName): Solution | null {
  const { kernel } = from;
  const problem = model.problem(kernel, makeObjective(name, 1));
  const p = kernel.size;
  let theta = from.minimum.theta;
  const sizes = scaledResiduals(model, from, name).map(Math.abs);
  const met = [...sizes.keys()].sort((a, b) => sizes[a] - sizes[b]).slice(0, p);
  for (let step = 0; step < VERTEX_STEPS; step++) {
    const residuals = residualsAt(problem, theta);
    const J = jacobianAt(problem, theta);
    const rows = met.map((i) => [...J.map((column) => column[i]), residuals[i]]);
    const move = solveSquare(rows);
    if (move === null) return null;
    theta = theta.map((t, j) => t + move[j]);
  }
  const isInside = theta.every((t, j) => t >= kernel.lower[j] && t <= kernel.upper[j]);
  if (!isInside || !theta.every(Number.isFinite)) return null;
  const moved = { ...from, minimum: { ...from.minimum, theta }, parameters: kernel.toParameters(theta) };
  const exact = withExactValue(model, moved, name);
  return exact.minimum.value < from.minimum.value ? exact : null;
}

/** Solves a small square system given as rows with the right side at their end; null where it is singular. */
function solveSquare(rows: number[][]): number[] | null {
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    const pivot = rows
      .slice(k)
      .reduce((best, row, i) => (Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    if (!(Math.abs(rows[k][k]) > 0)) return null;
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let k = n - 1; k >= 0; k--) {
    const known = x.reduce((sum, value, j) => (j > k ? sum + rows[k][j] * value : sum), 0);
    x[k] = (rows[k][n] - known) / rows[k][k];
  }
  return x;
}
