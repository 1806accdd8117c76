import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeObjective, OBJECTIVE_NAMES } from "../../src/fit/objective.js";
import { seeded } from "../support/random.js";

const values = fc.double({ min: -5, max: 5, noNaN: true });
const deltas = fc.double({ min: 1e-4, max: 1, noNaN: true });
/** 1/s of a row. */
const precisions = fc.double({ min: 0.2, max: 5, noNaN: true });

describe("Huber's rho", () => {
  test("is half a square up to delta and a line beyond", () => {
    const { rho } = makeObjective("huber-log", 0.1);
    // r = 0.1 is the last of the square; at 0.3 the line: 0.1 (0.3 - 0.05).
    expect(rho(1, 1.1, 1)).toBeCloseTo(0.005, 15);
    expect(rho(1.3, 1, 1)).toBeCloseTo(0.025, 15);
    expect(rho(1, 1, 1)).toBe(0);
  });

  test("is even, and tends to half a square and to delta times the absolute residual", () => {
    fc.assert(
      fc.property(values, values, deltas, (y, m, delta) => {
        const { rho } = makeObjective("huber", delta);
        const r = Math.abs(y - m);
        expect(rho(y, m, 1)).toBeCloseTo(rho(-y, -m, 1), 12);
        expect(rho(y, m, 1)).toBeLessThanOrEqual(Math.min((r * r) / 2, delta * r) * (1 + 1e-12));
        expect(rho(y, m, 1)).toBeGreaterThanOrEqual(delta * r - (delta * delta) / 2 - 1e-12);
      }),
      seeded(),
    );
  });
});

/** Those of residuals; counts have tests of their own. */
const OF_RESIDUALS = OBJECTIVE_NAMES.filter((name) => name !== "binomial");

const IN_BLOCKS = OBJECTIVE_NAMES.filter((name) => makeObjective(name, 1).judge !== undefined);

describe.each(IN_BLOCKS)("the objective %s", (name) => {
  test("gives for a block of rows at once what it gives row by row", () => {
    const rows = fc.array(fc.tuple(values, values, precisions, fc.nat(4)), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(rows, deltas, fc.boolean(), fc.boolean(), (rows, delta, isWeighted, isNoisy) => {
        const { rho, slope, curvature, majorant, judge } = makeObjective(name, delta);
        const column = (k: 0 | 1 | 2 | 3) => Float64Array.from(rows, (row) => row[k]);
        const into = { slope: column(0), curvature: column(0), majorant: column(0) };
        const at = { y: column(0), predicted: column(1).subarray(1), from: 1, count: rows.length - 1 };
        const [inverseNoise, weight] = [isNoisy ? column(2) : null, isWeighted ? column(3) : null];
        let sum = 0;
        const total = judge?.({ ...at, weight, inverseNoise }, into);
        rows.slice(1).forEach(([y, m, precision, times], i) => {
          const [q, w] = [isNoisy ? precision : 1, isWeighted ? times : 1];
          sum += w * rho(y, m, q);
          expect(into.slope[i]).toBe(w * slope(y, m, q));
          expect(into.curvature[i]).toBe(w * curvature(y, m, q));
          expect(into.majorant[i]).toBe(w * majorant(y, m, q));
        });
        expect(total).toBe(sum);
      }),
      seeded(),
    );
  });
});

describe.each(OF_RESIDUALS)("the objective %s", (name) => {
  const objective = (delta: number) => makeObjective(name, delta);

  test("has the slope of its rho, and the curvature of its slope off the kink", () => {
    fc.assert(
      fc.property(values, values, deltas, precisions, (y, m, delta, q) => {
        const { rho, slope, curvature } = objective(delta);
        const r = q * Math.abs(y - m);
        fc.pre(Math.abs(r - delta) > 1e-4 && r > 1e-4);
        const h = 1e-5;
        // Rho is a polynomial of degree two here: the quotients are exact but for rounding, some 1e-15 / 1e-5 of values up
        // to 1e3; a rho over delta and its slope are up to 1 / delta as large.
        const digits = name.startsWith("absolute") ? 3 : 6;
        expect(slope(y, m, q)).toBeCloseTo((rho(y, m + h, q) - rho(y, m - h, q)) / (2 * h), digits);
        expect(curvature(y, m, q)).toBeCloseTo((slope(y, m + h, q) - slope(y, m - h, q)) / (2 * h), digits);
      }),
      seeded(),
    );
  });

  test("is majorised by its reweighted squares, which touch it", () => {
    fc.assert(
      fc.property(values, values, values, deltas, precisions, (y, m, other, delta, q) => {
        // The envelope's weights change sides: only on its own side do its squares touch and majorise it.
        fc.pre(!name.startsWith("envelope") || y > m === y > other);
        const { rho, majorant } = objective(delta);
        const bowl = (at: number) => rho(y, m, q) + (majorant(y, m, q) / 2) * ((y - at) ** 2 - (y - m) ** 2);
        expect(rho(y, other, q)).toBeLessThanOrEqual(bowl(other) + 1e-7);
      }),
      seeded(),
    );
  });

  test("takes residuals in units of a row's noise: precision is inside of rho", () => {
    fc.assert(
      fc.property(values, values, deltas, precisions, (y, m, delta, q) => {
        const { rho } = objective(delta);
        // Powers of two scale without rounding.
        const s = 2 ** Math.round(Math.log2(q));
        expect(rho(y, m, s)).toBeCloseTo(rho(s * y, s * m, 1), 10);
      }),
      seeded(),
    );
  });

  test("compares logs where its name says so", () => {
    expect(objective(1).scale).toBe(name.endsWith("-log") ? "log" : "raw");
  });
});
