/** The views for people: no line wider than the terminal, no word of the machine, the same numbers everywhere. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import * as scalefit from "../../src/index.js";
import type { CheckDocument, PredictDocument } from "../../src/objects.js";
import { checkView } from "../../src/report/check-view.js";
import { fitView } from "../../src/report/fit-view.js";
import { planView } from "../../src/report/plan-view.js";
import { predictView } from "../../src/report/predict-view.js";
import { generator } from "../support/random.js";
import { BESIROGLU, isoFlopSweep } from "../support/sweeps.js";

const sweep = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 9, 0.6, 0.005, generator(3));
const saved = scalefit.fit({ law: "chinchilla", data: { ...sweep }, bootstrap: 100 });
const few = scalefit.fit({
  law: "chinchilla",
  data: { N: sweep.N.slice(0, 5), D: sweep.D.slice(3, 8), loss: sweep.loss.slice(0, 5) },
});
const [{ value, newRun, law, at, group }] = scalefit.predict({
  fit: saved,
  at: { N: 1e9, D: 2e10 },
}).predictions;

const several: PredictDocument = {
  ...scalefit.predict({ fit: saved, at: { N: 1e9, D: 2e10 } }),
  predictions: [2.5, 2.6].map((measured, i) => ({
    group,
    law,
    at,
    value,
    newRun,
    run: `run-${i}`,
    measured,
  })),
  metrics: { r2: 0.9, meanRelativeError: 0.012, worstRelativeError: 0.03, coverage: 0.5 },
};

const checked: CheckDocument = {
  schema: "scalefit/check@1",
  passed: false,
  findings: ["run-1", "a-run-with-a-rather-long-name-in-the-log"].map((run, i) => ({
    rule: "off-the-line",
    severity: i === 0 ? "ok" : "error",
    run,
    measured: 2.5 + 0.2 * i,
    expected: { ...value, low: newRun.low, high: newRun.high },
    message: "",
  })),
  warnings: [],
};

const views: [string, (width: number) => string][] = [
  ["fit", (width) => fitView(saved, { width, saved: "scalefit.json", others: [] })],
  ["fit of five rows", (width) => fitView(few, { width, saved: null, others: [] })],
  ["plan", (width) => planView(scalefit.plan({ fit: saved, flops: 1e22 }), width)],
  ["plan for a loss", (width) => planView(scalefit.plan({ fit: saved, targetLoss: 2.2 }), width)],
  ["plan from a preset", (width) => planView(scalefit.plan({ preset: "besiroglu", flops: 1e22 }), width)],
  ["prediction", (width) => predictView(scalefit.predict({ fit: saved, at: { N: 1e9, D: 2e10 } }), width)],
  ["predictions", (width) => predictView(several, width)],
  ["check", (width) => checkView(checked, width)],
];

describe.each(views)("the view of a %s", (_, view) => {
  test.each([200, 120, 80, 72])("keeps within %i columns", (width) => {
    const longest = Math.max(
      ...stripVTControlCharacters(view(width))
        .split("\n")
        .map((line) => Array.from(line).length),
    );
    expect(longest).toBeLessThanOrEqual(width);
  });

  test("has no word of the machine and ends with a line break", () => {
    const text = stripVTControlCharacters(view(80));
    expect(text).not.toMatch(/NaN|Infinity|undefined|\[object|null/);
    expect(text.endsWith("\n")).toBe(true);
    expect(text).not.toMatch(/[ ]\n/);
  });

  test("says more, not something else, where there is more room", () => {
    const numbers = (width: number) =>
      new Set(stripVTControlCharacters(view(width)).match(/\d[\d.]*[kMBT]?/g));
    for (const number of numbers(72)) expect(numbers(200)).toContain(number);
  });
});

describe("the same number", () => {
  test("reads the same in a plan and in a prediction of it", () => {
    const document = scalefit.plan({ fit: saved, params: 1e9, tokens: 2e10 });
    const line = (text: string, start: string) =>
      stripVTControlCharacters(text)
        .split("\n")
        .find((candidate) => candidate.trim().startsWith(start))
        ?.match(/\d\.\d+/)?.[0];
    expect(line(planView(document, 80), "predicted loss")).toBe(
      line(predictView(scalefit.predict({ fit: saved, at: { N: 1e9, D: 2e10 } }), 80), "predicted value"),
    );
  });
});
