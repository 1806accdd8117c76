import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate, parseFormula, simplify, toText } from "../../../src/laws/expression/index.js";
import { anyFormula, magnitude, point, runs } from "./random-formulas.js";

test.each([
  ["0*x + 2*y - y + x^0", "1 + y"],
  ["1*x/1 + 0", "x"],
  ["x - x", "0"],
  ["--x", "x"],
  ["x*x*x", "x^3"],
  ["x*y/x", "y"],
  ["2*3 + 4/2", "8"],
  ["x/3 + x/3", "2*x/3"],
  ["A/N^alpha", "A*N^-alpha"],
  ["exp(-a*log(x))", "x^-a"],
  ["log(exp(x))", "x"],
  ["1/exp(x)", "exp(-x)"],
  ["(x^2)^3", "x^6"],
  ["1/sqrt(x)", "1/sqrt(x)"],
  ["-2*x*-3", "6*x"],
  ["sqrt(4) + cos(0)", "3"],
])("simplifies %s to %s", (formula, expected) => {
  expect(toText(simplify(parseFormula(formula)))).toBe(expected);
});

test.each([
  "sqrt(x^2)", // |x|, not x
  "(x^2)^0.5",
  "log(x^2)", // defined at negative x
  "A/0",
  "sqrt(-1)",
  "1e300*1e300",
  "2^5000",
  "1e-200*1e-200*x",
])("leaves %s with the value it has", (formula) => {
  for (const x of [-1.5, 2]) {
    const at = new Map([
      ["x", x],
      ["A", 3],
    ]);
    const [before, after] = [parseFormula(formula), simplify(parseFormula(formula))];
    expect(evaluate(after, at)).toBe(evaluate(before, at));
  }
});

test("keeps the value wherever the formula has one", () => {
  let compared = 0;
  fc.assert(
    fc.property(anyFormula, point, (text, at) => {
      const formula = parseFormula(text);
      const size = magnitude(formula, at);
      if (size > 1e3) return;
      compared += 1;
      // 1e-11 of the square of the largest part: sums are taken in another order.
      expect(Math.abs(evaluate(simplify(formula), at) - evaluate(formula, at))).toBeLessThanOrEqual(
        1e-11 * (1 + size * size),
      );
    }),
    runs(3000),
  );
  expect(compared).toBeGreaterThan(1000);
});
