/**
 * Starts for any formula. Only the parameters that do not enter linearly are sampled; the linear ones are solved for at
 * each sample (variable projection).
 */
import type { BoundFunction, ColumnFunction } from "../laws/expression/index.js";
import type { LawStarts, Point, StartRange } from "../laws/law.js";
import { objectiveAt, objectiveOf, type Problem } from "./evaluate.js";
import { areFinite, type Kernel } from "./kernel.js";
import { choleskyInPlace, choleskySolveInPlace } from "./linear-algebra.js";
import { NonNegativeLeastSquares } from "./non-negative.js";
import type { Objective } from "./objective.js";
import { meanOf, median } from "./quantiles.js";
import { type RandomStream, randomStream } from "./random.js";

/** A parameter of a formula: where it may lie, and where to start. */
export interface FreeParameter {
  name: string;
  lower: number;
  upper: number;
  /** Null where the start is to be searched. */
  start: number | null;
  /** Where the law says to look for it; null for all magnitudes. */
  searched: StartRange | null;
  /** Whether the formula is linear in it (jointly with the other linear ones). */
  isLinear: boolean;
}

/** Starts tried: around given ones, or over all magnitudes where none are given. */
const NEAR_STARTS = 32;
const SEARCHED_STARTS = 400;
/** Samples good enough to be run from. */
const KEPT = 24;
/** Variations tried for one that is run from. */
const VARIATIONS = 12;
/** Neighbours among the parameters (those of one term, mostly) that are varied together, at most. */
const VARIED = 3;
/** Linear parameters bounded below by 0 that are solved for over all faces of those bounds: 2^6 small systems. */
const MOST_FACES = 6;
/**
 * Least squares may leave the domain of an objective (rates beyond 0 and 1): then only a share of the measured values'
 * distance from their mean is met, which a law with a constant in it always can.
 */
const SHARES = [1, 0.5, 0.1, 0.01];
/** The search is part of the fit, not of its randomness: its starts are the same for every seed. */
const SEARCH_SEED = 20_404;

interface Sample {
  theta: Float64Array;
  value: number;
}

/** The amplitude of a power term: where its exponent stands, the middle of its column, and how large the term may be there. */
interface Term {
  exponent: number;
  middle: number;
  size: readonly [number, number];
}

/** The rows that starts are judged by. */
export interface StartRows {
  kernel: Kernel;
  columns: readonly Float64Array[];
  measured: Float64Array;
  weight: Float64Array | null;
  inverseNoise: Float64Array | null;
}

/** What a law says of where to start, and what it calls its output. */
export interface LikelyStarts {
  starts: LawStarts;
  output: string;
}

/** How many parameters are searched: those that do not enter linearly, none where the law itself says what is likely. */
export const searchedOf = (free: readonly FreeParameter[], likely: LikelyStarts | null): number =>
  likely === null ? free.filter(({ isLinear }) => !isLinear).length : 0;

export class FormulaStarts {
  /** What is solved for: single linear parameters, and common factors of parameters that scale together. */
  private readonly linear: readonly (readonly number[])[];
  /** The parameters in those. */
  private readonly solved: readonly number[];
  private readonly nonlinear: readonly number[];
  private readonly bound: BoundFunction;
  private readonly inputs: readonly string[];
  /** Least and largest value above 0 of each column. */
  private readonly extents: readonly (readonly [number, number])[];
  private readonly terms: ReadonlyMap<number, Term>;
  private readonly centre: Point;
  private readonly value: Float64Array;
  private readonly jacobian: Float64Array;
  private readonly predicted: Float64Array;
  /** Room for the least squares of the linear parameters. */
  private readonly rest: Float64Array;
  private readonly G: Float64Array;
  private readonly c: Float64Array;
  private readonly full: Float64Array;
  private readonly solution: Float64Array;
  private readonly weights = new Map<Objective["scale"], Float64Array>();

