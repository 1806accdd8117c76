/**
 * Lines of a table of text with a step each, read without making a text of every cell: only the step and the measured
 * value are turned into numbers, and the other columns of numbers are looked at for anything else.
 */
import { isAbsent, isNotFinite } from "../cells.js";
import { plainNumber } from "../numbers.js";
import type { ScannedRow, StepPlan, StepReducer } from "../step-reducer.js";

const [LINE_END, ZERO, NINE, POINT, PLUS, MINUS] = [10, 48, 57, 46, 43, 45] as const;
const [CAPITAL_E, SMALL_E] = [69, 101] as const;
/** Digits up to which a number is held exactly, as powers of ten are: their product or quotient is rounded once. */
const EXACT_DIGITS = 15;
const EXACT_POWER = 22;
const POWERS = Array.from({ length: EXACT_POWER + 1 }, (_, i) => Number(`1e${i}`));
/** First cells of rows that are blank, a comment or a marker are for someone else. */
const SPECIAL = new Uint8Array(2 ** 16);
for (const character of " \t#<=>\n") SPECIAL[character.charCodeAt(0)] = 1;

/** What a cell is looked at for. */
const [ANY, NUMBER, STEP, MEASURED, RATE, NORM] = [0, 1, 2, 3, 4, 5] as const;

export class StepLines {
  readonly #delimiter: number;
  readonly #kinds: Uint8Array;
  readonly #row: ScannedRow;
  #buffer = Buffer.alloc(0);
  #isOdd = false;
  #hasStep = false;

