import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import type { Law } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { fitPoints, gridOf, worstRecovery } from "../support/law-grid.js";
import { between, generator, normal } from "../support/random.js";

/** Noise-free data: what is left is rounding (1e-16) times the condition of the law. */
const RECOVERED = 1e-8;

type Given = Record<string, number | number[]>;
const value = (law: string, coefficients: Given, at: Given) =>
  predict({ law, coefficients, at }).predictions[0].value.estimate;
const solved = (law: string, coefficients: Given, solve: string, at: Given = {}) =>
  predict({ law, coefficients, at, solve }).predictions[0].value.estimate;

const productOf = (size: number): Law => lawCalled("power-product").family?.of(size) as Law;

describe("power-product", () => {
  test.each([
    [1, { k: 3, a1: 1.5 }],
    [2, { k: 2e-12, a1: 1, a2: 2 }],
    [3, { k: 2e-12, a1: 1, a2: 2, a3: -0.5 }],
    [4, { k: 7e3, a1: 0.3, a2: -1.2, a3: 1, a4: 0.05 }],
  ] as [number, Record<string, number>][])("of %i features is recovered", (size, truth) => {
    const values = [1, 8, 64];
    const points = gridOf(Object.fromEntries(Array.from({ length: size }, (_, i) => [`x${i + 1}`, values])));
    expect(
      worstRecovery(productOf(size), truth, size === 1 ? gridOf({ x1: [1, 8, 64, 512] }) : points),
    ).toBeLessThan(RECOVERED);
  });

  test("is a plane in logarithms: squares of logs give the least squares of a line", () => {
    const random = generator(7);
    const points = Array.from({ length: 40 }, () => ({ x1: 10 ** between(random, 0, 3) }));
    const measured = points.map(({ x1 }) => 0.02 * x1 ** 1.4 * Math.exp(0.1 * normal(random)));
    const { estimates } = fitPoints(productOf(1), points, measured, { objective: "squares-log" });
    const [x, y] = [points.map(({ x1 }) => Math.log(x1)), measured.map(Math.log)];
    const mean = (of: number[]) => of.reduce((sum, v) => sum + v, 0) / of.length;
    const [mx, my] = [mean(x), mean(y)];
    const slope =
      x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0) / x.reduce((sum, v) => sum + (v - mx) ** 2, 0);
    // A sum of squares is flat to rounding within 1e-8 of where it is least.
    expect(estimates.a1).toBeCloseTo(slope, 7);
    expect(Math.log(estimates.k)).toBeCloseTo(my - slope * mx, 6);
  });

  test("takes its exponents and features as lists, whose length says how many there are", () => {
    const at = { x: [2, 3, 5] };
    expect(value("power-product", { k: 7, a: [1, 2, -1] }, at)).toBeCloseTo((7 * 2 * 9) / 5, 12);
    expect(() => value("power-product", { k: 7, a: [1, 2] }, at)).toThrow(/3 values.*2 features/);
  });
});

describe("roofline", () => {
  const truth = { peak: 6e14, bandwidth: 2.5e12, overhead: 5e-6 };

  test("is recovered from times on both sides of the ridge", () => {
    const points = gridOf({ work: [1e9, 1e10, 1e11, 1e12, 1e13], bytes: [1e6, 1e7, 1e8, 1e9, 1e10] });
    expect(worstRecovery(lawCalled("roofline"), truth, points)).toBeLessThan(RECOVERED);
  });

  test("is bound by memory below the ridge and by arithmetic above it", () => {
    const ridge = solved("roofline", truth, "ridge");
    expect(ridge).toBe(240);
    const bytes = 1e9;
    const time = (perByte: number) => value("roofline", truth, { work: perByte * bytes, bytes });
    expect(time(ridge / 2)).toBe(time(ridge / 4));
    expect(time(2 * ridge) - truth.overhead).toBeCloseTo(2 * (time(ridge) - truth.overhead), 12);
  });

  test("takes work or traffic of nothing", () => {
    expect(value("roofline", truth, { work: 0, bytes: 0 })).toBe(truth.overhead);
  });
});

describe("linear and quadratic growth", () => {
  const linear = { c0: 0.5, c1: 2e-4 };
  const quadratic = { c0: 0.2, c1: 1e-4, c2: 2e-8 };
  const lengths = [128, 512, 2048, 8192, 32768];

  test("are recovered from their own costs", () => {
    expect(worstRecovery(lawCalled("linear-cost"), linear, gridOf({ x: [0, ...lengths] }))).toBeLessThan(
      RECOVERED,
    );
    expect(worstRecovery(lawCalled("quadratic-cost"), quadratic, gridOf({ x: lengths }))).toBeLessThan(
      RECOVERED,
    );
  });

  test("are told from each other by the data: a linear cost has no quadratic part", () => {
    const points = gridOf({ x: lengths });
    const measured = points.map(({ x }) => linear.c0 + linear.c1 * x);
    const { estimates } = fitPoints(lawCalled("quadratic-cost"), points, measured);
    expect(estimates.c2 * 32768 ** 2).toBeLessThan(1e-9);
    expect(estimates.c1).toBeCloseTo(linear.c1, 10);
  });

  test("cross where both cost the same, and the linear one is cheaper from there on", () => {
    const x = solved("quadratic-cost", quadratic, "crossing", { b0: linear.c0, b1: linear.c1 });
    expect(value("quadratic-cost", quadratic, { x })).toBeCloseTo(value("linear-cost", linear, { x }), 12);
    expect(value("quadratic-cost", quadratic, { x: 2 * x })).toBeGreaterThan(
      value("linear-cost", linear, { x: 2 * x }),
    );
    expect(value("quadratic-cost", quadratic, { x: x / 2 })).toBeLessThan(
      value("linear-cost", linear, { x: x / 2 }),
    );
  });

  test("do not cross where the linear cost is the lower one throughout", () => {
    expect(() => solved("quadratic-cost", quadratic, "crossing", { b0: 0.1, b1: 1e-5 })).toThrow(
      /no finite crossing/,
    );
  });

  test("say what a cost pays for: there and back again", () => {
    for (const x of [0, 1, 5000, 1e9]) {
      const paid = solved("quadratic-cost", quadratic, "x", { y: value("quadratic-cost", quadratic, { x }) });
      // 0.2 + 1e-4 x keeps no more of a small x.
      expect(Math.abs(paid - x)).toBeLessThan(1e-12 * x + 1e-11);
      const back = solved("linear-cost", linear, "x", { y: value("linear-cost", linear, { x }) });
      expect(Math.abs(back - x)).toBeLessThan(1e-12 * x + 1e-11);
    }
    expect(() => solved("linear-cost", linear, "x", { y: 0.1 })).toThrow(/no finite x/);
  });

  test("are even where both parts of the quadratic cost are the same", () => {
    const x = solved("quadratic-cost", quadratic, "even");
    expect(quadratic.c2 * x ** 2).toBeCloseTo(quadratic.c1 * x, 12);
  });
});
