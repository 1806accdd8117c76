/** Formula text -> tokens. Only arithmetic can be written: every other character is refused by name. */
import { codePoint, formulaError, shown } from "./fault.js";

/** A word of a formula; `at` is its offset in the text. */
export type Token =
  | { readonly kind: "number"; readonly at: number; readonly text: string; readonly value: number }
  | { readonly kind: "name"; readonly at: number; readonly text: string }
  | { readonly kind: "sign"; readonly at: number; readonly text: Sign }
  | { readonly kind: "end"; readonly at: number; readonly text: "" };

export type Sign = "+" | "-" | "*" | "/" | "^" | "(" | ")" | "[" | "]" | ",";

/** Longer text is a generated file or an accident; the longest law of the catalogue has a few hundred characters. */
const LONGEST_FORMULA = 10_000;

/** Longer names would not fit into any table; columns can be renamed with --map. */
const LONGEST_NAME = 100;

const BLANK = /[ \t\r\n]+/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SIGN = /\*\*|[-+*/^()[\],]/y;

const GREEK = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho";
const GREEK_AFTER_FINAL_SIGMA = "sigma tau upsilon phi chi psi omega";

/** The Greek small letters by name, from U+03B1 on. */
const greekNames = [...GREEK.split(" "), "sigma", ...GREEK_AFTER_FINAL_SIGMA.split(" ")];

/** What the keyboard has for a character that is not accepted, where that is plain. */
function replacement(character: string): string | undefined {
  const greek = greekNames[(character.codePointAt(0) ?? 0) - 0x3b1];
  if (greek) return `write ${greek} in letters`;
  if ("−–—‐‑".includes(character)) return "write - (the minus of the keyboard)";
  if ("×·⋅∙∗".includes(character)) return "write * for a product";
  if ("÷⁄∕".includes(character)) return "write / for a quotient";
  if ("⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ".includes(character)) return "write powers as x^2";
  if (character === "√") return "write sqrt(...)";
  if (character === "=") return "write only the right-hand side; --y names the column that is fitted";
  if (character === ".") return "write functions by their bare name: log(N)";
  if (character === "#") return "a formula has no comments";
  if ("{}".includes(character)) return "group with ( )";
  if ("!%&|<>?~".includes(character)) return "a formula has + - * / ^ and functions, no other operators";
  return undefined;
}

/** The error for a character that no formula contains. */
function strangeCharacter(text: string, at: number): Error {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const isAscii = character >= " " && character <= "~";
  const isLetter = /\p{L}/u.test(character);
  const quoted = `"${shown(character)}"`;
  const says = isAscii
    ? `${quoted} has no meaning in a formula`
    : `the character ${quoted} (${codePoint(character)}) cannot be used` +
      (isLetter ? "; names have the letters A-Z and a-z, and this one only may look like them" : "");
  const hint =
    replacement(character) ?? (isLetter ? "type the letter again on an English keyboard" : undefined);
  return formulaError(text, {
    at,
    says,
    hint: hint ?? "a formula is made of numbers, names, + - * / ^ and ( )",
  });
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

/** The value of a decimal number, refused when a double would turn it into infinity or zero. */
function decimal(text: string, digits: string, at: number): number {
  const value = Number(digits);
  const isLost = value === 0 && /[1-9]/.test(digits.replace(/[eE].*/, ""));
  if (Number.isFinite(value) && !isLost) return value;
  const says = `the number ${shown(digits.slice(0, 40))} is too ${isLost ? "small" : "large"} to compute with`;
  throw formulaError(text, { at, says, hint: "numbers go from about 5e-324 to 1.8e308" });
}

/** A second point, a hexadecimal number: what stands directly behind a number and cannot be meant. */
function refuseTail(text: string, digits: string, at: number): void {
  const end = at + digits.length;
  if (text[end] === ".") {
    const says = `${digits}. is not a number`;
    throw formulaError(text, { at: end, says, hint: "a number has one decimal point and no separators" });
  }
  if (digits === "0" && /[xXbBoO]/.test(text[end] ?? "")) {
    const says = "only decimal numbers can be used";
    throw formulaError(text, { at, says, hint: "write 16, not 0x10" });
  }
}

/**
 * The tokens of a formula, ending with one of kind `end`.
 *
 * @throws UsageError  with the spot, at a character or number that cannot be used or when the text is too long
 */
export function tokensOf(text: string): Token[] {
  if (text.length > LONGEST_FORMULA) {
    const says = `it has ${text.length} characters, more than the ${LONGEST_FORMULA} that are allowed`;
    const hint = "put a common term into a parameter, or shorten the names";
    throw formulaError(text, { at: LONGEST_FORMULA, says, hint });
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const blank = match(BLANK, text, at);
    const digits = match(NUMBER, text, at);
    const name = match(NAME, text, at);
    const sign = match(SIGN, text, at);
    if (digits) {
      refuseTail(text, digits, at);
      tokens.push({ kind: "number", at, text: digits, value: decimal(text, digits, at) });
    } else if (name) {
      if (name.length > LONGEST_NAME) {
        const says = `a name of ${name.length} characters, more than the ${LONGEST_NAME} that are allowed`;
        throw formulaError(text, { at, says, hint: "use a shorter name" });
      }
      tokens.push({ kind: "name", at, text: name });
    } else if (sign) {
      tokens.push({ kind: "sign", at, text: sign === "**" ? "^" : (sign as Sign) });
    } else if (!blank) {
      throw strangeCharacter(text, at);
    }
    at += (blank || digits || name || sign).length;
  }
  tokens.push({ kind: "end", at: text.length, text: "" });
  return tokens;
}
