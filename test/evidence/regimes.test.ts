/** Kinds of scaling by name, on simulated runs of one variable. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curveOf } from "../../src/evidence/curve.js";
import { regimesOf } from "../../src/evidence/regimes.js";
import { trendOf } from "../../src/evidence/trend.js";
import { fitObserved } from "../../src/fit/fit-observed.js";
import { DEFAULT_OPTIONS } from "../../src/fit/options.js";
import { sourceFromFit } from "../../src/plan/source.js";
import { lawCalled } from "../support/core.js";
import { generator, normal, seeded } from "../support/random.js";

const law = lawCalled("power-floor");
const X = Array.from({ length: 24 }, (_, i) => 1e6 * 10 ** (i / 6));

function kindsOf(loss: (x: number) => number, change: (values: number[]) => void = () => {}) {
  const random = generator(3);
  const values = X.map((x) => loss(x) * Math.exp(0.004 * normal(random)));
  change(values);
  const observations = {
    inputs: new Map([["x", Float64Array.from(X)]]),
    measured: Float64Array.from(values),
    weight: null,
    run: null,
    label: (i: number) => `r${i}`,
    source: (i: number) => ({ file: "runs.csv", line: i + 2 }),
  };
  const used = { group: "g", observations, rows: 24, used: 24, dropped: [], range: {} };
  const fit = fitObserved(law, used, new Map(), { ...DEFAULT_OPTIONS, bootstrap: 200 });
  const curve = curveOf(sourceFromFit(law, fit, "runs"), observations);
  return regimesOf(law, fit, curve, observations, 0.02);
}

const codesOf = (...args: Parameters<typeof kindsOf>) => kindsOf(...args).map(({ code }) => code);

describe("exponents", () => {
  test("a small one is the resolution's, one of 1 the variance's", () => {
    expect(codesOf((x) => 30 / x ** 0.25)).toContain("resolution-limited");
    expect(codesOf((x) => 1e4 / x)).toContain("variance-limited");
  });
});

describe("trends", () => {
  test("a curve that has reached its floor names the smallest run there", () => {
    const [found] = kindsOf((x) => 2 + 5e5 / x).filter(({ code }) => code === "plateau");
    // 2 % of 2 above it lies x = 1.25e7; the first run at or beyond is 1.47e7 or its neighbours by noise.
    const place = Number(found.rows[0].label.slice(1));
    expect(X[place]).toBeGreaterThan(0.9e7);
    expect(X[place]).toBeLessThan(1.6e7);
  });

  test("a steady fall is none of the odd kinds", () => {
    const codes = codesOf((x) => 1 + 30 / x ** 0.25);
    for (const code of ["inverse", "u-shaped", "inverted-u", "larger-is-worse", "plateau"])
      expect(codes).not.toContain(code);
  });

  test("U-shaped, inverted U and inverse are told apart, with the rows", () => {
    const bend = (x: number) => (Math.log10(x) - 8) ** 2;
    expect(codesOf((x) => 2 + 0.1 * bend(x))).toContain("u-shaped");
    expect(codesOf((x) => 3 - 0.1 * bend(x))).toContain("inverted-u");
    expect(codesOf((x) => 2 + 0.1 * Math.log10(x))).toEqual(["inverse"]);
    const [u] = kindsOf((x) => 2 + 0.1 * bend(x));
    for (const { label } of u.rows) expect(X[Number(label.slice(1))]).toBeGreaterThan(0.7e8);
  });

  test("one larger run that is worse is named", () => {
    const found = kindsOf(
      (x) => 1 + 30 / x ** 0.25,
      (values) => {
        values[15] *= 1.2;
      },
    ).find(({ code }) => code === "larger-is-worse");
    expect(found?.rows).toEqual([{ label: "r15", file: "runs.csv", line: 17 }]);
  });
});

test("a parabola's own points give its turn and its curvature back, wherever they lie", () => {
  const number = fc.double({ min: -3, max: 3, noNaN: true });
  fc.assert(
    fc.property(number, fc.double({ min: 0.1, max: 3, noNaN: true }), number, (turn, curvature, level) => {
      const t = [-5, -3.5, -2, -0.5, 1, 2.2, 4, 5].map((value) => value + turn);
      const trend = trendOf(
        t,
        t.map((value) => level + curvature * (value - turn) ** 2),
      );
      expect(trend?.vertex).toBeCloseTo(turn, 8);
      expect(trend?.curvature).toBeCloseTo(curvature, 8);
    }),
    seeded(),
  );
});
