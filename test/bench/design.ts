/**
 * The interval at the target by designed runs, beside isoFLOP grids of as many runs at the same cost, over 100 laws. All are
 * judged by the information of their runs, which simulation bears out (test/plan/design-runs.test.ts).
 */
import { type Contest, designedAgainstGrids } from "../support/designs.js";
import { printTable } from "./measured.js";

const LAWS = 100;
const CONTESTS: readonly Pick<Contest, "goal" | "runs">[] = [
  { goal: "loss", runs: 12 },
  { goal: "N", runs: 12 },
  { goal: "loss", runs: 24 },
];

export function measureDesign(): void {
  for (const { goal, runs } of CONTESTS) {
    const { usual, best } = designedAgainstGrids({ laws: LAWS, goal, runs, seed: 1 });
    printTable(
      `width of the interval of ${goal === "N" ? "N*" : "the loss"} at 100 times the cost of ${runs} runs: isoFLOP grid over designed runs, ${LAWS} laws`,
      ["grid", "least", "5 %", "median", "95 %", "most"],
      [row("usual", usual), row("best", best)],
    );
  }
}

function row(grid: string, factors: readonly number[]): string[] {
  const sorted = [...factors].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))].toFixed(2);
  return [grid, at(0), at(0.05), at(0.5), at(0.95), at(1)];
}
