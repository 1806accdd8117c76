/**
 * Allocation for any law in N and D that falls in both, without a closed form: the same questions as a law's own
 * `AllocationForms`. With x = ln N, y = ln D and s = ln(N D) fixed, the best split is where
 *
 *   g(x, y) = dL/dx - dL/dy
 *
 * goes from below 0 to above it as x grows. g comes from exact derivatives, so the answer is as good as a closed form's
 * even where the loss itself no longer changes in its last digit; it is checked against chinchilla's to 1e-8. Cost: some
 * 10 microseconds a split, some 200 a loss.
 */
import {
  type BoundFunction,
  compileColumns,
  namesOf,
  parseFormula,
  substitute,
} from "../laws/expression/index.js";
import { constant, exp, variable } from "../laws/jet.js";
import type { AllocationForms, Coefficients, Compute, Law } from "../laws/law.js";
import { root } from "../laws/root.js";

/** Sizes and token counts looked at, as natural logs: 1e-6 to 1e40. */
const LOW = Math.log(1e-6);
const HIGH = Math.log(1e40);
/** Places at which g is looked at to find where it changes sign: one each two or three e-folds. */
const GRID = 50;
const PRODUCTS = 48;

/** The law's inputs that are a model size and a number of tokens, by name; null where it has others or lacks one. */
export function splitInputs({ inputs }: Law): SplitNames | null {
  const known = splits.get(inputs);
  if (known !== undefined) return known;
  const called = (quantity: string) => inputs.find((input) => input.quantity === quantity)?.name;
  const [N, D] = [called("params"), called("tokens")];
  const found = inputs.length === 2 && N !== undefined && D !== undefined ? { N, D } : null;
  splits.set(inputs, found);
  return found;
}

/** Names of a model size and of its tokens. */
interface SplitNames {
  N: string;
  D: string;
}

/** Every loss of a plan asks for them. */
const splits = new WeakMap<Law["inputs"], SplitNames | null>();

/** A law's closed forms, or numeric ones for a law of a size and tokens; null for any other. */
export function allocationOf(law: Law): AllocationForms | null {
  if (law.allocation !== null) return law.allocation;
  const inputs = splitInputs(law);
  return inputs === null ? null : numericAllocation(law, inputs);
}

/** The loss and its derivatives at one place. */
export interface Place {
  loss: number;
  /** dL/dx and dL/dy. */
  size: number;
  tokens: number;
}

export type Surface = (x: number, y: number) => Place;

/** @param inputs the names of N and D in the law */
export function numericAllocation(law: Law, inputs: SplitNames): AllocationForms {
  const surfaceFor = surfacesOf(law, inputs);
  return {
    optimum(c, nd) {
      const surface = surfaceFor(c);
      const x = bestSize(surface, Math.log(nd));
      if (x === null || isFlat(surface(x, Math.log(nd) - x))) return null;
      return { N: Math.exp(x), D: nd / Math.exp(x) };
    },
    saturated: (c, nd) => flatLoss(surfaceFor(c), Math.log(nd)),
    productForLoss: (c, loss) => productForLoss(surfaceFor(c), loss),
    tokensFor(c, N) {
      const surface = surfaceFor(c);
      const x = Math.log(N);
      // More tokens are worth less: g falls as y grows.
      const y = crossing((t) => -balance(surface(x, t)), LOW, HIGH)[0];
      return y === undefined || !falls(surface(x, y)) ? null : Math.exp(y);
    },
    paramsFor(c, D) {
      const surface = surfaceFor(c);
      const y = Math.log(D);
      const x = crossing((t) => balance(surface(t, y)), LOW, HIGH)[0];
      return x === undefined || !falls(surface(x, y)) ? null : Math.exp(x);
    },
  };
}

const balance = ({ size, tokens }: Place): number => size - tokens;
const falls = ({ size, tokens, loss }: Place): boolean => size < 0 && tokens < 0 && Number.isFinite(loss);

/**
 * With less than this of the loss to be had from a factor of e in size or in tokens there is nothing to split for: the
 * sign of g is that of rounding, or of terms that no measurement will ever show.
 */
export const FLAT = 1e-9;
const isFlat = ({ size, tokens, loss }: Place): boolean =>
  Math.max(Math.abs(size), Math.abs(tokens)) < FLAT * Math.abs(loss);

/** The loss where splits of e^s have come to a plain without slope; null where there is none. */
function flatLoss(surface: Surface, s: number): number | null {
  for (let i = 0; i <= GRID; i++) {
    const x = LOW + ((s - 2 * LOW) * i) / GRID;
    const place = surface(x, s - x);
    if (isFlat(place)) return place.loss;
  }
  return null;
}

