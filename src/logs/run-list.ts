/** The runs of a log: which rows are one run's, where it ended, and what is odd about it. */
import type { Column, InspectedRun, OmittedSteps, RunMark, Table } from "../objects.js";
import { escapeText } from "../text.js";
import { byStep } from "./by-step.js";
import type { Recognised } from "./columns.js";
import { valueAtStep } from "./constants.js";
import { endOf, isFarAbove } from "./divergence.js";
import { endsUndecayedOf, isCounted, omittedByRun, wildNormOf } from "./omitted-steps.js";
import { repeatedSteps } from "./repeated-steps.js";
import type { Resolver } from "./resolve.js";
import { runRows, SEVERAL_A_STEP } from "./run-rows.js";
import { labelOf } from "./runs.js";

/** Of the steps that a run was to make, the share from which on it counts as finished. */
const FINISHED_SHARE = 0.99;
/** States of trackers that are no end of the training. */
const BROKEN_STATES = /^(?:failed|crashed|killed|error|oom|timeout|preempted|cancell?ed)$/i;
const OPEN_STATES = /^(?:running|pending|scheduled|unfinished)$/i;

export interface RunListOptions {
  table: Table;
  recognised: Recognised;
  resolver: Resolver;
  /** Whether a row has a measured value written down, be it a number or not. */
  isWritten: (row: number) => boolean;
  /** A column of states (`State` of a tracker), if there is one. */
  state: ((row: number) => string) | null;
}

/** The runs in the order in which they first appear. */
export function runList(options: RunListOptions): InspectedRun[] {
  const { resolver } = options;
  const of = (quantity: string) => resolver.looseOrComputed(quantity);
  const columns: Columns = {
    step: of("step"),
    loss: of("loss"),
    N: of("N"),
    D: of("D"),
    C: of("C"),
    lr: of("lr"),
    steps: of("steps"),
    norm: of("grad_norm"),
  };
  const { table, recognised } = options;
  const { of: runOf, names } = runRows(table, recognised, resolver);
  const omitted = omittedByRun(table.omitted ?? []);
  const rows = names.map((): number[] => []);
  for (let row = 0; row < table.rows; row++) rows[runOf[row]!]!.push(row);
  const runs = rows.map((own, run): OneRun => {
    const inOrder = columns.step === null ? own : byStep(own, columns.step);
    return { name: names[run]!, hidden: omitted.get(names[run] ?? "") ?? [], inOrder };
  });
  const isSeveral = columns.step !== null && areSeveralAStep(options, columns.step, runs);
  return runs.map((one) => describe(options, columns, one, isSeveral));
}

interface Columns {
  step: Float64Array | null;
  loss: Float64Array | null;
  N: Float64Array | null;
  D: Float64Array | null;
  C: Float64Array | null;
  lr: Float64Array | null;
  steps: Float64Array | null;
  norm: Float64Array | null;
}

interface OneRun {
  name: string | null;
  /** Its rows, by step. */
  inOrder: readonly number[];
  /** Those that are not in the table. */
  hidden: readonly OmittedSteps[];
}

/** @param isSeveral  whether the log has several measures a step */
function describe(
  options: RunListOptions,
  columns: Columns,
  { name, inOrder, hidden }: OneRun,
  isSeveral: boolean,
): InspectedRun {
  const { table } = options;
  const { step, loss } = columns;
  const measured = loss === null ? [] : inOrder.filter((row) => Number.isFinite(loss[row]!));
  const last = measured.at(-1) ?? inOrder.at(-1)!;
  const { file, line } = table.source(last);
  const all = hidden.reduce((sum, one) => sum + one.rows, inOrder.length);
  const points = hidden.reduce(
    (sum, one) => sum + one.measured,
    measured.filter((row) => hidden.length === 0 || !isCounted(table, row, hidden)).length,
  );
  const at = (values: Float64Array | null) => (values === null ? null : valueAt(values, inOrder, last));
  const growing = (values: Float64Array | null) =>
    values === null || step === null ? at(values) : growingAt(values, step, inOrder, last);
  return {
    run:
      name !== null && inOrder.length > 1
        ? escapeText(name, 60)
        : labelOf(table, runColumn(options), inOrder[0]!),
    file: escapeText(file, 200),
    line,
    rows: all,
    points: loss === null ? all : points,
    step: step === null ? null : finite(step[last]!),
    N: at(columns.N),
    D: growing(columns.D),
    C: growing(columns.C),
    loss: loss === null ? null : finite(loss[last]!),
    marks: marksOf(options, columns, { inOrder, measured, hidden, isSeveral }),
  };
}

