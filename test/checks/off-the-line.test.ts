import { describe, expect, test } from "vitest";
import { checks } from "../../src/checks/index.js";
import { offTheLine } from "../../src/checks/off-the-line.js";

const run = (
  measured: number,
  interval: { low: number | null; high: number | null } = { low: 2.4, high: 2.65 },
) => ({
  prediction: {
    group: null,
    law: "chinchilla",
    at: { N: 1e9, D: 2e10 },
    value: { estimate: 2.5, low: 2.49, high: 2.51 },
    newRun: interval,
    measured,
  },
  run: "run-3",
  file: "runs.csv",
  line: 4,
});

const judged = (measured: number, tolerance: number | null = null) =>
  offTheLine.judge(run(measured), { tolerance });

describe("the rule off-the-line", () => {
  test("is among the checks", () => {
    expect(checks.map(({ rule }) => rule)).toContain("off-the-line");
  });

  test.each([
    [2.4, "ok"],
    [2.5, "ok"],
    [2.65, "ok"],
    [2.651, "error"],
    [2.399, "error"],
  ])(
    "takes a new run at %s for %s, by the interval of new runs and not that of the mean",
    (measured, severity) => {
      expect(judged(measured)).toMatchObject({ severity, expected: { estimate: 2.5, low: 2.4, high: 2.65 } });
    },
  );

  test.each([
    [2.549, "ok"],
    [2.551, "error"],
    [2.451, "ok"],
    [2.449, "error"],
  ])("with a tolerance of 2 %% takes %s for %s", (measured, severity) => {
    const finding = judged(measured, 0.02);
    expect(finding.severity).toBe(severity);
    expect(finding.expected.low).toBeCloseTo(2.45, 12);
    expect(finding.expected.high).toBeCloseTo(2.55, 12);
  });

  test("says how far off and on which side, and where the run stands", () => {
    expect(judged(2.75)).toMatchObject({
      rule: "off-the-line",
      run: "run-3",
      file: "runs.csv",
      line: 4,
      measured: 2.75,
      message: expect.stringMatching(/^10 % above the prediction/),
    });
    expect(judged(2.25).message).toMatch(/^10 % below the prediction/);
    expect(judged(2.75, 0.02).message).toMatch(/the tolerance$/);
  });

  test("without an interval does not pass a run, unless a tolerance is given", () => {
    const unknown = run(2.5, { low: null, high: null });
    expect(offTheLine.judge(unknown, { tolerance: null }).severity).toBe("error");
    expect(offTheLine.judge(unknown, { tolerance: 0.1 }).severity).toBe("ok");
  });
});
