/**
 * After the fit of any formula: parameters that no rows could tell apart, because the derivative by one of them is a
 * combination of the derivatives by others at every row (`A/N^a + A2/N^a`, `A*B*N`), or because one has no effect.
 */
import type { Diagnosis } from "../objects.js";
import { jacobianAt, type Problem, squareWeights, thinned } from "./evaluate.js";
import type { Solution } from "./model.js";
import { norm, triangle, weightedColumns } from "./qr.js";

/** A column this close to the span of the others, relative to its length, is in it but for rounding. */
const IN_SPAN = 1e-12;
/** Rows enough to see it. */
const ROWS = 2000;

/** One finding that names them, or none. Parameters at a bound are left out: they are named as such. */
export function indistinct(
  problem: Problem,
  { minimum, held }: Solution,
  names: readonly string[],
): Diagnosis[] {
  const few = thinned(problem, ROWS);
  const columns = weightedColumns(jacobianAt(few, minimum.theta), squareWeights(few));
  const free = names
    .map((name, j) => ({ name, column: columns[j] }))
    .filter(({ name }) => !held.includes(name));
  const without = free.filter(({ column }) => !(norm(column) > 0));
  const some = free.filter(({ column }) => norm(column) > 0);
  const mixed = some.filter(({ column }) => {
    const others = some.filter((other) => other.column !== column).map((other) => other.column);
    return distanceFromSpan(others, column) <= IN_SPAN * norm(column);
  });
  const list = (of: readonly { name: string }[]) => of.map(({ name }) => name).join(", ");
  const parts = [
    mixed.length === 0
      ? ""
      : `${list(mixed)} cannot be told apart: what one of them does to the formula, the others can undo in every row`,
    without.length === 0 ? "" : `${list(without)} has no effect on any row`,
  ].filter((part) => part !== "");
  if (parts.length === 0) return [];
  return [
    {
      code: "not-identified",
      severity: "warning",
      message: `${parts.join("; ")}. Their values mean nothing by themselves; leave some of them out, or hold them with --fix`,
    },
  ];
}

/** Length of what is left of a column once the others have taken their share. */
function distanceFromSpan(others: readonly Float64Array[], column: Float64Array): number {
  const m = others.length + 1;
  // With no more rows than others every column is in their span, and nothing can be said.
  if (column.length < m) return Number.POSITIVE_INFINITY;
  return Math.abs(triangle([...others, column])[m * m - 1]);
}
