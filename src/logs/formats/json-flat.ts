/**
 * One JSON object as flat pairs: nested keys joined with dots, values as text. A reader of our own because
 * `JSON.parse` keeps the last of two equal keys in silence, refuses the NaN that Python writes, rounds numbers before
 * they can be looked at, and says where a fault is in words that differ between Node versions.
 */

import { quoteText } from "../../text.js";

/** Nesting that is followed; what lies deeper is kept as text under its path. */
const MAX_DEPTH = 40;
/** Characters kept of a value that is no number and no text (a list, a deep object). */
export const MAX_RAW = 200;

/** Why and where a text is no JSON; `at` is the index of the first character that does not fit. */
export interface JsonFault {
  at: number;
  fault: string;
}

/** What reading one value gave: where it ends, and the keys that came twice. */
export interface JsonRead {
  end: number;
  duplicates: string[];
}

/** A text that is no JSON, while it is read. */
export class JsonError extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/**
 * Reads the object that begins at `start` (a `{`).
 *
 * @param emit  called for each value that is no object: its path, its text, and whether it is a list or similar
 * @returns where it ends and which keys came twice, or the fault
 */
export function readFlatObject(
  text: string,
  start: number,
  emit: (path: string, value: string) => void,
): JsonRead | JsonFault {
  try {
    const reader = new Reader(text, start, emit);
    reader.object("", 0);
    return { end: reader.at, duplicates: reader.duplicates };
  } catch (error) {
    if (error instanceof JsonError) return { at: error.at, fault: error.message };
    throw error;
  }
}

/** Past one JSON value of any kind; for values that are no objects. */
export function skipValue(text: string, start: number): { end: number } | JsonFault {
  try {
    const reader = new Reader(text, start, () => {});
    reader.skip();
    return { end: reader.at };
  } catch (error) {
    if (error instanceof JsonError) return { at: error.at, fault: error.message };
    throw error;
  }
}

/** A value in a text: where it begins and ends, and what it is. */
export interface JsonValue {
  at: number;
  end: number;
  kind: "object" | "list" | "text" | "other";
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const COLON = 58;
const COMMA = 44;
/** Numbers and words; Python's NaN, Infinity and -Infinity among them. */
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true|false|null|NaN|-?Infinity/y;

/** Walks along a JSON text. @throws JsonError */
export class Reader {
  at: number;
  readonly duplicates: string[] = [];
  readonly #text: string;
  readonly #emit: (path: string, value: string) => void;

  constructor(text: string, start: number, emit: (path: string, value: string) => void) {
    this.#text = text;
    this.at = start;
    this.#emit = emit;
  }

  object(prefix: string, depth: number): void {
    this.#expect(OPEN_OBJECT, "an object does not begin here");
    const keys = new Set<string>();
    if (this.#peek() === CLOSE_OBJECT) {
      this.at++;
      if (prefix !== "") this.#emit(prefix, "{}");
      return;
    }
    for (;;) {
      if (this.#peek() !== QUOTE) throw new JsonError(this.at, this.#keyFault());
      const key = this.#string();
      if (keys.has(key)) this.duplicates.push(prefix === "" ? key : `${prefix}.${key}`);
      keys.add(key);
      this.#expect(COLON, "a colon is missing after a key");
      this.#member(prefix === "" ? key : `${prefix}.${key}`, depth + 1);
      const next = this.#peek();
      this.at++;
      if (next === CLOSE_OBJECT) return;
      if (next !== COMMA)
        throw new JsonError(
          this.at - 1,
          this.#ended() ? "the text ends inside an object" : "a comma or } is missing",
        );
    }
  }

  #keyFault(): string {
    if (this.#ended()) return "the text ends inside an object";
    return this.#text[this.at] === "'"
      ? "names are in single quotes, JSON needs double quotes"
      : "a name in double quotes is missing";
  }

  #member(path: string, depth: number): void {
    const next = this.#peek();
    const start = this.at;
    if (next === OPEN_OBJECT && depth < MAX_DEPTH) this.object(path, depth);
    else if (next === QUOTE) this.#emit(path, this.#string());
    else {
      this.skip();
      const isNested = next === OPEN_OBJECT || next === OPEN_LIST;
      this.#emit(path, this.#text.slice(start, isNested ? Math.min(this.at, start + MAX_RAW) : this.at));
    }
  }

  /** Past one value, telling what it was. */
  value(): JsonValue {
    const next = this.#peek();
    const at = this.at;
    this.skip();
    const kind =
      next === OPEN_OBJECT ? "object" : next === OPEN_LIST ? "list" : next === QUOTE ? "text" : "other";
    return { at, end: this.at, kind };
  }

