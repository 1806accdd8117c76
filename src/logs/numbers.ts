/**
 * The one number grammar of command line and cells (`contract.md`): optional sign, digits with optional fraction,
 * optional exponent, at most one suffix, and a unit word where the quantity has one. The whole text is matched first;
 * nothing is ever read from the beginning of a text that is not a number as a whole.
 */
import { escapeText } from "../text.js";

/** What a number counts; it decides the suffixes and the unit words. */
export type Quantity =
  | "params"
  | "tokens"
  | "flops"
  | "loss"
  | "count"
  | "fraction"
  | "usd"
  | "seconds"
  | "bytes"
  | "energy"
  | "hours"
  | "rate"
  | "plain";

/** Quantities whose bare numbers would be read by guess: they need a unit. */
const NEEDS_UNIT: ReadonlySet<Quantity> = new Set(["bytes", "energy"]);

/** A number, or a sentence that says why the text is none and how it would be spelled. */
export type ParsedNumber = { value: number } | { fault: string };

interface UnitWord {
  words: readonly string[];
  /** Decimal places the number moves by (`%` is -2). */
  shift?: number;
  /** Factor to the base unit, where that is no power of ten. */
  factor?: number;
}

interface Spelling {
  units: readonly UnitWord[];
  /** A right spelling, for messages. */
  example: string;
  suffixes: ReadonlyMap<string, number>;
}

const SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["k", 3],
  ["M", 6],
  ["B", 9],
  ["T", 12],
]);
const FLOP_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ...SUFFIXES,
  ["G", 9],
  ["P", 15],
  ["E", 18],
  ["Z", 21],
  ["Y", 24],
]);
const BYTE_SUFFIXES: ReadonlyMap<string, number> = new Map([...SUFFIXES, ["G", 9], ["P", 15]]);
const ENERGY_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
]);
const NO_SUFFIXES: ReadonlyMap<string, number> = new Map();

const SPELLINGS: Record<Quantity, Spelling> = {
  params: {
    units: [{ words: ["params", "param", "parameters", "parameter"] }],
    example: "7e9 or 7B",
    suffixes: SUFFIXES,
  },
  tokens: {
    units: [{ words: ["tokens", "token", "tok", "toks"] }],
    example: "2e12 or 2T",
    suffixes: SUFFIXES,
  },
  flops: { units: [{ words: ["flops", "flop"] }], example: "1e22 or 10Z", suffixes: FLOP_SUFFIXES },
  loss: { units: [{ words: ["nats", "nat", "nats/token"] }], example: "3.14", suffixes: SUFFIXES },
  count: { units: [], example: "1000 or 1k", suffixes: SUFFIXES },
  fraction: { units: [{ words: ["%"], shift: -2 }], example: "0.02 or 2%", suffixes: NO_SUFFIXES },
  usd: { units: [{ words: ["usd", "dollars", "dollar"] }], example: "$3M or 3e6", suffixes: SUFFIXES },
  seconds: {
    units: [
      { words: ["s", "sec", "secs", "second", "seconds"] },
      { words: ["min", "mins", "minute", "minutes"], factor: 60 },
      { words: ["h", "hr", "hrs", "hour", "hours"], factor: 3600 },
      { words: ["d", "day", "days"], factor: 86_400 },
      { words: ["w", "week", "weeks"], factor: 604_800 },
    ],
    example: "12h or 30d",
    suffixes: NO_SUFFIXES,
  },
  bytes: {
    units: [
      { words: ["b", "byte", "bytes"] },
      { words: ["kib"], factor: 2 ** 10 },
      { words: ["mib"], factor: 2 ** 20 },
      { words: ["gib"], factor: 2 ** 30 },
      { words: ["tib"], factor: 2 ** 40 },
    ],
    example: "80GB or 80GiB",
    suffixes: BYTE_SUFFIXES,
  },
  energy: {
    units: [
      { words: ["wh"], shift: -3 },
      { words: ["j", "joule", "joules"], factor: 1 / 3.6e6 },
    ],
    example: "50MWh or 180GJ",
    suffixes: ENERGY_SUFFIXES,
  },
  hours: {
    units: [{ words: ["h", "hours", "hour", "gpu-hours", "gpuh", "gpu-h"] }],
    example: "100k or 1e5",
    suffixes: SUFFIXES,
  },
  rate: {
    units: [{ words: ["tokens/s", "tok/s", "token/s"] }],
    example: "25000 or 25k",
    suffixes: SUFFIXES,
  },
  plain: { units: [], example: "3.5 or 1e22", suffixes: SUFFIXES },
};

