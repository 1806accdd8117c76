/**
 * The best fit of any formula.
 *
 * Parameters that enter linearly are solved for at every start, so that only the others are searched. From a start far
 * away no single damping of Levenberg and Marquardt's method finds the way on all problems: four are tried (damping
 * scaled by the columns of the Jacobian as they are, or as large as they have been; first damping 0.01, 1 or 100) and
 * the lowest end is polished by Newton's method with exact second derivatives. That reaches the certified answer on
 * all 27 problems of NIST's StRD from both of its starts.
 *
 * Without a start the formula is sampled (`formula-starts.ts`), and where the samples do not agree on one basin the best
 * ends hop on: some of their parameters are drawn anew and run again. That reaches the certified minimum of all 27 too.
 */
import type { ColumnFunction } from "../laws/expression/index.js";
import type { DistinctRows } from "./distinct.js";
import { objectiveAt, type Problem } from "./evaluate.js";
import { FormulaKernel } from "./formula-kernel.js";
import { FormulaStarts, type FreeParameter, type LikelyStarts, searchedOf } from "./formula-starts.js";
import { gathered, type Kernel } from "./kernel.js";
import {
  asBasins,
  type Basin,
  type Model,
  type Refit,
  type SearchOutcome,
  type Solution,
  searchOutcome,
} from "./model.js";
import { isSquares, type Objective } from "./objective.js";
import { gaussNewtonStep } from "./qr.js";
import type { ParameterMap } from "./search-coordinates.js";
import { type Minimum, minimise, type SolveOptions, Workspace } from "./solve.js";

/** First dampings and their scaling, tried from each serious start. */
const DESCENTS: readonly SolveOptions[] = [
  { scaling: "current", lambda: 1e-2 },
  { scaling: "largest", lambda: 1e-2 },
  { scaling: "largest", lambda: 1 },
  { scaling: "largest", lambda: 100 },
].map((choice) => ({ ...choice, tolerance: 1e-13, curvature: "majorant" }) as SolveOptions);
const MOST_STEPS = 3000;
const ROUGH: SolveOptions = {
  tolerance: 1e-4,
  maxSteps: 60,
  curvature: "majorant",
  scaling: "largest",
  lambda: 1,
};
const POLISH: SolveOptions = { tolerance: 1e-13, maxSteps: 200 };
/** Steps of a descent from a searched start; only the best of them is given as many as a given start. */
const FEWER_STEPS = 300;
const REFIT: SolveOptions = { tolerance: 1e-9, enough: 1e-14, foretold: 1e-18, maxSteps: 200 };

/**
 * A quick search: a fiftieth of the work, over few rows until the last steps, and by Gauss and Newton's way alone, so that
 * second derivatives are never made.
 */
const QUICK_ROWS = 64;
interface QuickEffort {
  samples: number;
  /** Of the samples, those that are run from, and of their ends those that are run on over all rows. */
  kept: number;
  polished: number;
  /** Whether the best ends are varied where they do not agree. */
  isVaried: boolean;
}
const QUICK_WHOLE: QuickEffort = { samples: 100, kept: 8, polished: 2, isVaried: true };
const QUICK_CONFIRMED: QuickEffort = { samples: 40, kept: 3, polished: 1, isVaried: false };
const QUICK_ROUGH: SolveOptions = { ...ROUGH, tolerance: 1e-3, maxSteps: 60 };
/** Of a law with so many parameters to be searched the best ends are varied, where fewer of them than this agree. */
const QUICK_VARIED = 6;
const QUICK_SURE = 2;
const QUICK_HOPS = { hoppers: 3, hops: 8, options: QUICK_ROUGH };
const QUICK_POLISH: SolveOptions = { tolerance: 1e-5, maxSteps: 60, curvature: "majorant" };

/** Second derivatives of a formula that take as long as a sum of two power terms: Farseer's 45 take eight times as long. */
const CURVED_LIKE_TWO_TERMS = 6;

