import { describe, expect, test } from "vitest";
import { plan, predict } from "../../src/index.js";
import type { Coefficients } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { fitPoints, gridOf, worstRecovery } from "../support/law-grid.js";
import { generator } from "../support/random.js";

/** Noise-free data: what is left is the rounding of the losses (1e-16) times the condition of the law. */
const RECOVERED = 1e-8;

const value = (law: string, coefficients: Coefficients, at: Record<string, number | null>) =>
  predict({ law, coefficients, at }).predictions[0].value.estimate;
const solved = (law: string, coefficients: Coefficients, solve: string, at: Record<string, number>) =>
  predict({ law, coefficients, at, solve }).predictions[0].value.estimate;

describe("parscale", () => {
  const truth = { E: 0.6912, A: 1.13e7, alpha: 0.189, k: 0.393 };

  test("is recovered from its own losses on the sizes and streams of the paper", () => {
    const points = gridOf({ N: [5.36e8, 7e8, 1.1e9, 1.6e9, 2.8e9, 4.4e9], P: [1, 2, 4, 8] });
    expect(worstRecovery(lawCalled("parscale"), truth, points)).toBeLessThan(RECOVERED);
  });

  test("of one stream is a power law with a floor, A standing inside the power", () => {
    for (const N of [1e8, 1e9, 1e10]) {
      const plain = value("power-floor", { E: truth.E, x0: truth.A, alpha: truth.alpha }, { x: N });
      expect(value("parscale", truth, { N, P: 1 })).toBeCloseTo(plain, 12);
    }
  });

  test("gives a model of the equivalent size the same loss", () => {
    const N = solved("parscale", truth, "N_equivalent", { N: 1e9, P: 8 });
    expect(value("parscale", truth, { N, P: 1 })).toBeCloseTo(value("parscale", truth, { N: 1e9, P: 8 }), 12);
  });

  test("says how many streams a loss and a size take: there and back again", () => {
    for (const P of [1, 2, 5, 16]) {
      const L = value("parscale", truth, { N: 1e9, P });
      expect(solved("parscale", truth, "P", { N: 1e9, L })).toBeCloseTo(P, 8);
      const N_equivalent = solved("parscale", truth, "N_equivalent", { N: 1e9, P });
      expect(solved("parscale", truth, "P_for_size", { N: 1e9, N_equivalent })).toBeCloseTo(P, 10);
    }
  });

  test("has no streams for a loss at the floor, nor for one that a single stream beats", () => {
    expect(() => solved("parscale", truth, "P", { N: 1e9, L: truth.E })).toThrow(/no finite P/);
    expect(() => solved("parscale", truth, "P", { N: 1e9, L: 2 })).toThrow(/no finite P/);
  });
});

