/** Tables as text: comma, tab, semicolon, bar or blank between the cells, the names in the first line. */
import Papa from "papaparse";
import { InputError } from "../../errors.js";
import { CsvRows, type RowSink } from "./csv-rows.js";
import { countLineEnds } from "./decode.js";
import { findDelimiter } from "./delimiter.js";
import { type Head, type LogFormat, type LogSource, MAX_RECORD } from "./format.js";

/** Text is collected to this size before the delimiter is looked for. */
const PREAMBLE = 16_000;

export const csv: LogFormat = {
  id: "csv",
  title: "a table of text (CSV)",
  matches: (head) => head.text.trim() !== "",
  kinds: ["table"],
  read: (source) => readCsv(source),
};

/**
 * Reads a table of text.
 *
 * @param table  where its rows go, when a format makes other rows of them
 */
export async function readCsv(source: LogSource, table: RowSink = source.table): Promise<void> {
  let reader: CsvReader | null = null;
  let start = "";
  for await (const chunk of source.text()) {
    if (reader !== null) reader.push(chunk);
    else if (start.length + chunk.length < PREAMBLE) start += chunk;
    else {
      reader = new CsvReader(source, table, start + chunk);
      reader.push("");
    }
  }
  reader ??= new CsvReader(source, table, start);
  reader.end();
}

/** The header and the first rows of a table of text, or null where the text begins like JSON or is binary. */
export function firstCsvRows(head: Head, count: number): string[][] | null {
  if (/^\s*[[{]/.test(head.text) || head.text === "") return null;
  const { length, delimiter } = readPreamble(head.text);
  const text = head.text.slice(length);
  const between = delimiter ?? findDelimiter(text);
  const parser = new Papa.Parser({ delimiter: between, newline: "\n", preview: count });
  const rows: string[][] = parser.parse(text, 0, false).data;
  return rows.map((row) => row.map((cell) => cell.trim()));
}

/** The header of a table of text, or null where the text begins like JSON or is binary. */
export const csvHeader = (head: Head): string[] | null => firstCsvRows(head, 1)?.[0] ?? null;

/** Lines before the header: comments, empty lines, and a spreadsheet's `sep=;`. */
interface Preamble {
  length: number;
  lines: number;
  delimiter: string | null;
}

function readPreamble(text: string): Preamble {
  const preamble: Preamble = { length: 0, lines: 0, delimiter: null };
  for (;;) {
    const end = text.indexOf("\n", preamble.length);
    if (end < 0) return preamble;
    const line = text.slice(preamble.length, end);
    const separator = /^"?sep=(.)"?$/i.exec(line.trim());
    if (separator !== null) preamble.delimiter = separator[1]!;
    else if (line.trim() !== "" && !line.startsWith("#")) return preamble;
    preamble.length = end + 1;
    preamble.lines++;
  }
}

interface ParserResult {
  data: string[][];
  errors: { code: string; index?: number }[];
  meta: { cursor: number };
}

/** Feeds text to the parser, keeps physical line numbers, and hands rows on. */
class CsvReader {
  readonly #source: LogSource;
  readonly #parser: { parse(text: string, base: number, ignoreLastRow: boolean): ParserResult };
  readonly #rows: CsvRows;
  #pending: string;
  #line: number;

  constructor(source: LogSource, table: RowSink, start: string) {
    const preamble = readPreamble(start);
    this.#source = source;
    this.#line = preamble.lines + 1;
    this.#pending = start.slice(preamble.length);
    const delimiter = preamble.delimiter ?? findDelimiter(this.#pending);
    this.#parser = new Papa.Parser({ delimiter, newline: "\n" });
    this.#rows = new CsvRows(source, table, delimiter);
  }

  push(chunk: string): void {
    this.#pending += chunk;
    if (this.#pushSteps()) return;
    const result = this.#parser.parse(this.#pending, 0, true);
    // what is said of the row that is not yet whole is not final
    this.#refuseBadQuotes(result, result.meta.cursor);
    this.#take(result.data);
    this.#rows.endChunk();
    if (result.data.length > 0) this.#pending = this.#pending.slice(result.meta.cursor);
    if (this.#pending.length > MAX_RECORD) throw this.#tooLong();
  }

  /** Whole lines of a log whose step rows are reduced to runs; false where they have to be parsed. */
  #pushSteps(): boolean {
    if (!this.#rows.isReducing || this.#pending.includes('"')) return false;
    const end = this.#pending.lastIndexOf("\n") + 1;
    if (end > 0) this.#line += this.#rows.addLines(this.#pending.slice(0, end), this.#line);
    this.#rows.endChunk();
    this.#pending = this.#pending.slice(end);
    if (this.#pending.length > MAX_RECORD) throw this.#tooLong();
    return true;
  }

  end(): void {
    const result = this.#parser.parse(this.#pending, 0, false);
    const unterminated = result.errors.find((error) => error.code === "MissingQuotes");
    const cut = unterminated !== undefined && this.#isOnLastLine(unterminated.index ?? 0);
    if (!cut) this.#refuseBadQuotes(result, this.#pending.length);
    const hasFinalLineEnd = this.#pending.endsWith("\n") || this.#pending === "";
    this.#take(result.data, !hasFinalLineEnd, cut);
    this.#rows.end();
  }

  #isOnLastLine(index: number): boolean {
    return !this.#pending.includes("\n", index);
  }

  #take(rows: string[][], isCutPossible = false, isCut = false): void {
    const hasQuotes = this.#pending.includes('"');
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const isLast = i === rows.length - 1;
      this.#rows.add(row, this.#line, isLast && isCutPossible, isLast && isCut);
      this.#line += 1 + (hasQuotes ? row.reduce((sum, cell) => sum + countLineEnds(cell), 0) : 0);
    }
  }

  #refuseBadQuotes(result: ParserResult, upTo: number): void {
    const fault = result.errors.find((error) => (error.index ?? 0) < upTo);
    if (fault === undefined) return;
    const index = fault.index ?? 0;
    const line = this.#line + countLineEnds(this.#pending.slice(0, index));
    const isOpen = fault.code === "MissingQuotes";
    throw new InputError({
      code: "quote",
      message: isOpen
        ? `the quote opened on line ${line} is never closed`
        : `the quoted cell that begins on line ${line} has text after its closing quote`,
      why: "everything after it would be read as one cell",
      hint: `close the quote on line ${line}; a quote inside a quoted cell is written twice ("")`,
      file: this.#source.head.name,
      line,
      cell: this.#pending.slice(index - 1, index + 79).split("\n", 1)[0],
    });
  }

  #tooLong(): InputError {
    const quote = this.#pending.includes('"') ? ", or a quote that is opened there is never closed" : "";
    return new InputError({
      code: "line-too-long",
      message: `line ${this.#line} has more than ${MAX_RECORD / 1e6} million characters${quote}`,
      hint: "look at that line; a log has one run or step a line",
      file: this.#source.head.name,
      line: this.#line,
    });
  }
}
