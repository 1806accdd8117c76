import { expect, test } from "vitest";
import { expectedError } from "../../src/evidence/expected-error.js";
import { errorsOf } from "../../src/evidence/prediction-errors.js";

const errors = {
  law: "chinchilla",
  scaleUp: [2, 4, 10, 10, 100],
  relativeError: [0.001, -0.002, 0.01, -0.02, 0.04],
  run: [0, 1, 2, 2, 3],
};

test("the error at a distance is that of hidden runs at least so far beyond their cut", () => {
  expect(expectedError(errors, 5)).toMatchObject({
    kind: "observed",
    predictions: 3,
    runs: 2,
    worst: 0.04,
    largestScaleUp: 100,
  });
  expect((expectedError(errors, 5) as { mean: number }).mean).toBeCloseTo(0.07 / 3, 12);
});

test("beyond all that was tried errors of the farther half grow with the decades, and that is said", () => {
  const far = expectedError(errors, 1e4);
  expect(far).toMatchObject({ kind: "extrapolated", predictions: 3, runs: 2 });
  // Four decades instead of one, one, and two.
  expect((far as { mean: number }).mean).toBeCloseTo((0.04 + 0.08 + 0.08) / 3, 12);
});

test("within the runs a backtest says nothing", () => {
  expect(expectedError(errors, 1)).toHaveProperty("reason");
  expect(expectedError({ ...errors, scaleUp: [], relativeError: [], run: [] }, 10)).toHaveProperty("reason");
});

test("a mean error is as sure as its runs and cuts allow, not its predictions", () => {
  const ten = Array.from({ length: 10 }, (_, i) => ({
    run: i,
    cut: 0,
    scaleUp: 2,
    relativeError: i / 100,
    isInside: true,
  }));
  const one = errorsOf(ten);
  expect(one).toMatchObject({ predictions: 10, runs: 10, coverage: 1, worst: 0.09 });
  expect(one.standardError).toBeCloseTo(0.0302765 / Math.sqrt(10), 6);
  // The same runs predicted again from another cut tell nothing new.
  const again = errorsOf([...ten, ...ten.map((row) => ({ ...row, cut: 1 }))]);
  expect(again.standardError).toBeCloseTo(one.standardError as number, 12);
  expect(errorsOf(ten.slice(0, 1)).standardError).toBeNull();
  expect(errorsOf([{ ...ten[0], relativeError: Number.NaN, isInside: null }])).toMatchObject({
    mean: null,
    coverage: null,
  });
});
