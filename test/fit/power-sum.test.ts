/** The kernels' exact derivatives against difference quotients, and their coordinates against the law itself. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Kernel } from "../../src/fit/kernel.js";
import {
  chinchillaProblem,
  coordinatesOf,
  faceCoordinatesOf,
  lawCalled,
  predictionsOf,
} from "../support/core.js";
import type { Columns } from "../support/csv.js";
import { seeded } from "../support/random.js";
import { lossOf, type Truth } from "../support/sweeps.js";

const runs: fc.Arbitrary<Columns> = fc
  .array(
    fc.record({
      N: fc.double({ min: 6, max: 12, noNaN: true }),
      D: fc.double({ min: 7, max: 14, noNaN: true }),
    }),
    { minLength: 2, maxLength: 6 },
  )
  .map((points) => ({
    N: points.map((point) => 10 ** point.N),
    D: points.map((point) => 10 ** point.D),
    loss: points.map(() => 1),
  }));

/** A law by its level at the centre of the data and what the floor and the terms have of it, each 2 % at least. */
interface Shares {
  level: number;
  floor: number;
  split: number;
  alpha: number;
  beta: number;
}

const points: fc.Arbitrary<Shares> = fc.record({
  level: fc.double({ min: 0.1, max: 10, noNaN: true }),
  floor: fc.double({ min: 0.02, max: 0.9, noNaN: true }),
  split: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
  alpha: fc.double({ min: 0.02, max: 2, noNaN: true }),
  beta: fc.double({ min: 0.02, max: 2, noNaN: true }),
});

/** The law of these shares over given rows; `hasFloor: false` gives the floor to the terms. */
function truthOf({ N, D }: Columns, { level, floor, split, alpha, beta }: Shares, hasFloor: boolean): Truth {
  const mean = (column: number[]) => column.reduce((sum, x) => sum + Math.log(x), 0) / column.length;
  const E = hasFloor ? level * floor : 0;
  return {
    E,
    A: (level - E) * split * Math.exp(alpha * mean(N)),
    B: (level - E) * (1 - split) * Math.exp(beta * mean(D)),
    alpha,
    beta,
  };
}

interface At {
  truth: Truth;
  kernel: Kernel;
  theta: Float64Array;
}

const kernels: [string, (data: Columns, point: Shares) => At][] = [
  [
    "with its floor",
    (data, point) => {
      const problem = chinchillaProblem(data);
      const truth = truthOf(data, point, true);
      return { truth, kernel: problem.full, theta: coordinatesOf(problem, truth) };
    },
  ],
  [
    "on the face E = 0",
    (data, point) => {
      const problem = chinchillaProblem(data);
      const truth = truthOf(data, point, false);
      return { truth, kernel: problem.face, theta: faceCoordinatesOf(problem, truth) };
    },
  ],
];

function derivativesAt({ kernel, theta }: At) {
  const { rows, size, hasShift, curved } = kernel;
  const jacobian = new Float64Array(rows * size);
  const hessian = new Float64Array(rows * curved.length);
  kernel.derivatives(theta, 0, rows, new Float64Array(rows), jacobian, hessian);
  const d = (i: number, j: number) => jacobian[j * rows + i];
  // The kernel gives the second derivative of q, relative to q; the value is the log of it.
  const dd = (i: number, j: number, k: number) => {
    const [high, low] = [Math.max(j, k), Math.min(j, k)];
    const place = curved.indexOf((high * (high + 1)) / 2 + low);
    const own = place < 0 ? 0 : hessian[place * rows + i];
    return own - (hasShift && low === 0 ? 0 : d(i, j) * d(i, k));
  };
  return { d, dd };
}

interface Quotient {
  value: number;
  /** How far the quotients of two steps are apart: near the edge of the law's domain no quotient is exact. */
  unsure: number;
}

/** Difference quotients of values by row: central at two steps, the error of the second order taken out. */
function differences(at: At, j: number, values: (at: At) => number[]): Quotient[] {
  const h = 1e-4 * Math.max(Math.abs(at.theta[j]), 0.05);
  const moved = (step: number) => ({
    ...at,
    theta: at.theta.map((value, k) => (k === j ? value + step : value)),
  });
  const central = (step: number) => {
    const below = values(moved(-step));
    return values(moved(step)).map((value, i) => (value - below[i]) / (2 * step));
  };
  const wide = central(h);
  return central(h / 2).map((near, i) => ({
    value: (4 * near - wide[i]) / 3,
    unsure: Math.abs(near - wide[i]),
  }));
}

