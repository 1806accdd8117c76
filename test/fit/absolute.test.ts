/** Least absolute deviations against every vertex there is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leastAbsolute } from "../../src/fit/linear-absolute.js";
import * as scalefit from "../../src/index.js";
import { between, generator, normal, seeded } from "../support/random.js";

/** All sets of `size` of the numbers from 0 to n - 1. */
function subsets(n: number, size: number, from = 0): number[][] {
  if (size === 0) return [[]];
  return Array.from({ length: n - from }, (_, k) => from + k).flatMap((first) =>
    subsets(n, size - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

/** Cramer's rule for up to three unknowns; null where the rows are not independent. */
function solved(A: number[][], b: number[]): number[] | null {
  const det = (M: number[][]): number =>
    M.length === 1
      ? M[0][0]
      : M[0].reduce(
          (sum, value, j) =>
            sum + (-1) ** j * value * det(M.slice(1).map((row) => row.filter((_, k) => k !== j))),
          0,
        );
  const whole = det(A);
  if (Math.abs(whole) < 1e-9) return null;
  return A.map((_, j) => det(A.map((row, i) => row.map((value, k) => (k === j ? b[i] : value)))) / whole);
}

/** The least sum over all vertices. */
function exhaustive(rows: number[][], r: number[], w: number[]): number {
  const m = rows[0].length;
  const sums = subsets(rows.length, m).map((met) => {
    const d = solved(
      met.map((i) => rows[i]),
      met.map((i) => r[i]),
    );
    if (d === null) return Number.POSITIVE_INFINITY;
    return rows.reduce(
      (sum, row, i) => sum + w[i] * Math.abs(r[i] - row.reduce((s, x, j) => s + x * d[j], 0)),
      0,
    );
  });
  return Math.min(...sums);
}

describe("linear least absolute deviations", () => {
  test("end in the lowest of all vertices", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 4, max: 10 }),
        (seed, m, n) => {
          const random = generator(seed);
          const rows = Array.from({ length: n }, () => Array.from({ length: m }, () => normal(random)));
          const r = rows.map(() => normal(random));
          const w = rows.map(() => Math.ceil(3 * random()));
          const found = leastAbsolute(
            Float64Array.from(rows.flat()),
            Float64Array.from(r),
            Float64Array.from(w),
            m,
          );
          // Sums of ten numbers of size 1.
          expect(found?.sum).toBeCloseTo(exhaustive(rows, r, w), 9);
        },
      ),
      seeded(200),
    );
  });

  test("are none where the rows do not determine them", () => {
    const J = Float64Array.of(1, 2, 2, 4, 3, 6);
    expect(leastAbsolute(J, Float64Array.of(1, 2, 4), Float64Array.of(1, 1, 1), 2)).toBeNull();
  });
});

/**
 * The least sum of |y - (E + A x^-alpha)| over E, A >= 0: at every exponent of a fine grid all pairs of rows that a curve
 * meets, and those with E or A at 0, then golden section about the best. The sum is no convex function of the exponent: the
 * grid must see each of its dips.
 */
function leastOverExponents(x: readonly number[], y: readonly number[]): number {
  const pairs = subsets(x.length, 2);
  const at = (alpha: number): number => {
    const u = x.map((value) => value ** -alpha);
    const sum = (E: number, A: number) =>
      E < 0 || A < 0
        ? Number.POSITIVE_INFINITY
        : y.reduce((total, value, i) => total + Math.abs(value - E - A * u[i]), 0);
    const vertices = pairs.map(([i, j]) => {
      const A = (y[i] - y[j]) / (u[i] - u[j]);
      return sum(y[i] - A * u[i], A);
    });
    const faces = y.flatMap((value, i) => [sum(0, value / u[i]), sum(value, 0)]);
    return Math.min(...vertices, ...faces);
  };
  const grid = Array.from({ length: 1500 }, (_, k) => 0.01 * 400 ** (k / 1499));
  const values = grid.map(at);
  const dips = grid
    .map((alpha, k) => ({ alpha, k }))
    .filter(({ k }) => values[k] <= (values[k - 1] ?? Infinity) && values[k] <= (values[k + 1] ?? Infinity))
    .sort((a, b) => values[a.k] - values[b.k])
    .slice(0, 5);
  return Math.min(
    ...dips.map(({ k }) => {
      let [a, b] = [grid[Math.max(k - 1, 0)], grid[Math.min(k + 1, grid.length - 1)]];
      const golden = (Math.sqrt(5) - 1) / 2;
      for (let step = 0; step < 60; step++) {
        const [c, d] = [b - golden * (b - a), a + golden * (b - a)];
        if (at(c) < at(d)) b = d;
        else a = c;
      }
      return at((a + b) / 2);
    }),
  );
}

describe("the objective absolute", () => {
  test("ends no higher than any vertex of a law of one variable", () => {
    for (let seed = 0; seed < 25; seed++) {
      const random = generator(40 + seed);
      const x = Array.from({ length: 10 }, () => 10 ** between(random, 5, 8));
      const [E, alpha] = [between(random, 0, 2), between(random, 0.1, 0.8)];
      const loss = x.map(
        (value) => E + 3 * (value / 1e6) ** -alpha + 0.05 * normal(random) + (random() < 0.15 ? 0.5 : 0),
      );
      const { fits } = scalefit.fit({
        law: "power-floor",
        data: { x, loss },
        objective: "absolute",
        bootstrap: 0,
      });
      const least = leastOverExponents(x, loss);
      expect(fits[0].objective.value / least - 1, `seed ${40 + seed}`).toBeLessThan(1e-6);
    }
  });
});
