/** Smaller laws of data and kin: found again from their own values, and what they are asked besides. */
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { presetCoefficients, resolveCoefficients } from "../../src/laws/coefficients.js";
import { evaluateLaw, evaluateOutputs } from "../../src/laws/evaluate-law.js";
import type { Coefficients, Law, Point } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { fitGiven, type GivenRows } from "../support/rows.js";

function made(law: Law, c: Coefficients, points: readonly Point[]): GivenRows {
  return {
    inputs: Object.fromEntries(law.inputs.map(({ name }) => [name, points.map((at) => at[name])])),
    measured: points.map((at) => evaluateLaw(law, c, at)),
  };
}

const grid = (axes: Readonly<Record<string, readonly number[]>>): Point[] =>
  Object.entries(axes).reduce<Point[]>(
    (points, [name, values]) => points.flatMap((at) => values.map((value) => ({ ...at, [name]: value }))),
    [{}],
  );

const SHARES = [0.02, 0.1, 0.3, 0.6, 1];

test("mixture-bimix is found again without noise, its factor held at 1", () => {
  const law = lawCalled("mixture-bimix");
  const truth = { A: 1, alpha: 0.12, B: 60, beta: 0.45, C: 1.9 };
  const rows = made(law, truth, grid({ r: SHARES, steps: [1e3, 4e3, 2e4, 1e5, 5e5] }));
  const found = fitGiven(law, rows, { objective: "squares-log" });
  expect(found.parameters.A).toMatchObject({ estimate: 1, reason: "fixed" });
  for (const [name, value] of Object.entries(truth))
    expect(Math.abs(found.parameters[name].estimate / value - 1), name).toBeLessThan(1e-7);
});

describe("mixture-dcpt", () => {
  const law = lawCalled("mixture-dcpt");
  const truth = { E: 1.6, A: 400, alpha: 0.34, B: 450, beta: 0.29, eta: 0.3, C: 0.05, gamma: 0.6, eps: 0.01 };

  test("predicts what it was made from", () => {
    const points = grid({ N: [1e8, 5e8, 2e9, 8e9], D: [1e9, 4e9, 2e10], r: [0.005, ...SHARES] });
    const rows = made(law, truth, points);
    const found = fitGiven(law, rows, { objective: "squares-log" });
    // C, gamma and eps trade off along a valley: nine parameters, of which the predictions are what counts.
    expect(found.metrics.worstRelativeError).toBeLessThan(1e-6);
  });

  test("has its best share where more of the corpus no longer helps", () => {
    const [{ value, values }] = scalefit.predict({
      law: "mixture-dcpt",
      coefficients: truth,
      solve: "r",
      at: { N: 1.8e9, D: 5e9 },
    }).predictions;
    const at = (r: number) => evaluateLaw(law, truth, { N: 1.8e9, D: 5e9, r });
    const r = value.estimate;
    expect(r).toBeGreaterThan(0);
    expect(r).toBeLessThan(1);
    expect(values?.loss.estimate).toBe(at(r));
    for (const other of [0, 0.9 * r, 0.999 * r, 1.001 * r, 1.1 * r, 1])
      expect(at(other)).toBeGreaterThan(at(r));
  });
});

describe("projektor-projection", () => {
  const at = { n0: 1000, y0: 2, n1: 10000, y1: 1.5, n: 100000 };

  test("needs no coefficients", () => {
    expect(scalefit.predict({ law: "projektor-projection", at }).predictions[0].value.estimate).toBeCloseTo(
      1,
      14,
    );
  });

  test("goes through both measurements", () => {
    const value = (n: number) => evaluateLaw(lawCalled("projektor-projection"), {}, { ...at, n });
    expect(value(1000)).toBeCloseTo(2, 14);
    expect(value(10000)).toBeCloseTo(1.5, 14);
  });

  test("is not fitted: there is nothing to fit", () => {
    const columns = { n0: [1, 1], y0: [2, 3], n1: [10, 10], y1: [1, 2], n: [100, 100], y: [1, 2] };
    expect(() => scalefit.fit({ law: "projektor-projection", data: columns })).toThrow("no parameters");
  });
});

