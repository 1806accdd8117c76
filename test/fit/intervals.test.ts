/** Intervals beside percentiles: BCa, bootstrap-t, residual and parametric draws, and the fits that BCa rests on. */
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.js";
import { fisherTail, normalShare } from "../../src/fit/distributions.js";
import { bcaLimits, stretchedFrom, studentisedLimits } from "../../src/fit/limits.js";
import * as scalefit from "../../src/index.js";
import { fitRows } from "../support/core.js";
import type { Columns } from "../support/csv.js";
import { generator, normal } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, randomLog } from "../support/sweeps.js";

const log = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 8, 0.6, 0.005, generator(41));
const fitted = (options: Partial<scalefit.FitOptions>, data: Columns = log) =>
  scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap: 200, ...options });

describe("the normal distribution", () => {
  test.each([
    // Abramowitz & Stegun, table 26.1, and its symmetry.
    [0, 0.5],
    [1, 0.841344746068543],
    [1.96, 0.97500210485178],
    [-3, 1.34989803163e-3],
    [5, 1 - 2.866515719e-7],
  ])("at %d", (x, p) => {
    expect(normalShare(x)).toBeCloseTo(p, 13);
  });
});

describe("Fisher's distribution", () => {
  test.each([
    // Upper 5 % and 1 % points from a table.
    [3.7083, 3, 10, 0.05],
    [4.9646, 1, 10, 0.05],
    [5.6363, 5, 10, 0.01],
  ])("above %d with %d and %d degrees of freedom", (f, between, within, p) => {
    expect(fisherTail(f, between, within)).toBeCloseTo(p, 4);
  });
});

describe("BCa limits", () => {
  const draws = Array.from({ length: 9999 }, (_, b) => (b + 1) / 10_000);

  test("are percentiles where nothing is to be corrected", () => {
    const [low, high] = bcaLimits(draws, 0.5, [1, 2, 3], 0.95) ?? [];
    expect(low).toBeCloseTo(0.025, 4);
    expect(high).toBeCloseTo(0.975, 4);
  });

  test("move by twice the bias: quantiles at Phi(2 z0 -+ 1.96)", () => {
    // 60 % of the draws below the estimate: z0 = 0.2533.
    const [low, high] = bcaLimits(draws, 0.6, [1, 1], 0.95) ?? [];
    expect(low).toBeCloseTo(normalShare(2 * 0.2533471 - 1.959964), 4);
    expect(high).toBeCloseTo(normalShare(2 * 0.2533471 + 1.959964), 4);
  });

  test("are right for an exponential mean, where percentiles are too low", () => {
    // Draws of the mean of n exponentials are Gamma(n, 1/n): simulated; the exact limits are 2n / chi2(2n).
    const n = 15;
    const random = generator(3);
    const mean = () =>
      Array.from({ length: n }, () => -Math.log(1 - random())).reduce((a, b) => a + b, 0) / n;
    const simulated = Array.from({ length: 40_000 }, mean);
    // Leaving one of n out moves the mean by (mean - x)/(n - 1); skewness of n such values needs n of them.
    const leftOut = Array.from({ length: n }, (_, i) => {
      const x = -Math.log(1 - (i + 0.5) / n);
      return (n - x) / (n - 1);
    });
    const [low, high] = bcaLimits(simulated, 1, leftOut, 0.95) ?? [0, 0];
    // 30 / chi2(0.975, 30) = 0.6386 and 30 / chi2(0.025, 30) = 1.7867; BCa is second-order right.
    expect(low).toBeGreaterThan(0.57);
    expect(low).toBeLessThan(0.67);
    expect(high).toBeGreaterThan(1.62);
    expect(high).toBeLessThan(1.85);
  });

  test("do not exist where all draws lie on one side of the estimate", () => {
    expect(bcaLimits([1, 2, 3], 0, [1, 2], 0.95)).toBeNull();
    expect(bcaLimits([1, 2, 3], 4, [1, 2], 0.95)).toBeNull();
  });
});