/**
 * Rows enough to tell starts and basins apart, and fewer of them where few parameters are searched; the polish sees all.
 * With 512 for all laws 15 of 114 noisy fits ended up to 0.4 % higher, those of bnsl, farseer and u-shape.
 */
const ROUGH_ROWS = 2000;
const FEW_ROUGH_ROWS = 512;
const FEW_SEARCHED = 3;
const POLISHED = 4;
/** Fewer starts than this in the best basin: it may not be the last, and the best ends are varied and run again. */
const SURE = 6;
/**
 * Along a flat valley runs stop far apart, at nearly one value: where so many starts end within this share of the lowest,
 * that is one basin too. Of few rows for each parameter a law has several minima as near to each other.
 */
const ONE_VALLEY = 1e-4;
const SURE_OF_VALLEY = 12;
const VALLEY_ROWS_A_PARAMETER = 15;
/** So many ends are run on with second derivatives, which finds out for little whether they lie in one valley. */
const RUN_ON = 12;
/** Ends to this tolerance are the minima themselves. */
const SETTLED = 1e-9;
const RUN_ON_OPTIONS: SolveOptions = { tolerance: SETTLED, maxSteps: 30 };
/** So many of the best samples are run first: where they end at the best of an earlier search, no others are. */
const CONFIRMING = 8;
/** Ends of one search that are starts of the next on the same rows. */
const MOST_KNOWN = 8;
/** Rows that hops are made over, and that samples are judged by where a law names few variables to be searched. */
const HOPPED_ROWS = 128;
const HOPPING = { hoppers: 6, hops: 24, options: ROUGH };
/** Ends closer than this (relative, in every parameter) are one basin. */
const ONE_BASIN = 1e-3;

export class FormulaModel implements Model {
  readonly parameters: readonly string[];
  readonly effort: number;
  readonly kernel: FormulaKernel;
  private readonly workspace: Workspace;
  private readonly logs: Float64Array;

  constructor(
    private readonly compiled: ColumnFunction,
    private readonly free: readonly FreeParameter[],
    readonly columns: readonly Float64Array[],
    readonly measured: Float64Array,
    readonly weight: Float64Array | null,
    readonly inverseNoise: Float64Array | null,
    private readonly map: ParameterMap | null = null,
    private readonly likely: LikelyStarts | null = null,
  ) {
    this.parameters = map?.names ?? free.map(({ name }) => name);
    const lower = Float64Array.from(free, (parameter) => parameter.lower);
    const upper = Float64Array.from(free, (parameter) => parameter.upper);
    this.kernel = new FormulaKernel({ compiled, lower, upper, map }, columns, measured.length);
    this.effort = Math.max(1, this.kernel.curved.length / CURVED_LIKE_TWO_TERMS);
    this.workspace = new Workspace(this.kernel);
    this.logs = measured.map(Math.log);
  }

  problem(kernel: Kernel, objective: Objective): Problem {
    const y = objective.scale === "log" ? this.logs : this.measured;
    return { kernel, y, weight: this.weight, inverseNoise: this.inverseNoise, objective };
  }

  over({ inputs, measured, weight, inverseNoise }: DistinctRows): FormulaModel {
    const { compiled, free, map, likely } = this;
    const columns = compiled.inputs.map((name) => inputs.get(name) as Float64Array);
    return new FormulaModel(compiled, free, columns, measured, weight, inverseNoise, map, likely);
  }

  /** The bounds are a box, which the solver keeps. */
  isInside(): boolean {
    return true;
  }

