/** Designs on simulated laws beside isoFLOP grids of the same cost: for the bench, and a sample of it for the tests. */
import { type CoefficientSource, design } from "../../src/index.js";
import type { DesignSimulation } from "../../src/objects.js";
import { between, generator } from "./random.js";
import type { Truth } from "./sweeps.js";

/** A law such as published ones are: floor 1.4 to 2, exponents 0.25 to 0.5, terms 0.2 to 0.6 at 1e9 and 2e10. */
export function likelyTruth(random: () => number): Truth {
  const [alpha, beta] = [between(random, 0.25, 0.5), between(random, 0.25, 0.5)];
  const term = () => between(random, 0.2, 0.6);
  return { E: between(random, 1.4, 2), A: term() * 1e9 ** alpha, alpha, B: term() * 2e10 ** beta, beta };
}

export interface Contest {
  laws: number;
  goal: "loss" | "N";
  seed: number;
  runs?: number;
}

/** Widths of the intervals of grids over those of the designed runs, one a law: the usual grid, and the best of all. */
export function designedAgainstGrids({ laws, goal, seed, runs = 12 }: Contest): {
  usual: number[];
  best: number[];
} {
  const random = generator(seed);
  const usual: number[] = [];
  const best: number[] = [];
  for (let i = 0; i < laws; i++) {
    const coefficients = { ...likelyTruth(random) };
    const [{ isoflop }] = design({
      law: "chinchilla",
      coefficients,
      flops: 1e20,
      target: 1e22,
      runs,
      goal,
      budgets: [],
    }).designs;
    usual.push(isoflop.usual?.factor ?? Number.NaN);
    best.push(isoflop.best?.factor ?? Number.NaN);
  }
  return { usual, best };
}

/** Laws that may be true while runs are designed and planned by Chinchilla's, as published (arXiv 2404.10102). */
const BESIROGLU = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };
export const TRUTHS: readonly { name: string; truth: CoefficientSource | null }[] = [
  { name: "the law in hand", truth: null },
  // The same terms, falling slower and faster together: what the shifts of limits were made for (src/plan/guard.ts).
  ...[0.8, 1.25].map((gamma) => ({
    name: `both terms to the power ${gamma}`,
    truth: { law: "chinchilla-gamma", coefficients: { ...BESIROGLU, gamma } },
  })),
  { name: "Kaplan's law of N and D, which has no floor", truth: { preset: "kaplan-nd-table2" } },
];

/** Campaigns of runs designed by Chinchilla's law and planned by it at 100 times their cost, played on a truth. */
export function playedOn(truth: CoefficientSource | null, campaigns: number): DesignSimulation {
  const [{ simulation }] = design({
    preset: "besiroglu",
    flops: 1e20,
    target: 1e22,
    runs: 12,
    budgets: [],
    simulate: campaigns,
    ...(truth === null ? {} : { truth }),
  }).designs;
  if (simulation === undefined) throw new Error("nothing was simulated");
  return simulation;
}
