/**
 * Patterns left in the residuals: does the law bend where the rows do not?
 *
 * A score test for one more term q in the log of the law: with J the derivatives at the fit, psi the clipped residuals,
 * and a prime for what J cannot make,
 *
 *   F = (q'psi')^2 / |q'|^2 / (SUM psi''^2 / (n - p - 1)),   psi'' what J and q cannot make of psi
 *
 * with 1 and n - p - 1 degrees of freedom. Terms: (ln x)^2 of each input, and the product for each pair.
 */
import type { Diagnosis } from "../objects.js";
import { informationWeights } from "./dispersion.js";
import { fisherTail } from "./distributions.js";
import { jacobianAt } from "./evaluate.js";
import type { Fitted } from "./fitted.js";
import type { Objective } from "./objective.js";
import { norm, triangle } from "./qr.js";

/** One false alarm in 200 fits for each term, 1 in 70 for a law of two inputs. */
const SURE = 0.005;
/** The pattern must make up this share of the residuals' variance, or it matters to nobody. */
const LARGEST_IGNORED = 0.05;
/** A term that the law itself nearly makes shows nothing. */
const LEAST_OWN_PART = 1e-3;
const FEWEST_ROWS = 20;

interface Term {
  words: string;
  values: Float64Array;
}

/** Rows that are looked at: with more of them every k-th. */
const MOST_ROWS = 5000;

/** The most certain pattern, or none. */
export function residualPattern(fitted: Fitted): Diagnosis[] {
  const { objective, solution, model, rowResiduals, observations, layout } = fitted;
  if (observations.measured.length < FEWEST_ROWS || observations.run !== null) return [];
  const stride = Math.ceil(rowResiduals.length / MOST_ROWS);
  const rows = Int32Array.from({ length: Math.ceil(rowResiduals.length / stride) }, (_, i) => i * stride);
  const n = stride === 1 ? observations.measured.length : rows.length;
  const problem = model.problem(solution.kernel, objective);
  const often = Float64Array.from(rows, (row) => Math.sqrt(problem.weight?.[row] ?? 1));
  const q = Float64Array.from(rows, (row) => problem.inverseNoise?.[row] ?? 1);
  const weight = informationWeights(problem, rowResiduals);
  const root = Float64Array.from(rows, (row) => Math.sqrt(weight?.[row] ?? 1));
  const kernel = problem.kernel.gather(rows, rows.length);
  const y = Float64Array.from(rows, (row) => problem.y[row]);
  const J = jacobianAt({ ...problem, kernel, y, weight: null, inverseNoise: null }, solution.minimum.theta);
  const scaled = (column: Float64Array) => column.map((value, i) => value * root[i]);
  const columns = J.map(scaled).filter((column) => norm(column) > 0);
  const psi = often.map((w, i) => w * scoreOf(objective, problem.y[rows[i]], rowResiduals[rows[i]], q[i]));
  const degrees = n - layout.free.length - 1;
  let best: { words: string; p: number; share: number } | null = null;
  for (const { words, values } of terms(fitted, rows)) {
    const column = scaled(values);
    const m = columns.length + 2;
    const R = triangle([...columns, column, psi]);
    const own = Math.abs(R[(m - 2) * m + m - 2]);
    if (!(own > LEAST_OWN_PART * norm(column))) continue;
    const explained = R[(m - 2) * m + m - 1] ** 2;
    const left = R[m * m - 1] ** 2;
    // Under this the residuals are rounding.
    if (!(explained + left > 1e-18 * norm(root) ** 2)) continue;
    const share = explained / (explained + left);
    const chance = fisherTail((explained / left) * degrees, 1, degrees);
    if (best === null || chance < best.p) best = { words, p: chance, share };
  }
  if (best === null || best.p >= SURE || best.share < LARGEST_IGNORED) return [];
  return [
    {
      code: "residual-pattern",
      severity: "warning",
      message: `the residuals follow a pattern: ${best.words} (${Math.round(100 * best.share)} % of their variance, p ${best.p < 1e-3 ? "under 0.001" : `= ${best.p.toPrecision(2)}`}). The law bends otherwise than these rows, and no interval holds that: fit without the largest runs and see how well they are predicted, or try another law`,
      numbers: { p: best.p, share: best.share },
    },
  ];
}

/** What a row says, in units of its noise. */
function scoreOf({ slope, information }: Objective, y: number, residual: number, q: number): number {
  if (information === undefined) return slope(0, -q * residual, 1);
  const m = y - residual;
  return (q * slope(y, m, 1)) / Math.sqrt(information(m));
}

/** Squares and products of the centred logs of the inputs, over the rows. */
function terms({ rows: { inputs } }: Fitted, rows: Int32Array): Term[] {
  const logs = [...inputs]
    .map(([name, column]) => [name, Float64Array.from(rows, (row) => column[row])] as const)
    .filter(([, column]) => column.every((x) => x > 0))
    .map(([name, column]) => ({ name, values: centred(column.map(Math.log)) }));
  const squares = logs.map(({ name, values }) => ({
    words: `a bend in ln ${name} that the law does not have`,
    values: values.map((x) => x * x),
  }));
  const products = logs.flatMap((a, i) =>
    logs.slice(i + 1).map((b) => ({
      words: `what ${a.name} gives depends on ${b.name} more or less than the law says`,
      values: a.values.map((x, k) => x * b.values[k]),
    })),
  );
  return [...squares, ...products];
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