  constructor(
    compiled: ColumnFunction,
    private readonly free: readonly FreeParameter[],
    private readonly rows: StartRows,
    /** What the law says of likely values of all its parameters together. */
    private readonly likely: LikelyStarts | null = null,
  ) {
    const n = rows.measured.length;
    const placeOf = (name: string) => free.findIndex((parameter) => parameter.name === name);
    const scaled = likely?.starts.scaled?.map((group) => group.map(placeOf)) ?? [];
    this.linear = [...[...free.keys()].filter((j) => free[j].isLinear).map((j) => [j]), ...scaled];
    this.solved = this.linear.flat();
    this.nonlinear = [...free.keys()].filter((j) => !free[j].isLinear);
    this.bound = compiled.bind(rows.columns, n);
    this.inputs = compiled.inputs;
    this.extents = rows.columns.map(extentOf);
    this.terms = this.termsOf();
    this.centre = likely === null ? {} : centreOf(compiled.inputs, rows, likely.output);
    this.value = new Float64Array(n);
    this.jacobian = new Float64Array(n * free.length);
    this.predicted = new Float64Array(n);
    const m = this.linear.length;
    this.rest = new Float64Array(n);
    this.G = new Float64Array(m * m);
    this.c = new Float64Array(m);
    this.full = new Float64Array(m * m);
    this.solution = new Float64Array(m);
  }

  /** The nonlinear amplitudes whose start the law ties to a free exponent, with what they are drawn from. */
  private termsOf(): Map<number, Term> {
    const found = new Map<number, Term>();
    const size = median(this.rows.measured.map(Math.abs));
    for (const j of this.nonlinear) {
      const { searched } = this.free[j];
      if (searched === null || !("term" in searched)) continue;
      const exponent = this.free.findIndex(({ name }) => name === searched.to);
      const column = this.rows.columns[this.inputs.indexOf(searched.of)];
      const [low, high] = searched.term;
      const middle = Math.exp(column.reduce((sum, x) => sum + Math.log(x), 0) / column.length);
      if (exponent >= 0) found.set(j, { exponent, middle, size: [low * size, high * size] });
    }
    return found;
  }

  /** The given start, where all parameters have one. */
  given(): Float64Array | null {
    if (this.free.some(({ start }) => start === null)) return null;
    return Float64Array.from(this.free, ({ start }) => start as number);
  }

  /** 1 for every parameter without a start, or the bound nearest to it. */
  neutral(): Float64Array {
    return Float64Array.from(
      this.free,
      ({ start, lower, upper }) => start ?? Math.min(Math.max(1, lower), upper),
    );
  }

  /**
   * The best samples, lowest first, and how many were tried.
   *
   * @param most to try where no start is given, of those that the law says or of 400
   */
  sampled(problem: Problem, most = Number.POSITIVE_INFINITY): { starts: Float64Array[]; tried: number } {
    const given = this.given();
    const valued = this.samples(given, most)
      .map((start) => this.judged(problem, start))
      .filter(({ value }) => Number.isFinite(value))
      .sort((a, b) => a.value - b.value);
    return {
      starts: valued.slice(0, this.likely?.starts.kept ?? KEPT).map(({ theta }) => theta),
      tried: valued.length,
    };
  }

  get varying(): number {
    return searchedOf(this.free, this.likely);
  }

  /**
   * The best of some variations of a point: fresh values for one to three neighbouring parameters. Of two peaks a
   * random sample meets one at most; the other is met with that one held.
   */
  varied(problem: Problem, from: Float64Array, index: number): Float64Array {
    const stream = randomStream(SEARCH_SEED, SEARCHED_STARTS + index);
    const { nonlinear } = this;
    let best: Sample | null = null;
    for (let v = 0; v < VARIATIONS; v++) {
      const count = 1 + stream.below(Math.min(VARIED, nonlinear.length));
      const first = stream.below(nonlinear.length - count + 1);
      const theta = from.slice();
      this.draw(theta, nonlinear.slice(first, first + count), null, stream);
      const other = this.judged(problem, theta);
      if (best === null || other.value < best.value) best = other;
    }
    return best?.theta ?? from;
  }

  /** Around the given start by up to a factor of 10 either way, or over all magnitudes where none is given. */
  private samples(given: Float64Array | null, most: number): Float64Array[] {
    if (this.nonlinear.length === 0) return given === null ? [this.neutral()] : [];
    const searched = Math.min(most, this.likely?.starts.drawn ?? SEARCHED_STARTS);
    return Array.from({ length: given === null ? searched : NEAR_STARTS }, (_, i) => {
      const stream = randomStream(SEARCH_SEED, i);
      if (given === null && this.likely !== null) return this.likelySample(this.likely, stream);
      const theta = given?.slice() ?? this.neutral();
      this.draw(theta, this.nonlinear, given, stream);
      return theta;
    });
  }

