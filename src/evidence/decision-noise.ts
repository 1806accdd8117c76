/**
 * Signal and noise of a metric: how far recipes lie apart, and how far one recipe's score moves by itself.
 *
 * @see arXiv 2508.13144
 */

import { fisherTail } from "../fit/distributions.js";
import { meanOf } from "../fit/quantiles.js";
import type { MetricNoise, MetricReport } from "../objects.js";
import type { CellScores, MetricScores } from "./decision-runs.js";

/** A pooled variance. */
interface Pooled {
  variance: number;
  degrees: number;
}

/** Noise of a score at a scale, with where it comes from. */
export interface ScaleNoise extends Pooled {
  from: "seeds" | "checkpoints";
  /** Where it was measured. */
  scales: number[];
}

/** Degrees of freedom from which seeds are preferred to checkpoints: they hold what checkpoints of one run share. */
const ENOUGH_SEEDS = 3;

/**
 * The noise at a scale, or at the nearest ones at which it can be measured, smaller ones first. Of seeds it is the standard
 * deviation of the last checkpoint between runs of one recipe; of checkpoints that about a straight line through the last
 * ones of a run, since all recipes share the drift of training.
 *
 * @returns null where no recipe has a second seed or three checkpoints anywhere
 */
export function noiseAt({ cells }: MetricScores, scale: number): ScaleNoise | null {
  const order = cells.map((_cell, i) => i).sort((a, b) => distance(a, scale) - distance(b, scale));
  const soFar: CellScores[] = [];
  for (const [i, at] of order.entries()) {
    soFar.push(...cells[at].values());
    const seeds = seedNoise(soFar);
    if (seeds.degrees >= ENOUGH_SEEDS)
      return { ...seeds, from: "seeds", scales: measuredIn(order.slice(0, i + 1), cells) };
    const checkpoints = pooled([...cells[at].values()].flat().map(aboutLine));
    if (checkpoints.degrees > 0) return { ...checkpoints, from: "checkpoints", scales: [at] };
  }
  const seeds = seedNoise(soFar);
  return seeds.degrees === 0 ? null : { ...seeds, from: "seeds", scales: measuredIn(order, cells) };
}

/** The scales at which a recipe has several runs, the smallest first. */
const measuredIn = (scales: readonly number[], cells: MetricScores["cells"]): number[] =>
  scales.filter((at) => [...cells[at].values()].some((runs) => runs.length > 1)).sort((a, b) => a - b);

const distance = (at: number, scale: number): number => (at <= scale ? scale - at : 1000 + at - scale);

const seedNoise = (cells: readonly CellScores[]): Pooled =>
  pooled(cells.map((runs) => aboutMean(runs.map((run) => run[run.length - 1]))));

/** Variances weighed by their degrees of freedom. */
function pooled(parts: readonly { squares: number; degrees: number }[]): Pooled {
  const degrees = parts.reduce((sum, part) => sum + part.degrees, 0);
  const squares = parts.reduce((sum, part) => sum + part.squares, 0);
  return { variance: degrees === 0 ? 0 : squares / degrees, degrees };
}

function aboutMean(values: readonly number[]): { squares: number; degrees: number } {
  const mean = meanOf(values);
  return {
    squares: values.reduce((sum, value) => sum + (value - mean) ** 2, 0),
    degrees: Math.max(values.length - 1, 0),
  };
}

/** Squares about the least-squares line through equally spaced values. */
function aboutLine(values: readonly number[]): { squares: number; degrees: number } {
  const n = values.length;
  if (n < 3) return { squares: 0, degrees: 0 };
  const middle = (n - 1) / 2;
  const slope = values.reduce((sum, value, i) => sum + (i - middle) * value, 0) / ((n * (n * n - 1)) / 12);
  const { squares } = aboutMean(values.map((value, i) => value - slope * (i - middle)));
  return { squares, degrees: n - 2 };
}

/** The best that is known of a recipe's score at a scale: by seeds the last checkpoints, else the mean of the last ones. */
export function recipeScore(runs: CellScores, from: ScaleNoise["from"] | null): number {
  return from === "seeds"
    ? meanOf(runs.map((run) => run[run.length - 1]))
    : meanOf(runs.map((run) => meanOf(run)));
}

