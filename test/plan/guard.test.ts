/** Limits beyond the data, moved by how the largest runs came out against the law fitted without them. */
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import type { Columns } from "../support/csv.js";
import { generator } from "../support/random.js";
import { BESIROGLU, bestSize, isoFlopSweep } from "../support/sweeps.js";

const BUDGETS = [1e18, 3.16e18, 1e19, 3.16e19, 1e20, 3.2e20];
const LARGEST = 3.2e20;
const sweep = isoFlopSweep(BESIROGLU, BUDGETS, 7, 0.6, 0.003, generator(40));
/** The sweep with the two largest budgets off by a factor. */
const off = (factor: number): Columns => ({
  ...sweep,
  loss: sweep.loss.map((loss, i) => (6 * sweep.N[i] * sweep.D[i] > 5e19 ? factor * loss : loss)),
});
const fitted = (data: Columns, options: Partial<scalefit.FitOptions> = {}) =>
  scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap: 200, ...options });
/** The same fit as an earlier version would have saved it. */
const unguarded = (saved: scalefit.SavedFit): scalefit.SavedFit => ({
  ...saved,
  fits: saved.fits.map(({ backtest: _, ...fit }) => fit),
});
const planned = (fit: scalefit.SavedFit, question: scalefit.Question) =>
  scalefit.plan({ fit, ...question }).plans[0];
const backtestOf = ({ fits: [{ backtest }] }: scalefit.SavedFit) => {
  if (backtest === undefined || backtest.m === null) throw new Error("no backtest");
  return backtest;
};

const lower = fitted(off(0.985));
const higher = fitted(off(1.015));

describe("the loss of a plan", () => {
  test.each([10, 100])("%s times beyond the data has its limit on the side of m moved by k |m|", (factor) => {
    for (const fit of [lower, higher]) {
      const { m, decades } = backtestOf(fit);
      const size = (Math.abs(m) * Math.log10(factor)) / decades;
      const [{ optimum, extrapolation }, { optimum: before }] = [fit, unguarded(fit)].map((one) =>
        planned(one, { flops: factor * LARGEST }),
      );
      const [low, high] = (["low", "high"] as const).map((side) =>
        Math.log((optimum.loss[side] ?? 0) / (before.loss[side] ?? 1)),
      );
      // The budgets are products of rounded sizes, so k is known to the last few bits.
      if (m < 0) expect([low + size, high]).toEqual([expect.closeTo(0, 9), 0]);
      else expect([low, high - size]).toEqual([0, expect.closeTo(0, 9)]);
      expect(extrapolation.shift).toBeCloseTo(Math.sign(m) * size, 9);
      expect(optimum.loss.estimate).toBe(before.loss.estimate);
    }
    expect(backtestOf(lower).m).toBeLessThan(0);
    expect(backtestOf(higher).m).toBeGreaterThan(0);
  });

  test("within the data is as it was, and so are N, D and their ratio everywhere", () => {
    for (const flops of [1e17, 1e19, LARGEST, 100 * LARGEST]) {
      const [guarded, plain] = [lower, unguarded(lower)].map((fit) => planned(fit, { flops }));
      if (flops <= LARGEST) {
        expect(guarded.optimum).toEqual(plain.optimum);
        expect(guarded.extrapolation.shift).toBe(0);
      }
      const { loss: _, ...split } = guarded.optimum;
      const { loss: __, ...before } = plain.optimum;
      expect(split).toEqual(before);
    }
  });

  test("has its neighbours and other sizes moved by their own distance; extra loss and waste are not", () => {
    const [guarded, plain] = [lower, unguarded(lower)].map((fit) => planned(fit, { flops: 10 * LARGEST }));
    const shifts = guarded.neighbours.map(({ loss }, i) =>
      Math.log((loss.low ?? 0) / (plain.neighbours[i].loss.low ?? 1)),
    );
    // 0.1, 1/3, 1, 3 and 10 times the budget lie 0, 0.52, 1, 1.48 and 2 decades beyond the data.
    expect(shifts[0]).toBeCloseTo(0, 9);
    [Math.log10(10 / 3), 1, Math.log10(30), 2].forEach((decades, i) => {
      expect(shifts[i + 1] / shifts[2]).toBeCloseTo(decades, 6);
    });
    guarded.offOptimum.forEach(({ loss, extraLoss, wastedCompute }, i) => {
      const before = plain.offOptimum[i];
      expect(Math.log((loss.low ?? 0) / (before.loss.low ?? 1))).toBeCloseTo(shifts[2], 9);
      expect([extraLoss, wastedCompute]).toEqual([before.extraLoss, before.wastedCompute]);
    });
  });

  test("says in its assumptions what was seen and what was moved", () => {
    const words = (fit: scalefit.SavedFit, flops: number) => planned(fit, { flops }).assumptions.wrongLaw;
    expect(words(lower, 10 * LARGEST)).toMatch(
      /^the 14 largest runs lie 1\.\d % below the law fitted without them; the lower limit of the loss is moved down by \d(\.\d+)? % for it$/,
    );
    expect(words(higher, 10 * LARGEST)).toMatch(/above the law .* upper limit of the loss is moved up/);
    expect(words(lower, 1e19)).toMatch(/inside the data no limit is moved/);
    expect(words(unguarded(lower), 1e23)).toMatch(/not guarded against: the fit was saved without one/);
    const { assumptions } = scalefit.plan({ preset: "besiroglu", flops: 1e22 }).plans[0];
    expect(assumptions).not.toHaveProperty("wrongLaw");
  });
});

