const newline = 0;
const tab = 1;
const firstPrintable = 32;
const lastPrintable = 126;
const other = 2 + lastPrintable - firstPrintable + 1;

/** Newline, tab, the 95 printable ASCII characters, and one symbol for every other character: 98 symbols. */
export const vocabularySize = other + 1;

function symbolOf(code: number): number {
  if (code === 10) return newline;
  if (code === 9) return tab;
  if (code >= firstPrintable && code <= lastPrintable) return 2 + code - firstPrintable;
  return other;
}

/** The symbols of a text; a character outside the basic plane (two UTF-16 units) becomes one symbol. */
export function encode(text: string): Uint8Array {
  const symbols = new Uint8Array(text.length);
  let length = 0;
  for (const character of text) symbols[length++] = symbolOf(character.codePointAt(0)!);
  return symbols.subarray(0, length);
}
