/**
 * How often nominal 95 % intervals hold the truth, over simulated sweeps: `npm run bench -- coverage`, with SWEEPS
 * (1000) and RESAMPLES (399) from the environment, CONDITIONS as a part of their titles, SEED (0) for other sweeps. Sweeps
 * are spread over as many processes as there are cores; a sweep's numbers depend on its index alone.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { CONDITIONS, type Coverage, NUMBERS, noCoverage, tallySweep } from "../support/coverage.js";
import { printTable } from "./measured.js";

const SWEEPS = Number(process.env.SWEEPS ?? 1000);
const RESAMPLES = Number(process.env.RESAMPLES ?? 399);
const SEED = Number(process.env.SEED ?? 0);

export async function measureCoverage(): Promise<void> {
  const part = process.env.COVERAGE_PART;
  if (part !== undefined) {
    const [at, of] = part.split("/").map(Number);
    process.stdout.write(JSON.stringify(countPart(at, of)));
    return;
  }
  const processes = availableParallelism();
  const parts = await Promise.all(Array.from({ length: processes }, (_, i) => countElsewhere(i, processes)));
  const conditions = chosen();
  const totals = conditions.map((_, c) => total(parts.map((counted) => counted[c])));
  const rows = conditions.map(({ title }, c) => [
    title,
    ...NUMBERS.map((name) => percentHeld(totals[c], name)),
  ]);
  printTable(
    `coverage of 95 % intervals in %, ${SWEEPS} sweeps x ${RESAMPLES} resamples (sampling error about ${(100 * Math.sqrt((0.95 * 0.05) / SWEEPS)).toFixed(1)})`,
    ["condition", ...NUMBERS],
    rows,
  );
}

const chosen = () => CONDITIONS.filter(({ title }) => title.includes(process.env.CONDITIONS ?? ""));

function countPart(at: number, of: number): Coverage[] {
  return chosen().map((condition) => {
    const counted = noCoverage();
    for (let k = at; k < SWEEPS; k += of) tallySweep(condition, k, RESAMPLES, counted, SEED);
    return counted;
  });
}

/** The same program in another process, for its part of the sweeps. */
function countElsewhere(at: number, of: number): Promise<Coverage[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1], "coverage"], {
      env: { ...process.env, COVERAGE_PART: `${at}/${of}` },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`the process for part ${at} of ${of} ended with ${code}`));
    });
  });
}

function total(parts: readonly Coverage[]): Coverage {
  const sum = noCoverage();
  for (const part of parts) {
    for (const name of NUMBERS) {
      sum[name].held += part[name].held;
      sum[name].below += part[name].below;
      sum[name].above += part[name].above;
    }
  }
  return sum;
}

function percentHeld(coverage: Coverage, name: (typeof NUMBERS)[number]): string {
  const { held, below, above } = coverage[name];
  const all = held + below + above;
  return all === 0 ? "-" : ((100 * held) / all).toFixed(1);
}
