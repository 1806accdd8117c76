/**
 * Grows a `Table` row by row: numbers in doubling typed arrays, other texts once each in a byte heap, so that a
 * million rows cost little more than their numbers.
 */
import { InputError } from "../errors.js";
import type { Column, OmittedSteps, PassedRows, RowSource, Table } from "../objects.js";
import { plainNumber } from "./numbers.js";

/** Cells (rows times columns) one table may hold: 64 million are 512 MB of numbers. */
const MAX_CELLS = 64_000_000;
/** Different short texts that are stored once; beyond that, each occurrence is stored. */
const MAX_DISTINCT = 50_000;
const MAX_SHARED_LENGTH = 64;
const FIRST_CAPACITY = 16;

/** Texts as UTF-8 in one growing buffer, addressed by number from 1. */
class TextHeap {
  #bytes = Buffer.allocUnsafe(1024);
  #used = 0;
  #ends = new Float64Array(64);
  #count = 0;
  readonly #ids = new Map<string, number>();

  /** The number of a text; short texts that come again get the same one. */
  add(text: string): number {
    const isShared = text.length <= MAX_SHARED_LENGTH;
    if (isShared) {
      const known = this.#ids.get(text);
      if (known !== undefined) return known;
    }
    const id = this.#append(text);
    // a copy: the text at hand is a slice that would keep its whole chunk of the file alive
    if (isShared && this.#ids.size < MAX_DISTINCT) this.#ids.set(this.get(id), id);
    return id;
  }

  get(id: number): string {
    return this.#bytes.toString("utf8", id > 1 ? this.#ends[id - 2] : 0, this.#ends[id - 1]);
  }

  #append(text: string): number {
    const need = this.#used + text.length * 3;
    if (need > this.#bytes.length) {
      const bytes = Buffer.allocUnsafe(Math.max(need, this.#bytes.length * 2));
      this.#bytes.copy(bytes, 0, 0, this.#used);
      this.#bytes = bytes;
    }
    this.#used += this.#bytes.write(text, this.#used, "utf8");
    if (this.#count === this.#ends.length) {
      const ends = new Float64Array(this.#ends.length * 2);
      ends.set(this.#ends);
      this.#ends = ends;
    }
    this.#ends[this.#count++] = this.#used;
    return this.#count;
  }
}

/** One column while it grows and after. A cell without an entry is empty. */
class LogColumn implements Column {
  readonly name: string;
  numbers = new Float64Array(0);
  /** Heap numbers of the cells whose text is not the usual print of their number; 0 elsewhere. */
  #ids: Uint32Array | null = null;
  readonly #heap: TextHeap;

  constructor(name: string, heap: TextHeap) {
    this.name = name;
    this.#heap = heap;
  }

  text(row: number): string {
    const id = this.#ids === null ? 0 : (this.#ids[row] ?? 0);
    if (id > 0) return this.#heap.get(id);
    const value = this.numbers[row] ?? Number.NaN;
    return Number.isNaN(value) ? "" : String(value);
  }

  set(row: number, text: string): void {
    if (row >= this.numbers.length) this.#resize(Math.max(FIRST_CAPACITY, row + 1, this.numbers.length * 2));
    const value = plainNumber(text);
    this.numbers[row] = value;
    if (!Number.isNaN(value) && isUsualPrint(text, value)) return;
    this.#ids ??= new Uint32Array(this.numbers.length);
    this.#ids[row] = this.#heap.add(text);
  }

  /** Gives the empty cells of the rows from `first` to before `end` one text, which is read and stored once. */
  fill(first: number, end: number, text: string): void {
    if (end > this.numbers.length) this.#resize(end);
    let sample = -1;
    for (let row = first; row < end; row++) {
      if (this.has(row)) continue;
      if (sample < 0) {
        this.set(row, text);
        sample = row;
        continue;
      }
      this.numbers[row] = this.numbers[sample]!;
      if (this.#ids !== null) this.#ids[row] = this.#ids[sample]!;
    }
  }

  /** The same as `set(row, String(value))`, without the way through the text. */
  setNumber(row: number, value: number): void {
    if (!Number.isFinite(value) || Object.is(value, -0)) {
      this.set(row, String(value));
      return;
    }
    if (row >= this.numbers.length) this.#resize(Math.max(FIRST_CAPACITY, row + 1, this.numbers.length * 2));
    this.numbers[row] = value;
  }

  /** Whether the cell is filled. */
  has(row: number): boolean {
    if (row >= this.numbers.length) return false;
    return !Number.isNaN(this.numbers[row]!) || (this.#ids !== null && this.#ids[row]! > 0);
  }

  /** Takes back a cell of a row that is not kept. */
  clear(row: number): void {
    if (row >= this.numbers.length) return;
    this.numbers[row] = Number.NaN;
    if (this.#ids !== null) this.#ids[row] = 0;
  }

  /** The numbers of the first rows. */
  prefix(rows: number): Float64Array {
    if (this.numbers.length < rows) this.#resize(rows);
    return this.numbers.subarray(0, rows);
  }

  finish(rows: number): void {
    if (this.numbers.length < rows) this.#resize(rows);
    this.numbers = this.numbers.subarray(0, rows);
  }

  #resize(capacity: number): void {
    const numbers = new Float64Array(capacity).fill(Number.NaN, this.numbers.length);
    numbers.set(this.numbers);
    this.numbers = numbers;
    if (this.#ids === null) return;
    const ids = new Uint32Array(capacity);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}

/** Decimals of at most 15 digits that end in a digit other than 0 print as they are written. */
const SHORT_DECIMAL = /^-?(?:0|[1-9]\d*)\.\d*[1-9]$/;
const SHORT_INTEGER = /^-?[1-9]\d*$|^0$/;

function isUsualPrint(text: string, value: number): boolean {
  if (text.length <= 15 && SHORT_INTEGER.test(text)) return true;
  if (text.length <= 15 && Math.abs(value) >= 1e-6 && SHORT_DECIMAL.test(text)) return true;
  return String(value) === text;
}

/**
 * Builds one table out of the rows of one or several files; columns of the same name are united.
 *
 * Per file: `beginFile`, then for each row `set` for its cells and `endRow` with its physical line.
 */
export class TableBuilder {
  readonly #heap = new TextHeap();
  readonly #columns: LogColumn[] = [];
  readonly #places = new Map<string, number>();
  readonly #files: string[] = [];
  readonly #firstRows: number[] = [];
  #columnsBefore = 0;
  readonly #ofFile = new Map<number, string>();
  readonly #omitted: OmittedSteps[] = [];
  readonly #passed: PassedRows[] = [];
  #lines = new Uint32Array(FIRST_CAPACITY);
  #rows = 0;

  beginFile(name: string): void {
    this.#fillFile();
    this.#files.push(name);
    this.#firstRows.push(this.#rows);
    this.#columnsBefore = this.#columns.length;
  }

  /** Takes back the file at hand, of which no row was kept, with the columns that it brought. */
  forgetFile(): void {
    this.#files.pop();
    this.#firstRows.pop();
    this.#ofFile.clear();
    this.#columns.length = this.#columnsBefore;
    for (const [key, place] of this.#places) if (place >= this.#columnsBefore) this.#places.delete(key);
  }

  /**
   * A value that holds for the whole file at hand (its run, a setting): the cells of the column that its rows leave
   * empty get it, rows to come included. A later call for the same column wins.
   */
  setForFile(column: number, text: string): void {
    this.#ofFile.set(column, text);
  }

  /** Gives the empty cells of some rows one text. */
  fillDown(column: number, first: number, end: number, text: string): void {
    this.#columns[column]!.fill(first, end, text);
  }

  /** Names of the columns that the file at hand fills, with the values that hold for all of it. */
  namesInFile(): string[] {
    const first = this.#firstRows.at(-1) ?? 0;
    return this.#columns.flatMap((column, place) => {
      if (this.#ofFile.has(place)) return [column.name];
      for (let row = first; row < this.#rows; row++) if (column.has(row)) return [column.name];
      return [];
    });
  }

  /** Whether a column has one value in all rows of the file at hand. */
  isOneInFile(name: string): boolean {
    const place = this.#places.get(name);
    if (place === undefined) return false;
    if (this.#ofFile.has(place)) return true;
    const column = this.#columns[place]!;
    const first = this.#firstRows.at(-1) ?? 0;
    for (let row = first + 1; row < this.#rows; row++)
      if (column.text(row) !== column.text(first)) return false;
    return true;
  }

  #fillFile(): void {
    const first = this.#firstRows.at(-1) ?? 0;
    for (const [place, text] of this.#ofFile) {
      this.#columns[place]!.fill(first, this.#rows, text);
    }
    this.#ofFile.clear();
  }

  /** The name of the file at hand. */
  get lastFile(): string | undefined {
    return this.#files.at(-1);
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rows of the file at hand that are not put into the table. */
  addOmitted(omitted: readonly OmittedSteps[], passed: PassedRows | null): void {
    this.#omitted.push(...omitted);
    if (passed !== null) this.#passed.push(passed);
  }

  /** Rows of all files that were not put into the table. */
  get omittedRows(): number {
    return this.#omitted.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** The table so far, to look at; it does not grow. */
  snapshot(): Table {
    const rows = this.#rows;
    return {
      files: [...this.#files],
      rows,
      columns: this.#columns.map((column) => ({
        name: column.name,
        numbers: column.prefix(rows),
        text: (row: number) => column.text(row),
      })),
      source: (row) => ({ file: this.#files[fileOf(row, this.#firstRows)]!, line: this.#lines[row]! }),
    };
  }

  /**
   * The place of a column, made when it is new.
   *
   * @param occurrence  0 for the first column of that name in a file, 1 for the second, ...
   */
  column(name: string, occurrence = 0): number {
    const key = occurrence === 0 ? name : `${name}\u0000${occurrence}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    this.#places.set(key, this.#columns.length);
    this.#columns.push(new LogColumn(name, this.#heap));
    return this.#columns.length - 1;
  }

  /** A cell of the row at hand; empty texts need not be set. False when the cell has been set before. */
  set(column: number, text: string): boolean {
    const isNew = !this.#columns[column]!.has(this.#rows);
    if (text !== "") this.#columns[column]!.set(this.#rows, text);
    return isNew;
  }

  /** A cell of the row at hand from a file that holds numbers and not their texts. */
  setNumber(column: number, value: number): void {
    this.#columns[column]!.setNumber(this.#rows, value);
  }

  /** Numbers among the filled cells of a column, over all rows so far: 0 to 1. */
  numericShare(column: number): number {
    let [filled, numbers] = [0, 0];
    for (let row = 0; row < this.#rows; row++) {
      if (!this.#columns[column]!.has(row)) continue;
      filled++;
      if (!Number.isNaN(this.#columns[column]!.numbers[row]!)) numbers++;
    }
    return filled === 0 ? 0 : numbers / filled;
  }

  /** Takes back the cells of the row at hand. */
  dropRow(columns: Iterable<number>): void {
    for (const column of columns) this.#columns[column]!.clear(this.#rows);
  }

  /** @throws InputError when the table grows past what memory should hold */
  endRow(line: number): void {
    if (this.#rows === this.#lines.length) {
      const lines = new Uint32Array(this.#lines.length * 2);
      lines.set(this.#lines);
      this.#lines = lines;
    }
    this.#lines[this.#rows++] = line;
    if (this.#rows * this.#columns.length > MAX_CELLS) throw this.#tooLarge(line);
  }

  #tooLarge(line: number): InputError {
    return new InputError({
      code: "too-large",
      message: `the logs hold more than ${MAX_CELLS / 1e6} million cells`,
      why: `line ${line} is row ${this.#rows}, with ${this.#columns.length} columns`,
      hint: "keep the final row of each run, or the columns needed, and read that file",
      file: this.#files.at(-1),
      line,
    });
  }

  /** The table; the builder is used up. When several files were read, a column `file` names each row's file. */
  finish(): Table {
    this.#fillFile();
    if (this.#files.length > 1 && !this.#places.has("file")) this.#addFileColumn();
    for (const column of this.#columns) column.finish(this.#rows);
    const files = this.#files;
    const firstRows = this.#firstRows;
    const lines = this.#lines.subarray(0, this.#rows);
    return {
      files,
      rows: this.#rows,
      columns: this.#columns,
      ...(this.#omitted.length > 0 ? { omitted: this.#omitted } : {}),
      ...(this.#passed.length > 0 ? { passed: this.#passed } : {}),
      source: (row: number): RowSource => ({ file: files[fileOf(row, firstRows)]!, line: lines[row]! }),
    };
  }

  #addFileColumn(): void {
    const column = this.#columns[this.column("file")]!;
    for (let row = 0; row < this.#rows; row++) column.set(row, this.#files[fileOf(row, this.#firstRows)]!);
  }
}

/** The last file whose first row is at or before `row`. */
function fileOf(row: number, firstRows: readonly number[]): number {
  let low = 0;
  let high = firstRows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (firstRows[middle]! <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}
