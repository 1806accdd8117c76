import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  differentiate,
  type Expression,
  evaluate,
  parseFormula,
  toLatex,
  toPython,
  toText,
} from "../../../src/laws/expression/index.js";
import { anyFormula, point, runs } from "./random-formulas.js";

describe("toText", () => {
  test.each([
    ["(E)+A / (N**alpha)", "E + A/N^alpha"],
    ["a-(b-c)", "a - (b - c)"],
    ["a/(b*c)*d", "a/(b*c)*d"],
    ["a*(b/c)", "a*(b/c)"],
    ["(a^b)^c", "(a^b)^c"],
    ["a^b^c", "a^b^c"],
    ["(-a)^2 - a^-2", "(-a)^2 - a^-2"],
    ["-(a+b)*c", "-(a + b)*c"],
    ["exp[-x] + ln(x)", "exp(-x) + log(x)"],
    ["1e22*x + 0.1", "1e22*x + 0.1"],
  ])("%s is written as %s", (formula, expected) => {
    expect(toText(parseFormula(formula))).toBe(expected);
  });

  test("is read back with exactly the same value, for formulas and their derivatives", () => {
    fc.assert(
      fc.property(anyFormula, point, (text, at) => {
        const formula = parseFormula(text);
        const both: Expression[] = [formula, differentiate(formula, "a")];
        for (const each of both) {
          const back = evaluate(parseFormula(toText(each)), at);
          const value = evaluate(each, at);
          expect(back === value || (Number.isNaN(back) && Number.isNaN(value))).toBe(true);
        }
      }),
      runs(1000),
    );
  });
});

describe("toLatex", () => {
  test.each([
    ["E + A/N^alpha + B/D^beta", "E + \\frac{A}{N^{\\alpha}} + \\frac{B}{D^{\\beta}}"],
    ["(Nc/N)^alphaN", "\\left(\\frac{\\mathrm{Nc}}{N}\\right)^{\\alpha_{N}}"],
    ["b1 - b2*x", "b_{1} - b_{2} \\, x"],
    ["-a*x + -b*y", "-a \\, x - b \\, y"],
    ["2*3*x", "2 \\cdot 3 \\, x"],
    ["4.1e22*sqrt(N_e)", "4.1 \\times 10^{22} \\, \\sqrt{N_{e}}"],
    ["exp(-k*x)^2", "\\left(e^{-k \\, x}\\right)^{2}"],
    ["log(x)^2 + abs(x)^2", "\\left(\\ln\\left(x\\right)\\right)^{2} + \\left|x\\right|^{2}"],
    ["a*(b + c)", "a \\, \\left(b + c\\right)"],
    ["a - (b - c)", "a - \\left(b - c\\right)"],
    ["my_long_name + pi", "\\mathrm{my\\_long\\_name} + \\pi"],
  ])("%s is written as %s", (formula, expected) => {
    expect(toLatex(parseFormula(formula))).toBe(expected);
  });
});

describe("toPython", () => {
  test.each([
    ["E + A/N^alpha", "E + A/N**alpha"],
    ["-x^-2 + exp(x)*log(y)", "-x**-2 + np.exp(x)*np.log(y)"],
    ["arctan(x)/pi + abs(x)", "np.arctan(x)/np.pi + np.abs(x)"],
    ["max(a, b, 3)", "np.maximum(np.maximum(a, b), 3)"],
    ["select(a, b + 1, c, d)", "np.where((a) <= (b + 1), c, d)"],
    ["lambda*lambda_ + np", "lambda__*lambda_ + np_"],
    ["1e22*x", "1e22*x"],
    ["100000000000000000000*x", "1e20*x"],
  ])("%s is written as %s", (formula, expected) => {
    expect(toPython(parseFormula(formula))).toBe(expected);
  });
});
