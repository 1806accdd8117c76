import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  median,
  percentileInterval,
  quantileIn,
  quantilePlace,
  quantileSorted,
  robustSpread,
  standardDeviation,
} from "../../src/fit/quantiles.js";
import { generator, normal, seeded, shuffled } from "../support/random.js";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("a quantile", () => {
  test("stands at p (B + 1): of 999 sorted draws the 2.5 % and 97.5 % are the 25th and the 975th", () => {
    const draws = shuffled(upTo(999), generator(1));
    // 0.95 is no binary fraction: the position is right to its last bits.
    for (const [level, low, high] of [
      [0.95, 25, 975],
      [0.9, 50, 950],
    ]) {
      const limits = percentileInterval(draws, level);
      expect(limits[0]).toBeCloseTo(low, 9);
      expect(limits[1]).toBeCloseTo(high, 9);
    }
  });

  test("between two draws is interpolated", () => {
    // 1000 draws: 0.025 x 1001 = 25.025 and 0.975 x 1001 = 975.975.
    const [low, high] = percentileInterval(upTo(1000), 0.95);
    expect(low).toBeCloseTo(25.025, 10);
    expect(high).toBeCloseTo(975.975, 10);
  });

  test("is the same from a band of the values, and not told where it lies outside", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0.025, 0.5, 0.95),
        fc.nat(60),
        fc.nat(60),
        (draws, p, from, count) => {
          const sorted = Float64Array.from(draws).sort();
          const place = quantilePlace(p, draws.length);
          const band = sorted.slice(from, from + count).reverse();
          const found = quantileIn({ smaller: Math.min(from, draws.length), values: band }, place);
          const isThere = Math.floor(place) >= from && Math.ceil(place) < from + band.length;
          expect(found).toEqual(isThere ? quantileSorted(sorted, p) : null);
        },
      ),
      seeded(),
    );
  });

  test("beyond the ends is the smallest or the largest draw", () => {
    expect(percentileInterval([3, 1, 2], 0.95)).toEqual([1, 3]);
    expect(quantileSorted([7], 0.5)).toBe(7);
  });

  test("keeps infinite draws as infinite limits and never makes a NaN of two", () => {
    expect(quantileSorted([1, 2, Infinity, Infinity], 0.7)).toBe(Infinity);
    expect(quantileSorted([-Infinity, -Infinity, 1], 0.3)).toBe(-Infinity);
  });

  test("lies between the draws and grows with p", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p, q) => {
          const sorted = Float64Array.from(values).sort();
          const [a, b] = [quantileSorted(sorted, Math.min(p, q)), quantileSorted(sorted, Math.max(p, q))];
          expect(a).toBeGreaterThanOrEqual(sorted[0]);
          expect(b).toBeLessThanOrEqual(sorted[sorted.length - 1]);
          // Interpolation rounds: two equal quantiles may differ by a last bit of the largest value.
          expect(b - a).toBeGreaterThanOrEqual(-1e-9);
        },
      ),
      seeded(),
    );
  });
});

describe("the percentile interval", () => {
  test("has the very numbers that sorting gives, ties and infinities among them", () => {
    const draw = fc.oneof(
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.integer({ min: 0, max: 5 }),
      fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    );
    fc.assert(
      fc.property(
        fc.array(draw, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 150 }),
        fc.double({ min: 0.01, max: 0.999, noNaN: true }),
        (some, times, level) => {
          const random = generator(times);
          // Up to 9,000 values: the pivots of long lists come from a sample.
          const values = Array.from({ length: times }, () => shuffled(some, random)).flat();
          const sorted = Float64Array.from(values).sort();
          const expected = [(1 - level) / 2, (1 + level) / 2].map((p) => quantileSorted(sorted, p));
          // Adding 0 makes 0 of -0: which of two equal zeros comes first is nobody's matter.
          expect(percentileInterval(values, level).map((value) => value + 0)).toEqual(
            expected.map((value) => value + 0),
          );
        },
      ),
      seeded(300),
    );
  });

  test("leaves its draws as they are", () => {
    const draws = shuffled(upTo(2000), generator(4));
    const before = [...draws];
    percentileInterval(draws, 0.9);
    expect(draws).toEqual(before);
  });
});

describe("the median", () => {
  test("is the middle value, or the mean of the two middle ones", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
  });
});

describe("the standard deviation", () => {
  test("of draws has the divisor B - 1", () => {
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 14);
  });
});

describe("the robust spread", () => {
  test("is 1.4826 times the (n + p)/2-th smallest absolute residual", () => {
    // n = 9, p = 5: the 7th; n = 10, p = 5: 7.5, so the 8th.
    expect(robustSpread(Float64Array.from([-9, 8, -7, 6, -5, 4, -3, 2, -1]), 5)).toBeCloseTo(1.4826 * 7, 12);
    expect(robustSpread(Float64Array.from(upTo(10)), 5)).toBeCloseTo(1.4826 * 8, 12);
  });

  test("is the standard deviation of Gaussian residuals, whatever a tenth of them does", () => {
    const random = generator(8);
    const residuals = Float64Array.from({ length: 20_000 }, () => 0.003 * normal(random));
    // The sampling error of a median absolute deviation at this size is 0.8 %; 3 % is beyond four of them.
    expect(robustSpread(residuals, 5) / 0.003).toBeCloseTo(1, 1);
    expect(Math.abs(robustSpread(residuals, 5) / 0.003 - 1)).toBeLessThan(0.03);
    const spoiled = residuals.map((r, i) => (i % 10 === 0 ? 1 : r));
    // A tenth of outliers moves the median to the 56th percentile of the rest: at most 15 % up.
    expect(robustSpread(spoiled, 5) / 0.003).toBeLessThan(1.2);
  });
});
