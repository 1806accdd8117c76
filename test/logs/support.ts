/** Builders shared by the tests of the log room: logs as text, fed in as standard input or as files. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type Mapping, recognise } from "../../src/logs/columns.js";
import { type LogsRead, readLogs } from "../../src/logs/read.js";
import { type Observed, type ObservedGroup, type ObserveRequest, observe } from "../../src/logs/runs.js";
import type { Table } from "../../src/objects.js";

/** Reads a text as standard input, in chunks of the given size. */
export function readText(text: string | Uint8Array, chunkSize = Number.POSITIVE_INFINITY): Promise<LogsRead> {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkSize) chunks.push(bytes.subarray(at, at + chunkSize));
  return readLogs(["-"], { stdin: Readable.from(chunks) });
}

/** Writes files into a new folder and hands their paths, by name, to `use`; the folder is removed after. */
export async function withFiles<T>(
  files: Record<string, string | Uint8Array>,
  use: (pathOf: (name: string) => string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "scalefit-logs-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return await use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface ObserveOptions extends Partial<ObserveRequest> {
  map?: Record<string, Mapping>;
  y?: string;
}

/** Observes N, D and the loss of logs that were read. */
export function observeLogs(logs: LogsRead, options: ObserveOptions = {}): Observed {
  const { map = {}, y, ...request } = options;
  const recognised = recognise(logs.table, { map: new Map(Object.entries(map)), y });
  return observe(logs.table, recognised, {
    inputs: [
      { name: "N", from: "N" },
      { name: "D", from: "D" },
    ],
    measured: { from: "loss" },
    where: [],
    readDropped: logs.dropped,
    ...request,
  });
}

/** The one group of a text, with the warnings of all stages. */
export async function observeText(
  text: string | Uint8Array,
  options: ObserveOptions = {},
): Promise<ObservedGroup> {
  const logs = await readText(text);
  const observed = observeLogs(logs, options);
  const group = observed.groups[0]!;
  return { ...group, warnings: [...logs.warnings, ...observed.warnings, ...group.warnings] };
}

/** The texts of some columns, row by row; empty where there is no such column. */
export function rowsOf(table: Table, names: readonly string[]): string[][] {
  const columns = names.map((name) => table.columns.find((column) => column.name === name));
  return Array.from({ length: table.rows }, (_, row) => columns.map((column) => column?.text(row) ?? ""));
}

/** The error that a promise ends in; fails when it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("no error was thrown");
}
