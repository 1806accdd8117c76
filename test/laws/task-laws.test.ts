/** The laws of tasks and test time fitted to data made from them: coefficients come back. */
import { describe, expect, test } from "vitest";
import { evaluateLaw, evaluateOutputs } from "../../src/laws/evaluate-law.js";
import type { Law } from "../../src/laws/law.js";
import { lawCalled } from "../support/core.js";
import { estimatesOf, fitGiven } from "../support/rows.js";

/** Every combination of the columns' values. */
function grid(columns: Readonly<Record<string, readonly number[]>>): Record<string, number[]> {
  const names = Object.keys(columns);
  let points: Record<string, number>[] = [{}];
  for (const name of names)
    points = points.flatMap((point) => columns[name].map((value) => ({ ...point, [name]: value })));
  return Object.fromEntries(names.map((name) => [name, points.map((point) => point[name])]));
}

const geometric = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
const even = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

const valuesOf = (
  law: Law,
  c: Readonly<Record<string, number>>,
  inputs: Record<string, number[]>,
): number[] => {
  const rows = Object.values(inputs)[0].length;
  return Array.from({ length: rows }, (_, i) =>
    evaluateLaw(
      law,
      c,
      Object.fromEntries(Object.entries(inputs).map(([name, column]) => [name, column[i]])),
    ),
  );
};

interface Case {
  id: string;
  truth: Record<string, number>;
  inputs: Record<string, number[]>;
  trials?: number;
  fixed?: Record<string, number>;
}

const CASES: Case[] = [
  { id: "loss-error", truth: { eps: 0.85, k: 2.1, gamma: 0.76 }, inputs: { L: even(2.2, 4.5, 12) } },
  {
    id: "loss-sigmoid",
    truth: { a: -0.73, l0: 0.77, kk: 12.7, b: 0.99 },
    inputs: { bpb: even(0.55, 1.2, 16) },
  },
  { id: "loss-log-sigmoid", truth: { a: -0.15, l0: 0.6, kk: 4 }, inputs: { bpb: even(0.5, 2.4, 16) } },
  {
    id: "task-one-step",
    truth: { A: 120, alpha: 0.25, B: 400, beta: 0.28, E: -1.2, p: -0.8, q: 0.95 },
    inputs: grid({ N: geometric(5e7, 1e10, 5), D: geometric(1e9, 1e12, 5) }),
  },
  {
    id: "logistic-logc",
    truth: { g: 0.25, cmax: 0.9, k: 1.4, log10C0: 22 },
    inputs: { C: geometric(1e18, 1e25, 15) },
    trials: 1000,
  },
  {
    id: "compute-sigmoid",
    truth: { R0: 0.28, A: 0.61, B: 1.8, Cmid: 2500 },
    inputs: { C: [0, ...geometric(100, 1e5, 20)] },
  },
  {
    id: "compute-sigmoid",
    truth: { R0: 0.28, A: 0.61, B: 0.6, Cmid: 2500 },
    inputs: { C: geometric(100, 2e4, 20) },
    fixed: { R0: 0.28 },
  },
  { id: "pass-at-k", truth: { a: -1.84, b: -0.4 }, inputs: { k: geometric(1, 1e4, 9) }, trials: 200 },
  {
    id: "pass-at-k-beta",
    truth: { alpha: 0.3, beta: 5 },
    inputs: { k: geometric(1, 4096, 13) },
    trials: 200,
  },
  { id: "passuntil", truth: { c: 4200, alpha: 0.38 }, inputs: { N: geometric(3e7, 3e9, 8) }, trials: 1e5 },
  {
    id: "choice-accuracy",
    truth: { s: 2.5, t: 1.6 },
    inputs: { p_choices: even(0.2, 0.8, 10) },
    trials: 500,
  },
  {
    id: "observational",
    truth: { w1: 6, w2: -2, w3: 3, b: -0.7, h: 0.95 },
    inputs: grid({ S1: even(-1, 1, 6), S2: even(-0.4, 0.4, 4), S3: even(-0.3, 0.3, 3) }),
  },
];

describe("data made from a law, without noise", () => {
  test.each(CASES.map((entry): [string, Case] => [entry.id, entry]))(
    "%s gives its coefficients back",
    (id, { truth, inputs, trials, fixed }) => {
      const law = lawCalled(id);
      const measured = valuesOf(law, truth, inputs);
      const weight = trials === undefined ? undefined : measured.map(() => trials);
      const objective = law.objective as "squares" | "binomial";
      const fit = fitGiven(law, { inputs, measured, weight }, { objective, fixed });
      const found = estimatesOf(fit);
      // The last digits of data with 16 of them, through condition numbers of up to 1e8 (seven parameters of one step).
      for (const [name, value] of Object.entries(truth))
        expect(Math.abs(found[name] / value - 1), `${name} ${found[name]}`).toBeLessThan(1e-6);
      expect(fit.search.secondOpinion.agrees).toBe(true);
    },
    60_000,
  );
});

describe("a stage of a chain, fitted by itself", () => {
  const sizes = grid({ N: geometric(5e7, 1e10, 5), D: geometric(1e9, 1e12, 5) });
  test.each([
    ["task-ladder", 0, { A: 38, alpha: 0.226, B: 100, beta: 0.236, E: 0.454 }, sizes],
    ["task-ladder-compute", 0, { A: 70, alpha: 0.12, E: 0.4 }, { C: geometric(1e18, 1e24, 12) }],
    ["task-loglinear", 0, { p: 5, q: -0.18 }, { C: geometric(1e18, 1e24, 12) }],
    ["choice-mass", 1, { E_wrong: 0.9, A_wrong: -300, alpha_wrong: 0.15 }, { C: geometric(1e19, 1e24, 12) }],
  ] as const)("%s, stage %i, gives its coefficients back", (id, stage, truth, inputs) => {
    const law = lawCalled(id).stages[stage];
    const columns = inputs as Record<string, number[]>;
    const measured = valuesOf(law, truth, columns);
    const found = estimatesOf(fitGiven(law, { inputs: columns, measured }, { objective: "squares" }));
    for (const [name, value] of Object.entries(truth))
      expect(Math.abs(found[name] / value - 1), `${name} ${found[name]}`).toBeLessThan(1e-6);
  });
});

