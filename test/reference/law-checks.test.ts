/**
 * Certified values of the catalogue (mpmath, 25-40 digits) through the library's public face: every row whose law is
 * in the catalogue now. Rows of other laws wait for their law.
 */
import { describe, expect, test } from "vitest";
import { objectiveAt } from "../../src/fit/evaluate.js";
import { makeObjective } from "../../src/fit/objective.js";
import { laws, plan, predict } from "../../src/index.js";
import { chinchillaProblem, coordinatesOf } from "../support/core.js";
import { chinchillaPoints } from "../support/csv.js";
import { describeWithShared, sharedJson } from "../support/shared.js";

type Given = Record<string, number | number[] | null>;

interface Check {
  law: string;
  preset: string;
  kind: string;
  output: string;
  params: Given;
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

/** Checks of one id that are laws of their own here: what they are told by is the preset's name. */
const OWN_LAWS: Readonly<Record<string, string>> = {
  "pass-at-k unbiased-estimator": "pass-at-k-estimator",
  "pass-at-k beta": "pass-at-k-beta",
  "passuntil estimator": "passuntil-estimator",
  "data-filtering synthetic-code-form": "data-filtering-code",
  "data-filtering effective-data": "data-filtering-effective",
};

describeWithShared("the certified values of the laws", () => {
  const known = new Set(laws.map((law) => law.id));
  const rows = sharedJson<Check[]>("law-checks.json")
    .map((check) => ({ ...check, law: OWN_LAWS[`${check.law} ${check.preset}`] ?? check.law }))
    .filter((check) => known.has(check.law));
  const covered = new Set<Check>();
  const of = (kind: string, output: RegExp, law = /./) => {
    const chosen = rows.filter((c) => c.kind === kind && output.test(c.output) && law.test(c.law));
    for (const check of chosen) covered.add(check);
    return chosen.map((check): [string, Check] => [inWords(check), check]);
  };

  test.each(of("eval", /./))("%s", (_, { law, params, inputs, expected, tol }) => {
    const [{ value, values }] = predict({ law, coefficients: params, at: inputs }).predictions;
    if (typeof expected === "number") expectClose(value.estimate, expected, tol);
    else
      for (const [name, wanted] of Object.entries(expected))
        expectClose(values?.[name]?.estimate ?? Number.NaN, wanted, tol, name);
  });

  test.each(of("optimum", /^N\*,D\*,L\*/))("%s", (_, { law, params, inputs, expected, tol }) => {
    const { C, k, active_fraction: active = 1, ...at } = inputs;
    expect(k).toBe(6);
    // Of experts only a fraction is active: the same optimum as with more compute.
    const [{ optimum }] = plan({ law, coefficients: params, flops: C / active, at }).plans;
    const names: Readonly<Record<string, string>> = { L: "loss", tokens_per_param: "tokensPerParameter" };
    const wanted = Object.entries(expected as Record<string, number>);
    expect(wanted.map(([name]) => name).slice(0, 3)).toEqual(["N", "D", "L"]);
    for (const [name, value] of wanted) expectClose(optimum[names[name] ?? name].estimate, value, tol, name);
  });

  test.each(of("optimum", /^C$/))("%s", (_, { law, params, inputs, expected, tol }) => {
    const [{ budget, flops }] = plan({ law, coefficients: params, targetLoss: inputs.target_loss }).plans;
    expectClose(budget.flops ?? Number.NaN, expected as number, tol);
    expectClose(flops?.estimate ?? Number.NaN, expected as number, tol);
  });

  test.each(of("inverse", /^D$/, /chinchilla/))("%s", (_, { law, params, inputs, expected, tol }) => {
    const question = { params: inputs.N, targetLoss: inputs.target_loss };
    const [{ optimum }] = plan({ law, coefficients: params, ...question }).plans;
    expect(optimum.N.estimate).toBe(inputs.N);
    expectClose(optimum.D.estimate, expected as number, tol);
  });

  test.each(of("inverse", /^N,D$/))("%s", (_, { law, params, inputs, expected, tol }) => {
    const [{ optimum }] = plan({ law, coefficients: params, flops: inputs.C, ratio: inputs.ratio }).plans;
    for (const [name, value] of Object.entries(expected))
      expectClose(optimum[name].estimate, value as number, tol, name);
  });

  const answering = (kind: "inverse" | "optimum") =>
    new RegExp(
      `^(${laws.filter((law) => law.answers.some((answer) => answer.kind === kind)).map(({ id }) => id)})$`.replaceAll(
        ",",
        "|",
      ),
    );

  test.each(of("inverse", /./, answering("inverse")))(
    "%s",
    (_, { law, output, params, inputs, expected, tol }) => {
      const [solve] = output.split(",");
      const [{ value, values }] = predict({ law, coefficients: params, at: inputs, solve }).predictions;
      const wanted = typeof expected === "number" ? { [solve]: expected } : expected;
      for (const [name, number] of Object.entries(wanted))
        expectClose((values?.[name] ?? value).estimate, number, tol, name);
    },
  );

  // plan answers for laws of N and D only; the inverse of a law of one variable is read the other way round.
  test.each(of("inverse", /./, /power-floor/))(
    "%s, read backwards",
    (_, { law, params, inputs, expected, tol }) => {
      const [{ value }] = predict({ law, coefficients: params, at: { x: expected as number } }).predictions;
      // d ln y / d ln x is below 1 here, so y is at least as well determined as x.
      expectClose(value.estimate, inputs.y, tol);
    },
  );

  // Optima in other variables than N and D: the law's own answer, in its own variables.
  const optimumOf = (id: string) =>
    laws.find((law) => law.id === id)?.answers.find(({ kind }) => kind === "optimum");
  const optima = rows.filter((check) => check.kind === "optimum" && optimumOf(check.law) !== undefined);
  for (const check of optima) covered.add(check);
  // Surfaces of losses to be fitted are no coefficients: the estimators' own test has them.
  const ofCoefficients = optima.filter(({ preset }) => preset !== "besiroglu-surface");

  test.each(ofCoefficients.map((check): [string, Check] => [inWords(check), check]))(
    "%s, planned in the law's variables",
    (_, { law, output, params, inputs, expected, tol }) => {
      const { C, flops = C, k: _k, ...at } = inputs;
      const [{ optimum }] = plan({
        law,
        coefficients: params,
        at,
        ...(flops === undefined ? {} : { flops }),
      }).plans;
      const wanted = typeof expected === "number" ? { [output.replace("*", "")]: expected } : expected;
      for (const [name, value] of Object.entries(wanted))
        expectClose(optimum[name === "L" ? "loss" : name]?.estimate ?? Number.NaN, value, tol, name);
    },
  );

  describe("the objective on the 240 Chinchilla points", () => {
    test.each(of("objective", /./))("%s", (_, { law: id, params, expected, tol }) => {
      expect(id).toBe("chinchilla");
      const values = params as Record<string, number>;
      const given = (name: string) => values[name] ?? Math.exp(values[`ln${name}`]);
      const rowsOf = chinchillaProblem(chinchillaPoints(240));
      const theta = coordinatesOf(rowsOf, {
        E: given("E"),
        A: given("A"),
        B: given("B"),
        alpha: given("alpha"),
        beta: given("beta"),
      });
      const problem = rowsOf.problem(rowsOf.full, makeObjective("huber-log", 1e-3));
      expectClose(objectiveAt(problem, theta), expected as number, tol);
    });
  });

  test("all have a test here", () => {
    expect(rows.filter((check) => !covered.has(check))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(63);
  });
});