  /**
   * Fresh values for some parameters. An amplitude is drawn after the exponent of its term; one that is not drawn
   * follows its exponent, so that the term keeps its value in the middle of the column.
   */
  private draw(
    theta: Float64Array,
    chosen: readonly number[],
    given: Float64Array | null,
    stream: RandomStream,
  ) {
    const before = theta.slice();
    for (const j of chosen) if (!this.terms.has(j)) theta[j] = this.sample(j, given, stream);
    for (const [j, { exponent, middle, size }] of this.terms) {
      if (this.free[j].start !== null || given !== null) {
        if (chosen.includes(j)) theta[j] = this.sample(j, given, stream);
      } else if (chosen.includes(j)) {
        const [low, high] = size;
        theta[j] = this.inside(j, low * (high / low) ** stream.uniform() * middle ** theta[exponent]);
      } else if (chosen.includes(exponent)) {
        theta[j] = this.inside(j, theta[j] * middle ** (theta[exponent] - before[exponent]));
      }
    }
  }

  private likelySample({ starts }: LikelyStarts, stream: RandomStream): Float64Array {
    const values = starts.sample(() => stream.uniform(), this.centre);
    return Float64Array.from(this.free, ({ name }, j) => this.inside(j, values[name]));
  }

  private judged(problem: Problem, start: Float64Array): Sample {
    let theta = start;
    let value = Number.POSITIVE_INFINITY;
    for (const share of SHARES) {
      theta = this.withLinear(start, problem.objective, share);
      value = this.objectiveAt(problem, theta, theta !== start);
      if (Number.isFinite(value) || theta === start) break;
    }
    return { theta, value };
  }

  /** @param isSolved whether `withLinear` gave this point: what it computed on the way then holds the predictions too */
  private objectiveAt(problem: Problem, theta: Float64Array, isSolved: boolean): number {
    const { linear, value, jacobian, predicted } = this;
    if (!isSolved || linear.some(({ length }) => length > 1)) return objectiveAt(problem, theta);
    predicted.set(value);
    for (const [j] of linear) {
      for (let i = 0; i < predicted.length; i++)
        predicted[i] += theta[j] * jacobian[j * predicted.length + i];
    }
    return objectiveOf(problem, predicted);
  }

  private inside(j: number, value: number): number {
    return Math.min(Math.max(value, this.free[j].lower), this.free[j].upper);
  }

  private sample(j: number, given: Float64Array | null, stream: RandomStream): number {
    const { lower, upper, start, searched } = this.free[j];
    const from = given?.[j] ?? start;
    if (from !== null) return this.inside(j, from * 10 ** (2 * stream.uniform() - 1));
    if (searched !== null && !("term" in searched)) return this.inside(j, this.searched(searched, stream));
    if (Number.isFinite(lower) && Number.isFinite(upper)) return lower + (upper - lower) * stream.uniform();
    return this.inside(j, this.magnitude(stream, lower < 0));
  }

  /** A value where the law says that it is likely to lie. */
  private searched(range: Exclude<StartRange, { term: unknown }>, stream: RandomStream): number {
    const u = stream.uniform();
    if ("between" in range) {
      const [low, high] = range.between;
      return range.spacing === "even" ? low + (high - low) * u : low * (high / low) ** u;
    }
    const [low, high] = this.extents[this.inputs.indexOf(range.within)];
    const [from, to] = range.part ?? [0, 1];
    return low * (high / low) ** (from + (to - from) * u);
  }

  /**
   * A size of 1e-4 to 1e2, a value of a column (a peak's place), or a size relative to one (a width) or to its inverse
   * (a rate), so that scales of the data are met.
   */
  private magnitude(stream: RandomStream, mayBeNegative: boolean): number {
    const { columns } = this.rows;
    const sign = mayBeNegative && stream.uniform() > 0.7 ? -1 : 1;
    const factor = () => 10 ** (2 * stream.uniform() - 1);
    const kind = columns.length === 0 ? 0 : stream.below(5);
    if (kind === 0) return sign * 10 ** (6 * stream.uniform() - 4);
    const column = columns[stream.below(columns.length)];
    const x = column[stream.below(column.length)];
    if (kind <= 2) return x;
    const size = Math.abs(x) || 1;
    return sign * (kind === 3 ? size * factor() : factor() / size);
  }

