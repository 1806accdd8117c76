/** Rows of cells -> rows of a table: the first is the header, odd ones are counted and left out. */
import { InputError } from "../../errors.js";
import { lineList, quoteText } from "../../text.js";
import { plainNumber } from "../numbers.js";
import { type StepPlan, StepReducer } from "../step-reducer.js";
import type { TableBuilder } from "../table.js";
import { refuseConflict } from "./conflict.js";
import { GroupRows } from "./csv-groups.js";
import { StepLines } from "./csv-steps.js";
import type { LogSource } from "./format.js";
import { joinSurplus } from "./surplus.js";

/** Rows with one cell too many that are kept aside until the columns are known. */
const ASIDE = 1000;

interface PlacedRow {
  cells: string[];
  line: number;
}

/** Where rows of cells go: the table itself, or something that makes other rows of them. */
export type RowSink = Pick<TableBuilder, "column" | "set" | "endRow" | "numericShare">;

/** Takes the rows of one file, in order. */
export class CsvRows {
  readonly #source: LogSource;
  readonly #table: RowSink;
  readonly #delimiter: string;
  /** Places in the table; -1 for a column without a name that is empty so far. */
  #columns: number[] = [];
  /** Cells up to the last one with a name. */
  #width = 0;
  #headerLine = 0;
  #rows = 0;
  #raggedCount = 0;
  #firstRagged: PlacedRow | null = null;
  readonly #aside: PlacedRow[] = [];
  readonly #comments: number[] = [];
  /** Undefined before there are enough rows to tell, null where rows are not reduced. */
  #reducer: StepReducer | null | undefined;
  #steps: StepLines | null = null;
  #isScanning = false;
  #groups: GroupRows | null = null;
  /** The row of the table that the first row becomes. */
  readonly #firstRow: number;

  constructor(source: LogSource, table: RowSink, delimiter: string) {
    this.#source = source;
    this.#table = table;
    this.#delimiter = delimiter;
    this.#firstRow = source.table.rows;
  }