describe("a chain", () => {
  test("gives every output, each from the ones before it", () => {
    const law = lawCalled("choice-mass");
    const c = {
      E_right: 0.5,
      A_right: 2500,
      alpha_right: 0.16,
      E_wrong: 0.9,
      A_wrong: 900,
      alpha_wrong: 0.15,
      s: 1,
      t: 0,
    };
    const outputs = evaluateOutputs(law, c, { C: 1e22 });
    expect(law.outputs.map(({ name }) => name)).toEqual(["acc", "right", "wrong", "p_choices"]);
    const [p, q] = [Math.exp(-outputs.right), Math.exp(-outputs.wrong)];
    expect(outputs.p_choices).toBeCloseTo(p / (p + q), 14);
    // s = 1 and t = 0: a choice drawn by its probability is right so often.
    expect(outputs.acc).toBeCloseTo(outputs.p_choices, 14);
  });

  test("of one loss is the ladder whatever the loss comes from", () => {
    const step2 = { a: -0.73, l0: 0.77, kk: 12.7, b: 0.99 };
    const byCompute = evaluateOutputs(
      lawCalled("task-ladder-compute"),
      { A: 0, alpha: 1, E: 0.8, ...step2 },
      { C: 1 },
    );
    const bySize = evaluateOutputs(
      lawCalled("task-ladder"),
      { A: 0, alpha: 1, B: 0, beta: 1, E: 0.8, ...step2 },
      { N: 1, D: 1 },
    );
    const byLine = evaluateOutputs(lawCalled("task-loglinear"), { p: 0.8, q: 0, ...step2 }, { C: 1 });
    expect(bySize.acc).toBe(evaluateLaw(lawCalled("loss-sigmoid"), step2, { bpb: 0.8 }));
    expect(byCompute).toEqual(bySize);
    expect(byLine).toEqual(bySize);
  });

  test("its step to accuracy is exact in the far tails too", () => {
    const c = { a: -0.8, l0: 1, kk: 90, b: 1 };
    const law = lawCalled("loss-sigmoid");
    expect(evaluateLaw(law, c, { bpb: 30 })).toBeCloseTo(0.2, 15);
    expect(evaluateLaw(law, c, { bpb: 0 })).toBe(1);
    expect(evaluateLaw(lawCalled("loss-log-sigmoid"), { a: -0.1, l0: 5, kk: 90 }, { bpb: 0 })).toBe(1);
  });
});

describe("a law asked backwards", () => {
  test.each([
    ["loss-error", { eps: 0.85, k: 2.1, gamma: 0.76 }, "L", "error", [0.3, 0.5, 0.8]],
    ["loss-sigmoid", { a: -0.73, l0: 0.77, kk: 12.7, b: 0.99 }, "bpb", "acc", [0.3, 0.5, 0.9]],
    ["loss-log-sigmoid", { a: -0.15, l0: 0.6, kk: 4 }, "bpb", "acc", [0.3, 0.5, 0.99]],
    ["logistic-logc", { g: 0.25, cmax: 0.9, k: 1.4, log10C0: 22 }, "C", "acc", [0.3, 0.5, 0.85]],
    ["compute-sigmoid", { R0: 0.28, A: 0.61, B: 1.8, Cmid: 2500 }, "C", "R", [0.3, 0.5, 0.6]],
    ["pass-at-k", { a: -1.84, b: -0.4 }, "k", "coverage", [0.3, 0.5, 0.99]],
    ["pass-at-k-beta", { alpha: 0.3, beta: 5 }, "k", "coverage", [0.06, 0.5, 0.99]],
    ["passuntil", { c: 4200, alpha: 0.38 }, "N", "PU", [0.01, 0.5, 0.9]],
  ] as const)("%s gives the input whose value is the one asked for", (id, c, input, output, values) => {
    const law = lawCalled(id);
    const [answer] = law.answers.filter(({ name }) => name === input);
    for (const value of values) {
      const found = answer.solve(c, { [output]: value });
      expect(evaluateLaw(law, c, found ?? {})).toBeCloseTo(value, 11);
    }
  });

  test.each([
    ["loss-error", { eps: 0.85, k: 2.1, gamma: 0.76 }, "error", [0.85, 0.9]],
    ["loss-sigmoid", { a: -0.73, l0: 0.77, kk: 12.7, b: 0.99 }, "acc", [0.2, 0.995]],
    ["logistic-logc", { g: 0.25, cmax: 0.9, k: 1.4, log10C0: 22 }, "acc", [0.2, 0.9, 0.95]],
    ["compute-sigmoid", { R0: 0.28, A: 0.61, B: 1.8, Cmid: 2500 }, "R", [0.2, 0.61, 0.7]],
    ["pass-at-k", { a: -1.84, b: -0.4 }, "coverage", [0, 1]],
    ["pass-at-k-beta", { alpha: 0.3, beta: 5 }, "coverage", [0.01, 1]],
    ["passuntil", { c: 4200, alpha: 0.38 }, "PU", [0, 1]],
  ] as const)("%s has no answer beyond its floor and ceiling", (id, c, output, values) => {
    const [answer] = lawCalled(id).answers;
    for (const value of values) expect(answer.solve(c, { [output]: value })).toBeNull();
  });
});