describe("bootstrap-t limits", () => {
  test("are Student's for the mean of a normal sample", () => {
    // Nine values; draws are other samples of the same law with their own standard errors: the pivots are t(8).
    const random = generator(8);
    const sample = () => {
      const values = Array.from({ length: 9 }, () => normal(random) - 5);
      const mean = values.reduce((a, b) => a + b, 0) / 9;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 8;
      return { value: mean, standardError: Math.sqrt(variance / 9) };
    };
    const draws = Array.from({ length: 20_000 }, sample);
    const [low, high] = studentisedLimits({ value: -5, standardError: 1 }, draws, 0.95) ?? [0, 0];
    // t(0.975, 8) = 2.306 from a table; 20,000 draws are right to 0.03.
    expect(low).toBeCloseTo(-5 - 2.306, 1);
    expect(high).toBeCloseTo(-5 + 2.306, 1);
  });

  test("of positive numbers are those of their log", () => {
    const draws = [1.1, 1.7, 2, 2.4, 3.3].map((value) => ({ value, standardError: 0.2 * value }));
    const logs = draws.map(({ value }) => ({ value: Math.log(value) - 10, standardError: 0.2 }));
    const [low, high] = studentisedLimits({ value: 2, standardError: 0.5 }, draws, 0.5) ?? [0, 0];
    const [a, b] = studentisedLimits({ value: Math.log(2) - 10, standardError: 0.25 }, logs, 0.5) ?? [0, 0];
    expect(Math.log(low) - 10).toBeCloseTo(a, 12);
    expect(Math.log(high) - 10).toBeCloseTo(b, 12);
  });
});

describe("a stretched limit", () => {
  test("moves from the estimate on the log scale, and stays positive", () => {
    expect(stretchedFrom(4, 2, 2)).toBe(1);
    expect(stretchedFrom(4, 0, 2)).toBe(0);
    expect(stretchedFrom(-4, -5, 2)).toBe(-6);
    expect(stretchedFrom(4, 2, 1)).toBe(2);
  });
});

describe("--interval bca", () => {
  const saved = fitted({ delta: 1e-3, interval: "bca" });
  const [fit] = saved.fits;

  test("saves the fits without one row each, and they are what fits to the other rows give", () => {
    const { leaveOneOut } = fit;
    expect(leaveOneOut?.values).toHaveLength(24);
    // The library orders rows by N, D and loss.
    const order = [...log.N.keys()].sort((a, b) => log.N[a] - log.N[b] || log.D[a] - log.D[b]);
    for (const u of [0, 11, 23]) {
      const without = (column: number[]) => column.filter((_, i) => i !== order[u]);
      const rest = { N: without(log.N), D: without(log.D), loss: without(log.loss) };
      const alone = fitRows(rest, { delta: 1e-3, bootstrap: 0 }).parameters;
      leaveOneOut?.parameters.forEach((name, j) => {
        // Refits stop at 1e-9 of their sum, which leaves amplitudes right to 1e-3.
        expect(Math.abs((leaveOneOut.values[u][j] ?? 0) / alone[name].estimate - 1), name).toBeLessThan(2e-3);
      });
    }
  });

  test("has other limits than percentiles of the same draws", () => {
    const [percentile] = fitted({ delta: 1e-3 }).fits;
    expect(percentile.draws.values).toEqual(fit.draws.values);
    expect(percentile.leaveOneOut).toBeUndefined();
    expect(fit.parameters.alpha.low).not.toBe(percentile.parameters.alpha.low);
    expect(fit.interval).toBe("bca");
  });

  test.each([
    ["the adaptive delta", { interval: "bca" }],
    ["squares", { interval: "bca", objective: "squares-log" }],
    ["no resamples", { interval: "bca", delta: 1e-3, bootstrap: 0 }],
    ["resampled residuals", { interval: "bca", delta: 1e-3, resample: "residuals" }],
    ["bootstrap-t of cases", { interval: "bootstrap-t", resample: "cases" }],
    ["bootstrap-t without resamples", { interval: "bootstrap-t", bootstrap: 0 }],
    ["a profile of absolute values", { interval: "profile", objective: "absolute-log" }],
  ] as const)("is refused with %s, and it is said why", (_, options) => {
    try {
      fitted(options);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect((error as UsageError).why).toBeTruthy();
      expect((error as UsageError).hint).toBeTruthy();
      return;
    }
    throw new Error("nothing was refused");
  });
});