  search(objective: Objective, earlier?: SearchOutcome): SearchOutcome {
    const problem = this.problem(this.kernel, objective);
    const searched = searchedOf(this.free, this.likely);
    const thinned = this.thinned(searched > 0 && searched <= FEW_SEARCHED ? FEW_ROUGH_ROWS : ROUGH_ROWS);
    const rough = thinned === this ? problem : thinned.problem(thinned.kernel, objective);
    const search = this.starts(thinned);
    const given = search.given();
    const serious = given === null ? [] : [given, search.withLinear(given, objective)];
    const { basins, tried } = this.sampledBasins(rough, search, earlier?.basins ?? []);
    const polished: { solution: Solution; starts: number }[] = [];
    const add = (solution: Solution | null, starts: number) => {
      if (solution !== null) polished.push({ solution, starts });
    };
    const descend = (theta: Float64Array) => this.descend(problem, rough, theta, MOST_STEPS, DESCENTS);
    for (const theta of serious) add(descend(theta), 1);
    // Where some were run on to their minima, what is left of the others lies in the same valleys, less far down.
    const chosen = basins[0]?.isSettled ? basins.filter(({ isSettled }) => isSettled) : basins;
    chosen.slice(0, POLISHED).forEach(({ theta, starts, isSettled }, k) => {
      // Every way is tried from the best end; others have only to show whether they lead lower.
      const ways = k === 0 ? DESCENTS : DESCENTS.slice(0, 1);
      add(
        isSettled ? this.polished(problem, theta) : this.descend(problem, rough, theta, FEWER_STEPS, ways),
        starts,
      );
    });
    const lowest = polished.reduce(
      (a, b) => (b.solution.minimum.value < a.solution.minimum.value ? b : a),
      polished[0],
    );
    if (lowest?.solution.minimum.status !== "converged" && lowest !== undefined)
      add(descend(lowest.solution.minimum.theta), 0);
    if (polished.length === 0)
      polished.push({ solution: this.failed(search.neutral(), objective), starts: 0 });
    const outcome = searchOutcome(
      polished,
      tried + serious.length,
      roundingOf(problem),
      ({ minimum, parameters }) => {
        const unsettled = minimum.status === "converged" ? 0 : 1e6;
        return unsettled + (given === null ? 0 : relativeSquares(given, parameters));
      },
    );
    const settledAt = polished.map(({ solution: { minimum } }) => ({ ...minimum, starts: 0 }));
    return { ...outcome, basins: joined<ValuedBasin>([...settledAt, ...basins]).slice(0, MOST_KNOWN) };
  }

  /**
   * Where samples of the formula lead, lowest first; where they do not agree, after hops from the best of them. Samples
   * whose best is also the best of what an earlier search came by are confirmed by it.
   */
  private sampledBasins(
    rough: Problem,
    search: FormulaStarts,
    known: readonly Basin[],
  ): { basins: readonly End[]; tried: number } {
    const isFew = search.varying > 0 && search.varying <= FEW_SEARCHED;
    // Over all magnitudes a formula may have poles between few rows: one of NIST's 27 problems was lost.
    const isTame = isFew && this.map !== null;
    const sampled = isTame ? this.sampledOver(HOPPED_ROWS, rough.objective) : search.sampled(rough);
    const tried = sampled.tried + known.length;
    const settle = (ends: readonly End[], most = POLISHED) => (isFew ? this.runOn(rough, ends, most) : ends);
    const run = (starts: readonly Float64Array[]) => this.roughEnds(rough, asBasins(starts));
    const again = settle(run(known.map(({ theta }) => theta)));
    const first = run(sampled.starts.slice(0, CONFIRMING));
    const confirming = known.length > 0 ? settle(first) : [];
    if (isOneBasin(confirming[0], again[0])) return { basins: joined([...confirming, ...again]), tried };
    const all = this.inOneValley(joined([...first, ...run(sampled.starts.slice(CONFIRMING))]));
    const isAgreed = all[0]?.starts >= SURE || isOneBasin(all[0], again[0]);
    const isSure = isAgreed || search.given() !== null || search.varying <= 1;
    const ends = settle(joined([...all, ...again]), isSure ? POLISHED : RUN_ON);
    return { basins: isSure || ends[0]?.starts >= SURE ? ends : this.hoppedOn(rough, ends), tried };
  }

