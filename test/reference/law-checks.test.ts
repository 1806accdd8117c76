/**
 * Certified values of the catalogue (mpmath, 25-40 digits) through the library's public face. Rows of laws that are
 * not in the catalogue are left out here, so that the file needs no change when a law is added with these kinds.
 */
import { describe, expect, test } from "vitest";
import { makeObjective } from "../../src/fit/objective.js";
import { MeanValueKernel, meanValueCoordinates } from "../../src/fit/power-sum.js";
import { PowerSumProblem } from "../../src/fit/power-sum-fit.js";
import { powerSumOf } from "../../src/fit/power-sum-of.js";
import { objectiveAt } from "../../src/fit/solve.js";
import { laws, plan, predict } from "../../src/index.js";
import { chinchillaPoints } from "../support/csv.js";
import { describeWithShared, sharedJson } from "../support/shared.js";

interface Check {
  law: string;
  preset: string;
  kind: string;
  output: string;
  params: Record<string, number>;
  inputs: Record<string, number> & Record<string, number | string>;
  expected: number | Record<string, number>;
  /** Relative. */
  tol: number;
}

function expectClose(actual: number, expected: number, tolerance: number, name = "") {
  const relative = Math.abs(actual - expected) / Math.max(Math.abs(expected), 1e-300);
  expect(relative, `${name} ${actual} against ${expected}`).toBeLessThanOrEqual(tolerance);
}

const inWords = ({ law, preset, output, inputs }: Check): string =>
  `${law} ${preset}: ${output} at ${Object.entries(inputs)
    .filter(([, value]) => typeof value === "number")
    .map(([name, value]) => `${name}=${value}`)
    .join(", ")}`;

describeWithShared("the certified values of the laws", () => {
  const known = new Set(laws.map((law) => law.id));
  const rows = sharedJson<Check[]>("law-checks.json").filter((check) => known.has(check.law));
  const of = (kind: string, output: RegExp, law = /./) =>
    rows
      .filter((check) => check.kind === kind && output.test(check.output) && law.test(check.law))
      .map((check): [string, Check] => [inWords(check), check]);

  test("are there for both laws that have some", () => {
    // power, the law without a floor, is checked by the rows of power-floor with E = 0.
    expect(new Set(rows.map((check) => check.law))).toEqual(new Set(["chinchilla", "power-floor"]));
    expect(rows.length).toBeGreaterThanOrEqual(63);
  });

  test.each(of("eval", /./))("%s", (_, { law, params, inputs, expected, tol }) => {
    const [{ value }] = predict({ law, coefficients: params, at: inputs }).predictions;
    expectClose(value.estimate, expected as number, tol);
  });

  test.each(of("optimum", /^N\*,D\*,L\*/))("%s", (_, { law, params, inputs, expected, tol }) => {
    expect(inputs.k).toBe(6);
    // Of experts only a fraction is active: the same optimum as with more compute.
    const flops = inputs.C / (inputs.active_fraction ?? 1);
    const [{ optimum }] = plan({ law, coefficients: params, flops }).plans;
    const wanted = expected as Record<string, number>;
    expect(Object.keys(wanted).sort()).toEqual(["D", "L", "N", "tokens_per_param"]);
    expectClose(optimum.N.estimate, wanted.N, tol, "N");
    expectClose(optimum.D.estimate, wanted.D, tol, "D");
    expectClose(optimum.loss.estimate, wanted.L, tol, "L");
    expectClose(optimum.tokensPerParameter.estimate, wanted.tokens_per_param, tol, "D/N");
  });

  test.each(of("optimum", /^C$/))("%s", (_, { law, params, inputs, expected, tol }) => {
    const [{ budget, flops }] = plan({ law, coefficients: params, targetLoss: inputs.target_loss }).plans;
    expectClose(budget.flops, expected as number, tol);
    expectClose(flops?.estimate ?? Number.NaN, expected as number, tol);
  });

  // The rows with the output "N,D" (a budget at a fixed ratio D/N) have no question of their own yet, and plan does
  // not answer for laws of one variable: the inverse of power-floor is the test after this one.
  test.each(of("inverse", /^D$/, /chinchilla/))("%s", (_, { law, params, inputs, expected, tol }) => {
    const question = { params: inputs.N, targetLoss: inputs.target_loss };
    const [{ optimum }] = plan({ law, coefficients: params, ...question }).plans;
    expect(optimum.N.estimate).toBe(inputs.N);
    expectClose(optimum.D.estimate, expected as number, tol);
  });

  test.each(of("inverse", /./, /power-floor/))(
    "%s, read backwards",
    (_, { law, params, inputs, expected, tol }) => {
      const [{ value }] = predict({ law, coefficients: params, at: { x: expected as number } }).predictions;
      // d ln y / d ln x is below 1 here, so y is at least as well determined as x.
      expectClose(value.estimate, inputs.y, tol);
    },
  );

  describe("the objective on the 240 Chinchilla points", () => {
    test.each(of("objective", /./))("%s", (_, { law: id, params, expected, tol }) => {
      const law = laws.find((candidate) => candidate.id === id);
      if (law === undefined) throw new Error(`no law ${id}`);
      const given = (name: string) => params[name] ?? Math.exp(params[`ln${name}`]);
      const { N, D, loss } = chinchillaPoints(240);
      const inputs = new Map(Object.entries({ N: Float64Array.from(N), D: Float64Array.from(D) }));
      const rowsOf = PowerSumProblem.of(powerSumOf(law), inputs, Float64Array.from(loss), null);
      const kernel = rowsOf.full;
      expect(kernel).toBeInstanceOf(MeanValueKernel);
      const exponents = [given("alpha"), given("beta")];
      const amplitudes = [given("A"), given("B")].map(
        (amplitude, k) => amplitude * Math.exp(-exponents[k] * kernel.data.means[k]),
      );
      const theta = meanValueCoordinates(given("E"), amplitudes, exponents);
      const problem = rowsOf.problem(kernel, makeObjective("huber-log", 1e-3));
      expectClose(objectiveAt(problem, theta), expected as number, tol);
    });
  });
});
