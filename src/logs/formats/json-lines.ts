/** JSON lines: one object a line, nested keys flattened. */
import { InputError } from "../../errors.js";
import { quoteText } from "../../text.js";
import { refuseConflict } from "./conflict.js";
import { type Head, type LogFormat, type LogSource, MAX_RECORD } from "./format.js";
import { JsonError, type JsonFault, Reader, skipValue } from "./json-flat.js";
import { JsonRows, type RowShape } from "./json-row.js";

const LINES_LOOKED_AT = 50;

export const jsonLines: LogFormat = {
  id: "jsonl",
  title: "JSON lines",
  matches: looksLikeJsonLines,
  read: (source) => readJsonLines(source),
};

/**
 * Reads a file of one object a line.
 *
 * @param shape  which of their values are cells, and of which columns; all under their paths unless said otherwise
 */
export async function readJsonLines(source: LogSource, shape?: RowShape): Promise<void> {
  const reader = new LineReader(source, shape);
  for await (const chunk of source.text()) reader.push(chunk);
  reader.end();
}

/** The keys of the first object, or null where the text does not begin with a whole object on one line. */
export function keysOfFirstLine(head: Head): string[] | null {
  const start = head.text.search(/\S/);
  if (head.text[start] !== "{") return null;
  const end = head.text.indexOf("\n", start);
  const line = head.text.slice(start, end < 0 ? undefined : end);
  try {
    return new Reader(line, 0, () => {}).members().map(({ key }) => key);
  } catch (error) {
    if (error instanceof JsonError) return null;
    throw error;
  }
}

function looksLikeJsonLines(head: Head): boolean {
  const lines = head.text.split("\n", LINES_LOOKED_AT).filter((line) => line.trim() !== "");
  const objects = lines.filter((line) => /^\s*\{/.test(line)).length;
  return objects > 0 && (objects * 2 > lines.length || /^\s*\{/.test(head.text));
}

class LineReader {
  readonly #source: LogSource;
  readonly #rows: JsonRows;
  #pending = "";
  #line = 1;
  #objects = 0;
  #faults = 0;
  #firstFault: (JsonFault & { line: number; text: string }) | null = null;

  constructor(source: LogSource, shape: RowShape | undefined) {
    this.#source = source;
    this.#rows = new JsonRows(source, shape);
  }

  push(chunk: string): void {
    const text = this.#pending + chunk;
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      this.#take(text.slice(start, end), false);
      start = end + 1;
    }
    this.#pending = text.slice(start);
    if (this.#pending.length > MAX_RECORD)
      throw this.#fault(
        "line-too-long",
        `line ${this.#line} has more than ${MAX_RECORD / 1e6} million characters`,
        this.#line,
      );
  }

  end(): void {
    if (this.#pending !== "") this.#take(this.#pending, true);
    this.#rows.end();
    if (this.#firstFault !== null && this.#faults > this.#objects) throw this.#mostlyFaulty(this.#firstFault);
    if (this.#objects === 0 && this.#rows.isEmpty && this.#source.dropped.count === 0) {
      throw this.#fault("no-rows", "there are no rows", 1);
    }
  }

  #take(text: string, isLast: boolean): void {
    const line = this.#line++;
    const start = text.search(/\S/);
    if (start < 0) return;
    refuseConflict(text, line, this.#source.head.name);
    if (text[start] === "{") this.#takeObject(text, start, line, isLast);
    else this.#takeOther(text, start, line);
  }

  #takeObject(text: string, start: number, line: number, isLast: boolean): void {
    const result = this.#rows.add(text, start, line, (end) => afterEnd(text, end));
    if ("end" in result) this.#objects++;
    else if (isLast && !text.trimEnd().endsWith("}")) {
      this.#drop(line, "cut", "the last line is cut off: it is no whole JSON object");
    } else this.#noteFault(result, line, text);
  }

  #takeOther(text: string, start: number, line: number): void {
    const value = skipValue(text, start);
    if ("fault" in value) this.#noteFault(value, line, text);
    else if (text.slice(value.end).trim() !== "") {
      this.#noteFault({ at: value.end, fault: "more text follows" }, line, text);
    } else this.#drop(line, "not-an-object", "a JSON value without names", text.trim());
  }

  #noteFault(fault: JsonFault, line: number, text: string): void {
    this.#faults++;
    this.#firstFault ??= { ...fault, line, text };
    this.#drop(line, "bad-json", `not JSON: ${fault.fault}`);
  }

  #drop(line: number, code: string, reason: string, example?: string): void {
    this.#source.dropped.add(this.#source.head.name, line, code, reason, example);
  }

  #mostlyFaulty({ line, text, at, fault }: JsonFault & { line: number; text: string }): InputError {
    if (this.#objects === 0 && /^\s*\{\s*$/.test(text)) {
      return this.#fault(
        "one-object",
        "this is one JSON object over several lines, not one object a line",
        line,
      );
    }
    const all = this.#faults + this.#objects;
    const why = this.#faults > 1 ? `${this.#faults} of ${all} lines are like this` : undefined;
    return this.#fault(
      "not-json",
      `line ${line} is not JSON: ${fault} (character ${at + 1})`,
      line,
      text,
      why,
    );
  }

  #fault(code: string, message: string, line: number, cell?: string, why?: string): InputError {
    const isPython = cell !== undefined && /^\s*\{\s*'/.test(cell);
    return new InputError({
      code,
      message,
      why: isPython ? "this is a printed Python dictionary (single quotes)" : why,
      hint: isPython
        ? "write the lines with json.dumps(record)"
        : 'write one JSON object a line, such as {"params": 7e9, "loss": 2.1}',
      file: this.#source.head.name,
      line,
      cell: cell?.slice(0, 200),
    });
  }
}

function afterEnd(text: string, end: number): JsonFault | null {
  const next = text.slice(end).search(/\S/);
  if (next < 0) return null;
  const at = end + next;
  const isSecond = text[at] === "{";
  return {
    at,
    fault: isSecond
      ? `a second object begins at character ${at + 1}`
      : `text follows the object: ${quoteText(text.slice(at), 20)}`,
  };
}
