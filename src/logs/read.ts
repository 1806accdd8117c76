/** Log files of any known format, pooled into one table. */
import { createHash } from "node:crypto";
import { InputError, UsageError } from "../errors.js";
import type { Dropped, Table, Warning } from "../objects.js";
import { listOf, nearest, quoteText } from "../text.js";
import { DropLog } from "./drops.js";
import { readBytes } from "./formats/bytes.js";
import { decode, type Encoding, encodingOf, withUnixLineEnds } from "./formats/decode.js";
import { expand, type LogUnit, passedWords } from "./formats/expand.js";
import { refuseForeign } from "./formats/foreign.js";
import type { Head, LogFormat, LogSource } from "./formats/format.js";
import { FORMATS } from "./formats/index.js";
import { PACKINGS, type Packing } from "./formats/packing.js";
import { patternFormat } from "./formats/pattern.js";
import { readSettings } from "./formats/settings.js";
import { isOfOneRun } from "./one-run.js";
import { runNames } from "./run-name.js";
import type { StepPlan } from "./step-reducer.js";
import { TableBuilder } from "./table.js";

/** Bytes by which a format is told; pipes are read on until they have given as many. */
const HEAD_BYTES = 64 * 1024;
/** Bytes one file may unpack to: an endless stream has to end somewhere. */
const MAX_BYTES = 16e9;
/** Rows that are kept as they are: enough to tell columns and to name lines by. */
const REDUCE_FROM = 50_000;

export interface ReadOptions {
  /** The id of a format; without it the content decides. */
  format?: string;
  /** What lines of text logs look like, such as `step {step} | loss {loss}`; in place of a format. */
  patterns?: readonly string[];
  /** In place of the process's own standard input. */
  stdin?: NodeJS.ReadableStream;
  signal?: AbortSignal;
  /** Told how many bytes were read, piece by piece. */
  onBytes?: (bytes: number) => void;
  /** Finds the columns by which step rows are reduced to runs while they are read; null when they are to stay. */
  reduce?: (table: Table) => StepPlan | null;
  /** Rows from which on that is done. */
  reduceFrom?: number;
}

/** A file that was read: its name as given, its format, and the digest of its bytes as they are on disk. */
export interface LogFile {
  name: string;
  format: string;
  /** The format in words. */
  title: string;
  sha256: string;
  bytes: number;
  /** Rows that came from it, those that were reduced to runs included. */
  rows: number;
}

export interface LogsRead {
  table: Table;
  /** What is to be said of the files as such. */
  warnings: Warning[];
  /** Rows that are not in the table, because the file is broken there. */
  dropped: Dropped[];
  sources: LogFile[];
}

/**
 * Reads logs into one table. Columns of the same name are united; with several files, a column `file` names each
 * row's file (unless the logs have one of that name).
 *
 * @param files  names as the user gave them; `-` is standard input
 * @throws InputError  when a file cannot be read or used
 * @throws UsageError  for an unknown format, or standard input named twice
 */
export async function readLogs(files: string[], options: ReadOptions = {}): Promise<LogsRead> {
  if (files.length === 0) {
    throw new UsageError({
      code: "no-files",
      message: "no file is named",
      hint: "name a log file, or - for standard input",
    });
  }
  if (files.filter((file) => file === "-").length > 1) {
    throw new UsageError({
      code: "stdin-twice",
      message: "standard input (-) is named twice",
      hint: "it can be read only once",
    });
  }
  const format = askedFormat(options);
  const table = new TableBuilder();
  const dropped = new DropLog();
  const warnings: Warning[] = [];
  const sources: LogFile[] = [];
  const { reduce: plan, reduceFrom: from = REDUCE_FROM } = options;
  const reduce = plan === undefined ? undefined : { from, plan };
  const { units, passedOver, folders } = await expand(files);
  const sinks = {
    table,
    dropped,
    warnings,
    runs: runNames(units.map(({ name }) => name)),
    settings: new Map(),
    reduce,
  };
  for (const unit of units) {
    const source = await readUnit(unit, format, options, sinks);
    if (source !== null) sources.push(source);
  }
  const passed = passedWords(passedOver);
  if (passed !== undefined) warnings.push({ code: "files-passed-over", message: `${passed}: not read` });
  requireSomeRead(sources, units, folders, warnings);
  return { table: table.finish(), warnings: togetherBy(warnings), dropped: dropped.list(), sources };
}