  /** Samples judged by few rows: enough to tell which are worth a run. */
  private sampledOver(rows: number, objective: Objective): ReturnType<FormulaStarts["sampled"]> {
    const few = this.thinned(rows);
    return this.starts(few).sampled(few.problem(few.kernel, objective));
  }

  /** The best ends run on to where they end: along flat valleys rough runs stop far apart. */
  private runOn(rough: Problem, ends: readonly End[], most: number): End[] {
    return joined([...this.roughEnds(rough, ends.slice(0, most), RUN_ON_OPTIONS), ...ends.slice(most)]);
  }

  /** Ends as low as the lowest joined to it, where they are many enough to be one flat valley. */
  private inOneValley(ends: readonly End[]): readonly End[] {
    const [lowest] = ends;
    if (this.measured.length < VALLEY_ROWS_A_PARAMETER * this.free.length || lowest === undefined)
      return ends;
    const count = ends.findIndex(({ value }) => !(value <= lowest.value * (1 + ONE_VALLEY)));
    const valley = count < 0 ? ends : ends.slice(0, count);
    const starts = valley.reduce((sum, end) => sum + end.starts, 0);
    return starts < SURE_OF_VALLEY ? ends : [{ ...lowest, starts }, ...ends.slice(valley.length)];
  }

  /** The basins after hops over few rows: enough to find the way into one, and where it ends is seen over all. */
  private hoppedOn(rough: Problem, basins: readonly End[]): End[] {
    const few = this.thinned(HOPPED_ROWS);
    if (few === this) return this.hopped(rough, this.starts(this), basins);
    const problem = few.problem(few.kernel, rough.objective);
    const judged = basins.map((basin) => ({ ...basin, value: objectiveAt(problem, basin.theta) }));
    const hoppers = this.hopped(problem, this.starts(few), judged);
    return joined([...this.roughEnds(rough, hoppers.slice(0, HOPPING.hoppers)), ...basins]);
  }

  private starts(rows: FormulaModel): FormulaStarts {
    return new FormulaStarts(this.compiled, this.free, rows, this.likely);
  }

  quickSearch(objective: Objective, start?: Float64Array): Solution {
    if (start !== undefined)
      return this.solution(this.settled(this.problem(this.kernel, objective), start, QUICK_POLISH));
    return this.lowestOf(this.quickEnds(objective, QUICK_WHOLE), objective);
  }

  quickConfirmed(objective: Objective, known: Float64Array): Solution {
    return this.lowestOf([known, ...this.quickEnds(objective, QUICK_CONFIRMED)], objective);
  }

  /** Where samples lead over few rows, lowest first. */
  private quickEnds(
    objective: Objective,
    { samples, kept, polished, isVaried }: QuickEffort,
  ): Float64Array[] {
    const few = this.thinned(QUICK_ROWS);
    const rough = few.problem(few.kernel, objective);
    const search = this.starts(few);
    const { starts } = search.sampled(rough, samples);
    const basins = this.roughEnds(rough, asBasins(starts.slice(0, kept)), QUICK_ROUGH);
    const isUnsure = search.varying >= QUICK_VARIED && basins[0]?.starts < QUICK_SURE;
    const ends = isVaried && isUnsure ? this.hopped(rough, search, basins, QUICK_HOPS) : basins;
    return ends.slice(0, polished).map(({ theta }) => theta);
  }

  /** The lowest end of short runs over all rows. */
  private lowestOf(starts: readonly Float64Array[], objective: Objective): Solution {
    const problem = this.problem(this.kernel, objective);
    const ends = starts
      .map((theta) => this.settled(problem, theta, QUICK_ROUGH))
      .filter(({ value }) => Number.isFinite(value));
    if (ends.length === 0) return this.failed(this.starts(this).neutral(), objective);
    return this.solution(ends.reduce((a, b) => (b.value < a.value ? b : a)));
  }

  private settled(problem: Problem, theta: Float64Array, options: SolveOptions): Minimum {
    return minimise(problem, theta, { ...options, workspace: this.workspace });
  }

