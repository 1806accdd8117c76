import { describe, expect, test } from "vitest";
import { predict } from "../../src/index.js";
import { requireLaw } from "../../src/laws/require-law.js";

const value = (from: Parameters<typeof predict>[0]) => predict(from).predictions[0];

describe("Kaplan's laws of compute", () => {
  test("take FLOPs or PF-days of 8.64e19 FLOPs", () => {
    const flops = value({ preset: "kaplan-lc-cmin", at: { C: 8.64e21 } });
    const days = value({ preset: "kaplan-lc-cmin", at: { C_pfdays: 100 } });
    expect(flops.value.estimate).toBe(days.value.estimate);
    // Table of the paper: (3.1e8 / 100)^0.05.
    expect(flops.value.estimate).toBeCloseTo(3.1e6 ** 0.05, 12);
  });

  test("give the compute of a loss", () => {
    const { value: C } = value({ preset: "kaplan-lc-cmin", solve: "C", at: { L: 2.5 } });
    const back = value({ preset: "kaplan-lc-cmin", at: { C: C.estimate } });
    expect(back.value.estimate).toBeCloseTo(2.5, 12);
  });

  test("split a budget into size, data, batch and least steps", () => {
    const c = { kN: 1.3e9, pN: 0.73, kB: 2e6, pB: 0.24, kS: 5.4e3, pS: 0.03, kD: 2e10, pD: 0.27 };
    const law = requireLaw("kaplan-alloc");
    const answer = law.answers.find(({ kind }) => kind === "optimum");
    const best = answer?.solve(c, { C: 8.64e21 }) ?? {};
    const { values } = value({ law: "kaplan-alloc", coefficients: c, at: { C_pfdays: 100 } });
    for (const name of ["N", "D", "B", "S"])
      expect(best[name] / (values?.[name].estimate ?? 0)).toBeCloseTo(1, 12);
    // At the critical batch twice the least steps are made: D = 2 B S of the rounded figures, within 10 %.
    expect(Math.abs(best.D / (2 * best.B * best.S) - 1)).toBeLessThan(0.1);
  });
});

describe("the critical batch", () => {
  const from = { preset: "kaplan-bcrit" };

  test("leaves a run of S steps at batch B on the hyperbola of its least steps and tokens", () => {
    for (const B of [1e4, 1e6, 1e8]) {
      const [S, L] = [1e5, 3];
      const { values } = value({ ...from, solve: "S_min", at: { L, B, S } });
      const [least, tokens, fewest] = ["S_min", "T", "T_min"].map((name) => values?.[name].estimate ?? 0);
      expect(tokens).toBe(B * S);
      expect((S / least - 1) * (tokens / fewest - 1)).toBeCloseTo(1, 9);
      const critical = value({ ...from, at: { L } }).value.estimate;
      expect(fewest / least / critical).toBeCloseTo(1, 12);
      const back = value({ ...from, solve: "S", at: { L, B, S_min: least } });
      expect(back.value.estimate / S).toBeCloseTo(1, 12);
    }
  });

  test("costs twice the least steps and tokens", () => {
    const L = 2.7;
    const B = value({ ...from, at: { L } }).value.estimate;
    const { values } = value({ ...from, solve: "S_min", at: { L, B, S: 1000 } });
    expect(values?.S_min.estimate).toBeCloseTo(500, 9);
    expect((values?.T_min.estimate ?? 0) / B).toBeCloseTo(500, 9);
  });

  test("is that of the loss it is solved for", () => {
    const { value: L } = value({ ...from, solve: "L", at: { B: 1e6 } });
    expect(value({ ...from, at: { L: L.estimate } }).value.estimate / 1e6).toBeCloseTo(1, 12);
  });
});

describe("the loss against steps", () => {
  const c = { Nc: 6.5e13, aN: 0.077, Sc: 2100, aS: 0.76, B0: 2e8, aB: 0.21 };

  test("at an ever larger batch becomes that at an unlimited one", () => {
    const unlimited = value({ law: "kaplan-steps", coefficients: c, at: { N: 1e9, S_min: 1e5 } }).value
      .estimate;
    const gaps = [1e6, 1e9, 1e13].map((B) => {
      const { value: L } = value({ law: "kaplan-steps-batch", coefficients: c, at: { N: 1e9, S: 1e5, B } });
      return L.estimate - unlimited;
    });
    expect(gaps[0]).toBeGreaterThan(0.01);
    expect(gaps[0]).toBeGreaterThan(gaps[1]);
    expect(gaps[2]).toBeGreaterThan(0);
    expect(gaps[2]).toBeLessThan(1e-7);
  });

  test("takes a published set whole, though an unlimited batch needs only four of its numbers", () => {
    const { B0, aB, ...four } = c;
    const at = { N: 1e9, S_min: 1e5 };
    const [whole, part] = [c, four].map((coefficients) => value({ law: "kaplan-steps", coefficients, at }));
    expect(whole).toEqual(part);
    expect([B0, aB]).toEqual([2e8, 0.21]);
  });
});
