/** The objective's derivatives against difference quotients, over more rows than one block has. */
import { describe, expect, test } from "vitest";
import {
  BlockBuffers,
  Expansion,
  expand,
  jacobianAt,
  objectiveAt,
  type Problem,
  predictionsAt,
  residualsAt,
  thinned,
} from "../../src/fit/evaluate.js";
import { FormulaModel } from "../../src/fit/formula-fit.js";
import { makeObjective, type ObjectiveName } from "../../src/fit/objective.js";
import { compileColumns, parseFormula } from "../../src/laws/expression/index.js";
import { chinchillaProblem, coordinatesOf, faceCoordinatesOf, lawCalled } from "../support/core.js";
import { between, generator } from "../support/random.js";
import { BESIROGLU, randomLog } from "../support/sweeps.js";

const ROWS = 300;
const random = generator(300);
const log = randomLog(BESIROGLU, { rows: ROWS, noise: 0.02, outliers: 0.1 }, random);
const weight = Array.from({ length: ROWS }, () => between(random, 0.2, 3));
const inverseNoise = Array.from({ length: ROWS }, () => between(random, 0.5, 2));

interface At {
  problem: Problem;
  theta: Float64Array;
}

/** The same law and rows in the coordinates of each kernel, a little off the truth. */
const KERNELS: readonly [string, (name: ObjectiveName) => At][] = [
  [
    "with its floor",
    (name) => {
      const model = chinchillaProblem(log, weight, inverseNoise);
      const theta = coordinatesOf(model, { ...BESIROGLU, E: 1.7, alpha: 0.33 });
      return { problem: model.problem(model.full, makeObjective(name, 0.01)), theta };
    },
  ],
  [
    "on the face E = 0",
    (name) => {
      const model = chinchillaProblem(log, weight, inverseNoise);
      const theta = faceCoordinatesOf(model, { E: 0, A: 6, B: 11, alpha: 0.07, beta: 0.09 });
      return { problem: model.problem(model.face, makeObjective(name, 0.01)), theta };
    },
  ],
  [
    "as a formula",
    (name) => {
      const parameters = ["E", "A", "alpha", "B", "beta"];
      const compiled = compileColumns(parseFormula(lawCalled("chinchilla").formula), {
        inputs: ["N", "D"],
        parameters,
      });
      const free = parameters.map((parameter) => ({
        ...{ name: parameter, lower: 0, upper: Number.POSITIVE_INFINITY },
        ...{ start: null, searched: null, isLinear: false },
      }));
      const columns = [Float64Array.from(log.N), Float64Array.from(log.D)];
      const model = new FormulaModel(
        compiled,
        free,
        columns,
        Float64Array.from(log.loss),
        Float64Array.from(weight),
        Float64Array.from(inverseNoise),
      );
      const theta = Float64Array.of(1.7, 450, 0.33, 2000, 0.37);
      return { problem: model.problem(model.kernel, makeObjective(name, 0.01)), theta };
    },
  ],
];

function expansionAt({ problem, theta }: At, withHessian = true): Expansion {
  const into = new Expansion(theta.length);
  expect(expand(problem, theta, withHessian, into, new BlockBuffers(problem.kernel))).toBe(true);
  return into;
}

const moved = (theta: Float64Array, j: number, step: number) =>
  theta.map((t, k) => (k === j ? t + step * Math.abs(t) : t));

/**
 * d values / d theta_j by central quotients at two steps, the error of the second order taken out; what is left is
 * rounding, 1e-16 / 1e-4 of the largest value.
 */
function quotients(theta: Float64Array, j: number, values: (theta: Float64Array) => ArrayLike<number>) {
  const central = (step: number) => {
    const high = values(moved(theta, j, step));
    const low = values(moved(theta, j, -step));
    return Array.from(high, (value, i) => (value - low[i]) / (2 * step * Math.abs(theta[j])));
  };
  const [wide, narrow] = [central(2e-4), central(1e-4)];
  return narrow.map((value, i) => value + (value - wide[i]) / 3);
}

describe.each(KERNELS)("a law %s", (_, atFor) => {
  test.each(["huber-log", "huber", "squares-log", "squares"] as const)("has the gradient of %s", (name) => {
    const at = atFor(name);
    const { g, absolute, value } = expansionAt(at);
    expect(value).toBe(objectiveAt(at.problem, at.theta));
    for (let j = 0; j < g.length; j++) {
      const [slope] = quotients(at.theta, j, (theta) => [objectiveAt(at.problem, theta)]);
      // Of what the rows contribute: rounding, or Huber's second derivative, which jumps as residuals cross delta.
      expect(Math.abs(g[j] - slope)).toBeLessThan((name.startsWith("huber") ? 1e-4 : 1e-8) * absolute[j]);
    }
  });

  test.each(["squares-log", "squares"] as const)("has the second derivatives of %s", (name) => {
    const at = atFor(name);
    const { H, size } = expansionAt(at);
    for (let j = 0; j < size; j++) {
      const row = quotients(at.theta, j, (theta) => expansionAt({ ...at, theta }).g);
      for (let k = 0; k <= j; k++) {
        const scale = Math.sqrt(Math.abs(H[j * size + j] * H[k * size + k]));
        expect(Math.abs(H[j * size + k] - row[k])).toBeLessThan(1e-7 * scale);
      }
    }
  });

  test.each(["squares-log", "squares"] as const)("has J'WJ as the majorant of %s", (name) => {
    const at = atFor(name);
    const { M, size } = expansionAt(at);
    const J = jacobianAt(at.problem, at.theta);
    for (let j = 0; j < size; j++) {
      const column = quotients(at.theta, j, (theta) => predictionsAt(at.problem, theta));
      column.forEach((value, i) => {
        expect(Math.abs(J[j][i] - value)).toBeLessThan(1e-8 * Math.abs(value) + 1e-10);
      });
      for (let k = 0; k <= j; k++) {
        const sum = weight.reduce((total, w, i) => total + w * inverseNoise[i] ** 2 * J[j][i] * J[k][i], 0);
        expect(Math.abs(M[j * size + k] / sum - 1)).toBeLessThan(1e-12);
      }
    }
  });

  test("has the same gradient and majorant where the second derivatives are not asked for", () => {
    const at = atFor("huber-log");
    const { g, M, value } = expansionAt(at);
    const without = expansionAt(at, false);
    expect(without.value).toBe(value);
    g.forEach((slope, j) => {
      expect(Math.abs(without.g[j] - slope)).toBeLessThanOrEqual(1e-12 * Math.abs(slope));
    });
    M.forEach((product, j) => {
      expect(Math.abs(without.M[j] - product)).toBeLessThanOrEqual(1e-12 * Math.abs(product));
    });
  });

  test("has the derivatives of some rows as of all", () => {
    const { problem, theta } = atFor("squares");
    const all = jacobianAt(problem, theta);
    const some = jacobianAt(problem, theta, 256, ROWS);
    some.forEach((column, j) => {
      expect(column).toEqual(all[j].subarray(256));
    });
  });

  test("thinned has every k-th row of itself", () => {
    const { problem, theta } = atFor("huber-log");
    const few = thinned(problem, 100);
    expect(few.kernel.rows).toBe(100);
    expect(residualsAt(few, theta)).toEqual(residualsAt(problem, theta).filter((_, i) => i % 3 === 0));
    expect(thinned(problem, ROWS)).toBe(problem);
  });
});