/** Sign, digits, exponent; what follows is judged apart. */
const LEADING_NUMBER = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?/;
const WHOLE_PLAIN_NUMBER = /^[ \t]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[ \t]*$/;
const HAS_NONZERO_DIGIT = /[1-9]/;

/**
 * The value of a text that is one plain number (no suffix, no unit), else NaN. Texts that would overflow to infinite
 * or underflow to 0 are no numbers.
 */
export function plainNumber(text: string): number {
  const match = WHOLE_PLAIN_NUMBER.exec(text);
  if (match === null) return Number.NaN;
  const value = Number(match[1]);
  if (value === 0 && HAS_NONZERO_DIGIT.test(mantissaOf(match[1]!))) return Number.NaN;
  if (value === 0) return 0; // not -0
  return Number.isFinite(value) ? value : Number.NaN;
}

function mantissaOf(number: string): string {
  return number.split(/[eE]/, 1)[0]!;
}

/**
 * Reads one number by the grammar: `1e22`, `5.76e+23`, `.5`, `70M`, `8e9 tokens`, `22 ZFLOP`, `30d`, `2%`, `$3M`.
 * Says nothing of sign or range beyond what a computer can hold; that is the caller's.
 *
 * @param text      the whole flag value or cell; blanks around it do not count
 * @param quantity  what it counts
 * @param where     `flag` or `cell`; only the words of the fault differ
 * @returns the value in the base unit (1, tokens, FLOPs, seconds, US dollars), or the fault
 */
export function parseNumber(text: string, quantity: Quantity, where: "flag" | "cell"): ParsedNumber {
  const { units, suffixes } = SPELLINGS[quantity];
  const trimmed = trimBlanks(text);
  const body = quantity === "usd" && trimmed.startsWith("$") ? trimmed.slice(1) : trimmed;
  const match = LEADING_NUMBER.exec(body);
  if (match === null) return { fault: faultOf(trimmed, quantity, where) };
  const tail = readTail(body.slice(match[0].length), units, suffixes);
  if (tail === null) return { fault: faultOf(trimmed, quantity, where) };
  if (NEEDS_UNIT.has(quantity) && !/[A-Za-z]/.test(body.slice(match[0].length)) && Number(match[2]) !== 0)
    return {
      fault: `"${escapeText(trimmed, 40)}" has no unit: write it like ${SPELLINGS[quantity].example}`,
    };
  const exponent = clampExponent(match[3]) + tail.shift;
  const value = Number(`${match[1]}${match[2]}e${exponent}`) * tail.factor;
  return checkRange(value, match[2]!, trimmed);
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, "");
}

/** An exponent of any number of digits, cut to where only overflow or underflow remains. */
function clampExponent(text: string | undefined): number {
  return Math.max(-9999, Math.min(9999, Number(text ?? 0)));
}

/** Suffix and unit after the digits, as a decimal shift and a factor; null when the text is neither. */
function readTail(
  tail: string,
  units: readonly UnitWord[],
  suffixes: ReadonlyMap<string, number>,
): { shift: number; factor: number } | null {
  if (tail === "") return { shift: 0, factor: 1 };
  const rest = tail.replace(/^ +/, "");
  const asUnit = findUnit(rest, units);
  if (asUnit !== null) return { shift: asUnit.shift ?? 0, factor: asUnit.factor ?? 1 };
  const shift = suffixes.get(rest.charAt(0));
  if (shift === undefined) return null;
  const word = rest.slice(1).replace(/^ +/, "");
  if (word === "") return { shift, factor: 1 };
  const unit = findUnit(word, units);
  return unit === null ? null : { shift: shift + (unit.shift ?? 0), factor: unit.factor ?? 1 };
}

function findUnit(word: string, units: readonly UnitWord[]): UnitWord | null {
  const folded = word.toLowerCase();
  return units.find((unit) => unit.words.includes(folded)) ?? null;
}

function checkRange(value: number, digits: string, text: string): ParsedNumber {
  const shown = escapeText(text, 40);
  if (!Number.isFinite(value)) {
    return { fault: `"${shown}" is larger than any number a computer holds (about 1.8e308)` };
  }
  if (value === 0 && HAS_NONZERO_DIGIT.test(digits)) {
    return { fault: `"${shown}" is so small that a computer holds it as 0` };
  }
  return { value: value === 0 ? 0 : value }; // not -0
}

/**
 * Reads a whole number from 0 to 2^53 - 1 (seeds, counts), spelled by the same grammar (`1000`, `1k`, `1e3`).
 */
