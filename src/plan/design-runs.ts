/**
 * Which small runs to train: those whose fit would pin the target down best, what they would leave unknown, how that falls
 * with compute, and how an isoFLOP grid of the same cost compares.
 */
import { DataError } from "../errors.js";
import { studentFactor } from "../fit/distributions.js";
import type {
  DesignedLaw,
  DesignGrid,
  DesignNext,
  Estimate,
  ExpectedAtTarget,
  FitMemory,
  Warning,
} from "../objects.js";
import { additionScores, costOf, type Exchange, exchange, scoreOf } from "./design-exchange.js";
import { type Candidate, candidatesWithin, type Limits, limitsOf, STEP } from "./design-grid.js";
import {
  addRuns,
  bestAt,
  priorInformation,
  type Spreads,
  sensitivitiesOf,
  spreadFor,
  spreadsOf,
  type TargetGradients,
  targetGradients,
} from "./design-information.js";
import { type IsoflopGrid, isoflopGrid, shapesOf, usualShape } from "./design-isoflop.js";
import { type KnownLaw, knownLaw } from "./design-law.js";
import type { DesignQuestion } from "./design-question.js";
import { computeDecades } from "./extrapolation.js";
import type { Source } from "./source.js";

export interface DesignResult {
  design: DesignedLaw;
  warnings: Warning[];
}

/** Random starts of the search, besides the isoFLOP grid; other budgets begin with this one's runs. */
const STARTS = 2;
/** Draws that the search averages over: with all of them it chooses runs that are better by less than 1 %. */
const SEARCHED = 12;

/**
 * @param covariance of the fit's parameters, null without a fit
 * @throws DataError for a law or a fit that no runs can be designed for, fewer runs than parameters without a fit, or sizes
 *   that leave no run
 */
export function designRuns(
  source: Source,
  covariance: FitMemory["covariance"],
  question: DesignQuestion,
): DesignResult {
  const known = knownLaw(source, covariance, question);
  requireRuns(known, question);
  const limits = limitsOf(known, question);
  const target = targetGradients(known, question.target);
  const search = searchFor(known, target, question, limits);
  const runs = search.best(question.flops, []);
  const rows = sensitivitiesOf(known, runs);
  const before = priorInformation(known);
  const after = addRuns(before, rows, runs.keys(), known.free.length);
  const spreads = spreadsOf(known, target, after);
  const own = expected(known, question, spreads, known.degrees + runs.length);
  const hasPrior = known.prior !== null;
  const priorSpreads = hasPrior ? spreadsOf(known, target, before) : null;
  const { N, D, loss } = bestAt(known, question.target);
  const width = spreads === null ? null : spreadFor(question.goal, spreads);
  const design: DesignedLaw = {
    group: source.group,
    law: known.law.id,
    source: source.from,
    goal: question.goal,
    asked: { flops: question.flops, runs: question.runs, target: question.target },
    runs: grouped(runs, known.k),
    cost: { flops: runs.reduce((sum, run) => sum + run.flops, 0) },
    target: {
      flops: question.target,
      N,
      D,
      loss,
      decades: Math.log10(question.target / dearest(source, runs)),
    },
    before: expected(known, question, priorSpreads, known.degrees),
    after: own,
    parameters: known.free.map((name, j) => ({
      name,
      estimate: known.estimate[name],
      before: priorSpreads?.each[j] ?? null,
      after: spreads?.each[j] ?? null,
    })),
    budgets: question.budgets.map((factor) => {
      const flops = factor * question.flops;
      const at = factor === 1 ? runs : search.best(flops, runs);
      const left = spreadsOf(
        known,
        target,
        addRuns(before, sensitivitiesOf(known, at), at.keys(), known.free.length),
      );
      return {
        flops,
        cost: at.reduce((sum, run) => sum + run.flops, 0),
        ...expected(known, question, left, known.degrees + at.length),
      };
    }),
    isoflop: comparedGrids(known, target, question, limits, width),
    ...(question.isNext ? { next: nextRuns(known, target, question, limits) } : {}),
    noise: known.noise,
    assumptions: assumptionsOf(known, limits, question),
  };
  return { design, warnings: warningsFor(source, design, known) };
}

/** FLOPs of the dearest run, designed or fitted. */
const dearest = ({ largestProduct, flopsPerParamToken: k }: Source, runs: readonly Candidate[]): number =>
  Math.max(k * (largestProduct ?? 0), ...runs.map((run) => run.flops));

