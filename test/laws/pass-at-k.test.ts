/** Repeated sampling: what coverage, its estimator and its mechanism have to do with each other. */
import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import { lawFunction } from "../../src/laws/law-function.js";
import { lawCalled } from "../support/core.js";

const estimator = lawCalled("pass-at-k-estimator");
const beta = lawCalled("pass-at-k-beta");
const counts = lawCalled("beta-binomial");

describe("the beta-binomial distribution", () => {
  const c = { alpha: 0.3, beta: 5 };
  const chance = (n: number, correct: number) => Math.exp(-evaluateLaw(counts, c, { n, c: correct }));

  test.each([1, 7, 300])("adds up to 1 over the counts of %i samples", (n) => {
    let total = 0;
    for (let correct = 0; correct <= n; correct++) total += chance(n, correct);
    expect(total).toBeCloseTo(1, 12);
  });

  test("is flat for alpha = beta = 1", () => {
    for (const correct of [0, 3, 10])
      expect(evaluateLaw(counts, { alpha: 1, beta: 1 }, { n: 10, c: correct })).toBeCloseTo(Math.log(11), 13);
  });

  test("makes the mean of the unbiased estimates the coverage, for every k up to n", () => {
    const n = 60;
    for (const k of [1, 2, 10, 59, 60]) {
      let mean = 0;
      for (let correct = 0; correct <= n; correct++)
        mean += chance(n, correct) * evaluateLaw(estimator, {}, { n, c: correct, k });
      expect(mean).toBeCloseTo(evaluateLaw(beta, c, { k }), 13);
    }
  });
});

describe("coverage from Beta distributed rates", () => {
  test("is k/(k + beta) for alpha = 1, from one sample to a million million", () => {
    for (const k of [1, 10, 1e3, 1e6, 1e12])
      expect(evaluateLaw(beta, { alpha: 1, beta: 7 }, { k })).toBeCloseTo(k / (k + 7), 14);
  });

  test("leaves failures that fall as k^-alpha", () => {
    const failure = (k: number) => 1 - evaluateLaw(beta, { alpha: 0.3, beta: 5 }, { k });
    // The next term is of order 1/k.
    expect(Math.log(failure(1e7) / failure(1e8)) / Math.LN10).toBeCloseTo(0.3, 6);
  });

  test.each([
    ["pass-at-k-beta", { k: [1, 3, 100, 1e5] }],
    ["beta-binomial", { n: [10, 100, 1000, 1000], c: [0, 100, 1, 999] }],
  ] as const)("has the derivatives of its value: %s", (id, inputs) => {
    const law = lawCalled(id);
    const names = law.inputs.map(({ name }) => name);
    const columns = names.map((name) =>
      Float64Array.from((inputs as Record<string, readonly number[]>)[name]),
    );
    const rows = columns[0].length;
    const bound = lawFunction(law, law.expression, { free: ["alpha", "beta"], given: new Map() }).bind(
      columns,
      rows,
    );
    const at = Float64Array.of(0.4, 6);
    const gradient = (theta: Float64Array) => {
      const [value, jacobian] = [new Float64Array(rows), new Float64Array(2 * rows)];
      bound.gradient(theta, value, jacobian);
      return { value, jacobian };
    };
    const [value, jacobian, hessian] = [
      new Float64Array(rows),
      new Float64Array(2 * rows),
      new Float64Array(3 * rows),
    ];
    bound.hessian(at, value, jacobian, hessian);
    for (let j = 0; j < 2; j++) {
      const h = 1e-5 * at[j];
      const up = gradient(at.map((t, k) => (k === j ? t + h : t)));
      const down = gradient(at.map((t, k) => (k === j ? t - h : t)));
      for (let i = 0; i < rows; i++) {
        // Quotients of values right to 1e-15 over steps of 1e-5, with an error of h^2.
        const slope = (up.value[i] - down.value[i]) / (2 * h);
        expect(Math.abs(jacobian[j * rows + i] - slope)).toBeLessThan(1e-8 * (1 + Math.abs(slope)));
        for (let k = 0; k <= j; k++) {
          const bend = (up.jacobian[k * rows + i] - down.jacobian[k * rows + i]) / (2 * h);
          expect(Math.abs(hessian[((j * (j + 1)) / 2 + k) * rows + i] - bend)).toBeLessThan(
            1e-8 * (1 + Math.abs(bend)),
          );
        }
      }
    }
  });
});

describe("the unbiased estimator", () => {
  const at = (n: number, c: number, k: number) =>
    predict({ law: "pass-at-k-estimator", coefficients: {}, at: { n, c, k } }).predictions[0].value.estimate;

  test("is the share of draws of k that hold a correct one, counted out", () => {
    // 5 samples, 2 correct: of the 10 pairs, 3 hold none of them.
    expect(at(5, 2, 2)).toBeCloseTo(0.7, 14);
    expect(at(5, 2, 4)).toBe(1);
    expect(at(5, 0, 4)).toBe(0);
  });

  test("keeps its digits where a pass is rare", () => {
    // c = 1: k/n exactly.
    expect(at(1e9, 1, 3) / 3e-9).toBeCloseTo(1, 12);
  });

  test.each([
    [{ n: 10, c: 11, k: 1 }, /more correct samples \(c\) than samples \(n\)/],
    [{ n: 10, c: 5, k: 11 }, /k is above the number of samples n/],
    [{ n: 10, c: 2.5, k: 1 }, /whole numbers/],
    [{ n: 10, c: -1, k: 1 }, /must be 0 or more/],
  ])("refuses %j", (point, says) => {
    expect(() => predict({ law: "pass-at-k-estimator", coefficients: {}, at: point })).toThrow(says);
  });
});

describe("PassUntil's estimators", () => {
  const at = (successes: number, trials: number) =>
    predict({ law: "passuntil-estimator", coefficients: {}, at: { successes, trials } }).predictions[0]
      .values;

  test("the unbiased one is right on average over all lengths of sampling", () => {
    const [r, p] = [3, 0.2];
    // P(K = k) = C(k - 1, r - 1) p^r (1 - p)^(k - r), summed until nothing is left.
    let [chance, mean, biased] = [p ** r, 0, 0];
    for (let k = r; k < 400; k++) {
      mean += chance * (at(r, k)?.unbiased.estimate ?? 0);
      biased += chance * (at(r, k)?.mle.estimate ?? 0);
      chance *= (k / (k - r + 1)) * (1 - p);
    }
    expect(mean).toBeCloseTo(p, 12);
    expect(biased).toBeGreaterThan(1.1 * p);
  });

  test("one success tells nothing unless it was the first sample", () => {
    expect(at(1, 1)?.unbiased.estimate).toBe(1);
    expect(at(1, 50)?.unbiased.estimate).toBe(0);
  });

  test("more successes than trials are refused", () => {
    expect(() => at(3, 2)).toThrow(/more successes than trials/);
  });
});
