import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kthSmallest } from "../../src/fit/kth-smallest.js";
import { generator } from "../support/random.js";

const sortedAt = (values: Float64Array, k: number): number => values.slice().sort()[k];
const found = (values: Float64Array, k: number): number => kthSmallest(values.length, k, (i) => values[i]);

/** More than are sorted as they are. */
const MANY = 20_000;
/** From the least number to the largest, ties, 0, infinities and what is no number among them. */
const numbers = (seed: number): Float64Array => {
  const random = generator(seed);
  const special = [0, 5e-324, 1, 1, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN];
  return Float64Array.from({ length: MANY }, () =>
    random() < 0.1 ? special[Math.floor(special.length * random())] : 10 ** (600 * random() - 300),
  );
};

describe("kth smallest", () => {
  test("is the number at that place of the sorted values, whatever they are", () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), place, (seed, share) => {
        const values = numbers(seed);
        const k = Math.round(share * (MANY - 1));
        expect(found(values, k)).toBe(sortedAt(values, k));
      }),
      { numRuns: 20 },
    );
  });

  test("is found in values that all lie in one band", () => {
    const random = generator(1);
    const values = Float64Array.from({ length: MANY }, () => 1 + 1e-9 * random());
    for (const k of [0, 1, 7777, MANY - 1]) expect(found(values, k)).toBe(sortedAt(values, k));
  });

  test("of few values is found too", () => {
    expect(found(Float64Array.of(3, 1, Number.NaN, 2), 1)).toBe(2);
    expect(found(Float64Array.of(3, 1, Number.NaN, 2), 3)).toBeNaN();
  });

  test("of no values there is none", () => {
    expect(kthSmallest(0, -1, () => 0)).toBeUndefined();
  });
});
