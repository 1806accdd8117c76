/** Fits inside one process: the search, the whole fit, and the refits of its resamples. */
import { Bench } from "tinybench";
import { searchObjective } from "../../src/fit/search-objective.js";
import { fit as fitColumns } from "../../src/index.js";
import { chinchillaProblem } from "../support/core.js";
import { type Columns, chinchillaFigure } from "./data.js";
import { ms, ofGoal, printTable, processorTime } from "./measured.js";

/** Milliseconds that each may take. */
const GOAL = { fit: 5, refits: 300 };

const fitted = (data: Columns, delta: "auto" | number, bootstrap: number) =>
  fitColumns({ law: "chinchilla", data: { ...data }, delta, bootstrap });

const searched = (data: Columns, delta: "auto" | number) =>
  searchObjective(chinchillaProblem(data), null, { objective: "huber-log", delta });

/** The field's usual data set, warm: what a program that fits many times pays. */
export async function measureFit(): Promise<void> {
  const figure = chinchillaFigure();
  const cases: { name: string; goal: number | null; run: () => unknown }[] = [
    { name: "search from many starts, delta 1e-3", goal: GOAL.fit, run: () => searched(figure, 1e-3) },
    {
      name: "search from many starts, adaptive delta (two searches)",
      goal: GOAL.fit,
      run: () => searched(figure, "auto"),
    },
    { name: "the same with second opinion and diagnosis", goal: null, run: () => fitted(figure, "auto", 0) },
    { name: "all of it with 1,000 refits", goal: GOAL.refits, run: () => fitted(figure, "auto", 1000) },
    {
      name: "all of it with 1,000 refits, delta 1e-3",
      goal: GOAL.refits,
      run: () => fitted(figure, 1e-3, 1000),
    },
  ];
  const bench = new Bench({ time: 1000, warmupTime: 500, now: processorTime });
  for (const { name, run } of cases)
    bench.add(name, () => {
      run();
    });
  await bench.run();
  const rows = bench.tasks.map(({ name, result }, i) => {
    if (result.state !== "completed") throw new Error(`${name}: ${result.state}`);
    const { p50, min } = result.latency;
    return [name, ms(p50), ms(min), ...ofGoal(min, cases[i].goal)];
  });
  printTable(
    "chinchilla on the 240 points of the published figure, ms of the processor",
    ["fit", "median", "least", "goal", "least / goal"],
    rows,
  );
}
