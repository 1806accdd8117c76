/**
 * Step rows -> the few that stand for their runs, while the file is read. A log of ten million steps is one of a
 * hundred runs: kept are the rows that later stages look at, the others are counted with their steps and lines.
 */

import type { OmittedSteps, PassedRows, RateCourse } from "../objects.js";
import { ColumnTotals, type ComputedColumn } from "./column-totals.js";
import { WILD_NORM } from "./divergence.js";
import { isRate, LEAST_POINTS } from "./schedule-end.js";
import { StepRuns } from "./step-runs.js";

/** Which columns decide, by their places in the table. */
export interface StepPlan {
  run: number;
  step: number;
  measured: number;
  /** Columns whose cells part the rows of one run into groups. */
  groups: number[];
  /** The learning rate and the gradient norm; -1 where there is none. */
  rate: number;
  norm: number;
  /** Columns that are read as numbers: a row with anything else in one of them is kept. */
  numbers: number[];
  /** Where what all columns hold is to be counted: quantities that are computed of them. */
  totals?: readonly ComputedColumn[];
}

/** Lines shown of rows that are left out. */
const LINES_SHOWN = 20;
/** Kept rows from which on no more are left out: then most rows are not what they are taken for. */
const MOST_KEPT = 200_000;

/** A row as it stands in a text, with what was read of it. */
export interface ScannedRow {
  text: string;
  /** The characters of the text. */
  codes: Uint16Array;
  /** Where each of its cells begins and ends. */
  starts: Int32Array;
  ends: Int32Array;
  step: number;
  /** Whether the measured value is written; NaN where it is no finite number. */
  isLogged: boolean;
  value: number;
  /** The learning rate and the gradient norm; NaN where there is none. */
  rate: number;
  norm: number;
  line: number;
}

interface Row {
  /** Null while the row is only a piece of a text. */
  cells: string[] | null;
  text: string;
  start: number;
  end: number;
  line: number;
  step: number;
  isLogged: boolean;
  value: number;
  rate: number;
  /** For how many reasons it is held. */
  holds: number;
}

/** Rows that tell the course of the learning rate; see `RateCourse`. */
interface Rates {
  known: number;
  peak: Row | null;
  low: Row | null;
  least: Row | null;
  /** Of the largest step. */
  end: Row | null;
  isInOrder: boolean;
}

interface RunState {
  /** The characters of the run's name. */
  codes: Uint16Array;
  omitted: OmittedSteps & { kept: Set<number>; logged: StepRuns; unlogged: StepRuns };
  rates: Rates;
  /** Rows of the largest step so far, among those with the measured value and among the others. */
  last: [unlogged: Row[], logged: Row[]];
  lowest: Row | null;
  /** Of the largest step among those whose measured value is a number. */
  finite: Row | null;
  /** Rows in which a column has its first or second text. */
  telling: Row[];
  /** Columns of which fewer than two texts are known, with the one that is. */
  open: number[];
  known: (Uint16Array | null | undefined)[];
  isTouched: boolean;
}

export class StepReducer {
  readonly plan: StepPlan;
  readonly #file: string;
  readonly #delimiter: string;
  readonly #width: number;
  readonly #runs = new Map<string, RunState>();
  /** Rows that are kept because something in them has to be looked at. */
  readonly #odd: { cells: string[]; line: number }[] = [];
  readonly #touched: RunState[] = [];
  #state: RunState | null = null;
  #stateRun: Uint16Array = NO_CODES;
  #telling = 0;
  readonly #totals: ColumnTotals | null;

  /** @param plan  by places in a row's cells, of which there are `width` */
  constructor(file: string, delimiter: string, width: number, plan: StepPlan) {
    this.#file = file;
    this.#delimiter = delimiter;
    this.#width = width;
    this.plan = plan;
    this.#totals = plan.totals === undefined ? null : new ColumnTotals(width, plan.totals);
  }

  /** Whether so many rows had to be kept that the rest of the file is better read as it is. */
  get isFull(): boolean {
    return this.#odd.length + this.#telling > MOST_KEPT;
  }

  /** Keeps a row as it stands. */
  keep(cells: readonly string[], line: number): void {
    this.#odd.push({ cells: cells.map(copyOf), line });
  }

