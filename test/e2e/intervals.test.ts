/** `--interval`, `--resample`, `--cluster` and `--weight` through the program. */
import { describe, expect, test } from "vitest";
import type { FitDocument, PlanDocument, SavedFit } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { makeRuns, smallRuns, toCsv } from "../support/made-log.js";

const log = toCsv(smallRuns());
const saved = async (at: ReturnType<typeof workspace>, args: readonly string[]) => {
  await at.run(["fit", "runs.csv", "--bootstrap", "60", "--seed", "5", ...args, "-o", "fit.json"]);
  return at.read("fit.json");
};

describe("refits", () => {
  test.each([
    ["cases", []],
    ["cases and fits without one row each", ["--delta", "1e-3", "--interval", "bca"]],
    ["residuals with their own covariances", ["--interval", "bootstrap-t"]],
    ["Gaussian noise", ["--resample", "parametric"]],
  ])("of %s have the same bytes on one thread and on three", async (_, args) => {
    const at = workspace({ "runs.csv": log });
    const alone = await saved(at, [...args, "--workers", "1"]);
    const spread = await saved(at, [...args, "--workers", "3"]);
    expect(spread).toBe(alone);
  });
});

describe("--interval bca", () => {
  test("saves what plan needs for it, and prints none of it", async () => {
    const at = workspace({ "runs.csv": log });
    const args = ["fit", "runs.csv", "--delta", "1e-3", "--bootstrap", "60"];
    const document = await at.json<FitDocument>([...args, "--interval", "bca", "-o", "bca.json"]);
    expect(document.fits[0].interval).toBe("bca");
    expect(document.fits[0]).not.toHaveProperty("leaveOneOut");
    const [fit] = (JSON.parse(at.read("bca.json")) as SavedFit).fits;
    expect(fit.leaveOneOut?.values).toHaveLength(24);
    await at.run([...args, "-o", "percentile.json"]);
    const low = async (file: string) =>
      (await at.json<PlanDocument>(["plan", "--fit", file, "--flops", "1e22"])).plans[0].optimum.N.low;
    expect(await low("bca.json")).not.toBe(await low("percentile.json"));
  });

  test("is refused without a given delta, in words", async () => {
    const at = workspace({ "runs.csv": log });
    const { exitCode, stderr, stdout } = await at.run(["fit", "runs.csv", "--interval", "bca"]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("--delta 1e-3 --interval bca");
    expect(at.files()).toEqual(["runs.csv"]);
  });
});

describe("--cluster", () => {
  const runs = makeRuns({
    seed: 4,
    noise: 0.003,
    sizes: [2e7, 6e7, 2e8, 6e8],
    tokensPerParameter: [5, 15, 50, 150],
  });
  const machines = toCsv(runs.map((run, i) => ({ ...run, machine: `m${i % 5}` })));

  test("resamples rows with the same value together: wider or narrower, but others; stretched for five groups", async () => {
    const at = workspace({ "runs.csv": machines });
    await saved(at, ["--cluster", "machine"]);
    const [fit] = (JSON.parse(at.read("fit.json")) as SavedFit).fits;
    // t(0.975, 4) from a table over 1.96.
    expect(fit.draws.stretch).toBeCloseTo(2.776445 / 1.959964, 6);
  });

  test("of a column that is not there is refused, and so is other noise for its rows", async () => {
    const at = workspace({ "runs.csv": machines });
    expect((await at.run(["fit", "runs.csv", "--cluster", "host"])).stderr).toContain('no column "host"');
    const { exitCode, stderr } = await at.run([
      "fit",
      "runs.csv",
      "--cluster",
      "machine",
      "--resample",
      "residuals",
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("whole runs are resampled");
  });
});

describe("--weight", () => {
  test("weighs rows, and drops and counts those without a weight above 0", async () => {
    const rows = smallRuns().map((run, i) => ({
      ...run,
      precision: i === 3 ? 0 : i === 7 ? "" : 1 + (i % 3),
    }));
    const at = workspace({ "runs.csv": toCsv(rows) });
    const args = ["fit", "runs.csv", "--bootstrap", "0", "--no-save"];
    const weighted = await at.json<FitDocument>([...args, "--weight", "precision"]);
    expect(weighted.fits[0].data).toMatchObject({ rows: 24, used: 22 });
    expect(weighted.fits[0].data.dropped.flatMap(({ lines }) => lines)).toEqual([5, 9]);
    const plain = await at.json<FitDocument>([...args, "--where", "precision>0"]);
    expect(plain.fits[0].parameters.alpha.estimate).not.toBe(weighted.fits[0].parameters.alpha.estimate);
  });
});

describe("--interval profile", () => {
  test("gives limits without resamples, for a formula too", async () => {
    const at = workspace({ "runs.csv": log });
    const args = ["fit", "runs.csv", "--interval", "profile", "--bootstrap", "0", "--no-save"];
    const [law] = (await at.json<FitDocument>(args)).fits;
    expect(law.interval).toBe("profile");
    const [formula] = (
      await at.json<FitDocument>([
        ...args,
        "--formula",
        "E + A * params^-alpha + B * tokens^-beta",
        "--param",
        "alpha=0.3",
        "--param",
        "beta=0.3",
        "--param",
        "E=1.7",
        "--param",
        "A=300",
        "--param",
        "B=1000",
      ])
    ).fits;
    for (const name of ["alpha", "beta", "E"]) {
      const [a, b] = [law.parameters[name], formula.parameters[name]];
      expect((a.low ?? 0) < a.estimate && a.estimate < (a.high ?? 0), name).toBe(true);
      expect((b.low ?? 0) / (a.low ?? 1), name).toBeCloseTo(1, 3);
    }
  });
});
