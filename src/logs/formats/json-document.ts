/** A file that is one JSON value over any number of lines: read whole, looked at piece by piece. */
import { InputError } from "../../errors.js";
import { quoteText } from "../../text.js";
import { countLineEnds } from "./decode.js";
import type { Head, LogSource } from "./format.js";
import { JsonError, type JsonValue, MAX_RAW, Reader, readFlatObject, skipValue } from "./json-flat.js";

/** Characters a file of one JSON value may have: it is held in memory as text, never as a tree. */
const MAX_DOCUMENT = 256_000_000;

/** Whether the text is one object: over several lines, or on the only line of the file. */
export function isOneObject(head: Head): boolean {
  const start = head.text.search(/\S/);
  if (head.text[start] !== "{") return false;
  const end = head.text.indexOf("\n", start);
  if (end < 0) return true;
  if (!("fault" in skipValue(head.text.slice(start, end), 0)))
    return head.isWhole && head.text.slice(end).trim() === "";
  // a first line that is no object of its own goes on with a key, or ends there
  return /^[^\n]*\n\s*["}]/.test(head.text.slice(start));
}

/** @throws InputError when the file is longer than memory should hold */
export async function wholeText(source: LogSource): Promise<string> {
  let text = "";
  for await (const chunk of source.text()) {
    text += chunk;
    if (text.length > MAX_DOCUMENT) throw tooLong(source.head.name);
  }
  return text;
}

/** A JSON object in a file. */
export class JsonDocument {
  readonly #text: string;
  readonly #file: string;
  #line = 1;
  #lineAt = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  /** @throws InputError when the file is not one whole JSON object, or longer than memory should hold */
  static async read(source: LogSource): Promise<JsonDocument> {
    return JsonDocument.of(await wholeText(source), source.head.name);
  }

  /** @throws InputError when the text is not one whole JSON object */
  static of(text: string, file: string): JsonDocument {
    const document = new JsonDocument(text, file);
    document.#attempt(() => {
      const reader = new Reader(text, 0, () => {});
      reader.members();
      const end = reader.afterBlanks();
      if (end >= text.length) return;
      const rest = quoteText(text.slice(end, end + 40), 20);
      throw new JsonError(end, `text follows the object: ${rest}`);
    });
    return document;
  }

  /** The members of the whole object, or of an object in it. */
  members(value?: JsonValue): { key: string; value: JsonValue }[] {
    return this.#attempt(() => this.#reader(value?.at ?? 0).members());
  }

  /** The elements of a list. */
  items(value: JsonValue): JsonValue[] {
    return this.#attempt(() => this.#reader(value.at).items());
  }

  /** The text of a value: of texts without quotes, of `null` empty, of lists and objects their beginning. */
  textOf(value: JsonValue): string {
    if (value.kind === "text") return this.#attempt(() => this.#reader(value.at).string());
    if (value.kind !== "other") return this.#text.slice(value.at, Math.min(value.end, value.at + MAX_RAW));
    const text = this.#text.slice(value.at, value.end);
    return text === "null" ? "" : text;
  }

  /** The values of an object and of the objects in it, keys joined with dots. */
  flat(value: JsonValue): Map<string, string> {
    const values = new Map<string, string>();
    const result = readFlatObject(this.#text, value.at, (path, text) => {
      if (text !== "null" && text !== "{}") values.set(path, text);
    });
    if ("fault" in result) throw this.#fault(result.at, result.fault);
    const [twice] = result.duplicates;
    if (twice === undefined) return values;
    throw this.#fault(value.at, `the key ${quoteText(twice, 40)} stands twice in its object`);
  }

  /** The physical line of a value; cheap when asked in the order of the file. */
  lineOf(value: JsonValue): number {
    if (value.at < this.#lineAt) [this.#line, this.#lineAt] = [1, 0];
    this.#line += countLineEnds(this.#text.slice(this.#lineAt, value.at));
    this.#lineAt = value.at;
    return this.#line;
  }

  #reader(at: number): Reader {
    return new Reader(this.#text, at, () => {});
  }

  #attempt<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw error instanceof JsonError ? this.#fault(error.at, error.message) : error;
    }
  }

  #fault(at: number, fault: string): InputError {
    const line = 1 + countLineEnds(this.#text.slice(0, at));
    const isCut = at >= this.#text.trimEnd().length;
    return new InputError({
      code: "not-json",
      message: `line ${line} is not JSON: ${fault}`,
      why: isCut ? "the file is not complete" : undefined,
      hint: isCut
        ? "the program that wrote it was interrupted, or the copy is cut off: copy it again"
        : "write the file again with a JSON writer, or as JSON lines, one object a line",
      file: this.#file,
      line,
      cell: this.#text.slice(at, at + 80),
    });
  }
}

function tooLong(file: string): InputError {
  return new InputError({
    code: "too-large",
    message: `the JSON object has more than ${MAX_DOCUMENT / 1e6} million characters`,
    hint: "write its rows as JSON lines, one object a line",
    file,
  });
}