  add(scanned: ScannedRow): void {
    const { text, starts, ends, line, step, isLogged, value, rate, norm } = scanned;
    const state = this.#stateOf(scanned);
    this.#totals?.add(scanned);
    if (isLogged && Number.isFinite(value)) state.omitted.measured++;
    state.omitted[isLogged ? "logged" : "unlogged"].add(step, line);
    const [start, end] = [starts[0]!, ends[this.#width - 1]!];
    const row: Row = { cells: null, text, start, end, line, step, isLogged, value, rate, holds: 1 };
    if (state.open.length > 0) this.#noteTexts(state, row, scanned);
    if (isLogged && value < (state.lowest?.value ?? Number.POSITIVE_INFINITY)) {
      if (state.lowest !== null) release(state, state.lowest);
      state.lowest = row;
      row.holds++;
    }
    if (Number.isFinite(value) && row.step >= (state.finite?.step ?? Number.NEGATIVE_INFINITY)) {
      if (state.finite !== null) release(state, state.finite);
      state.finite = row;
      row.holds++;
    }
    noteLast(state, row);
    if (isRate(rate)) this.#noteRate(state, row);
    if (Number.isFinite(norm)) {
      const { norms } = state.omitted;
      norms.known++;
      if (norm > WILD_NORM) norms.wild++;
    }
    release(state, row);
  }

  #noteRate(state: RunState, row: Row): void {
    const { rates } = state;
    // as many as it takes to tell a course at all
    if (rates.known < LEAST_POINTS) {
      rates.known++;
      this.#hold(state, row);
    }
    noteCourse(state, row);
  }

  /** Keeps a row until the end. */
  #hold(state: RunState, row: Row): void {
    if (state.telling.at(-1) === row) return;
    state.telling.push(row);
    row.holds++;
    this.#telling++;
  }

