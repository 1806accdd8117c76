/** Laws of filtered data: found again from their own values, their derivatives, and the forms against each other. */
import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import type { Coefficients, Law } from "../../src/laws/law.js";
import { lawFunction } from "../../src/laws/law-function.js";
import { lawCalled } from "../support/core.js";
import { fitGiven, type GivenRows } from "../support/rows.js";

/** Points along runs over pools of three sizes: from half an epoch to 50. */
const POINTS = [1e6, 1e7, 1e8].flatMap((unique) =>
  [0.5, 1, 2, 3.5, 7, 14, 50].map((epochs) => ({ samples: unique * epochs, unique })),
);

const made = (law: Law, c: Coefficients): GivenRows => ({
  inputs: { samples: POINTS.map(({ samples }) => samples), unique: POINTS.map(({ unique }) => unique) },
  measured: POINTS.map((at) => evaluateLaw(law, c, at)),
});

const TRUTHS: readonly (readonly [string, Coefficients])[] = [
  ["data-filtering", { a: 1.2, b: -0.11, tau: 4, d: 0.15, Z: 1e5 }],
  ["data-filtering-code", { a: 0.02, b: -0.09, tau: 4, d: 0.15, Z: 1e5 }],
  ["data-filtering-effective", { a: 0.3, b: -0.12, tau: 4, d: 0.15, Z: 1e5 }],
];

describe.each(TRUTHS)("%s", (id, truth) => {
  const law = lawCalled(id);

  test("is found again without noise, its unit held", () => {
    const fit = fitGiven(law, made(law, truth), { objective: "squares" });
    expect(fit.parameters.Z).toMatchObject({ estimate: 1e5, reason: "fixed" });
    for (const [name, value] of Object.entries(truth)) {
      // The sum of squares is 0 to rounding; a, b and d trade off along a flat direction.
      expect(Math.abs(fit.parameters[name].estimate / value - 1), name).toBeLessThan(1e-5);
    }
  });

  test("has the derivatives of its difference quotients", () => {
    const free = ["a", "b", "tau", "d"];
    const bound = lawFunction(law, null, {
      free,
      given: new Map([["Z", { kind: "number", value: 1e5 }]]),
    }).bind([Float64Array.of(3.6e7), Float64Array.of(1e7)], 1);
    const at = Float64Array.from(free, (name) => truth[name]);
    const gradientAt = (theta: Float64Array): Float64Array => {
      const gradient = new Float64Array(4);
      bound.gradient(theta, new Float64Array(1), gradient);
      return gradient;
    };
    const valueAt = (theta: Float64Array): number => {
      const value = new Float64Array(1);
      bound.value(theta, value);
      return value[0];
    };
    const gradient = gradientAt(at);
    const hessian = new Float64Array(10);
    bound.hessian(at, new Float64Array(1), new Float64Array(4), hessian);
    free.forEach((_, i) => {
      const h = 1e-5 * Math.abs(at[i]);
      const moved = (by: number) => at.map((value, k) => (k === i ? value + by : value));
      // Central differences: right to h^2 and the rounding of a difference over h.
      const slope = (valueAt(moved(h)) - valueAt(moved(-h))) / (2 * h);
      expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
      for (let j = 0; j <= i; j++) {
        const bend = (gradientAt(moved(h))[j] - gradientAt(moved(-h))[j]) / (2 * h);
        expect(Math.abs(hessian[(i * (i + 1)) / 2 + j] - bend)).toBeLessThan(1e-6 * (1 + Math.abs(bend)));
      }
    });
  });

  test("gives the same at the end of an epoch and a sample later", () => {
    const value = (samples: number) => evaluateLaw(law, truth, { samples, unique: 1e6 });
    expect(value(3e6 + 1)).toBeCloseTo(value(3e6), 6);
  });
});

describe("the paper's form and that of the code", () => {
  const [[, paper], [, code]] = TRUTHS;

  test("agree without a floor, a being counted in samples by the one and in error by the other", () => {
    const { a, b } = code;
    const same = { ...code, a: a ** b, d: 0 };
    for (const at of POINTS) {
      const ours = evaluateLaw(lawCalled("data-filtering"), same, at);
      expect(evaluateLaw(lawCalled("data-filtering-code"), { ...code, d: 0 }, at)).toBeCloseTo(ours, 13);
    }
  });

  test("with fresh data alone is a power law with a floor", () => {
    const value = evaluateLaw(lawCalled("data-filtering"), paper, { samples: 3e7, unique: 1e9 });
    expect(value).toBeCloseTo(1.2 * 300 ** -0.11 + 0.15, 13);
  });
});

describe("data-filtering-pools", () => {
  const coefficients = { a: 1.2, b: [-0.1, -0.08, -0.05], tau: [2, 3, 5], d: 0.1, pool: 12.8e6 };
  const value = (samples: number, pools_used: number) =>
    predict({ law: "data-filtering-pools", coefficients, at: { samples, pools_used } }).predictions[0].value
      .estimate;

  test("of one pool is the law of that pool", () => {
    const one = { a: 1.2, b: -0.1, tau: 2, d: 0.1, Z: 1e5 };
    for (const samples of [5e6, 3.2e7, 1.28e8]) {
      const alone = evaluateLaw(lawCalled("data-filtering"), one, { samples, unique: 12.8e6 });
      expect(value(samples, 1)).toBeCloseTo(alone, 14);
    }
  });

  test("more pools are best for more samples", () => {
    const law = lawCalled("data-filtering-pools");
    const c = {
      a: 1.2,
      b1: -0.1,
      b2: -0.08,
      b3: -0.05,
      tau1: 2,
      tau2: 3,
      tau3: 5,
      d: 0.1,
      Z: 1e5,
      pool: 12.8e6,
    };
    const best = [3.2e7, 1.28e8, 6.4e8].map((samples) => law.answers[0].solve(c, { samples }));
    expect(best.map((answer) => answer?.pools_used)).toEqual([1, 2, 2]);
    best.forEach((answer, i) => {
      expect(answer?.error).toBeCloseTo(value([3.2e7, 1.28e8, 6.4e8][i], answer?.pools_used ?? 0), 14);
    });
  });
});
