/**
 * Simulated sweeps with a known truth, and whether the intervals of a fit to them hold it: the coverage study of
 * `test/bench/coverage.ts` and its seeded sample in the tests.
 */
import { accountFor } from "../../src/fit/fit-observed.js";
import type { FitOptions } from "../../src/fit/options.js";
import * as scalefit from "../../src/index.js";
import { fitRows, lawCalled } from "./core.js";
import type { Columns } from "./csv.js";
import { between, generator, normal } from "./random.js";
import { BESIROGLU, bestSize, lossOf } from "./sweeps.js";

export const NUMBERS = [
  "E",
  "A",
  "alpha",
  "B",
  "beta",
  "N 10x",
  "D 10x",
  "L 10x",
  "N 100x",
  "D 100x",
  "L 100x",
] as const;
type Name = (typeof NUMBERS)[number];

interface Sweep {
  columns: Columns;
  run?: number[];
}

export interface Condition {
  title: string;
  options: Partial<FitOptions>;
  sweep(random: () => number): Sweep;
  /** The loss without noise, where it is not of the fitted law: its parameters then mean nothing. */
  truth?: (N: number, D: number) => number;
}

const BUDGETS = [1e18, 3.16e18, 1e19, 3.16e19, 1e20, 3.2e20];
const LARGEST = 3.2e20;
const NOISE = 0.005;
const chinchilla = (N: number, D: number) => lossOf(BESIROGLU, N, D);

/** The inner sum to a power p: L = E + s (A / N^alpha + B / D^beta)^p, equal in size to the law at 1e8 and 2e9. */
const wrongLaw = (p: number) => {
  const { E, A, B, alpha, beta } = BESIROGLU;
  const scale = (A / 1e8 ** alpha + B / 2e9 ** beta) ** (1 - p);
  return (N: number, D: number): number => E + scale * (A / N ** alpha + B / D ** beta) ** p;
};

interface Design {
  budgets: readonly number[];
  sizes: number;
}

/** Budgets x sizes within 0.6 decades of the best size; `noise` gives each row's log error. */
function sweepOf(
  { budgets, sizes }: Design,
  loss: (N: number, D: number) => number,
  noise: (budget: number, random: () => number) => number,
  random: () => number,
): Columns {
  const columns: Columns = { N: [], D: [], loss: [] };
  budgets.forEach((C, b) => {
    for (let j = 0; j < sizes; j++) {
      const N = bestSize(BESIROGLU, C) * 10 ** (0.6 * ((2 * j) / (sizes - 1) - 1));
      const D = C / (6 * N);
      columns.N.push(N);
      columns.D.push(D);
      columns.loss.push(loss(N, D) * Math.exp(noise(b / (budgets.length - 1), random)));
    }
  });
  return columns;
}

const full: Design = { budgets: BUDGETS, sizes: 7 };
const gaussian = (_: number, random: () => number) => NOISE * normal(random);
const outliers = (_: number, random: () => number) =>
  NOISE * normal(random) + (random() < 0.05 ? Math.log(1 + between(random, 0.02, 0.05)) : 0);
/** 1 % at the smallest budget, 0.25 % at the largest. */
const unequal = (place: number, random: () => number) => 0.01 * 0.25 ** place * normal(random);

/** Runs of one size each with six checkpoints; 36 % of the noise variance is the run's own. */
function checkpoints(runs: number, random: () => number): Sweep {
  const columns: Columns = { N: [], D: [], loss: [] };
  const run: number[] = [];
  for (let r = 0; r < runs; r++) {
    const N = 1e8 * 10 ** ((1.7 * r) / (runs - 1));
    const common = 0.6 * NOISE * normal(random);
    for (let k = 0; k < 6; k++) {
      const D = 4 * N * 2.2 ** k;
      columns.N.push(N);
      columns.D.push(D);
      columns.loss.push(chinchilla(N, D) * Math.exp(common + 0.8 * NOISE * normal(random)));
      run.push(r);
    }
  }
  return { columns, run };
}

/** Runs scattered over 2.5 decades of compute and within 0.6 decades of the best size. */
function scattered(runs: number, loss: typeof chinchilla, random: () => number): Sweep {
  const columns: Columns = { N: [], D: [], loss: [] };
  for (let i = 0; i < runs; i++) {
    const C = 1e18 * 10 ** between(random, 0, 2.5);
    const N = bestSize(BESIROGLU, C) * 10 ** between(random, -0.6, 0.6);
    const D = C / (6 * N);
    columns.N.push(N);
    columns.D.push(D);
    columns.loss.push(loss(N, D) * Math.exp(NOISE * normal(random)));
  }
  return { columns };
}

/** Six budgets of seven runs; 36 % of the noise variance is the budget's own. */
function budgetErrors(random: () => number): Sweep {
  const common = BUDGETS.map(() => 0.6 * NOISE * normal(random));
  const noise = (place: number) => common[Math.round(place * 5)] + 0.8 * NOISE * normal(random);
  const columns = sweepOf(full, chinchilla, noise, random);
  return { columns, run: columns.N.map((_, i) => Math.floor(i / 7)) };
}

const simple = (
  title: string,
  design: Design,
  noise: (place: number, random: () => number) => number,
  options: Partial<FitOptions> = {},
): Condition => ({
  title,
  options,
  sweep: (random) => ({ columns: sweepOf(design, chinchilla, noise, random) }),
});

