import { describe, expect, test } from "vitest";
import { akimaMinimum } from "../../src/optima/akima.js";
import { lowerHull } from "../../src/optima/lower-hull.js";

describe("the least point of Akima's interpolation", () => {
  // Points, and the minimum of SciPy's Akima1DInterpolator through them: two million places, then a bounded search.
  test.each([
    [[0, 1, 2.5, 3, 4.2, 6], [5, 3.1, 2.4, 2.35, 2.9, 4], 2.8717579, 2.3323697396975414],
    [[-2, -1, 0.3, 1.1, 2, 2.7, 4], [1.2, 0.4, 0.1, 0.35, 0.3, 0.9, 1.4], 0.1264883, 0.0914769134836005],
    [[0, 1, 3], [2, 1, 1.5], 1.6, 0.8875],
  ])("through %j, %j is SciPy's", (x, y, at, value) => {
    const least = akimaMinimum(x, y);
    // The place of a minimum by its values is right to half of their digits.
    expect(least.x).toBeCloseTo(at, 6);
    expect(least.y).toBeCloseTo(value, 14);
    expect(least.isInside).toBe(true);
  });

  test("is at an end where the curve falls towards it", () => {
    expect(akimaMinimum([0, 1, 2, 3], [4, 3, 2, 1])).toEqual({ x: 3, y: 1, isInside: false });
    expect(akimaMinimum([0, 1, 2, 3], [1, 2, 3, 4])).toEqual({ x: 0, y: 1, isInside: false });
  });

  test("on a level stretch is its first point", () => {
    expect(akimaMinimum([0, 1, 2, 3, 4], [3, 2, 2, 2, 3])).toEqual({ x: 1, y: 2, isInside: true });
  });

  test("moves with the curve and not with its height", () => {
    const [x, y] = [
      [0, 1, 2.5, 3, 4.2, 6],
      [5, 3.1, 2.4, 2.35, 2.9, 4],
    ];
    const moved = akimaMinimum(
      x.map((value) => value + 10),
      y.map((value) => 3 * value + 7),
    );
    expect(moved.x).toBeCloseTo(akimaMinimum(x, y).x + 10, 12);
  });
});

describe("the lower hull", () => {
  const of = (points: number[][]) => lowerHull(points.map(([x, y]) => ({ x, y }))).map(({ x, y }) => [x, y]);

  test("keeps the corners below the others, up to the least", () => {
    expect(
      of([
        [0, 5],
        [1, 4.9],
        [2, 2],
        [3, 1.9],
        [4, 1],
        [5, 3],
        [2, 6],
      ]),
    ).toEqual([
      [0, 5],
      [2, 2],
      [4, 1],
    ]);
  });

  test("of points above each other has the lowest", () => {
    expect(
      of([
        [0, 2],
        [0, 1],
        [0, 3],
        [1, 0.5],
        [1, 0.4],
      ]),
    ).toEqual([
      [0, 1],
      [1, 0.4],
    ]);
  });
});
