/**
 * Inputs that a log of steps leaves empty where the run ends: settings stand at its first step, tokens in another series
 * than the loss.
 */
import type { Column, Warning } from "../objects.js";
import { quoteText } from "../text.js";
import type { LastRows } from "./last-rows.js";
import type { Quantity } from "./numbers.js";
import { EveryRowNeeded } from "./omitted-steps.js";
import type { Resolved } from "./resolve.js";

/** Quantities that grow with the steps of a run, and so can be read between two of them. */
const GROWING: ReadonlySet<Quantity> = new Set<Quantity>(["tokens", "flops"]);
/** Relative difference up to which a quantity counts as proportional to the step. */
const PROPORTIONAL = 1e-6;

/**
 * Fills what is empty at the last row of a run: from the one value that the run has elsewhere; for tokens and compute
 * from the rows of the steps beside it.
 *
 * @param inputs  their values are completed in place, at the last rows only
 */
export function fillConstants(inputs: readonly Resolved[], last: LastRows): Warning[] {
  const sure = sureColumns(last);
  const warnings: Warning[] = [];
  for (const { values, columns, title, kind } of inputs) {
    const column = columns.length === 1 ? columns[0]! : null;
    if (column === null) continue;
    let [constant, between] = [0, 0];
    for (const [row, members] of last.members) {
      if (!Number.isNaN(values[row]!) || column.text(row).trim() !== "") continue;
      const known = members.filter((member) => !Number.isNaN(values[member]!));
      if (last.omitted.length > 0)
        requireAllKnown(members, known, { values, column, kind, isSure: sure.has(column) });
      if (known.length === 0) continue;
      if (known.every((member) => values[member] === values[known[0]!])) {
        values[row] = values[known[0]!]!;
        constant++;
        continue;
      }
      const value = GROWING.has(kind) ? valueAtStep(row, known, values, last.steps) : null;
      if (value === null) continue;
      values[row] = value;
      between++;
    }
    const stands = `${quoteText(title, 40)} stands on other rows of`;
    if (constant > 0)
      warnings.push({
        code: "run-constant",
        message: `${stands} ${runs(constant)} than the last: its one value there is used`,
      });
    if (between > 0)
      warnings.push({
        code: "run-between",
        message: `${stands} ${runs(between)} than the last: its value at the last step is read from the steps beside it`,
      });
  }
  return warnings;
}

/**
 * Of rows that were passed over while reading, the first two texts of each column are in the table: of one text in all of
 * a run, or of two different values that nothing lies between, no other row can say more. Of tokens and compute the rows
 * around the end are there, where they came by step.
 *
 * @throws EveryRowNeeded where it can
 */
function requireAllKnown(
  members: readonly number[],
  known: readonly number[],
  { values, column, kind, isSure }: { values: Float64Array; column: Column; kind: Quantity; isSure: boolean },
): void {
  const texts = new Set(members.map((member) => column.text(member)).filter((text) => text !== ""));
  if (texts.size < 2) return;
  const differ = known.some((member) => values[member] !== values[known[0]!]);
  if (!differ || (GROWING.has(kind) && !isSure)) throw new EveryRowNeeded();
}

/** Columns that grow and of which the rows around the ends of all runs are in the table. */
function sureColumns({ omitted, table }: LastRows): ReadonlySet<Column> {
  // a run of several pieces may end in one and have its tokens in another
  if (new Set(omitted.map(({ run }) => run)).size < omitted.length) return NONE;
  const isSure = (place: number) => omitted.every(({ sure }) => sure.has(place));
  return new Set(table.columns.filter((_, place) => isSure(place)));
}

const NONE: ReadonlySet<Column> = new Set();

const runs = (n: number): string => (n === 1 ? "a run" : `${n} runs`);

/** The value at a row's step: on the straight line between the known steps around it, or in proportion to the step. */
export function valueAtStep(
  row: number,
  known: readonly number[],
  values: Float64Array,
  steps: Float64Array,
): number | null {
  const at = steps[row]!;
  const rows = known.filter((one) => Number.isFinite(steps[one]!)).sort((a, b) => steps[a]! - steps[b]!);
  const after = rows.find((one) => steps[one]! >= at);
  const before = rows.findLast((one) => steps[one]! <= at);
  if (before !== undefined && after !== undefined) {
    const [from, to] = [steps[before]!, steps[after]!];
    if (from === to) return values[before]!;
    return values[before]! + ((at - from) / (to - from)) * (values[after]! - values[before]!);
  }
  const [first, end] = [rows[0], rows.at(-1)];
  if (first === undefined || end === undefined || first === end) return null;
  const rate = values[end]! / steps[end]!;
  const isProportional = Math.abs(values[first]! - rate * steps[first]!) <= PROPORTIONAL * values[end]!;
  return isProportional && rate > 0 ? rate * at : null;
}
