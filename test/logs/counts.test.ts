import { describe, expect, test } from "vitest";
import { type CountColumns, countFault, looksLikePercent, ratesOf } from "../../src/logs/counts.js";

const names = { measured: '"solved"', trials: '"samples"' };
const columns = (
  kind: CountColumns["kind"],
  measured: readonly number[],
  trials: readonly number[] | null,
): CountColumns => ({
  kind,
  measured: Float64Array.from(measured),
  trials: trials === null ? null : Float64Array.from(trials),
});
const faults = (given: CountColumns) =>
  Array.from(given.measured, (_, row) => countFault(given, row, names)?.code ?? null);

describe("successes over trials", () => {
  test("become rates, 0 and 1 among them", () => {
    const given = columns("successes", [0, 3, 100, 2], [100, 100, 100, 1000]);
    expect(Array.from(ratesOf(given))).toEqual([0, 0.03, 1, 0.002]);
    expect(faults(given)).toEqual([null, null, null, null]);
  });

  test("more successes than trials are refused, by row and with both columns named", () => {
    const given = columns("successes", [5, 12], [10, 10]);
    expect(faults(given)).toEqual([null, "successes-above-trials"]);
    expect(countFault(given, 1, names)).toEqual({
      code: "successes-above-trials",
      reason: '"solved" is above "samples": more successes than trials',
      cell: "measured",
    });
  });

  test("counts are whole, and trials at least one", () => {
    expect(faults(columns("successes", [1.5, -1, 1, 1, 1], [10, 10, 0, 2.5, -3]))).toEqual([
      "not-a-count",
      "not-a-count",
      "not-a-count",
      "not-a-count",
      "not-a-count",
    ]);
  });

  test("cells that are no numbers are left to the check of cells", () => {
    expect(faults(columns("successes", [Number.NaN, 1], [10, Number.NaN]))).toEqual([null, null]);
  });
});

describe("rates", () => {
  test("stay as they are, with or without known trials", () => {
    expect(Array.from(ratesOf(columns("rate", [0, 0.25, 1], null)))).toEqual([0, 0.25, 1]);
    expect(Array.from(ratesOf(columns("rate", [0.123], [10])))).toEqual([0.123]);
  });

  test("outside of 0 to 1 are refused", () => {
    expect(faults(columns("rate", [0, 1, -0.01, 1.01], null))).toEqual([
      null,
      null,
      "not-a-rate",
      "not-a-rate",
    ]);
    expect(countFault(columns("rate", [63], null), 0, names)?.reason).toBe('"solved" is not from 0 to 1');
  });

  test("per cent are known by their sizes", () => {
    expect(looksLikePercent(Float64Array.of(12, 63.5, 0.4, 100))).toBe(true);
    expect(looksLikePercent(Float64Array.of(0.2, 0.9, 1, 1.2))).toBe(false);
    expect(looksLikePercent(Float64Array.of(12, 630))).toBe(false);
    expect(looksLikePercent(Float64Array.of(Number.NaN))).toBe(false);
  });
});
