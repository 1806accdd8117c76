/**
 * Coordinates in which the parameters of several families of runs are drawn about a common mean. Parameters that are above 0
 * go by their logs, shares by their log odds, others as they are; coefficients come first, what gives the curve its shape
 * (exponents) last. Where all linear parameters scale the curve together, the first coordinate is its level, the second the
 * part above the floor:
 *
 *   ln E = v_1,   ln A - alpha ln N0 = v_1 + v_2,   ln B - beta ln D0 = v_1 + v_2 + v_3,   v_4 = ln alpha, ...
 *
 * with N0 and D0 amid the rows: at x = 1 a coefficient would bend with its exponent, and how alike families are would depend on
 * the unit of x.
 *
 * Then they are turned so that over all rows each moves predictions independently of those before it, and by 1 in the mean
 * square: u = R v with J = Q R. A coefficient is then its term's size amid the rows, not at x = 1, where it would go with the
 * exponent, and u is in units of the objective whatever the law's units are.
 */
import { linearIn } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { type Layout, layoutOf, NO_CHOICES, withHeld } from "./layout.js";
import { powerSumOf } from "./power-sum-of.js";

type Transform = "log" | "logit" | "raw";

export interface PoolCoordinates {
  layout: Layout;
  /** How many there are, and how many of them, the first, are coefficients. */
  size: number;
  coefficients: number;
  /**
   * What each moves predictions by (on the objective's scale, the coordinates before it held) where its parameter grows by
   * its own size: an exponent's or a term's ln by 1.
   */
  steepness: Float64Array;
  /** The law's free parameters there. */
  parameters(u: Float64Array): Float64Array;
  /** Of free parameters; those on a bound are moved inside. */
  of(parameters: Float64Array): Float64Array;
  /** d parameters / d u, row-major. */
  jacobian(u: Float64Array): Float64Array;
}

/** A floor is taken to be at least this part of the least measured value, so that it has a logarithm. */
const LEAST_FLOOR = 0.02;
const LEAST = 1e-12;
/** Logs and log odds stay within what a number can hold. */
const WIDEST = 200;

/** What the coordinates are made from before they are turned: an order of the parameters and how they move together. */
interface Plain {
  layout: Layout;
  kinds: Transform[];
  /** Place of the parameter of each coordinate. */
  order: number[];
  coefficients: number;
  /** Coordinates that move the parameter of coordinate k, itself included. */
  movedBy: number[][];
  least: number[];
  /** Terms A / x^a whose coefficient is taken amid the rows: ln A - a ln x. */
  terms: { amplitude: number; exponent: number; logX: number }[];
  /** Of the parameter of each coordinate amid the families: 1 for logs and log odds. */
  sizes: number[];
}

/**
 * @param families rows of all of them, each counting alike
 * @param middle free parameters amid the families, where the coordinates are turned
 */
export function poolCoordinates(
  law: Law,
  families: readonly Observations[],
  middle: Float64Array,
  isLog: boolean,
): PoolCoordinates {
  const plain = plainCoordinates(law, families, middle, isLog);
  const R = turning(law, plain, families, middle, isLog);
  return turned(plain, R);
}

const layouts = new WeakMap<Law, Layout>();

/** The law's parameters that are fitted, compiled once for all populations. */
export function poolLayout(law: Law): Layout {
  const layout = layouts.get(law) ?? layoutOf(law, withHeld(law, NO_CHOICES));
  layouts.set(law, layout);
  return layout;
}

function plainCoordinates(
  law: Law,
  families: readonly Observations[],
  middle: Float64Array,
  isLog: boolean,
): Plain {
  const layout = poolLayout(law);
  const names = layout.free.map(({ name }) => name);
  const places = names.map((_, j) => j);
  const kinds = layout.free.map(({ name, lower, upper }): Transform => {
    const isPositive = law.parameters.find((parameter) => parameter.name === name)?.positive === true;
    if (lower === 0 && upper === 1) return "logit";
    return isPositive || lower >= 0 ? "log" : "raw";
  });
  const linear =
    law.expression === null
      ? places.filter((j) => layout.free[j].isLinear)
      : places.filter((j) =>
          linearIn(law.expression as NonNullable<Law["expression"]>, names).includes(names[j]),
        );
  const slopes = relativeSlopes(law, layout, families, middle, isLog);
  const floors = linear.filter((j) => slopes[j].isFloor);
  const isScaling = linear.length > 0 && linear.every((j) => kinds[j] === "log") && scales(linear, slopes);
  const level = isScaling
    ? null
    : places.reduce((a, b) => (slopes[b].likeLevel > slopes[a].likeLevel ? b : a));
  const coefficients = isScaling
    ? [...floors, ...linear.filter((j) => !floors.includes(j))]
    : [level as number, ...linear.filter((j) => j !== level)];
  const order = [...coefficients, ...places.filter((j) => !coefficients.includes(j))];
  const smallest = Math.min(...families.map(({ measured }) => measured.reduce((a, b) => Math.min(a, b))));
  return {
    layout,
    kinds: order.map((j) => kinds[j]),
    order,
    coefficients: coefficients.length,
    movedBy: order.map((_, k) => {
      if (!isScaling || k >= coefficients.length || k === 0) return [k];
      return floors.length > 0 && k > 1 ? [0, 1, k] : [0, k];
    }),
    terms: termsOf(law, layout, families, order, kinds),
    sizes: order.map((j) => (kinds[j] === "raw" ? Math.abs(middle[j]) : 1)),
    least: order.map((j) => (floors.includes(j) && smallest > 0 ? LEAST_FLOOR * smallest : LEAST)),
  };
}

