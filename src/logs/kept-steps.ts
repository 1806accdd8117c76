/**
 * The rows of one run that later stages look at, while its log is read: the last, the lowest, those that tell the course
 * of the learning rate. Most rows take such a place for a moment only, so that a place holds the number of its row, and
 * the text is fetched when the piece of the file it stands in is left.
 */
import type { RateCourse } from "../objects.js";

/** A row that is kept: its text and its line. */
export interface HeldRow {
  text: string;
  line: number;
}

/** The text at hand: the number of its first row, and its rows by their numbers. */
export interface RowTexts {
  first: number;
  of(row: number): HeldRow;
}

/** A place that one row holds at a time. */
interface Place {
  row: number;
  held: HeldRow | null;
}

const NONE = -1;
const place = (): Place => ({ row: NONE, held: null });

export class KeptSteps {
  /** Of the largest step so far, among the rows without the measured value and among those with it. */
  readonly #lastUnlogged = new LastRows();
  readonly #lastLogged = new LastRows();
  readonly #lowest = place();
  #lowestValue = Number.POSITIVE_INFINITY;
  /** Of the largest step among those whose measured value is a number. */
  readonly #finite = place();
  #finiteStep = Number.NEGATIVE_INFINITY;
  /** Rows that are kept whatever comes. */
  readonly #telling: number[] = [];
  readonly #told: HeldRow[] = [];
  // rows that tell the course of the learning rate, see `RateCourse`
  readonly #peak = place();
  #peakRate = Number.NEGATIVE_INFINITY;
  #peakStep = Number.NEGATIVE_INFINITY;
  readonly #low = place();
  #lowRate = Number.POSITIVE_INFINITY;
  readonly #least = place();
  #leastRate = Number.POSITIVE_INFINITY;
  /** Of the largest step. */
  readonly #end = place();
  #endStep = Number.NEGATIVE_INFINITY;
  #isInOrder = true;
  /** By column that grows with the steps: its rows around the last with the measured value. */
  readonly #around: readonly RowsAround[];

  /** @param growing  columns that grow with the steps */
  constructor(growing: number) {
    this.#around = Array.from({ length: growing }, () => new RowsAround());
  }