  #stateOf(scanned: ScannedRow): RunState {
    const { run, groups } = this.plan;
    const isSame = groups.length === 0 && isCell(scanned, run, this.#stateRun);
    if (this.#state !== null && isSame) return this.#state;
    const name = cellAt(scanned, run);
    const key =
      groups.length === 0 ? name : [name, ...groups.map((at) => cellAt(scanned, at))].join("\u0000");
    let state = this.#runs.get(key);
    if (state === undefined) {
      const own = copyOf(key);
      state = this.#newState(own, codesAt(scanned, run));
      this.#runs.set(own, state);
    }
    if (!state.isTouched) {
      state.isTouched = true;
      this.#touched.push(state);
    }
    this.#stateRun = state.codes;
    this.#state = state;
    return state;
  }

  #newState(key: string, codes: Uint16Array): RunState {
    const [run = "", ...groups] = key.split("\u0000").map((text) => text.trim());
    const columns = Array.from({ length: this.#width }, (_, i) => i);
    const [logged, unlogged] = [new StepRuns(), new StepRuns()];
    return {
      codes,
      omitted: {
        file: this.#file,
        run,
        groups,
        rows: 0,
        lines: [],
        kept: new Set(),
        logged,
        unlogged,
        measured: 0,
        norms: { known: 0, wild: 0 },
        rates: null,
      },
      rates: { known: 0, peak: null, low: null, least: null, end: null, isInOrder: true },
      last: [[], []],
      lowest: null,
      finite: null,
      telling: [],
      open: columns.filter((i) => i !== this.plan.run && !this.plan.groups.includes(i)),
      known: [],
      isTouched: false,
    };
  }

  /** A column that has one text in all of a run is a constant of it, which may stand on any of its rows. */
  #noteTexts(state: RunState, row: Row, scanned: ScannedRow): void {
    const { starts, ends } = scanned;
    let isClosed = false;
    for (const column of state.open) {
      const known = state.known[column];
      if (starts[column] === ends[column] || (known && isCell(scanned, column, known))) continue;
      this.#hold(state, row);
      if (known === undefined) state.known[column] = codesAt(scanned, column);
      else {
        state.known[column] = null;
        isClosed = true;
      }
    }
    if (isClosed) state.open = state.open.filter((column) => state.known[column] !== null);
  }

  /** After a piece of text: what is held must not keep the whole text alive. */
  endChunk(): void {
    for (const state of this.#touched) {
      state.isTouched = false;
      for (const row of heldBy(state)) this.#detach(row);
    }
    this.#touched.length = 0;
    this.#state = null;
    this.#stateRun = NO_CODES;
  }

  #detach(row: Row): void {
    if (row.cells !== null) return;
    row.cells = copyOf(row.text.slice(row.start, row.end)).split(this.#delimiter);
    row.text = "";
  }

  /**
   * The rows to keep, by line, and the counts of the others.
   *
   * @param placeOf  from the place of a cell in a row to that of its column in the table
   */
  finish(placeOf: (cell: number) => number): {
    rows: { cells: string[]; line: number }[];
    omitted: OmittedSteps[];
    passed: PassedRows | null;
  } {
    this.endChunk();
    const rows = [...this.#odd];
    const omitted: OmittedSteps[] = [];
    for (const state of this.#runs.values()) {
      for (const row of new Set(heldBy(state))) {
        rows.push({ cells: row.cells ?? [], line: row.line });
        state.omitted.kept.add(row.line);
      }
      state.omitted.rates = courseOf(state.rates);
      if (state.omitted.rows > 0) omitted.push(state.omitted);
    }
    const passed = this.#totals?.finish(this.#file, placeOf) ?? null;
    return { rows: rows.sort((a, b) => a.line - b.line), omitted, passed };
  }
}

function* heldBy({ last, lowest, finite, telling, rates }: RunState): Generator<Row> {
  yield* last[0];
  yield* last[1];
  yield* telling;
  if (lowest !== null) yield lowest;
  if (finite !== null) yield finite;
  for (const row of [rates.peak, rates.low, rates.least, rates.end]) if (row !== null) yield row;
}

function courseOf({ peak, low, least, isInOrder }: Rates): RateCourse | null {
  if (peak === null || low === null || least === null) return null;
  return { peak: peak.line, low: low.line, least: least.line, isInOrder };
}

function noteCourse(state: RunState, row: Row): void {
  const { rates } = state;
  const { peak, low, least, end } = rates;
  const isLatest = end === null || row.step >= end.step;
  const isPeak = peak === null || row.rate > peak.rate || (row.rate === peak.rate && row.step < peak.step);
  if (isPeak) {
    if (!isLatest) rates.isInOrder = false;
    exchange(state, "peak", row);
    exchange(state, "low", row);
  } else if (row.step >= peak.step && (low === null || row.rate < low.rate)) exchange(state, "low", row);
  if (least === null || row.rate < least.rate) exchange(state, "least", row);
  if (isLatest) exchange(state, "end", row);
}

function exchange(state: RunState, role: "peak" | "low" | "least" | "end", row: Row): void {
  const before = state.rates[role];
  state.rates[role] = row;
  row.holds++;
  if (before !== null) release(state, before);
}

function noteLast(state: RunState, row: Row): void {
  const last = state.last[row.isLogged ? 1 : 0];
  const step = last.length > 0 ? last[0]!.step : Number.NEGATIVE_INFINITY;
  if (row.step < step) return;
  if (row.step > step) {
    for (const earlier of last) release(state, earlier);
    last.length = 0;
  }
  last.push(row);
  row.holds++;
}

function release({ omitted }: RunState, row: Row): void {
  if (--row.holds > 0) return;
  omitted.rows++;
  const { lines } = omitted;
  if (lines.length === LINES_SHOWN && row.line > lines.at(-1)!) return;
  lines.push(row.line);
  lines.sort((a, b) => a - b);
  if (lines.length > LINES_SHOWN) lines.pop();
}

const NO_CODES = new Uint16Array(0);

function codesAt({ codes, starts, ends }: ScannedRow, column: number): Uint16Array {
  return codes.slice(starts[column], ends[column]);
}

/** Whether a cell has these characters. */
function isCell({ codes, starts, ends }: ScannedRow, column: number, known: Uint16Array): boolean {
  const start = starts[column]!;
  const { length } = known;
  if (ends[column]! - start !== length) return false;
  for (let i = 0; i < length; i++) if (codes[start + i] !== known[i]) return false;
  return true;
}

function cellAt({ text, starts, ends }: ScannedRow, column: number): string {
  return text.slice(starts[column], ends[column]);
}

/** A text that is no slice of a longer one. */
function copyOf(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
