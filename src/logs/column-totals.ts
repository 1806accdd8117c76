/**
 * What the columns of a log hold over all of its rows, where most rows are passed over while it is read: how many cells
 * are filled and how many are numbers, their range, and the range of what is computed from them.
 */
import type { CellTotals, PassedRows, Table } from "../objects.js";
import { plainNumber } from "./numbers.js";
import type { ScannedRow } from "./step-reducer.js";

/** A quantity that is computed of columns. */
export interface ComputedColumn {
  quantity: string;
  /** Places of the columns in a row, and the factors of their units. */
  places: readonly number[];
  factors: readonly number[];
  compute(...values: number[]): number;
}

interface Growing extends CellTotals {
  /** The characters of the last cell that is no number: names come again and again. */
  last: Uint16Array | null;
}

const nothing = (): CellTotals => ({
  filled: 0,
  numbers: 0,
  low: Number.POSITIVE_INFINITY,
  high: Number.NEGATIVE_INFINITY,
  example: null,
});
const growing = (): Growing => ({ ...nothing(), last: null });

const [ZERO, NINE, POINT, MINUS] = [48, 57, 46, 45] as const;
/** Digits up to which whole numbers and powers of ten are exact. */
const EXACT_DIGITS = 15;
const POWERS = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => Number(`1e${i}`));

export class ColumnTotals {
  readonly #columns: Growing[];
  readonly #computed: readonly ComputedColumn[];
  readonly #ofComputed: Growing[];
  readonly #values: Float64Array;

  /** @param computed  by places in a row's cells, of which there are `width` */
  constructor(width: number, computed: readonly ComputedColumn[]) {
    this.#columns = Array.from({ length: width }, growing);
    this.#computed = computed;
    this.#ofComputed = computed.map(growing);
    this.#values = new Float64Array(width);
  }

  add(row: ScannedRow): void {
    for (let place = 0; place < this.#columns.length; place++) this.#values[place] = this.#cell(row, place);
    for (const [i, { places, factors, compute }] of this.#computed.entries()) {
      const value = compute(...places.map((place, k) => this.#values[place]! * factors[k]!));
      if (Number.isFinite(value)) note(this.#ofComputed[i]!, value);
    }
  }

  /** The cell as a number, counted; NaN for another. */
  #cell(row: ScannedRow, place: number): number {
    const { codes, starts, ends } = row;
    const column = this.#columns[place]!;
    const [start, end] = [starts[place]!, ends[place]!];
    if (start === end) return Number.NaN;
    const simple = simpleNumber(codes, start, end);
    if (!Number.isNaN(simple)) return note(column, simple);
    if (column.last !== null && isAt(codes, start, end, column.last)) {
      column.filled++;
      return Number.NaN;
    }
    const text = row.text.slice(start, end);
    const value = plainNumber(text);
    if (!Number.isNaN(value)) return note(column, value);
    if (text.trim() === "") return Number.NaN;
    column.filled++;
    column.last = codes.slice(start, end);
    // a copy, as a slice would keep the whole piece of the file
    column.example ??= Buffer.from(text, "utf16le").toString("utf16le");
    return Number.NaN;
  }

  /** @param placeOf  from the place of a cell to that of its column in the table */
  finish(file: string, placeOf: (cell: number) => number): PassedRows {
    const plain = ({ last: _, ...totals }: Growing): CellTotals => totals;
    return {
      file,
      columns: new Map(this.#columns.map((totals, cell) => [placeOf(cell), plain(totals)])),
      computed: new Map(this.#computed.map(({ quantity }, i) => [quantity, plain(this.#ofComputed[i]!)])),
    };
  }
}

function note(totals: Growing, value: number): number {
  totals.filled++;
  totals.numbers++;
  if (value < totals.low) totals.low = value;
  if (value > totals.high) totals.high = value;
  return value;
}

/** A number of few digits without an exponent; NaN for anything else. */
function simpleNumber(codes: Uint16Array, start: number, end: number): number {
  let at = start;
  const isNegative = codes[at] === MINUS;
  if (isNegative) at++;
  let [whole, digits, decimals] = [0, 0, -1];
  for (; at < end; at++) {
    const code = codes[at]!;
    if (code >= ZERO && code <= NINE) {
      whole = whole * 10 + (code - ZERO);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (code === POINT && decimals < 0) decimals = 0;
    else return Number.NaN;
  }
  if (digits === 0 || digits > EXACT_DIGITS) return Number.NaN;
  const value = decimals > 0 ? whole / POWERS[decimals]! : whole;
  return isNegative ? -value : value;
}

function isAt(codes: Uint16Array, start: number, end: number, known: Uint16Array): boolean {
  if (end - start !== known.length) return false;
  for (let i = 0; i < known.length; i++) if (codes[start + i] !== known[i]) return false;
  return true;
}

/** Rows of the table that the totals of passed rows count too: 1, else 0; null where none were passed over. */
export function rowsInTotals(table: Table): Uint8Array | null {
  if (table.omitted === undefined) return null;
  const lines = new Map<string, ReadonlySet<number>[]>();
  for (const { file, kept } of table.omitted) lines.set(file, [...(lines.get(file) ?? []), kept]);
  const all = new Map([...lines].map(([file, sets]) => [file, new Set(sets.flatMap((set) => [...set]))]));
  return Uint8Array.from({ length: table.rows }, (_, row) => {
    const { file, line } = table.source(row);
    return all.get(file)?.has(line) === true ? 1 : 0;
  });
}

/** Totals of several files together. */
export function sumOf(totals: readonly CellTotals[]): CellTotals {
  const sum = nothing();
  for (const { filled, numbers, low, high, example } of totals) {
    sum.filled += filled;
    sum.numbers += numbers;
    sum.low = Math.min(sum.low, low);
    sum.high = Math.max(sum.high, high);
    sum.example ??= example;
  }
  return sum;
}
