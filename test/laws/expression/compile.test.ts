import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  type BoundFunction,
  compileColumns,
  differentiate,
  type Execution,
  evaluate,
  parseFormula,
} from "../../../src/laws/expression/index.js";
import {
  anyFormula,
  columnsOf,
  inputs,
  magnitude,
  parameters,
  parametersAt,
  point,
  runs,
} from "./random-formulas.js";

const chinchilla = parseFormula("E + A/N^alpha + B/D^beta");
const chinchillaNames = { inputs: ["N", "D"], parameters: ["E", "A", "B", "alpha", "beta"] };

interface Results {
  value: Float64Array;
  jacobian: Float64Array;
  hessian: Float64Array;
}

function everythingOf(bound: BoundFunction, params: Float64Array): Results {
  const p = params.length;
  const value = new Float64Array(bound.rows);
  const jacobian = new Float64Array(bound.rows * p);
  const hessian = new Float64Array((bound.rows * p * (p + 1)) / 2);
  bound.hessian(params, value, jacobian, hessian);
  return { value, jacobian, hessian };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("compileColumns", () => {
  test("gives the published loss of the Chinchilla law", () => {
    // Besiroglu et al., arXiv 2404.10102; the value is from law-checks.json, computed with 40 digits.
    const bound = compileColumns(chinchilla, chinchillaNames).bind(
      [Float64Array.of(70e9), Float64Array.of(1.4e12)],
      1,
    );
    const out = new Float64Array(1);
    bound.value(Float64Array.of(1.69, 406.4, 410.7, 0.34, 0.28), out);
    expect(out[0]).toBeCloseTo(1.9366454705587175, 13);
  });

  test("gives powers whose exponents differ by one all their digits, wherever their neighbour has none", () => {
    const formula = parseFormula("A * (x / b + c)^p");
    const names = { inputs: ["x"], parameters: ["A", "b", "c", "p"] };
    const x = Float64Array.of(1e-220, 1e-40, 0.3, 7, 1e60, 1e300);
    const [A, b, c] = [1, 2, 0];
    for (const execution of ["generated", "interpreted"] as const) {
      for (const p of [1.5, 0.4, -0.7, 3.5]) {
        const all = everythingOf(
          compileColumns(formula, names, execution).bind([x], x.length),
          Float64Array.of(A, b, c, p),
        );
        x.forEach((value, i) => {
          // d/dc = A p (x/b)^(p - 1), d^2/dc^2 = A p (p - 1) (x/b)^(p - 2): c is the third parameter, its own pair the sixth.
          const slope = p * (value / b) ** (p - 1);
          const curvature = p * (p - 1) * (value / b) ** (p - 2);
          for (const [found, wanted] of [
            [all.jacobian[2 * x.length + i], slope],
            [all.hessian[5 * x.length + i], curvature],
          ])
            if (Math.abs(Math.log10(Math.abs(wanted))) < 290)
              expect(found / wanted, `${execution} ${p} ${value}`).toBeCloseTo(1, 11);
        });
      }
    }
  });

  test("gives chosen rows as it gives them when they are bound alone", () => {
    const columns = [Float64Array.of(1e8, 1e9, 3e9, 2e8), Float64Array.of(1e10, 3e10, 7e10, 2e9)];
    const law = compileColumns(chinchilla, chinchillaNames);
    const params = Float64Array.of(1.69, 406.4, 410.7, 0.34, 0.28);
    const gathered = law.bind(columns, 4).gather?.(Int32Array.of(0, 3, 1));
    const alone = law.bind(
      columns.map(([a, b, , d]) => Float64Array.of(a, d, b)),
      3,
    );
    expect(gathered && everythingOf(gathered, params)).toEqual(everythingOf(alone, params));
  });

  test("gives some columns of the Jacobian as it gives all", () => {
    const columns = [Float64Array.of(1e8, 1e9), Float64Array.of(1e10, 3e10)];
    const bound = compileColumns(chinchilla, chinchillaNames).bind(columns, 2);
    const params = Float64Array.of(1.69, 406.4, 410.7, 0.34, 0.28);
    const [value, some] = [new Float64Array(2), new Float64Array(10)];
    bound.gradient(params, value, some, [1, 4]);
    const all = everythingOf(bound, params);
    expect(value).toEqual(all.value);
    for (const j of [1, 4])
      expect(some.subarray(2 * j, 2 * j + 2)).toEqual(all.jacobian.subarray(2 * j, 2 * j + 2));
  });

  test("reads a column that changes anew at every call", () => {
    const w = Float64Array.of(1, 2);
    const names = { inputs: ["x", "w"], parameters: ["a"], changing: ["w"] };
    const bound = compileColumns(parseFormula("a*log(x)*w^a"), names).bind([Float64Array.of(3, 4), w], 2);
    const params = Float64Array.of(2);
    everythingOf(bound, params);
    w.set([5, 6]);
    const { value } = everythingOf(bound, params);
    expect(value[0]).toBeCloseTo(2 * Math.log(3) * 25, 10);
    expect(value[1]).toBeCloseTo(2 * Math.log(4) * 36, 10);
  });

  test("puts the Jacobian row by row and the Hessian as packed lower triangles", () => {
    const bound = compileColumns(parseFormula("a*x + a*b*x^2"), {
      inputs: ["x"],
      parameters: ["a", "b"],
    }).bind([Float64Array.of(1, 2)], 2);
    const { value, jacobian, hessian } = everythingOf(bound, Float64Array.of(3, 5));
    expect([...value]).toEqual([18, 66]);
    expect([...jacobian]).toEqual([6, 22, 3, 12]);
    expect([...hessian]).toEqual([0, 0, 1, 4, 0, 0]);
  });

  test("equals the tree walk, derivatives included, in generated and in interpreted form", () => {
    let compared = 0;
    fc.assert(
      fc.property(anyFormula, fc.array(point, { minLength: 1, maxLength: 5 }), (text, points) => {
        const formula = parseFormula(text);
        const [first] = points;
        const params = parametersAt(first);
        const rows = points.map((at) => new Map([...first, ["x", at.get("x")!], ["y", at.get("y")!]]));
        const columns = columnsOf(rows);
        const forms = (["generated", "interpreted"] as const).map((execution: Execution) =>
          everythingOf(
            compileColumns(formula, { inputs, parameters }, execution).bind(columns, rows.length),
            params,
          ),
        );
        expect(forms[1]).toEqual(forms[0]);

        const derivatives = parameters.map((name) => differentiate(formula, name));
        const second = derivatives.flatMap((node, i) =>
          parameters.slice(0, i + 1).map((name) => differentiate(node, name)),
        );
        rows.forEach((at, row) => {
          // Where a part of the formula is infinite, its derivatives are products of 0 and infinity.
          if (!Number.isFinite(magnitude(formula, at))) return;
          const check = (node: typeof formula, found: number): void => {
            const size = magnitude(node, at);
            if (size > 1e3) return;
            compared += 1;
            // 1e-10 of the largest part, squared where it is large: x^a by exp(a log x), other orders of sums.
            expect(Math.abs(found - evaluate(node, at))).toBeLessThanOrEqual(1e-10 * (1 + size * size));
          };
          check(formula, forms[0].value[row]);
          derivatives.forEach((node, k) => {
            check(node, forms[0].jacobian[k * rows.length + row]);
          });
          second.forEach((node, k) => {
            check(node, forms[0].hessian[k * rows.length + row]);
          });
        });
      }),
      runs(1000),
    );
    expect(compared).toBeGreaterThan(5000);
  });

  test("value, gradient and Hessian calls agree with each other", () => {
    const columns = [Float64Array.of(1e8, 1e9, 1e10), Float64Array.of(1e10, 1e9, 3e11)];
    const bound = compileColumns(chinchilla, chinchillaNames).bind(columns, 3);
    const params = Float64Array.of(1.8, 480, 2000, 0.35, 0.37);
    const all = everythingOf(bound, params);
    const value = new Float64Array(3);
    const jacobian = new Float64Array(15);
    bound.value(params, value);
    expect(value).toEqual(all.value);
    bound.gradient(params, value, jacobian);
    expect(value).toEqual(all.value);
    expect(jacobian).toEqual(all.jacobian);
  });

  test("scaling N by k is the same as scaling A by k^alpha", () => {
    const law = compileColumns(chinchilla, chinchillaNames);
    const out = (scale: number, A: number): number => {
      const value = new Float64Array(1);
      law
        .bind([Float64Array.of(1e9 * scale), Float64Array.of(2e10)], 1)
        .value(Float64Array.of(1.8, A, 2000, 0.35, 0.37), value);
      return value[0];
    };
    expect(out(1000, 480 * 1000 ** 0.35)).toBeCloseTo(out(1, 480), 12);
  });

  test("serves columns with zeros and negative numbers beside positive ones", () => {
    const law = compileColumns(parseFormula("A*x^p"), { inputs: ["x"], parameters: ["A", "p"] });
    const params = Float64Array.of(3, 2);
    const mixed = everythingOf(law.bind([Float64Array.of(0, -2, 2, Number.POSITIVE_INFINITY)], 4), params);
    expect([...mixed.value]).toEqual([0, 12, expect.closeTo(12, 12), Number.POSITIVE_INFINITY]);
    expect([mixed.jacobian[0], mixed.jacobian[4]]).toEqual([0, 0]);
    const positive = everythingOf(law.bind([Float64Array.of(2)], 1), params);
    expect(positive.value[0]).toBeCloseTo(12, 12);
  });

  test("interprets more rows than one block holds like generated code", () => {
    const rows = 1300;
    const columns = [
      Float64Array.from({ length: rows }, (_, i) => 1e7 * (i + 1)),
      Float64Array.from({ length: rows }, (_, i) => 1e9 * (rows - i)),
    ];
    const params = Float64Array.of(1.8, 480, 2000, 0.35, 0.37);
    const [generated, interpreted] = (["generated", "interpreted"] as const).map((execution) =>
      everythingOf(compileColumns(chinchilla, chinchillaNames, execution).bind(columns, rows), params),
    );
    expect(interpreted).toEqual(generated);
  });

  test("does without generated code where the page forbids it", () => {
    const columns = [Float64Array.of(1e9), Float64Array.of(1e10)];
    const params = Float64Array.of(1.8, 480, 2000, 0.35, 0.37);
    const allowed = everythingOf(compileColumns(chinchilla, chinchillaNames).bind(columns, 1), params);
    vi.stubGlobal(
      "Function",
      class {
        constructor() {
          throw new EvalError("Refused to evaluate a string as JavaScript");
        }
      },
    );
    expect(everythingOf(compileColumns(chinchilla, chinchillaNames).bind(columns, 1), params)).toEqual(
      allowed,
    );
  });

  test("a formula without inputs or without parameters is evaluated in every row", () => {
    const value = new Float64Array(2);
    compileColumns(parseFormula("E^2"), { inputs: [], parameters: ["E"] })
      .bind([], 2)
      .value(Float64Array.of(3), value);
    expect([...value]).toEqual([9, 9]);
    const constants = compileColumns(parseFormula("x/2"), { inputs: ["x"], parameters: [] });
    constants.bind([Float64Array.of(4, 6)], 2).value(new Float64Array(0), value);
    expect([...value]).toEqual([2, 3]);
  });

  test("names from Object.prototype are names like others", () => {
    const formula = parseFormula("constructor + toString/N^hasOwnProperty + __proto__ - eval");
    const names = ["constructor", "toString", "hasOwnProperty", "__proto__", "eval"];
    const value = new Float64Array(1);
    compileColumns(formula, { inputs: ["N"], parameters: names })
      .bind([Float64Array.of(4)], 1)
      .value(Float64Array.of(1, 6, 0.5, 10, 2), value);
    expect(value[0]).toBeCloseTo(12, 12);
  });

  test("a name that is neither input nor parameter, or both, is refused", () => {
    expect(() => compileColumns(chinchilla, { inputs: ["N"], parameters: ["E", "A", "B"] })).toThrow(
      /alpha, D, beta/,
    );
    expect(() => compileColumns(parseFormula("a"), { inputs: ["a"], parameters: ["a"] })).toThrow(/twice/);
  });

  test("too short arrays are refused before anything is written", () => {
    const law = compileColumns(parseFormula("a*x"), { inputs: ["x"], parameters: ["a"] });
    expect(() => law.bind([Float64Array.of(1)], 2)).toThrow(/column x.*1 numbers, 2/);
    expect(() => law.bind([Float64Array.of(1, 2)], 2).value(Float64Array.of(1), new Float64Array(1))).toThrow(
      /values/,
    );
  });

  test("a product whose second derivative would have millions of terms is refused with a message", () => {
    const wide = parseFormula(Array.from({ length: 1200 }, (_, i) => `(a+${i})`).join("*"));
    const bound = compileColumns(wide, { inputs: [], parameters: ["a"] }).bind([], 1);
    expect(() => everythingOf(bound, Float64Array.of(1))).toThrow(/too large: its derivatives/);
  });
});
