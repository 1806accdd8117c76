/** `--strata` through the program. */
import { describe, expect, test } from "vitest";
import type { FitDocument, SavedFit } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { smallRuns, toCsv } from "../support/made-log.js";

const MEAN = ["--formula", "a*x", "--y", "y", "--objective", "squares"];
/** Two values, each in a stratum of its own: their mean depends on nothing but how many of each are drawn. */
const two = toCsv(
  Array.from({ length: 12 }, (_, i) => ({
    x: 1,
    y: i < 8 ? 1 : 3,
    kind: i < 8 ? "low" : "high",
    run: `r${i}`,
  })),
);

describe("resamples within strata", () => {
  test("hold as many rows of each as the log", async () => {
    const at = workspace({ "runs.csv": two });
    const scatter = async (...args: string[]) => {
      await at.run(["fit", "runs.csv", ...MEAN, "--bootstrap", "100", ...args]);
      const [{ draws }] = (JSON.parse(at.read("scalefit.json")) as SavedFit).fits;
      return new Set(draws.values.map(([a]) => a.toFixed(9)));
    };
    expect((await scatter()).size).toBeGreaterThan(5);
    // (8 x 1 + 4 x 3) / 12
    expect([...(await scatter("--strata", "kind"))]).toEqual([(20 / 12).toFixed(9)]);
  });

  test("are stretched for what drawing within strata takes away: sqrt(n / (n - H))", async () => {
    const at = workspace({ "runs.csv": two });
    await at.run(["fit", "runs.csv", ...MEAN, "--bootstrap", "20", "--strata", "kind"]);
    const [{ draws }] = (JSON.parse(at.read("scalefit.json")) as SavedFit).fits;
    expect(draws.stretch).toBeCloseTo(Math.sqrt(12 / 10), 12);
  });

  test("of one value are those of the whole log", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns().map((run) => ({ ...run, budget: "all" }))) });
    const drawn = async (...args: string[]) => {
      await at.run(["fit", "runs.csv", "--bootstrap", "20", ...args]);
      return (JSON.parse(at.read("scalefit.json")) as SavedFit).fits[0].draws;
    };
    expect(await drawn("--strata", "budget")).toEqual(await drawn());
  });

  test("are the same whatever the order of rows and the names of the strata, on any number of threads", async () => {
    const rows = smallRuns().map((run, i) => ({ ...run, budget: `b${i % 4}` }));
    const renamed = [...rows]
      .reverse()
      .map((row) => ({ ...row, budget: `x${9 - Number(row.budget.slice(1))}` }));
    const at = workspace({ "runs.csv": toCsv(rows), "other.csv": toCsv(renamed) });
    const drawn = async (file: string, workers: string) => {
      const flags = ["--strata", "budget", "--bootstrap", "50", "--workers", workers];
      await at.run(["fit", file, ...flags]);
      return (JSON.parse(at.read("scalefit.json")) as SavedFit).fits[0].draws;
    };
    const first = await drawn("runs.csv", "1");
    expect(await drawn("other.csv", "1")).toEqual(first);
    expect(await drawn("runs.csv", "3")).toEqual(first);
  });

  test("of whole runs lie in the strata of these", async () => {
    const rows = smallRuns().flatMap((run, i) =>
      ["a", "b"].map((eval_set) => ({ ...run, loss: run.loss + (eval_set === "a" ? 0 : 1e-3), half: i % 2 })),
    );
    const at = workspace({ "runs.csv": toCsv(rows) });
    const flags = ["--cluster", "run", "--strata", "half", "--bootstrap", "50", "--no-save"];
    const { fits } = await at.json<FitDocument>(["fit", "runs.csv", ...flags]);
    expect(fits[0].parameters.alpha.low).not.toBeNull();
  });

  test.each([
    ["that tear runs apart", ["--cluster", "half", "--strata", "run"], /lie in several strata/],
    ["of one row each", ["--strata", "run"], /each of the 24 strata holds one row/],
    ["without resamples", ["--strata", "half", "--bootstrap", "0"], /--strata says how rows are drawn/],
    ["with drawn residuals", ["--strata", "half", "--resample", "residuals"], /do not go together/],
    ["of a column that is not there", ["--strata", "bugdet"], /no column "bugdet"/],
  ])("%s are refused", async (_, args, message) => {
    const rows = smallRuns().map((run, i) => ({ ...run, half: i % 2 }));
    const at = workspace({ "runs.csv": toCsv(rows) });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", ...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
