/**
 * SciPy beside the program: the published procedure's 4,500 starts (`scipy-multi-start.py`) against one search here, the
 * same rows and objective. A few of the starts are run and their time scaled to all; times are those of the processor, so
 * that a busy machine is none for either. Without python3 and SciPy there is nothing to compare with.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { searchObjective } from "../../src/fit/search-objective.js";
import { chinchillaProblem } from "../support/core.js";
import { chinchillaFigure, ROOT } from "./data.js";
import { median, ms, printTable, processorTime } from "./measured.js";

const SCRIPT = join(ROOT, "test/bench/scipy-multi-start.py");
/** Starts that are run, of all of the grid. */
const STARTS = 90;
const GOAL = 10_000;
/** Searches here: some to warm up, then so many batches of so many. */
const WARM_UP = 100;
const BATCHES = 20;
const BATCH = 10;

interface Scipy {
  scipy: string;
  numpy: string;
  grid: number;
  results: { name: string; seconds: number; lowest: number }[];
}

export function measureScipy(): void {
  const figure = chinchillaFigure();
  const python = spawnSync("python3", [SCRIPT], {
    input: JSON.stringify({ ...figure, starts: STARTS }),
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" },
  });
  if (python.status !== 0) {
    console.log(
      `SciPy beside the program: skipped, python3 with scipy is not there\n${lastLine(python.stderr)}\n`,
    );
    return;
  }
  const { scipy, numpy, grid, results }: Scipy = JSON.parse(python.stdout);
  const search = () =>
    searchObjective(chinchillaProblem(figure), null, { objective: "huber-log", delta: 1e-3 }).search.best
      .minimum;
  const own = timeOf(search);
  const { value } = search();
  const rows = results.map(({ name, seconds, lowest }) => {
    const all = (seconds * 1000 * grid) / STARTS;
    return [
      `SciPy ${scipy}, NumPy ${numpy}: ${name}`,
      ms((seconds * 1000) / STARTS),
      (all / 1000).toFixed(0),
      Math.round(all / own).toLocaleString("en-US"),
      (lowest / value - 1).toExponential(1),
    ];
  });
  printTable(
    `SciPy beside one search here, the same 240 points and objective, delta 1e-3 (goal: over ${GOAL.toLocaleString("en-US")} times the procedure of ${grid.toLocaleString("en-US")} starts; ${STARTS} of them run, scaled)`,
    ["", "ms a start", "s for all", "times our search", "objective above ours"],
    [["scalefit, one search", "", (own / 1000).toPrecision(2), "1", "0"], ...rows],
  );
}

/** Milliseconds for one call, the median of some batches. */
function timeOf(run: () => void): number {
  for (let i = 0; i < WARM_UP; i++) run();
  const batches = Array.from({ length: BATCHES }, () => {
    const before = processorTime();
    for (let i = 0; i < BATCH; i++) run();
    return (processorTime() - before) / BATCH;
  });
  return median(batches);
}

const lastLine = (text: string | null): string => (text ?? "").trim().split("\n").at(-1) ?? "";
