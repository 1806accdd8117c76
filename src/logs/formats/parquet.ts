/**
 * Parquet: a table of typed columns. Rows are decoded some thousands at a time; the packed bytes of the file stay in
 * memory meanwhile, because its index stands at its end.
 */
import type { Compressors, FileMetaData, ParquetParsers, SchemaTree } from "hyparquet";
import { InputError } from "../../errors.js";
import { listOf, quoteText } from "../../text.js";
import { ByteChunks } from "./byte-chunks.js";
import type { LogFormat, LogSource } from "./format.js";
import { isLong, readLong } from "./long-metrics.js";
import { faultOfIndex, faultOfPages } from "./parquet-sound.js";

/** Cells that are decoded at once. A page is decoded whole, however few of its rows are asked for. */
const BATCH_CELLS = 2_000_000;
const BATCH_ROWS = 4096;
/** Nesting that is followed; what lies deeper is kept as text under its path. */
const MAX_DEPTH = 40;
/** Characters kept of a list. */
const MAX_LIST = 200;

export const parquet: LogFormat = {
  id: "parquet",
  title: "Parquet",
  isBinary: true,
  kinds: ["parquet"],
  matches: ({ bytes }) => MAGIC.every((byte, i) => bytes[i] === byte),
  async read(source) {
    const { name } = source.head;
    const file = await ByteChunks.of(source.bytes(), name);
    try {
      await readRows(source, file);
    } catch (error) {
      throw error instanceof InputError ? error : parquetFault(name, file, error);
    }
  },
};

/** `PAR1`, the first and the last four bytes. */
const MAGIC = [0x50, 0x41, 0x52, 0x31] as const;

async function readRows(source: LogSource, file: ByteChunks): Promise<void> {
  const [{ parquetMetadataAsync, parquetSchema }, { parquetHeader }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet/src/column.js"),
    import("hyparquet-compressors"),
  ]);
  const { name } = source.head;
  if (!endsWithMagic(file)) throw noIndex(name, file);
  const metadata = plainDecimals(await parquetMetadataAsync(file, { parsers: PARSERS, geoparquet: false }));
  const schema = parquetSchema(metadata);
  const pages = { header: parquetHeader, compressors, schema };
  const fault = faultOfIndex(metadata, file.byteLength) ?? faultOfPages(metadata, file, pages);
  if (fault !== null) throw damaged(name, fault);
  if (metadata.num_rows === 0n) throw noRows(name);
  const read = (rows: LogSource) => decodeRows(rows, schema, { file, metadata, compressors });
  const isOfMetrics = isLong(schema.children.map(({ element }) => element.name));
  if (!isOfMetrics) return read(source);
  const message = "it has one metric value a row: read as a row a run and step, a column a metric";
  source.warnings.push({ code: "long-metrics", message, file: name });
  await readLong(source, read);
}

interface Packed {
  file: ByteChunks;
  metadata: FileMetaData;
  compressors: Compressors;
}

async function decodeRows(source: LogSource, schema: SchemaTree, packed: Packed): Promise<void> {
  const { parquetRead } = await import("hyparquet");
  const cells = new Cells(source, schema);
  let line = 1;
  const onComplete = (batch: readonly unknown[][]) => {
    for (const row of batch) cells.addRow(row, line++);
  };
  const settings = { ...packed, parsers: PARSERS, utf8: false, geoparquet: false };
  for (const [rowStart, rowEnd] of batches(packed.metadata))
    await parquetRead({ ...settings, rowStart, rowEnd, onComplete });
  cells.end();
}

/** Ranges of rows, none over the end of a group of rows: a group is what can be decoded by itself. */
function* batches(metadata: FileMetaData): Generator<[start: number, end: number]> {
  const columns = metadata.row_groups[0]?.columns.length ?? 1;
  const size = Math.max(BATCH_ROWS, Math.floor(BATCH_CELLS / Math.max(1, columns)));
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    for (; start < end; start = Math.min(end, start + size)) yield [start, Math.min(end, start + size)];
  }
}

function endsWithMagic(file: ByteChunks): boolean {
  const end = new Uint8Array(file.slice(Math.max(0, file.byteLength - MAGIC.length)));
  return file.byteLength >= 12 && MAGIC.every((byte, i) => end[i] === byte);
}

/** The reader knows decimals by the older of the two marks that the format has for them. */
function plainDecimals(metadata: FileMetaData): FileMetaData {
  for (const element of metadata.schema) {
    if (element.logical_type?.type !== "DECIMAL") continue;
    element.converted_type ??= "DECIMAL";
    element.scale ??= element.logical_type.scale;
  }
  return metadata;
}

/** Times as ISO texts with all their digits; texts of JSON as what they hold, where they can be read. */
const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => isoTime(BigInt(millis) * 1_000_000n),
  timestampFromMicroseconds: (micros) => isoTime(BigInt(micros) * 1000n),
  timestampFromNanoseconds: (nanos) => isoTime(BigInt(nanos)),
  dateFromDays: (days) => isoTime(BigInt(days) * 86_400_000_000_000n)?.slice(0, 10),
  jsonFromBytes: (bytes) => {
    const text = utf8(bytes);
    if (text === null) return bytes;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
};