/** How many scores of the noise a recipe's score averages. */
const unitsOf = (runs: CellScores, from: ScaleNoise["from"]): number =>
  from === "seeds" ? runs.length : runs.reduce((sum, run) => sum + run.length, 0);

type Separation = Pick<
  MetricReport,
  "signal" | "signalReason" | "noise" | "noiseReason" | "snr" | "snrReason" | "publishedSnr"
>;

/**
 * Signal, noise and their ratio at a scale.
 *
 * With s_b^2 the variance between recipes' scores (means of m), s_w^2 the noise of one score and tau the spread of recipes
 * without noise, F = m s_b^2 / s_w^2 is (1 + m tau^2/s_w^2) times Fisher's F: from its quantiles the interval of tau / s_w.
 * Simulated, 95 % intervals held the truth in 93-97 % for 3 to 10 recipes; a bootstrap over recipes in 74-100 %.
 */
export function separation(
  scores: MetricScores,
  scale: number,
  scaleNames: readonly string[],
  level: number,
): Separation {
  const cell = scores.cells[scale];
  const noise = noiseAt(scores, scale);
  const recipes = [...cell.values()];
  const means = recipes.map((runs) => recipeScore(runs, noise?.from ?? null));
  const mean = meanOf(means);
  const shareOf = (value: number) => (mean === 0 ? null : value / Math.abs(mean));
  const noiseReport: MetricNoise | null =
    noise === null
      ? null
      : {
          from: noise.from,
          absolute: Math.sqrt(noise.variance),
          relative: shareOf(Math.sqrt(noise.variance)),
          degreesOfFreedom: noise.degrees,
          scales: noise.scales.map((at) => scaleNames[at]),
        };
  const noiseReason = noise === null ? { noiseReason: NO_NOISE } : {};
  if (means.length < 2) {
    const why = `${means.length === 0 ? "no recipe" : "one recipe"} has scores at ${scaleNames[scale]}`;
    return {
      signal: null,
      signalReason: why,
      noise: noiseReport,
      ...noiseReason,
      snr: null,
      snrReason: why,
      publishedSnr: null,
    };
  }
  const { squares, degrees } = aboutMean(means);
  const between = squares / degrees;
  const range = Math.max(...means) - Math.min(...means);
  const signal = {
    scale: scaleNames[scale],
    recipes: means.length,
    mean,
    standardDeviation: Math.sqrt(between),
    relative: shareOf(Math.sqrt(between)),
    dispersion: shareOf(range),
  };
  const published = publishedNoise(recipes.flat());
  const rest = {
    signal,
    noise: noiseReport,
    ...noiseReason,
    publishedSnr: published === null || published === 0 ? null : range / published,
  };
  if (noise === null) return { ...rest, snr: null, snrReason: NO_NOISE };
  if (noise.variance === 0) return { ...rest, snr: null, snrReason: "the noise measured is 0" };
  const m = means.length / recipes.reduce((sum, runs) => sum + 1 / unitsOf(runs, noise.from), 0);
  return { ...rest, snr: ratio((m * between) / noise.variance, m, degrees, noise.degrees, level) };
}

const NO_NOISE =
  "no noise can be measured: no recipe has a second seed or three checkpoints at one scale; evaluate more checkpoints or seeds";

function ratio(F: number, m: number, between: number, within: number, level: number) {
  const root = (by: number) => Math.sqrt(Math.max(F / by - 1, 0) / m);
  return {
    estimate: root(1),
    low: root(fisherPoint((1 - level) / 2, between, within)),
    high: root(fisherPoint((1 + level) / 2, between, within)),
    pValue: fisherTail(F, between, within),
  };
}

/** The value of Fisher's F that is exceeded with a chance of `tail`, by halving on a logarithmic scale. */
function fisherPoint(tail: number, between: number, within: number): number {
  let [low, high] = [-40, 40];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (fisherTail(Math.exp(middle), between, within) > tail) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** The published measure: the standard deviation (divisor n) of a run's last checkpoints, drift included; over runs its root mean square. */
function publishedNoise(runs: CellScores): number | null {
  const several = runs.filter((run) => run.length > 1);
  if (several.length === 0) return null;
  return Math.sqrt(meanOf(several.map((run) => aboutMean(run).squares / run.length)));
}
