/** Logs of lines that the user describes: `--pattern 'step {step} | loss {loss}'`. */
import { InputError, UsageError } from "../../errors.js";
import { escapeText, quoteText } from "../../text.js";
import { quantityCalled } from "../columns.js";
import type { LogFormat, LogSource } from "./format.js";
import { type LinePattern, linePattern } from "./line-pattern.js";
import { type Cell, type LineReader, readStepLog, type StepRows } from "./step-log.js";

/** Lines looked at for the nearest when none matches. */
const LINES_COMPARED = 10_000;

/**
 * The format of a log whose lines are like the patterns, of which all that match a line fill its row. Values of one
 * step are one row; lines without a step belong to the step before them, lines before the first step to that one. A
 * column that names runs holds until it names another. Without any step every line is a row.
 *
 * @param patterns  what the user gave, at least one: text as it stands in the line, `{name}` for a column, `{_}` for
 *                  anything
 * @throws UsageError  for a pattern that cannot be used
 */
export function patternFormat(patterns: readonly string[]): LogFormat {
  if (patterns.length === 0)
    throw new UsageError({ code: "pattern", message: "--pattern: there is none", hint: "write one" });
  const all = patterns.map(linePattern);
  return {
    id: "pattern",
    title: `lines like ${quoteText(patterns[0]!, 60)}`,
    matches: ({ text }) => text.trim() !== "",
    read: (source) => readPatterns(source, all),
  };
}

function readPatterns(source: LogSource, patterns: readonly LinePattern[]): Promise<void> {
  const names = patterns.flatMap((pattern) => pattern.names);
  const run = names.find((name) => quantityCalled(name) === "run");
  const step = names.find((name) => quantityCalled(name) === "step");
  const words = {
    of: "the pattern",
    step: step ?? names.find((name) => quantityCalled(name) === "epochs") ?? null,
    namesRuns: run !== undefined,
  };
  return readStepLog(source, words, (rows) => new PatternReader(source, rows, patterns, words.step));
}

class PatternReader implements LineReader {
  readonly #source: LogSource;
  readonly #rows: StepRows;
  readonly #patterns: readonly LinePattern[];
  /** Columns that are steps, in the words of any pattern; empty where every line is a row. */
  readonly #steps: ReadonlySet<string>;
  readonly #runs: ReadonlySet<string>;
  readonly #unused: Set<LinePattern>;
  #run: Cell | null = null;
  /** The step that lines without one belong to. */
  #step = "0";
  /** Values that wait for the first step, of the file or of the run just named; null within steps. */
  #early: Cell[] | null = [];
  #earlyLine = 0;
  #nearest: { text: string; line: number; score: number } | null = null;

  constructor(
    source: LogSource,
    rows: StepRows,
    patterns: readonly LinePattern[],
    stepColumn: string | null,
  ) {
    this.#source = source;
    this.#rows = rows;
    this.#patterns = patterns;
    this.#unused = new Set(patterns);
    const names = patterns.flatMap((pattern) => pattern.names);
    const meaning = stepColumn === null ? null : quantityCalled(stepColumn);
    this.#steps = new Set(names.filter((name) => meaning !== null && quantityCalled(name) === meaning));
    this.#runs = new Set(names.filter((name) => quantityCalled(name) === "run"));
  }

  line(text: string, number: number): boolean {
    const cells = new Map<string, string>();
    for (const pattern of this.#patterns) {
      const found = pattern.match(text);
      if (found === null) continue;
      this.#unused.delete(pattern);
      for (const [name, value] of found) if (!cells.has(name)) cells.set(name, value);
    }
    if (cells.size === 0) {
      if (this.#unused.size === this.#patterns.length && number <= LINES_COMPARED)
        this.#compare(text, number);
      return false;
    }
    this.#take([...cells], number);
    return true;
  }

  #take(cells: readonly Cell[], line: number): void {
    const run = cells.find(([name]) => this.#runs.has(name));
    if (run !== undefined) {
      this.#run = run;
      this.#early ??= [];
    }
    const step = cells.find(([name]) => this.#steps.has(name));
    const others = cells.filter((cell) => cell !== run && cell !== step);
    const hasSteps = this.#steps.size > 0;
    const said = step?.[1].replaceAll(",", "");
    if (hasSteps && said === undefined && this.#early !== null) {
      if (this.#early.length === 0) this.#earlyLine = line;
      this.#early.push(...others);
    } else this.#add(said ?? this.#step, line, others);
  }

  #add(step: string, line: number, cells: readonly Cell[]): void {
    const run = this.#run === null ? [] : [this.#run];
    this.#rows.add(step, line, [...(this.#early ?? []), ...cells, ...run]);
    this.#early = null;
    this.#step = step;
  }

  #compare(text: string, line: number): void {
    const score = Math.max(
      ...this.#patterns.map(
        ({ words }) => words.filter((word) => text.includes(word)).length / words.length || 0,
      ),
    );
    if (score > (this.#nearest?.score ?? 0)) this.#nearest = { text, line, score };
  }

  /** @throws InputError  when no line matches */
  end(): void {
    if (this.#early !== null && this.#early.length > 0) this.#add(this.#step, this.#earlyLine, []);
    if (this.#unused.size === this.#patterns.length) throw this.#noMatch();
    for (const { text } of this.#unused) {
      const message = `no line matches the pattern ${quoteText(text)}`;
      this.#source.warnings.push({ code: "pattern-unused", message, file: this.#source.head.name });
    }
  }

  #noMatch(): InputError {
    const nearest = this.#nearest;
    const which =
      this.#patterns.length === 1 ? `the pattern ${quoteText(this.#patterns[0]!.text)}` : "a pattern";
    const suggested = nearest === null ? null : suggestionFor(nearest.text);
    return new InputError({
      code: "no-match",
      message: `no line matches ${which}`,
      why:
        nearest === null
          ? "none has even one of its words"
          : `the nearest is line ${nearest.line}: ${quoteText(nearest.text.trim(), 100)}`,
      hint:
        suggested === null
          ? "copy a line of the log and put a name in braces in place of each value"
          : `this matches it: --pattern '${escapeText(suggested, 250)}'`,
      file: this.#source.head.name,
      line: nearest?.line,
    });
  }
}

/** A line with a name in place of each of its numbers that follow a word, if it is a pattern that matches the line. */
function suggestionFor(line: string): string | null {
  const seen = new Set<string>();
  const start = line.slice(0, 200).search(/[A-Za-z]\w*[\s:=]{1,3}[+-]?\d/);
  if (start < 0 || /[{}']/.test(line)) return null;
  const text = line
    .trim()
    .slice(Math.max(0, start - (line.length - line.trimStart().length)), start + 200)
    .replace(
      /([A-Za-z][\w/]*)([\s:=]{1,3})[+-]?\d+(?:[.,]\d+)*(?:e[+-]?\d+)?[a-z%]*(?![\w.])/gi,
      (whole, name, between) => {
        if (seen.has(name)) return whole;
        seen.add(name);
        return `${name}${between}{${name}}`;
      },
    );
  const end = text.lastIndexOf("}");
  try {
    const suggested = text.slice(0, end + 1);
    return linePattern(suggested).match(line) === null ? null : suggested;
  } catch {
    return null;
  }
}
