import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import { scalingRegime } from "../../src/laws/bahri.js";
import { parseFormula } from "../../src/laws/expression/index.js";
import type { Law } from "../../src/laws/law.js";
import { requireLaw } from "../../src/laws/require-law.js";
import { sharedCsv } from "../support/csv.js";
import { estimatesOf, fitTo, spaced, valuesOf } from "../support/law-fits.js";
import { generator, normal } from "../support/random.js";
import { describeWithShared } from "../support/shared.js";

const value = (
  law: string,
  coefficients: Record<string, number | number[]>,
  at: Record<string, number>,
): number => predict({ law, coefficients, at }).predictions[0].value.estimate;

describe("laws that become others", () => {
  test.each([1e3, 1e6])("at x = %d", (x) => {
    const floor = value("power-floor", { E: 0.1, A: 5, alpha: 0.3 }, { x });
    expect(value("m2", { e_inf: 0.1, beta: 5, c: -0.3 }, { x })).toBeCloseTo(floor, 14);
    expect(value("m3", { beta: 5, c: 0.3 }, { x })).toBeCloseTo(value("m1", { beta: 5, c: -0.3 }, { x }), 14);
    expect(value("m4", { e_inf: 0.1, e0: 1e6, alpha: 1e-9, beta: 5, c: -0.3 }, { x })).toBeCloseTo(floor, 7);
    expect(value("bnsl", { a: 0.1, b: 5, c0: 0.3, c: [], d: [], f: [] }, { x })).toBeCloseTo(floor, 14);
    expect(value("sft-rectified", { B: 5, beta: 0.3, E: 0.1 }, { D: x })).toBeCloseTo(floor, 14);
    expect(value("saturating-power", { a: 5, c: -0.3, d: 0.1 }, { C: 1e9 * x })).toBeCloseTo(floor, 14);
    expect(value("bahri-mixed", { Linf: 0.1, A: 5, alpha: 0.3, V: 0 }, { D: x })).toBeCloseTo(floor, 14);
    // A break far away, or without a change of slope, is none.
    expect(value("bnsl", { a: 0.1, b: 5, c0: 0.3, c: [0.7], d: [1e30], f: [0.1] }, { x })).toBeCloseTo(
      floor,
      12,
    );
    expect(value("bnsl", { a: 0.1, b: 5, c0: 0.3, c: [0], d: [1e4], f: [0.1] }, { x })).toBeCloseTo(
      floor,
      14,
    );
  });

  test("M3 levels out at beta gamma^c, M4 at e0", () => {
    expect(value("m3", { beta: 5, c: 0.3, gamma: 1e-4 }, { x: 1e30 })).toBeCloseTo(5 * 1e-4 ** 0.3, 12);
    expect(value("m4", { e_inf: 0.1, e0: 2.3, alpha: 0.7, beta: 50, c: -0.5 }, { x: 1e-8 })).toBeCloseTo(
      2.3,
      6,
    );
  });

  test("a sharp break stays finite where (x/d)^(1/f) overflows", () => {
    const y = value("bnsl", { a: 0, b: 1, c0: 0.1, c: [0.5], d: [1], f: [0.01] }, { x: 1e12 });
    // Beyond the break the slope is c0 + c1.
    expect(y).toBeCloseTo(1e12 ** -0.6, 20);
  });
});