  /** Every k-th row; the model itself when it has no more than `most` rows. */
  private thinned(most: number): FormulaModel {
    const stride = Math.ceil(this.measured.length / most);
    if (stride <= 1) return this;
    const pick = (column: Float64Array) => column.filter((_, i) => i % stride === 0);
    return new FormulaModel(
      this.compiled,
      this.free,
      this.columns.map(pick),
      pick(this.measured),
      this.weight === null ? null : pick(this.weight),
      this.inverseNoise === null ? null : pick(this.inverseNoise),
      this.map,
      this.likely,
    );
  }

  polish(start: Float64Array, objective: Objective): Solution {
    return this.solution(this.settled(this.problem(this.kernel, objective), start, POLISH));
  }

  repolish({ minimum }: Solution, objective: Objective): Solution {
    return this.polish(minimum.theta, objective);
  }

  warmStart({ minimum }: Solution): Float64Array {
    return minimum.theta;
  }

  otherStarts(): readonly Float64Array[] {
    return [];
  }

  refitter(theta: Float64Array, objective: Objective, observed?: Float64Array): Refit {
    return this.refits(theta, objective, REFIT, observed);
  }

  quickRefitter(theta: Float64Array, objective: Objective, steps: number | null): Refit {
    return this.refits(theta, objective, { ...QUICK_POLISH, maxSteps: steps ?? QUICK_POLISH.maxSteps });
  }

  private refits(
    theta: Float64Array,
    objective: Objective,
    options: SolveOptions,
    observed?: Float64Array,
  ): Refit {
    return (rows, count, weight) => {
      const kernel = this.kernel.gather(rows, count);
      const all = observed ?? (objective.scale === "log" ? this.logs : this.measured);
      const y = gathered(all, rows, count);
      const q = this.inverseNoise;
      const inverseNoise = q === null ? null : gathered(q, rows, count);
      const problem: Problem = { kernel, y, weight, inverseNoise, objective };
      return this.solution(this.settled(problem, theta, options));
    };
  }

  /** Where starts end after a few steps, lowest first, near-equal ends joined. */
  private roughEnds(problem: Problem, from: readonly Basin[], options = ROUGH): End[] {
    return joined(
      from.map(({ theta: start, starts }) => {
        const { theta, value, status } = this.settled(problem, start, options);
        return { theta, value, starts, isSettled: status === "converged" && options.tolerance <= SETTLED };
      }),
    );
  }

  /** The basins after hops from the best of them: a variation run for a few steps takes its place where it is lower. */
  private hopped(problem: Problem, search: FormulaStarts, basins: readonly End[], how = HOPPING): End[] {
    const { hoppers: most, hops, options } = how;
    const hoppers = basins.slice(0, most);
    for (let hop = 0; hop < hops; hop++) {
      hoppers.forEach((basin, i) => {
        const start = search.varied(problem, basin.theta, hops * i + hop);
        const { theta, value } = this.settled(problem, start, options);
        if (value < basin.value) hoppers[i] = { theta, value, starts: 1, isSettled: false };
      });
    }
    return joined([...hoppers, ...basins.slice(most)]);
  }

  /** The lowest end of the four descents over some rows, polished over all; null where the law has no value there. */
  private descend(
    problem: Problem,
    rough: Problem,
    start: Float64Array,
    maxSteps: number,
    ways: readonly SolveOptions[],
  ): Solution | null {
    let best: Minimum | null = null;
    // From where a law says that it is likely to lie any way leads down.
    for (const options of this.likely === null ? ways : ways.slice(0, 1)) {
      const end = this.settled(rough, start, { ...options, maxSteps });
      if (Number.isFinite(end.value) && (best === null || end.value < best.value)) best = end;
    }
    if (best === null) return null;
    const polished = this.settled(problem, best.theta, POLISH);
    // The polish may end higher by the rounding of a sum, and is nearer to the minimum all the same.
    const isLost = problem === rough && !(polished.value <= best.value * (1 + 1e-12));
    return this.solution(refined(problem, isLost ? best : polished));
  }

