/**
 * MLflow's file store: a run is a folder with `meta.yaml`, `metrics/NAME` (lines of `timestamp value step`, times in
 * milliseconds) and `params/NAME` (the value). Source: mlflow, mlflow/store/tracking/file_store.py.
 */
import { InputError } from "../../errors.js";
import type { FolderFormat, FolderSource } from "./format.js";

export const mlflow: FolderFormat = {
  id: "mlflow",
  title: "an MLflow run folder",
  claims: (entries) => entries.has("meta.yaml") && (entries.has("metrics") || entries.has("params")),
  async read(source) {
    const meta = await readMeta(source);
    const run = meta.get("run_name") || (await tagOf(source, "mlflow.runName")) || source.run;
    const { table } = source;
    table.setForFile(table.column("run"), run);
    const status = STATUS[Number(meta.get("status"))] ?? meta.get("status");
    if (status !== undefined && status !== "") table.setForFile(table.column("state"), status);
    for (const file of source.files.filter((name) => name.startsWith("params/"))) {
      const value = (await source.text(file)).trim();
      if (value !== "") table.setForFile(table.column(file.replace("/", ".")), value);
    }
    const steps = await readMetrics(source);
    addRows(source, steps);
  },
};

/** Of `RunStatus`, by number. */
const STATUS: Readonly<Record<number, string>> = {
  1: "running",
  2: "scheduled",
  3: "finished",
  4: "failed",
  5: "killed",
};

/** The plain `key: value` lines of meta.yaml; nothing in it is nested. */
async function readMeta(source: FolderSource): Promise<Map<string, string>> {
  const lines = (await source.text("meta.yaml")).split("\n");
  return new Map(
    lines.flatMap((line) => {
      const match = /^(\w+):\s*(.*?)\s*$/.exec(line);
      return match === null ? [] : [[match[1]!, match[2]!.replace(/^(['"])(.*)\1$/, "$2")] as const];
    }),
  );
}

async function tagOf(source: FolderSource, tag: string): Promise<string> {
  return source.files.includes(`tags/${tag}`) ? (await source.text(`tags/${tag}`)).trim() : "";
}

interface StepRow {
  time: number;
  line: number;
  values: Map<string, string>;
}

/** The values of all metrics by step; of one logged twice at a step the later stays. */
async function readMetrics(source: FolderSource): Promise<Map<number, StepRow>> {
  const steps = new Map<number, StepRow>();
  for (const file of source.files.filter((name) => name.startsWith("metrics/"))) {
    const name = file.slice("metrics/".length);
    const lines = (await source.text(file)).split("\n");
    for (const [i, line] of lines.entries()) {
      if (line.trim() === "") continue;
      const [time, value, step = "0"] = line.trim().split(/\s+/);
      if (value === undefined || !/^\d+$/.test(time!) || !/^-?\d+$/.test(step)) {
        throw new InputError({
          code: "mlflow-metric",
          message: `metric ${name}, line ${i + 1}, is not "timestamp value step"`,
          hint: "the file store of MLflow writes one such line a value; restore the file",
          file: `${source.name}/${file}`,
          line: i + 1,
          cell: line.slice(0, 80),
        });
      }
      const row = steps.get(Number(step)) ?? { time: Number(time), line: i + 1, values: new Map() };
      row.time = Math.max(row.time, Number(time));
      row.values.set(name, value);
      steps.set(Number(step), row);
    }
  }
  return steps;
}

function addRows({ table }: FolderSource, steps: ReadonlyMap<number, StepRow>): void {
  const first = Math.min(...[...steps.values()].map(({ time }) => time));
  const [step, seconds] = [table.column("step"), table.column("seconds")];
  for (const [number, row] of [...steps].sort(([a], [b]) => a - b)) {
    table.set(step, String(number));
    table.set(seconds, String((row.time - first) / 1000));
    for (const [name, value] of row.values) table.set(table.column(`metrics.${name}`), value);
    table.endRow(row.line);
  }
}