  /**
   * The start with its linear parameters at their least-squares values (relative ones for a log objective).
   *
   * @param share how much of the measured values' distance from their mean is to be met
   */
  withLinear(start: Float64Array, objective: Objective, share = 1): Float64Array {
    const { measured } = this.rows;
    const m = this.linear.length;
    const n = measured.length;
    if (m === 0) return start;
    const theta = start.slice();
    for (const [j, ...others] of this.linear) if (others.length === 0) theta[j] = 0;
    const { value, jacobian, rest, G, c } = this;
    this.bound.gradient(theta, value, jacobian, this.solved);
    const mean = share === 1 ? 0 : meanOf(measured);
    // What is to be met: the measured values, or values nearer to their mean.
    for (let i = 0; i < n; i++) rest[i] = mean + share * (measured[i] - mean) - value[i];
    const columns = this.linear.map((group) => this.columnOf(group, theta, rest));
    const w = this.squareWeights(objective.scale);
    for (let a = 0; a < m; a++) {
      c[a] = weightedProduct(w, columns[a], rest);
      for (let b = 0; b <= a; b++) G[a * m + b] = weightedProduct(w, columns[a], columns[b]);
    }
    // A touch of the diagonal keeps nearly equal columns (two exponentials started alike) solvable.
    for (let a = 0; a < m; a++) G[a * m + a] *= 1 + 1e-12;
    const solved = this.solvedLinear(G, c);
    if (solved === null) return start;
    this.linear.forEach((group, a) => {
      for (const j of group) theta[j] = this.inside(j, group.length > 1 ? solved[a] * theta[j] : solved[a]);
    });
    return theta;
  }

  /** What a row counts for in the least squares, relative ones for a log objective; made once for all samples. */
  private squareWeights(scale: Objective["scale"]): Float64Array {
    const known = this.weights.get(scale) ?? squareWeightsOf(this.rows, scale);
    this.weights.set(scale, known);
    return known;
  }

  /**
   * What a linear parameter is multiplied by in each row, or what a group of parameters adds: by Euler's rule for
   * homogeneous functions. That is part of the value already, so it is given back to the rest.
   */
  private columnOf(group: readonly number[], theta: Float64Array, rest: Float64Array): Float64Array {
    const n = rest.length;
    const { jacobian } = this;
    if (group.length === 1) return jacobian.subarray(group[0] * n, (group[0] + 1) * n);
    const column = new Float64Array(n);
    for (const j of group) for (let i = 0; i < n; i++) column[i] += theta[j] * jacobian[j * n + i];
    for (let i = 0; i < n; i++) rest[i] += column[i];
    return column;
  }

  /** The least squares; where signs are bounded, on the best face of those bounds. */
  private solvedLinear(G: Float64Array, c: Float64Array): ArrayLike<number> | null {
    const m = c.length;
    const { full, solution: b } = this;
    if (!areFinite(G, G.length)) return null;
    full.set(G);
    if (!choleskyInPlace(full, m)) return null;
    b.set(c);
    choleskySolveInPlace(full, b, m);
    const signed = this.linear.every((group) => group.every((j) => this.free[j].lower === 0));
    if (!signed || m > MOST_FACES || b.every((value) => value >= 0)) return b;
    const system = new NonNegativeLeastSquares(m);
    system.G.set(G);
    system.c.set(c);
    system.solve(0, b);
    return b;
  }
}

function squareWeightsOf(
  { measured, weight, inverseNoise }: StartRows,
  scale: Objective["scale"],
): Float64Array {
  const w = weight === null ? new Float64Array(measured.length).fill(1) : weight.slice();
  if (inverseNoise !== null)
    for (let i = 0; i < w.length; i++) w[i] = w[i] * inverseNoise[i] * inverseNoise[i];
  if (scale === "log") for (let i = 0; i < w.length; i++) w[i] /= measured[i] * measured[i];
  return w;
}

/** SUM w a b. Loops as small as this are compiled once and fast; in one large loop every new kind of law undoes them. */
function weightedProduct(w: Float64Array, a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < w.length; i++) sum += w[i] * a[i] * b[i];
  return sum;
}

const centreOf = (inputs: readonly string[], { columns, measured }: StartRows, output: string): Point => ({
  ...Object.fromEntries(inputs.map((name, k) => [name, geometricMean(columns[k])])),
  [output]: geometricMean(measured),
});

/** exp of the mean of the logs of the values above 0; 1 where there are none. */
function geometricMean(column: Float64Array): number {
  const logs = column.filter((value) => value > 0).map(Math.log);
  return logs.length === 0 ? 1 : Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
}

function extentOf(column: Float64Array): readonly [number, number] {
  const low = column.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Number.POSITIVE_INFINITY);
  const high = column.reduce((a, b) => Math.max(a, b), 0);
  return high > 0 ? [low, high] : [1, 1];
}
