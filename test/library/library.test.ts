/** The library's face: what the README promises to someone who imports it. */
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import { generator } from "../support/random.js";
import { BESIROGLU, bestSize, lossOf, randomLog } from "../support/sweeps.js";
import { expectPlain } from "../support/walk.js";

const { DataError, UsageError, fit, laws, plan, predict, version } = { ...scalefit };
const fitTo = fit;

const log = randomLog(BESIROGLU, { rows: 24, noise: 0.004, outliers: 0 }, generator(24));

function thrown(act: () => unknown): scalefit.ScalefitError {
  try {
    act();
  } catch (error) {
    if (error instanceof scalefit.ScalefitError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("fit", () => {
  test("takes plain arrays and gives a document with estimates, intervals and draws", () => {
    const saved = fitTo({ law: "chinchilla", data: { ...log }, bootstrap: 50 });
    expect(saved.schema).toBe("scalefit/fit@1");
    const [found] = saved.fits;
    expect(Object.keys(found.parameters).sort()).toEqual(["A", "B", "E", "alpha", "beta"]);
    expect(found.draws.parameters).toEqual(Object.keys(found.parameters));
    expect(found.draws.values).toHaveLength(50);
    expect(found.data).toMatchObject({ rows: 24, used: 24, dropped: [] });
    expect(found.data.range.N).toEqual([Math.min(...log.N), Math.max(...log.N)]);
    expect(found.objective.name).toBe("huber-log");
    expect(saved.made).toMatchObject({ seed: 1, version });
    expectPlain(saved);
  });

  test("takes typed arrays as well, and leaves what it is given as it was", () => {
    const data = {
      N: Float64Array.from(log.N),
      D: Float64Array.from(log.D),
      loss: Float64Array.from(log.loss),
    };
    const typed = fitTo({ law: "chinchilla", data, bootstrap: 20 });
    expect(typed.fits[0].parameters).toEqual(fitTo({ data: { ...log }, bootstrap: 20 }).fits[0].parameters);
    expect(Array.from(data.N)).toEqual(log.N);
    expect(Array.from(data.loss)).toEqual(log.loss);
  });

  test("makes 1,000 draws unless told otherwise", () => {
    expect(fitTo({ data: { ...log } }).fits[0].draws.values).toHaveLength(1000);
  });

  test("chooses among all laws of the columns, or among those that are named, and says how", () => {
    const named = fitTo({ law: "power,chinchilla", data: { ...log }, bootstrap: 0 });
    expect(named.fits[0]).toMatchObject({
      law: "chinchilla",
      choice: { asked: "power,chinchilla", rows: 24 },
    });
    expect(named.made.options.law).toBe("power,chinchilla");
    expect(plan({ fit: named, flops: 1e21 }).plans[0].choice?.runnerUp?.law).toBe("power");
    const all = fitTo({ law: "auto", data: { ...log }, bootstrap: 0 }).fits[0].choice;
    expect(all?.ranking.length).toBeGreaterThan(named.fits[0].choice?.ranking.length ?? 0);
    expectPlain(named);
  });

  test("weighs rows by their known noise in a choice too", () => {
    // Rows of a tenth of the noise decide: all others are spoilt.
    const good = log.loss.map((_, i) => i % 3 > 0);
    const loss = log.loss.map((value, i) => (good[i] ? value : value * (1 + 0.2 * Math.sin(i))));
    const noise = loss.map((value, i) => value * (good[i] ? 0.004 : 0.2));
    const { ranking } = fitTo({ law: "power,chinchilla", data: { ...log, loss }, noise, bootstrap: 0 })
      .fits[0].choice as scalefit.LawChoice;
    expect(ranking[0].law).toBe("chinchilla");
    // Of each row its error counts by the precision; without it a third of the rows would err by a tenth.
    expect(ranking[0].leaveOutError).toBeLessThan(0.02);
  });

  test("predicts with the member of a family that was fitted", () => {
    const x = Array.from({ length: 30 }, (_, i) => 10 ** (2 + i / 6));
    const data = { x, loss: x.map((value) => 0.5 + 8 * value ** -0.3) };
    const saved = fitTo({ law: "bnsl:0", data, bootstrap: 0 });
    expect(saved.fits[0]).toMatchObject({ law: "bnsl", size: 0 });
    const { value } = predict({ fit: saved, at: { x: 1e5 } }).predictions[0];
    expect(value.estimate).toBeCloseTo(0.5 + 8 * 1e5 ** -0.3, 8);
  });

  test("chooses the law by the columns", () => {
    const { N, D, loss } = log;
    const C = N.map((n, i) => 6 * n * D[i]);
    const chosen = (data: scalefit.FitInput["data"]) => {
      const [{ law, inputs }] = fitTo({ data, bootstrap: 0 }).fits;
      return [law, ...inputs.map(({ name, quantity }) => `${name}:${quantity}`)];
    };
    expect(chosen({ N, D, loss })).toEqual(["chinchilla", "N:N", "D:D"]);
    expect(chosen({ N, C, loss })).toEqual(["chinchilla", "N:N", "D:D"]);
    expect(chosen({ C, loss })).toEqual(["power-floor", "x:C"]);
    expect(chosen({ x: N, loss })).toEqual(["power-floor", "x:x"]);
  });

  test("takes D from C = 6 N D where it is not given", () => {
    const { N, D, loss } = log;
    const C = N.map((n, i) => 6 * n * D[i]);
    const [fromC] = fitTo({ data: { N, C, loss }, bootstrap: 0 }).fits;
    const [given] = fitTo({ data: { N, D, loss }, bootstrap: 0 }).fits;
    // The division rounds the tokens' last bit.
    for (const [name, { estimate }] of Object.entries(given.parameters))
      expect(fromC.parameters[name].estimate / estimate).toBeCloseTo(1, 9);
  });

  test("leaves out rows without a usable number, and counts them", () => {
    const spoilt = {
      N: [...log.N, 1e9, Number.NaN, 1e9, -1e9],
      D: [...log.D, 2e10, 2e10, 0, 2e10],
      loss: [...log.loss, Number.NaN, 2.5, 2.5, 2.5],
    };
    const [found] = fitTo({ data: spoilt, bootstrap: 0 }).fits;
    expect(found.data).toMatchObject({ rows: 28, used: 24 });
    expect(found.data.dropped.map(({ code, count }) => [code, count])).toEqual([["not-positive", 4]]);
    const [clean] = fitTo({ data: { ...log }, bootstrap: 0 }).fits;
    expect(found.parameters).toEqual(clean.parameters);
  });

  test("fits the laws of one variable", () => {
    const x = Array.from({ length: 12 }, (_, i) => 10 ** (5 + i / 3));
    const at = (E: number) => x.map((value) => E + 8.5 / value ** 0.31);
    const [floored] = fitTo({ law: "power-floor", data: { x, loss: at(0.12) }, bootstrap: 0 }).fits;
    expect(floored.parameters.E.estimate).toBeCloseTo(0.12, 9);
    expect(floored.parameters.A.estimate).toBeCloseTo(8.5, 7);
    expect(floored.parameters.alpha.estimate).toBeCloseTo(0.31, 9);
    const [pure] = fitTo({ law: "power", data: { x, loss: at(0) }, bootstrap: 0 }).fits;
    expect(pure.parameters.A.estimate).toBeCloseTo(8.5, 9);
    expect(pure.parameters.alpha.estimate).toBeCloseTo(0.31, 11);
  });

  test("passes warnings of the fit on", () => {
    const few = { N: log.N.slice(0, 8), D: log.D.slice(0, 8), loss: log.loss.slice(0, 8) };
    expect(fitTo({ data: few, bootstrap: 0 }).warnings.map(({ code }) => code)).toContain("few-rows");
  });

  test.each([
    [
      "columns of unequal length",
      { data: { N: [1, 2], D: [1, 2, 3], loss: [1, 2, 3] } },
      /data\.N has 2 values/,
    ],
    ["an unknown law", { law: "chinchila", data: { ...log } }, /no law called "chinchila"/],
    [
      "a law with the name of a method",
      { law: "constructor", data: { ...log } },
      /no law called "constructor"/,
    ],
    ["no loss", { data: { N: log.N, D: log.D } }, /column called loss/],
  ])("refuses %s", (_, input, message) => {
    const error = thrown(() => fitTo(input as scalefit.FitInput));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });

  test.each([
    ["missing inputs of a law", { law: "chinchilla", data: { N: log.N, loss: log.loss } }, /data has N/],
    ["no inputs at all", { data: { loss: log.loss } }, /not enough for any law/],
    ["no rows", { data: { N: [], D: [], loss: [] } }, /0 usable rows/],
    ["rows none of which is usable", { data: { N: [0, 0], D: [1, 1], loss: [1, 1] } }, /0 usable rows/],
  ])("refuses %s", (_, input, message) => {
    const error = thrown(() => fitTo(input as scalefit.FitInput));
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  });
});

describe("plan", () => {
  const saved = fitTo({ data: { ...log }, bootstrap: 100 });

  test("splits a budget from a fit, a preset and coefficients alike", () => {
    const coefficients = { E: 1.8172, A: 482.01, B: 2085.43, alpha: 0.3478, beta: 0.3658 };
    const sources = [{ fit: saved }, { preset: "besiroglu" }, { law: "chinchilla", coefficients }];
    const [fromFit, fromPreset, given] = sources.map(
      (source) => plan({ ...source, flops: 1e22 }).plans[0].optimum,
    );
    expect(fromPreset.N.estimate / bestSize(BESIROGLU, 1e22)).toBeCloseTo(1, 12);
    expect(given.N.estimate).toBe(fromPreset.N.estimate);
    // 24 runs with 0.4 % noise, far out.
    expect(Math.abs(Math.log(fromFit.N.estimate / fromPreset.N.estimate))).toBeLessThan(1);
    expect(fromFit.N.low).toBeGreaterThan(0);
  });

  test("takes coefficients as they are published, by logarithm", () => {
    const published = { lnE: 0.5267228, lnA: 6.0073404, lnB: 6.0179186, alpha: 0.33917084, beta: 0.2849083 };
    const fromLogs = plan({ law: "chinchilla", coefficients: published, flops: 1e22 }).plans[0].optimum;
    const preset = plan({ preset: "hoffmann-tex", flops: 1e22 }).plans[0].optimum;
    expect(fromLogs.N.estimate).toBe(preset.N.estimate);
    expect(fromLogs.N.estimate / 6342825611.324086).toBeCloseTo(1, 9);
  });

  test("takes the value without effect for a floor that is left out", () => {
    const coefficients = { A: 482, B: 2085, alpha: 0.35, beta: 0.37 };
    const without = plan({ law: "chinchilla", coefficients, flops: 1e22 }).plans[0].optimum;
    const zero = plan({ law: "chinchilla", coefficients: { ...coefficients, E: 0 }, flops: 1e22 }).plans[0]
      .optimum;
    expect(without).toEqual(zero);
  });

  test.each([
    ["nothing to plan from", { flops: 1e22 }, /give fit, a known preset, or law with coefficients/],
    ["an unknown preset", { preset: "besiroglou", flops: 1e22 }, /known preset/],
    [
      "a missing coefficient",
      { law: "chinchilla", coefficients: { A: 1, alpha: 1 }, flops: 1e22 },
      /also needs B, beta/,
    ],
    [
      "an unknown coefficient",
      { law: "chinchilla", coefficients: { A: 1, alpha: 1, B: 1, beta: 1, gamma: 2 }, flops: 1e22 },
      /no coefficient called "gamma"/,
    ],
    [
      "a coefficient twice",
      { law: "chinchilla", coefficients: { A: 1, lnA: 0, alpha: 1, B: 1, beta: 1 }, flops: 1e22 },
      /both A and lnA/,
    ],
    [
      "a negative exponent",
      { law: "chinchilla", coefficients: { A: 1, alpha: -0.3, B: 1, beta: 1 }, flops: 1e22 },
      /alpha cannot be -0.3/,
    ],
    [
      "a coefficient that is no number",
      { law: "chinchilla", coefficients: { A: Number.NaN, alpha: 0.3, B: 1, beta: 1 }, flops: 1e22 },
      /A cannot be/,
    ],
  ])("refuses %s", (_, question, message) => {
    const error = thrown(() => plan(question));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });

  test.each([[-1e22], [0], [Number.NaN], [Number.POSITIVE_INFINITY]])("refuses a budget of %s", (flops) => {
    expect(() => plan({ preset: "besiroglu", flops })).toThrow(scalefit.ScalefitError);
  });
});

describe("predict", () => {
  test("gives a law's value from a preset, coefficients and aliases", () => {
    const value = (source: Parameters<typeof predict>[0]) => predict(source).predictions[0].value.estimate;
    expect(value({ preset: "besiroglu", at: { N: 7e10, D: 1.4e12 } })).toBeCloseTo(1.973881863158564, 12);
    // x0 of arXiv 2001.08361: (x0/x)^alpha.
    const kaplan = { x0: 8.8e13, alpha: 0.076 };
    const expected = (8.8e13 / 1.5e9) ** 0.076;
    expect(value({ law: "power-floor", coefficients: kaplan, at: { x: 1.5e9 } })).toBeCloseTo(expected, 12);
    expect(value({ preset: "kaplan-LN", at: { x: 1.5e9 } })).toBeCloseTo(expected, 12);
    const logs = { lnA: Math.log(11.9), alpha: 0.066 };
    expect(value({ law: "power", coefficients: logs, at: { x: 1e8 } })).toBeCloseTo(11.9 / 1e8 ** 0.066, 12);
  });

  test("from a fit says how sure it is", () => {
    const saved = fitTo({ data: { ...log }, bootstrap: 100 });
    const document = predict({ fit: saved, at: { N: 3e8, D: 6e9 } });
    expect(document).toMatchObject({ schema: "scalefit/predict@1", level: 0.95 });
    const { value, newRun } = document.predictions[0];
    expect(value.estimate / lossOf(BESIROGLU, 3e8, 6e9)).toBeCloseTo(1, 2);
    expect([value.low, value.high, newRun.low, newRun.high].every(Number.isFinite)).toBe(true);
  });

  test.each([
    ["a missing input", { N: 1e9 }, /at\.D/],
    ["an input of 0", { N: 0, D: 1e10 }, /at\.N/],
    ["an input that is no number", { N: 1e9, D: Number.NaN }, /at\.D/],
  ])("refuses %s", (_, at, message) => {
    const error = thrown(() => predict({ preset: "besiroglu", at }));
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });
});

describe("laws", () => {
  test("have ids of their own, presets that are complete and formulas that can be computed", () => {
    expect(new Set(laws.map(({ id }) => id)).size).toBe(laws.length);
    for (const law of laws) {
      for (const preset of law.presets) {
        const shares = law.simplex.length;
        const within = ({ range: [low, high] }: (typeof law.inputs)[number]) =>
          shares > 0
            ? 1 / shares
            : Number.isFinite(high)
              ? (Math.max(low, 0) + high) / 2
              : Math.max(1e9, low);
        const at = Object.fromEntries(law.inputs.map((input) => [input.name, within(input)]));
        const { estimate } = predict({ preset: preset.name, at }).predictions[0].value;
        expect(Number.isFinite(estimate), preset.name).toBe(true);
        expect(preset.source).not.toBe("");
        expect(preset.conventions).not.toBe("");
      }
    }
  });

  test("have presets with names that are theirs alone", () => {
    const names = laws.flatMap(({ presets }) => presets.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("backtest", () => {
  test("predicts larger rows from smaller ones, for each law that is named", () => {
    const document = scalefit.backtest({
      law: "chinchilla,power-floor",
      data: { ...log },
      cuts: 2,
      bootstrap: 20,
    });
    expectPlain(document);
    const [{ cuts, byScaleUp, rows, target }] = document.backtests;
    expect({ rows, cuts: cuts.length, target }).toEqual({ rows: 24, cuts: 2, target: null });
    expect(byScaleUp.flatMap(({ laws }) => laws.map(({ law }) => law))).toContain("power-floor");
    expect(
      thrown(() => scalefit.backtest({ data: { N: [1e6, 2e6], D: [1e8, 1e8], loss: [3, 4] } })),
    ).toBeInstanceOf(DataError);
  });
});

describe("pool", () => {
  /** Runs of a power law with a floor, of a family's own level. */
  const family = (level: number, runs: number) => {
    const x = Array.from({ length: runs }, (_, i) => 10 ** (3 + i / 4));
    return { x, loss: x.map((size, i) => level * (1.5 + 20 / size ** 0.4) * (1 + 0.002 * Math.sin(7 * i))) };
  };
  const input = {
    law: "power-floor",
    families: { a: family(1, 12), b: family(1.2, 12), c: family(0.8, 12), d: family(1.1, 1) },
    bootstrap: 100,
  };

  test("a family of one run takes its curve from three others", () => {
    const document = scalefit.pool({ ...input, target: "d", scales: [1e6] });
    expectPlain(document);
    const [{ group, runs, values, choice }] = document.pool.pooled;
    expect({ group, runs }).toEqual({ group: "d", runs: 1 });
    expect(choice.way).toBe("level");
    const truth = 1.1 * (1.5 + 20 / 1e6 ** 0.4);
    expect(values[0].value.estimate / truth).toBeCloseTo(1, 2);
    expect(values[0].value.low as number).toBeLessThan(truth);
    expect(values[0].value.high as number).toBeGreaterThan(truth);
  });

  test("a backtest of it says by how much the others help", () => {
    const { pool, warnings } = scalefit.poolBacktest({ ...input, runs: [2, 6] });
    expectPlain(pool);
    expect(pool.byRuns.map(({ runs }) => runs)).toEqual([2, 6]);
    const errorOf = (k: number, way: string) => pool.byRuns[k].ways.find((one) => one.way === way);
    expect(errorOf(0, "alone")).toMatchObject({ families: 0, mean: null });
    expect(errorOf(0, "level")?.mean as number).toBeLessThan(0.01);
    expect(errorOf(1, "alone")?.families).toBe(3);
    expect(warnings).toEqual([]);
  });

  test("a target that is no family is refused", () => {
    expect(thrown(() => scalefit.pool({ ...input, target: "e" })).message).toContain('no family "e"');
  });
});
