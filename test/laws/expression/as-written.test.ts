import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compileAsWritten, evaluate, parseFormula } from "../../../src/laws/expression/index.js";
import { anyFormula, columnsOf, inputs, parameters, parametersAt, point, runs } from "./random-formulas.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

function forbidGeneratedCode(): void {
  vi.stubGlobal(
    "Function",
    class {
      constructor() {
        throw new EvalError("no code from text here");
      }
    },
  );
}

/** Bits: NaN is NaN, and -0 is not 0. */
const sameBits = (a: Float64Array, b: readonly number[]) => a.every((value, i) => Object.is(value, b[i]));

describe("a formula computed as it is written", () => {
  test.each([
    ["generated", () => {}],
    ["interpreted", forbidGeneratedCode],
  ])("has the bits of the tree walk in every row, %s", (_, prepare) => {
    prepare();
    fc.assert(
      fc.property(anyFormula, fc.array(point, { minLength: 1, maxLength: 5 }), (text, points) => {
        const tree = parseFormula(text);
        const [first] = points;
        const rows = points.map(
          (at) => new Map([...at, ...parameters.map((name) => [name, first.get(name) ?? 0] as const)]),
        );
        const out = new Float64Array(points.length);
        compileAsWritten(tree, inputs, parameters)(
          parametersAt(first),
          columnsOf(points),
          points.length,
          out,
        );
        expect(
          sameBits(
            out,
            rows.map((at) => evaluate(tree, at)),
          ),
          text,
        ).toBe(true);
      }),
      runs(300),
    );
  });

  test("takes infinite values: the limit of a law", () => {
    const law = compileAsWritten(parseFormula("E + A / N^alpha"), ["E", "A", "alpha"], ["N"]);
    const out = new Float64Array(2);
    law(
      Float64Array.of(Number.POSITIVE_INFINITY),
      [Float64Array.of(1.7, 1.8), Float64Array.of(400, 0), Float64Array.of(0.3, 0.4)],
      2,
      out,
    );
    expect([...out]).toEqual([1.7, 1.8]);
  });
});
