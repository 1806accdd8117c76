/** The interval at the target by designed runs, beside isoFLOP grids of as many runs at the same cost, over 100 laws. */
import { designedAgainstGrids } from "../support/designs.js";
import { printTable } from "./measured.js";

const LAWS = 100;

export function measureDesign(): void {
  const rows = (["loss", "N"] as const).flatMap((goal) =>
    [12, 24].flatMap((runs) => {
      const { usual, best } = designedAgainstGrids({ laws: LAWS, goal, seed: 1, runs });
      return [row(goal, runs, "usual grid", usual), row(goal, runs, "best grid", best)];
    }),
  );
  printTable(
    `width of the interval at 100 times the compute by an isoFLOP grid over that by designed runs, ${LAWS} laws`,
    ["for", "runs", "grid", "least", "5 %", "median", "95 %", "most"],
    rows,
  );
}

function row(goal: string, runs: number, grid: string, factors: readonly number[]): string[] {
  const sorted = [...factors].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))].toFixed(2);
  return [goal, String(runs), grid, at(0), at(0.05), at(0.5), at(0.95), at(1)];
}
