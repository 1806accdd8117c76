import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { chinchilla } from "../../src/laws/chinchilla.js";
import type { Prediction } from "../../src/objects.js";
import { heldAt, predictAt } from "../../src/plan/predict.js";
import { scorePredictions } from "../../src/plan/score.js";
import { sourceFromFit } from "../../src/plan/source.js";
import { between, generator, normal, seeded } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, lossOf, randomLog } from "../support/sweeps.js";
import { expectPlain } from "../support/walk.js";

const sweep = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 9, 0.6, 0.005, generator(3));
const saved = scalefit.fit({ law: "chinchilla", data: { ...sweep }, bootstrap: 400 });
const predicted = (N: number, D: number, fit = saved): Prediction =>
  scalefit.predict({ fit, at: { N, D } }).predictions[0];

const width = ({ low, high }: { low: number | null; high: number | null }) => (high ?? 0) - (low ?? 0);

describe("a prediction", () => {
  test("is the law at the estimates", () => {
    const { parameters } = saved.fits[0];
    const at = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, p.estimate]));
    const { E, A, alpha, B, beta } = at;
    expect(predicted(7e9, 1.4e11).value.estimate).toBeCloseTo(
      lossOf({ E, A, alpha, B, beta }, 7e9, 1.4e11),
      12,
    );
  });

  test("lies in its interval, and that in the wider one of a new run", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 7, max: 11, noNaN: true }),
        fc.double({ min: 8, max: 13, noNaN: true }),
        (n, d) => {
          const prediction = predicted(10 ** n, 10 ** d);
          expectPlain(prediction);
          const { value, newRun } = prediction;
          expect(value.low).toBeLessThanOrEqual(value.estimate);
          expect(value.high).toBeGreaterThanOrEqual(value.estimate);
          expect(newRun.low).toBeLessThanOrEqual(value.low ?? 0);
          expect(newRun.high).toBeGreaterThanOrEqual(value.high ?? 0);
        },
      ),
      seeded(),
    );
  });

  test("for the middle of the data has a new run's interval of the noise's width", () => {
    const { value, newRun } = predicted(3e8, 6e9);
    // 0.5 % noise in the log: 2 x 1.96 x 0.005 of the value, and 27 rows know their scatter to 15 %.
    const expected = 2 * 1.96 * 0.005 * value.estimate;
    expect(width(newRun) / expected).toBeGreaterThan(0.6);
    expect(width(newRun) / expected).toBeLessThan(1.5);
    expect(width(value)).toBeLessThan(0.6 * width(newRun));
  });

  test("counts the decades of the input that lies farthest outside the data", () => {
    const [low, high] = saved.fits[0].data.range.N;
    expect(predicted(high * 100, 6e9).extrapolation?.decades).toBeCloseTo(2, 10);
    expect(predicted(low / 10, 6e9).extrapolation?.decades).toBeCloseTo(-1, 10);
    expect(predicted(3e8, 6e9).extrapolation?.decades).toBe(0);
  });

  test("on the raw scale adds the scatter of the losses themselves", () => {
    const raw = scalefit.fit({ law: "chinchilla", data: { ...sweep }, objective: "squares", bootstrap: 200 });
    const { value, newRun } = predicted(3e8, 6e9, raw);
    expect(width(newRun)).toBeGreaterThan(width(value));
    expect(width(newRun) / (2 * 1.96 * 0.005 * value.estimate)).toBeCloseTo(1, 0);
  });

  test("is the limit of the law where an input is infinite", () => {
    const { value } = scalefit.predict({
      preset: "besiroglu",
      at: { N: Number.POSITIVE_INFINITY, D: Number.POSITIVE_INFINITY },
    }).predictions[0];
    expect(value.estimate).toBe(1.8172);
  });
});