/** The format that is asked for, or null where the content decides. */
function askedFormat({ format, patterns = [] }: ReadOptions): LogFormat | null {
  if (patterns.length === 0) return format === undefined ? null : formatCalled(format);
  if (format === undefined || format === "pattern") return patternFormat(patterns);
  throw new UsageError({
    code: "pattern",
    message: `--pattern and --format ${quoteText(format)} exclude each other`,
    hint: "a pattern is a format of its own: leave out --format",
  });
}

function formatCalled(id: string): LogFormat {
  const format = FORMATS.find((candidate) => candidate.id === id);
  if (format !== undefined) return format;
  const ids = FORMATS.map((candidate) => candidate.id);
  const near = nearest(id, ids);
  throw new UsageError({
    code: "unknown-format",
    message: `there is no log format ${quoteText(id)}`,
    hint: near.length > 0 ? `did you mean ${listOf(near, "or")}?` : `the formats are ${listOf(ids)}`,
  });
}

interface Sinks {
  table: TableBuilder;
  dropped: DropLog;
  warnings: Warning[];
  /** Whether step rows may be reduced to runs. */
  reduce?: LogSource["reduce"];
  /** By the name of a file, what its run is called. */
  runs: ReadonlyMap<string, string>;
  /** Files of settings that were read: one may lie beside many logs. */
  settings: Map<string, Awaited<ReturnType<typeof readSettings>>>;
}

/** Reads one file or run folder; null where it was only found on the way and is no log. */
async function readUnit(
  unit: LogUnit,
  forced: LogFormat | null,
  options: ReadOptions,
  sinks: Sinks,
): Promise<LogFile | null> {
  const before = sinks.table.rows;
  const omittedBefore = sinks.table.omittedRows;
  const droppedBefore = sinks.dropped.count;
  try {
    const read =
      unit.folder === null
        ? await readFile(unit.name, forced, options, sinks)
        : await readFolder(unit.name, unit.folder, options, sinks);
    if (sinks.table.rows === before && sinks.dropped.count > droppedBefore)
      throw nothingLeft(unit.name, sinks);
    if (sinks.table.rows > before) await addSettings(unit, sinks);
    return { ...read, rows: sinks.table.rows - before + sinks.table.omittedRows - omittedBefore };
  } catch (error) {
    if (!unit.isFound || !(error instanceof InputError) || sinks.table.rows > before) throw error;
    if (sinks.table.lastFile === unit.name) sinks.table.forgetFile();
    const { line } = error.place;
    const where = line === undefined ? "" : ` (line ${line})`;
    const message = `not read: ${error.message}${where}`;
    sinks.warnings.push({ code: "file-skipped", message, file: unit.name });
    return null;
  }
}

/** What is to be said of several files in the same words is said once. */
function togetherBy(warnings: readonly Warning[]): Warning[] {
  const alike = new Map<string, Warning[]>();
  for (const warning of warnings) {
    const key = `${warning.code}\n${warning.message}\n${warning.lines === undefined ? "" : warning.file}`;
    const same = alike.get(key);
    if (same === undefined) alike.set(key, [warning]);
    else same.push(warning);
  }
  return [...alike.values()].map((same) => {
    const files = new Set(same.map(({ file }) => file));
    if (files.size < 2) return same[0]!;
    const { code, message } = same[0]!;
    return { code, message: `${files.size} files: ${message}` };
  });
}

/** All that a file holds was broken. */
function nothingLeft(file: string, { dropped }: Sinks): InputError {
  const last = dropped.list().findLast((entry) => entry.file === file);
  return new InputError({
    code: "no-rows",
    message: "no row of it can be read",
    why: last?.reason,
    hint: "check that the program that wrote it has finished",
    file,
    line: last?.lines[0],
  });
}

