/** Do 95 % intervals hold the truth in 95 % of simulated sweeps? A sample of the study in numerics.md, section 6. */
import { beforeAll, describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { CONDITIONS } from "../support/coverage.js";
import { LIMITS, noPlanCoverage, tallyPlans } from "../support/plan-coverage.js";
import { generator } from "../support/random.js";
import { BESIROGLU, bestSize, isoFlopSweep, lossOf } from "../support/sweeps.js";

const SWEEPS = 60;
const BUDGETS = [1e18, 3.2e18, 1e19, 3.2e19, 1e20, 3.2e20];
const TARGET = 10 * 3.2e20;

/**
 * Of 60 intervals a method with 95 % coverage misses 3 on average; ten or more with the binomial probability 7e-4. (No
 * miss at all has 5 %: that is no fault.) The sample is seeded, so the count is the same on every run; the bound is
 * for whoever changes the method.
 */
const FEWEST = 51;

describe("95 % intervals from the bootstrap, ten times beyond the data", () => {
  const held = { N: 0, D: 0, loss: 0 };
  const widths: number[] = [];

  beforeAll(() => {
    const N = bestSize(BESIROGLU, TARGET);
    const D = TARGET / (6 * N);
    const truth = { N, D, loss: lossOf(BESIROGLU, N, D) };
    for (let k = 0; k < SWEEPS; k++) {
      const sweep = isoFlopSweep(BESIROGLU, BUDGETS, 7, 0.6, 0.005, generator(700 + k));
      const fit = scalefit.fit({ law: "chinchilla", data: { ...sweep }, bootstrap: 200, seed: k });
      const { optimum } = scalefit.plan({ fit, flops: TARGET }).plans[0];
      for (const name of ["N", "D", "loss"] as const) {
        const { low, high } = optimum[name];
        if (truth[name] >= (low ?? Infinity) && truth[name] <= (high ?? -Infinity)) held[name]++;
      }
      widths.push(Math.log((optimum.N.high ?? 0) / (optimum.N.low ?? 1)));
    }
  });

  test.each(["N", "D", "loss"] as const)("hold the true %s in about 57 of 60 sweeps", (name) => {
    expect(held[name]).toBeGreaterThanOrEqual(FEWEST);
  });

  test("are not that wide for nothing", () => {
    // The study's median width of ln N* is 0.271; the median of 60 widths that scatter by 20 % is right to 3 %, and
    // 200 draws instead of 1,000 and another seed move it no further than 15 %.
    const median = widths.sort((a, b) => a - b)[SWEEPS / 2];
    expect(median).toBeGreaterThan(0.271 * 0.85);
    expect(median).toBeLessThan(0.271 * 1.15);
  });
});

describe("95 % intervals of the loss under a truth of another form, ten times beyond the data", () => {
  const wrong = CONDITIONS.find(({ title }) => title === "wrong law, inner power .8");
  const held = { guarded: 0, plain: 0 };

  beforeAll(() => {
    if (wrong?.truth === undefined) throw new Error("no such condition");
    const N = bestSize(BESIROGLU, TARGET);
    const truth = wrong.truth(N, TARGET / (6 * N));
    for (let k = 0; k < SWEEPS; k++) {
      const { columns } = wrong.sweep(generator(1700 + k));
      const fit = scalefit.fit({ law: "chinchilla", data: { ...columns }, bootstrap: 200, seed: k });
      const plain = { ...fit, fits: fit.fits.map(({ backtest: _, ...rest }) => rest) };
      for (const [name, saved] of [["guarded", fit] as const, ["plain", plain] as const]) {
        const { low, high } = scalefit.plan({ fit: saved, flops: TARGET }).plans[0].optimum.loss;
        if (truth >= (low ?? Infinity) && truth <= (high ?? -Infinity)) held[name]++;
      }
    }
  });

  test("hold it in nine of ten sweeps, since the largest runs came out on that side", () => {
    // 1,000 sweeps held it in 93 %; of 60, fewer than 48 with the binomial probability 1e-4, at 90 % with 4e-3.
    expect(held.guarded).toBeGreaterThanOrEqual(48);
  });

  test("would hold it in half of them without that", () => {
    // 52 % of 1,000: more than 42 of 60 with the probability 2e-3.
    expect(held.plain).toBeLessThanOrEqual(42);
  });
});

describe("95 % intervals of plans under limits, 10 and 100 times beyond the data", () => {
  const tallies = LIMITS.map(noPlanCoverage);

  beforeAll(() => {
    for (let k = 0; k < 12; k++) tallyPlans(k, 120, tallies, 31);
  });

  test.each(LIMITS.map(({ title }, i) => [title, i] as const))("hold N, D and loss: %s", (_, i) => {
    for (const [name, { held, below, above }] of Object.entries(tallies[i])) {
      expect(held + below + above, name).toBe(12);
      // 95 to 98 % of 1,000 sweeps; of 12, fewer than 9 with the binomial probability 2e-3 at 95 %.
      expect(held, name).toBeGreaterThanOrEqual(9);
    }
  });
});
