/**
 * Step rows -> the few that stand for their runs, while the file is read. A log of ten million steps is one of a
 * hundred runs: kept are the rows that later stages look at, the others are counted with their steps and lines.
 */

import type { OmittedSteps, PassedRows } from "../objects.js";
import { ColumnTotals, type ComputedColumn } from "./column-totals.js";
import { WILD_NORM } from "./divergence.js";
import { type HeldRow, KeptSteps, type RowTexts } from "./kept-steps.js";
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
  /** Columns that grow with the steps; where a run ends without one, its rows beside are looked at. */
  growing: number[];
  /** Columns that are read as numbers: a row with anything else in one of them is kept. */
  numbers: number[];
  /** Where what all columns hold is to be counted: quantities that are computed of them. */
  totals?: readonly ComputedColumn[];
}

/** Lines shown of rows that are left out. */
const LINES_SHOWN = 20;
/** Kept rows from which on no more are left out: then most rows are not what they are taken for. */
const MOST_KEPT = 200_000;
/** Rows of a text there is place for at first. */
const FIRST_ROWS = 1024;

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

interface RunState {
  /** The characters of the run's name. */
  codes: Uint16Array;
  run: string;
  groups: string[];
  /** All rows, those that are kept too. */
  logged: StepRuns;
  unlogged: StepRuns;
  measured: number;
  norms: { known: number; wild: number };
  rates: number;
  kept: KeptSteps;
  /** Columns of which fewer than two texts are known, with the one that is. */
  open: number[];
  known: (Uint16Array | null | undefined)[];
  isTouched: boolean;
  /** The run of the row that last came after one of this run. */
  next: RunState | null;
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
  #telling = 0;
  /** Rows before those of the text at hand, and in all: a row is known by its number. */
  #before = 0;
  #count = 0;
  #starts = new Int32Array(FIRST_ROWS);
  #ends = new Int32Array(FIRST_ROWS);
  #lines = new Float64Array(FIRST_ROWS);
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

  /** Takes a row of the text at hand; `endText` follows after the last of them. */
  add(scanned: ScannedRow): void {
    const { line, step, isLogged, value, rate, norm } = scanned;
    const state = this.#stateOf(scanned);
    this.#totals?.add(scanned);
    const row = this.#numberOf(scanned);
    if (isLogged) {
      if (Number.isFinite(value)) state.measured++;
      state.logged.add(step, line);
    } else state.unlogged.add(step, line);
    if (state.open.length > 0) this.#noteTexts(state, row, scanned);
    const { growing } = this.plan;
    for (let i = 0; i < growing.length; i++) {
      const [start, end] = [scanned.starts[growing[i]!]!, scanned.ends[growing[i]!]!];
      if (end > start) state.kept.noteGrowing(i, row, step, isDigit(scanned.codes[start]!));
    }
    state.kept.note(row, step, isLogged, value);
    if (isRate(rate)) {
      // as many as it takes to tell a course at all
      if (state.rates < LEAST_POINTS) {
        state.rates++;
        this.#hold(state, row);
      }
      state.kept.noteRate(row, step, rate);
    }
    if (Number.isFinite(norm)) {
      state.norms.known++;
      if (norm > WILD_NORM) state.norms.wild++;
    }
  }

  #numberOf({ starts, ends, line }: ScannedRow): number {
    const at = this.#count - this.#before;
    if (at === this.#lines.length) this.#grow();
    this.#starts[at] = starts[0]!;
    this.#ends[at] = ends[this.#width - 1]!;
    this.#lines[at] = line;
    return this.#count++;
  }

