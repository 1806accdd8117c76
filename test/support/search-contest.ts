/** The program's search against the slow, broad solver, log by log. */
import { searchObjective } from "../../src/fit/search-objective.js";
import { chinchillaProblem } from "./core.js";
import type { Columns } from "./csv.js";
import { MultiStart } from "./multi-start.js";
import { between, generator } from "./random.js";
import { bestSize, isoFlopSweep, randomLog, randomTruth, type Truth } from "./sweeps.js";

/** What is tried: Huber at the field's usual threshold, at the one the data give, and absolute values. */
export const TRIED = [
  { objective: "huber-log", delta: 1e-3 },
  { objective: "huber-log", delta: "auto" },
  { objective: "absolute-log", delta: "auto" },
] as const;

export type Tried = (typeof TRIED)[number];

/** In words: `huber-log 0.001`. */
export const wordsFor = ({ objective, delta }: Tried): string =>
  objective === "huber-log" ? `${objective} ${delta}` : objective;

export interface Contest {
  index: number;
  rows: number;
  noise: number;
  outliers: number;
  truth: Truth;
  /** One entry for each thing tried. */
  results: {
    tried: string;
    ours: number;
    reference: number;
    excess: number;
    milliseconds: number;
  }[];
}

/**
 * A synthetic log of its own for each index: 12 to 300 rows, noise 0 to 5 % (none in a twentieth), outliers in a third,
 * scattered runs or isoFLOP sweeps.
 */
export function contestLog(index: number): { log: Columns } & Omit<Contest, "index" | "results"> {
  const random = generator(0x5ca1ef17 + 7919 * index);
  const truth = randomTruth(random);
  const rows = Math.round(12 * 25 ** random());
  const noise = random() < 0.05 ? 0 : between(random, 0, 0.05);
  const outliers = random() < 1 / 3 ? between(random, 0.02, 0.1) : 0;
  const isSweep = random() < 1 / 3;
  const log = isSweep
    ? spoilt(sweepOf(truth, rows, noise, random), outliers, random)
    : randomLog(truth, { rows, noise, outliers }, random);
  return { log, rows: log.loss.length, noise, outliers, truth };
}

/** Budgets from 1e18 on by half decades, 3 to 12 sizes at each, within 0.2 to 1 decade of the best size. */
function sweepOf(truth: Truth, rows: number, noise: number, random: () => number): Columns {
  const sizes = Math.min(3 + Math.floor(10 * random()), Math.floor(rows / 2));
  const budgets = Array.from({ length: Math.ceil(rows / sizes) }, (_, j) => 1e18 * 10 ** ((j % 8) / 2));
  const reachable = budgets.filter((C) => Number.isFinite(bestSize(truth, C)));
  return isoFlopSweep(truth, reachable, sizes, between(random, 0.2, 1), noise, random);
}

function spoilt(log: Columns, share: number, random: () => number): Columns {
  const loss = log.loss.map((value) => (random() < share ? value * (1 + between(random, 0.02, 0.3)) : value));
  return { ...log, loss };
}

/** A rounding of the objective: residuals of 1e-12 are none. */
const roundingOf = (rows: number): number => rows * 1e-24;

export function contest(index: number, tried: readonly Tried[] = TRIED): Contest {
  const { log, ...about } = contestLog(index);
  const results = tried.map((one) => {
    const begun = performance.now();
    const { search, objective } = searchObjective(chinchillaProblem(log), null, one);
    const milliseconds = performance.now() - begun;
    const ours = search.best.minimum.value;
    const solver = new MultiStart(log, objective.delta as number);
    const reference =
      one.objective === "absolute-log"
        ? solver.leastAbsolute(generator(index))
        : solver.minimum(generator(index)).value;
    const rounding = one.objective === "absolute-log" ? about.rows * 1e-12 : roundingOf(about.rows);
    const excess = Math.max(0, ours - reference - rounding) / reference;
    return { tried: wordsFor(one), ours, reference, excess, milliseconds };
  });
  return { index, ...about, results };
}
