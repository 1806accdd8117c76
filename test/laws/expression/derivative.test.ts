import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differentiate, evaluate, parseFormula, toText } from "../../../src/laws/expression/index.js";
import { magnitude, parameters, point, runs, smoothFormula } from "./random-formulas.js";

const derivative = (formula: string, name: string): string =>
  toText(differentiate(parseFormula(formula), name));

const at = (values: Record<string, number>): Map<string, number> => new Map(Object.entries(values));

describe("differentiate", () => {
  test.each([
    ["E + A/N^alpha + B/D^beta", "E", "1"],
    ["E + A/N^alpha + B/D^beta", "A", "N^-alpha"],
    ["E + A/N^alpha + B/D^beta", "alpha", "-A*N^-alpha*log0(N)"],
    ["E + A/N^alpha", "B", "0"],
    ["x^2", "x", "2*x"],
    ["x^3/3", "x", "x^2"],
    ["exp(-b*x)", "b", "-exp(-b*x)*x"],
    ["log(x)", "x", "1/x"],
    ["sqrt(x)", "x", "0.5/sqrt(x)"],
    ["atan(x)", "x", "1/(1 + x^2)"],
    ["tanh(x)", "x", "1 - tanh(x)^2"],
    ["softplus(a*x)", "x", "sigmoid(a*x)*a"],
    ["sigmoid(x)", "x", "sigmoid(x)*sigmoid(-x)"],
    ["lgamma(x)", "x", "digamma(x)"],
    ["digamma(x)", "x", "polygamma(1, x)"],
    ["polygamma(2, a*x)", "x", "polygamma(3, a*x)*a"],
    ["2^x", "x", "0.6931471805599453*2^x"],
  ])("d/d of %s by %s is %s", (formula, name, expected) => {
    expect(derivative(formula, name)).toBe(expected);
  });

  test("of abs at its kink is that from the right", () => {
    const slope = differentiate(parseFormula("abs(x)"), "x");
    expect([-2, 0, 2].map((x) => evaluate(slope, at({ x })))).toEqual([-1, 1, 1]);
  });

  test("of min and max where arguments are equal is that of the first of them", () => {
    const values = at({ x: 1, y: 1 });
    for (const fn of ["min", "max"]) {
      expect(evaluate(differentiate(parseFormula(`${fn}(2*x, 1 + y, 2)`), "x"), values)).toBe(2);
      expect(evaluate(differentiate(parseFormula(`${fn}(2*x, 1 + y, 2)`), "y"), values)).toBe(0);
    }
  });

  test("of min and max is that of the argument taken", () => {
    const slopeOf = (formula: string, x: number): number =>
      evaluate(differentiate(parseFormula(formula), "x"), at({ x }));
    expect([0, 1.5, 5].map((x) => slopeOf("max(1, x, 3*x - 4)", x))).toEqual([0, 1, 3]);
    expect([0, 1.5, 7].map((x) => slopeOf("min(1, 7 - x, 2*x)", x))).toEqual([2, 0, -1]);
  });

  test("is exact, not NaN, where the base of a power is zero", () => {
    const byExponent = differentiate(parseFormula("D^a"), "a");
    expect(evaluate(byExponent, at({ D: 0, a: 0.5 }))).toBe(0);
    const byBase = differentiate(parseFormula("x^a"), "x");
    expect(evaluate(byBase, at({ x: 0, a: 2 }))).toBe(0);
  });

  test("of a sum is the sum of the derivatives", () => {
    fc.assert(
      fc.property(smoothFormula, smoothFormula, point, (f, g, values) => {
        const [whole, left, right] = [`(${f}) + (${g})`, f, g].map((text) =>
          evaluate(differentiate(parseFormula(text), "a"), values),
        );
        if (!Number.isFinite(left + right) || Math.abs(left) + Math.abs(right) > 1e6) return;
        // 1e-9: collecting like terms rounds differently, and parts of the two may cancel.
        expect(Math.abs(whole - left - right)).toBeLessThanOrEqual(
          1e-9 * (1 + Math.abs(left) + Math.abs(right)),
        );
      }),
      runs(300),
    );
  });

  test("agrees with difference quotients, and so does the second derivative", () => {
    let compared = 0;
    fc.assert(
      fc.property(smoothFormula, point, fc.constantFrom(...parameters, "x"), (text, values, name) => {
        const formula = parseFormula(text);
        const first = differentiate(formula, name);
        for (const [of, slope] of [
          [formula, first],
          [first, differentiate(first, name)],
        ]) {
          if (magnitude(of, values) > 50) return;
          const moved = (h: number): number =>
            evaluate(of, new Map([...values, [name, (values.get(name) ?? 0) + h]]));
          const quotient = (h: number): number => (moved(h) - moved(-h)) / (2 * h);
          const [wide, narrow] = [quotient(2e-4), quotient(1e-4)];
          // The two quotients tell the error of the narrow one (a third of their difference); 1e-6: rounding over h.
          const doubt = Math.abs(wide - narrow);
          if (!(doubt < 1e-3)) return;
          compared += 1;
          expect(Math.abs(evaluate(slope, values) - narrow)).toBeLessThanOrEqual(
            1e-6 * (1 + Math.abs(narrow)) + doubt,
          );
        }
      }),
      runs(2000),
    );
    expect(compared).toBeGreaterThan(500);
  });
});
