/**
 * Principal components of a table with gaps: columns centred, not scaled, gaps filled by the first component alone
 * (arXiv 2405.10938, appendix C). One component is enough where one dominates, and more would fit the gaps themselves.
 */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { DataError } from "../errors.js";

/** Change of a filled gap, relative to the spread of the table, at which filling stops. */
const SETTLED = 1e-13;
const MOST_ROUNDS = 10_000;

export interface PrincipalComponents {
  /** Of each column, gaps filled. */
  mean: Float64Array;
  /** Unit vectors over the columns, the most important first; the largest entry of each is positive. */
  loadings: Float64Array[];
  /** Share of the variance along each, falling. */
  explained: Float64Array;
  /** The table with its gaps filled, by column. */
  filled: Float64Array[];
  /** How many cells were missing. */
  gaps: number;
}

/**
 * @param columns one entry a row, not a number where a value is missing; two columns and two rows at least
 * @throws DataError for a table without variation, a column without a value, or a row without one
 */
export function principalComponents(columns: readonly Float64Array[]): PrincipalComponents {
  const rows = columns[0]?.length ?? 0;
  requireTable(columns, rows);
  const missing = columns.map((column) => [...column.keys()].filter((i) => Number.isNaN(column[i])));
  const filled = columns.map((column) => withMean(column));
  const gaps = missing.reduce((sum, of) => sum + of.length, 0);
  let parts = componentsOf(filled);
  const spread = Math.sqrt(parts.variances.reduce((sum, variance) => sum + variance, 0));
  for (let round = 0; gaps > 0 && round < MOST_ROUNDS; round++) {
    const moved = fillByFirst(filled, missing, parts);
    parts = componentsOf(filled);
    if (moved <= SETTLED * spread) break;
  }
  const total = parts.variances.reduce((sum, variance) => sum + variance, 0);
  return {
    mean: parts.mean,
    loadings: parts.loadings,
    explained: parts.variances.map((variance) => variance / total),
    filled,
    gaps,
  };
}

/**
 * A row's scores along the components; what it lacks is filled by the first component, at the least squares of what it
 * has. Not a number where it has nothing.
 */
export function scoresOf({ mean, loadings }: PrincipalComponents, row: Float64Array): Float64Array {
  const [first] = loadings;
  let along = 0;
  let length = 0;
  for (let j = 0; j < row.length; j++) {
    if (Number.isNaN(row[j])) continue;
    along += (row[j] - mean[j]) * first[j];
    length += first[j] * first[j];
  }
  const t = along / length;
  const centred = row.map((value, j) => (Number.isNaN(value) ? t * first[j] : value - mean[j]));
  return Float64Array.from(loadings, (loading) => dot(centred, loading));
}

function requireTable(columns: readonly Float64Array[], rows: number): void {
  if (columns.length < 2 || rows < 2) {
    throw new DataError({
      code: "too-few-rows",
      message: `${columns.length} scores of ${rows} models: components need two of each at least`,
      hint: "give several benchmarks of several models",
    });
  }
  columns.forEach((column, j) => {
    if (column.every(Number.isNaN)) {
      throw new DataError({
        code: "no-values",
        message: `column ${j + 1} of the scores has no value at all`,
        hint: "leave it out",
      });
    }
  });
  for (let i = 0; i < rows; i++) {
    if (!columns.every((column) => Number.isNaN(column[i]))) continue;
    throw new DataError({
      code: "no-values",
      message: `row ${i + 1} of the scores has no value at all`,
      hint: "leave the model out",
    });
  }
  if (
    columns.every((column) => column.every((value) => Number.isNaN(value) || value === column.find(isKnown)))
  ) {
    throw new DataError({
      code: "no-variation",
      message: "every score is the same for all models: there is no axis along which they differ",
    });
  }
}

const isKnown = (value: number): boolean => !Number.isNaN(value);

function withMean(column: Float64Array): Float64Array {
  const known = column.filter(isKnown);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return column.map((value) => (Number.isNaN(value) ? mean : value));
}

interface Parts {
  mean: Float64Array;
  loadings: Float64Array[];
  /** Along each loading, falling. */
  variances: Float64Array;
}

function componentsOf(columns: readonly Float64Array[]): Parts {
  const rows = columns[0].length;
  const mean = Float64Array.from(columns, (column) => column.reduce((sum, value) => sum + value, 0) / rows);
  const centred = columns.map((column, j) => column.map((value) => value - mean[j]));
  const covariance = centred.map((a) => centred.map((b) => dot(a, b) / rows));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(covariance), {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a] || a - b);
  return {
    mean,
    loadings: order.map((k) => upright(Float64Array.from(eigenvectorMatrix.getColumn(k)))),
    variances: Float64Array.from(order, (k) => Math.max(realEigenvalues[k], 0)),
  };
}

/** Of the two directions of an axis the one in which its largest entry is positive. */
function upright(loading: Float64Array): Float64Array {
  const largest = loading.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? loading.map((value) => -value) : loading;
}

/** Puts what the first component says into the gaps; the largest move of one. */
function fillByFirst(
  filled: readonly Float64Array[],
  missing: readonly (readonly number[])[],
  { mean, loadings: [first] }: Parts,
): number {
  const rows = new Set(missing.flat());
  const along = new Map(
    [...rows].map((i) => [i, filled.reduce((sum, column, j) => sum + (column[i] - mean[j]) * first[j], 0)]),
  );
  let moved = 0;
  missing.forEach((gaps, j) => {
    for (const i of gaps) {
      const value = mean[j] + (along.get(i) as number) * first[j];
      moved = Math.max(moved, Math.abs(value - filled[j][i]));
      filled[j][i] = value;
    }
  });
  return moved;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