/** By coordinates; none where the law is no sum of power terms. */
function termsOf(
  law: Law,
  layout: Layout,
  families: readonly Observations[],
  order: readonly number[],
  kinds: readonly Transform[],
): Plain["terms"] {
  const placeOf = (name: string) => layout.free.findIndex((parameter) => parameter.name === name);
  return (powerSumOf(law)?.terms ?? []).flatMap(({ amplitude, exponent, input }) => {
    const [a, e] = [placeOf(amplitude), placeOf(exponent)];
    if (a < 0 || e < 0 || kinds[a] !== "log") return [];
    const means = families.map(({ inputs }) => {
      const column = inputs.get(input) as Float64Array;
      return column.reduce((sum, x) => sum + Math.log(x), 0) / column.length;
    });
    const logX = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    return [{ amplitude: order.indexOf(a), exponent: order.indexOf(e), logX }];
  });
}

/** How predictions go with one parameter over all rows. */
interface Slope {
  /** Whether they move by the same amount in all rows: it is a floor. */
  isFloor: boolean;
  /** Cosine of its column (on the objective's scale) with a constant. */
  likeLevel: number;
  /** parameter * d value / d parameter / value, row by row. */
  share: number[];
}

function relativeSlopes(
  law: Law,
  layout: Layout,
  families: readonly Observations[],
  middle: Float64Array,
  isLog: boolean,
): Slope[] {
  const rows = families.map((family) => valuesAt(law, layout, family, middle));
  return layout.free.map((_, j) => {
    const derivative = rows.flatMap(({ jacobian, n }) => Array.from(jacobian.subarray(j * n, (j + 1) * n)));
    const value = rows.flatMap((family) => Array.from(family.value));
    const column = isLog ? derivative.map((d, i) => d / value[i]) : derivative;
    const sum = column.reduce((total, x) => total + x, 0);
    const squares = column.reduce((total, x) => total + x * x, 0);
    const largest = Math.max(...derivative.map(Math.abs));
    return {
      isFloor: largest > 0 && derivative.every((d) => Math.abs(d - derivative[0]) <= 1e-9 * largest),
      likeLevel: squares > 0 ? Math.abs(sum) / Math.sqrt(squares * column.length) : 0,
      share: derivative.map((d, i) => (middle[j] * d) / value[i]),
    };
  });
}

/** Whether the value is the sum of the linear parameters' parts: all of them times g give g times the value. */
const scales = (linear: readonly number[], slopes: readonly Slope[]): boolean =>
  slopes[linear[0]].share.every(
    (_, i) => Math.abs(linear.reduce((sum, j) => sum + slopes[j].share[i], 0) - 1) < 1e-6,
  );

function valuesAt(law: Law, layout: Layout, { inputs, measured }: Observations, parameters: Float64Array) {
  const n = measured.length;
  const columns = law.inputs.map(({ name }) => inputs.get(name) as Float64Array);
  const value = new Float64Array(n);
  const jacobian = new Float64Array(n * layout.free.length);
  layout.compile().bind(columns, n).gradient(parameters, value, jacobian);
  return { n, value, jacobian };
}

/** R of J = Q R over all rows, by modified Gram and Schmidt; row-major, upper triangle. */
function turning(
  law: Law,
  plain: Plain,
  families: readonly Observations[],
  middle: Float64Array,
  isLog: boolean,
): Float64Array {
  const p = plain.order.length;
  const identity = new Float64Array(p * p);
  for (let k = 0; k < p; k++) identity[k * p + k] = 1;
  const own = turned(plain, identity);
  const v = own.of(middle);
  const chain = own.jacobian(v);
  const at = own.parameters(v);
  const columns: number[][] = Array.from({ length: p }, () => []);
  for (const family of families) {
    const { n, value, jacobian } = valuesAt(law, plain.layout, family, at);
    const weight = 1 / Math.sqrt(n * families.length);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < p; k++) {
        let sum = 0;
        for (let j = 0; j < p; j++) sum += jacobian[j * n + i] * chain[j * p + k];
        columns[k].push((weight * sum) / (isLog ? value[i] : 1));
      }
    }
  }
  const R = new Float64Array(p * p);
  const first = columns.map((column) => Math.sqrt(dot(column, column)));
  for (let k = 0; k < p; k++) {
    const own = Math.sqrt(dot(columns[k], columns[k]));
    // What the rows do not tell from the others keeps a scale of its own.
    R[k * p + k] = Math.max(own, 1e-3 * first[k], 1e-9);
    for (let i = 0; i < columns[k].length; i++) columns[k][i] /= R[k * p + k];
    for (let j = k + 1; j < p; j++) {
      const along = dot(columns[k], columns[j]);
      R[k * p + j] = along;
      for (let i = 0; i < columns[j].length; i++) columns[j][i] -= along * columns[k][i];
    }
  }
  return R;
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