/** Runs that start from nothing, and the isoFLOP grid that they compete with. */
export interface DesignedRuns {
  known: KnownLaw;
  runs: Candidate[];
  grid: IsoflopGrid | null;
}

/**
 * The design without the information of a fit, for simulated campaigns.
 *
 * @param design the one that was made, whose runs are these where no fit stands behind it
 */
export function designedAndUsual(
  source: Source,
  question: DesignQuestion,
  design: DesignedLaw,
): DesignedRuns {
  const known = knownLaw(source, null, question);
  const withoutFit = { ...known, prior: null, degrees: -known.free.length };
  requireRuns(withoutFit, question);
  const limits = limitsOf(withoutFit, question);
  const isMade = known.prior === null;
  const runs = isMade
    ? design.runs.flatMap(({ N, D, flops, seeds }) => Array.from({ length: seeds }, () => ({ N, D, flops })))
    : searchFor(withoutFit, targetGradients(withoutFit, question.target), question, limits).best(
        question.flops,
        [],
      );
  return { known: withoutFit, runs, grid: usualGrid(withoutFit, question, limits) };
}

function requireRuns({ prior, free, law }: KnownLaw, { runs }: DesignQuestion): void {
  if (prior !== null || runs >= free.length) return;
  throw new DataError({
    code: "too-few-runs",
    message: `${runs} ${runs === 1 ? "run" : "runs"} cannot tell the ${free.length} parameters of ${law.id}`,
    why: "there is no fit whose runs they would add to",
    hint: `design ${free.length} runs or more, one more to see the noise; or give the runs that exist: scalefit design runs.csv`,
  });
}

/** The search for the best runs of a cost. */
function searchFor(known: KnownLaw, target: TargetGradients, question: DesignQuestion, limits: Limits) {
  const { goal, runs, sizes, seed } = question;
  const p = known.free.length;
  // One run after others is looked for among all draws: that costs nothing.
  const few = <T>(draws: readonly T[]) => draws.slice(0, runs < 3 ? draws.length : SEARCHED);
  const searched = { ...known, draws: few(known.draws), units: few(known.units) };
  const gradients = goal === "parameters" ? null : goal === "loss" ? target.loss : target.N;
  const before = priorInformation(searched);
  return {
    /** @param near runs of another cost, which are the only start where there are some */
    best(flops: number, near: readonly Candidate[]): Candidate[] {
      const factor = flops / question.flops;
      const cap = question.maxFlopsPerRun ?? Number.POSITIVE_INFINITY;
      const within: Limits = {
        ...limits,
        minFlops: Math.min(limits.minFlops, flops / runs),
        maxFlops: Math.min(limits.maxFlops * factor, cap),
      };
      const candidates = candidatesWithin(known, within, sizes);
      const problem: Exchange = {
        candidates,
        rows: sensitivitiesOf(searched, candidates),
        before,
        gradients: gradients && few(gradients),
        p,
        runs,
        flops,
      };
      const usual = usualGrid(known, question, limits)?.runs ?? [];
      const like = near.length > 0 ? near.map((run) => ({ ...run, flops: run.flops * factor })) : usual;
      const start = like.map((run) => nearestTo(candidates, run));
      const starts = start.length === runs ? [start] : [];
      const found = exchange(problem, starts, near.length > 0 ? 0 : STARTS, seed);
      const chosen = found.runs.map((i) => candidates[i]);
      const whole = filled(chosen, flops, costOf(candidates, found.runs), within);
      const ofWhole = { ...problem, candidates: whole, rows: sensitivitiesOf(searched, whole) };
      return scoreOf(ofWhole, [...whole.keys()]) < found.score ? whole : chosen;
    },
  };
}

/** The candidate nearest in compute, then in tokens per parameter. */
function nearestTo(candidates: readonly Candidate[], { N, D, flops }: Candidate): number {
  const away = (one: Candidate) =>
    10 * Math.abs(Math.log(one.flops / flops)) + Math.abs(Math.log(one.D / one.N / (D / N)));
  return candidates.reduce((best, one, i) => (away(one) < away(candidates[best]) ? i : best), 0);
}

