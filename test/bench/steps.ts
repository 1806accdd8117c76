/**
 * Ten million step rows of CSV reduced to runs, beside bare papaparse over the same file in its fastest way: pieces of
 * text handed to its parser, arrays of cells out, nothing done with them. Each reading is a process of its own, for its
 * peak of memory; pairs are interleaved, so that a busy machine slows both. BENCH_STEPS=papaparse|runs is one reading.
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Papa from "papaparse";
import { recognise } from "../../src/logs/columns.js";
import { readLogs } from "../../src/logs/read.js";
import { observe } from "../../src/logs/runs.js";
import { stepPlan } from "../../src/logs/step-plan.js";
import { median, printTable } from "./measured.js";

const ROWS = Number(process.env.BENCH_STEP_ROWS ?? 10_000_000);
const RUNS = 100;
const PAIRS = 5;
const GOAL = { ratio: 1.5, megabytes: 300 };
const CHUNK = 256 * 1024;

interface Reading {
  milliseconds: number;
  /** Of the processor, which a busy machine stretches less. */
  cpuMilliseconds: number;
  megabytes: number;
  rows: number;
}

export async function measureSteps(): Promise<void> {
  const [kind, file] = [process.env.BENCH_STEPS, process.env.BENCH_FILE];
  if (kind !== undefined && file !== undefined) {
    process.stdout.write(JSON.stringify(await reading(kind, file)));
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "scalefit-steps-"));
  try {
    for (const order of ["run after run", "by step"] as const) {
      const path = join(folder, "steps.csv");
      writeSteps(path, order === "by step");
      measureFile(path, order);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measureFile(file: string, order: string): void {
  const pairs = Array.from({ length: PAIRS }, () => ({
    papaparse: elsewhere("papaparse", file),
    runs: elsewhere("runs", file),
  }));
  const ratioOf = (key: "milliseconds" | "cpuMilliseconds") =>
    median(pairs.map(({ papaparse, runs }) => runs[key] / papaparse[key])).toFixed(2);
  const row = (title: string, readings: Reading[]) => [
    title,
    (median(readings.map(({ milliseconds }) => milliseconds)) / 1000).toFixed(2),
    (median(readings.map(({ cpuMilliseconds }) => cpuMilliseconds)) / 1000).toFixed(2),
    Math.max(...readings.map(({ megabytes }) => megabytes)).toFixed(0),
    readings[0]!.rows.toLocaleString("en-US"),
  ];
  const size = (statSync(file).size / 1e6).toFixed(0);
  printTable(
    `${ROWS.toLocaleString("en-US")} step rows, ${order}, ${size} MB: ratio ${ratioOf("milliseconds")}, of the processor's time ${ratioOf("cpuMilliseconds")} (medians of ${PAIRS} pairs), may be ${GOAL.ratio}; peak may be ${GOAL.megabytes} MB`,
    ["reading", "s", "CPU s", "peak MB", "rows out"],
    [
      row(
        "bare papaparse",
        pairs.map(({ papaparse }) => papaparse),
      ),
      row(
        "reduced to runs",
        pairs.map(({ runs }) => runs),
      ),
    ],
  );
}

async function reading(kind: string, file: string): Promise<Reading> {
  const start = performance.now();
  const before = process.cpuUsage();
  const rows = kind === "papaparse" ? parseOnly(file) : await reduced(file);
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const cpuMilliseconds = (user + system) / 1000;
  return { milliseconds, cpuMilliseconds, megabytes: process.resourceUsage().maxRSS / 1024, rows };
}

function parseOnly(file: string): number {
  const fd = openSync(file, "r");
  const parser = new Papa.Parser({ delimiter: ",", newline: "\n" });
  const decoder = new TextDecoder();
  const chunk = Buffer.allocUnsafe(CHUNK);
  let [pending, rows] = ["", 0];
  for (let size = readSync(fd, chunk); size > 0; size = readSync(fd, chunk)) {
    pending += decoder.decode(chunk.subarray(0, size), { stream: true });
    const { data, meta } = parser.parse(pending, 0, true);
    rows += data.length;
    pending = pending.slice(meta.cursor);
  }
  closeSync(fd);
  return rows + parser.parse(pending, 0, false).data.length;
}

/** What `fit` does up to its observations. */
async function reduced(file: string): Promise<number> {
  const found = (table: Parameters<typeof recognise>[0]) => recognise(table, { map: new Map() });
  const logs = await readLogs([file], {
    reduce: (table) => stepPlan(table, found(table), "loss", undefined),
  });
  const { groups } = observe(logs.table, found(logs.table), {
    inputs: ["N", "D"].map((name) => ({ name, from: name })),
    measured: { from: "loss" },
    where: [],
    readDropped: logs.dropped,
  });
  if (groups[0]!.rows !== ROWS) throw new Error(`${groups[0]!.rows} rows are accounted for, not ${ROWS}`);
  return groups[0]!.used;
}

function elsewhere(kind: string, file: string): Reading {
  const run = spawnSync(process.execPath, [...process.execArgv, process.argv[1]!, "steps"], {
    env: { ...process.env, BENCH_STEPS: kind, BENCH_FILE: file },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`the process for ${kind} ended with ${run.status}`);
  return JSON.parse(run.stdout);
}

/** Runs of sizes 1e7 up, by a Chinchilla law with a ripple, one after the other or side by side. */
function writeSteps(file: string, isByStep: boolean): void {
  const fd = openSync(file, "w");
  const steps = Math.round(ROWS / RUNS);
  let text = "run,step,params,tokens,loss,lr,grad_norm,seconds\n";
  for (let i = 0; i < ROWS; i++) {
    const [run, step] = isByStep ? [i % RUNS, Math.floor(i / RUNS)] : [Math.floor(i / steps), i % steps];
    text += stepLine(run, step, steps);
    if (text.length < 1e6) continue;
    writeSync(fd, text);
    text = "";
  }
  writeSync(fd, text);
  closeSync(fd);
}

function stepLine(run: number, step: number, steps: number): string {
  const N = Math.round(1e7 * 1.05 ** run);
  const D = (step + 1) * 65_536 * (1 + (run % 5));
  const loss = 1.7 + 400 / N ** 0.34 + 410 / D ** 0.28 + 0.01 * Math.sin(step * 12.9898 + run);
  const lr = (3e-4 * (1 - step / steps)).toFixed(8);
  const norm = (0.5 + 0.1 * Math.sin(step)).toFixed(4);
  return `run-${run},${step},${N},${D},${loss.toFixed(5)},${lr},${norm},${(step * 0.25).toFixed(2)}\n`;
}