  #grow(): void {
    const grown = <T extends Int32Array | Float64Array>(larger: T, from: T): T => {
      larger.set(from);
      return larger;
    };
    const length = this.#lines.length * 4;
    this.#starts = grown(new Int32Array(length), this.#starts);
    this.#ends = grown(new Int32Array(length), this.#ends);
    this.#lines = grown(new Float64Array(length), this.#lines);
  }

  /** Keeps a row until the end. */
  #hold(state: RunState, row: number): void {
    if (state.kept.hold(row)) this.#telling++;
  }

  /** Runs that are logged side by side come in the same order again and again. */
  #stateOf(scanned: ScannedRow): RunState {
    const { run, groups } = this.plan;
    const before = this.#state;
    if (groups.length === 0 && before !== null) {
      if (isCell(scanned, run, before.codes)) return before;
      const { next } = before;
      if (next !== null && isCell(scanned, run, next.codes)) return this.#touch(next);
    }
    const name = cellAt(scanned, run);
    const key =
      groups.length === 0 ? name : [name, ...groups.map((at) => cellAt(scanned, at))].join("\u0000");
    let state = this.#runs.get(key);
    if (state === undefined) {
      const own = copyOf(key);
      state = this.#newState(own, codesAt(scanned, run));
      this.#runs.set(own, state);
    }
    if (before !== null) before.next = state;
    return this.#touch(state);
  }

  #touch(state: RunState): RunState {
    if (!state.isTouched) {
      state.isTouched = true;
      this.#touched.push(state);
    }
    this.#state = state;
    return state;
  }

  #newState(key: string, codes: Uint16Array): RunState {
    const [run = "", ...groups] = key.split("\u0000").map((text) => text.trim());
    const columns = Array.from({ length: this.#width }, (_, i) => i);
    return {
      codes,
      run,
      groups,
      logged: new StepRuns(),
      unlogged: new StepRuns(),
      measured: 0,
      norms: { known: 0, wild: 0 },
      rates: 0,
      kept: new KeptSteps(this.plan.growing.length),
      open: columns.filter((i) => i !== this.plan.run && !this.plan.groups.includes(i)),
      known: [],
      isTouched: false,
      next: null,
    };
  }

  /** A column that has one text in all of a run is a constant of it, which may stand on any of its rows. */
  #noteTexts(state: RunState, row: number, scanned: ScannedRow): void {
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

  /** After the rows of a text: of those that are held, the text is kept and nothing else. */
  endText(text: string): void {
    const before = this.#before;
    const texts: RowTexts = {
      first: before,
      of: (row) => {
        const at = row - before;
        const own = text.slice(this.#starts[at], this.#ends[at]);
        // a slice of a long text would keep all of it
        return { text: own.length * 2 < text.length ? copyOf(own) : own, line: this.#lines[at]! };
      },
    };
    for (const state of this.#touched) {
      state.isTouched = false;
      state.kept.endText(texts);
    }
    this.#touched.length = 0;
    this.#state = null;
    this.#before = this.#count;
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
    const rows = [...this.#odd];
    const omitted: OmittedSteps[] = [];
    for (const state of this.#runs.values()) {
      const held = state.kept.rows();
      for (const { text, line } of held) rows.push({ cells: text.split(this.#delimiter), line });
      const sure = this.plan.growing.filter((_, i) => state.kept.isSureAround(i)).map(placeOf);
      const one = this.#omittedOf(state, held, sure);
      if (one.rows > 0) omitted.push(one);
    }
    const passed = this.#totals?.finish(this.#file, placeOf) ?? null;
    return { rows: rows.sort((a, b) => a.line - b.line), omitted, passed };
  }

  #omittedOf(
    { run, groups, logged, unlogged, measured, norms, kept }: RunState,
    held: readonly HeldRow[],
    sure: readonly number[],
  ): OmittedSteps {
    const lines = held.map(({ line }) => line);
    return {
      file: this.#file,
      run,
      groups,
      rows: logged.rows + unlogged.rows - held.length,
      lines: firstOthers([logged, unlogged], lines),
      kept: new Set(lines),
      logged,
      unlogged,
      measured,
      norms,
      rates: kept.course(),
      sure: new Set(sure),
    };
  }
}

/** The first lines of some steps that are not among those kept. */
function firstOthers(series: readonly StepRuns[], kept: readonly number[]): number[] {
  const keptAt = new Map<number, number>();
  for (const line of kept) keptAt.set(line, (keptAt.get(line) ?? 0) + 1);
  const lines = series.flatMap((one) => {
    const others: number[] = [];
    for (const { line } of one.places()) {
      const count = keptAt.get(line) ?? 0;
      if (count > 0) keptAt.set(line, count - 1);
      else if (others.push(line) === LINES_SHOWN) break;
    }
    return others;
  });
  return lines.sort((a, b) => a - b).slice(0, LINES_SHOWN);
}

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

const [ZERO, NINE] = [48, 57] as const;
const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

function cellAt({ text, starts, ends }: ScannedRow, column: number): string {
  return text.slice(starts[column], ends[column]);
}

/** A text that is no slice of a longer one. */
function copyOf(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
