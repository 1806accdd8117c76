import { describe, expect, test } from "vitest";
import type { PlanDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isErrorDocument } from "../support/documents.js";
import { smallRuns, toCsv } from "../support/made-log.js";

const LOG = toCsv(smallRuns());
const ASKED = ["plan", "--flops", "1e21", "--sensitivity"];

describe("a saved fit and its log", () => {
  test("give the plan that they gave, with what other choices would have planned", async () => {
    const at = workspace({ "runs.csv": LOG });
    await at.run(["fit", "runs.csv", "--quiet"]);
    const [plain] = (await at.json<PlanDocument>(["plan", "--flops", "1e21"])).plans;
    const [{ sensitivity, ...rest }] = (await at.json<PlanDocument>(ASKED)).plans;
    expect(rest).toEqual(plain);
    // A log alone is fitted first, and nothing is saved.
    expect(sensitivity?.variations.map(({ kind }) => kind)).toContain("law");
    const { stdout } = await at.run([...ASKED, "runs.csv"]);
    expect(stdout).toContain("from        fit of runs.csv: chinchilla on 24 rows");
    expect(stdout).toContain("the plan under other choices, one refit each");
    expect(stdout).toMatch(/squares-log +\d/);
  });

  test("a cut-off of the fit is taken back, rows of another kind are not", async () => {
    const at = workspace({ "runs.csv": LOG });
    await at.run(["fit", "runs.csv", "--quiet", "--where", "N>1e8"]);
    const [{ sensitivity }] = (await at.json<PlanDocument>(ASKED)).plans;
    const back = sensitivity?.variations.find(({ name }) => name === "rows left out, back in");
    expect(back?.rows).toBe(24);
    expect(back?.changed).toContain("N>1e8");
  });

  test("another log, or none, is refused with what to do", async () => {
    const at = workspace({ "runs.csv": LOG, "other.csv": LOG.replace(/\n[^\n]+\n$/, "\n") });
    await at.run(["fit", "runs.csv", "--quiet", "-o", "fit.json"]);
    const wrong = await at.json<object>([...ASKED, "other.csv", "--fit", "fit.json"], { exitCode: 2 });
    isErrorDocument(wrong);
    expect(wrong).toMatchObject({ error: { code: "not-the-log" } });
    const none = await workspace({ "fit.json": at.read("fit.json") }).run([...ASKED, "--fit", "fit.json"]);
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toContain('the log "runs.csv" of the saved fit is not here');
  });
});

test("a log without --sensitivity, and coefficients with it, are refused", async () => {
  const at = workspace({ "runs.csv": LOG });
  for (const args of [
    ["plan", "runs.csv", "--flops", "1e21"],
    ["plan", "--flops", "1e21", "--where", "N>1"],
    [...ASKED, "--preset", "besiroglu"],
    ASKED,
  ]) {
    const { exitCode, stdout, stderr } = await at.run(args);
    expect(exitCode, args.join(" ")).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("--sensitivity");
  }
});
