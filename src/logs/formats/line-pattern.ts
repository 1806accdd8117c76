/**
 * Patterns for lines of a log: `step {step} | loss {loss}`. What is not in braces stands in the line as it is, with
 * any number of blanks for a blank; `{name}` is a number, with a unit or without, or a word; `{_}` is anything.
 * Matched without regular expressions from outside, in time that grows with line length times pattern length.
 */
import { UsageError } from "../../errors.js";
import { quoteText } from "../../text.js";
import { quantityCalled } from "../columns.js";
import type { Cell } from "./step-log.js";

/** Of longer lines only so many characters are looked at. */
const MAX_LINE = 10_000;
const MAX_PATTERN = 1_000;

type Item =
  | { kind: "text"; words: readonly string[] }
  | { kind: "field"; name: string; isNumber: boolean }
  | { kind: "any" };

/** A pattern, ready to be matched. */
export interface LinePattern {
  /** As it was given. */
  text: string;
  /** Names of its columns, in order. */
  names: readonly string[];
  /** Its words, by which the nearest line is found when none matches. */
  words: readonly string[];
  /** The values in a line, or null where it does not match. */
  match(line: string): Cell[] | null;
}

/** @throws UsageError  for a pattern without a column, with open braces, or with two readings */
export function linePattern(text: string): LinePattern {
  const items = itemsOf(text);
  const names = items.flatMap((item) => (item.kind === "field" ? [item.name] : []));
  if (names.length === 0) throw fault(text, "it has no column", "put a name in braces where a value stands");
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw fault(
      text,
      `the column ${quoteText(twice, 40)} stands in it twice`,
      "use {_} for what is not wanted",
    );
  for (let i = 1; i < items.length; i++)
    if (items[i]!.kind !== "text" && items[i - 1]!.kind !== "text")
      throw fault(text, "two braces stand side by side", "write what stands between the two values");
  const words = items.flatMap((item) => (item.kind === "text" ? item.words : []));
  // a pattern that begins with a column begins where the line does: inside of it any digit could be its beginning
  const search: Item[] = items[0]!.kind === "text" ? [{ kind: "any" }, ...items] : items;
  return {
    text,
    names,
    words: words.flatMap((word) => word.match(/[\p{L}\p{N}_]+/gu) ?? []),
    match: (line) => new Match(search, line.slice(0, MAX_LINE)).cells(),
  };
}

function itemsOf(text: string): Item[] {
  if (text.trim() === "")
    throw fault(text, "it is empty", "write a line with a name in braces for each value");
  if (text.length > MAX_PATTERN)
    throw fault(
      text,
      `it has more than ${MAX_PATTERN} characters`,
      "write the part of the line with the values",
    );
  const items: Item[] = [];
  let rest = text.trim().replace(/\s+/g, " ");
  while (rest !== "") {
    const open = rest.search(/[{}]/);
    if (open !== 0) items.push({ kind: "text", words: (open < 0 ? rest : rest.slice(0, open)).split(" ") });
    if (open < 0) return items;
    rest = rest.slice(open);
    const close = rest.indexOf("}");
    const name = rest.slice(1, Math.max(1, close)).trim();
    if (close < 1 || name.includes("{"))
      throw fault(text, "its braces do not pair", "write {name} for a value");
    if (name === "")
      throw fault(text, "a pair of braces is empty", "name the value, or write {_} for anything");
    items.push(name === "_" ? { kind: "any" } : { kind: "field", name, isNumber: isCounted(name) });
    rest = rest.slice(close + 1);
  }
  return items;
}

/** A name that means a quantity takes numbers only: `loss {loss}` does not match `loss function`. */
function isCounted(name: string): boolean {
  const quantity = quantityCalled(name);
  return quantity !== null && quantity !== "run";
}

function fault(text: string, why: string, hint: string): UsageError {
  return new UsageError({
    code: "pattern",
    message: `--pattern: ${quoteText(text)} cannot be used: ${why}`,
    hint: `${hint}, such as --pattern 'step {step} | loss {loss}'`,
  });
}

