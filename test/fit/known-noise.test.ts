/** Rows whose noise is known: `noise` of the library. */
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import type { Columns } from "../support/csv.js";
import { generator, normal } from "../support/random.js";
import { BESIROGLU, lossOf, randomLog } from "../support/sweeps.js";

const log = randomLog(BESIROGLU, { rows: 40, noise: 0.005, outliers: 0.1 }, generator(77));

const fitted = (options: Partial<scalefit.FitInput>, data: Columns = log) =>
  scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap: 0, ...options }).fits[0];

/** Huber's rho as it is defined (arXiv 2203.15556, section 3.3). */
const rho = (r: number, delta: number) =>
  Math.abs(r) <= delta ? (r * r) / 2 : delta * (Math.abs(r) - delta / 2);

/** Runs of 2 % and of 0.2 % noise in turn. */
function unequal(seed: number): { data: Columns; noise: number[] } {
  const random = generator(seed);
  const data = randomLog(BESIROGLU, { rows: 40, noise: 0, outliers: 0 }, random);
  const relative = data.N.map((_, i) => (i % 2 === 0 ? 0.02 : 0.002));
  const loss = data.N.map((N, i) => lossOf(BESIROGLU, N, data.D[i]) * Math.exp(relative[i] * normal(random)));
  return { data: { ...data, loss }, noise: loss.map((y, i) => relative[i] * y) };
}

describe("noise that is the same for all rows", () => {
  test.each(["huber-log", "huber", "squares-log", "absolute-log"] as const)(
    "changes the unit of the objective %s, and no estimate",
    (objective) => {
      const plain = fitted({ objective });
      // Half of the residuals' size: dyadic, so that the unit itself rounds nothing.
      const s = 2 ** -9;
      const known = fitted({ objective, noise: objective.endsWith("-log") ? `${100 * s}%` : s });
      for (const [name, { estimate, standardError }] of Object.entries(known.parameters)) {
        // The steps are the same but for rounding; a gradient of rounding leaves 1e-6 at a kink.
        expect(estimate / plain.parameters[name].estimate, name).toBeCloseTo(1, 5);
        expect((standardError ?? 0) / (plain.parameters[name].standardError ?? 1), name).toBeCloseTo(1, 4);
      }
      if (plain.objective.delta !== null)
        expect((known.objective.delta ?? 0) / (plain.objective.delta / s)).toBeCloseTo(1, 5);
      const power = objective === "absolute-log" ? 1 : 2;
      expect((known.objective.value * s ** power) / plain.objective.value).toBeCloseTo(1, 6);
      expect(known.objective.noise?.median).toBeCloseTo(s, 12);
    },
  );

  test("in the unit of the loss is relative to it on logs: s / y", () => {
    const relative = fitted({ noise: "0.5%" });
    const absolute = fitted({ noise: log.loss.map((y) => 0.005 * y) });
    for (const [name, { estimate }] of Object.entries(absolute.parameters))
      expect(estimate / relative.parameters[name].estimate, name).toBeCloseTo(1, 6);
  });
});

describe("noise of each row", () => {
  const { data, noise } = unequal(5);
  const delta = 1.5;
  const fit = fitted({ noise, delta }, data);

  test("is inside of rho: the objective is the sum of rho(r / s)", () => {
    const { E, A, alpha, B, beta } = Object.fromEntries(
      Object.entries(fit.parameters).map(([name, { estimate }]) => [name, estimate]),
    );
    const sum = data.N.reduce((total, N, i) => {
      const r = Math.log(data.loss[i] / lossOf({ E, A, alpha, B, beta }, N, data.D[i]));
      return total + rho((r * data.loss[i]) / noise[i], delta);
    }, 0);
    expect(fit.objective.value / sum).toBeCloseTo(1, 9);
  });

  test("makes the answer better by far than not to know it", () => {
    const errorOf = (options: Partial<scalefit.FitInput>, k: number) => {
      const made = unequal(k);
      const use = options.noise === undefined ? {} : { noise: made.noise };
      return (fitted(use, made.data).parameters.alpha.estimate - BESIROGLU.alpha) ** 2;
    };
    const squares = (options: Partial<scalefit.FitInput>) =>
      Array.from({ length: 12 }, (_, k) => errorOf(options, 100 + k)).reduce((sum, e) => sum + e, 0);
    // Even the robust fit without it mixes both kinds; the ratio of 12 squared errors has a spread of a half.
    expect(squares({ noise: [] }) / squares({})).toBeLessThan(0.6);
  });

  test("is no reason to call its noisy rows outliers", () => {
    const codes = (use: Partial<scalefit.FitInput>) => fitted(use, data).diagnosis.map(({ code }) => code);
    expect(codes({})).toContain("outliers");
    expect(codes({ noise })).not.toContain("outliers");
  });

  test("given too small, or too large, is said", () => {
    const found = (factor: number) =>
      fitted({ noise: noise.map((s) => factor * s) }, data).diagnosis.find(({ code }) => code === "noise");
    expect(found(1)).toBeUndefined();
    expect(found(1 / 3)?.message).toMatch(/times the noise that was given: it is larger/);
    expect(found(1 / 3)?.numbers?.scatter).toBeGreaterThan(2);
    expect(found(3)?.message).toMatch(/too large/);
  });

  test("is drawn about the curve in each row's own size", () => {
    const alone = fitted({ noise, bootstrap: 200, resample: "parametric" }, data);
    const cases = fitted({ noise, bootstrap: 200 }, data);
    const ratio = (alone.parameters.alpha.standardError ?? 0) / (cases.parameters.alpha.standardError ?? 1);
    // Two honest ways to the same error; 200 draws are right to 5 %, resampled cases to some 15 %.
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });

  test("goes into AICc with its logs, so that its unit does not matter", () => {
    const aicc = (unit: number) =>
      fitted({ noise: noise.map((s) => unit * s), objective: "squares-log" }, data).metrics.aicc ?? 0;
    expect(aicc(3)).toBeCloseTo(aicc(1), 6);
    expect(aicc(1)).toBeLessThan((fitted({ objective: "squares-log" }, data).metrics.aicc ?? 0) - 10);
  });
});

describe("a row", () => {
  test("without noise above 0 is left out and counted", () => {
    const noise = log.loss.map((_, i) => (i === 3 ? 0 : i === 9 ? Number.NaN : 0.01));
    expect(fitted({ noise }).data).toMatchObject({ rows: 40, used: 38 });
  });
});

describe("noise that is none", () => {
  test.each([
    ["a text", "loud", /cannot use "loud"/],
    ["nothing", 0, /cannot use "0"/],
    ["too few values", [0.1, 0.2], /noise has 2 values and data\.loss 40/],
  ])("is refused: %s", (_, noise, message) => {
    expect(() => fitted({ noise })).toThrow(message);
  });
});
