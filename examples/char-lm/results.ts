import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { LogLine, RunSummary } from "./train.js";

/** The columns of runs.csv, in order. */
const columns = [
  "run",
  "budget",
  "params",
  "params_non_embedding",
  "tokens",
  "flops",
  "val_loss",
  "train_loss",
  "seed",
  "d_model",
  "layers",
  "heads",
  "context",
  "batch_tokens",
  "steps",
  "lr",
  "seconds",
  "unique_chars",
  "corpus_chars",
  "corpus_sha256",
] as const satisfies readonly (keyof RunSummary)[];

/** Writes a finished run's log; under another name first, so that a log that exists is complete. */
export function writeLog(path: string, lines: readonly LogLine[]): void {
  writeFileSync(`${path}.part`, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  renameSync(`${path}.part`, path);
}

/**
 * Names of the runs that runs.csv holds. Runs on another corpus cannot be compared with new ones, because
 * the validation set differs too: they are an error.
 */
export function finishedRuns(path: string, corpusSha256: string): Set<string> {
  if (!existsSync(path)) return new Set();
  const rows = readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
  if (rows.some((row) => !row.endsWith(`,${corpusSha256}`))) {
    throw new Error(`${path} holds runs on another corpus than ${corpusSha256}`);
  }
  return new Set(rows.map((row) => row.slice(0, row.indexOf(","))));
}

/** Appends a row to runs.csv, with the header if the file is new. No value holds a comma or a quote. */
export function appendSummary(path: string, summary: RunSummary): void {
  if (!existsSync(path)) writeFileSync(path, `${columns.join(",")}\n`);
  appendFileSync(path, `${columns.map((column) => summary[column]).join(",")}\n`);
}
