import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bracketed,
  coefficient,
  count,
  flops,
  levelText,
  loss,
  lossInterval,
  missingIntervals,
  percent,
  plural,
  scientific,
  significant,
} from "../../src/report/format.js";
import { seeded } from "../support/random.js";

const sizes = fc.double({ min: -3, max: 17, noNaN: true }).map((power) => 10 ** power);

describe("a count", () => {
  test.each([
    [7.22e9, "7.22B"],
    [1.84e11, "184B"],
    [1.33e12, "1.33T"],
    [5.73e7, "57.3M"],
    [1e3, "1.00k"],
    [999, "999"],
    [0, "0"],
    [1e15, "1e15"],
    [3.5e16, "3.5e16"],
    [Number.POSITIVE_INFINITY, "infinite"],
  ])("%s reads %s", (value, text) => {
    expect(count(value)).toBe(text);
  });

  test.each([
    [999.6e6, "1.00B"],
    [999_999, "1.00M"],
    [999.4e6, "999M"],
    [9.996e9, "10.0B"],
    [99.96e9, "100B"],
    [999.7, "1.00k"],
  ])("is rounded before its suffix is chosen: %s reads %s", (value, text) => {
    expect(count(value)).toBe(text);
  });

  test("reads back as itself within its three digits", () => {
    const units: Record<string, number> = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 };
    fc.assert(
      fc.property(sizes, (value) => {
        const text = count(value);
        const unit = units[text.slice(-1)] ?? 1;
        const back = Number(unit === 1 ? text : text.slice(0, -1)) * unit;
        expect(Math.abs(back / value - 1)).toBeLessThanOrEqual(0.005 + 1e-9);
      }),
      seeded(500),
    );
  });

  test("never has more than three digits before its suffix", () => {
    fc.assert(
      fc.property(sizes, (value) => {
        const digits = count(value)
          .replace(/e.*$/, "")
          .replace(/[kMBT.]/g, "")
          .replace(/^0+/, "");
        expect(digits.length).toBeLessThanOrEqual(value >= 999.5e12 && value < 1e15 ? 4 : 3);
      }),
      seeded(500),
    );
  });
});

describe("a number with significant digits", () => {
  test.each([
    [0.0001234, 3, "0.000123"],
    [0.00001234, 3, "1.23e-5"],
    [1234567, 3, "1.23e6"],
    [123456, 3, "123000"],
    [0.99996, 3, "1.00"],
    [9.9996, 3, "10.0"],
    [-0.5, 2, "-0.50"],
    [-99.96, 3, "-100"],
    [999_960, 3, "1e6"],
    [2.5, 1, "3"],
  ])("%s to %i reads %s", (value, digits, text) => {
    expect(significant(value, digits)).toBe(text);
  });

  test("reads back within half a unit of its last digit", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), fc.boolean(), (size, digits, isNegative) => {
        const value = isNegative ? -size : size;
        const error = Math.abs(Number(significant(value, digits)) / value - 1);
        expect(error).toBeLessThanOrEqual(0.5 * 10 ** (1 - digits) + 1e-12);
      }),
      seeded(500),
    );
  });

  test("in scientific form has no plus sign, no leading zero and no trailing zeros", () => {
    expect(scientific(5.76e23, 3)).toBe("5.76e23");
    expect(flops(1e22)).toBe("1e22");
    expect(flops(1.5e22)).toBe("1.5e22");
    expect(flops(9.999e21)).toBe("1e22");
    expect(scientific(3e-7, 2)).toBe("3e-7");
  });
});

describe("a loss", () => {
  const estimate = (value: number, half: number) => ({
    estimate: value,
    low: value - half,
    high: value + half,
  });

  test.each([
    [1.97388, 0.0123, "1.974"],
    [1.97388, 0.00456, "1.9739"],
    [1.97388, 0.000123, "1.97388"],
    [1.97388, 1e-9, "1.973880"],
    [1.97388, 0.5, "1.974"],
  ])("%s +- %s reads %s", (value, half, text) => {
    expect(loss(estimate(value, half))).toBe(text);
  });

  test("without an interval has three decimals, and none stands for the interval", () => {
    const missing = { low: null, high: null, reason: "5 rows, 5 parameters" };
    expect(loss({ estimate: 2.30552, ...missing })).toBe("2.306");
    expect(lossInterval(missing)).toBe("none");
  });

  test("has an interval in the same decimals", () => {
    expect(lossInterval(estimate(1.97388, 0.0123))).toBe("[1.962, 1.986]");
    expect(lossInterval(estimate(1.97388, 0.00456))).toBe("[1.9693, 1.9784]");
  });
});

describe("a coefficient", () => {
  test.each([
    [482.0067, 100, "482"],
    [0.3473105, 0.015, "0.347"],
    [0.3473105, 0.00015, "0.34731"],
    [0.34731049, 1e-9, "0.347310"],
    [1.8172181, 0.025, "1.817"],
    [2085.43, 5000, "2090"],
  ])("%s +- %s reads %s", (value, half, text) => {
    expect(coefficient(value, { low: value - half, high: value + half })).toBe(text);
  });

  test("without an interval has five digits", () => {
    expect(coefficient(0.34731049, { low: null, high: null })).toBe("0.34731");
    expect(coefficient(0, { low: 0, high: 0 })).toBe("0");
  });
});

describe("intervals", () => {
  test("that are missing are told why, each reason once", () => {
    const missing = (reason?: string) => ({ low: null, high: null, reason });
    expect(missingIntervals([missing("no draws"), { low: 1, high: 2 }, missing("no draws")])).toBe(
      "none: no draws",
    );
    expect(missingIntervals([missing("a"), missing("b")])).toBe("none: a; b");
    expect(missingIntervals([{ low: 1, high: 2 }])).toBeNull();
    expect(missingIntervals([missing()])).toBeNull();
  });

  test("stand in brackets", () => {
    expect(bracketed({ low: 1e9, high: 2e9 }, count)).toBe("[1.00B, 2.00B]");
  });
});

describe("shares and levels", () => {
  test.each([
    [0.0123, "1.2 %"],
    [0.996, "100 %"],
    [1e-7, "1e-5 %"],
    [-0.05, "-5.0 %"],
    [0, "0 %"],
  ])("%s reads %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });

  test("a level has no rounding in its tail", () => {
    expect([0.95, 0.995, 0.68, 0.9].map(levelText)).toEqual(["95 %", "99.5 %", "68 %", "90 %"]);
  });
});

describe("numbers of things", () => {
  test("are singular for one and plural for none and many", () => {
    expect([0, 1, 2].map((n) => plural(n, "row"))).toEqual(["0 rows", "1 row", "2 rows"]);
    expect(plural(3, "minimum", "minima")).toBe("3 minima");
  });
});
