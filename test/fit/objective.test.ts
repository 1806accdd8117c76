import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeObjective } from "../../src/fit/objective.js";
import { seeded } from "../support/random.js";

const values = fc.double({ min: -5, max: 5, noNaN: true });
const deltas = fc.double({ min: 1e-4, max: 1, noNaN: true });

describe("Huber's rho", () => {
  test("is half a square up to delta and a line beyond", () => {
    const { rho } = makeObjective("huber-log", 0.1);
    // r = 0.1 is the last of the square; at 0.3 the line: 0.1 (0.3 - 0.05).
    expect(rho(1, 1.1)).toBeCloseTo(0.005, 15);
    expect(rho(1.3, 1)).toBeCloseTo(0.025, 15);
    expect(rho(1, 1)).toBe(0);
  });

  test("is even, and tends to half a square and to delta times the absolute residual", () => {
    fc.assert(
      fc.property(values, values, deltas, (y, m, delta) => {
        const { rho } = makeObjective("huber", delta);
        const r = Math.abs(y - m);
        expect(rho(y, m)).toBeCloseTo(rho(-y, -m), 12);
        expect(rho(y, m)).toBeLessThanOrEqual(Math.min((r * r) / 2, delta * r) * (1 + 1e-12));
        expect(rho(y, m)).toBeGreaterThanOrEqual(delta * r - (delta * delta) / 2 - 1e-12);
      }),
      seeded(),
    );
  });
});

describe.each(["huber-log", "huber", "squares-log", "squares"] as const)("the objective %s", (name) => {
  const objective = (delta: number) => makeObjective(name, delta);

  test("has the slope of its rho, and the curvature of its slope off the kink", () => {
    fc.assert(
      fc.property(values, values, deltas, (y, m, delta) => {
        const { rho, slope, curvature } = objective(delta);
        fc.pre(Math.abs(Math.abs(y - m) - delta) > 1e-4);
        const h = 1e-5;
        // Rho is a polynomial of degree two here: the quotients are exact but for rounding, 1e-15 / 1e-5.
        expect(slope(y, m)).toBeCloseTo((rho(y, m + h) - rho(y, m - h)) / (2 * h), 8);
        expect(curvature(y, m)).toBeCloseTo((slope(y, m + h) - slope(y, m - h)) / (2 * h), 8);
      }),
      seeded(),
    );
  });

  test("is majorised by its reweighted squares, which touch it", () => {
    fc.assert(
      fc.property(values, values, values, deltas, (y, m, other, delta) => {
        const { rho, majorant } = objective(delta);
        const bowl = (at: number) => rho(y, m) + (majorant(y, m) / 2) * ((y - at) ** 2 - (y - m) ** 2);
        expect(rho(y, other)).toBeLessThanOrEqual(bowl(other) + 1e-10);
      }),
      seeded(),
    );
  });

  test("compares logs where its name says so", () => {
    expect(objective(1).scale).toBe(name.endsWith("-log") ? "log" : "raw");
  });
});