describe("laws read backwards", () => {
  const cases: [string, Record<string, number | number[]>, string, string, number][] = [
    ["m1", { beta: 5, c: -0.3 }, "x", "y", 4e4],
    ["m2", { e_inf: 0.1, beta: 5, c: -0.3 }, "x", "y", 4e4],
    ["m3", { beta: 5, c: 0.3, gamma: 1e-6 }, "x", "y", 4e4],
    ["m4", { e_inf: 0.1, e0: 1, alpha: 0.7, beta: 50, c: -0.5 }, "x", "y", 4e4],
    ["saturating-power", { a: 9, b: 5e5, c: -0.14, d: 0.1 }, "C", "error", 4e18],
    ["exp-data", { E: 0.05, A: 0.6, n0: 20_000 }, "n", "error", 4e4],
    ["sft-rectified", { E: 1, B: 525.6, Dl: 151.4, beta: 0.444 }, "D", "L", 4e4],
    ["bnsl", { a: 0.4, b: 2.3, c0: 0.05, c: [5.7], d: [610], f: [0.06] }, "x", "y", 640],
  ];

  test.each(cases)("%s gives the scale of its value", (law, coefficients, input, output, x) => {
    const y = value(law, coefficients, { [input]: x });
    const [{ value: found }] = predict({ law, coefficients, solve: input, at: { [output]: y } }).predictions;
    expect(found.estimate / x).toBeCloseTo(1, 9);
  });

  test.each(cases)("%s has none below its floor", (law, coefficients, solve, output) => {
    const at = { [output]: law === "m1" || law === "m3" ? 1e-12 : 0.04 };
    const solved = () => predict({ law, coefficients, solve, at }).predictions[0].value.estimate;
    if (law === "m1") expect(solved()).toBeGreaterThan(1e30);
    else expect(solved).toThrow(/no finite/);
  });

  test("a broken law that turns gives the first crossing", () => {
    // Falls to a dip at about x = 1, rises to a peak, falls again.
    const coefficients = { a: 0, b: 1, c0: 0.3, c: [-0.6, 0.9], d: [1, 1e4], f: [0.2, 0.2] };
    const at = (y: number) =>
      predict({ law: "bnsl", coefficients, solve: "x", at: { y } }).predictions[0].value.estimate;
    const x = at(2);
    expect(x).toBeLessThan(1);
    expect(value("bnsl", coefficients, { x })).toBeCloseTo(2, 9);
  });
});

describe("broken laws of more breaks", () => {
  const family = requireLaw("bnsl").family;
  const of = (breaks: number) => family?.of(breaks) as Law;

  test("are tried with none to three, each a law with three more parameters", () => {
    expect(family?.tried).toEqual([0, 1, 2, 3]);
    expect([0, 1, 2, 3].map((n) => of(n).parameters.length)).toEqual([3, 6, 9, 12]);
  });

  test.each([
    [2, { a: 0.1, b: 8, c0: 0, c1: 0.4, d1: 1e4, f1: 0.1, c2: 0.5, d2: 1e7, f2: 0.2 }],
    [
      3,
      {
        a: 0.05,
        b: 12,
        c0: 0.02,
        c1: 0.5,
        d1: 1e4,
        f1: 0.2,
        c2: -0.45,
        d2: 1e6,
        f2: 0.2,
        c3: 0.4,
        d3: 1e8,
        f3: 0.2,
      },
    ],
  ])("%d breaks are found in noisy data, in the order of x", (breaks, coefficients) => {
    const law = of(breaks);
    const x = spaced(1e2, 1e10, 60);
    const random = generator(2);
    const measured = valuesOf(law, coefficients, { x }).map((y) => y * Math.exp(0.005 * normal(random)));
    const fit = fitTo(law, { x }, measured, { delta: 1e-3 });
    const fromTruth = fitTo(
      law,
      { x },
      measured,
      { delta: 1e-3 },
      { starts: new Map(Object.entries(coefficients)) },
    );
    expect(fit.objective.value).toBeLessThanOrEqual(fromTruth.objective.value * (1 + 1e-9));
    const found = estimatesOf(fit);
    const places = Array.from({ length: breaks }, (_, i) => found[`d${i + 1}`]);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    // Half a per cent of noise leaves a break's place right within a tenth of a decade.
    for (const [i, d] of places.entries())
      expect(Math.abs(Math.log10(d / coefficients[`d${i + 1}` as "d1"]))).toBeLessThan(0.1);
  });
});