/** What the grid leaves of the compute, as more tokens for all runs alike: a step of the grid at most. */
function filled(
  runs: readonly Candidate[],
  flops: number,
  cost: number,
  { maxFlops, maxRatio }: Limits,
): Candidate[] {
  const room = runs.map(({ N, D, flops: own }) => Math.min(maxFlops / own, (maxRatio * N) / D));
  const factor = Math.max(1, Math.min(flops / cost, STEP, ...room));
  return runs.map(({ N, D, flops: own }) => ({ N, D: D * factor, flops: own * factor }));
}

function usualGrid(
  known: KnownLaw,
  { runs, flops }: DesignQuestion,
  { maxFlops }: Limits,
): IsoflopGrid | null {
  const shape = usualShape(runs);
  return shape === null ? null : isoflopGrid(known, shape, { runs, flops, most: maxFlops });
}

/** Equal runs are seeds of one; from the dearest down. */
function grouped(runs: readonly Candidate[], k: number): DesignedLaw["runs"] {
  const sorted = [...runs].sort((a, b) => b.flops - a.flops || b.N - a.N);
  const found: DesignedLaw["runs"] = [];
  for (const { N, D } of sorted) {
    const last = found.at(-1);
    if (last !== undefined && last.N === N && last.D === D) last.seeds++;
    else found.push({ N, D, flops: k * N * D, tokensPerParameter: D / N, seeds: 1 });
  }
  return found;
}

/** Loss and best split of the target with the intervals that a fit of the runs is expected to give. */
function expected(
  known: KnownLaw,
  { target, goal }: DesignQuestion,
  spreads: Spreads | null,
  degrees: number,
): ExpectedAtTarget {
  const { N, D, loss } = bestAt(known, target);
  if (spreads === null || degrees <= 0) {
    const reason =
      degrees > 0
        ? "the parameters cannot be told apart"
        : known.prior === null && degrees === -known.free.length
          ? "there is no fit before the runs"
          : "as many parameters as runs: nothing is left to judge the noise by";
    const none = (estimate: number): Estimate => ({ estimate, low: null, high: null, reason });
    return { N: none(N), D: none(D), loss: none(loss), halfWidth: null };
  }
  const t = studentFactor(known.level, degrees);
  const times = (estimate: number, by: number): Estimate => ({
    estimate,
    low: estimate * Math.exp(-by),
    high: estimate * Math.exp(by),
  });
  const half = t * spreads.loss;
  return {
    N: times(N, t * spreads.N),
    D: times(D, t * spreads.N),
    loss: known.noise.isRelative
      ? times(loss, half)
      : { estimate: loss, low: loss - half, high: loss + half },
    halfWidth: t * spreadFor(goal, spreads),
  };
}

/** The usual grid, and the best of all grids within the limits of the designed runs, judged as these are. */
function comparedGrids(
  known: KnownLaw,
  target: TargetGradients,
  question: DesignQuestion,
  limits: Limits,
  width: number | null,
): DesignedLaw["isoflop"] {
  const { runs, flops, goal } = question;
  const before = priorInformation(known);
  const judged = (grid: IsoflopGrid | null): DesignGrid | null => {
    if (grid === null) return null;
    const rows = sensitivitiesOf(known, grid.runs);
    const spreads = spreadsOf(known, target, addRuns(before, rows, grid.runs.keys(), known.free.length));
    const { budgets, sizes, budgetFactor, sizeFactor } = grid;
    return {
      budgets,
      sizes,
      budgetFactor,
      sizeFactor,
      cost: grid.flops,
      ...expected(known, question, spreads, known.degrees + grid.runs.length),
      factor: spreads === null || width === null ? null : spreadFor(goal, spreads) / width,
    };
  };
  const usual = judged(usualGrid(known, question, limits));
  if (usual === null) return { usual: null, best: null, reason: "an isoFLOP grid has six runs or more" };
  const all = shapesOf(runs)
    .map((shape) => isoflopGrid(known, shape, { runs, flops, most: limits.maxFlops }))
    .filter((grid) => grid?.runs.every((run) => isWithin(run, limits)))
    .map(judged);
  const best = all.reduce<DesignGrid | null>(
    (least, one) =>
      one !== null && (least === null || (one.factor ?? Infinity) < (least.factor ?? Infinity)) ? one : least,
    usual,
  );
  return { usual, best };
}

