/** Random formulas over two positive inputs and three parameters of either sign, and what a test needs beside them. */
import fc from "fast-check";
import { type Expression, evaluate } from "../../../src/laws/expression/index.js";
import { operandsOf } from "../../../src/laws/expression/tree.js";

export const inputs = ["x", "y"];
export const parameters = ["a", "b", "c"];

const leaf = fc.constantFrom("x", "y", "a", "b", "c", "a", "b", "2", "0.5", "3", "1", "0", "pi");
const smooth = [
  "exp",
  "log",
  "sqrt",
  "sin",
  "cos",
  "tan",
  "atan",
  "tanh",
  "log10",
  "log2",
  "log1p",
  "expm1",
  "softplus",
  "sigmoid",
];

function formulas(functions: readonly string[], extras: readonly string[]): fc.Arbitrary<string> {
  const { formula } = fc.letrec<{ formula: string }>((tie) => {
    const part = tie("formula");
    const pairs = fc.tuple(part, part);
    return {
      formula: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        pairs.map(([l, r]) => `(${l} + ${r})`),
        pairs.map(([l, r]) => `(${l} - ${r})`),
        pairs.map(([l, r]) => `(${l} * ${r})`),
        pairs.map(([l, r]) => `(${l} / ${r})`),
        // A negative number has no powers but whole ones, and so no derivative by the exponent.
        pairs.map(([l, r]) => `(2 + sin(${l})) ^ (${r})`),
        pairs.map(([l, r]) => `exp(${l}) ^ (${r})`),
        fc.tuple(part, fc.constantFrom("2", "3", "-1", "-2", "0.5", "-1.5")).map(([l, n]) => `(${l}) ^ ${n}`),
        part.map((u) => `-(${u})`),
        fc.tuple(fc.constantFrom(...functions), part).map(([fn, u]) => `${fn}(${u})`),
        ...extras.map((fn) => pairs.map(([l, r]) => `${fn}(${l}, ${r})`)),
        pairs.map(([l, r]) => `(x ^ -(${l}) * exp(${r}))`),
      ),
    };
  });
  return formula;
}

/** Formulas that have derivatives wherever they have a value. */
export const smoothFormula = formulas(smooth, []);

/** Formulas with kinks too. */
export const anyFormula = formulas([...smooth, "abs"], ["min", "max"]);

// Thousandths: numbers next to zero have reciprocals next to infinity, where no derivative can be compared.
const positive = fc.integer({ min: 300, max: 3000 }).map((n) => n / 1000);
const signed = fc.integer({ min: -2000, max: 2000 }).map((n) => n / 1000);

/** A value for each name. */
export const point: fc.Arbitrary<Map<string, number>> = fc
  .tuple(positive, positive, signed, signed, signed)
  .map(([x, y, a, b, c]) => new Map(Object.entries({ x, y, a, b, c })));

/** The largest absolute value of any part of a formula: rounding errors of its value are some 1e-16 of it, or squares. */
export function magnitude(root: Expression, at: ReadonlyMap<string, number>): number {
  const own = Math.abs(evaluate(root, at));
  const all = [own, ...operandsOf(root).map((node) => magnitude(node, at))];
  return all.every(Number.isFinite) ? Math.max(...all) : Number.POSITIVE_INFINITY;
}

/** Numbers of the parameters at a point, in their order. */
export const parametersAt = (at: ReadonlyMap<string, number>): Float64Array =>
  Float64Array.from(parameters, (name) => at.get(name) ?? 0);

/** Columns of the inputs over several points. */
export const columnsOf = (points: readonly ReadonlyMap<string, number>[]): Float64Array[] =>
  inputs.map((name) => Float64Array.from(points, (at) => at.get(name) ?? 0));

/** A fixed seed: what runs in CI is what was looked at. STRESS=20 runs twenty times as many from a random start. */
export function runs(numRuns: number): { numRuns: number; seed?: number } {
  const stress = Number(process.env.STRESS ?? 0);
  return stress > 0 ? { numRuns: numRuns * stress } : { numRuns, seed: 1 };
}