describeWithShared("the curve of 4-digit addition", () => {
  const rows = sharedCsv("bnsl_4digit_addition.csv");
  const x = rows.map((row) => Number(row.dataset_size));
  const loss = rows.map((row) => Number(row.test_loss));

  /** The authors' objective: squares of ln(1 + y). */
  const fitted = (breaks: number) => {
    const law = requireLaw("bnsl").family?.of(breaks) as Law;
    const text = `log1p(${law.formula})`;
    const own: Law = { ...law, formula: text, expression: parseFormula(text), coordinates: null };
    return fitTo(own, { x }, loss.map(Math.log1p), { objective: "squares" });
  };

  test("with one break reaches the best recorded fit", () => {
    const fit = fitted(1);
    // Recorded with eight digits, the best of 300 starts.
    expect(2 * fit.objective.value).toBeLessThan(2.2674585e-6 + 1e-9);
    const { a, b, c0, c1, d1, f1 } = estimatesOf(fit);
    expect([a, b, c0, c1, d1, f1].map((value) => Number(value.toPrecision(4)))).toEqual([
      0.4139, 2.277, 0.05508, 5.663, 612.6, 0.05919,
    ]);
  });

  test("without one is not fitted at all", () => {
    expect(2 * fitted(0).objective.value).toBeGreaterThan(0.1);
  });
});

describe("the regimes of Bahri et al.", () => {
  test("are told by the exponent", () => {
    expect(scalingRegime(1)).toEqual({ regime: "variance-limited", dimension: null });
    expect(scalingRegime(0.92).regime).toBe("variance-limited");
    expect(scalingRegime(0.25)).toEqual({ regime: "resolution-limited", dimension: 16 });
    expect(scalingRegime(1.5).regime).toBe("steeper than either");
  });

  test("have one floor", () => {
    expect(requireLaw("bahri").parameters.map(({ name }) => name)).toEqual(["Linf", "kD", "d", "kV"]);
  });

  test("meet where their parts are equal", () => {
    const coefficients = { Linf: 0.1, kD: 40, d: 12, kV: 900 };
    const [{ values }] = predict({ law: "bahri", coefficients, solve: "D", at: {} }).predictions;
    const D = values?.D.estimate ?? 0;
    expect(40 / D ** (4 / 12)).toBeCloseTo(900 / D, 12);
    const mixed = { Linf: 0.1, A: 40, alpha: 1 / 3, V: 900 };
    const [{ values: implied }] = predict({
      law: "bahri-mixed",
      coefficients: mixed,
      solve: "d",
      at: {},
    }).predictions;
    expect(implied?.d.estimate).toBeCloseTo(12, 12);
    expect((implied?.D.estimate ?? 0) / D).toBeCloseTo(1, 10);
  });
});

describe("scores that turn", () => {
  test("the parabola's turn is where its slope is 0", () => {
    const coefficients = { q0: -0.5, q1: -0.1, q2: 0.06 };
    const [{ values }] = predict({ law: "u-quadratic", coefficients, solve: "turn", at: {} }).predictions;
    const C = values?.C.estimate ?? 0;
    const lowest = value("u-quadratic", coefficients, { C });
    expect(values?.y.estimate).toBeCloseTo(lowest, 12);
    for (const factor of [0.9, 1.1])
      expect(value("u-quadratic", coefficients, { C: C * factor })).toBeGreaterThan(lowest);
  });

  test("take FLOPs or their logarithm over 1e21", () => {
    const coefficients = { y0: -0.45, h1: 0.15, k1: 2, z1: 0.3, h2: 0.4, k2: 3, z2: 2 };
    expect(value("u-shape", coefficients, { C: 1e22 })).toBe(
      value("u-shape", coefficients, { z_log10C_over_1e21: 1 }),
    );
  });

  test("may be negative, and are fitted by squares", () => {
    const law = requireLaw("u-shape");
    const coefficients = { y0: -0.45, h1: 0.15, k1: 2, z1: 0.3, h2: 0.4, k2: 3, z2: 2 };
    const C = spaced(1e19, 1e25, 40);
    const random = generator(5);
    const measured = valuesOf(law, coefficients, { C }).map((y) => y + 0.005 * normal(random));
    const fit = fitTo(law, { C }, measured);
    expect(fit.objective.name).toBe("squares");
    // A noise of 0.005 in a curve that spans 0.4.
    expect(fit.metrics.r2).toBeGreaterThan(0.995);
    expect(Math.abs(fit.parameters.z2.estimate - 2)).toBeLessThan(0.1);
  });
});