export function parseInteger(text: string, where: "flag" | "cell" = "flag"): ParsedNumber {
  const parsed = parseNumber(text, "count", where);
  if ("fault" in parsed) return parsed;
  const shown = escapeText(trimBlanks(text), 40);
  if (parsed.value < 0) return { fault: `"${shown}" is negative: write a whole number from 0 up, such as 1` };
  if (parsed.value > Number.MAX_SAFE_INTEGER) {
    return { fault: `"${shown}" is too large: the largest whole number that is exact is 9007199254740991` };
  }
  if (!Number.isInteger(parsed.value))
    return { fault: `"${shown}" is no whole number: write one such as 1000` };
  return parsed;
}

/** Checks in the order in which a person would see the trouble; the first that applies words the fault. */
function faultOf(text: string, quantity: Quantity, where: "flag" | "cell"): string {
  const shown = `"${escapeText(text, 40)}"`;
  const example = SPELLINGS[quantity].example;
  if (text === "")
    return `the ${where === "flag" ? "value" : "cell"} is empty: write a number such as ${example}`;
  const strange = strangeCharacter(text);
  if (strange !== null) return `${shown} ${strange}: write it with 0-9, such as ${example}`;
  if (/^[+-]?nan$/i.test(text)) return `the value is not a number: write one such as ${example}`;
  if (/^[+-]?inf(inity)?$/i.test(text))
    return `the value is infinite: write a finite number such as ${example}`;
  if (/^[+-]?[\d,]+(\.\d*)?$/.test(text)) return commaFault(text, shown);
  if (/^[+-]?\d[\d_]*(\.[\d_]*)?$/.test(text))
    return `${shown} has digit separators: write ${text.replaceAll("_", "")}`;
  if (/^[+-]?[\d.]+(\*\*|\^)[+-]?\d+$/.test(text))
    return `${shown} is a power written out: write it like 1e22`;
  if (/^[+-]?0[xbo]/i.test(text)) return `${shown} is not decimal: write it like ${example}`;
  const match = LEADING_NUMBER.exec(quantity === "usd" ? text.replace(/^\$/, "") : text);
  if (match === null) return `${shown} is not a number: write one such as ${example}`;
  return tailFault(text, match[0], shown, quantity);
}

function commaFault(text: string, shown: string): string {
  const asThousands = text.replaceAll(",", "");
  return text.split(",").length === 2 && !text.includes(".")
    ? `${shown} is ambiguous: ${asThousands} or ${text.replace(",", ".")}? write it without a comma`
    : `${shown} has thousands separators: write ${asThousands}`;
}

/** What to say of what follows the digits. */
function tailFault(text: string, number: string, shown: string, quantity: Quantity): string {
  const { example, suffixes } = SPELLINGS[quantity];
  const tail = text.replace(/^\$/, "").slice(number.length).trimStart();
  const first = tail.charAt(0);
  if (tail === "m" && quantity === "seconds")
    return `${shown} is ambiguous: minutes or months? write ${number}min`;
  if (tail === "m") {
    const upper = suffixes.has("M") ? ` or ${number}M` : "";
    return `${shown} is ambiguous: milli or million? write ${number}${/[eE]/.test(number) ? "" : "e6"}${upper}`;
  }
  if (tail === "e" || tail === "E")
    return `${shown} ends in an exponent without digits: write it like ${example}`;
  if (/^[.e\d]/i.test(first)) return `${shown} is not one number: write it like ${example}`;
  const upper = first.toUpperCase();
  if (tail.length === 1 && first !== upper && suffixes.has(upper)) {
    return `${shown}: suffixes tell capitals apart: write ${number}${upper}`;
  }
  if (tail === "K" && suffixes.has("k")) return `${shown}: suffixes tell capitals apart: write ${number}k`;
  const known = suffixes.size > 0 ? ` (known here: ${[...suffixes.keys()].join(" ")})` : "";
  return `${shown}: "${escapeText(tail, 20)}" is no suffix or unit${known}: write it like ${example}`;
}

/** What is unusual about the first character beyond plain ASCII, or null. */
function strangeCharacter(text: string): string | null {
  const strange = /[^\x20-\x7e\t]/u.exec(text)?.[0];
  if (strange === undefined) return null;
  const code = `U+${(strange.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  if (/\p{Nd}/u.test(strange)) return `has digits other than 0-9 (${code})`;
  if (/[\u2212\u2010-\u2015\ufe63\uff0d]/u.test(strange)) return `has a minus sign other than - (${code})`;
  if (/\p{Zs}/u.test(strange)) return `has a special blank (${code})`;
  if (/[\p{Cf}\p{Cc}\p{Zl}\p{Zp}]/u.test(strange)) return `has an invisible character (${code})`;
  return `has a character that is part of no number (${code})`;
}