  /** @param row  its number; numbers grow from row to row */
  note(row: number, step: number, isLogged: boolean, value: number): void {
    if (isLogged && value < this.#lowestValue) {
      this.#lowestValue = value;
      this.#lowest.row = row;
    }
    if (step >= this.#finiteStep && Number.isFinite(value)) {
      this.#finiteStep = step;
      this.#finite.row = row;
    }
    const isLast = (isLogged ? this.#lastLogged : this.#lastUnlogged).note(row, step);
    if (isLogged && isLast) for (const around of this.#around) around.noteLast(step);
  }

  /**
   * A row in which a column that grows is filled; to be told before `note` of the same row.
   *
   * @param isNumber  whether it looks like one
   */
  noteGrowing(column: number, row: number, step: number, isNumber: boolean): void {
    this.#around[column]!.note(row, step, isNumber);
  }

  /** Whether the rows around the last one of a column that grows are held, so that no other can say more. */
  isSureAround(column: number): boolean {
    return this.#around[column]!.isSure;
  }

  noteRate(row: number, step: number, rate: number): void {
    const isLatest = step >= this.#endStep;
    if (rate > this.#peakRate || (rate === this.#peakRate && step < this.#peakStep)) {
      if (!isLatest) this.#isInOrder = false;
      this.#peakRate = rate;
      this.#peakStep = step;
      this.#lowRate = rate;
      this.#peak.row = row;
      this.#low.row = row;
    } else if (rate < this.#lowRate && step >= this.#peakStep) {
      this.#lowRate = rate;
      this.#low.row = row;
    }
    if (rate < this.#leastRate) {
      this.#leastRate = rate;
      this.#least.row = row;
    }
    if (isLatest) {
      this.#endStep = step;
      this.#end.row = row;
    }
  }

  /** Keeps a row whatever comes; false where it is kept so already. */
  hold(row: number): boolean {
    if (this.#telling.at(-1) === row) return false;
    this.#telling.push(row);
    return true;
  }

  /** Fetches the rows that are held of a text. */
  endText(texts: RowTexts): void {
    let [row, held] = [NONE, null as HeldRow | null];
    const heldOf = (wanted: number): HeldRow => {
      if (held === null || wanted !== row) [row, held] = [wanted, texts.of(wanted)];
      return held;
    };
    this.#lastLogged.endText(texts.first, heldOf);
    this.#lastUnlogged.endText(texts.first, heldOf);
    for (const one of this.#places()) if (one.row >= texts.first) one.held = heldOf(one.row);
    for (let i = this.#told.length; i < this.#telling.length; i++) this.#told.push(heldOf(this.#telling[i]!));
  }

  #places(): Place[] {
    const places = [this.#finite, this.#end, this.#least, this.#low, this.#peak, this.#lowest];
    for (const around of this.#around) places.push(around.latest, around.before, around.after);
    return places;
  }

  /** The rows that are kept at the end. */
  rows(): HeldRow[] {
    const byRow = new Map<number, HeldRow>();
    for (const last of [this.#lastLogged, this.#lastUnlogged])
      for (const [row, held] of last.rows()) byRow.set(row, held);
    for (const [i, row] of this.#telling.entries()) byRow.set(row, this.#told[i]!);
    for (const { row, held } of this.#places()) if (held !== null) byRow.set(row, held);
    return [...byRow.values()];
  }

  course(): RateCourse | null {
    const [peak, low, least] = [this.#peak.held, this.#low.held, this.#least.held];
    if (peak === null || low === null || least === null) return null;
    return { peak: peak.line, low: low.line, least: least.line, isInOrder: this.#isInOrder };
  }
}

/**
 * The rows on both sides of a run's last measured one that have a column which grows, and the last that has it: what it
 * takes to read its value there. They are known as long as its rows come by step and do not run ahead.
 */
class RowsAround {
  readonly latest = place();
  #latestStep = Number.NEGATIVE_INFINITY;
  readonly before = place();
  readonly after = place();
  #lastStep = Number.NaN;
  #isInOrder = true;
  #isAhead = false;

  get isSure(): boolean {
    return this.#isInOrder && !this.#isAhead && !Number.isNaN(this.#lastStep);
  }

  note(row: number, step: number, isNumber: boolean): void {
    if (!isNumber || step < this.#latestStep) this.#isInOrder = false;
    this.#latestStep = step;
    this.latest.row = row;
    if (step === this.#lastStep) this.before.row = row;
    else if (step > this.#lastStep && this.after.row === NONE) this.after.row = row;
  }

  noteLast(step: number): void {
    this.#lastStep = step;
    this.#isAhead = this.#latestStep > step;
    this.before.row = this.latest.row;
    this.before.held = this.latest.held;
    this.after.row = NONE;
    this.after.held = null;
  }
}

/** The rows of the largest step so far. */
class LastRows {
  #step = Number.NEGATIVE_INFINITY;
  readonly #numbers: number[] = [];
  #held: HeldRow[] = [];

  /** Whether the row is one of them, for now. */
  note(row: number, step: number): boolean {
    const numbers = this.#numbers;
    if (step < this.#step) return false;
    if (step > this.#step) {
      this.#step = step;
      if (numbers.length === 1) {
        numbers[0] = row;
        return true;
      }
      numbers.length = 0;
    }
    numbers.push(row);
    return true;
  }

  endText(first: number, heldOf: (row: number) => HeldRow): void {
    const numbers = this.#numbers;
    if (numbers.length === 0 || numbers.at(-1)! < first) return;
    if (numbers[0]! >= first) this.#held = numbers.map(heldOf);
    else for (let i = this.#held.length; i < numbers.length; i++) this.#held.push(heldOf(numbers[i]!));
  }

  rows(): [number: number, held: HeldRow][] {
    return this.#numbers.map((row, i) => [row, this.#held[i]!]);
  }
}