describe("transfer", () => {
  const law = lawCalled("transfer");

  test("is found again without noise", () => {
    const { values } = presetCoefficients(law, law.presets[0]);
    const rows = made(law, values, grid({ D_F_chars: [3e5, 1e7, 3e8], N: [1e7, 1e8, 1e9] }));
    const found = fitGiven(law, rows, { objective: "squares-log" });
    for (const [name, value] of Object.entries(values))
      expect(Math.abs(found.parameters[name].estimate / value - 1), name).toBeLessThan(1e-8);
  });

  test("says the effective data and how many times the fine-tuning data they are", () => {
    const at = { D_F_chars: 3e5, N: 4e7 };
    const given = { preset: "text-to-python", at };
    const transferred = scalefit.predict(given).predictions[0].value.estimate;
    const { values } = scalefit.predict({ ...given, solve: "D_E" }).predictions[0];
    expect(values?.D_E.estimate).toBeCloseTo(3e5 + transferred, 6);
    expect(values?.multiplier.estimate).toBeCloseTo(1 + transferred / 3e5, 10);
  });

  test("its loss is Kaplan's at the effective data", () => {
    const c = { N_C: 2e8, alpha_N: 0.12, D_C: 1e12, alpha_D: 0.2, k: 1.9e4, alpha: 0.18, beta: 0.38 };
    const at = { D_F_chars: 3e6, N: 4e7 };
    const effective = 3e6 + evaluateLaw(law, c, at);
    const kaplan = ((c.N_C / at.N) ** (c.alpha_N / c.alpha_D) + c.D_C / effective) ** c.alpha_D;
    expect(evaluateLaw(lawCalled("transfer-loss"), c, at)).toBeCloseTo(kaplan, 13);
  });
});

describe("distillation", () => {
  const law = lawCalled("distillation");
  const c = {
    ...{ Es: 1.8, As: 500, Bs: 2000, alphas: 0.35, betas: 0.37, gammas: 0.9 },
    ...{ A: 500, B: 2000, alpha: 0.35, beta: 0.37, gamma: 0.9, c0: 2, c1: 5, d1: 1.2, f1: 0.1 },
  };

  test("gives the student without a teacher beside the distilled one", () => {
    const { L, L_sup } = evaluateOutputs(law, c, { N_S: 1e9, D_S: 2e10, L_T: 2.3 });
    expect(L_sup).toBeCloseTo(1.8 + (500 / 1e9 ** 0.35 + 2000 / 2e10 ** 0.37) ** 0.9, 13);
    expect(L).toBeGreaterThan(2.3);
  });

  test("its second stage is found again without noise, as far as the paper's parameters are identified", () => {
    const [first, second] = law.stages;
    const points = grid({ N_S: [2e8, 1e9, 5e9], D_S: [4e9, 2e10, 1e11], L_T: [1.9, 2.1, 2.3, 2.6, 3] }).map(
      (at) => ({ ...at, L_sup: evaluateLaw(first, c, at) }),
    );
    const found = fitGiven(second, made(second, c, points), { objective: "squares-log" });
    expect(found.metrics.worstRelativeError).toBeLessThan(1e-5);
  });

  test("a better teacher can make a worse student, and the best one is found", () => {
    const at = { N_S: 1e9, D_S: 2e10 };
    const [{ value, values }] = scalefit.predict({
      law: "distillation",
      coefficients: c,
      solve: "L_T",
      at,
    }).predictions;
    const loss = (L_T: number) => evaluateLaw(law, c, { ...at, L_T });
    expect(values?.loss.estimate).toBeCloseTo(loss(value.estimate), 13);
    for (const factor of [0.5, 0.9, 0.99, 1.01, 1.1, 2])
      expect(loss(factor * value.estimate)).toBeGreaterThan(loss(value.estimate));
  });
});

describe("vocabulary", () => {
  const law = lawCalled("vocabulary");
  const { values: tao } = presetCoefficients(law, law.presets[0]);

  test("of runs with known tokens is found again without noise, losses being below 0", () => {
    const own = lawCalled("vocabulary-tokens");
    const points = grid({
      N_nv: [3.3e7, 3e8, 1.1e9],
      V: [4096, 16384, 65536],
      d: [512, 2048],
      D: [1e9, 1e10, 1e11],
    });
    const rows = made(own, tao, points);
    expect(Math.max(...rows.measured)).toBeLessThan(0);
    const found = fitGiven(own, rows, { objective: "huber", delta: 1e-3 });
    for (const [name, value] of Object.entries(tao))
      expect(Math.abs(found.parameters[name].estimate / value - 1), name).toBeLessThan(1e-6);
  });

  test("the best vocabulary is the one with the least loss at the budget's tokens", () => {
    const [N_nv, d, C] = [7e9, 4096, 7.05e21];
    const best = law.answers[0].solve(tao, { N_nv, d, C })?.V as number;
    const own = lawCalled("vocabulary-tokens");
    const loss = (V: number) => evaluateLaw(own, tao, { N_nv, V, d, D: C / (6 * (N_nv + V * d)) });
    for (const factor of [0.1, 0.9, 0.99, 1.01, 1.1, 10])
      expect(loss(factor * best)).toBeGreaterThan(loss(best));
  });

  test("the coefficients of approaches 1 and 2 are told by their names", () => {
    const ask = (coefficients: Record<string, number>) =>
      resolveCoefficients(law, new Map(Object.entries(coefficients)));
    expect(ask({ lnkN: -2.48, aN: 0.5, lnkV: -1.59, aV: 0.416 }).law.id).toBe("vocabulary-approach1");
    expect(ask({ Nv0: 3145728, Nnv0: 3.3e7, gamma: 0.835 }).law.id).toBe("vocabulary-approach2");
    expect(ask(tao).law.id).toBe("vocabulary");
  });
});