  /** The members of the object that begins here, their values unread. */
  members(): { key: string; value: JsonValue }[] {
    this.#expect(OPEN_OBJECT, "an object does not begin here");
    const members: { key: string; value: JsonValue }[] = [];
    const keys = new Set<string>();
    const isEmpty = this.#peek() === CLOSE_OBJECT;
    if (isEmpty) this.at++;
    for (let next = isEmpty ? CLOSE_OBJECT : COMMA; next !== CLOSE_OBJECT; this.at++) {
      if (this.#peek() !== QUOTE) throw new JsonError(this.at, this.#keyFault());
      const start = this.at;
      const key = this.#string();
      if (keys.has(key))
        throw new JsonError(start, `the key ${quoteText(key, 40)} stands twice in its object`);
      keys.add(key);
      this.#expect(COLON, "a colon is missing after a key");
      members.push({ key, value: this.value() });
      next = this.#peek();
      if (next !== CLOSE_OBJECT && next !== COMMA)
        throw this.#missing("an object", "a comma or } is missing");
    }
    return members;
  }

  /** The elements of the list that begins here, unread. */
  items(): JsonValue[] {
    this.#expect(OPEN_LIST, "a list does not begin here");
    const items: JsonValue[] = [];
    const isEmpty = this.#peek() === CLOSE_LIST;
    if (isEmpty) this.at++;
    for (let next = isEmpty ? CLOSE_LIST : COMMA; next !== CLOSE_LIST; this.at++) {
      items.push(this.value());
      next = this.#peek();
      if (next !== CLOSE_LIST && next !== COMMA) throw this.#missing("a list", "a comma or ] is missing");
    }
    return items;
  }

  /** The text that begins here, without its quotes. */
  string(): string {
    this.#peek();
    return this.#string();
  }

  /** The index of the first character that is no blank. */
  afterBlanks(): number {
    this.#peek();
    return this.at;
  }

  #missing(what: string, fault: string): JsonError {
    return new JsonError(this.at, this.#ended() ? `the text ends inside ${what}` : fault);
  }

  /** Past one value, without recursion: nesting may be of any depth. */
  skip(): void {
    const open: number[] = [];
    do {
      const next = this.#peek();
      if (next === OPEN_OBJECT || next === OPEN_LIST) {
        open.push(next);
        this.at++;
        continue;
      }
      if (next === CLOSE_OBJECT || next === CLOSE_LIST) {
        const last = open.pop();
        if (last === undefined) throw new JsonError(this.at, "a value is missing");
        if (last === OPEN_LIST && next !== CLOSE_LIST)
          throw this.#missing("a list", "a comma or ] is missing");
        if (last === OPEN_OBJECT && next !== CLOSE_OBJECT)
          throw this.#missing("an object", "a comma or } is missing");
        this.at++;
      } else if (next === QUOTE) this.#string();
      else if (open.length > 0 && (next === COMMA || next === COLON)) this.at++;
      else this.#scalar();
    } while (open.length > 0);
  }

  #scalar(): void {
    SCALAR.lastIndex = this.at;
    const match = SCALAR.exec(this.#text);
    if (match === null) throw new JsonError(this.at, this.#scalarFault());
    this.at += match[0].length;
  }

  #scalarFault(): string {
    if (this.#ended()) return "the text ends where a value is due";
    const rest = this.#text.slice(this.at, this.at + 12);
    if (rest.startsWith("'")) return "texts are in single quotes, JSON needs double quotes";
    if (/^(None|True|False)\b/.test(rest))
      return "this is Python, not JSON (None, True and False are null, true and false)";
    return "no JSON value begins here";
  }

  #string(): string {
    const start = this.at + 1;
    for (let at = start; ; ) {
      const quote = this.#text.indexOf('"', at);
      if (quote < 0) throw new JsonError(this.at, "a text is not closed");
      let slashes = 0;
      while (this.#text.charCodeAt(quote - 1 - slashes) === BACKSLASH && quote - slashes > start) slashes++;
      at = quote + 1;
      if (slashes % 2 === 1) continue;
      const raw = this.#text.slice(start, quote);
      this.at = quote + 1;
      return raw.includes("\\") ? this.#unescape(raw, start) : raw;
    }
  }

  #unescape(raw: string, start: number): string {
    try {
      return JSON.parse(`"${raw}"`);
    } catch {
      throw new JsonError(start, "a text has a broken escape (\\)");
    }
  }

  #peek(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return code;
      this.at++;
    }
  }

  #ended(): boolean {
    return this.at >= this.#text.length;
  }

  #expect(code: number, fault: string): void {
    if (this.#peek() !== code)
      throw new JsonError(this.at, this.#ended() ? "the text ends inside an object" : fault);
    this.at++;
  }
}
