/** Standard errors and intervals from the covariance against difference quotients, a t table and simulation. */
import { Matrix, pseudoInverse } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { standardDeviation } from "../../src/fit/quantiles.js";
import * as scalefit from "../../src/index.js";
import type { Columns } from "../support/csv.js";
import { generator, normal } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, lossOf, randomLog, type Truth } from "../support/sweeps.js";

const log = randomLog(BESIROGLU, { rows: 60, noise: 0.005, outliers: 0 }, generator(60));
const NAMES = ["E", "A", "alpha", "B", "beta"] as const;

const fitted = (data: Columns, options: Partial<scalefit.FitOptions>) =>
  scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap: 0, ...options }).fits[0];

const estimatesOf = (fit: ReturnType<typeof fitted>): Truth =>
  Object.fromEntries(NAMES.map((name) => [name, fit.parameters[name].estimate])) as unknown as Truth;

/** sqrt of the diagonal of (J'J)^-1 for the relative parameters, J by central differences of the prediction. */
function unscaledErrors({ N, D }: Columns, at: Truth, isLog: boolean): number[] {
  const predicted = (p: Truth) =>
    N.map((n, i) => (isLog ? Math.log(lossOf(p, n, D[i])) : lossOf(p, n, D[i])));
  const h = 1e-5;
  const columns = NAMES.map((name) => {
    const above = predicted({ ...at, [name]: at[name] * (1 + h) });
    const below = predicted({ ...at, [name]: at[name] * (1 - h) });
    return above.map((value, i) => (value - below[i]) / (2 * h));
  });
  const J = new Matrix(columns).transpose();
  const inverse = pseudoInverse(J);
  const V = inverse.mmul(inverse.transpose());
  return NAMES.map((name, j) => at[name] * Math.sqrt(V.get(j, j)));
}

describe("standard errors", () => {
  test.each([
    ["squares-log", true],
    ["squares", false],
  ] as const)("of %s are those of the linearised least squares", (objective, isLog) => {
    const fit = fitted(log, { objective });
    const rss = fit.residuals.reduce((sum, r) => sum + r * r, 0);
    const expected = unscaledErrors(log, estimatesOf(fit), isLog).map((e) => e * Math.sqrt(rss / (60 - 5)));
    NAMES.forEach((name, j) => {
      // Quotients are right to 1e-9, and (J'J)^-1 of the raw parameters has a condition number of some 1e4.
      expect((fit.parameters[name].standardError ?? 0) / expected[j], name).toBeCloseTo(1, 5);
    });
    expect(fit.metrics.residualStandardDeviation).toBeCloseTo(Math.sqrt(rss / 55), 12);
  });

  test("of a Huber objective have its variance factor: [SUM psi^2/(n-p)] / [share of |r| <= delta]^2", () => {
    const delta = 0.006;
    const fit = fitted(log, { objective: "huber-log", delta });
    const psi = fit.residuals.map((r) => Math.max(-delta, Math.min(delta, r)));
    const share = fit.residuals.filter((r) => Math.abs(r) <= delta).length / 60;
    const tau = Math.sqrt(psi.reduce((sum, p) => sum + p * p, 0) / 55) / share;
    const expected = unscaledErrors(log, estimatesOf(fit), true);
    NAMES.forEach((name, j) => {
      expect((fit.parameters[name].standardError ?? 0) / (tau * expected[j]), name).toBeCloseTo(1, 5);
    });
  });

  test("are those of logs that are drawn again", () => {
    const design = (seed: number) =>
      isoFlopSweep(BESIROGLU, [1e19, 1e20, 1e21], 15, 0.6, 0.005, generator(seed));
    const fresh = Array.from({ length: 200 }, (_, k) =>
      fitted(design(500 + k), { objective: "squares-log" }),
    );
    for (const name of ["alpha", "beta", "E"] as const) {
      const scatter = standardDeviation(fresh.map((fit) => fit.parameters[name].estimate));
      const stated = fresh.reduce((sum, fit) => sum + (fit.parameters[name].standardError ?? 0), 0) / 200;
      // The scatter of 200 values is right to 5 %; the linearisation is not exact at these widths: within 20 %.
      expect(stated / scatter, name).toBeGreaterThan(0.8);
      expect(stated / scatter, name).toBeLessThan(1.2);
    }
  });

  test.each(["absolute-log", "envelope-log"] as const)(
    "of %s are those of logs that are drawn again",
    (objective) => {
      const fresh = Array.from({ length: 40 }, (_, k) =>
        fitted(isoFlopSweep(BESIROGLU, [1e19, 1e20, 1e21], 15, 0.6, 0.005, generator(700 + k)), {
          objective,
        }),
      );
      for (const name of ["alpha", "beta"] as const) {
        const scatter = standardDeviation(fresh.map((fit) => fit.parameters[name].estimate));
        const stated = fresh.reduce((sum, fit) => sum + (fit.parameters[name].standardError ?? 0), 0) / 40;
        // The scatter of 40 values is right to 11 %; a density at one point, and squares of which 1 in 20 count, to 20 %.
        expect(stated / scatter, name).toBeGreaterThan(0.6);
        expect(stated / scatter, name).toBeLessThan(1.6);
      }
    },
  );

  test("of the bootstrap agree with them on a large log with Gaussian noise", () => {
    const large = randomLog(BESIROGLU, { rows: 400, noise: 0.005, outliers: 0 }, generator(61));
    const fromCovariance = fitted(large, {}).parameters;
    const fromDraws = fitted(large, { bootstrap: 300 }).parameters;
    // 300 draws are right to 4 %, the two estimators differ by about as much again.
    for (const name of ["alpha", "beta", "E"] as const) {
      const ratio = (fromDraws[name].standardError ?? 0) / (fromCovariance[name].standardError ?? 1);
      expect(ratio, name).toBeGreaterThan(0.8);
      expect(ratio, name).toBeLessThan(1.25);
    }
  });
});

