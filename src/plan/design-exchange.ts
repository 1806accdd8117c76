/**
 * The set of runs with the least expected log variance, by exchange: one run after the other is taken out and the best
 * affordable candidate put in its place; when that finds nothing any more, pairs are tried of which one gives some of its
 * compute to the other. From several seeded starts, since single exchanges end in local optima.
 *
 * With V = M^-1 of the others, adding a run x changes c'Vc by -(x'Vc)^2/(1 + x'Vx) and ln det V by -ln(1 + x'Vx).
 *
 * @see V. V. Fedorov, Theory of Optimal Experiments, 1972; R. D. Cook and C. J. Nachtsheim, Technometrics 22 (1980), 315
 */
import { randomStream } from "../fit/random.js";
import type { Candidate } from "./design-grid.js";
import { addRuns, inverse, quadratic, type Sensitivities } from "./design-information.js";

export interface Exchange {
  candidates: readonly Candidate[];
  rows: Sensitivities;
  /** Information before, one a draw. */
  before: readonly Float64Array[];
  /** What is to vary little, one a draw; null for all parameters together. */
  gradients: readonly Float64Array[] | null;
  /** Free parameters. */
  p: number;
  runs: number;
  flops: number;
}

/** Runs by the index of their candidate, and half the mean log variance that they leave. */
export interface Chosen {
  runs: number[];
  score: number;
}

const PASSES = 30;
/** Less gain is rounding, or not worth a pass. */
const GAIN = 1e-6;
const SLACK = 1 + 1e-9;

/**
 * @param starts sets of runs to begin with; too dear ones are brought down
 * @param random how many more are drawn
 */
export function exchange(
  problem: Exchange,
  starts: readonly (readonly number[])[],
  random: number,
  seed: number,
): Chosen {
  const drawn = Array.from({ length: random }, (_, index) => randomStart(problem, seed, index));
  const all = [...starts, ...drawn].map((start) => improved(problem, affordable(problem, start)));
  return all.reduce((best, one) => (one.score < best.score - GAIN ? one : best));
}

const cheapest = ({ candidates }: Exchange): number =>
  candidates.reduce((least, { flops }, i) => (flops < candidates[least].flops ? i : least), 0);

/** Random shares of the compute, at random ratios. */
function randomStart(problem: Exchange, seed: number, index: number): number[] {
  const { candidates, runs, flops } = problem;
  const stream = randomStream(seed, index);
  const shares = Array.from({ length: runs }, () => Math.exp(2 * stream.normal()));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => {
    const within = candidates.flatMap((one, i) => (one.flops <= (flops * share) / whole ? [i] : []));
    if (within.length === 0) return cheapest(problem);
    const dearest = Math.max(...within.map((i) => candidates[i].flops));
    const level = within.filter((i) => candidates[i].flops === dearest);
    return level[stream.below(level.length)];
  });
}

/** The dearest runs become the cheapest until all are paid for. */
function affordable(problem: Exchange, start: readonly number[]): number[] {
  const { candidates, flops } = problem;
  const least = cheapest(problem);
  const runs = [...start];
  while (costOf(candidates, runs) > flops * SLACK) {
    const dearest = runs.reduce(
      (at, run, i) => (candidates[run].flops > candidates[runs[at]].flops ? i : at),
      0,
    );
    if (runs[dearest] === least) break;
    runs[dearest] = least;
  }
  return runs;
}

export const costOf = (candidates: readonly Candidate[], runs: readonly number[]): number =>
  runs.reduce((sum, run) => sum + candidates[run].flops, 0);

function improved(problem: Exchange, start: readonly number[]): Chosen {
  let current: Chosen = { runs: [...start], score: scoreOf(problem, start) };
  for (let pass = 0; pass < PASSES; pass++) {
    const next = singlePass(problem, current) ?? pairPass(problem, current);
    if (next === null) break;
    current = next;
  }
  return { ...current, runs: current.runs.sort((a, b) => a - b) };
}

/** Indices of runs, one for each distinct candidate. */
const distinct = (runs: readonly number[]): number[] =>
  [...runs.keys()].filter((i) => runs.indexOf(runs[i]) === i);

function singlePass(problem: Exchange, from: Chosen): Chosen | null {
  let current = from;
  for (const i of distinct(from.runs)) {
    const others = current.runs.filter((_, j) => j !== i);
    const found = bestAddition(problem, others);
    if (found === null || !(found.score < current.score - GAIN)) continue;
    const runs = [...current.runs];
    runs[i] = found.run;
    current = { runs, score: found.score };
  }
  return current === from ? null : current;
}

