import { UsageError } from "../../errors.js";

/** At most this much of a formula is shown on either side of a fault. */
const SHOWN_EACH_SIDE = 34;

/** Printable as it stands: nothing that moves the cursor, turns the direction of writing or is invisible. */
const isPrintable = (character: string): boolean => /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character);

/** `U+0415` */
export const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** A piece of a formula for a terminal: blanks and line breaks as one space each, other controls as `<U+0000>`. */
export function shown(text: string): string {
  return Array.from(text, (character) =>
    /\s/.test(character) ? " " : isPrintable(character) ? character : `<${codePoint(character)}>`,
  ).join("");
}

/** The formula (a window of it when it is long) and a caret under the character at `at`, each on its own line. */
function spot(text: string, at: number): string {
  const from = Math.max(0, at - SHOWN_EACH_SIDE);
  const to = Math.min(text.length, at + SHOWN_EACH_SIDE);
  const before = (from > 0 ? "..." : "") + shown(text.slice(from, at));
  const after = shown(text.slice(at, to)) + (to < text.length ? "..." : "");
  return `  ${before}${after}\n  ${" ".repeat(Array.from(before).length)}^`;
}

/** What a parser knows about a fault. */
export interface Fault {
  /** Offset in the formula's text, from 0. */
  at: number;
  /** What is wrong or was expected there, as the rest of "cannot read the formula at character 7: ...". */
  says: string;
  hint?: string | undefined;
}

/** The error for a fault at one place of a formula, with the place shown. */
export function formulaError(text: string, fault: Fault): UsageError {
  // Counted in characters as the user sees them: a letter beyond U+FFFF is one, not two.
  const character = Array.from(text.slice(0, fault.at)).length + 1;
  return new UsageError({
    code: "formula",
    message: `cannot read the formula at character ${character}: ${fault.says}\n${spot(text, fault.at)}`,
    hint: fault.hint,
  });
}
