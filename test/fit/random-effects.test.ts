import { expect, test } from "vitest";
import { randomStream } from "../../src/fit/random.js";
import { drawSpreads, type FamilySums, populationMean } from "../../src/fit/random-effects.js";
import { generator, normal } from "../support/random.js";

interface Rows {
  J: number[][];
  z: number[];
}

const sumsOf = ({ J, z }: Rows): FamilySums => {
  const p = J[0].length;
  const JJ = new Float64Array(p * p);
  const Jz = new Float64Array(p);
  J.forEach((row, i) => {
    for (let a = 0; a < p; a++) {
      Jz[a] += row[a] * z[i];
      for (let b = 0; b < p; b++) JJ[a * p + b] += row[a] * row[b];
    }
  });
  return { JJ, Jz, zz: z.reduce((sum, value) => sum + value * value, 0), rows: z.length };
};

/** Families of a line about a common line: level and slope with spreads .3 and .1, noise .2. */
function made(families: number, rows: number, seed: number): Rows[] {
  const random = generator(seed);
  return Array.from({ length: families }, () => {
    const [level, slope] = [1 + 0.3 * normal(random), -0.5 + 0.1 * normal(random)];
    const x = Array.from({ length: rows }, () => 2 * random() - 1);
    return {
      J: x.map((value) => [1, value]),
      z: x.map((value) => level + slope * value + 0.2 * normal(random)),
    };
  });
}

/** ln det and A^-1 b by Gauss and Jordan. */
function solved(matrix: number[][], right: number[][]): { logDet: number; x: number[][] } {
  const n = matrix.length;
  const A = matrix.map((row, i) => [...row, ...right[i]]);
  let logDet = 0;
  for (let k = 0; k < n; k++) {
    const pivot = A[k][k];
    logDet += Math.log(pivot);
    A[k] = A[k].map((value) => value / pivot);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = A[i][k];
      A[i] = A[i].map((value, j) => value - factor * A[k][j]);
    }
  }
  return { logDet, x: A.map((row) => row.slice(n)) };
}

test("the mean and the restricted likelihood are those of the whole covariance of the rows, V = J T J' + sigma^2", () => {
  const families = [...made(3, 6, 1), ...made(1, 1, 2)];
  const tau = Float64Array.of(0.4, 0.15);
  const sigma = 0.25;
  const found = populationMean(families.map(sumsOf), { tau, sigma });
  const P = [
    [1e-4, 0],
    [0, 1e-4],
  ];
  const q = [0, 0];
  let twice = 0;
  for (const { J, z } of families) {
    const V = J.map((row, i) =>
      J.map((other, j) =>
        row.reduce((sum, value, k) => sum + value * other[k] * tau[k] ** 2, i === j ? sigma ** 2 : 0),
      ),
    );
    const { logDet, x } = solved(
      V,
      J.map((row, i) => [...row, z[i]]),
    );
    twice += logDet + z.reduce((sum, value, i) => sum + value * x[i][2], 0);
    J.forEach((row, i) => {
      for (let a = 0; a < 2; a++) {
        q[a] += row[a] * x[i][2];
        for (let b = 0; b < 2; b++) P[a][b] += row[a] * x[i][b];
      }
    });
  }
  const { logDet, x } = solved(P, [
    [q[0], 1, 0],
    [q[1], 0, 1],
  ]);
  const mean = x.map((row) => row[0]);
  expect(found?.mean[0]).toBeCloseTo(mean[0], 10);
  expect(found?.mean[1]).toBeCloseTo(mean[1], 10);
  expect(found?.covariance[1]).toBeCloseTo(x[0][2], 10);
  expect(found?.logLikelihood).toBeCloseTo(-(twice + logDet - q[0] * mean[0] - q[1] * mean[1]) / 2, 8);
});

test("spreads of many families are drawn about what they were made with", () => {
  const sums = made(60, 10, 3).map(sumsOf);
  const start = { tau: Float64Array.of(0.1, 0.1), sigma: 0.1 };
  const drawn = drawSpreads(sums, { start, usual: Float64Array.of(0.1, 0.1), draws: 60 }, randomStream(1, 1));
  const mean = (of: (one: (typeof drawn)[number]) => number) =>
    drawn.reduce((sum, one) => sum + of(one), 0) / drawn.length;
  expect(drawn).toHaveLength(60);
  // Standard errors: .3 / sqrt(2 * 60) = .027, and .2 / sqrt(2 * 480) = .006.
  expect(Math.abs(mean(({ tau }) => tau[0]) - 0.3)).toBeLessThan(0.08);
  expect(Math.abs(mean(({ tau }) => tau[1]) - 0.1)).toBeLessThan(0.06);
  expect(Math.abs(mean(({ sigma }) => sigma) - 0.2)).toBeLessThan(0.02);
});
