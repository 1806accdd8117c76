import { describe, expect, test } from "vitest";
import { FormulaModel } from "../../src/fit/formula-fit.js";
import type { FreeParameter } from "../../src/fit/formula-starts.js";
import { makeObjective } from "../../src/fit/objective.js";
import { compileColumns, linearIn, parseFormula } from "../../src/laws/expression/index.js";
import { generator, normal } from "../support/random.js";

const SQUARES = makeObjective("squares", null);

interface Given {
  columns: Record<string, number[]>;
  y: number[];
  starts?: Record<string, number>;
  bounds?: Record<string, [number, number]>;
}

function modelOf(formula: string, { columns, y, starts = {}, bounds = {} }: Given): FormulaModel {
  const expression = parseFormula(formula);
  const inputs = Object.keys(columns);
  const names = [...new Set(formula.match(/[a-z]\w*(?!\w*\()/g))].filter((name) => !inputs.includes(name));
  const linear = linearIn(expression, names);
  const free = names.map((name): FreeParameter => {
    const [lower, upper] = bounds[name] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    return {
      name,
      lower,
      upper,
      start: starts[name] ?? null,
      searched: null,
      isLinear: linear.includes(name),
    };
  });
  const compiled = compileColumns(expression, { inputs, parameters: names });
  const data = inputs.map((name) => Float64Array.from(columns[name]));
  return new FormulaModel(compiled, free, data, Float64Array.from(y), null, null);
}

const steps = (count: number, to: number) => Array.from({ length: count }, (_, i) => (to * (i + 1)) / count);

describe("a formula without starts", () => {
  test("with parameters that enter linearly alone is solved in one step", () => {
    const x = steps(20, 10);
    const model = modelOf("a + b*x + c*x^2", { columns: { x }, y: x.map((v) => 1 - 2 * v + 0.5 * v * v) });
    const { best } = model.search(SQUARES);
    expect(best.minimum.status).toBe("converged");
    [1, -2, 0.5].forEach((value, j) => {
      expect(best.parameters[j]).toBeCloseTo(value, 9);
    });
  });

  test("finds two peaks on a falling ground, whatever the unit of x", () => {
    for (const unit of [1e-3, 1, 1e6]) {
      const random = generator(3);
      const x = steps(120, 100);
      const y = x.map(
        (v) =>
          5 * Math.exp(-0.03 * v) +
          4 * Math.exp(-(((v - 40) / 6) ** 2)) +
          3 * Math.exp(-(((v - 62) / 8) ** 2)) +
          0.02 * normal(random),
      );
      const peak = (k: number) => `h${k}*exp(-((x-m${k})/w${k})^2)`;
      const model = modelOf(`a*exp(-k*x) + ${peak(1)} + ${peak(2)}`, {
        columns: { x: x.map((v) => v * unit) },
        y,
      });
      const { best } = model.search(SQUARES);
      const centres = ["m1", "m2"].map((name) => best.parameters[model.parameters.indexOf(name)] / unit);
      centres.sort((a, b) => a - b);
      expect(centres[0]).toBeCloseTo(40, 0);
      expect(centres[1]).toBeCloseTo(62, 0);
      expect(best.minimum.status).toBe("converged");
    }
  });

  test("is searched on some of many rows and ends on all of them", () => {
    const random = generator(4);
    const x = steps(30_000, 10);
    const y = x.map((v) => 3 * v ** 0.7 + 0.1 * normal(random));
    const { best } = modelOf("a*x^k", { columns: { x }, y }).search(SQUARES);
    // The gradient at the answer, over all rows, is at rounding level.
    expect(best.minimum.gradient).toBeLessThan(1e-8);
    expect(best.parameters[1]).toBeCloseTo(0.7, 3);
  });
});

describe("a formula with starts", () => {
  const x = steps(40, 8);
  const y = x.map((v) => 3 * Math.exp(-0.4 * v) + 2 * Math.exp(-1.5 * v));

  test("keeps to the minimum nearest them among equal ones", () => {
    const at = (k: number, l: number) => {
      const model = modelOf("a*exp(-k*x) + b*exp(-l*x)", {
        columns: { x },
        y,
        starts: { a: 1, b: 1, k, l },
      });
      const { parameters } = model.search(SQUARES).best;
      return [parameters[model.parameters.indexOf("k")], parameters[model.parameters.indexOf("l")]];
    };
    const [slow, fast] = at(0.2, 3);
    expect(slow).toBeCloseTo(0.4, 6);
    expect(fast).toBeCloseTo(1.5, 6);
    const swapped = at(3, 0.2);
    expect(swapped[0]).toBeCloseTo(1.5, 6);
    expect(swapped[1]).toBeCloseTo(0.4, 6);
  });

  test("stays within its bounds, and says which of them holds", () => {
    const model = modelOf("a*exp(-k*x)", {
      columns: { x },
      y,
      starts: { a: 1, k: 0.2 },
      bounds: { k: [0.1, 0.3] },
    });
    const { best } = model.search(SQUARES);
    expect(best.parameters[1]).toBe(0.3);
    expect(best.held).toEqual(["k"]);
  });

  test("mirrored in sign takes the sign of its start", () => {
    const model = (b: number) =>
      modelOf("a*exp(-(x/b)^2)", {
        columns: { x },
        y: x.map((v) => 2 * Math.exp(-((v / 3) ** 2))),
        starts: { a: 1, b },
      }).search(SQUARES).best.parameters[1];
    expect(model(2)).toBeCloseTo(3, 8);
    expect(model(-2)).toBeCloseTo(-3, 8);
  });
});
