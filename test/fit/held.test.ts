/** Parameters that a law holds in every fit, and what a user may say of them. */
import { expect, test } from "vitest";
import { fitLaw } from "../../src/fit/fit-law.js";
import { NO_CHOICES, type ParameterChoices } from "../../src/fit/layout.js";
import { DEFAULT_OPTIONS } from "../../src/fit/options.js";
import { evaluateLaw } from "../../src/laws/evaluate-law.js";
import { lawCalled } from "../support/core.js";
import { observationsOf } from "../support/rows.js";

const law = lawCalled("mixture-bimix");
const truth = { A: 1, alpha: 0.12, B: 60, beta: 0.45, C: 1.9 };
const points = [0.05, 0.2, 0.6, 1].flatMap((r) => [1e3, 1e4, 1e5, 1e6].map((steps) => ({ r, steps })));
const observations = observationsOf({
  inputs: { r: points.map(({ r }) => r), steps: points.map(({ steps }) => steps) },
  measured: points.map((at) => evaluateLaw(law, truth, at)),
});
const fitted = (choices: Partial<ParameterChoices> = {}) =>
  fitLaw(
    law,
    observations,
    { ...DEFAULT_OPTIONS, objective: "squares-log", bootstrap: 0 },
    { ...NO_CHOICES, ...choices },
  );

test("a factor that others can take over is held, and said to be", () => {
  const { parameters, status } = fitted();
  expect(status).toBe("converged");
  expect(parameters.A).toEqual({ estimate: 1, low: null, high: null, reason: "fixed", standardError: null });
  expect(parameters.B.estimate).toBeCloseTo(60, 6);
});

test("it is held elsewhere where the user says so, and the others follow", () => {
  const { parameters } = fitted({ fixed: new Map([["A", 2]]) });
  expect(parameters.A.estimate).toBe(2);
  expect(parameters.B.estimate).toBeCloseTo(30, 6);
  expect(parameters.C.estimate).toBeCloseTo(0.95, 8);
});

test("it is fitted where a start is given for it and another is held in its place", () => {
  const { parameters } = fitted({ starts: new Map([["A", 3]]), fixed: new Map([["C", 0.475]]) });
  expect(parameters.A.estimate).toBeCloseTo(4, 6);
  expect(parameters.A.reason).toBeUndefined();
  expect(parameters.B.estimate).toBeCloseTo(15, 5);
});
