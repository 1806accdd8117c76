/**
 * What a run is: the rows of one name in the column of runs; without a name, the rows of a file that is the log of one
 * run; else every row by itself. `inspect` says it, and every command that reads rows goes by it.
 */
import type { Table } from "../objects.js";
import type { Recognised } from "./columns.js";
import type { Resolver } from "./resolve.js";

/** The run of every row of a table. */
export interface RunRows {
  /** By row of the table: a number for its run, in the order in which runs first appear. */
  of: Int32Array;
  /** By run: its name, the file that it is the log of, or null where a row is a run only because nothing says more. */
  names: (string | null)[];
}

/** From so many rows a step on, the steps of a file are those of several runs, or of several measures. */
export const SEVERAL_A_STEP = 1.5;

/** Quantities that a run has one value of. */
const CONSTANT = ["N", "active_params", "width", "depth", "experts", "vocabulary", "seed"];
/** Quantities that grow with the steps of a run. */
const GROWING = ["D", "C"];

const known = new WeakMap<Resolver, RunRows>();

/** The runs of a table. Worked out once for a resolver, as every group of rows asks for it. */
export function runRows(table: Table, recognised: Recognised, resolver: Resolver): RunRows {
  const before = known.get(resolver);
  if (before !== undefined) return before;
  const found = findRuns(table, recognised, resolver);
  known.set(resolver, found);
  return found;
}

function findRuns(table: Table, recognised: Recognised, resolver: Resolver): RunRows {
  const run = recognised.quantities.get("run")?.column ?? null;
  const whole = recognised.quantities.has("step") ? filesOfOneRun(table, recognised, resolver) : NONE;
  const of = new Int32Array(table.rows);
  const names: (string | null)[] = [];
  const numbers = new Map<string, number>();
  for (let row = 0; row < table.rows; row++) {
    const name = run?.text(row).trim() ?? "";
    const file = name === "" && whole.size > 0 ? table.source(row).file : "";
    const isWhole = whole.has(file);
    const key = name !== "" ? `n${name}` : isWhole ? `f${file}` : null;
    let number = key === null ? undefined : numbers.get(key);
    if (number === undefined) {
      number = names.push(name !== "" ? name : isWhole ? file : null) - 1;
      if (key !== null) numbers.set(key, number);
    }
    of[row] = number;
  }
  return { of, names };
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Files that are the log of one run: no row of them names a run, their steps hardly repeat, a model has one size and
 * one seed there, and tokens and compute never fall from step to step.
 */
function filesOfOneRun(table: Table, recognised: Recognised, resolver: Resolver): ReadonlySet<string> {
  const files = nameless(table, recognised);
  if (files.size === 0) return NONE;
  const steps = resolver.loose("step")!.values;
  const valuesOf = (names: readonly string[]) => names.flatMap((name) => resolver.loose(name)?.values ?? []);
  const [constant, growing] = [valuesOf(CONSTANT), valuesOf(GROWING)];
  const loss = recognised.quantities.get("loss")?.column;
  const isLogged = (row: number) => loss === undefined || loss.text(row).trim() !== "";
  const whole = [...files].filter(([, rows]) => {
    if (rows.length === 1) return true;
    const logged = rows.filter(isLogged);
    return (
      areHardlyRepeated(logged.length > 0 ? logged : rows, steps) &&
      constant.every((values) => hasOneValue(rows, values)) &&
      growing.every((values) => neverFalls(rows, steps, values))
    );
  });
  return new Set(whole.map(([file]) => file));
}

/** The rows of the files in which no row names a run. */
function nameless(table: Table, { quantities }: Recognised): Map<string, number[]> {
  const run = quantities.get("run")?.column ?? null;
  const files = new Map<string, number[]>();
  const hasName = (row: number) => run !== null && run.text(row).trim() !== "";
  for (let row = 0; row < table.rows; row++) {
    if (hasName(row)) continue;
    const { file } = table.source(row);
    const rows = files.get(file);
    if (rows === undefined) files.set(file, [row]);
    else rows.push(row);
  }
  if (files.size === 0 || run === null) return files;
  for (let row = 0; row < table.rows; row++) if (hasName(row)) files.delete(table.source(row).file);
  return files;
}

function areHardlyRepeated(rows: readonly number[], steps: Float64Array): boolean {
  return rows.length < SEVERAL_A_STEP * new Set(rows.map((row) => steps[row])).size;
}

function hasOneValue(rows: readonly number[], values: Float64Array): boolean {
  let first = Number.NaN;
  for (const row of rows) {
    const value = values[row]!;
    if (Number.isNaN(value) || value === first) continue;
    if (!Number.isNaN(first)) return false;
    first = value;
  }
  return true;
}

/** Whether a quantity is at each step at least what it was at the step before. */
function neverFalls(rows: readonly number[], steps: Float64Array, values: Float64Array): boolean {
  const filled = rows.filter((row) => !Number.isNaN(values[row]!) && !Number.isNaN(steps[row]!));
  filled.sort((a, b) => steps[a]! - steps[b]! || values[a]! - values[b]!);
  return filled.every((row, i) => i === 0 || values[row]! >= values[filled[i - 1]!]!);
}
