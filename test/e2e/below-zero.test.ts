/** Measured values at or below 0: only the objectives on logs need them above it. */
import { describe, expect, test } from "vitest";
import type { CheckDocument, FitDocument, PredictDocument } from "../../src/objects.js";
import { type Workspace, workspace } from "../support/cli.js";
import { generator, normal } from "../support/random.js";

const random = generator(3);
/** A line through 0, with noise of 0.3. */
const line = Array.from({ length: 20 }, (_, i) => {
  const x = i - 10;
  return `r${i},${x},${(2 * x - 1 + 0.3 * normal(random)).toFixed(3)}`;
});
const NEW = ["n1,-5,-11.2", "n2,0.4,0", "n3,4,7.1", "n4,5,20", "n5,-8,-30"];
const csv = (rows: readonly string[]) => `run,x,y\n${rows.join("\n")}\n`;

async function fitted(): Promise<Workspace> {
  const at = workspace({ "runs.csv": csv(line), "new.csv": csv(NEW) });
  await at.run(["fit", "runs.csv", "--formula", "a*x+b", "--y", "y", "--objective", "huber"]);
  return at;
}

describe("a fit on the raw scale", () => {
  test("holds new runs at and below 0 against its line", async () => {
    const at = await fitted();
    const { findings } = await at.json<CheckDocument>(["check", "new.csv", "--y", "y"], { exitCode: 1 });
    expect(findings.map(({ run, severity }) => [run, severity])).toEqual([
      ["n5", "error"],
      ["n1", "ok"],
      ["n2", "ok"],
      ["n3", "ok"],
      ["n4", "error"],
    ]);
    // Below a negative value is below: 30 against 17.
    expect(findings[0].message).toMatch(/^7\d % below the prediction/);
    expect(findings[4].message).toMatch(/^1\d\d % above the prediction/);
  });

  test("takes a tolerance about a value below 0", async () => {
    const at = await fitted();
    const args = ["check", "new.csv", "--y", "y", "--tolerance", "10%"];
    const { findings } = await at.json<CheckDocument>(args, { exitCode: 1 });
    const [, first] = findings;
    expect(first).toMatchObject({ run: "n1", severity: "ok" });
    expect(first.expected.low ?? 0).toBeCloseTo(1.1 * first.expected.estimate, 9);
    expect(first.expected.high ?? 0).toBeCloseTo(0.9 * first.expected.estimate, 9);
  });

  test("predicts and scores them: an error relative to 0 is none", async () => {
    const at = await fitted();
    const { predictions, metrics } = await at.json<PredictDocument>(["predict", "new.csv", "--y", "y"]);
    expect(predictions.map(({ measured }) => measured)).toEqual([-30, -11.2, 0, 7.1, 20]);
    expect(predictions[2]).not.toHaveProperty("relativeError");
    // Predicted about -17 where -30 was measured: too high, by 13 of 30.
    expect(predictions[0].relativeError).toBeCloseTo(13 / 30, 1);
    expect(metrics).toMatchObject({ meanRelativeError: null, worstRelativeError: null, coverage: 0.6 });
    const { stdout } = await at.run(["predict", "new.csv", "--y", "y"]);
    expect(stdout).toContain("no relative errors: a measured value is 0; 60.0 % inside their interval");
  });

  test("of values one of which is 0 has no mean relative error, and says no number for it", async () => {
    const at = workspace({ "runs.csv": csv([...line, "zero,0.5,0"]) });
    const args = ["fit", "runs.csv", "--formula", "a*x+b", "--y", "y", "--objective", "squares", "--no-save"];
    const { fits } = await at.json<FitDocument>(args);
    expect(fits[0].metrics).toMatchObject({ meanRelativeError: null, worstRelativeError: null });
    expect((await at.run(args)).stdout).toMatch(/quality +R2 0\.99\d+ · AICc/);
  });
});

describe("a law of the catalogue on the raw scale", () => {
  // A curve that falls to 0, measured with noise: some values are not above it.
  const log = [1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7]
    .map((x, i) => `${x},${[1.2, 0.8, 0.52, 0.31, 0.19, 0.05, 0, -0.01, 0.02][i]}`)
    .join("\n");

  test("uses rows at and below 0, and its formula gives the same", async () => {
    const at = workspace({ "runs.csv": `x,loss\n${log}\n` });
    const flags = ["--objective", "squares", "--bootstrap", "50", "--no-save"];
    const law = await at.json<FitDocument>([
      ...["fit", "runs.csv", "--law", "power-floor", "--map", "x=x"],
      ...flags,
    ]);
    const own = await at.json<FitDocument>(["fit", "runs.csv", "--formula", "E + A/x^alpha", ...flags]);
    expect(law.fits[0].data).toMatchObject({ rows: 9, used: 9 });
    expect(own.fits[0].parameters).toEqual(law.fits[0].parameters);
    // Least squares by hand over E >= 0: the floor is at its bound.
    expect(law.fits[0].parameters.E.estimate).toBe(0);
    expect(law.fits[0].status).toBe("at-bound");
  });

  test("on logs leaves them out and counts them, as before", async () => {
    const at = workspace({ "runs.csv": `x,loss\n${log}\n` });
    const { fits } = await at.json<FitDocument>([
      "fit",
      "runs.csv",
      "--law",
      "power-floor",
      "--map",
      "x=x",
      "--no-save",
    ]);
    expect(fits[0].data).toMatchObject({ rows: 9, used: 7 });
  });
});