/** The loss of a law of a size and tokens over x and y; without a value for any other law. */
export function surfacesOfLaw(law: Law): (c: Coefficients) => Surface {
  const inputs = splitInputs(law);
  return inputs === null ? () => nowhere : surfacesOf(law, inputs);
}

/** The law over x and y, compiled once; bound to each set of coefficients once. */
function surfacesOf(law: Law, inputs: SplitNames): (c: Coefficients) => Surface {
  const { expression, compute } = law;
  if (expression === null) return compute === null ? () => nowhere : computedSurfaces(compute, inputs);
  const used = new Set(namesOf(expression));
  const fresh = (wanted: string): string => (used.has(wanted) ? fresh(`${wanted}_`) : wanted);
  const [x, y] = [fresh("x"), fresh("y")];
  const inLogs = substitute(
    expression,
    new Map([
      [inputs.N, parseFormula(`exp(${x})`)],
      [inputs.D, parseFormula(`exp(${y})`)],
    ]),
  );
  const coefficients = law.parameters.map(({ name }) => name).filter((name) => used.has(name));
  const compiled = compileColumns(inLogs, { inputs: coefficients, parameters: [x, y] });
  const known = new WeakMap<Coefficients, Surface>();
  return (c) => {
    const held = known.get(c);
    if (held !== undefined) return held;
    const columns = coefficients.map((name) => Float64Array.of(c[name]));
    const surface = surfaceOf(compiled.bind(columns, 1));
    known.set(c, surface);
    return surface;
  };
}

/** The surface of a law without a value. */
const nowhere: Surface = () => ({ loss: Number.NaN, size: Number.NaN, tokens: Number.NaN });

/** The same for a computed law, whose derivatives come from jets in x and y. */
function computedSurfaces(compute: Compute, { N, D }: SplitNames) {
  return (c: Coefficients): Surface => {
    const held = Object.fromEntries(Object.entries(c).map(([name, value]) => [name, constant(value)]));
    return (x, y) => {
      const at = { [N]: exp(variable(x, 0, 2)), [D]: exp(variable(y, 1, 2)) };
      const { v, g } = compute(held, at);
      return { loss: v, size: g[0] ?? 0, tokens: g[1] ?? 0 };
    };
  };
}

function surfaceOf(bound: BoundFunction): Surface {
  const at = new Float64Array(2);
  const value = new Float64Array(1);
  const gradient = new Float64Array(2);
  return (x, y) => {
    at[0] = x;
    at[1] = y;
    bound.gradient(at, value, gradient);
    return { loss: value[0], size: gradient[0], tokens: gradient[1] };
  };
}

/** ln N of the best split of e^s: of all places where g crosses 0 upwards, the one with the least loss. */
function bestSize(surface: Surface, s: number): number | null {
  const places = crossing((x) => balance(surface(x, s - x)), LOW, s - LOW).filter((x) =>
    falls(surface(x, s - x)),
  );
  const lossAt = (x: number) => surface(x, s - x).loss;
  return places.length === 0 ? null : places.reduce((a, b) => (lossAt(b) < lossAt(a) ? b : a));
}

/** The same from the best size of a product nearby: with more compute both grow, so x moves by no more than s does. */
function bestSizeNear(surface: Surface, s: number, near: { s: number; x: number }): number | null {
  const low = near.x + Math.min(0, s - near.s) - 0.1;
  const high = near.x + Math.max(0, s - near.s) + 0.1;
  const [x] = crossing((t) => balance(surface(t, s - t)), low, high, 1);
  return x !== undefined && falls(surface(x, s - x)) ? x : null;
}

/** The least e^s whose best split reaches the loss; null where none does. */
function productForLoss(surface: Surface, loss: number): number | null {
  let near: { s: number; x: number } | null = null;
  const excess = (s: number): number => {
    const x: number | null = (near && bestSizeNear(surface, s, near)) ?? bestSize(surface, s);
    if (x === null) return Number.NaN;
    near = { s, x };
    return loss - surface(x, s - x).loss;
  };
  const s = crossing(excess, 0, HIGH, PRODUCTS)[0];
  return s === undefined ? null : Math.exp(s);
}

/** Where f goes from below 0 to above it, to the last bits; each found between two neighbours of an even grid. */
function crossing(f: (t: number) => number, from: number, to: number, grid = GRID): number[] {
  const found: number[] = [];
  let left = from;
  let atLeft = f(from);
  for (let i = 1; i <= grid; i++) {
    const right = from + ((to - from) * i) / grid;
    const atRight = f(right);
    if (atLeft <= 0 && atRight > 0) found.push(root(f, left, atLeft, right, atRight));
    left = right;
    atLeft = atRight;
  }
  return found;
}