describe("intervals from the covariance", () => {
  const fit = fitted({ N: log.N.slice(0, 15), D: log.D.slice(0, 15), loss: log.loss.slice(0, 15) }, {});

  test("are Student's: with 15 rows and 5 parameters 2.228 standard errors to each side", () => {
    const { estimate, low, high, standardError } = fit.parameters.alpha;
    // t(0.975, 10) from a table.
    expect(((high ?? 0) - estimate) / (standardError ?? 1)).toBeCloseTo(2.228138852, 8);
    expect((estimate - (low ?? 0)) / (standardError ?? 1)).toBeCloseTo(2.228138852, 8);
    expect(fit.interval).toBe("covariance");
  });

  test("of amplitudes are on the log scale, so that they keep their sign", () => {
    const { estimate, low, high, standardError } = fit.parameters.A;
    const factor = Math.exp((2.228138852 * (standardError ?? 0)) / estimate);
    expect((high ?? 0) / (estimate * factor)).toBeCloseTo(1, 8);
    expect((low ?? 0) / (estimate / factor)).toBeCloseTo(1, 8);
  });

  test("are wider at a higher level", () => {
    const width = (level: number) => {
      const { low, high } = fitted(log, { level }).parameters.beta;
      return (high ?? 0) - (low ?? 0);
    };
    expect(width(0.99)).toBeGreaterThan(width(0.95));
    expect(width(0.95)).toBeGreaterThan(width(0.5));
  });
});

describe("the saved covariance", () => {
  test("has the squared standard errors on its diagonal and is symmetric", () => {
    const { covariance, parameters } = fitted(log, { objective: "squares-log" });
    expect(covariance?.parameters).toEqual(Object.keys(parameters));
    covariance?.parameters.forEach((name, r) => {
      const { standardError } = parameters[name];
      expect(Math.sqrt(covariance.values[r][r]) / (standardError ?? 0)).toBeCloseTo(1, 12);
      covariance.values[r].forEach((value, s) => {
        const size = Math.sqrt(covariance.values[r][r] * covariance.values[s][s]);
        expect(Math.abs(value - covariance.values[s][r])).toBeLessThan(1e-10 * size);
      });
    });
  });
});

describe("the measures of quality", () => {
  test("are what their definitions give from predictions made apart", () => {
    const fit = fitted(log, {});
    const at = estimatesOf(fit);
    const predicted = log.N.map((N, i) => lossOf(at, N, log.D[i]));
    const mean = log.loss.reduce((sum, y) => sum + y, 0) / 60;
    const total = log.loss.reduce((sum, y) => sum + (y - mean) ** 2, 0);
    const left = log.loss.reduce((sum, y, i) => sum + (y - predicted[i]) ** 2, 0);
    const errors = log.loss.map((y, i) => Math.abs(predicted[i] / y - 1));
    const rss = log.loss.reduce((sum, y, i) => sum + Math.log(y / predicted[i]) ** 2, 0);
    const { r2, rmse, meanRelativeError, worstRelativeError, aicc, bic } = fit.metrics;
    expect(r2).toBeCloseTo(1 - left / total, 10);
    expect(rmse).toBeCloseTo(Math.sqrt(left / 60), 12);
    expect(meanRelativeError).toBeCloseTo(errors.reduce((sum, e) => sum + e, 0) / 60, 12);
    expect(worstRelativeError).toBeCloseTo(Math.max(...errors), 12);
    // Six parameters with the variance: 60 ln(RSS/60) + 12 + 84/53, and + 6 ln 60.
    expect(aicc).toBeCloseTo(60 * Math.log(rss / 60) + 12 + 84 / 53, 8);
    expect(bic).toBeCloseTo(60 * Math.log(rss / 60) + 6 * Math.log(60), 8);
  });
});

describe("the sandwich", () => {
  /** Four times as much noise at the ends of each budget, which decide the exponents, as between them. */
  const unequal = (seed: number): Columns => {
    const random = generator(seed);
    const data = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20, 1e21], 12, 0.6, 0, random);
    const noise = (i: number) => (i % 12 < 2 || i % 12 > 9 ? 0.006 : 0.0015);
    return { ...data, loss: data.loss.map((y, i) => y * Math.exp(noise(i) * normal(random))) };
  };

  test.each(["squares-log", "huber-log"] as const)(
    "of %s scatters as logs of unequal noise that are drawn again, and the classical covariance does not",
    (objective) => {
      const fresh = Array.from({ length: 60 }, (_, k) => unequal(900 + k));
      const ratio = (covariance: "classical" | "sandwich") => {
        const delta = objective === "huber-log" ? 0.003 : "auto";
        const fits = fresh.map((data) => fitted(data, { objective, delta, covariance }).parameters.alpha);
        const stated = fits.reduce((sum, { standardError }) => sum + (standardError ?? 0), 0) / fits.length;
        return stated / standardDeviation(fits.map(({ estimate }) => estimate));
      };
      // The scatter of 60 values is right to 9 %. 150 logs gave 0.79 and 0.70 by the classical way; 1.05 for squares and
      // 1.29 for Huber by HC3, which is wide by design.
      expect(ratio("classical")).toBeLessThan(0.95);
      expect(ratio("sandwich")).toBeGreaterThan(0.9);
      expect(ratio("sandwich")).toBeLessThan(1.5);
    },
  );
});
