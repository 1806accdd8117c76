/**
 * How one fit grows with its rows, each size in a process of its own: time of the processor, and the memory it takes beyond the columns it
 * is given. BENCH_ROWS is the size in such a process.
 */
import { spawnSync } from "node:child_process";
import { fit as fitColumns } from "../../src/index.js";
import { manyRuns } from "./data.js";
import { ms, printTable, processorTime } from "./measured.js";

const SIZES = [1e3, 1e4, 1e5, 1e6];
const COLUMNS = 3;
const MEGABYTE = 1024 * 1024;
/** A million rows: seconds, and times the columns. */
const GOAL = { seconds: 3, ratio: 5 };
/** Small fits are repeated for about so long, and the least time taken. */
const REPEATED_MS = 1000;

interface Measured {
  milliseconds: number;
  /** Largest resident size of the process during the fit, less what it was before it. */
  bytes: number;
  alpha: number;
}

export function measureRows(): void {
  if (process.env.BENCH_ROWS !== undefined) {
    process.stdout.write(JSON.stringify(oneSize(Number(process.env.BENCH_ROWS))));
    return;
  }
  const rows = SIZES.map((size) => {
    const { milliseconds, bytes, alpha } = elsewhere(size);
    const ratio = bytes / (size * COLUMNS * Float64Array.BYTES_PER_ELEMENT);
    return [
      size.toLocaleString("en-US"),
      ms(milliseconds),
      ((1000 * milliseconds) / size).toFixed(2),
      (bytes / MEGABYTE).toFixed(0),
      // Under a megabyte the code that is compiled on the way is more than the data.
      bytes < 30 * MEGABYTE ? "" : ratio.toFixed(1),
      alpha.toFixed(5),
    ];
  });
  printTable(
    `one fit by rows, adaptive delta, no refits; 1,000,000 rows may take ${GOAL.seconds * 1000} ms and ${GOAL.ratio} times their ${COLUMNS} columns`,
    ["rows", "ms of the processor", "us a row", "MB beyond the columns", "times the columns", "alpha"],
    rows,
  );
}

function oneSize(size: number): Measured {
  const data = manyRuns(size);
  const once = () => {
    const start = processorTime();
    const { fits } = fitColumns({ law: "chinchilla", data, bootstrap: 0 });
    return { milliseconds: processorTime() - start, alpha: fits[0].parameters.alpha.estimate };
  };
  const small = manyRuns(1000, 2);
  for (let i = 0; i < 10; i++) fitColumns({ law: "chinchilla", data: small, bootstrap: 0 });
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const first = once();
  const bytes = Math.max(0, process.resourceUsage().maxRSS * 1024 - before);
  const repeats = Math.floor(REPEATED_MS / first.milliseconds);
  const times = Array.from({ length: repeats }, () => once().milliseconds);
  return { milliseconds: Math.min(first.milliseconds, ...times), bytes, alpha: first.alpha };
}

/** The same program in another process. */
function elsewhere(size: number): Measured {
  const run = spawnSync(process.execPath, ["--expose-gc", ...process.execArgv, process.argv[1], "rows"], {
    env: { ...process.env, BENCH_ROWS: `${size}` },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0) throw new Error(`the process for ${size} rows ended with ${run.status}`);
  return JSON.parse(run.stdout);
}
