/** Profile-likelihood intervals against Student's for a straight line, refits with the parameter held, and open ends. */
import { describe, expect, test } from "vitest";
import { type CoreFit, fitLaw } from "../../src/fit/fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "../../src/fit/layout.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import { lawFromFormula } from "../../src/laws/from-formula.js";
import type { Law } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { generator, normal } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, lossOf, randomLog } from "../support/sweeps.js";

function fitted(
  law: Law,
  { loss, ...inputs }: Record<string, number[]>,
  options: Partial<FitOptions>,
  choices: ParameterChoices = NO_CHOICES,
): CoreFit {
  const observations = {
    inputs: new Map(Object.entries(inputs).map(([name, column]) => [name, Float64Array.from(column)])),
    measured: Float64Array.from(loss),
    weight: null,
    run: null,
    label: (i: number) => `row ${i}`,
    source: (i: number) => ({ file: "log.csv", line: i + 2 }),
  };
  return fitLaw(law, observations, { ...DEFAULT_OPTIONS, bootstrap: 0, ...options }, choices);
}

const chinchilla = lawCalled("chinchilla");
const log = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 8, 0.6, 0.005, generator(41));
const holding = (name: string, value: number): ParameterChoices => ({
  ...NO_CHOICES,
  fixed: new Map([[name, value]]),
});

describe("a profile", () => {
  test("of a straight line is Student's interval", () => {
    const random = generator(5);
    const x = Array.from({ length: 12 }, (_, i) => i + 1);
    const data = { x, loss: x.map((v) => 3 - 0.4 * v + 0.3 * normal(random)) };
    const { law } = lawFromFormula("a + b * x", (name) => (name === "x" ? "scale" : null));
    const fit = fitted(law, data, { objective: "squares", interval: "profile" });
    for (const { estimate, low, high, standardError } of Object.values(fit.parameters)) {
      // t(0.975, 10) from a table.
      expect(((high ?? 0) - estimate) / (standardError ?? 1)).toBeCloseTo(2.228139, 4);
      expect((estimate - (low ?? 0)) / (standardError ?? 1)).toBeCloseTo(2.228139, 4);
    }
  });

  test.each(["E", "A", "alpha", "B", "beta"])("ends where holding %s there costs F(1, n - p)", (name) => {
    const options = { objective: "squares-log", interval: "profile" } as const;
    const fit = fitted(chinchilla, { ...log }, options);
    const { low, high } = fit.parameters[name];
    for (const limit of [low, high]) {
      const held = fitted(chinchilla, { ...log }, { objective: "squares-log" }, holding(name, limit ?? 0));
      const rise = (held.objective.value - fit.objective.value) / (fit.objective.value / 19);
      // F(0.95; 1, 19) = 4.3807 from a table.
      expect(rise).toBeCloseTo(4.3807, 2);
    }
  });

  test("of Huber's objective is close to the bootstrap's interval", () => {
    const large = randomLog(BESIROGLU, { rows: 200, noise: 0.005, outliers: 0.03 }, generator(7));
    const profile = fitted(chinchilla, { ...large }, { interval: "profile" }).parameters;
    const draws = fitted(chinchilla, { ...large }, { bootstrap: 400 }).parameters;
    for (const name of ["E", "alpha", "beta"]) {
      const width = ({ low, high }: { low: number | null; high: number | null }) => (high ?? 0) - (low ?? 0);
      // Limits from 400 draws are right to some 7 % of the width.
      expect(width(profile[name]) / width(draws[name]), name).toBeGreaterThan(0.75);
      expect(width(profile[name]) / width(draws[name]), name).toBeLessThan(1.3);
    }
  });

  test("that never rises enough is open: in words, and the other end is kept", () => {
    // Eight small, noisy runs: a floor of 0 fits nearly as well as any.
    const random = generator(12);
    const few = randomLog({ ...BESIROGLU, E: 0.1 }, { rows: 12, noise: 0.05, outliers: 0 }, random);
    const fit = fitted(chinchilla, { ...few }, { interval: "profile" });
    const open = Object.entries(fit.parameters).filter(([, { reason }]) => reason?.includes("open"));
    expect(open.length).toBeGreaterThan(0);
    for (const [, { low, high, reason }] of open) {
      expect(reason).toMatch(/^open (below|above)(, open above)?$/);
      expect(low === null).toBe(reason?.includes("below"));
      expect(high === null).toBe(reason?.includes("above"));
    }
    const found = fit.diagnosis.find(({ code }) => code === "open-interval");
    expect(found?.message).toContain(open[0][0]);
  });

  test("of a floor at its bound is open below only", () => {
    const falling = log.N.map(
      (N, i) => (10 - 0.35 * Math.log(N) + 2000 / log.D[i] ** 0.4) * (1 + 0.003 * Math.sin(i)),
    );
    const fit = fitted(chinchilla, { ...log, loss: falling }, { interval: "profile" });
    expect(fit.parameters.E).toMatchObject({ estimate: 0, low: null, reason: "open below" });
    expect(fit.parameters.E.high).toBeGreaterThan(0);
  });

  test("has no part in parameters that are fixed, and holds the truth of rows without noise", () => {
    const exact = { ...log, loss: log.N.map((N, i) => lossOf(BESIROGLU, N, log.D[i])) };
    const fit = fitted(
      chinchilla,
      exact,
      { objective: "squares-log", interval: "profile" },
      holding("beta", 0.3658),
    );
    expect(fit.parameters.beta).toMatchObject({ low: null, high: null, reason: "fixed" });
    expect(fit.parameters.alpha.estimate).toBeCloseTo(BESIROGLU.alpha, 8);
  });
});
