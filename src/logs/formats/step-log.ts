/**
 * What the text logs of trainers have in common: lines taken one by one, rows collected by step, settings that hold
 * for the whole file, and a count of the lines that are other text.
 */
import { stripVTControlCharacters } from "node:util";
import { InputError } from "../../errors.js";
import type { Warning } from "../../objects.js";
import { listOf, quoteText } from "../../text.js";
import { type Head, type LogSource, MAX_RECORD } from "./format.js";

/** A column's name and the cell's text. */
export type Cell = readonly [name: string, text: string];

/** Reads the lines of one file. */
export interface LineReader {
  /** Whether the line was of use; without colours and blanks at its end, `number` counts from 1. */
  line(text: string, number: number): boolean;
  /** After the last line, before the settings are handed on. */
  end?(): void;
}

export interface StepLogWords {
  /** Whose log it is: `nanoGPT`. */
  of: string;
  /** The column of the step, in the file's word; null where lines have none: then each may be of another run. */
  step: string | null;
  /** Whether the reader names the runs; otherwise the file is one run, called as the file is. */
  namesRuns?: boolean;
  /** Columns whose later value counts where a step is logged on several lines (times). */
  restated?: readonly string[];
}

/**
 * Reads a text log: each line goes to the reader, which puts cells into rows by step.
 *
 * @throws InputError  when no line is of a step, or a line is too long to be one
 */
export async function readStepLog(
  source: LogSource,
  words: StepLogWords,
  makeReader: (rows: StepRows) => LineReader,
): Promise<void> {
  const rows = new StepRows(source, words);
  const reader = makeReader(rows);
  let others = 0;
  let count = 0;
  let pending = "";
  let isLastOfUse = false;
  const take = (text: string): void => {
    count++;
    const line = withoutColours(text).trimEnd();
    if (line === "") return;
    isLastOfUse = reader.line(line, count);
    if (!isLastOfUse && /[\p{L}\p{N}]/u.test(line)) others++;
  };
  for await (const chunk of source.text()) {
    const lines = (pending + chunk).split("\n");
    pending = lines.pop()!;
    for (const line of lines) take(line);
    if (pending.length > MAX_RECORD) throw tooLong(source.head.name, count + 1);
  }
  const isCutPossible = pending !== "";
  if (isCutPossible) take(pending);
  reader.end?.();
  rows.finish();
  const { name: file } = source.head;
  if (rows.count === 0) throw noSteps(file, words.of, count);
  if (isCutPossible && isLastOfUse) {
    const message = "the last line has no line end: if it was cut off, so is its last number";
    source.warnings.push({ code: "no-line-end", message, file, lines: [count] });
  }
  if (others > 0) source.warnings.push({ code: "other-lines", message: skippedWords(others), file });
}

const skippedWords = (count: number): string =>
  count === 1 ? "1 line of other text skipped" : `${grouped(count)} lines of other text skipped`;

/** Settings named where several change within a file. */
const SETTINGS_NAMED = 5;

/** The row at hand and the settings of one file. Only one row is in memory. */
export class StepRows {
  readonly #source: LogSource;
  readonly #stepName: string | null;
  readonly #isOneRun: boolean;
  readonly #restated: ReadonlySet<string>;
  readonly #settings = new Map<string, string>();
  readonly #changed = new Set<string>();
  readonly #cells = new Map<string, string>();
  #step: string | null = null;
  #line = 0;
  #count = 0;

  constructor(source: LogSource, { step, restated, namesRuns }: StepLogWords) {
    this.#source = source;
    this.#isOneRun = step !== null && namesRuns !== true;
    this.#stepName = step;
    this.#restated = new Set(restated);
  }

  /** Rows begun so far. */
  get count(): number {
    return this.#count;
  }

  /** The step of the row at hand; null before the first. */
  get step(): string | null {
    return this.#step;
  }

  /**
   * Puts the cells of a line into the row of its step. A step that the row at hand has not, or a value that differs
   * from one that it has (the step is logged again), begins a new row.
   */
  add(step: string, line: number, cells: Iterable<Cell>): void {
    const wanted = step.replace(/^0+(?=\d)/, "");
    const filled = [...cells].filter(([, text]) => text !== "");
    if (filled.length === 0) return;
    if (this.#step !== wanted || filled.some((cell) => this.#contradicts(cell))) {
      this.#flush();
      this.#step = wanted;
      this.#line = line;
      this.#count++;
    }
    for (const [name, text] of filled) this.#cells.set(name, text);
  }