export const CONDITIONS: readonly Condition[] = [
  simple("default", full, gaussian),
  simple("5 % outliers, 2-5 % too high", full, outliers),
  simple("unequal noise, 1 % to .25 %", full, unequal),
  simple("20 runs, 4 x 5", { budgets: [1e18, 6.84e18, 4.68e19, LARGEST], sizes: 5 }, gaussian),
  { title: "8 runs x 6 checkpoints", options: {}, sweep: (random) => checkpoints(8, random) },
  { title: "12 runs x 6 checkpoints", options: {}, sweep: (random) => checkpoints(12, random) },
  { title: "budgets share an error, as clusters", options: {}, sweep: budgetErrors },
  {
    title: "wrong law, inner power .8",
    options: {},
    truth: wrongLaw(0.8),
    sweep: (random) => ({ columns: sweepOf(full, wrongLaw(0.8), gaussian, random) }),
  },
  simple("delta 1e-3, bca", full, gaussian, { delta: 1e-3, interval: "bca" }),
  simple("delta 1e-3, bca, 5 % outliers", full, outliers, { delta: 1e-3, interval: "bca" }),
  simple("bootstrap-t of residuals", full, gaussian, { interval: "bootstrap-t" }),
  simple("residuals, percentile", full, gaussian, { resample: "residuals" }),
  simple("parametric, percentile", full, gaussian, { resample: "parametric" }),
  simple("covariance", full, gaussian, { interval: "covariance", bootstrap: 0 }),
  simple("profile", full, gaussian, { interval: "profile", bootstrap: 0 }),
  simple("profile, squares", full, gaussian, { objective: "squares-log", interval: "profile", bootstrap: 0 }),
  // The seeds go by the place in this list: what is added stands at its end.
  {
    title: "wrong law, inner power 1.25",
    options: {},
    truth: wrongLaw(1.25),
    sweep: (random) => ({ columns: sweepOf(full, wrongLaw(1.25), gaussian, random) }),
  },
  { title: "60 scattered runs", options: {}, sweep: (random) => scattered(60, chinchilla, random) },
  {
    title: "60 scattered runs, wrong law",
    options: {},
    truth: wrongLaw(0.8),
    sweep: (random) => scattered(60, wrongLaw(0.8), random),
  },
];

export interface Tally {
  held: number;
  below: number;
  above: number;
}

export type Coverage = Record<Name, Tally>;

export const noCoverage = (): Coverage =>
  Object.fromEntries(NUMBERS.map((name) => [name, { held: 0, below: 0, above: 0 }])) as Coverage;

/** Fits sweep number `k` of a condition; sweeps of another base are other sweeps. */
export function fitSweep(
  condition: Condition,
  k: number,
  bootstrap: number,
  base: number,
): { fit: scalefit.SavedFit["fits"][number]; saved: scalefit.SavedFit } {
  const random = generator(base + 1_000_003 * (CONDITIONS.indexOf(condition) + 1) + k);
  const { columns, run } = condition.sweep(random);
  const core = fitRows(columns, { bootstrap, ...condition.options, ...(run === undefined ? {} : { run }) });
  const law = lawCalled("chinchilla");
  const n = columns.loss.length;
  const observations = {
    inputs: new Map([
      ["N", Float64Array.from(columns.N)],
      ["D", Float64Array.from(columns.D)],
    ]),
    measured: Float64Array.from(columns.loss),
    weight: null,
    run: null,
    label: String,
    source: () => ({ file: "log", line: 1 }),
  };
  const range = { N: [1, 1e12] as [number, number], D: [1, 1e14] as [number, number] };
  const fit = accountFor(
    law,
    { group: null, observations, rows: n, used: n, dropped: [], range },
    new Map(),
    core,
  );
  const made = { version: scalefit.version, options: {}, seed: 1, inputs: [] };
  return { fit, saved: { schema: "scalefit/fit@1", fits: [fit], warnings: [], made } };
}

/** Fits sweep number `k` of a condition, and counts where the truth lies: in its intervals, below or above them. */
export function tallySweep(
  condition: Condition,
  k: number,
  bootstrap: number,
  into: Coverage,
  base = 0,
): void {
  const { fit, saved } = fitSweep(condition, k, bootstrap, base);
  const truth = condition.truth ?? chinchilla;
  if (condition.truth === undefined) {
    for (const name of ["E", "A", "alpha", "B", "beta"] as const)
      tally(into[name], fit.parameters[name], BESIROGLU[name]);
  }
  // With C = 6 N D both laws have the same best size at every budget: the power does not move the minimum.
  for (const factor of [10, 100] as const) {
    const C = factor * 6 * (fit.data.largestProduct ?? 0);
    const { N, D, loss } = scalefit.plan({ fit: saved, flops: C }).plans[0].optimum;
    const best = bestSize(BESIROGLU, C);
    tally(into[`N ${factor}x`], N, best);
    tally(into[`D ${factor}x`], D, C / (6 * best));
    tally(into[`L ${factor}x`], loss, truth(best, C / (6 * best)));
  }
}

/** An open end holds everything on its side. */
export function tally(into: Tally, { low, high, reason }: scalefit.Interval, truth: number): void {
  if (low === null && high === null && reason?.startsWith("open") !== true) return;
  if (low !== null && truth < low) into.below++;
  else if (high !== null && truth > high) into.above++;
  else into.held++;
}
