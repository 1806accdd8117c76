/** Runs as the estimators of the optimum take them, and their grouping by compute. */

/** Columns of one length, all finite and above 0. */
export interface OptimaRuns {
  /** Training compute in FLOPs. */
  C: Float64Array;
  /** Parameters. */
  N: Float64Array;
  /** Training tokens; null where only size and compute are known. */
  D: Float64Array | null;
  loss: Float64Array;
}

/** Runs of about the same compute. */
export interface Budget {
  /** Geometric mean of the runs' compute. */
  flops: number;
  /** Indices of the runs, by size, then by loss. */
  rows: number[];
}

/**
 * Runs whose compute lies within a factor 1 + tolerance of the least of the group, from the least compute up.
 *
 * @param tolerance 0.1 for budgets that were met within 10 %
 */
export function budgetsOf({ C, N, loss }: OptimaRuns, tolerance: number): Budget[] {
  const order = [...C.keys()].sort((a, b) => C[a] - C[b] || N[a] - N[b] || loss[a] - loss[b]);
  const groups: number[][] = [];
  let least = 0;
  for (const i of order) {
    const last = groups.at(-1);
    if (last === undefined || C[i] > least * (1 + tolerance)) {
      groups.push([i]);
      least = C[i];
    } else last.push(i);
  }
  return groups.map((rows) => ({
    flops: sharedValue(rows, C),
    rows: rows.sort((a, b) => N[a] - N[b] || loss[a] - loss[b]),
  }));
}

/** The geometric mean; the value itself, to the last bit, where it is the same in all. */
function sharedValue(rows: readonly number[], column: Float64Array): number {
  const [first] = rows;
  if (rows.every((i) => column[i] === column[first])) return column[first];
  return Math.exp(rows.reduce((sum, i) => sum + Math.log(column[i]), 0) / rows.length);
}

/** The runs in an order of their own, so that the order as given changes no number. */
export function inOrder({ C, N, D, loss }: OptimaRuns): OptimaRuns {
  const columns = [C, N, loss, ...(D === null ? [] : [D])];
  const order = [...C.keys()].sort((a, b) => {
    for (const column of columns) if (column[a] !== column[b]) return column[a] - column[b];
    return a - b;
  });
  const take = (column: Float64Array) => Float64Array.from(order, (i) => column[i]);
  return { C: take(C), N: take(N), D: D === null ? null : take(D), loss: take(loss) };
}
