import { describe, expect, test } from "vitest";
import { differencesOf, isCloser, scoreOf } from "../../src/evidence/difference.js";
import type { Judgement } from "../../src/evidence/judge-law.js";
import { lawCalled } from "../support/core.js";

const judged = (leftOut: number[], hidden: number[] | null = null, without: number[] = []): Judgement => ({
  law: lawCalled("chinchilla"),
  parameters: 5,
  coefficients: {},
  below: null,
  isRough: false,
  leftOut: Float64Array.from(leftOut),
  hidden: hidden === null ? null : Float64Array.from(hidden),
  hiddenWithout: hidden === null ? null : Float64Array.from(without),
  aicc: null,
  bic: null,
});

describe("the difference of two laws", () => {
  test("is the logarithm of the ratio of their mean errors", () => {
    const { leftOut, hidden } = differencesOf(
      judged([0.02, 0.04], [0.09, 0.03], [0.06, 0.06]),
      judged([0.01, 0.02], [0.03, 0.01], [0.02, 0.02]),
      null,
    );
    // To 1e-3: a hundred-thousandth is added to every error, below which it is rounding.
    expect(leftOut.d).toBeCloseTo(Math.log(2), 3);
    expect(hidden?.d).toBeCloseTo(Math.log(3), 3);
  });

  test("does not scatter where one law errs twice as much as the other on every row", () => {
    const { leftOut } = differencesOf(judged([0.02, 0.04, 0.06]), judged([0.01, 0.02, 0.03]), null);
    expect(leftOut.standardError).toBeLessThan(1e-3);
  });

  test("has the standard error of a mean of paired differences", () => {
    const a = [0.011, 0.03, 0.016, 0.023];
    const b = [0.02, 0.01, 0.03, 0.02];
    const paired = a.map((x, i) => x / 0.02 - b[i] / 0.02);
    const mean = paired.reduce((sum, x) => sum + x, 0) / 4;
    const variance = paired.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 3;
    const { leftOut } = differencesOf(judged(a), judged(b), null);
    expect(leftOut.standardError).toBeCloseTo(Math.sqrt(variance / 4), 3);
  });

  test("scatters more where rows of one run go together", () => {
    const a = judged([0.01, 0.01, 0.03, 0.03, 0.01, 0.01, 0.03, 0.03]);
    const b = judged([0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]);
    const runs = Int32Array.of(0, 0, 1, 1, 2, 2, 3, 3);
    const alone = differencesOf(a, b, null).leftOut.standardError;
    // Four runs of two equal rows are four observations: sqrt(2) as much, and 3 degrees of freedom instead of 7.
    expect(differencesOf(a, b, runs).leftOut.standardError / alone).toBeCloseTo(
      Math.sqrt((2 * (4 / 3)) / (8 / 7)),
      6,
    );
  });

  test("holds how much a prediction of the largest scales depends on the rows below: the jackknife over folds", () => {
    const without = [0.01, 0.02, 0.04];
    const logs = without.map((x) => Math.log(x / 0.02));
    const mean = logs.reduce((sum, x) => sum + x, 0) / 3;
    const variance = (2 / 3) * logs.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const { hidden } = differencesOf(
      judged([0.01, 0.01], [0.02, 0.02], without),
      judged([0.01, 0.01], [0.02, 0.02], [0.02, 0.02, 0.02]),
      null,
    );
    expect(hidden?.standardError).toBeCloseTo(Math.sqrt(variance), 2);
  });
});

describe("a law is closer", () => {
  const of = (d: number, standardError: number) => ({ d, standardError });
  test("by more than a standard error on rows of one kind, unless it is further off so on the others", () => {
    expect(isCloser({ leftOut: of(-0.3, 0.1), hidden: of(0.2, 0.5) })).toBe(true);
    expect(isCloser({ leftOut: of(-0.3, 0.1), hidden: of(0.2, 0.1) })).toBe(false);
    expect(isCloser({ leftOut: of(-0.3, 0.4), hidden: of(-0.2, 0.1) })).toBe(true);
    expect(isCloser({ leftOut: of(-0.3, 0.4), hidden: null })).toBe(false);
  });

  test("not by less than a hundredth, however sure", () => {
    expect(isCloser({ leftOut: of(-0.009, 0), hidden: null })).toBe(false);
  });
});

test("laws are ordered by the geometric mean of both errors", () => {
  expect(scoreOf(judged([0.04], [0.01], []))).toBeCloseTo(Math.log(0.02), 2);
  expect(scoreOf(judged([0.04]))).toBeCloseTo(Math.log(0.04), 2);
});