/** A folder that is one run: its files are digested together, in their order. */
async function readFolder(
  name: string,
  { format, files }: NonNullable<LogUnit["folder"]>,
  options: ReadOptions,
  sinks: Sinks,
): Promise<Omit<LogFile, "rows">> {
  const hash = createHash("sha256");
  let bytes = 0;
  const text = async (file: string): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of readBytes(`${name}/${file}`, undefined, options.signal)) chunks.push(chunk);
    const whole = Buffer.concat(chunks);
    hash.update(`${file}\n`).update(whole);
    bytes += whole.length;
    return whole.toString("utf8");
  };
  sinks.table.beginFile(name);
  await format.read({ name, run: sinks.runs.get(name) ?? name, files, text, ...sinks });
  return { name, format: format.id, title: format.title, sha256: hash.digest("hex"), bytes };
}

/** Settings beside a log hold for the whole of it, where it is the log of one run and does not say them itself. */
async function addSettings(
  { settings: paths }: LogUnit,
  { table, warnings, settings: known }: Sinks,
): Promise<void> {
  if (paths.length === 0 || !isOfOneRun(table)) return;
  for (const path of paths.toReversed()) {
    const read = known.get(path) ?? (await readSettings(path));
    known.set(path, read);
    const { settings, warnings: said } = read;
    warnings.push(...said);
    for (const [name, value] of settings) table.setForFile(table.column(name), value);
    if (settings.size > 0)
      warnings.push({
        code: "settings",
        message: `${settings.size} settings are joined to the log beside it`,
        file: path,
      });
  }
}

/** @throws InputError where folders or patterns were named and nothing in them is a log */
function requireSomeRead(
  sources: readonly LogFile[],
  units: readonly LogUnit[],
  folders: readonly string[],
  warnings: readonly Warning[],
): void {
  if (sources.length > 0 || units.length === 0) return;
  const first = warnings.find(({ code }) => code === "file-skipped");
  throw new InputError({
    code: "no-logs",
    message: `none of the ${units.length} files can be read as a log`,
    why: first === undefined ? undefined : `the first, ${first.file}, is ${first.message}`,
    hint: "name one of them by itself to see what is wrong with it",
    file: folders[0] ?? units[0]!.name,
  });
}

async function readFile(
  name: string,
  forced: LogFormat | null,
  options: ReadOptions,
  sinks: Sinks,
): Promise<Omit<LogFile, "rows">> {
  const tap = new Tap(readBytes(name, options.stdin, options.signal), options.onBytes);
  const raw = await peek(tap.bytes());
  try {
    refuseEmpty(name, raw.head);
    const packing = PACKINGS.find(({ matches }) => matches(raw.head)) ?? null;
    if (packing === null) return { ...(await readContent(name, raw, forced, null, sinks)), ...tap.finish() };
    const unpacked = await peek(bounded(name, packing.unpack(name, raw.bytes)));
    try {
      refuseEmpty(name, unpacked.head);
      return { ...(await readContent(name, unpacked, forced, packing, sinks)), ...tap.finish() };
    } finally {
      await unpacked.close();
    }
  } finally {
    await raw.close();
  }
}

async function readContent(
  name: string,
  content: Peeked,
  forced: LogFormat | null,
  packing: Packing | null,
  sinks: Sinks,
): Promise<{ name: string; format: string; title: string }> {
  const encoding = encodingOf(content.head);
  const head = headOf(name, sinks.runs.get(name) ?? name, content, encoding);
  refuseForeign(head);
  const format = forced ?? FORMATS.find((candidate) => candidate.matches(head));
  if (format === undefined) throw unknownContent(head, encoding);
  noteSurprises(name, format, encoding, packing, sinks.warnings);
  sinks.table.beginFile(name);
  const { bytes } = content;
  await format.read({
    head,
    bytes: () => bytes,
    text: () => decode(bytes, encoding ?? "utf-8", name, sinks.warnings),
    ...sinks,
  });
  return { name, format: format.id, title: format.title };
}

/** Counts and digests the bytes that pass. */
class Tap {
  readonly #hash = createHash("sha256");
  readonly #source: AsyncIterable<Uint8Array>;
  #count = 0;

  readonly #onBytes: ((bytes: number) => void) | undefined;