const NUMBER =
  /[+-]?(?:(?:(?:\d{1,3}(?:,\d{3})+(?!\d))|\d+)(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf(?:inity)?)(?![a-z])/iy;
const UNIT = /(?:%|[A-Za-zµ]+(?:\/[A-Za-z]+)*)(?![A-Za-z0-9])/y;
const WORD = /[^\s|,;]+/y;

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 0xa0;

/** One line against one pattern. What failed once is not tried again, so that no line takes long. */
class Match {
  readonly #items: readonly Item[];
  readonly #line: string;
  readonly #failed = new Set<number>();
  /** By item: from here on, what follows an `any` cannot be found. */
  readonly #hopeless: number[];
  readonly #cells: Cell[] = [];

  constructor(items: readonly Item[], line: string) {
    this.#items = items;
    this.#line = line;
    this.#hopeless = items.map(() => Number.POSITIVE_INFINITY);
  }

  cells(): Cell[] | null {
    return this.#from(0, this.#skipBlanks(0)) ? this.#cells.toReversed() : null;
  }

  /** Whether the items from `i` on match at `at`. */
  #from(i: number, at: number): boolean {
    const item = this.#items[i];
    if (item === undefined) return true;
    if (item.kind === "text") {
      const end = this.#endOfWords(item.words, at);
      return end >= 0 && this.#from(i + 1, end);
    }
    if (item.kind === "any") return this.#fromAny(i, at);
    const key = i * (MAX_LINE + 1) + at;
    if (this.#failed.has(key)) return false;
    const start = this.#skipBlanks(at);
    for (const end of this.#endsOfValue(item, i, start)) {
      if (!this.#from(i + 1, end)) continue;
      this.#cells.push([item.name, this.#line.slice(start, end)]);
      return true;
    }
    this.#failed.add(key);
    return false;
  }

  /** Tries what follows at every place from `at` on where it can begin. */
  #fromAny(i: number, at: number): boolean {
    const next = this.#items[i + 1];
    if (next === undefined) return true;
    if (at >= this.#hopeless[i]! || next.kind !== "text") return false;
    for (
      let place = this.#nextPlace(next.words, at);
      place >= 0;
      place = this.#nextPlace(next.words, place + 1)
    )
      if (this.#from(i + 1, place)) return true;
    this.#hopeless[i] = at;
    return false;
  }

  /** The first place from `at` on where words can begin, or -1. */
  #nextPlace([first = "", second = ""]: readonly string[], at: number): number {
    if (first === "" && second === "") return this.#blankFrom(at);
    if (first === "") {
      // blanks, then a word: the place of the first of the blanks before the word
      for (
        let word = this.#line.indexOf(second, at);
        word >= 0;
        word = this.#line.indexOf(second, word + 1)
      ) {
        const place = this.#beginningOfBlanks(word);
        if (place >= at && place < word) return place;
      }
      return -1;
    }
    for (let place = this.#line.indexOf(first, at); place >= 0; place = this.#line.indexOf(first, place + 1))
      if (!this.#isInsideWord(first, place)) return place;
    return -1;
  }

  #beginningOfBlanks(end: number): number {
    let place = end;
    while (place > 0 && isBlank(this.#line.charCodeAt(place - 1))) place--;
    return place;
  }

  /** The next blank that follows no other, or -1. */
  #blankFrom(at: number): number {
    for (let place = at; place < this.#line.length; place++)
      if (isBlank(this.#line.charCodeAt(place)) && !isBlank(this.#line.charCodeAt(place - 1))) return place;
    return -1;
  }

  /** `loss` does not begin inside of `val_loss`. */
  #isInsideWord(word: string, place: number): boolean {
    return place > 0 && /^[\p{L}\p{N}]/u.test(word) && /[\p{L}\p{N}_]/u.test(this.#line[place - 1]!);
  }

  /** Where words end that begin at `at`, or -1; between them stand one or more blanks. */
  #endOfWords(words: readonly string[], at: number): number {
    let place = at;
    for (const [i, word] of words.entries()) {
      const start = i === 0 ? place : this.#skipBlanks(place);
      if ((i > 0 && start === place) || !this.#line.startsWith(word, start)) return -1;
      place = start + word.length;
    }
    return place;
  }

  #skipBlanks(at: number): number {
    let place = at;
    while (isBlank(this.#line.charCodeAt(place))) place++;
    return place;
  }

  /** Where a value that begins at `start` may end, the likeliest first. */
  #endsOfValue({ isNumber }: { isNumber: boolean }, i: number, start: number): number[] {
    const ends: number[] = [];
    const isLast = i === this.#items.length - 1;
    const number = this.#endOf(NUMBER, start);
    if (number > start) {
      const unit = this.#endOf(UNIT, number);
      if (unit > number) ends.push(unit);
      const goesOn = /[\p{L}\p{N}_]|\.\d/uy;
      goesOn.lastIndex = number;
      if (!isLast || !goesOn.test(this.#line)) ends.push(number);
    }
    const word = isNumber ? -1 : this.#endOf(WORD, start);
    if (word <= start) return ends;
    const next = this.#items[i + 1];
    const mark = next?.kind === "text" ? next.words[0]!.slice(0, 1) : "";
    const stop = mark === "" ? -1 : this.#line.indexOf(mark, start + 1);
    if (stop > start && stop < word) ends.push(stop);
    ends.push(isLast ? start + this.#line.slice(start, word).replace(/[.:]$/, "").length : word);
    return ends;
  }

  #endOf(pattern: RegExp, start: number): number {
    pattern.lastIndex = start;
    return pattern.test(this.#line) ? pattern.lastIndex : -1;
  }
}
