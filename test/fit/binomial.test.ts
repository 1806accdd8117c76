/** Counts of successes: the binomial likelihood, what it resolves, and how sure it is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accountFor } from "../../src/fit/fit-observed.js";
import { makeObjective } from "../../src/fit/objective.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import { lawFromFormula } from "../../src/laws/from-formula.js";
import { predictAt } from "../../src/plan/predict.js";
import { sourceFromFit } from "../../src/plan/source.js";
import { lawCalled } from "../support/core.js";
import { generator, seeded } from "../support/random.js";
import { estimatesOf, fitGiven, observationsOf } from "../support/rows.js";

const objective = makeObjective("binomial", null);
/** Of one trial. */
const rho = (y: number, m: number) => objective.rho(y, m, 1);
const slope = (y: number, m: number) => objective.slope(y, m, 1);
const curvature = (y: number, m: number) => objective.curvature(y, m, 1);
const majorant = (y: number, m: number) => objective.majorant(y, m, 1);
const rates = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
const measuredRates = fc.oneof(rates, fc.constantFrom(0, 1));

const ofX = (formula: string) => lawFromFormula(formula, (name) => (name === "x" ? "scale" : null)).law;
const logit = ofX("1 / (1 + exp(-(b0 + b1 * x)))");
const line = ofX("b0 + b1 * x");