  #contradicts([name, text]: Cell): boolean {
    if (this.#restated.has(name)) return false;
    return (this.#cells.get(name) ?? text) !== text;
  }

  /** A value that holds for the whole file; of several the last, and that is said. */
  setting(name: string, text: string): void {
    if (text === "") return;
    const before = this.#settings.get(name);
    if (before !== undefined && before !== text) this.#changed.add(name);
    this.#settings.set(name, text);
  }

  settingOf(name: string): string | undefined {
    return this.#settings.get(name);
  }

  /** After the last line. */
  finish(): void {
    this.#flush();
    if (this.#count === 0) return;
    const { table, warnings, head } = this.#source;
    for (const [name, text] of this.#settings) table.setForFile(table.column(name), text);
    if (this.#changed.size === 0) return;
    const names = [...this.#changed].slice(0, SETTINGS_NAMED).map((name) => quoteText(name, 40));
    if (this.#changed.size > names.length) names.push(`${this.#changed.size - names.length} more`);
    const message = `settings change within the file: ${listOf(names)}; the last values are taken for all its rows`;
    warnings.push({ code: "settings-change", message, file: head.name });
  }

  #flush(): void {
    if (this.#step === null || this.#cells.size === 0) return;
    const { table, head } = this.#source;
    if (this.#isOneRun) table.setForFile(table.column("run"), head.run);
    if (this.#stepName !== null) table.set(table.column(this.#stepName), this.#step);
    for (const [name, text] of this.#cells) table.set(table.column(name), text);
    table.endRow(this.#line);
    this.#cells.clear();
  }
}

/** Colours whose escape character got lost in a copy. */
const BARE_COLOURS = /\[\d{1,3}(?:;\d{1,3}){0,8}m/g;

/** A line without colours and other commands to a terminal. */
export function withoutColours(text: string): string {
  const plain = text.includes("\u001b") ? stripVTControlCharacters(text) : text;
  return plain.includes("[") ? plain.replace(BARE_COLOURS, "") : plain;
}

/**
 * A line without what launchers put before it: ranks (`0: `, `[rank0]:`, `[default7]: `), times in brackets, names of
 * nodes.
 */
export function withoutPrefix(text: string): string {
  let rest = text.trimStart();
  for (let i = 0; i < PREFIXES; i++) {
    const length = PREFIX.exec(rest)?.[0].length ?? 0;
    if (length === 0) return rest;
    rest = rest.slice(length).trimStart();
  }
  return rest;
}

const PREFIXES = 6;
const PREFIX = /^(?:\[[^\][]{0,80}\]:?|[\w.-]{1,80}:(?=\s)|\d{4}-\d\d-\d\d[T ][\d:.,]{5,20}Z?)/;

/** `8,030,261,248` as `8030261248`; other texts as they are. For programs that are known to print so. */
export function withoutThousands(text: string): string {
  return /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(text) ? text.replaceAll(",", "") : text;
}

/** A decimal with its point moved to the right (`places` > 0) or to the left, exactly; other texts as they are. */
export function shifted(text: string, places: number): string {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (match === null) return text;
  const [, sign, whole, fraction = ""] = match;
  const zeros = "0".repeat(Math.max(0, 1 - whole!.length - places));
  const digits = zeros + whole + fraction.padEnd(places, "0");
  const point = zeros.length + whole!.length + places;
  const integer = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const rest = digits.slice(point).replace(/0+$/, "");
  return `${sign}${integer}${rest === "" ? "" : `.${rest}`}`;
}

/** Tokens after a step, where the program says once how many each step takes; empty where it does not. */
export function tokensAfter(step: string, perStep: string | undefined): string {
  const tokens = Number(step) * Number(perStep ?? Number.NaN);
  return Number.isSafeInteger(tokens) ? String(tokens) : "";
}

/** What is said of such tokens. */
export function tokensComputed(file: string, perStep: string): Warning {
  const message = `the log does not count tokens: the column "tokens" is step x ${perStep}`;
  return { code: "tokens-computed", message, file };
}

/** `1204` as `1,204`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Whether the head can be a log of lines at all: JSON that quotes such lines is not one. */
export function isLines(head: Head): boolean {
  return head.text !== "" && !/^\s*(?:\{\s*"|\[\s*[[{"\]])/.test(head.text);
}

function tooLong(file: string, line: number): InputError {
  return new InputError({
    code: "line-too-long",
    message: `line ${line} has more than ${MAX_RECORD / 1e6} million characters`,
    hint: "look at that line; a log has one step a line",
    file,
    line,
  });
}

function noSteps(file: string, of: string, lines: number): InputError {
  return new InputError({
    code: "no-rows",
    message: `there are no steps: none of the ${grouped(lines)} lines is one that ${of} logs for a step`,
    why: "the training may have stopped before its first logged step",
    hint: "name the log of a run that trained; lines of another form are read with --pattern",
    file,
  });
}