describe("a target loss", () => {
  const target = 2.25;

  test("costs less at least where the largest runs came out lower: there the moved loss is what the loss was", () => {
    const [guarded, plain] = [lower, unguarded(lower)].map((fit) => planned(fit, { targetLoss: target }));
    expect(guarded.optimum).toEqual(plain.optimum);
    expect(guarded.flops?.high).toBe(plain.flops?.high);
    const [low, before] = [guarded.flops?.low ?? 0, plain.flops?.low ?? 0];
    expect(low).toBeLessThan(before);
    expect(low).toBeGreaterThan(LARGEST);
    const at = planned(lower, { flops: low });
    const { loss } = planned(lower, { flops: before }).optimum;
    expect((at.optimum.loss.estimate * Math.exp(at.extrapolation.shift)) / loss.estimate).toBeCloseTo(1, 9);
  });

  test("costs more at most where they came out higher, or has no limit where the law's fall is less than its doubt", () => {
    const slightly = fitted(off(1.004));
    expect(backtestOf(slightly).m).toBeGreaterThan(0.001);
    const [guarded, plain] = [slightly, unguarded(slightly)].map((fit) =>
      planned(fit, { targetLoss: target }),
    );
    expect(guarded.flops?.low).toBe(plain.flops?.low);
    expect(guarded.flops?.high ?? 0).toBeGreaterThan(plain.flops?.high ?? 0);
    // 1.5 % in three quarters of a decade: where the loss falls by 3 % a decade there is no end of it.
    const { flops } = planned(higher, { targetLoss: target });
    expect(flops).toMatchObject({
      low: null,
      high: null,
      reason: expect.stringContaining("no compute reaches"),
    });
  });

  test("within the data costs what it did", () => {
    const [guarded, plain] = [lower, unguarded(lower)].map((fit) => planned(fit, { targetLoss: 2.8 }));
    expect(plain.flops?.high ?? 0).toBeLessThan(LARGEST);
    expect(guarded.flops).toEqual(plain.flops);
  });
});

describe("a prediction", () => {
  const predicted = (fit: scalefit.SavedFit, flops: number) => {
    const N = bestSize(BESIROGLU, flops);
    return scalefit.predict({ fit, at: { N, D: flops / (6 * N) } }).predictions[0];
  };

  test("beyond the data has the limits of its value and of a new run moved alike", () => {
    const [{ value, newRun, extrapolation }, plain] = [lower, unguarded(lower)].map((fit) =>
      predicted(fit, 10 * LARGEST),
    );
    const shift = extrapolation?.shift ?? 0;
    expect(shift).toBeLessThan(-0.005);
    expect(extrapolation?.shiftScale).toBe("log");
    expect(Math.log((value.low ?? 0) / (plain.value.low ?? 1))).toBeCloseTo(shift, 12);
    expect(Math.log((newRun.low ?? 0) / (plain.newRun.low ?? 1))).toBeCloseTo(shift, 12);
    expect([value.high, newRun.high]).toEqual([plain.value.high, plain.newRun.high]);
  });

  test("inside the data is as it was, also for a size beyond all runs", () => {
    const [guarded, plain] = [lower, unguarded(lower)].map((fit) => predicted(fit, 1e20));
    expect([guarded.value, guarded.newRun]).toEqual([plain.value, plain.newRun]);
    const at = { N: 1e12, D: 1e7 };
    const [one, other] = [lower, unguarded(lower)].map((fit) => scalefit.predict({ fit, at }).predictions[0]);
    expect(one.value).toEqual(other.value);
  });

  test("of an objective on the raw scale is moved by an amount of loss", () => {
    const raw = fitted(off(0.985), { objective: "squares" });
    const [{ value, extrapolation }, plain] = [raw, unguarded(raw)].map((fit) =>
      predicted(fit, 10 * LARGEST),
    );
    expect(extrapolation?.shiftScale).toBe("raw");
    expect((value.low ?? 0) - (plain.value.low ?? 0)).toBeCloseTo(extrapolation?.shift ?? 0, 12);
    expect(extrapolation?.shift).toBeLessThan(-0.01);
  });

  test("has no limits at infinity, where an upper one would be infinite", () => {
    const at = { N: Number.POSITIVE_INFINITY, D: Number.POSITIVE_INFINITY };
    const [{ value }] = scalefit.predict({ fit: higher, at }).predictions;
    expect(value).toMatchObject({ low: null, high: null, reason: expect.stringContaining("so far beyond") });
  });
});

test("without draws the guard is there too", () => {
  const fit = fitted(off(0.985), { bootstrap: 0, interval: "covariance" });
  const [guarded, plain] = [fit, unguarded(fit)].map((one) => planned(one, { flops: 10 * LARGEST }));
  expect(guarded.optimum.loss.low ?? 0).toBeLessThan(0.99 * (plain.optimum.loss.low ?? 0));
});