describe("derived numbers", () => {
  test.each([
    ["percentile", { delta: 1e-3 }],
    ["bca", { delta: 1e-3, interval: "bca" }],
    ["bootstrap-t", { interval: "bootstrap-t" }],
    ["covariance", { bootstrap: 0, interval: "covariance" }],
  ] as const)("have the limits of a parameter where they are that parameter: %s", (_, options) => {
    const made = fitted(options);
    // What guards against a wrong law moves limits so far out; a fit of before knows nothing of it.
    const saved = { ...made, fits: made.fits.map(({ backtest: _, ...fit }) => fit) };
    // With no end of parameters and tokens the loss is E itself.
    const [{ value }] = scalefit.predict({ fit: saved, at: { N: 1e120, D: 1e120 } }).predictions;
    const { low, high } = saved.fits[0].parameters.E;
    expect(value.low).toBeCloseTo(low ?? 0, 7);
    expect(value.high).toBeCloseTo(high ?? 0, 7);
  });

  test.each(["percentile", "bca", "bootstrap-t"] as const)("hold their estimate: %s", (interval) => {
    const saved = fitted(interval === "bootstrap-t" ? { interval } : { interval, delta: 1e-3 });
    for (const { low, estimate, high } of Object.values(
      scalefit.plan({ fit: saved, flops: 1e21 }).plans[0].optimum,
    )) {
      expect(low).toBeLessThan(estimate);
      expect(high).toBeGreaterThan(estimate);
    }
  });
});

describe("residual and parametric draws", () => {
  const large = randomLog(BESIROGLU, { rows: 300, noise: 0.005, outliers: 0 }, generator(61));

  test.each(["residuals", "parametric"] as const)("%s scatter as the covariance says", (resample) => {
    const common = { objective: "squares-log", resample, bootstrap: 400 } as const;
    const [fit] = fitted(common, large).fits;
    for (const name of ["alpha", "beta", "E"]) {
      const j = fit.draws.parameters.indexOf(name);
      const values = fit.draws.values.map((draw) => draw[j]);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
      // 400 draws are right to 3.5 %, the linearisation to a few per cent more.
      expect(sd / (fit.parameters[name].standardError ?? 0), name).toBeGreaterThan(0.85);
      expect(sd / (fit.parameters[name].standardError ?? 0), name).toBeLessThan(1.15);
    }
  });

  test("are refused for rows that share a run", () => {
    const run = log.N.map((_, i) => i >> 1);
    expect(() => fitRows(log, { run, resample: "residuals", bootstrap: 20 })).toThrow(/independent/);
  });

  test("give equal rows noise of their own", () => {
    const twice = (column: number[]) => [...column, ...column];
    const doubled = { N: twice(log.N), D: twice(log.D), loss: twice(log.loss) };
    const width = (data: Columns) => {
      const { low, high } = fitted({ resample: "parametric", objective: "squares-log" }, data).fits[0]
        .parameters.alpha;
      return (high ?? 0) - (low ?? 0);
    };
    // Twice the rows, intervals narrower by sqrt 2 (and by the degrees of freedom); 200 draws are right to 8 %.
    expect(width(log) / width(doubled)).toBeGreaterThan(1.2);
    expect(width(log) / width(doubled)).toBeLessThan(1.9);
  });
});

describe("residuals drawn about the lower envelope", () => {
  const noisy = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 12, 0.6, 0.02, generator(43));
  const envelope = (options: Partial<scalefit.FitOptions>) =>
    fitted({ objective: "envelope-log", ...options }, noisy);

  test("keep their place above it: the envelope lies in its interval", () => {
    const saved = envelope({ resample: "residuals" });
    const { value } = scalefit.predict({ fit: saved, at: { N: 4e8, D: 5e9 } }).predictions[0];
    expect(value.low).toBeLessThan(value.estimate);
    expect(value.high).toBeGreaterThan(value.estimate);
  });

  test("cannot be Gaussian about it, and that is said", () => {
    expect(() => envelope({ resample: "parametric" })).toThrow(/parametric.*envelope-log/);
  });
});
