/** The least of a convex function of shares: closed forms, caps, and the conditions that a minimum must meet. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leastShares, type ShareFunction } from "../../src/laws/simplex.js";
import { seeded } from "../support/random.js";

/** SUM_i w_i exp(t_i . r), convex. */
const exponentials = (w: readonly number[], t: readonly (readonly number[])[]): ShareFunction => {
  const terms = (r: Float64Array) =>
    t.map((row, i) => w[i] * Math.exp(row.reduce((s, x, j) => s + x * r[j], 0)));
  return {
    value: (r) => terms(r).reduce((sum, term) => sum + term, 0),
    expand(r, gradient, hessian) {
      const e = terms(r);
      for (let i = 0, k = 0; i < gradient.length; i++) {
        gradient[i] = e.reduce((sum, term, n) => sum + term * t[n][i], 0);
        for (let j = 0; j <= i; j++, k++)
          hessian[k] = e.reduce((sum, term, n) => sum + term * t[n][i] * t[n][j], 0);
      }
    },
  };
};

/** SUM_j a_j / (r_j + b)^2, convex; without b its least is at r_j ~ a_j^(1/3). */
const inverses = (a: readonly number[], b = 0): ShareFunction => ({
  value: (r) => r.reduce((sum, x, j) => sum + a[j] / (x + b) ** 2, 0),
  expand(r, gradient, hessian) {
    hessian.fill(0);
    r.forEach((x, j) => {
      gradient[j] = (-2 * a[j]) / (x + b) ** 3;
      hessian[(j * (j + 3)) / 2] = (6 * a[j]) / (x + b) ** 4;
    });
  },
});

const free = (M: number) => Array<number>(M).fill(1);

describe("the least of a convex function of shares", () => {
  test("is that of a closed form", () => {
    const a = [1, 8, 27, 64];
    const r = leastShares(inverses(a), free(4)) as Float64Array;
    // The cube roots over their sum; rounding of the objective's slope leaves the last bits.
    [0.1, 0.2, 0.3, 0.4].forEach((share, j) => {
      expect(r[j]).toBeCloseTo(share, 14);
    });
  });

  test("lies at a corner, exactly, for a linear function", () => {
    const linear = exponentials([1], [[0.3, -2, 1, 0.5]]);
    expect(Array.from(leastShares(linear, free(4)) as Float64Array)).toEqual([0, 1, 0, 0]);
  });

  test("fills the best up to its cap, then the next", () => {
    const linear = exponentials([1], [[0.3, -2, 1, 0.5]]);
    const r = leastShares(linear, [0.25, 0.4, 1, 0.2]) as Float64Array;
    [0.25, 0.4, 0.15, 0.2].forEach((share, j) => {
      expect(r[j]).toBeCloseTo(share, 14);
    });
  });

  test("leaves out a domain whose cap is 0, and has nothing to choose where caps add up to 1", () => {
    const r = leastShares(inverses([1, 8, 27], 0.01), [1, 0, 1]) as Float64Array;
    expect(r[1]).toBe(0);
    expect(r[0] + r[2]).toBeCloseTo(1, 15);
    expect(Array.from(leastShares(inverses([1, 2]), [0.3, 0.7]) as Float64Array)).toEqual([0.3, 0.7]);
  });

  test("does not exist where the caps leave no room for a whole", () => {
    expect(leastShares(inverses([1, 2, 3]), [0.3, 0.3, 0.3])).toBeNull();
  });

  test("meets the conditions of a minimum: one slope for all shares between their limits, none better at a limit", () => {
    const problem = fc.integer({ min: 2, max: 12 }).chain((M) =>
      fc.record({
        w: fc.array(fc.double({ min: 0.05, max: 3, noNaN: true }), { minLength: 1, maxLength: 6 }),
        seed: fc.array(fc.double({ min: -4, max: 2, noNaN: true }), { minLength: 6 * M, maxLength: 6 * M }),
        caps: fc.array(fc.double({ min: 2 / M, max: 1, noNaN: true }), { minLength: M, maxLength: M }),
      }),
    );
    fc.assert(
      fc.property(problem, ({ w, seed, caps }) => {
        const M = caps.length;
        const f = exponentials(
          w,
          w.map((_, i) => seed.slice(i * M, (i + 1) * M)),
        );
        const r = leastShares(f, caps) as Float64Array;
        expect(r.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 12);
        const gradient = new Float64Array(M);
        f.expand(r, gradient, new Float64Array((M * (M + 1)) / 2));
        // Moving share from j to i gains at most their difference of slopes for all that can be moved: nothing may be left
        // to gain but what the last barrier leaves (1e-13 of f for each limit), or the rounding of a nearly flat f.
        for (let i = 0; i < M; i++) {
          expect(r[i]).toBeGreaterThanOrEqual(0);
          expect(r[i]).toBeLessThanOrEqual(caps[i] + 1e-15);
          for (let j = 0; j < M; j++) {
            const movable = Math.max(0, Math.min(r[j], caps[i] - r[i]));
            expect(((gradient[j] - gradient[i]) * movable) / f.value(r)).toBeLessThan(1e-9);
          }
        }
      }),
      seeded(200),
    );
  });
});