describe("a new run's interval", () => {
  test("holds 95 % of new runs inside the data", () => {
    // 60 logs of 40 rows, 20 fresh runs each within their range. Thirty repetitions with other seeds had a mean of
    // 1131 hits of 1200 (94.2 %) and a standard deviation of 9; 3.3 of them to either side leave out 1 in 1,000.
    const noise = 0.01;
    let hits = 0;
    for (let k = 0; k < 60; k++) {
      const random = generator(9000 + k);
      const log = randomLog(BESIROGLU, { rows: 40, noise, outliers: 0 }, random);
      const fit = scalefit.fit({ law: "chinchilla", data: { ...log }, bootstrap: 100 });
      for (let i = 0; i < 20; i++) {
        const N = 3e8 * 10 ** between(random, -0.7, 0.7);
        const D = 6e9 * 10 ** between(random, -0.9, 0.9);
        const measured = lossOf(BESIROGLU, N, D) * Math.exp(noise * normal(random));
        const { low, high } = predicted(N, D, fit).newRun;
        if (measured >= (low ?? 0) && measured <= (high ?? 0)) hits++;
      }
    }
    expect(hits).toBeGreaterThanOrEqual(1131 - 30);
    expect(hits).toBeLessThanOrEqual(1131 + 30);
  });
});

describe("a measured value", () => {
  const noisy = { ...sweep, loss: sweep.loss.map((loss, i) => (i % 3 === 0 ? loss ** 1.02 : loss)) };
  const ways = {
    log: { data: { ...noisy }, bootstrap: 60 },
    raw: { data: { ...noisy }, objective: "squares", bootstrap: 60 },
    covariance: { data: { ...noisy }, bootstrap: 0 },
    bca: { data: { ...noisy }, interval: "bca", delta: 1e-2, bootstrap: 60 },
    "without noise": {
      data: { ...sweep, loss: sweep.N.map((N, i) => lossOf(BESIROGLU, N, sweep.D[i])) },
      bootstrap: 60,
    },
  } as const;
  test.each(Object.entries(ways))("is found inside where the limits say so: %s", (_, way) => {
    const [fitted] = scalefit.fit({ law: "chinchilla", ...way }).fits;
    const source = sourceFromFit(chinchilla, fitted, "");
    const answers = new Set<boolean | null>();
    fc.assert(
      fc.property(
        fc.double({ min: 7, max: 13, noNaN: true }),
        fc.double({ min: 8, max: 15, noNaN: true }),
        fc.double({ min: -1.5, max: 1.5, noNaN: true }),
        fc.constantFrom("off the estimate", "at the lower limit", "at the upper limit"),
        (n, d, share, where) => {
          const at = { N: 10 ** n, D: 10 ** d };
          const { value, newRun } = predictAt(source, at);
          const [low, high] = [newRun.low ?? Number.NaN, newRun.high ?? Number.NaN];
          const off = value.estimate + share * (share < 0 ? value.estimate - low : high - value.estimate);
          const measured = where === "off the estimate" ? off : where === "at the lower limit" ? low : high;
          const held = heldAt(source, at, measured);
          expect(held).toEqual({
            predicted: value.estimate,
            isInside: newRun.low === null ? null : measured >= low && measured <= high,
          });
          answers.add(held.isInside);
        },
      ),
      seeded(),
    );
    expect([answers.has(true), answers.has(false)]).toEqual([true, true]);
  });
});

describe("a score", () => {
  const prediction = (
    estimate: number,
    measured: number | undefined,
    low: number | null,
    high: number | null,
  ) => ({
    group: null,
    law: "chinchilla",
    at: { N: 1, D: 1 },
    value: { estimate, low: null, high: null },
    newRun: { low, high },
    measured,
  });

  test("has the errors relative to what was measured, and the share inside", () => {
    const score = scorePredictions([
      prediction(2.1, 2, 1.9, 2.2),
      prediction(2.9, 3, 2.8, 2.95),
      prediction(4, 4, 3.9, 4.1),
      prediction(9, undefined, 1, 2),
    ]);
    expect(score?.meanRelativeError).toBeCloseTo((0.05 + 0.1 / 3) / 3, 12);
    expect(score?.worstRelativeError).toBeCloseTo(0.05, 12);
    // 1 - (0.01 + 0.01) / 2 about the mean of 3.
    expect(score?.r2).toBeCloseTo(0.99, 12);
    expect(score?.coverage).toBeCloseTo(2 / 3, 12);
  });

  test("has no coverage where an interval is missing, and none at all where nothing was measured", () => {
    expect(scorePredictions([prediction(2, 2, null, null), prediction(2, 2.1, 1, 3)])?.coverage).toBeNull();
    expect(scorePredictions([prediction(2, undefined, 1, 3)])).toBeNull();
  });
});
