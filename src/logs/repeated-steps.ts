/** Steps that a run has more than once: the rows of which a later one stands for the step. */
import type { OmittedSteps, RowSource, StepSeries, Table } from "../objects.js";
import { isCounted } from "./omitted-steps.js";

/** How many rows a run has, how many different steps, and the rows whose step comes again later. */
export interface RepeatedSteps {
  rows: number;
  distinct: number;
  /** By step, of equal steps by line. */
  earlier: RowSource[];
}

/**
 * @param inOrder  rows of the table, by step and of equal steps by their place
 * @param omitted  rows of the same run that are not in the table
 * @param isLogged whether `inOrder` has only rows with the measured value written
 */
export function repeatedSteps(
  table: Table,
  steps: Float64Array,
  inOrder: readonly number[],
  omitted: readonly OmittedSteps[],
  isLogged: boolean,
): RepeatedSteps {
  const hidden = hiddenOf(omitted, isLogged);
  const own = omitted.length === 0 ? inOrder : inOrder.filter((row) => !isCounted(table, row, omitted));
  const known = own.filter((row) => !Number.isNaN(steps[row]!));
  const nan = own.length - known.length;
  const rows = own.length + hidden.reduce((sum, series) => sum + series.rows, 0);
  const earlier =
    hidden.length === 0 || areApart(known, steps, hidden)
      ? known.filter((row, i) => steps[row] === steps[known[i + 1] ?? -1]).map((row) => table.source(row))
      : earlierOfAll(table, steps, known, hidden);
  return { rows, distinct: rows - nan - earlier.length + (nan > 0 ? 1 : 0), earlier };
}

type Hidden = { file: string; series: StepSeries; rows: number }[];

/** The series that count beside the rows of the table: those with the measured value, or all where none has it. */
function hiddenOf(omitted: readonly OmittedSteps[], isLogged: boolean): Hidden {
  return omitted
    .flatMap(({ file, logged, unlogged }) =>
      (isLogged ? [logged] : [logged, unlogged]).map((series) => ({ file, series, rows: series.rows })),
    )
    .filter(({ rows }) => rows > 0);
}

/** Whether no step can be in two of the stretches and rows: then nothing has to be unfolded. */
function areApart(rows: readonly number[], steps: Float64Array, hidden: Hidden): boolean {
  const spans = rows.map((row) => ({ low: steps[row]!, high: steps[row]!, isRow: true }));
  for (const { series } of hidden) {
    for (const { low, high, isRepeated } of series.spans()) {
      if (isRepeated) return false;
      spans.push({ low, high, isRow: false });
    }
  }
  spans.sort((a, b) => a.low - b.low);
  let high = Number.NEGATIVE_INFINITY;
  let isRow = true;
  for (const span of spans) {
    if (span.low <= high && !(span.isRow && isRow)) return false;
    if (span.high >= high) isRow = span.isRow;
    high = Math.max(high, span.high);
  }
  return true;
}

function earlierOfAll(
  table: Table,
  steps: Float64Array,
  rows: readonly number[],
  hidden: Hidden,
): RowSource[] {
  const places = rows.map((row) => ({ step: steps[row]!, ...table.source(row) }));
  for (const { file, series } of hidden) for (const place of series.places()) places.push({ ...place, file });
  const order = new Map(table.files.map((file, i) => [file, i]));
  places.sort((a, b) => a.step - b.step || order.get(a.file)! - order.get(b.file)! || a.line - b.line);
  return places
    .filter(({ step }, i) => step === places[i + 1]?.step)
    .map(({ file, line }) => ({ file, line }));
}
