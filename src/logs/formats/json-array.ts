/** One JSON list of objects, read object by object. */
import { InputError } from "../../errors.js";
import { quoteText } from "../../text.js";
import { countLineEnds } from "./decode.js";
import { type Head, type LogSource, MAX_RECORD } from "./format.js";
import { type JsonFault, skipValue } from "./json-flat.js";
import { JsonRows } from "./json-row.js";

export const isJsonList = (head: Head): boolean => /^\s*\[\s*([[{"\]\d-]|null|true|false|$)/.test(head.text);

/** @throws InputError when the list is broken or holds no objects */
export async function readJsonList(source: LogSource): Promise<void> {
  const reader = new ListReader(source);
  for await (const chunk of source.text()) reader.push(chunk, false);
  reader.push("", true);
}

/** What may come next, outside the elements. */
type Expected = "list" | "first-element" | "element" | "separator" | "nothing";

class ListReader {
  readonly #source: LogSource;
  readonly #rows: JsonRows;
  #pending = "";
  #at = 0;
  #line = 1;
  #expected: Expected = "list";
  #firstOther: { line: number; text: string } | null = null;
  #scan: ElementScan | null = null;

  constructor(source: LogSource) {
    this.#source = source;
    this.#rows = new JsonRows(source);
  }

  push(chunk: string, isEnd: boolean): void {
    this.#pending = this.#pending.slice(this.#at) + chunk;
    if (this.#scan !== null) this.#scan.at -= this.#at;
    this.#at = 0;
    while (this.#step(isEnd));
    if (this.#pending.length - this.#at > MAX_RECORD) throw this.#tooLong();
    if (isEnd) this.#finish();
  }

  /** One token or element; false when more text is needed. */
  #step(isEnd: boolean): boolean {
    if (this.#scan === null) this.#skipBlanks();
    const character = this.#pending[this.#at];
    if (character === undefined) return false;
    switch (this.#expected) {
      case "list":
        return this.#accept(character, "[", "first-element");
      case "first-element":
        if (character === "]") return this.#accept(character, "]", "nothing");
        return this.#element(isEnd);
      case "element":
        if (character === "]")
          throw this.#fault({ at: this.#at, fault: "a comma stands before the closing bracket" });
        return this.#element(isEnd);
      case "separator":
        if (character === "]") return this.#accept(character, "]", "nothing");
        return this.#accept(character, ",", "element");
      case "nothing":
        throw this.#fault({
          at: this.#at,
          fault: `text follows the list: ${quoteText(this.#pending.slice(this.#at, this.#at + 40), 20)}`,
        });
    }
  }

  #accept(character: string, wanted: string, next: Expected): boolean {
    if (character !== wanted) throw this.#fault({ at: this.#at, fault: `"${wanted}" is missing` });
    this.#at++;
    this.#expected = next;
    return true;
  }

  #element(isEnd: boolean): boolean {
    this.#scan ??= new ElementScan(this.#at);
    const end = this.#scan.find(this.#pending);
    if (end === null && !isEnd) return false;
    this.#scan = null;
    if (this.#pending[this.#at] === "{") this.#object();
    else this.#other();
    this.#expected = "separator";
    return true;
  }

  #object(): void {
    const result = this.#rows.add(this.#pending, this.#at, this.#line);
    if ("fault" in result) throw this.#fault(result);
    this.#moveTo(result.end);
  }

  #other(): void {
    const result = skipValue(this.#pending, this.#at);
    if ("fault" in result) throw this.#fault(result);
    const text = this.#pending.slice(this.#at, Math.min(result.end, this.#at + 100));
    this.#firstOther ??= { line: this.#line, text };
    this.#source.dropped.add(
      this.#source.head.name,
      this.#line,
      "not-an-object",
      "a JSON value without names",
      text,
    );
    this.#moveTo(result.end);
  }

  #skipBlanks(): void {
    const next = this.#pending.slice(this.#at).search(/\S/);
    this.#moveTo(next < 0 ? this.#pending.length : this.#at + next);
  }

  #moveTo(at: number): void {
    this.#line += countLineEnds(this.#pending.slice(this.#at, at));
    this.#at = at;
  }

  #finish(): void {
    const file = this.#source.head.name;
    if (this.#expected !== "nothing")
      throw this.#fault({ at: this.#pending.length, fault: "the text ends inside the list" });
    this.#rows.end();
    if (this.#firstOther !== null && this.#rows.isEmpty) {
      throw new InputError({
        code: "no-names",
        message: "the values have no column names: the list holds no objects",
        why: `its first element is ${quoteText(this.#firstOther.text, 60)}`,
        hint: 'write each run as an object with keys, such as {"params": 7e9, "tokens": 2e11, "loss": 2.1}',
        file,
        line: this.#firstOther.line,
      });
    }
    if (this.#rows.isEmpty)
      throw new InputError({
        code: "no-rows",
        message: "there are no rows: the list is empty",
        file,
        line: 1,
      });
  }

  #fault({ at, fault }: JsonFault): InputError {
    const line = this.#line + countLineEnds(this.#pending.slice(this.#at, at));
    return new InputError({
      code: "not-json",
      message: `line ${line} is not JSON: ${fault}`,
      hint: "write the file again with a JSON writer, or as JSON lines, one object a line",
      file: this.#source.head.name,
      line,
      cell: this.#pending.slice(at, at + 80),
    });
  }

  #tooLong(): InputError {
    return new InputError({
      code: "line-too-long",
      message: `the element that begins on line ${this.#line} has more than ${MAX_RECORD / 1e6} million characters`,
      hint: "look at that line; a log has one run or step an object",
      file: this.#source.head.name,
      line: this.#line,
    });
  }
}

/** Finds where an element ends by its brackets and quotes, going on where the last chunk stopped. */
class ElementScan {
  at: number;
  #depth = 0;
  #isInText = false;

  constructor(start: number) {
    this.at = start;
  }

  /** The index after the element, or null when it does not end in `text`. */
  find(text: string): number | null {
    for (; this.at < text.length; this.at++) {
      const character = text.charCodeAt(this.at);
      if (this.#isInText) {
        if (character === 92) {
          if (this.at + 1 >= text.length) return null;
          this.at++;
        } else if (character === 34) this.#isInText = false;
      } else if (character === 34) this.#isInText = true;
      else if (character === 123 || character === 91) this.#depth++;
      else if (character === 125 || character === 93) {
        this.#depth--;
        if (this.#depth <= 0) return this.at + (this.#depth === 0 ? 1 : 0);
      } else if (character === 44 && this.#depth === 0) return this.at;
    }
    return null;
  }
}
