/** Logs of steps: which row stands for its run. */
import type { OmittedSteps, RowSource, Table, Warning } from "../objects.js";
import { escapeText, listOf } from "../text.js";
import { byStep } from "./by-step.js";
import { placeOf, placeOfSources } from "./cells.js";
import type { Recognised } from "./columns.js";
import { endOf, isFarAbove } from "./divergence.js";
import { EveryRowNeeded, endsUndecayedOf, omittedByRun, wildNormOf } from "./omitted-steps.js";
import { type RepeatedSteps, repeatedSteps } from "./repeated-steps.js";
import type { Resolved, Resolver } from "./resolve.js";
import { type RunRows, runRows, SEVERAL_A_STEP } from "./run-rows.js";

/** The rows that stand for their runs, and what is to be said about it. */
export interface LastRows {
  rows: Set<number>;
  /** For the last row of each run of several rows: all its rows. */
  members: Map<number, number[]>;
  /** The same rows by their steps, the last row of the run at the end; without a step that occurs again later. */
  inOrder: Map<number, number[]>;
  /** Rows that were passed over while reading; they are earlier ones all. */
  omitted: readonly OmittedSteps[];
  /** The step of every row of the table. */
  steps: Float64Array;
  table: Table;
  warnings: Warning[];
}

const RUNS_NAMED = 5;

interface Context {
  table: Table;
  recognised: Recognised;
  resolver: Resolver;
  measured: Resolved | null;
}

/**
 * The row of the largest step of each run, among the rows that have the measured value written down. Of a step that
 * occurs again (a resumed run) the later line counts.
 *
 * @param rows     table rows that take part, ascending
 * @param omitted  rows of the same group that are not in the table
 * @returns null when there is no step column, or no run has several rows
 */
export function lastRows(
  { table, recognised, resolver, measured }: Context,
  rows: readonly number[],
  omitted: readonly OmittedSteps[],
): LastRows | null {
  const step = resolver.loose("step");
  if (step === null) return null;
  const steps = step.values;
  const runs = runRows(table, recognised, resolver);
  const alone = recognised.quantities.has("run") ? [] : aloneWarning(rows, runs, step);
  const hidden = omittedByRun(omitted);
  const several = runsAmong(rows, runs).filter(([name, members]) => members.length > 1 || hidden.has(name));
  if (several.length === 0) return alone.length === 0 ? null : everyRow(table, rows, steps, alone);
  const isLogged = (row: number) => measured === null || measured.columns[0]!.text(row).trim() !== "";
  const history = several.map(([name, members]) => {
    const logged = members.filter(isLogged);
    const one = historyOf(name, logged, members, steps);
    const own = hidden.get(name) ?? [];
    const repeated = repeatedSteps(table, steps, one.inOrder, own, logged.length > 0);
    return { ...one, hidden: own, repeated };
  });
  const isSeveralAStep = rowsPerStep(history) >= SEVERAL_A_STEP;
  const kept = new Set<number>(rows);
  const members = new Map<number, number[]>();
  const ordered = new Map<number, number[]>();
  for (const { all, inOrder } of history) {
    for (const row of all) kept.delete(row);
    const last = inOrder.at(-1)!;
    kept.add(last);
    members.set(last, all);
    ordered.set(
      last,
      inOrder.filter((row, i) => steps[row] !== steps[inOrder[i + 1] ?? -1]),
    );
    if (isSeveralAStep) for (const row of inOrder) if (steps[row] === steps[last]) kept.add(row);
  }
  if (omitted.length > 0 && (recognised.quantities.get("grad_norm")?.factor ?? 1) !== 1)
    throw new EveryRowNeeded();
  const left = omitted.reduce((sum, { rows: count }) => sum + count, rows.length - kept.size);
  const warnings = [lastStepWarning(several.length, left, step.title), ...alone];
  if (!isSeveralAStep) warnings.push(...overlapWarning(history));
  if (measured !== null)
    warnings.push(
      ...divergedWarning(table, history, steps, {
        measured,
        norm: resolver.loose("grad_norm"),
        isSeveralAStep,
      }),
    );
  warnings.push(...undecayedWarning(table, history, steps, resolver.loose("lr")));
  return { rows: kept, members, inOrder: ordered, omitted, steps, table, warnings };
}

interface History {
  name: string;
  all: number[];
  /** By step, of equal steps the later line last. */
  inOrder: number[];
  /** Rows that are not in the table. */
  hidden: readonly OmittedSteps[];
  /** Of those too. */
  repeated: RepeatedSteps;
}

function historyOf(
  name: string,
  logged: number[],
  all: number[],
  steps: Float64Array,
): Omit<History, "repeated" | "hidden"> {
  const inOrder = byStep(logged.length > 0 ? logged : all, steps);
  return { name, all, inOrder };
}

/** The runs of some rows with their rows; a row that is a run only by itself is in none. */
function runsAmong(rows: readonly number[], { of, names }: RunRows): [name: string, members: number[]][] {
  const runs = new Map<number, number[]>();
  for (const row of rows) {
    const run = of[row]!;
    if (names[run] === null) continue;
    const members = runs.get(run);
    if (members === undefined) runs.set(run, [row]);
    else members.push(row);
  }
  return [...runs].map(([run, members]) => [names[run]!, members]);
}