function isWithin({ N, D, flops }: Candidate, limits: Limits): boolean {
  const slack = 1 + 1e-9;
  const isBetween = (value: number, low: number, high: number) =>
    value >= low / slack && value <= high * slack;
  return (
    isBetween(flops, limits.minFlops, limits.maxFlops) &&
    isBetween(D / N, limits.minRatio, limits.maxRatio) &&
    N >= limits.minParams / slack &&
    D >= limits.minTokens / slack
  );
}

/** Costs at which the best single run is told, as shares of the dearest. */
const SHARES = [1, 0.3, 0.1, 0.03, 0.01, 0.003];

/** The best single next run at several costs: what it tells of the goal, and for each FLOP. */
function nextRuns(
  known: KnownLaw,
  target: TargetGradients,
  question: DesignQuestion,
  limits: Limits,
): DesignNext[] {
  const { goal, flops, sizes } = question;
  const minFlops = Math.min(limits.minFlops, SHARES[SHARES.length - 1] * limits.maxFlops);
  const candidates = candidatesWithin(known, { ...limits, minFlops }, sizes);
  const before = priorInformation(known);
  const problem: Exchange = {
    candidates,
    rows: sensitivitiesOf(known, candidates),
    before,
    gradients: goal === "parameters" ? null : goal === "loss" ? target.loss : target.N,
    p: known.free.length,
    runs: 1,
    flops,
  };
  const now = spreadsOf(known, target, before);
  const scores = additionScores(problem, [], () => true);
  if (now === null || scores === null) return [];
  // The score of all parameters is of the whole determinant.
  const start =
    goal === "parameters" ? known.free.length * Math.log(now.parameters) : Math.log(spreadFor(goal, now));
  const found: DesignNext[] = [];
  for (const share of SHARES) {
    const affordable = candidates.flatMap((one, i) =>
      one.flops <= share * limits.maxFlops * (1 + 1e-9) ? [i] : [],
    );
    if (affordable.length === 0) continue;
    const best = affordable.reduce((a, b) => (scores[b] < scores[a] - 1e-12 ? b : a));
    const { N, D, flops: cost } = candidates[best];
    if (found.some((one) => one.N === N && one.D === D)) continue;
    const information = start - scores[best];
    found.push({
      N,
      D,
      flops: cost,
      tokensPerParameter: D / N,
      information,
      informationPerFlop: information / cost,
    });
  }
  return found;
}

function assumptionsOf(known: KnownLaw, limits: Limits, { sizes, maxFlopsPerRun }: DesignQuestion) {
  const { k, noise, doubt, level, law } = known;
  return {
    law: `the law ${law.id} holds from the smallest run to the target`,
    compute: `C = ${k} N D`,
    doubt,
    noise: `one run's loss has a noise of ${noise.isRelative ? `${Number((100 * noise.value).toPrecision(3))} %` : Number(noise.value.toPrecision(3))} (${noise.from})`,
    minRatio: limits.minRatio,
    maxRatio: limits.maxRatio,
    minFlopsPerRun: limits.minFlops,
    ...(maxFlopsPerRun === null ? {} : { maxFlopsPerRun }),
    ...(limits.minTokens > 0 ? { minParams: limits.minParams, minTokens: limits.minTokens } : {}),
    ...(sizes === null ? {} : { sizes: sizes.length }),
    level,
  };
}

/** Further than this beyond the largest run a law that bends is worth a word. */
const FAR = 2;

function warningsFor(source: Source, design: DesignedLaw, known: KnownLaw): Warning[] {
  const group = source.group ?? undefined;
  const warnings: Warning[] = [];
  const { decades } = design.target;
  if (decades > FAR)
    warnings.push({
      code: "extrapolation",
      group,
      message: `the target is ${decades.toFixed(1)} decades of compute beyond the largest run: the expected interval holds if the law does, and runs cannot be designed against a bend out there`,
    });
  if (decades < 0)
    warnings.push({
      code: "interpolation",
      group,
      message: "the target costs less than the largest run: training it would tell more than any design",
    });
  const beyond = computeDecades(source, design.runs[0].flops / known.k);
  if (beyond !== null && Math.abs(beyond) > FAR)
    warnings.push({
      code: "extrapolation",
      group,
      message: `these runs are ${Math.abs(beyond).toFixed(1)} decades of compute from the fitted ones: what they would tell rests on the fit out there`,
    });
  return warnings;
}