  /**
   * @param line           the physical line the row begins on
   * @param isCutPossible  the row is the last and has no line end
   * @param isCut          the row ends inside a quoted cell
   */
  add(cells: string[], line: number, isCutPossible: boolean, isCut: boolean): void {
    const first = cells[0] ?? "";
    if (first.trim() === "" && cells.every(isBlank)) return;
    refuseConflict(first, line, this.#source.head.name);
    if (this.#headerLine === 0) this.#startTable(cells, line);
    else if (first.startsWith("#") && cells.length < this.#width) this.#comments.push(line);
    else this.#addRow({ cells, line }, isCutPossible, isCut);
  }

  #addRow(row: PlacedRow, isCutPossible: boolean, isCut: boolean): void {
    this.#rows++;
    const length = row.cells.length;
    if (isCut) this.#drop(row, "cut", "the last line is cut off inside a quoted cell");
    else if (this.#fits(row.cells)) this.#keep(row);
    else if (isCutPossible && length < this.#width) {
      this.#drop(row, "cut", `the last line is cut off: it has ${length} of ${this.#width} cells`);
    } else {
      this.#raggedCount++;
      this.#firstRagged ??= row;
      if (length === this.#width + 1 && this.#aside.length < ASIDE) this.#aside.push(row);
      else this.#dropRagged(row);
    }
  }

  /** Surplus cells are fine when they are empty: a separator at the end of the line. */
  #fits(cells: readonly string[]): boolean {
    if (cells.length === this.#width || cells.length === this.#columns.length) return true;
    return cells.length > this.#columns.length && cells.slice(this.#columns.length).every(isBlank);
  }

  #keep(row: PlacedRow): void {
    if (this.#reducer) this.#reduce(row, this.#reducer);
    else this.#put(row);
  }

  /** A row that came with quotes, or that was met among lines and has to be looked at. */
  #reduce({ cells, line }: PlacedRow, reducer: StepReducer): void {
    const hasSeparator = (cell: string) => cell.includes(this.#delimiter) || cell.includes("\n");
    const isLine = !this.#isScanning && cells.length === this.#width && !cells.some(hasSeparator);
    const keep = () => reducer.keep(cells, line);
    if (isLine && this.#steps !== null)
      this.#steps.read(`${cells.join(this.#delimiter)}\n`, line, reducer, keep);
    else keep();
  }

  #put({ cells, line }: PlacedRow): void {
    const table = this.#table;
    this.#groups?.add(cells, line);
    const length = Math.min(cells.length, this.#columns.length);
    for (let i = 0; i < length; i++) {
      const cell = cells[i]!;
      if (cell === "") continue;
      if (this.#columns[i]! < 0) this.#columns[i] = table.column(`column ${i + 1}`);
      table.set(this.#columns[i]!, cell);
    }
    table.endRow(line);
  }

  #drop({ line }: PlacedRow, code: string, reason: string): void {
    this.#source.dropped.add(this.#source.head.name, line, code, reason);
  }

  #dropRagged(row: PlacedRow): void {
    const more = row.cells.length < this.#width ? "fewer" : "more";
    this.#drop(row, "ragged", `${more} cells than the header, which has ${this.#width}`);
  }

  #startTable(cells: readonly string[], line: number): void {
    const names = cells.map(headerName);
    this.#headerLine = line;
    this.#width =
      1 +
      Math.max(
        0,
        names.findLastIndex((name) => name !== ""),
      );
    refuseMissingHeader(names, cells.join(this.#delimiter), line, this.#source.head.name);
    this.#groups = new GroupRows(names.slice(0, this.#width));
    const seen = new Map<string, number>();
    this.#columns = names.map((name, i) => {
      if (i >= this.#width) return -1;
      const shown = name === "" ? `column ${i + 1}` : name;
      const occurrence = seen.get(shown) ?? 0;
      seen.set(shown, occurrence + 1);
      return this.#table.column(shown, occurrence);
    });
  }

  get isReducing(): boolean {
    return Boolean(this.#reducer);
  }

  /**
   * Takes whole lines without quotes while step rows are reduced.
   *
   * @returns the number of lines
   */
  addLines(text: string, line: number): number {
    if (!this.#reducer || this.#steps === null) return 0;
    let others = 0;
    this.#isScanning = true;
    const lines = this.#steps.read(text, line, this.#reducer, (other, number) => {
      others++;
      this.add(other.split(this.#delimiter), number, false, false);
    });
    this.#isScanning = false;
    this.#rows += lines - others;
    return lines;
  }

  /** After each piece of the text. */
  endChunk(): void {
    if (this.#reducer === undefined) this.#startReducer();
    if (this.#reducer?.isFull) this.#endReducer();
  }

  #startReducer(): void {
    const { reduce, table, head } = this.#source;
    // what makes other rows of these has to see them all
    if (reduce === undefined || this.#table !== table) this.#reducer = null;
    else if (this.#groups?.isFull && table.rows >= reduce.from)
      this.#reducer = this.#newReducer(head.name, reduce.plan(table.snapshot()));
  }

  #newReducer(file: string, plan: StepPlan | null): StepReducer | null {
    const cellOf = (place: number) => (place < 0 ? -1 : this.#columns.indexOf(place));
    const places = plan === null ? [] : [plan.run, plan.step, plan.measured, ...plan.groups];
    if (plan === null || places.some((place) => cellOf(place) < 0)) return null;
    const byCell: StepPlan = {
      run: cellOf(plan.run),
      step: cellOf(plan.step),
      measured: cellOf(plan.measured),
      groups: plan.groups.map(cellOf),
      rate: cellOf(plan.rate),
      norm: cellOf(plan.norm),
      growing: plan.growing.map(cellOf).filter((cell) => cell >= 0),
      numbers: plan.numbers.map(cellOf).filter((cell) => cell >= 0),
      totals: plan.totals
        ?.map((one) => ({ ...one, places: one.places.map(cellOf) }))
        .filter(({ places: cells }) => !cells.includes(-1)),
    };
    this.#steps = new StepLines(this.#delimiter, this.#width, byCell);
    return new StepReducer(file, this.#delimiter, this.#width, byCell);
  }

  /** Puts the rows that stand for their runs into the table; rows to come are kept as they are. */
  #endReducer(): void {
    const reduced = this.#reducer?.finish((cell) => this.#columns[cell]!);
    this.#reducer = null;
    if (reduced === undefined) return;
    for (const row of reduced.rows) this.#put(row);
    this.#source.table.addOmitted(reduced.omitted, reduced.passed);
  }

  /** After the last row. @throws InputError  when there are no rows, or most have another width than the header */
  end(): void {
    const { name } = this.#source.head;
    this.#endReducer();
    if (this.#firstRagged !== null && this.#raggedCount * 2 > this.#rows) {
      throw raggedFault(name, this.#firstRagged, this.#raggedCount, this.#rows, this.#width);
    }
    this.#joinAside();
    this.#carryDown();
    if (this.#comments.length > 0) {
      const message = `${this.#comments.length} lines that begin with # are taken as comments`;
      this.#source.warnings.push({
        code: "comment-lines",
        message,
        file: name,
        lines: this.#comments.slice(0, 20),
      });
    }
    if (this.#rows > 0) return;
    const hasHeader = this.#headerLine > 0;
    throw new InputError({
      code: "no-rows",
      message: hasHeader
        ? "there are no rows: the file has only a header"
        : "there is neither a header nor a row",
      hint: "export the runs again, one a line below the header",
      file: name,
      line: hasHeader ? this.#headerLine : 1,
    });
  }

  /** Names that stand once for several rows of a sheet. */
  #carryDown(): void {
    const { table, warnings, head } = this.#source;
    const canCarry = this.#table === table && this.#aside.length === 0;
    const { carried, warning } = this.#groups?.finish(head.name, canCarry) ?? { carried: [], warning: null };
    for (const { column, text, first, end } of carried)
      table.fillDown(this.#columns[column]!, this.#firstRow + first, this.#firstRow + end, text);
    if (warning !== null) warnings.push(warning);
  }

  /** Rows that have one reading only, now that the columns are known, are read; the others are left out. */
  #joinAside(): void {
    const { warnings, head } = this.#source;
    const share = this.#columns.map((column) => (column < 0 ? 0 : this.#table.numericShare(column)));
    const lines: number[] = [];
    for (const row of this.#aside) {
      const cells = joinSurplus(row.cells, (column) => share[column]! > 0.9, this.#delimiter);
      if (cells === null) this.#dropRagged(row);
      else {
        this.#keep({ cells, line: row.line });
        lines.push(row.line);
      }
    }
    if (lines.length === 0) return;
    const what = lines.length === 1 ? "a row has" : `${lines.length} rows have`;
    warnings.push({
      code: "unquoted-separator",
      message: `${what} one cell too many (${lineList(lines)}): a text in it holds an unquoted ${quoteText(this.#delimiter)}; it is read in the one way that leaves numbers in the columns of numbers`,
      file: head.name,
      lines: lines.slice(0, 20),
    });
  }
}

function isBlank(cell: string): boolean {
  return cell.trim() === "";
}

function headerName(cell: string): string {
  const trimmed = cell.trim();
  return /^".*"$/.test(trimmed) ? trimmed.slice(1, -1).trim() : trimmed;
}

/** A first line that is mostly numbers is a row: reading it as names would lose it. */
function refuseMissingHeader(names: readonly string[], row: string, line: number, file: string): void {
  const filled = names.filter((name) => name !== "");
  const numbers = filled.filter((name) => !Number.isNaN(plainNumber(name)));
  if (numbers.length === 0 || numbers.length * 2 < filled.length) return;
  throw new InputError({
    code: "no-header",
    message: "there is no header: the first line holds values, not column names",
    why: `it reads ${quoteText(row, 80)}`,
    hint: "write a first line with names such as run,params,tokens,loss",
    file,
    line,
  });
}

function raggedFault(file: string, first: PlacedRow, count: number, rows: number, width: number): InputError {
  return new InputError({
    code: "ragged",
    message: `line ${first.line} has ${first.cells.length} cells where the header has ${width}`,
    why: `so have ${count} of ${rows} rows another number of cells than the header`,
    hint:
      first.cells.length > width
        ? "numbers with thousands separators must be quoted or written without them; a name with a separator must be quoted"
        : "give every row a cell for each name in the header, empty where there is no value",
    file,
    line: first.line,
  });
}
