/**
 * How often intervals of a family that borrows from others hold what it is at ten times its family's budgets, and how far off
 * each form is: `npm run bench -- pool`, with SIMULATIONS (200) from the environment.
 */
import { POOL_FORMS } from "../../src/fit/pool-target.js";
import { type FamiliesMade, pooledTrial } from "../support/families.js";
import { printTable } from "./measured.js";

const SIMULATIONS = Number(process.env.SIMULATIONS ?? 200);
const RUNS = [1, 2, 3, 6];
const SETTINGS: readonly FamiliesMade[] = [
  { families: 3, spread: 0.05, noise: 0.005 },
  { families: 6, spread: 0.05, noise: 0.005 },
  { families: 12, spread: 0.05, noise: 0.005 },
  { families: 6, spread: 0.15, noise: 0.005 },
  { families: 6, spread: 0.005, noise: 0.005 },
];

export function measurePool(): void {
  const rows = SETTINGS.flatMap((made) =>
    RUNS.flatMap((runs) => {
      const trials = Array.from({ length: SIMULATIONS }, (_, k) => pooledTrial(made, runs, POOL_FORMS, k));
      return POOL_FORMS.map((form, f) => {
        const own = trials.map((trial) => trial[f]);
        const error = own.reduce((sum, { truth, estimate }) => sum + Math.abs(estimate / truth - 1), 0);
        return [
          `${made.families} families, ${100 * made.spread} % apart, ${runs} ${runs === 1 ? "run" : "runs"}: ${form}`,
          ((100 * error) / SIMULATIONS).toFixed(2),
          share(own.filter(({ holdsMean }) => holdsMean).length),
          share(own.filter(({ holdsRun }) => holdsRun).length),
        ];
      });
    }),
  );
  printTable(
    `a family of few runs beside others of 25 runs, at 10 times their largest budget, ${SIMULATIONS} simulations; wanted: 87 to 95 % of 90 % intervals of "partial" hold it`,
    ["", "mean error, %", "law held, %", "run held, %"],
    rows,
  );
}

const share = (count: number): string => ((100 * count) / SIMULATIONS).toFixed(1);
