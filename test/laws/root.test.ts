import fc from "fast-check";
import { expect, test } from "vitest";
import { root } from "../../src/laws/root.js";
import { seeded } from "../support/random.js";

/** Looks for the root of f in [a, b] and counts the values that it took. */
function sought(f: (t: number) => number, a: number, b: number): { at: number; steps: number } {
  let steps = 0;
  const at = root(
    (t) => {
      steps++;
      return f(t);
    },
    a,
    f(a),
    b,
    f(b),
  );
  return { at, steps };
}

test("the root of a smooth function is found to the last digits in few steps", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -20, max: 20, noNaN: true }),
      fc.double({ min: 0.1, max: 5, noNaN: true }),
      fc.double({ min: 0.01, max: 30, noNaN: true }),
      (place, rate, width) => {
        const { at, steps } = sought(
          (t) => Math.expm1(rate * (t - place)),
          place - width,
          place + 0.7 * width,
        );
        expect(Math.abs(at - place)).toBeLessThanOrEqual(1e-14 * Math.max(Math.abs(place), 1));
        expect(steps).toBeLessThanOrEqual(60);
      },
    ),
    seeded(),
  );
  // Usual ones take about ten.
  expect(sought((t) => Math.log(t) - 1, 1, 10).steps).toBeLessThanOrEqual(12);
});

test("a step, a root at an end and an infinite end are met", () => {
  expect(sought((t) => (t < 0.3 ? -1 : 1), 0, 1).at).toBeCloseTo(0.3, 15);
  expect(sought((t) => t, 0, 1).at).toBe(0);
  expect(sought((t) => Math.log(t) + 2, 0, 1).at).toBeCloseTo(Math.exp(-2), 15);
});
