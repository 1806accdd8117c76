/**
 * Starts for the solver: the exponents on a wide grid, the floor and amplitudes eliminated.
 *
 * At each node of the grid the floor and the amplitudes solve a relative least-squares problem,
 * min SUM (1 - (E + SUM_k A_k x_k^-a_k) / L)^2 with all of them >= 0, which is small and linear (variable
 * projection). Every local minimum of the grid is a start, and some fixed exponents with it.
 */
import { NonNegativeLeastSquares } from "./non-negative.js";
import { type MeanValueKernel, meanValueCoordinates } from "./power-sum.js";
import { randomStream } from "./random.js";

/** Exponents geometric in [0.02, 2]: 14 an axis for two terms, more for one, fewer for more. */
function axis(terms: number): number[] {
  const nodes = terms === 1 ? 40 : terms === 2 ? 14 : 7;
  return Array.from({ length: nodes }, (_, i) => 0.02 * 100 ** (i / (nodes - 1)));
}

/** Fixed exponent pairs that lie in basins a grid over many outliers can miss. */
const PAIRS: readonly (readonly [number, number])[] = [
  [0.3, 0.3],
  [0.1, 0.8],
  [0.8, 0.1],
  [0.8, 0.8],
  [0.1, 0.1],
  [0.5, 1.5],
  [1.5, 0.5],
];
const SINGLES = [0.1, 0.3, 0.8, 1.5];

/** A linear solution at fixed exponents: the sum of squared relative residuals, the floor, the amplitudes. */
interface Linear {
  squares: number;
  floor: number;
  amplitudes: number[];
}

/** Relative least squares over a grid of exponents, with all inner products formed once an axis or once a pair. */
class ExponentGrid {
  readonly exponents: number[];
  private readonly n: number;
  private readonly o: Float64Array;
  /** u[k][i]: column of term k at exponent i, relative to the measured value. */
  private readonly u: Float64Array[][];
  private readonly uu: number[][];
  private readonly uo: number[][];
  private readonly u1: number[][];
  private readonly oo: number;
  private readonly o1: number;
  private readonly system: NonNegativeLeastSquares;

  constructor(
    logs: readonly Float64Array[],
    measured: Float64Array,
    private readonly withFloor: boolean,
  ) {
    this.exponents = axis(logs.length);
    this.n = measured.length;
    this.o = measured.map((value) => 1 / value);
    this.u = logs.map((x) =>
      this.exponents.map((a) => {
        const column = new Float64Array(x.length);
        for (let i = 0; i < x.length; i++) column[i] = Math.exp(-a * x[i]) * this.o[i];
        return column;
      }),
    );
    const ones = new Float64Array(this.n).fill(1);
    this.uu = this.u.map((columns) => columns.map((column) => dot(column, column)));
    this.uo = this.u.map((columns) => columns.map((column) => dot(column, this.o)));
    this.u1 = this.u.map((columns) => columns.map((column) => dot(column, ones)));
    this.oo = dot(this.o, this.o);
    this.o1 = dot(this.o, ones);
    this.system = new NonNegativeLeastSquares(logs.length + (withFloor ? 1 : 0));
  }

  at(node: readonly number[]): Linear {
    const b = new Float64Array(this.system.m);
    const squares = this.squaresAt(node, b);
    return linear(squares, b, this.withFloor);
  }

  /** The sum of squares at a node, with the floor (where there is one) and the amplitudes in `b`. */
  private squaresAt(node: readonly number[], b: Float64Array): number {
    const { system, u, uu, uo, u1, oo, o1 } = this;
    const { G, c, m } = system;
    const first = this.withFloor ? 1 : 0;
    if (this.withFloor) {
      G[0] = oo;
      c[0] = o1;
    }
    for (let k = 0; k < node.length; k++) {
      const i = node[k];
      const row = (k + first) * m;
      if (this.withFloor) G[row] = uo[k][i];
      for (let l = 0; l < k; l++) G[row + l + first] = dot(u[k][i], u[l][node[l]]);
      G[row + k + first] = uu[k][i];
      c[k + first] = u1[k][i];
    }
    return system.solve(this.n, b);
  }

  /** Indices of the nodes no neighbour of which (diagonals included) is lower, lowest first. */
  minima(): number[][] {
    const terms = this.u.length;
    const per = this.exponents.length;
    const b = new Float64Array(this.system.m);
    const nodes = Array.from({ length: per ** terms }, (_, flat) => unflatten(flat, per, terms));
    const squares = Float64Array.from(nodes, (node) => this.squaresAt(node, b));
    const isMinimum = (flat: number) => !hasLowerNeighbour(squares, nodes[flat], per, squares[flat]);
    return [...nodes.keys()]
      .filter(isMinimum)
      .sort((i, j) => squares[i] - squares[j])
      .map((flat) => nodes[flat]);
  }
}

const linear = (squares: number, b: Float64Array, withFloor: boolean): Linear => ({
  squares,
  floor: withFloor ? b[0] : 0,
  amplitudes: Array.from(withFloor ? b.subarray(1) : b),
});

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}

function unflatten(flat: number, per: number, terms: number): number[] {
  const node: number[] = [];
  for (let k = 0; k < terms; k++) {
    node.push(flat % per);
    flat = Math.floor(flat / per);
  }
  return node;
}

