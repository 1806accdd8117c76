import type { Dropped } from "../objects.js";
import { quoteText } from "../text.js";

/** Physical lines named per entry, as the contract says. */
const LINES_SHOWN = 20;
/** Different cells shown per entry: enough for every way in which a value is usually missing. */
const EXAMPLES_SHOWN = 8;

interface Entry {
  file: string;
  code: string;
  reason: string;
  count: number;
  lines: number[];
  examples: Set<string>;
  hasMoreExamples: boolean;
}

/** Counts rows that are not used, one entry per file, code and reason. */
export class DropLog {
  readonly #entries = new Map<string, Entry>();

  /**
   * Counts one row.
   *
   * @param example  the offending cell as found; it is shown escaped and shortened with the reason
   */
  add(file: string, line: number, code: string, reason: string, example?: string): void {
    const key = JSON.stringify([file, code, reason]);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { file, code, reason, count: 0, lines: [], examples: new Set(), hasMoreExamples: false };
      this.#entries.set(key, entry);
    }
    entry.count++;
    if (entry.lines.length < LINES_SHOWN) entry.lines.push(line);
    if (example !== undefined) noteExample(entry, example);
  }

  /** Counts many rows of one kind at once. @param lines  the first of them, ascending */
  addMany(file: string, lines: readonly number[], count: number, code: string, reason: string): void {
    const [first, ...rest] = lines;
    if (first === undefined || count < 1) return;
    this.add(file, first, code, reason);
    const entry = this.#entries.get(JSON.stringify([file, code, reason]))!;
    entry.count += count - 1;
    // the first of all lines, whichever were counted one by one before
    if (!entry.lines.includes(first)) entry.lines.push(first);
    entry.lines = [...entry.lines, ...rest].sort((a, b) => a - b).slice(0, LINES_SHOWN);
  }

  get count(): number {
    let sum = 0;
    for (const entry of this.#entries.values()) sum += entry.count;
    return sum;
  }

  /** All entries, in the order in which their first rows were met; lines ascend. */
  list(): Dropped[] {
    return [...this.#entries.values()].map(
      ({ file, code, reason, count, lines, examples, hasMoreExamples }) => {
        const shown = [...examples].join(", ") + (hasMoreExamples ? ", ..." : "");
        return {
          file,
          code,
          reason: shown === "" ? reason : `${reason}: ${shown}`,
          count,
          lines: lines.toSorted((a, b) => a - b),
        };
      },
    );
  }
}

function noteExample(entry: Entry, example: string): void {
  const shown = example.trim() === "" ? "empty" : quoteText(example.trim(), 40);
  if (entry.examples.has(shown)) return;
  if (entry.examples.size < EXAMPLES_SHOWN) entry.examples.add(shown);
  else entry.hasMoreExamples = true;
}
