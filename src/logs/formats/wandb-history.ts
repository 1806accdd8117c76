/**
 * The history of Weights & Biases runs: one run as its API gives it (`_step`, `_runtime`, ...), as CSV or as JSON
 * lines, or a chart as the web interface exports it, with columns `<run> - <metric>`, `...__MIN` and `...__MAX`.
 */
import { plainName } from "../names.js";
import { csvHeader, firstCsvRows, readCsv } from "./csv.js";
import type { Head, LogFormat, LogSource } from "./format.js";
import { keysOfFirstLine, readJsonLines } from "./json-lines.js";
import { isBound, WandbChart } from "./wandb-chart.js";

export const wandbHistory: LogFormat = {
  id: "wandb-history",
  title: "a Weights & Biases history",
  kinds: ["table", "json"],
  matches(head) {
    const names = csvHeader(head) ?? keysOfFirstLine(head) ?? [];
    if (isChart(names)) return true;
    return names.length > 1 && names.includes("_step") && isRising(stepsIn(head));
  },
  async read(source) {
    const header = csvHeader(source.head);
    if (header === null) {
      nameTheRun(source, keysOfFirstLine(source.head) ?? []);
      await readJsonLines(source, { columnOf: (path) => (path.startsWith("_wandb.") ? null : path) });
    } else if (isChart(header)) await readChart(source);
    else {
      nameTheRun(source, header);
      await readCsv(source);
    }
  },
};

async function readChart(source: LogSource): Promise<void> {
  const chart = new WandbChart(source);
  await readCsv(source, chart);
  chart.end();
}

const isChart = (names: readonly string[]): boolean =>
  names.some((name) => isBound(name) && name.includes(" - "));

/** Rows looked at to tell a history from a table of runs, each with its last step. */
const LOOKED_AT = 30;

function stepsIn(head: Head): number[] {
  const rows = firstCsvRows(head, LOOKED_AT);
  if (rows !== null) {
    const place = rows[0]?.indexOf("_step") ?? -1;
    return rows.slice(1).map((row) => Number(row[place]));
  }
  const lines = head.text.split("\n", LOOKED_AT);
  return lines.flatMap((line) => /"_step"\s*:\s*(\d+)/.exec(line)?.[1] ?? []).map(Number);
}

const isRising = (steps: readonly number[]): boolean =>
  steps.every((step, i) => i === 0 || Number.isNaN(step) || !(step < steps[i - 1]!));

/** A history of several runs in one file has a column that tells them apart. */
function nameTheRun({ table, head }: LogSource, names: readonly string[]): void {
  if (names.some((name) => /^(?:run|run_?name|run_?id|name|id)$/.test(plainName(name)))) return;
  table.setForFile(table.column("run"), head.run);
}