const runColumn = ({ recognised }: RunListOptions): Column | null =>
  recognised.quantities.get("run")?.column ?? null;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The value at a row, else the one value that the run has, else the last one known before it. */
function valueAt(values: Float64Array, inOrder: readonly number[], row: number): number | null {
  if (Number.isFinite(values[row]!)) return values[row]!;
  let [before, after]: (number | null)[] = [null, null];
  let isPast = false;
  for (const one of inOrder) {
    if (one === row) isPast = true;
    if (!Number.isFinite(values[one]!)) continue;
    if (!isPast) before = values[one]!;
    else after ??= values[one]!;
  }
  return before ?? after;
}

/** Tokens or compute at a row, read between the steps beside it as a fit does; null where that is not known. */
function growingAt(
  values: Float64Array,
  steps: Float64Array,
  inOrder: readonly number[],
  row: number,
): number | null {
  if (Number.isFinite(values[row]!)) return values[row]!;
  const known = inOrder.filter((one) => Number.isFinite(values[one]!));
  const isConstant = known.every((one) => values[one] === values[known[0]!]);
  if (known.length === 0 || isConstant) return known.length === 0 ? null : values[known[0]!]!;
  return valueAtStep(row, known, values, steps);
}

function marksOf(
  { table, state, isWritten }: RunListOptions,
  columns: Columns,
  {
    inOrder,
    measured,
    hidden,
    isSeveral,
  }: Omit<OneRun, "name"> & { measured: readonly number[]; isSeveral: boolean },
): RunMark[] {
  const { step, loss, lr, steps, norm } = columns;
  const marks: RunMark[] = [];
  if (loss !== null && measured.length === 0) marks.push("no-loss");
  const written = inOrder.filter(isWritten);
  const isWild = norm !== null && wildNormOf(table, inOrder, norm, hidden) !== null;
  if (isWild || (loss !== null && isDiverged(loss, step, written, measured, isSeveral)))
    marks.push("diverged");
  if (step !== null && !isSeveral && isResumed(table, step, loss, inOrder, written, hidden))
    marks.push("resumed");
  const states = new Set(state === null ? [] : inOrder.map(state));
  if ([...states].some((text) => BROKEN_STATES.test(text))) marks.push("failed");
  const planned = steps === null ? null : valueAt(steps, inOrder, inOrder.at(-1)!);
  const isShort = step !== null && planned !== null && step[inOrder.at(-1)!]! < FINISHED_SHARE * planned;
  if (isShort || [...states].some((text) => OPEN_STATES.test(text))) marks.push("unfinished");
  if (lr !== null && step !== null && endsUndecayedOf(table, inOrder, lr, hidden)) marks.push("not-decayed");
  return marks;
}

function isResumed(
  table: Table,
  step: Float64Array,
  loss: Float64Array | null,
  inOrder: readonly number[],
  written: readonly number[],
  hidden: readonly OmittedSteps[],
): boolean {
  if (hidden.length > 0) return repeatedSteps(table, step, written, hidden, true).earlier.length > 0;
  return inOrder.some(
    (row, i) => i > 0 && step[row] === step[inOrder[i - 1]!] && isAgain(loss, row, inOrder[i - 1]!),
  );
}

/** Whether two rows of one step both hold the measured value: one is the step made again. */
const isAgain = (loss: Float64Array | null, a: number, b: number): boolean =>
  loss === null || (Number.isFinite(loss[a]!) && Number.isFinite(loss[b]!));

/** Whether runs have several measures a step, and so no step twice for all that. */
function areSeveralAStep(
  { table, isWritten }: RunListOptions,
  step: Float64Array,
  runs: readonly OneRun[],
): boolean {
  let [rows, distinct] = [0, 0];
  for (const { inOrder, hidden } of runs) {
    if (inOrder.length < 2 && hidden.length === 0) continue;
    const repeated = repeatedSteps(table, step, inOrder.filter(isWritten), hidden, true);
    rows += repeated.rows;
    distinct += repeated.distinct;
  }
  return rows >= SEVERAL_A_STEP * Math.max(1, distinct);
}

function isDiverged(
  loss: Float64Array,
  step: Float64Array | null,
  written: readonly number[],
  measured: readonly number[],
  isSeveral: boolean,
): boolean {
  if (measured.length === 0 || written.length < 2) return false;
  const end = step === null ? loss[written.at(-1)!]! : endOf(written, loss, step, isSeveral);
  if (!Number.isFinite(end)) return true;
  const lowest = measured.reduce((least, row) => Math.min(least, loss[row]!), Number.POSITIVE_INFINITY);
  return isFarAbove(end, lowest);
}