/**
 * Steps of 1e-4 of the coordinate (of 0.05 at least) leave rounding of 1e-16 over 5e-6, fifty times that where a
 * floor of 2 % is all there is of a row: 1e-8 of the row's derivative, or of 1, with an order to spare.
 */
const TOLERANCE = 1e-7;

function expectSame(exact: number, { value, unsure }: Quotient, size: number) {
  expect(Math.abs(exact - value)).toBeLessThan(TOLERANCE * Math.max(1, size) + unsure);
}

describe.each(kernels)("the kernel %s", (_, make) => {
  test("predicts what the law's formula says", () => {
    fc.assert(
      fc.property(runs, points, (data, point) => {
        const { truth, kernel, theta } = make(data, point);
        const predicted = predictionsOf(kernel, theta) ?? [];
        expect(predicted).toHaveLength(data.N.length);
        data.N.forEach((N, i) => {
          // Rounding of a floor of 2 % that is left of the level, and of A, up to 1e24, as the formula takes it.
          expect(Math.abs(predicted[i] - Math.log(lossOf(truth, N, data.D[i])))).toBeLessThan(1e-12);
        });
      }),
      seeded(),
    );
  });

  test("has the gradient of its values", () => {
    fc.assert(
      fc.property(runs, points, (data, point) => {
        const at = make(data, point);
        const { d } = derivativesAt(at);
        const values = (moved: At) => Array.from(predictionsOf(moved.kernel, moved.theta) ?? []);
        for (let j = 0; j < at.kernel.size; j++)
          differences(at, j, values).forEach((quotient, i) => {
            expectSame(d(i, j), quotient, Math.abs(d(i, j)));
          });
      }),
      seeded(),
    );
  });

  test("has the Hessian of its gradient", () => {
    fc.assert(
      fc.property(runs, points, (data, point) => {
        const at = make(data, point);
        const { dd } = derivativesAt(at);
        const { size, rows } = at.kernel;
        for (let j = 0; j < size; j++) {
          for (let k = 0; k < size; k++) {
            const gradient = (moved: At) => {
              const { d } = derivativesAt(moved);
              return Array.from({ length: rows }, (_, i) => d(i, k));
            };
            differences(at, j, gradient).forEach((quotient, i) => {
              expectSame(dd(i, j, k), quotient, Math.max(Math.abs(dd(i, j, j)), Math.abs(dd(i, k, k))));
            });
          }
        }
      }),
      seeded(),
    );
  });

  test("gives back the parameters it was set to, with their exact derivatives", () => {
    fc.assert(
      fc.property(runs, points, (data, point) => {
        const at = make(data, point);
        const { size } = at.kernel;
        const names = lawCalled("chinchilla").parameters.map((parameter) => parameter.name as keyof Truth);
        const parameters = at.kernel.toParameters(at.theta);
        names.forEach((name, r) => {
          // E is what the amplitudes leave of the level at the centre: absolute there, relative elsewhere.
          const unit = name === "E" ? point.level : at.truth[name];
          expect(Math.abs(parameters[r] - at.truth[name]) / unit).toBeLessThan(1e-12);
        });
        const G = at.kernel.parameterJacobian(at.theta);
        for (let j = 0; j < size; j++)
          differences(at, j, (moved) => Array.from(at.kernel.toParameters(moved.theta))).forEach(
            (quotient, r) => {
              const row = Array.from(G.subarray(r * size, (r + 1) * size), Math.abs);
              expectSame(G[r * size + j], quotient, Math.max(...row));
            },
          );
      }),
      seeded(),
    );
  });

  test("gives the same predictions for rows that were gathered", () => {
    fc.assert(
      fc.property(runs, points, (data, point) => {
        const { kernel, theta } = make(data, point);
        const all = predictionsOf(kernel, theta) as Float64Array;
        const chosen = Int32Array.from(data.N.keys()).reverse().subarray(1);
        const part = predictionsOf(kernel.gather(chosen, chosen.length), theta) as Float64Array;
        expect(Array.from(part.subarray(0, chosen.length))).toEqual(Array.from(chosen, (i) => all[i]));
      }),
      seeded(20),
    );
  });
});
