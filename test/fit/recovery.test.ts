/** Rows made by a known law give that law back, and the solver's own account of its answer is true. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ObjectiveName } from "../../src/fit/objective.js";
import * as scalefit from "../../src/index.js";
import { generator, seeded } from "../support/random.js";
import { randomLog, randomTruth, type Truth } from "../support/sweeps.js";

const OBJECTIVES: ObjectiveName[] = ["huber-log", "huber", "squares-log", "squares"];
const seeds = fc.integer({ min: 0, max: 1e6 });

describe.each(OBJECTIVES)("with the objective %s", (objective) => {
  test("rows without noise give back their law", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 8, max: 60 }), (seed, rows) => {
        const random = generator(seed);
        const truth = randomTruth(random);
        const log = randomLog(truth, { rows, noise: 0, outliers: 0 }, random);
        const [found] = scalefit.fit({ law: "chinchilla", data: { ...log }, objective, bootstrap: 0 }).fits;
        // The curve itself: rounding of the losses (1e-16) is all that is left.
        expect(found.metrics.worstRelativeError).toBeLessThan(1e-12);
        for (const name of ["E", "A", "B", "alpha", "beta"] as const) {
          const unit = name === "E" ? Math.max(truth.E, 1) : truth[name];
          // The worst conditioned of these logs (few rows, an exponent of 0.05) multiply the rounding by 1e7.
          expect(Math.abs(found.parameters[name].estimate - truth[name]) / unit, name).toBeLessThan(1e-8);
        }
      }),
      seeded(40),
    );
  });

  test("the gradient at the answer is what the stopping rule leaves", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = generator(seed);
        const truth: Truth = randomTruth(random);
        const log = randomLog(truth, { rows: 40, noise: 0.01, outliers: 0.1 }, random);
        const [found] = scalefit.fit({ law: "chinchilla", data: { ...log }, objective, bootstrap: 0 }).fits;
        expect(["converged", "at-bound"]).toContain(found.status);
        // At a bound a term can vanish, and what is left of its gradient is relative to nothing.
        if (found.status === "at-bound") return;
        // Relative to the rows' own contributions. The last step is taken where the Newton decrement g'H^-1 g falls
        // below 1e-13 of the sum: g is then below 3e-7, and 1e-13 after the step, if rounding or a kink lets it pass.
        expect(found.search.gradient).toBeLessThan(1e-6);
      }),
      seeded(40),
    );
  });
});
