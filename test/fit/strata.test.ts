import { describe, expect, test } from "vitest";
import { requireResamples, strataStretch, within } from "../../src/fit/strata.js";

const units = (...rows: number[][]) => rows.map((unit) => Int32Array.from(unit));

describe("strata of some of the rows", () => {
  test("hold the units that have rows left, under their new places", () => {
    const left = within(
      { units: units([0, 1], [2], [3, 4], [5], [6]), strata: units([0, 1], [2, 3, 4]) },
      Int32Array.of(1, 3, 5, 6),
    );
    expect(left.units).toEqual(units([1], [3], [5], [6]));
    expect(left.strata).toEqual(units([0], [1, 2, 3]));
  });

  test("are one where each has a single unit left: resamples would all be the same", () => {
    const left = within(
      { units: units([0], [1], [2], [3]), strata: units([0, 1], [2, 3]) },
      Int32Array.of(0, 3),
    );
    expect(left).toEqual({ units: units([0], [3]), strata: null });
  });

  test("are left out whole where all of their rows are", () => {
    const left = within(
      { units: units([0], [1], [2], [3]), strata: units([0, 1], [2, 3]) },
      Int32Array.of(0, 1),
    );
    expect(left).toEqual({ units: units([0], [1]), strata: units([0, 1]) });
  });
});

test("limits from strata are stretched by sqrt(n / (n - H))", () => {
  expect(strataStretch(units([0, 1, 2], [3, 4, 5, 6, 7, 8]))).toBeCloseTo(Math.sqrt(9 / 7), 15);
  expect(strataStretch(null)).toBe(1);
});

test("strata of so many rows that none are drawn are refused", () => {
  const row = { label: String, source: (line: number) => ({ file: "log.csv", line }) };
  const observations = {
    ...row,
    inputs: new Map(),
    measured: new Float64Array(30_000),
    weight: null,
    run: null,
    stratum: new Int32Array(30_000),
  };
  expect(() => requireResamples(observations, 0)).toThrow(/of 30000 rows none are/);
  expect(() => requireResamples(observations, 200)).not.toThrow();
});