/** Whether some node at most a step away on every axis has a value below `limit`. */
function hasLowerNeighbour(
  values: Float64Array,
  node: readonly number[],
  per: number,
  limit: number,
  axisAt = 0,
  flat = 0,
  stride = 1,
): boolean {
  if (axisAt === node.length) return values[flat] < limit;
  for (let i = Math.max(node[axisAt] - 1, 0); i <= Math.min(node[axisAt] + 1, per - 1); i++) {
    if (hasLowerNeighbour(values, node, per, limit, axisAt + 1, flat + i * stride, stride * per)) return true;
  }
  return false;
}

/** Minima of the grid that are starts; they come first. */
export const MOST_MINIMA = 3;

/** Rows enough to place a start: with more, every k-th row is searched. */
const SEARCH_ROWS = 2000;

function thin(column: Float64Array): Float64Array {
  const stride = Math.ceil(column.length / SEARCH_ROWS);
  return stride === 1 ? column : column.filter((_, i) => i % stride === 0);
}

/**
 * Starts in the coordinates of the mean-value kernel: up to three minima of the grid, then fixed exponents.
 * The floor of a start is kept above 0 so that the solver, which may not start outside, can find its side of it.
 */
export function startsFor(
  kernel: MeanValueKernel,
  measured: Float64Array,
  withFloor: boolean,
): Float64Array[] {
  const logs = kernel.data.logs.map((log) => thin(log.subarray(0, kernel.rows)));
  const relevant = thin(measured);
  const grid = new ExponentGrid(logs, relevant, withFloor);
  const starts: Float64Array[] = [];
  /** How far the smallest value of each column lies below its mean, in logs: a term is largest there. */
  const reach = logs.map((x) => x.reduce((most, value) => Math.max(most, -value), 0));
  const add = (linear: Linear, exponents: number[]) => {
    const total = linear.amplitudes.reduce((sum, amplitude) => sum + amplitude, linear.floor);
    // An amplitude at 0 leaves its exponent without influence: start a little inside, with a term that is small where
    // it is largest. One above 0 is kept however small: a steep term is tiny at the centre.
    const amplitudes = linear.amplitudes.map((amplitude, k) =>
      amplitude > 0 ? amplitude : 1e-3 * total * Math.exp(-exponents[k] * reach[k]),
    );
    starts.push(meanValueCoordinates(Math.max(linear.floor, 1e-3 * total), amplitudes, exponents));
  };
  const taken = new Set<string>();
  const addNode = (node: readonly number[]) => {
    if (taken.has(node.join())) return;
    taken.add(node.join());
    add(
      grid.at(node),
      node.map((i) => grid.exponents[i]),
    );
  };
  grid.minima().slice(0, MOST_MINIMA).forEach(addNode);
  for (const exponents of moreExponents(logs.length, measured.length))
    add(relativeSolution(logs, relevant, withFloor, exponents), exponents);
  const fixed =
    logs.length === 1
      ? SINGLES.map((a) => [a])
      : logs.length === 2
        ? PAIRS
        : PAIRS.map(([a]) => logs.map(() => a));
  for (const exponents of fixed) addNode(exponents.map((a) => nearestIndex(grid.exponents, a)));
  return starts;
}

/**
 * With few rows, where basins are many and a start costs little, also exponents by chance, up to the steepest that a
 * law allows: a term can be spent on one row.
 */
const MORE_ROWS = 1200;
const MOST_MORE = 40;
/** The search is part of the fit, not of its randomness: its starts are the same for every seed. */
const SEARCH_SEED = 20_406;

function moreExponents(terms: number, rows: number): number[][] {
  const count = Math.max(0, Math.min(MOST_MORE, Math.floor(MORE_ROWS / rows) - 5));
  return Array.from({ length: count }, (_, i) => {
    const stream = randomStream(SEARCH_SEED, i);
    // One time geometric, one time even: a steep term is one among many small ones, but half of the bounds' range.
    const exponent = () => (i % 2 === 0 ? 0.02 * 200 ** stream.uniform() : 4 * stream.uniform());
    return Array.from({ length: terms }, () => Math.max(exponent(), 0.02));
  });
}

/** The floor and amplitudes of least relative squares at exponents off the grid. */
function relativeSolution(
  logs: readonly Float64Array[],
  measured: Float64Array,
  withFloor: boolean,
  exponents: readonly number[],
): Linear {
  const columns = logs.map((x, k) => x.map((value, i) => Math.exp(-exponents[k] * value) / measured[i]));
  if (withFloor) columns.unshift(measured.map((value) => 1 / value));
  const system = new NonNegativeLeastSquares(columns.length);
  columns.forEach((column, j) => {
    for (let k = 0; k <= j; k++) system.G[j * system.m + k] = dot(column, columns[k]);
    system.c[j] = column.reduce((sum, value) => sum + value, 0);
  });
  const b = new Float64Array(system.m);
  const squares = system.solve(measured.length, b);
  return linear(squares, b, withFloor);
}

function nearestIndex(values: readonly number[], target: number): number {
  let best = 0;
  values.forEach((value, i) => {
    if (Math.abs(Math.log(value / target)) < Math.abs(Math.log(values[best] / target))) best = i;
  });
  return best;
}