describe("the binomial objective", () => {
  test("is the negative log-likelihood of a trial less that at the measured rate", () => {
    fc.assert(
      fc.property(rates, rates, (y, m) => {
        const likelihood = (p: number) => y * Math.log(p) + (1 - y) * Math.log(1 - p);
        // Two sums of about 14 at most that cancel.
        expect(rho(y, m)).toBeCloseTo(likelihood(y) - likelihood(m), 13);
        expect(rho(y, m)).toBeGreaterThanOrEqual(0);
        expect(rho(y, y)).toBe(0);
      }),
      seeded(),
    );
  });

  test("keeps its digits next to the measured rate, where its terms cancel", () => {
    // (y - m)^2 / (2 y (1 - y)), and the next term of Taylor's series is 1e-9 of it.
    for (const y of [1e-8, 0.3, 0.999]) {
      const m = y * (1 + 1e-10);
      expect(rho(y, m) / ((y - m) ** 2 / (2 * y * (1 - y)))).toBeCloseTo(1, 6);
    }
  });

  test("has the slope of its rho and the curvature of its slope", () => {
    fc.assert(
      fc.property(measuredRates, rates, (y, m) => {
        const h = 1e-5 * Math.min(m, 1 - m);
        const quotient = (f: (y: number, m: number) => number) => (f(y, m + h) - f(y, m - h)) / (2 * h);
        // Of the third derivative's size h^2, relative to terms of which the largest are y/m and (1 - y)/(1 - m).
        const scale = 1 / Math.min(m, 1 - m);
        expect(Math.abs(slope(y, m) - quotient(rho))).toBeLessThan(1e-7 * scale * (1 + rho(y, m)));
        expect(Math.abs(curvature(y, m) - quotient(slope))).toBeLessThan(1e-7 * scale * scale);
      }),
      seeded(),
    );
  });

  test("is reweighted squares with the same slope", () => {
    fc.assert(
      fc.property(rates, rates, (y, m) => {
        expect(majorant(y, m) * (m - y)).toBeCloseTo(slope(y, m), 6);
        expect(majorant(y, m)).toBeGreaterThan(0);
      }),
      seeded(),
    );
  });

  test("counts q^2 trials", () => {
    fc.assert(
      fc.property(measuredRates, rates, fc.constantFrom(4, 9, 25), (y, m, trials) => {
        for (const f of ["rho", "slope", "curvature", "majorant"] as const) {
          const one = objective[f](y, m, 1);
          expect(Math.abs(objective[f](y, m, Math.sqrt(trials)) - trials * one)).toBeLessThanOrEqual(
            1e-14 * Math.abs(trials * one),
          );
        }
      }),
      seeded(),
    );
  });

  test("lets no prediction be outside of 0 to 1, nor at an end that the rate contradicts", () => {
    for (const m of [-1e-9, 1 + 1e-9, Number.NaN]) expect(rho(0.5, m)).toBe(Number.POSITIVE_INFINITY);
    expect(rho(1e-9, 0)).toBe(Number.POSITIVE_INFINITY);
    expect(rho(0.5, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(rho(0, 0)).toBe(0);
    expect(rho(1, 1)).toBe(0);
    // A trial without success says: the rate is low, and how low in proportion to the trials.
    expect(rho(0, 1e-9)).toBeCloseTo(-Math.log1p(-1e-9), 20);
  });
});

/** Beetles killed by carbon disulphide (C. I. Bliss, Ann. Appl. Biol. 22, 1935), as in Dobson's textbook. */
const beetles = {
  x: [1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.861, 1.8839],
  trials: [59, 60, 62, 56, 63, 59, 62, 60],
  killed: [6, 13, 18, 28, 52, 53, 61, 60],
};
const beetleRows = {
  inputs: { x: beetles.x },
  measured: beetles.killed.map((killed, i) => killed / beetles.trials[i]),
  weight: beetles.trials,
};

describe("Bliss's beetles, the textbook's logit", () => {
  const fit = fitGiven(logit, beetleRows, { objective: "binomial", interval: "covariance" });

  test("gives the published coefficients and deviance", () => {
    // Dobson & Barnett, An Introduction to Generalized Linear Models, table 7.4: -60.72, 34.27, deviance 11.23.
    expect(fit.parameters.b0.estimate).toBeCloseTo(-60.71745, 4);
    expect(fit.parameters.b1.estimate).toBeCloseTo(34.27033, 4);
    expect(2 * fit.objective.value).toBeCloseTo(11.23223, 4);
    expect(fit.status).toBe("converged");
    expect(fit.search.secondOpinion.agrees).toBe(true);
  });

  test("has the published standard errors times the root of Pearson's chi^2 over its degrees of freedom", () => {
    // The same table: s.e. 5.18 and 2.91 for binomial noise; X^2 = 10.03 on 6 degrees of freedom.
    const { dispersion } = fit.objective;
    expect(dispersion).toBeCloseTo(10.026818 / 6, 5);
    const widened = Math.sqrt(dispersion ?? Number.NaN);
    expect((fit.parameters.b0.standardError ?? 0) / widened).toBeCloseTo(5.18071, 4);
    expect((fit.parameters.b1.standardError ?? 0) / widened).toBeCloseTo(2.91214, 4);
  });

  test("has profile limits at which the deviance has risen by the dispersion times F(1, n - p)", () => {
    const profiled = fitGiven(logit, beetleRows, { objective: "binomial", interval: "profile" });
    for (const name of ["b0", "b1"]) {
      const { low, high } = profiled.parameters[name];
      for (const limit of [low, high]) {
        const held = fitGiven(logit, beetleRows, {
          objective: "binomial",
          fixed: { [name]: limit as number },
        });
        const rise =
          (2 * (held.objective.value - fit.objective.value)) / (fit.objective.dispersion as number);
        // F(1, 6) at 0.95.
        expect(rise).toBeCloseTo(5.98738, 2);
      }
    }
  });

  test("is the same from counts over equal rows as from their sum", () => {
    const halves = (values: readonly number[]) => values.flatMap((value) => [value, value]);
    const split = fitGiven(
      logit,
      {
        inputs: { x: halves(beetles.x) },
        measured: halves(beetleRows.measured),
        weight: halves(beetles.trials.map((trials) => trials / 2)),
      },
      { objective: "binomial" },
    );
    expect(split.objective.value).toBeCloseTo(fit.objective.value, 10);
    expect(split.parameters.b1.estimate).toBeCloseTo(fit.parameters.b1.estimate, 6);
  });
});

describe("rates far below one in the number of samples", () => {
  test("rows without any success pull a rate down as their trials say", () => {
    // One rate for all rows, as 1e-9 of slope allows: its maximum-likelihood value is all successes over all trials.
    const constant = ofX("exp(b0) + 0 * x");
    const trials = [1000, 1000, 3000, 5000];
    const fit = fitGiven(
      constant,
      { inputs: { x: [1, 2, 3, 4] }, measured: [0, 1 / 1000, 0, 0], weight: trials },
      { objective: "binomial" },
    );
    expect(Math.exp(fit.parameters.b0.estimate)).toBeCloseTo(1e-4, 11);
  });

  test("a law of rates from 1e-7 to 1e-3 is recovered from counts of 1e5 samples, a third of them 0", () => {
    const growth = ofX("exp(b0 + b1 * x)");
    const random = generator(5);
    const rows = Array.from({ length: 60 }, (_, i) => 1 + (4 * i) / 59);
    const rate = (x: number) => 10 ** (x - 8);
    const samples = 100_000;
    const counts = rows.map((x) => poisson(samples * rate(x), random));
    expect(counts.filter((count) => count === 0).length).toBeGreaterThan(20);
    const fit = fitGiven(
      growth,
      {
        inputs: { x: rows },
        measured: counts.map((count) => count / samples),
        weight: rows.map(() => samples),
      },
      { objective: "binomial" },
    );
    const { b0, b1 } = fit.parameters;
    for (const [parameter, truth] of [
      [b0, -8 * Math.LN10],
      [b1, Math.LN10],
    ] as const)
      expect(Math.abs(parameter.estimate - truth)).toBeLessThan(3 * (parameter.standardError as number));
    // The rate where one success in 1e7 samples is to be expected, within a factor of 3 from a hundredth of them.
    expect(Math.abs((b0.estimate + b1.estimate) / Math.LN10 + 7)).toBeLessThan(0.5);
  });
});

/** Knuth's product of uniforms; means here are under 100. */
function poisson(mean: number, random: () => number): number {
  const end = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > end; product *= random()) count++;
  return count;
}

describe("predictions of a fit to counts", () => {
  test("stay within 0 and 1 where least squares would leave", () => {
    const x = [0, 1, 2, 3, 4, 5];
    const measured = [0, 0, 0, 0.2, 0.9, 1];
    const weight = x.map(() => 50);
    const at = (fit: Record<string, number>) => x.map((value) => fit.b0 + fit.b1 * value);
    const squares = at(estimatesOf(fitGiven(line, { inputs: { x }, measured }, { objective: "squares" })));
    expect(Math.min(...squares)).toBeLessThan(0);
    const counts = fitGiven(line, { inputs: { x }, measured, weight }, { objective: "binomial" });
    for (const m of at(estimatesOf(counts))) {
      expect(m).toBeGreaterThan(0);
      expect(m).toBeLessThanOrEqual(1);
    }
  });
});

describe("how sure a fit to counts is", () => {
  const x = Array.from({ length: 24 }, (_, i) => i / 4);
  const truth = x.map((value) => 1 / (1 + Math.exp(3 - value)));
  const trials = 2000;

  /** Counts about rates that vary themselves by `spread` (on the logit), by normal noise of the binomial's size. */
  function counted(spread: number) {
    const random = generator(11);
    const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return truth.map((p) => {
      const own = 1 / (1 + Math.exp(Math.log(1 / p - 1) - spread * gauss()));
      return Math.round(trials * own + Math.sqrt(trials * own * (1 - own)) * gauss()) / trials;
    });
  }
  const fitted = (measured: number[]) =>
    fitGiven(
      logit,
      { inputs: { x }, measured, weight: x.map(() => trials) },
      { objective: "binomial", interval: "covariance" },
    );

  test("a scatter smaller than that of counts makes no interval narrower than counts allow", () => {
    const { dispersion } = fitted(truth).objective;
    expect(dispersion).toBe(1);
  });

  test("a scatter larger than that of counts is measured, said, and held by the intervals", () => {
    const [even, varied] = [fitted(counted(0)), fitted(counted(0.5))];
    expect(even.objective.dispersion).toBeLessThan(2);
    expect(even.diagnosis.map(({ code }) => code)).not.toContain("overdispersion");
    // The variance of a rate p that varies by s on the logit is (s p (1 - p))^2: over that of a count s^2 p (1 - p) n.
    const expected = 1 + truth.reduce((sum, p) => sum + 0.25 * p * (1 - p) * trials, 0) / truth.length;
    expect(varied.objective.dispersion).toBeGreaterThan(expected / 2);
    expect(varied.objective.dispersion).toBeLessThan(expected * 2);
    expect(varied.diagnosis.map(({ code }) => code)).toContain("overdispersion");
    const ratio =
      (varied.parameters.b1.standardError as number) / (even.parameters.b1.standardError as number);
    expect(ratio).toBeGreaterThan(0.5 * Math.sqrt(expected));
  });

  test("resamples of rows give limits too, and those of noise about the curve are refused", () => {
    const measured = counted(0);
    const rows = { inputs: { x }, measured, weight: x.map(() => trials) };
    const resampled = fitGiven(logit, rows, { objective: "binomial", bootstrap: 200 });
    const { estimate, low, high } = resampled.parameters.b1;
    expect(low as number).toBeLessThan(estimate);
    expect(high as number).toBeGreaterThan(estimate);
    for (const options of [
      { resample: "parametric" },
      { resample: "residuals" },
      { interval: "bootstrap-t" },
    ] as const)
      expect(() => fitGiven(logit, rows, { objective: "binomial", bootstrap: 200, ...options })).toThrow(
        /not for counts/,
      );
  });

  test("an outlier among counts is named", () => {
    const measured = counted(0);
    measured[12] = 0.02;
    const [outliers] = fitted(measured).diagnosis.filter(({ code }) => code === "outliers");
    expect(outliers.message).toContain("run-12");
    expect(outliers.numbers?.count).toBeGreaterThanOrEqual(1);
  });
});

describe("a prediction from counts", () => {
  const C = [1e18, 3e18, 1e19, 3e19, 1e20, 3e20, 1e21, 3e21, 1e22, 3e22];
  const law = lawCalled("logistic-logc");
  const truth = { g: 0, cmax: 1, k: 2, log10C0: 20 };
  const trials = C.map(() => 400);
  const random = generator(21);
  const measured = C.map((flops) => {
    const p = evaluateLaw(law, truth, { C: flops });
    return Array.from({ length: 400 }, random).filter((u) => u < p).length / 400;
  });
  const rows = { inputs: { C }, measured, weight: trials };
  const fixed = { g: 0, cmax: 1 };

  test.each([
    ["resamples", { bootstrap: 200 }],
    ["the covariance", { interval: "covariance" }],
  ] as const)("has limits between 0 and 1 that hold the truth, by %s", (_, options) => {
    const fit = fitGiven(law, rows, { objective: "binomial", fixed, ...options });
    const range = { C: [1e18, 3e22] as [number, number] };
    const observed = {
      group: null,
      observations: observationsOf(rows),
      rows: 10,
      used: 10,
      dropped: [],
      range,
    };
    const saved = accountFor(law, observed, new Map([["C", "C"]]), fit);
    for (const flops of [1e16, 1e20, 1e24]) {
      const { value, newRun } = predictAt(sourceFromFit(law, saved, "here"), { C: flops });
      const p = evaluateLaw(law, truth, { C: flops });
      for (const { low, high } of [value, newRun]) {
        expect(low as number).toBeGreaterThanOrEqual(0);
        expect(high as number).toBeLessThanOrEqual(1);
        expect(low as number).toBeLessThanOrEqual(p * 1.5);
        expect(high as number).toBeGreaterThanOrEqual(p / 1.5);
      }
      // One more run of 400 items: its noise in the middle is sqrt(1/4 / 400) = 0.025.
      const width = (newRun.high as number) - (newRun.low as number);
      if (flops === 1e20) expect(width).toBeGreaterThan(0.05);
      if (flops === 1e20) expect(width).toBeLessThan(0.2);
    }
  });
});