describe("precision", () => {
  const law = lawCalled("precision");
  const truth = {
    A: 4299,
    alpha: 0.4965,
    B: 18060,
    beta: 0.589,
    E: 2.7648,
    gw: 2.6745,
    ga: 2.2102,
    gkv: 0.9578,
    CT: 0.0598,
    gD: 0.5068,
    gN: 0.3439,
    gpost: 0.5907,
  };

  test("is recovered from its own losses, full precision among them", { timeout: 300_000 }, () => {
    const { POSITIVE_INFINITY: full } = Number;
    // A factorial of all seven inputs takes thousands of rows; a sixth of it, drawn once, has all the contrasts.
    const random = generator(16);
    const points = gridOf({
      N: [3e7, 1e8, 4e8],
      D: [1.5e9, 6e9, 2.5e10],
      P_w: [3, 5, full],
      P_a: [4, full],
      P_kv: [3, full],
      P_post: [3, 5, full],
    }).filter(() => random() < 1 / 3);
    expect(worstRecovery(law, truth, points)).toBeLessThan(RECOVERED);
  });

  test("without any bits is the law of Hoffmann et al., and missing bits are full precision", () => {
    const { E, A, alpha, B, beta } = truth;
    const plain = value("chinchilla", { E, A, alpha, B, beta }, { N: 1e8, D: 1e10 });
    const missing = { P_w: null, P_a: null, P_kv: null, P_post: null };
    for (const bits of [{}, missing])
      expect(value("precision", truth, { N: 1e8, D: 1e10, ...bits })).toBeCloseTo(plain, 14);
    expect(value("precision", truth, { N: 1e8, D: 1e10, P_w: 64, P_a: 64, P_kv: 64 })).toBeCloseTo(plain, 8);
  });

  test("derivatives at full precision are numbers: a log without bits fits as that law does", () => {
    const { E, A, alpha, B, beta } = truth;
    const { POSITIVE_INFINITY: full } = Number;
    const points = gridOf({ N: [3e7, 1e8, 4e8, 1e9], D: [1.5e9, 6e9, 2.5e10] }).map((at, i) => ({
      ...at,
      P_w: i === 0 ? 4 : full,
      P_a: i === 0 ? 4 : full,
      P_kv: i === 0 ? 4 : full,
      P_post: i === 0 ? 4 : full,
    }));
    const fixed = new Map(
      (["gw", "ga", "gkv", "CT", "gD", "gN", "gpost"] as const).map((name) => [name, truth[name]]),
    );
    const measured = points.map((at) => value("precision", truth, at));
    const { estimates } = fitPoints(law, points, measured, { delta: 1e-3 }, { fixed });
    for (const [name, wanted] of Object.entries({ E, A, alpha, B, beta }))
      expect(Math.abs(estimates[name] / wanted - 1), name).toBeLessThan(RECOVERED);
  });

  test("beyond D_crit more data raise the loss of a quantised model, below it they lower it", () => {
    const at = { N: 1e8, P_post: 4 };
    const D = solved("precision", truth, "D_crit", at);
    const least = value("precision", truth, { ...at, D });
    for (const factor of [0.8, 1.25])
      expect(value("precision", truth, { ...at, D: D * factor })).toBeGreaterThan(least);
    // dL/d ln D vanishes there: a central difference of 1e-4 leaves the third derivative, and rounding over 1e-4.
    const [up, down] = [1.0001, 0.9999].map((f) => value("precision", truth, { ...at, D: D * f }));
    expect(Math.abs(up - down) / 2e-4).toBeLessThan(1e-9);
  });

  test("a model that is not quantised has no D_crit", () => {
    expect(law.answers[0].solve(truth, { N: 1e8, P_post: Number.POSITIVE_INFINITY })).toBeNull();
  });

  test("the best bits are the same for every budget, and no others do better", () => {
    const [, answer] = law.answers;
    const lossAt = (P: number, C: number) => {
      const q = ["gw", "ga", "gkv"].reduce(
        (all, g) => all * (1 - Math.exp(-P / truth[g as "gw" | "ga" | "gkv"])),
        1,
      );
      const { E, A, alpha, B, beta } = truth;
      const coefficients = { E, A: A / q ** alpha, alpha, B, beta };
      // C = (6/16) N D P, against plan's 6 N D.
      return plan({ law: "chinchilla", coefficients, flops: (16 * C) / P }).plans[0].optimum.loss.estimate;
    };
    const bits = [1e18, 1e20, 1e22].map((C) => {
      const found = answer.solve(truth, { C, k: 6 }) as Record<string, number>;
      expect(found.loss).toBeCloseTo(lossAt(found.P, C), 12);
      expect(((6 / 16) * found.N * found.D * found.P) / C).toBeCloseTo(1, 12);
      for (const P of [2, 4, 6, found.P * 0.98, found.P * 1.02, 8, 12, 16])
        expect(lossAt(P, C), `${P} bits`).toBeGreaterThan(found.loss);
      return found.P;
    });
    expect(bits[1]).toBe(bits[0]);
    expect(bits[2]).toBe(bits[0]);
  });
});