function turned(
  { layout, kinds, order, coefficients, movedBy, least, terms, sizes }: Plain,
  R: Float64Array,
): PoolCoordinates {
  const p = order.length;
  const back = inverseUpper(R, p);
  const plainAt = (u: Float64Array): Float64Array => {
    const v = new Float64Array(p);
    for (let k = 0; k < p; k++) for (let j = k; j < p; j++) v[k] += back[k * p + j] * u[j];
    return movedBy.reduce((phi, by, k) => {
      phi[k] = by.reduce((sum, j) => sum + v[j], 0);
      return phi;
    }, new Float64Array(p));
  };
  return {
    layout,
    size: p,
    coefficients,
    steepness: Float64Array.from(sizes, (size, k) => size * R[k * p + k]),
    parameters(u) {
      const phi = plainAt(u);
      const parameters = new Float64Array(p);
      order.forEach((place, k) => {
        parameters[place] = BACK[kinds[k]](phi[k]);
      });
      for (const { amplitude, exponent, logX } of terms)
        parameters[order[amplitude]] = BACK.log(phi[amplitude] + parameters[order[exponent]] * logX);
      return parameters;
    },
    of(parameters) {
      const phi = order.map((place, k) => THERE[kinds[k]](parameters[place], least[k]));
      for (const { amplitude, exponent, logX } of terms) phi[amplitude] -= parameters[order[exponent]] * logX;
      const v = new Float64Array(p);
      movedBy.forEach((by, k) => {
        v[k] = phi[k] - by.reduce((sum, j) => (j === k ? sum : sum + v[j]), 0);
      });
      const u = new Float64Array(p);
      for (let k = 0; k < p; k++) for (let j = k; j < p; j++) u[k] += R[k * p + j] * v[j];
      return u;
    },
    jacobian(u) {
      const phi = plainAt(u);
      const result = new Float64Array(p * p);
      order.forEach((place, k) => {
        const slope = SLOPE[kinds[k]](phi[k]);
        for (const j of movedBy[k])
          for (let l = j; l < p; l++) result[place * p + l] += slope * back[j * p + l];
      });
      for (const { amplitude, exponent, logX } of terms) {
        const [A, a] = [order[amplitude], order[exponent]];
        const exponentAt = BACK[kinds[exponent]](phi[exponent]);
        const factor = Math.exp(exponentAt * logX);
        const value = BACK.log(phi[amplitude] + exponentAt * logX);
        for (let l = 0; l < p; l++)
          result[A * p + l] = factor * result[A * p + l] + value * logX * result[a * p + l];
      }
      return result;
    },
  };
}

const limited = (phi: number): number => Math.min(Math.max(phi, -WIDEST), WIDEST);
const share = (phi: number): number => 1 / (1 + Math.exp(-limited(phi)));

const BACK: Readonly<Record<Transform, (phi: number) => number>> = {
  log: (phi) => Math.exp(limited(phi)),
  logit: share,
  raw: (phi) => phi,
};
const SLOPE: Readonly<Record<Transform, (phi: number) => number>> = {
  log: (phi) => Math.exp(limited(phi)),
  logit: (phi) => share(phi) * (1 - share(phi)),
  raw: () => 1,
};
const THERE: Readonly<Record<Transform, (value: number, least: number) => number>> = {
  log: (value, least) => Math.log(Math.max(value, least)),
  logit: (value) => {
    const inside = Math.min(Math.max(value, 0.01), 0.99);
    return Math.log(inside / (1 - inside));
  },
  raw: (value) => value,
};

function inverseUpper(R: Float64Array, p: number): Float64Array {
  const inverse = new Float64Array(p * p);
  for (let j = 0; j < p; j++) {
    inverse[j * p + j] = 1 / R[j * p + j];
    for (let k = j - 1; k >= 0; k--) {
      let sum = 0;
      for (let l = k + 1; l <= j; l++) sum += R[k * p + l] * inverse[l * p + j];
      inverse[k * p + j] = -sum / R[k * p + k];
    }
  }
  return inverse;
}
