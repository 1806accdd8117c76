/**
 * The interval at the target by designed runs, beside isoFLOP grids of as many runs at the same cost, over 100 laws. All are
 * judged by the information of their runs, which simulation bears out (test/plan/design-runs.test.ts). Then whole campaigns on
 * laws other than the one by which the runs are designed and planned.
 */
import type { SimulatedQuality } from "../../src/objects.js";
import { type Contest, designedAgainstGrids, playedOn, TRUTHS } from "../support/designs.js";
import { printTable } from "./measured.js";

const LAWS = 100;
const CAMPAIGNS = 100;
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
  measureWrongLaws();
}

/** How far plans at 100 times the cost of the runs are off where another law is true than the one in hand. */
function measureWrongLaws(): void {
  const rows = TRUTHS.flatMap(({ name, truth }) =>
    playedOn(truth, CAMPAIGNS).estimators.map(({ runs, estimator, answered, N, loss }) => [
      name,
      `${runs}, ${estimator}`,
      String(answered),
      off(N),
      off(loss),
      held(N),
      held(loss),
    ]),
  );
  printTable(
    `plans at 100 times the cost of 12 runs by chinchilla's law, ${CAMPAIGNS} campaigns a truth: off by (median), and how often the interval held the truth`,
    ["true", "runs, planned by", "answered", "N*", "loss", "held N*", "held loss"],
    rows,
  );
}

const off = (quality: SimulatedQuality | null): string =>
  quality === null ? "-" : `${(100 * Math.expm1(quality.bias.estimate)).toFixed(2)} %`;
const held = (quality: SimulatedQuality | null): string =>
  quality?.coverage === undefined ? "-" : `${(100 * quality.coverage).toFixed(0)} %`;

function row(grid: string, factors: readonly number[]): string[] {
  const sorted = [...factors].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))].toFixed(2);
  return [grid, at(0), at(0.05), at(0.5), at(0.95), at(1)];
}
