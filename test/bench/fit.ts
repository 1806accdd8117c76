/** Fits inside one process: the search, the refits of its resamples, and how both grow with the rows. */
import { Bench } from "tinybench";
import { fit as fitColumns } from "../../src/index.js";
import { type Columns, chinchillaFigure, manyRuns } from "./data.js";
import { ms, printTable } from "./measured.js";

const SIZES = [1e3, 1e4, 1e5, 1e6];
const MEGABYTE = 1024 * 1024;

const chinchilla = (data: Columns, bootstrap: number) =>
  fitColumns({ law: "chinchilla", data: { ...data }, delta: 1e-3, bootstrap });

export async function measureFit(): Promise<void> {
  await measureFigure();
  measureRows();
}

/** The field's usual data set, warm: what a program that fits many times pays. */
async function measureFigure(): Promise<void> {
  const figure = chinchillaFigure();
  const bench = new Bench({ time: 1000, warmupTime: 500 });
  bench.add("search from many starts, no refits", () => {
    chinchilla(figure, 0);
  });
  bench.add("the same with 1,000 refits", () => {
    chinchilla(figure, 1000);
  });
  await bench.run();
  const rows = bench.tasks.map(({ name, result }) => {
    if (result.state !== "completed") throw new Error(`${name}: ${result.state}`);
    const { p50, min } = result.latency;
    return [name, ms(p50), ms(min)];
  });
  printTable(
    "chinchilla on the 240 points of the published figure, in process and one thread, ms",
    ["fit", "median", "least"],
    rows,
  );
}

/** One fit without refits for each number of rows; memory is the process's own at its largest so far. */
function measureRows(): void {
  const rows = SIZES.map((size) => {
    const data = manyRuns(size);
    chinchilla(manyRuns(1000, 2), 0);
    const before = process.memoryUsage().rss;
    const start = performance.now();
    const { fits } = chinchilla(data, 0);
    const time = performance.now() - start;
    const grown = Math.max(0, process.resourceUsage().maxRSS * 1024 - before) / MEGABYTE;
    return [
      size.toLocaleString("en-US"),
      ms(time),
      ((1000 * time) / size).toFixed(2),
      `${grown.toFixed(0)}`,
      fits[0].parameters.alpha.estimate.toFixed(5),
    ];
  });
  printTable("one fit by rows, no refits", ["rows", "ms", "us a row", "MB more", "alpha"], rows);
}
