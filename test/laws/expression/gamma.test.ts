import { describe, expect, test } from "vitest";
import { compileColumns, differentiate, evaluate, parseFormula } from "../../../src/laws/expression/index.js";

const at = (formula: string, x: number): number =>
  evaluate(parseFormula(formula), new Map(Object.entries({ x })));

/** x, ln Gamma, digamma, trigamma and the third derivative of digamma, by mpmath (25 digits, rounded to doubles). */
const known: readonly (readonly [number, number, number, number, number])[] = [
  [1e-6, 13.815509980749432, -1000000.5772140201, 1000000000001.645, 6.000000000000001e24],
  [0.3, 1.0957979948180756, -3.502524222200133, 12.245364546107732, 743.1417646550498],
  [1, 0, -0.5772156649015329, 1.6449340668482264, 6.493939402266829],
  [1.5, -0.12078223763524522, 0.03648997397857652, 0.9348022005446793, 1.4090910340024372],
  [2, 0, 0.42278433509846713, 0.6449340668482264, 0.49393940226682914],
  [4.7, 2.7364051463155667, 1.4374238096317817, 0.23699183867807336, 0.026264892613116604],
  [11.9, 17.25847745059552, 2.4339335368825377, 0.08766320119000419, 0.001344783923695912],
  [12.1, 17.74700727079874, 2.4513143481743374, 0.08615364647098629, 0.0012765848430413454],
  [150, 600.0094705553274, 5.007298257075679, 0.006688938271165994, 5.985448553818363e-7],
  [100000000, 1742068066.1038346, 18.420680738952367, 1.000000005e-8, 2.0000000300000002e-24],
];

describe("the logarithm of the gamma function and its derivatives", () => {
  test.each(known)("at %d", (x, lgamma, digamma, trigamma, third) => {
    // Some bits of the largest number on the way, which is 20 for ln Gamma where it is near 0.
    const close = (actual: number, expected: number, size: number) =>
      expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-15 * size);
    close(at("lgamma(x)", x), lgamma, 5 * Math.max(Math.abs(lgamma), 2));
    close(at("digamma(x)", x), digamma, 5 * Math.max(Math.abs(digamma), 1));
    close(at("polygamma(1, x)", x), trigamma, 10 * trigamma);
    close(at("polygamma(3, x)", x), third, 20 * third);
  });

  test("have no value at negative numbers, and are infinite at 0", () => {
    expect(["lgamma(x)", "digamma(x)", "polygamma(1, x)"].map((formula) => at(formula, -0.5))).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(at("lgamma(x)", 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("are compiled, with their derivatives", () => {
    const compiled = (execution: "generated" | "interpreted") => {
      const names = { inputs: ["k"], parameters: ["a"] };
      const bound = compileColumns(parseFormula("lgamma(a + k)"), names, execution);
      const [value, jacobian, hessian] = [1, 2, 3].map(() => new Float64Array(2));
      bound.bind([Float64Array.of(1, 10)], 2).hessian(Float64Array.of(0.5), value, jacobian, hessian);
      return [...value, ...jacobian, ...hessian];
    };
    const expected = ["lgamma(x)", "digamma(x)", "polygamma(1, x)"].flatMap((f) => [at(f, 1.5), at(f, 10.5)]);
    expect(compiled("generated")).toEqual(expected);
    expect(compiled("interpreted")).toEqual(expected);
  });
});

describe("softplus and sigmoid", () => {
  test("overflow nowhere", () => {
    expect([-800, 0, 800].map((x) => at("softplus(x)", x))).toEqual([0, Math.LN2, 800]);
    expect([-800, 0, 800].map((x) => at("sigmoid(x)", x))).toEqual([0, 0.5, 1]);
    // ln(1 + e^-40) = e^-40 to rounding.
    expect(at("softplus(x)", -40)).toBe(Math.exp(-40));
  });

  test("the slope of softplus is the sigmoid, whose own slope is right where it is nearly 1", () => {
    const slope = differentiate(parseFormula("softplus(x)"), "x");
    const second = differentiate(slope, "x");
    for (const x of [-3, 0.2, 50]) {
      const values = new Map([["x", x]]);
      expect(evaluate(slope, values)).toBe(1 / (1 + Math.exp(-x)));
      const expected = Math.exp(-Math.abs(x)) / (1 + Math.exp(-Math.abs(x))) ** 2;
      expect(Math.abs(evaluate(second, values) / expected - 1)).toBeLessThan(1e-15);
    }
  });

  test("a logistic is a sigmoid", () => {
    expect(at("logistic(2*x)", 0.3)).toBe(at("1/(1 + exp(-2*x))", 0.3));
  });
});