  /** @param plan  by places in a row's cells, of which there are `width` */
  constructor(delimiter: string, width: number, plan: StepPlan) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#kinds = new Uint8Array(width);
    for (const column of plan.numbers) this.#kinds[column] = NUMBER;
    if (plan.rate >= 0) this.#kinds[plan.rate] = RATE;
    if (plan.norm >= 0) this.#kinds[plan.norm] = NORM;
    this.#kinds[plan.step] = STEP;
    this.#kinds[plan.measured] = MEASURED;
    const [starts, ends] = [new Int32Array(width), new Int32Array(width)];
    const codes = new Uint16Array(0);
    const none = { step: 0, isLogged: false, value: 0, rate: Number.NaN, norm: Number.NaN };
    this.#row = { text: "", codes, starts, ends, ...none, line: 0 };
  }

  /**
   * Reads whole lines of a text without quotes.
   *
   * @param line   the physical line of the first
   * @param other  takes the cells of a line that is not plain steps
   * @returns the number of lines
   */
  read(
    text: string,
    line: number,
    reducer: StepReducer,
    other: (line: string, number: number) => void,
  ): number {
    const row = this.#row;
    row.text = text;
    row.codes = this.#codesOf(text);
    row.line = line;
    const { run } = reducer.plan;
    for (let at = 0; at < text.length; ) {
      const start = at;
      at = this.#readLine(row.codes, start);
      const hasRun = row.ends[run]! > row.starts[run]! && SPECIAL[row.codes[row.starts[run]!]!] === 0;
      if (at > 0 && hasRun && !this.#isOdd && this.#hasStep) reducer.add(row);
      else {
        const end = text.indexOf("\n", start);
        other(text.slice(start, end), row.line);
        at = end + 1;
      }
      row.line++;
    }
    reducer.endText(text);
    row.text = "";
    return row.line - line;
  }

  /** The text as numbers, which are quicker to walk over than a text that was put together of pieces. */
  #codesOf(text: string): Uint16Array {
    if (this.#buffer.length < text.length * 2) this.#buffer = Buffer.alloc(text.length * 3);
    this.#buffer.write(text, 0, "utf16le");
    return new Uint16Array(this.#buffer.buffer, this.#buffer.byteOffset, text.length);
  }

  /** Reads one line; gives where the next begins, or 0 for a line of another width or with a special beginning. */
  #readLine(codes: Uint16Array, start: number): number {
    const { starts, ends } = this.#row;
    const width = this.#kinds.length;
    this.#isOdd = false;
    this.#hasStep = false;
    if (SPECIAL[codes[start]!] === 1) return 0;
    let at = start;
    for (let column = 0; column < width; column++) {
      starts[column] = at;
      at = this.#kinds[column] === ANY ? this.#endOfCell(codes, at) : this.#readNumber(codes, at, column);
      ends[column] = at;
      const isLast = column === width - 1;
      if ((codes[at]! === LINE_END) !== isLast) return 0;
      at++;
    }
    return at;
  }

  #endOfCell(codes: Uint16Array, from: number): number {
    const delimiter = this.#delimiter;
    let at = from;
    for (let code = codes[at]!; code !== delimiter && code !== LINE_END; ) code = codes[++at]!;
    return at;
  }

  #readNumber(codes: Uint16Array, start: number, column: number): number {
    let at = start;
    let code = codes[at]!;
    const isNegative = code === MINUS;
    if (isNegative || code === PLUS) code = codes[++at]!;
    let digits = 0;
    let whole = 0;
    for (; code >= ZERO && code <= NINE; code = codes[++at]!) {
      whole = whole * 10 + (code - ZERO);
      digits++;
    }
    const beforePoint = digits;
    if (code === POINT) {
      code = codes[++at]!;
      for (; code >= ZERO && code <= NINE; code = codes[++at]!) {
        whole = whole * 10 + (code - ZERO);
        digits++;
      }
    }
    const hasValue = this.#kinds[column] !== NUMBER;
    let scale = beforePoint - digits;
    if (digits > 0 && digits <= EXACT_DIGITS && (code === SMALL_E || code === CAPITAL_E)) {
      const end = endOfExponent(codes, at);
      const next = codes[end]!;
      if (end > at && (next === this.#delimiter || next === LINE_END)) {
        if (!hasValue) return end;
        const scaled = scale + exponentIn(codes, at + 1, end);
        if (Math.abs(scaled) <= EXACT_POWER) {
          scale = scaled;
          at = end;
          code = next;
        }
      }
    }
    const isSimple = (code === this.#delimiter || code === LINE_END) && digits > 0 && digits <= EXACT_DIGITS;
    if (!isSimple) {
      at = this.#endOfCell(codes, at);
      if (at === start && !hasValue) return at;
      this.#note(column, this.#valueOf(this.#row.text.slice(start, at)));
      return at;
    }
    if (!hasValue) return at;
    const value = scale > 0 ? whole * POWERS[scale]! : whole / POWERS[-scale]!;
    this.#note(column, isNegative ? -value : value);
    return at;
  }

  /** The value of a cell that is no usual number: NaN where it says that there is none, null for an empty one. */
  #valueOf(cell: string): number | null {
    const trimmed = cell.trim();
    if (trimmed === "") return null;
    const value = plainNumber(cell);
    if (Number.isNaN(value) && !isAbsent(trimmed) && !isNotFinite(trimmed)) this.#isOdd = true;
    return value;
  }

  #note(column: number, value: number | null): void {
    const row = this.#row;
    if (this.#kinds[column] === STEP) {
      this.#hasStep = value !== null && !Number.isNaN(value);
      row.step = value ?? 0;
    } else if (this.#kinds[column] === MEASURED) {
      row.isLogged = value !== null;
      row.value = value ?? Number.NaN;
    } else if (this.#kinds[column] === RATE) row.rate = value ?? Number.NaN;
    else row.norm = value ?? Number.NaN;
  }
}

/** An exponent of one or two digits behind its `e`. */
function exponentIn(codes: Uint16Array, from: number, end: number): number {
  const sign = codes[from] === MINUS ? -1 : 1;
  let exponent = 0;
  for (let at = from; at < end; at++)
    if (codes[at]! >= ZERO && codes[at]! <= NINE) exponent = exponent * 10 + (codes[at]! - ZERO);
  return sign * exponent;
}

/** Behind `e-4` or `E+12`: an exponent of one or two digits takes no number out of range. */
function endOfExponent(codes: Uint16Array, from: number): number {
  let at = from + 1;
  if (codes[at] === PLUS || codes[at] === MINUS) at++;
  const first = at;
  while (at < first + 2 && codes[at]! >= ZERO && codes[at]! <= NINE) at++;
  return at > first ? at : from;
}