function rowsPerStep(history: readonly History[]): number {
  let rows = 0;
  let distinct = 0;
  for (const { repeated } of history) {
    rows += repeated.rows;
    distinct += repeated.distinct;
  }
  return rows / Math.max(1, distinct);
}

/** Where neither names nor files tell runs apart, every row counts, and that is said. */
function aloneWarning(
  rows: readonly number[],
  { of, names }: RunRows,
  { title, values }: Resolved,
): Warning[] {
  const alone = rows.filter((row) => names[of[row]!] === null);
  const distinct = new Set(alone.map((row) => values[row]!));
  if (distinct.size < 3 || distinct.size * 10 < alone.length) return [];
  const which = alone.length === rows.length ? "every row" : `each of ${alone.length} rows`;
  const message = `column "${escapeText(title, 40)}" holds steps, but no column names the run: ${which} is used as a run of its own; name the runs with --map run=COLUMN`;
  return [{ code: "steps-without-run", message }];
}

const everyRow = (
  table: Table,
  rows: readonly number[],
  steps: Float64Array,
  warnings: Warning[],
): LastRows => ({
  table,
  rows: new Set(rows),
  members: new Map(),
  inOrder: new Map(),
  omitted: [],
  steps,
  warnings,
});

function lastStepWarning(runs: number, left: number, column: string): Warning {
  const shown = escapeText(column, 40);
  const message = `${runs} ${runs === 1 ? "run has" : "runs have"} several rows: the row of the largest "${shown}" stands for its run, ${left} earlier ${left === 1 ? "row is" : "rows are"} not used`;
  return { code: "last-step", message };
}

function overlapWarning(history: readonly History[]): Warning[] {
  const names: string[] = [];
  const overlapping: RowSource[] = [];
  for (const { name, repeated } of history) {
    const { earlier } = repeated;
    if (earlier.length > 0) names.push(`${escapeText(name, 40)} (${earlier.length})`);
    for (const place of earlier) overlapping.push(place);
  }
  if (names.length === 0) return [];
  const rows = `${overlapping.length} ${overlapping.length === 1 ? "row has" : "rows have"}`;
  return [
    {
      code: "steps-overlap",
      message: `${rows} a step that its run has again later (resumed?): ${namesOf(names)}; the later line of a step counts`,
      ...placeOfSources(overlapping),
    },
  ];
}

function divergedWarning(
  table: Table,
  history: readonly History[],
  steps: Float64Array,
  { measured, norm, isSeveralAStep }: { measured: Resolved; norm: Resolved | null; isSeveralAStep: boolean },
): Warning[] {
  const words: string[] = [];
  const rows: number[] = [];
  for (const { name, all, inOrder, hidden } of history) {
    const last = inOrder.at(-1)!;
    const value = endOf(inOrder, measured.values, steps, isSeveralAStep);
    const lowest = lowestOf(inOrder, measured.values);
    const shown = escapeText(name, 40);
    const wild = norm === null ? null : wildNormOf(table, byStep(all, steps), norm.values, hidden);
    if (wild !== null && Number.isFinite(value))
      words.push(`${shown} ends with a gradient norm of about ${wild.toPrecision(3)}; it is used as it ends`);
    else if (Number.isFinite(value)) {
      if (!isFarAbove(value, lowest)) continue;
      words.push(`${shown} ends at ${value}, its lowest was ${lowest}; it is used as it ends`);
    } else if (Number.isFinite(lowest)) words.push(`${shown} ends without a finite value; it is not used`);
    else continue;
    rows.push(last);
  }
  if (rows.length === 0) return [];
  const message = `${rows.length === 1 ? "a run" : `${rows.length} runs`} diverged, broke off or overfitted: ${words.slice(0, RUNS_NAMED).join("; ")}${words.length > RUNS_NAMED ? "; ..." : ""}`;
  return [{ code: "run-diverged", message, ...placeOf(table, rows) }];
}

/** A last point before the learning rate has come down lies above what the same tokens give a finished run. */
function undecayedWarning(
  table: Table,
  history: readonly History[],
  steps: Float64Array,
  rate: Resolved | null,
): Warning[] {
  if (rate === null) return [];
  const early = history.filter(({ all, hidden }) =>
    endsUndecayedOf(table, byStep(all, steps), rate.values, hidden),
  );
  if (early.length === 0) return [];
  const names = early.map(({ name }) => escapeText(name, 40));
  const message = `${early.length === 1 ? "a run ends" : `${early.length} runs end`} before ${early.length === 1 ? "its" : "their"} learning rate has come down: ${namesOf(names)}; such a loss lies above that of a finished run of as many tokens; it is used as it stands`;
  return [
    {
      code: "not-decayed",
      message,
      ...placeOf(
        table,
        early.map(({ inOrder }) => inOrder.at(-1)!),
      ),
    },
  ];
}

/** The smallest value that is a number; infinite when there is none. */
function lowestOf(rows: readonly number[], values: Float64Array): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const row of rows) if (!Number.isNaN(values[row]!)) lowest = Math.min(lowest, values[row]!);
  return lowest;
}

function namesOf(names: readonly string[]): string {
  return names.length > RUNS_NAMED ? `${names.slice(0, RUNS_NAMED).join(", ")}, ...` : listOf(names);
}
