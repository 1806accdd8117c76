import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileColumns, parseFormula } from "../../src/laws/expression/index.js";
import * as jets from "../../src/laws/jet.js";
import { constant, type Jet, variable } from "../../src/laws/jet.js";
import { seeded } from "../support/random.js";

/** A function of jets beside the formula that says the same. */
type Pair = readonly [formula: string, over: (x: Jet, y: Jet) => Jet];

const pairs: readonly Pair[] = [
  ["x + y", (x, y) => jets.add(x, y)],
  ["x + 3", (x) => jets.add(x, 3)],
  ["2 - y", (_, y) => jets.subtract(2, y)],
  ["x*y*x", (x, y) => jets.multiply(jets.multiply(x, y), x)],
  ["-5*x", (x) => jets.negate(jets.multiply(5, x))],
  ["x/y", (x, y) => jets.divide(x, y)],
  ["x/4", (x) => jets.divide(x, 4)],
  ["1/(x + y)", (x, y) => jets.invert(jets.add(x, y))],
  ["exp(x*y)", (x, y) => jets.exp(jets.multiply(x, y))],
  ["expm1(x) - y", (x, y) => jets.subtract(jets.expm1(x), y)],
  ["log(x)*log1p(y)", (x, y) => jets.multiply(jets.log(x), jets.log1p(y))],
  ["x^y", (x, y) => jets.power(x, y)],
  ["x^-1.5 + y", (x, y) => jets.add(jets.power(x, -1.5), y)],
  ["3^(x*y)", (x, y) => jets.power(3, jets.multiply(x, y))],
  ["softplus(3*x - y)", (x, y) => jets.softplus(jets.subtract(jets.multiply(3, x), y))],
  ["sigmoid(y - x)", (x, y) => jets.sigmoid(jets.subtract(y, x))],
  ["lgamma(x + y)", (x, y) => jets.lgamma(jets.add(x, y))],
  ["min(x, y^2)", (x, y) => jets.least(x, jets.power(y, 2))],
  ["max(x, y^2)", (x, y) => jets.most(x, jets.power(y, 2))],
  ["x + x*y + exp(y)", (x, y) => jets.sum([x, jets.multiply(x, y), jets.exp(y)])],
];

const point = fc.tuple(
  fc.double({ min: 0.1, max: 3, noNaN: true }),
  fc.double({ min: 0.1, max: 3, noNaN: true }),
);

/** Value, gradient and packed Hessian in x and y of a formula. */
function compiledAt(formula: string): (x: number, y: number) => number[] {
  const bound = compileColumns(parseFormula(formula), { inputs: [], parameters: ["x", "y"] }).bind([], 1);
  return (x, y) => {
    const [value, gradient, hessian] = [1, 2, 3].map((n) => new Float64Array(n));
    bound.hessian(Float64Array.of(x, y), value, gradient, hessian);
    return [...value, ...gradient, ...hessian];
  };
}

const numbersOf = ({ v, g, h }: Jet): number[] => [v, ...g, ...h];

/** Within some bits of the largest part: the two ways round differently. */
function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number) {
  expect(actual).toHaveLength(expected.length);
  const size = Math.max(1, ...expected.map(Math.abs));
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i]), `${value} against ${expected[i]}`).toBeLessThanOrEqual(
      tolerance * size,
    );
  });
}

describe("jets", () => {
  test.each(pairs)("of %s have the derivatives of the compiled formula", (formula, over) => {
    const compiled = compiledAt(formula);
    fc.assert(
      fc.property(point, ([x, y]) => {
        expectNear(numbersOf(over(variable(x, 0, 2), variable(y, 1, 2))), compiled(x, y), 1e-13);
      }),
      seeded(60),
    );
  });

  test.each(pairs)("of %s over constants are its value alone", (formula, over) => {
    const { v, g, h } = over(constant(0.7), constant(1.9));
    expect([g.length, h.length]).toEqual([0, 0]);
    expectNear([v], [compiledAt(formula)(0.7, 1.9)[0]], 1e-15);
  });

  test("take constants on either side", () => {
    const x = variable(1.7, 0, 2);
    const two = constant(2);
    const expected = compiledAt("(2 + x)*2/(2*x)^2 - 2^x + x^2")(1.7, 0);
    const left = jets.divide(jets.multiply(jets.add(two, x), two), jets.power(jets.multiply(two, x), two));
    expectNear(
      numbersOf(jets.add(jets.subtract(left, jets.power(two, x)), jets.power(x, 2))),
      expected,
      1e-14,
    );
  });

  test("agree with difference quotients", () => {
    const h = 1e-5;
    for (const [formula, over] of pairs) {
      const value = (x: number, y: number) => over(constant(x), constant(y)).v;
      const slope = (x: number, y: number) => over(variable(x, 0, 2), variable(y, 1, 2)).g;
      const { g, h: hessian } = over(variable(0.8, 0, 2), variable(1.3, 1, 2));
      const dx = (value(0.8 + h, 1.3) - value(0.8 - h, 1.3)) / (2 * h);
      const dy = (value(0.8, 1.3 + h) - value(0.8, 1.3 - h)) / (2 * h);
      const byX = [0, 1].map((i) => (slope(0.8 + h, 1.3)[i] - slope(0.8 - h, 1.3)[i]) / (2 * h));
      const byY = (slope(0.8, 1.3 + h)[1] - slope(0.8, 1.3 - h)[1]) / (2 * h);
      // Central differences with h = 1e-5: h^2 of the third derivative, and 1e-16 / h of rounding.
      expectNear([...g, ...hessian], [dx, dy, byX[0], byX[1], byY], 1e-8);
      expect(formula).not.toBe("");
    }
  });
});

describe("an implicit jet", () => {
  test("has the derivatives of the root it stands for", () => {
    // w^3 = x y: the root is known, and so are its derivatives.
    const compiled = compiledAt("(x*y)^(1/3)");
    fc.assert(
      fc.property(point, ([x, y]) => {
        const root = Math.cbrt(x * y);
        const product = jets.multiply(variable(x, 0, 2), variable(y, 1, 2));
        const F = (w: Jet) => jets.subtract(jets.power(w, 3), product);
        const w = jets.implicit(root, F, 3 * root ** 2);
        expect(w.v).toBe(root);
        // The root's last bit is carried into the derivatives, enlarged by up to 1/w^3.
        expectNear(numbersOf(w), compiled(x, y), 1e-11);
      }),
      seeded(100),
    );
  });

  test("over constants is the root itself", () => {
    const w = jets.implicit(2, (root) => jets.subtract(jets.power(root, 3), constant(8)), 12);
    expect(w.v).toBe(2);
    expect(w.g).toHaveLength(0);
  });
});
