import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldsOf, rowsBelow } from "../../src/evidence/held-back.js";
import { seeded } from "../support/random.js";

describe("folds", () => {
  test("hold every row once, in ten parts of nearly equal size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 300 }), fc.integer({ min: 0, max: 99 }), (rows, seed) => {
        const folds = foldsOf(rows, null, seed);
        const all = folds.flatMap((fold) => [...fold]).sort((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: rows }, (_, i) => i));
        const sizes = folds.map(({ length }) => length);
        expect(folds).toHaveLength(10);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      seeded(50),
    );
  });

  test("are as many as there are runs where there are fewer than ten, and keep runs whole", () => {
    const run = Int32Array.from({ length: 28 }, (_, i) => i % 7);
    const folds = foldsOf(28, run, 1);
    expect(folds).toHaveLength(7);
    for (const fold of folds) expect(new Set([...fold].map((i) => run[i])).size).toBe(1);
  });

  test("are the same for the same seed and others for another", () => {
    const text = (seed: number) => JSON.stringify(foldsOf(40, null, seed).map((fold) => [...fold]));
    expect(text(3)).toBe(text(3));
    expect(text(4)).not.toBe(text(3));
  });
});

describe("the rows below the largest scales", () => {
  const budgets = (values: readonly number[], rows: number) =>
    Float64Array.from(values.flatMap((value) => Array.from({ length: rows }, () => value)));

  test("leave two of six equal budgets hidden: a third of the rows, never more", () => {
    expect(rowsBelow(budgets([1, 3, 10, 30, 100, 300], 7), 5)).toBe(28);
    expect(rowsBelow(budgets([1, 3, 10, 30, 100], 7), 5)).toBe(28);
  });

  test("are at most three scales fewer where those hold a tenth of the rows", () => {
    const scale = Float64Array.from([...budgets([1, 2, 4, 8, 16, 32], 4), 64, 128, 256, 512]);
    expect(rowsBelow(scale, 5)).toBe(25);
  });

  test("count scales within a tenth of each other as one", () => {
    const near = Float64Array.from([1, 2, 4, 8, 16, 32, 64, 128, 250, 252, 255, 260]);
    // 260, 255, 252 and 250 are one scale; 128 would be the second, and hide more than a third.
    expect(rowsBelow(near, 3)).toBe(8);
  });

  test("are unknown where fewer than three scales would be left, or too few rows", () => {
    expect(rowsBelow(budgets([1, 10, 100], 10), 5)).toBeNull();
    expect(rowsBelow(budgets([1, 10, 100, 1000], 2), 7)).toBeNull();
    expect(rowsBelow(budgets([5], 30), 5)).toBeNull();
  });
});
