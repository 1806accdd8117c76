/**
 * Foreign text made fit to be shown: control characters, escapes and bidi overrides become visible, long texts are
 * shortened, and the words that would look like a fault of ours are said in plain words.
 */

/** Characters that are invisible, steer a terminal or turn the reading direction. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/u;

/** Words of the machine that no result may contain, with what is said instead. */
const MACHINE_WORDS: readonly [RegExp, string][] = [
  [/\bNaN\b/g, "not a number"],
  [/\bInfinity\b/g, "infinite"],
  [/undefined/g, "not defined"],
  [/\[object /g, "{object "],
];

/**
 * A text as it may be printed anywhere: unprintable characters as `\u{1b}`, at most `max` characters, the middle of a
 * longer one replaced by `…`.
 *
 * @param text  any text, of any length; only its two ends are looked at
 * @param max   characters of the text to keep, at least 3
 */
export function escapeText(text: string, max = 80): string {
  const ends = text.length > max * 4 ? text.slice(0, max * 2) + text.slice(-max * 2) : text;
  const characters = Array.from(ends);
  const isLong = characters.length > max;
  const headLength = isLong ? Math.ceil((max - 1) * 0.7) : characters.length;
  const tailLength = isLong ? max - 1 - headLength : 0;
  const head = characters.slice(0, headLength).map(visible).join("");
  const tail = tailLength > 0 ? characters.slice(-tailLength).map(visible).join("") : "";
  const shown = isLong ? `${head}…${tail}` : head;
  return MACHINE_WORDS.reduce((soFar, [pattern, word]) => soFar.replace(pattern, word), shown);
}

/** A text in double quotes, escaped and shortened: how messages show a cell or a name. */
export function quoteText(text: string, max = 60): string {
  return `"${escapeText(text, max)}"`;
}

function visible(character: string): string {
  return UNPRINTABLE.test(character) ? `\\u{${character.codePointAt(0)?.toString(16)}}` : character;
}

/** `a, b and c`; an empty list gives an empty text. */
export function listOf(words: readonly string[], last = "and"): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} ${last} ${words[words.length - 1]}`;
}

/** `line 7`, `lines 7, 9` or `lines 7, 9, 11, ...`: the first few of many line numbers. */
export function lineList(lines: readonly number[], count = lines.length, max = 8): string {
  const shown = lines.slice(0, max);
  const more = count > shown.length ? ", ..." : "";
  return `${count === 1 ? "line" : "lines"} ${shown.join(", ")}${more}`;
}

/** Work is bounded: names longer than this are compared by their beginning only. */
const COMPARED_LENGTH = 40;

/**
 * The names most like a mistyped one, nearest first, at most three; case and punctuation count little.
 *
 * @param name        what the user wrote
 * @param candidates  what there is; 10,000 names take some tens of milliseconds
 */
export function nearest(name: string, candidates: Iterable<string>): string[] {
  const wanted = folded(name);
  if (wanted === "") return [];
  const found: { candidate: string; distance: number; order: number }[] = [];
  let order = 0;
  for (const candidate of candidates) {
    const distance = nameDistance(wanted, folded(candidate));
    if (distance !== null) found.push({ candidate, distance, order: order++ });
  }
  found.sort((a, b) => a.distance - b.distance || a.order - b.order);
  return [...new Set(found.map((f) => f.candidate))].slice(0, 3);
}

function folded(name: string): string {
  return name
    .slice(0, COMPARED_LENGTH)
    .toLowerCase()
    .replace(/[\s_./:-]+/g, "");
}

/** Edits from one name to the other, or null when they are not alike. */
function nameDistance(wanted: string, candidate: string): number | null {
  if (candidate === "") return null;
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  if (wanted.length > 2 && candidate.includes(wanted)) return limit;
  if (Math.abs(wanted.length - candidate.length) > limit) return null;
  const distance = editDistance(wanted, candidate);
  return distance <= limit ? distance : null;
}

/** Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let beforeLast = new Uint8Array(b.length + 1);
  let last = Uint8Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = new Uint8Array(b.length + 1);
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2]! + 1);
      }
      row[j] = best;
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}

/** A pattern in which `*` stands for any text, as a test of whole names. */
export function matcherOf(pattern: string): (name: string) => boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const whole = new RegExp(`^${escaped.join(".*")}$`, "s");
  return (name) => whole.test(name);
}

/** A share as people say it: `3.2 %`. */
export const percentText = (share: number, digits = 2): string =>
  `${Number((100 * share).toPrecision(digits))} %`;