/** A time in nanoseconds since 1970 as `2024-05-01T12:00:00.123456789Z`, without zeros at its end. */
function isoTime(nanos: bigint): string | undefined {
  const billion = 1_000_000_000n;
  const rest = ((nanos % billion) + billion) % billion;
  const date = new Date(Number((nanos - rest) / 1_000_000n));
  if (Number.isNaN(date.getTime())) return undefined;
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  return `${date.toISOString().slice(0, -5)}${fraction}Z`;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function utf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Puts decoded values as texts into a table: fields of a structure as columns of their own, lists as JSON. */
class Cells {
  readonly #source: LogSource;
  /** Places of the columns that the file has at its top, in its order. */
  readonly #top: { name: string; place: number; isNested: boolean }[] = [];
  /** Decimals of the columns that have a fixed number of them, by path. */
  readonly #scales = new Map<string, number>();
  readonly #skipped = new Map<string, number>();

  constructor(source: LogSource, schema: SchemaTree) {
    this.#source = source;
    const seen = new Map<string, number>();
    for (const child of schema.children) {
      const { name } = child.element;
      const occurrence = seen.get(name) ?? 0;
      seen.set(name, occurrence + 1);
      // a structure has no cells of its own: its fields become columns when one is met
      const isNested = child.children.length > 0;
      this.#top.push({ name, isNested, place: isNested ? -1 : source.table.column(name, occurrence) });
      this.#noteScales(child, name);
    }
    this.#noteTwice([...seen].filter(([, count]) => count > 1).map(([name]) => name));
  }

  addRow(values: readonly unknown[], line: number): void {
    for (const [i, { name, place, isNested }] of this.#top.entries()) {
      const value = values[i];
      if (value === null || value === undefined) continue;
      if (isNested || typeof value === "object") this.#put(name, value, 1);
      else if (typeof value === "number" && !this.#scales.has(name))
        this.#source.table.setNumber(place, value);
      else this.#source.table.set(place, textOf(value, this.#scales.get(name)));
    }
    this.#source.table.endRow(line);
  }

  end(): void {
    if (this.#skipped.size === 0) return;
    const count = [...this.#skipped.values()].reduce((sum, cells) => sum + cells, 0);
    const columns = [...this.#skipped.keys()].slice(0, 5).map((path) => quoteText(path, 40));
    this.#source.warnings.push({
      code: "binary-cells",
      message: `${count} ${count === 1 ? "cell holds" : "cells hold"} bytes that are no text and ${count === 1 ? "is" : "are"} left empty, in ${this.#skipped.size === 1 ? "column" : "columns"} ${listOf(columns)}`,
      file: this.#source.head.name,
    });
  }

  #put(path: string, value: unknown, depth: number): void {
    if (value === null || value === undefined) return;
    if (value instanceof Uint8Array) this.#putBytes(path, value);
    else if (typeof value !== "object") this.#set(path, textOf(value, this.#scales.get(path)));
    else if (Array.isArray(value) || ArrayBuffer.isView(value)) this.#set(path, listText(value));
    else if (depth >= MAX_DEPTH) this.#set(path, listText(value));
    else for (const [key, inner] of Object.entries(value)) this.#put(`${path}.${key}`, inner, depth + 1);
  }

  #putBytes(path: string, bytes: Uint8Array): void {
    const text = utf8(bytes);
    if (text !== null && !text.includes("\0")) this.#set(path, text);
    else this.#skipped.set(path, (this.#skipped.get(path) ?? 0) + 1);
  }

  #set(path: string, text: string): void {
    this.#source.table.set(this.#source.table.column(path), text);
  }

  #noteScales(node: SchemaTree, path: string): void {
    if (node.element.converted_type === "DECIMAL") this.#scales.set(path, node.element.scale ?? 0);
    for (const child of node.children) this.#noteScales(child, `${path}.${child.element.name}`);
  }

  #noteTwice(names: readonly string[]): void {
    if (names.length === 0) return;
    const shown = listOf(names.slice(0, 5).map((name) => quoteText(name, 40)));
    this.#source.warnings.push({
      code: "same-name",
      message: `several columns are called ${shown}: the values of the first are read for each of them`,
      file: this.#source.head.name,
    });
  }
}

/** @param scale  decimals of a number with a fixed count of them: the reader's product with 10^-scale is rounded off */
function textOf(value: unknown, scale: number | undefined): string {
  if (scale === undefined || typeof value !== "number" || scale > 100) return String(value);
  return value.toFixed(Math.max(0, scale));
}

function listText(value: object): string {
  const list = ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
  const text = JSON.stringify(list, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return utf8(inner) ?? "(bytes)";
    return typeof inner === "bigint" ? Number(inner) : inner;
  });
  return text.slice(0, MAX_LIST);
}

function noRows(name: string): InputError {
  return new InputError({
    code: "no-rows",
    message: "there are no rows: the file has only columns",
    hint: "check that the program that wrote it has finished",
    file: name,
  });
}

function noIndex(name: string, file: ByteChunks): InputError {
  const start = new Uint8Array(file.slice(0, MAGIC.length));
  if (MAGIC.some((byte, i) => start[i] !== byte)) {
    return new InputError({
      code: "not-parquet",
      message: "this is no Parquet file: it does not begin with PAR1",
      hint: "leave --format out: the content tells the format",
      file: name,
    });
  }
  return new InputError({
    code: "parquet",
    message: "the Parquet file is truncated: its index, which stands at its end, is missing",
    why: "the program that wrote it was stopped, or a copy was cut short",
    hint: "write or fetch the file again; without its index no row of it can be read",
    file: name,
  });
}

function damaged(name: string, why: string, cause?: unknown): InputError {
  return new InputError({
    code: "parquet",
    message: "the Parquet file is damaged",
    why,
    hint: "write or fetch the file again; test it with another Parquet reader",
    file: name,
    cause,
  });
}

/** A fault that the library met, in its words. */
function parquetFault(name: string, file: ByteChunks, error: unknown): InputError {
  const words = error instanceof Error ? error.message : String(error);
  return damaged(name, `reading its ${file.byteLength} bytes failed: ${words}`, error);
}
