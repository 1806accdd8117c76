/** Noise-free data made by a law give its coefficients back, from no start at all. */
import { describe, expect, test } from "vitest";
import { requireLaw } from "../../src/laws/require-law.js";
import { estimatesOf, fitTo, grid, type Inputs, spaced, valuesOf } from "../support/law-fits.js";

const sizesAndData = grid({ N: spaced(5e7, 1.6e10, 7), D: spaced(1e9, 3e11, 7) });

interface Case {
  law: string;
  coefficients: Record<string, number>;
  inputs: Inputs;
}

const cases: Case[] = [
  {
    law: "chinchilla-gamma",
    coefficients: { E: 1.8, A: 500, alpha: 0.35, B: 2000, beta: 0.37, gamma: 0.9 },
    inputs: sizesAndData,
  },
  {
    law: "chinchilla-gamma",
    coefficients: { E: 1.5, A: 50, alpha: 0.25, B: 200, beta: 0.3, gamma: 1.6 },
    inputs: sizesAndData,
  },
  {
    law: "q-family",
    coefficients: { E: 1.8, A: 500, alpha: 0.35, B: 2000, beta: 0.37, q: 0.5 },
    inputs: sizesAndData,
  },
  {
    law: "kaplan-nd",
    coefficients: { Nc: 6.4e13, aN: 0.076, Dc: 1.8e13, aD: 0.103 },
    inputs: sizesAndData,
  },
  {
    law: "kaplan-lc",
    coefficients: { Cc: 3.1e8, aC: 0.05 },
    inputs: { C: spaced(1e17, 1e23, 12) },
  },
  {
    law: "kaplan-steps",
    coefficients: { Nc: 6.5e13, aN: 0.077, Sc: 2100, aS: 0.76 },
    inputs: grid({ N: spaced(1e6, 1e10, 5), S_min: spaced(3e3, 1e6, 7) }),
  },
  {
    law: "kaplan-steps-batch",
    coefficients: { Nc: 6.5e13, aN: 0.077, Sc: 2100, aS: 0.76, B0: 2e8, aB: 0.21 },
    inputs: grid({ N: spaced(1e6, 1e9, 3), S: spaced(3e3, 3e5, 5), B_tokens: spaced(3e4, 1e7, 4) }),
  },
  { law: "bcrit", coefficients: { B0: 2e8, aB: 0.21 }, inputs: { L: spaced(2, 6, 10) } },
  {
    law: "overtrain",
    coefficients: { E: 1.508, a: 141.277, b: 189.5, eta: 0.1212 },
    inputs: grid({ C: spaced(1e17, 1e21, 6), M: [5, 20, 80, 320, 640] }),
  },
  {
    law: "isoflop",
    coefficients: { q0: 60.5, q1: -5.3, q2: 0.12 },
    inputs: { N: spaced(1e9, 2e10, 9) },
  },
  {
    law: "farseer",
    coefficients: {
      a3: -0.35,
      gam: 0.12,
      b3: 3.2,
      a2: 12,
      be: -0.1,
      b2: 6,
      a1: 0.02,
      al: 0.1,
      b1: -1.2,
    },
    inputs: grid({ N: spaced(2e8, 6e9, 10), D: spaced(2e9, 3e11, 10) }),
  },
  {
    law: "bnsl",
    coefficients: { a: 0.413884, b: 2.277272, c0: 0.0550773, c1: 5.662903, d1: 612.5836, f1: 0.059193 },
    inputs: { x: spaced(100, 2000, 25) },
  },
  { law: "m1", coefficients: { beta: 5, c: -0.3 }, inputs: { x: spaced(1e3, 1e7, 15) } },
  { law: "m2", coefficients: { e_inf: 0.1, beta: 5, c: -0.3 }, inputs: { x: spaced(1e3, 1e7, 15) } },
  { law: "m3", coefficients: { beta: 5, c: 0.3, gamma: 1e-6 }, inputs: { x: spaced(1e3, 1e7, 15) } },
  {
    law: "m4",
    coefficients: { e_inf: 0.1, e0: 1, alpha: 0.7, beta: 50, c: -0.5 },
    inputs: { x: spaced(100, 1e7, 25) },
  },
  {
    law: "saturating-power",
    coefficients: { a: 9, b: 5e5, c: -0.14, d: 0.1 },
    inputs: { C: spaced(1e13, 1e22, 25) },
  },
  { law: "exp-data", coefficients: { E: 0.05, A: 0.6, n0: 20_000 }, inputs: { n: spaced(1e3, 2e5, 12) } },
  {
    law: "bahri-mixed",
    coefficients: { Linf: 0.1, A: 40, alpha: 0.33, V: 900 },
    inputs: { D: spaced(1e2, 1e7, 20) },
  },
  {
    law: "sft-rectified",
    coefficients: { B: 525.6, Dl: 151.38, beta: 0.4444, E: 1.0075 },
    inputs: { D: spaced(200, 819_200, 13) },
  },
  {
    law: "u-quadratic",
    coefficients: { q0: -0.5, q1: -0.1, q2: 0.06 },
    inputs: { C: spaced(1e20, 1e24, 12) },
  },
  {
    law: "u-shape",
    coefficients: { y0: -0.45, h1: 0.15, k1: 2, z1: 0.3, h2: 0.4, k2: 3, z2: 2 },
    inputs: { C: spaced(1e19, 1e25, 40) },
  },
];

describe("noise-free data", () => {
  test.each(cases.map((entry) => [entry.law, entry] as const))(
    "of %s give its coefficients back",
    (_, { law: id, coefficients, inputs }) => {
      const law = requireLaw(id);
      const fit = fitTo(law, inputs, valuesOf(law, coefficients, inputs));
      // Values are met to the last bits; a coefficient is as much less sure as the data leave it.
      expect(fit.metrics.worstRelativeError).toBeLessThan(1e-12);
      for (const [name, estimate] of Object.entries(estimatesOf(fit)))
        expect(Math.abs(estimate / coefficients[name] - 1), `${name} ${estimate}`).toBeLessThan(1e-5);
    },
  );
});