/** A run gives one step of its compute, or turns to another ratio at it, and another takes the best it can have then. */
function pairPass(problem: Exchange, from: Chosen): Chosen | null {
  for (const i of distinct(from.runs)) {
    for (const cheaper of lowerNeighbours(problem, from.runs[i])) {
      for (const j of distinct(from.runs)) {
        if (j === i) continue;
        const others = from.runs.filter((_, m) => m !== i && m !== j);
        const found = bestAddition(problem, [...others, cheaper]);
        if (found === null || !(found.score < from.score - GAIN)) continue;
        return { runs: [...others, cheaper, found.run], score: found.score };
      }
    }
  }
  return null;
}

/** Of the next three levels of compute below a candidate, the one nearest in ratio. */
function lowerNeighbours({ candidates }: Exchange, of: number): number[] {
  const { flops, N, D } = candidates[of];
  const levels = [...new Set(candidates.filter((one) => one.flops < flops).map((one) => one.flops))].sort(
    (a, b) => b - a,
  );
  const away = (i: number) => Math.abs(Math.log(candidates[i].D / candidates[i].N / (D / N)));
  return [levels[0], levels[2]]
    .filter((level) => level !== undefined)
    .map((level) =>
      candidates
        .flatMap((one, i) => (one.flops === level ? [i] : []))
        .reduce((a, b) => (away(b) < away(a) ? b : a)),
    );
}

/** Half the mean log variance that these runs leave. */
export function scoreOf(problem: Exchange, runs: readonly number[]): number {
  const { before, rows, p, gradients } = problem;
  const M = addRuns(before, rows, runs, p);
  let score = 0;
  for (let draw = 0; draw < M.length; draw++) {
    const found = inverse(M[draw], p);
    if (found === null) return Number.POSITIVE_INFINITY;
    score += gradients === null ? found.logDeterminant : Math.log(quadratic(found.V, gradients[draw]));
  }
  return score / (2 * M.length);
}

/** The affordable candidate that is best beside these runs; null where none is, or nothing is known without it. */
export function bestAddition(
  problem: Exchange,
  others: readonly number[],
): { run: number; score: number } | null {
  const { candidates, flops } = problem;
  const left = flops * SLACK - costOf(candidates, others);
  const isAffordable = (i: number) => candidates[i].flops <= left;
  const scores = additionScores(problem, others, isAffordable);
  if (scores === null) return null;
  const run = scores.indexOf(Math.min(...scores));
  return Number.isFinite(scores[run]) ? { run, score: scores[run] } : null;
}

/** The score of these runs with each candidate added; infinite for those left out. */
export function additionScores(
  { candidates, rows, before, gradients, p }: Exchange,
  others: readonly number[],
  isWanted: (candidate: number) => boolean,
): Float64Array | null {
  const M = addRuns(before, rows, others, p);
  const scores = Float64Array.from(candidates, (_, i) => (isWanted(i) ? 0 : Number.POSITIVE_INFINITY));
  const g = new Float64Array(p);
  for (let draw = 0; draw < M.length; draw++) {
    const found = inverse(M[draw], p);
    if (found === null) return null;
    const { V, logDeterminant } = found;
    const c = gradients === null ? null : gradients[draw];
    for (let r = 0; r < p; r++) g[r] = c === null ? 0 : dot(V, r * p, c, 0, p);
    const now = c === null ? logDeterminant : dot(g, 0, c, 0, p);
    const X = rows[draw];
    for (let i = 0; i < scores.length; i++) {
      if (scores[i] === Number.POSITIVE_INFINITY) continue;
      let d = 1;
      let e = 0;
      for (let r = 0; r < p; r++) {
        const x = X[i * p + r];
        let half = V[r * p + r] * x;
        for (let s = 0; s < r; s++) half += 2 * V[r * p + s] * X[i * p + s];
        d += x * half;
        e += x * g[r];
      }
      scores[i] += c === null ? now - Math.log(d) : Math.log(now - (e * e) / d);
    }
  }
  return scores.map((score) => score / (2 * M.length));
}

function dot(a: Float64Array, from: number, b: Float64Array, at: number, p: number): number {
  let sum = 0;
  for (let r = 0; r < p; r++) sum += a[from + r] * b[at + r];
  return sum;
}