  constructor(source: AsyncIterable<Uint8Array>, onBytes?: (bytes: number) => void) {
    this.#source = source;
    this.#onBytes = onBytes;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#source) {
      this.#hash.update(chunk);
      this.#count += chunk.length;
      this.#onBytes?.(chunk.length);
      yield chunk;
    }
  }

  finish(): { sha256: string; bytes: number } {
    return { sha256: this.#hash.digest("hex"), bytes: this.#count };
  }
}

interface Peeked {
  head: Uint8Array;
  isWhole: boolean;
  /** The whole stream, head included. */
  bytes: AsyncGenerator<Uint8Array>;
  /** Lets go of the stream, however far it was read: an open pipe would keep the process waiting. */
  close(): Promise<unknown>;
}

/** Looks at the beginning of a stream without using it up. */
async function peek(source: AsyncGenerator<Uint8Array>): Promise<Peeked> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isWhole = false;
  while (size < HEAD_BYTES && !isWhole) {
    const next = await source.next();
    if (next.done) isWhole = true;
    else {
      chunks.push(next.value);
      size += next.value.length;
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* chunks;
    if (!isWhole) yield* source;
  }
  const head = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
  return { head, isWhole, bytes: all(), close: () => source.return(undefined) };
}

async function* bounded(name: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new InputError({
        code: "too-large",
        message: `the file unpacks to more than ${MAX_BYTES / 1e9} GB`,
        hint: "keep the final row of each run, and read that file",
        file: name,
      });
    }
    yield chunk;
  }
}

function refuseEmpty(name: string, head: Uint8Array): void {
  if (head.length > 0) return;
  throw new InputError({
    code: "empty",
    message: name === "-" ? "standard input is empty" : "the file is empty",
    hint: "check that the program that wrote it has finished",
    file: name,
  });
}

function headOf(name: string, run: string, peeked: Peeked, encoding: Encoding | null): Head {
  const bytes = peeked.head;
  const text = encoding === null ? "" : withUnixLineEnds(new TextDecoder(encoding).decode(bytes));
  return { name, run, bytes, text, isWhole: peeked.isWhole };
}

function unknownContent(head: Head, encoding: Encoding | null): InputError {
  if (encoding === null) {
    return new InputError({
      code: "binary",
      message: "this is not text: it holds NUL bytes or other binary data",
      hint: "name a log in CSV, JSON lines, Parquet or TensorBoard events; UTF-16 or other encodings: convert with iconv -t utf-8",
      file: head.name,
    });
  }
  return new InputError({
    code: "no-rows",
    message: "the file is empty but for blank lines: there are no rows",
    hint: "check that the program that wrote it has finished",
    file: head.name,
  });
}

/** Says so when content and name tell different stories. */
function noteSurprises(
  file: string,
  format: LogFormat,
  encoding: Encoding | null,
  packing: Packing | null,
  warnings: Warning[],
): void {
  const promisedPacking = PACKINGS.find(({ endings }) => endings.test(file));
  const inner = promisedPacking === undefined ? file : file.replace(/\.[^.]*$/, "");
  const kind = KINDS.find(({ ending }) => ending.test(inner))?.kind;
  if (kind !== undefined && !(format.kinds ?? ["json"]).includes(kind)) {
    warnings.push({ code: "content", message: `read as ${format.title}, which is what it holds`, file });
  }
  if (packing !== null && promisedPacking !== packing && file !== "-") {
    warnings.push({
      code: "content",
      message: `unpacked: it is ${packing.title}, whatever its name says`,
      file,
    });
  }
  if (promisedPacking !== undefined && packing === null) {
    warnings.push({
      code: "content",
      message: `read as it is: it is not ${promisedPacking.title}, whatever its name says`,
      file,
    });
  }
  if (encoding !== null && encoding !== "utf-8" && format.isBinary !== true) {
    warnings.push({ code: "encoding", message: `read as ${encoding.toUpperCase()} text`, file });
  }
}

/** Endings of file names that promise a kind of format: any other is said. */
const KINDS = [
  { ending: /\.(?:csv|tsv)$/i, kind: "table" },
  { ending: /\.jsonl?$/i, kind: "json" },
  { ending: /\.parquet$/i, kind: "parquet" },
] as const;
