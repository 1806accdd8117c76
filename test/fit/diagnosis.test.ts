/** Rows that cannot, or can hardly, answer: each is named for what it is. */
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.js";
import * as scalefit from "../../src/index.js";
import { fitRows } from "../support/core.js";
import type { Columns } from "../support/csv.js";
import { generator } from "../support/random.js";
import { BESIROGLU, lossOf, randomLog } from "../support/sweeps.js";

const log = randomLog(BESIROGLU, { rows: 30, noise: 0.003, outliers: 0 }, generator(4));
const first = (n: number): Columns => ({
  N: log.N.slice(0, n),
  D: log.D.slice(0, n),
  loss: log.loss.slice(0, n),
});
const withLoss = (loss: (N: number, D: number, i: number) => number): Columns => ({
  ...log,
  loss: log.N.map((N, i) => loss(N, log.D[i], i)),
});

const fitted = (data: Columns, options: Partial<scalefit.FitOptions> = {}) =>
  scalefit.fit({ law: "chinchilla", data: { ...data }, bootstrap: 50, ...options });
const codes = (saved: scalefit.SavedFit) => saved.fits[0].diagnosis.map((found) => found.code);

function refusal(act: () => unknown): scalefit.ScalefitError {
  try {
    act();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("rows that are refused", () => {
  test("fewer rows than parameters: both numbers are named", () => {
    const error = refusal(() => fitted(first(4)));
    expect(error.code).toBe("too-few-rows");
    expect(error.message).toContain("4 usable rows");
    expect(error.message).toContain("5 parameters");
    expect(refusal(() => fitted(first(0))).message).toContain("0 usable rows");
  });

  test("a loss that is the same everywhere", () => {
    const error = refusal(() => fitted(withLoss(() => 2.5)));
    expect(error.code).toBe("constant-measure");
    expect(error.message).toContain("2.5 in all 30 rows");
  });

  test("an input that never varies: it is named, and so is the law that can be fitted", () => {
    const error = refusal(() => fitted({ ...log, D: log.D.map(() => 2e10) }));
    expect(error.code).toBe("no-variation");
    expect(error.message).toMatch(/^D is the same in every row/);
    expect(error.hint).toContain("power-floor");
    // 5 % from end to end carries no exponent either; 20 % does, badly.
    const spread = (share: number) => ({ ...log, D: log.D.map((_, i) => 2e10 * (1 + (share * i) / 29)) });
    expect(refusal(() => fitted(spread(0.05))).code).toBe("no-variation");
    expect(() => fitted(spread(0.2))).not.toThrow();
  });
});

describe("rows that are fitted with a warning", () => {
  test("as many rows as parameters: no interval anywhere, and why", () => {
    const saved = fitted(first(5));
    expect(codes(saved)).toContain("no-degrees-of-freedom");
    expect(saved.fits[0].status).toBe("degenerate");
    for (const parameter of Object.values(saved.fits[0].parameters)) {
      expect(parameter).toMatchObject({ low: null, high: null, standardError: null });
      expect(parameter.reason).toMatch(/rows/);
    }
    const { optimum } = scalefit.plan({ fit: saved, flops: 1e21 }).plans[0];
    expect(optimum.N.low).toBeNull();
    expect(optimum.N.reason).toBe("no more rows than parameters");
    const [{ value, newRun }] = scalefit.predict({ fit: saved, at: { N: 1e9, D: 2e10 } }).predictions;
    expect([value.low, newRun.low, newRun.high]).toEqual([null, null, null]);
  });

  test("fewer than 15 rows, and not 15", () => {
    expect(codes(fitted(first(14)))).toContain("few-rows");
    expect(codes(fitted(first(15)))).not.toContain("few-rows");
  });

  test("N and D in one proportion: no split, but predictions along the line", () => {
    const line = withLoss((N, _, i) => lossOf(BESIROGLU, N, 20 * N) * (1 + 0.003 * Math.sin(i)));
    const saved = fitted({ ...line, D: line.N.map((N) => 20 * N) });
    expect(codes(saved)).toContain("collinear");
    expect(saved.fits[0].status).toBe("degenerate");
    expect(refusal(() => scalefit.plan({ fit: saved, flops: 1e21 })).code).toBe("not-identified");
    const [{ value }] = scalefit.predict({ fit: saved, at: { N: 1e9, D: 2e10 } }).predictions;
    // Noise of 0.3 % a row, thirty rows.
    expect(value.estimate / lossOf(BESIROGLU, 1e9, 2e10)).toBeCloseTo(1, 2);
  });

  test("a loss without a floor: E is 0, is said to be at its bound, and so is the plan", () => {
    // Falling by the log of N: any floor would be below 0.
    const saved = fitted(
      withLoss((N, D, i) => (10 - 0.35 * Math.log(N) + 2000 / D ** 0.4) * (1 + 0.003 * Math.sin(i))),
    );
    expect(saved.fits[0].parameters.E.estimate).toBe(0);
    expect(saved.fits[0].status).toBe("at-bound");
    expect(codes(saved)).toContain("floor-at-zero");
    expect(scalefit.plan({ fit: saved, flops: 1e21 }).warnings.map((warning) => warning.code)).toContain(
      "floor-at-zero",
    );
  });

  test("a loss that rises with D: the term has no effect, and no budget is split", () => {
    const saved = fitted(
      withLoss((N, D, i) => 2 + 400 / N ** 0.34 + 0.05 * Math.log(D) + 0.003 * Math.sin(i)),
    );
    expect(saved.fits[0].parameters.B.estimate).toBe(0);
    const found = saved.fits[0].diagnosis.find(({ code }) => code === "no-effect");
    expect(found?.message).toContain("does not fall with D");
    expect(saved.fits[0].status).toBe("at-bound");
    expect(refusal(() => scalefit.plan({ fit: saved, flops: 1e21 })).code).toBe("no-optimum");
  });

  test("outliers: named by run, file, line and distance, the farthest first", () => {
    const spoiled = log.loss.map((loss, i) => (i === 7 ? 1.2 * loss : i === 12 ? 0.9 * loss : loss));
    const { diagnosis } = fitRows({ ...log, loss: spoiled }, { bootstrap: 0 });
    const found = diagnosis.find(({ code }) => code === "outliers");
    expect(found?.rows?.map(({ label, file, line }) => [label, file, line])).toEqual([
      ["run-7", "log.csv", 9],
      ["run-12", "log.csv", 14],
    ]);
    // Thirty rows of 0.3 % noise leave the curve within 1 % of the truth.
    expect(found?.rows?.[0].relativeError).toBeCloseTo(0.2, 1);
    expect(found?.rows?.[1].relativeError).toBeCloseTo(-0.1, 1);
    expect(found?.message).toContain("run-7 (line 9)");
  });

  test("no outliers where there are none, and no misfit", () => {
    expect(codes(fitted(log))).toEqual([]);
    expect(fitted(log).fits[0].status).toBe("converged");
  });

  test("rows that follow no curve at all: a misfit", () => {
    const random = generator(6);
    expect(codes(fitted(withLoss(() => 2 + 2 * random())))).toContain("misfit");
  });
});

describe("the adaptive delta", () => {
  test("is 1.345 times the robust spread of the residuals of a first fit at 1e-3", () => {
    const [auto] = fitted(log).fits;
    const [at1e3] = fitted(log, { delta: 1e-3 }).fits;
    // By hand: 1.4826 times the (30 + 5)/2-th smallest, so the 18th.
    const sizes = at1e3.residuals.map(Math.abs).sort((a, b) => a - b);
    expect((auto.objective.delta ?? 0) / (1.345 * 1.4826 * sizes[17])).toBeCloseTo(1, 12);
    expect(auto.objective.deltaRule).toContain("1.345");
    expect(at1e3.objective).toMatchObject({ delta: 1e-3, deltaRule: "given" });
  });

  test("does not fall below 1e-6, where rows have no noise", () => {
    const [exact] = fitted(withLoss((N, D) => lossOf(BESIROGLU, N, D))).fits;
    expect(exact.objective.delta).toBe(1e-6);
  });

  test("does not fall below a millionth of the median where losses are compared as they are", () => {
    const exact = withLoss((N, D) => lossOf(BESIROGLU, N, D));
    const sorted = [...exact.loss].sort((a, b) => a - b);
    const [found] = fitted(exact, { objective: "huber" }).fits;
    expect((found.objective.delta ?? 0) / (1e-6 * ((sorted[14] + sorted[15]) / 2))).toBeCloseTo(1, 9);
  });

  test("is absent from squares", () => {
    expect(fitted(log, { objective: "squares-log" }).fits[0].objective).toMatchObject({
      delta: null,
      deltaRule: null,
    });
  });
});