  /** A minimum of some rows polished over all; null where the law has no value there. */
  private polished(problem: Problem, start: Float64Array): Solution | null {
    const minimum = this.settled(problem, start, POLISH);
    return Number.isFinite(minimum.value) ? this.solution(refined(problem, minimum)) : null;
  }

  private failed(theta: Float64Array, objective: Objective): Solution {
    const value = objectiveAt(this.problem(this.kernel, objective), theta);
    const gradient = Number.POSITIVE_INFINITY;
    return this.solution({ theta, value, status: "stalled", steps: 0, gradient, atBound: [] });
  }

  private solution(minimum: Minimum): Solution {
    return {
      minimum,
      kernel: this.kernel,
      parameters: this.kernel.toParameters(minimum.theta),
      held: minimum.atBound.map((j) => this.parameters[j]),
    };
  }
}

/** Where rough runs end, and how many of them. */
interface ValuedBasin extends Basin {
  value: number;
}

interface End extends ValuedBasin {
  /** Whether it is the minimum over the rows that it was run on. */
  isSettled: boolean;
}

const isOneBasin = (a: End | undefined, b: End | undefined): boolean =>
  a !== undefined && b !== undefined && distance(a.theta, b.theta) <= ONE_BASIN;

function joined<T extends ValuedBasin>(ends: readonly T[]): T[] {
  const kept: T[] = [];
  for (const end of [...ends].sort((a, b) => a.value - b.value)) {
    const known = kept.find((other) => distance(other.theta, end.theta) <= ONE_BASIN);
    if (known === undefined) kept.push({ ...end });
    else known.starts += end.starts;
  }
  return kept;
}

/** Sum of squared relative differences: how far a minimum lies from the start, all parameters together. */
function relativeSquares(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let j = 0; j < a.length; j++) {
    const size = Math.max(Math.abs(a[j]), Math.abs(b[j]));
    if (size > 0) total += ((a[j] - b[j]) / size) ** 2;
  }
  return total;
}

/** Last steps by reflections instead of normal equations: digits that these cannot have where columns nearly agree. */
const LAST_STEPS = 30;

/**
 * A minimum of squares with its last digits, where no bound is in the way: steps of Gauss and Newton as long as each
 * is shorter than the one before.
 */
function refined(problem: Problem, minimum: Minimum): Minimum {
  if (!isSquares(problem.objective.name) || minimum.status !== "converged" || minimum.atBound.length > 0)
    return minimum;
  let { theta, value } = minimum;
  let shortest = Number.POSITIVE_INFINITY;
  for (let step = 0; step < LAST_STEPS; step++) {
    const move = gaussNewtonStep(problem, theta);
    if (move === null) break;
    const length = Math.max(...move.map((m, j) => Math.abs(m) / (Math.abs(theta[j]) + 1e-300)));
    if (!(length < 0.9 * shortest)) break;
    shortest = length;
    const next = theta.map((t, j) => t + move[j]);
    const lower = objectiveAt(problem, next);
    // Rounding moves the sum of squares itself by some bits.
    if (!(lower <= value * (1 + 1e-9))) break;
    theta = next;
    value = Math.min(value, lower);
  }
  return { ...minimum, theta, value };
}

function distance(a: Float64Array, b: Float64Array): number {
  let largest = 0;
  for (let j = 0; j < a.length; j++) {
    const size = Math.max(Math.abs(a[j]), Math.abs(b[j]));
    if (size > 0) largest = Math.max(largest, Math.abs(a[j] - b[j]) / size);
  }
  return largest;
}

/** What is left of the objective when every row is met to the last few bits: below it minima cannot be told apart. */
function roundingOf({ y, inverseNoise, objective }: Problem): number {
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    const rho = objective.rho(y[i], y[i] * (1 + 1e-12), inverseNoise?.[i] ?? 1);
    // A rate of 1 cannot be predicted too high.
    if (Number.isFinite(rho)) total += rho;
  }
  return total;
}
