import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SavedFit } from "../../src/objects.js";
import { baselineRuns, newRuns } from "../support/ci-example.js";
import { freshFolder, ROOT, workspace } from "../support/cli.js";
import { isSavedFit } from "../support/documents.js";
import { toCsv } from "../support/made-log.js";
import { commandLines, folderWithExamples, quoted, shell } from "../support/shell.js";

const example = (name: string): string => readFileSync(join(ROOT, "examples/ci", name), "utf8");

/** The new runs with one that ends 5 % too high. */
const spoiled = (): string =>
  toCsv(newRuns().map((run, i) => (i === 2 ? { ...run, loss: Number((run.loss * 1.05).toFixed(4)) } : run)));

test("the runs are made from the law and the seed that their README names", () => {
  expect(example("baseline-runs.csv")).toBe(toCsv(baselineRuns()));
  expect(example("new-runs.csv")).toBe(toCsv(newRuns()));
  expect(example("README.md")).toContain("L(N, D) = 1.72 + 380/N^0.335 + 1450/D^0.36");
});

test("the saved fit is the one that this version makes of the baseline runs", async () => {
  const kept = JSON.parse(example("scalefit.json")) as SavedFit;
  isSavedFit(kept);
  const at = workspace({ "baseline-runs.csv": example("baseline-runs.csv") });
  await at.run(["fit", "baseline-runs.csv", "--level", "0.99"]);
  const made = JSON.parse(at.read("scalefit.json")) as SavedFit;
  expect(kept.made.inputs).toEqual(made.made.inputs);
  expect(kept.made.options).toEqual(made.made.options);
  for (const [name, { estimate, low, high }] of Object.entries(made.fits[0].parameters)) {
    const saved = kept.fits[0].parameters[name];
    // 1e-8 is what versions of Node may differ by.
    expect(saved.estimate / estimate, name).toBeCloseTo(1, 8);
    expect((saved.low as number) / (low as number), name).toBeCloseTo(1, 6);
    expect((saved.high as number) / (high as number), name).toBeCloseTo(1, 6);
  }
});

test("the commands of the README run", async () => {
  const folder = folderWithExamples();
  const lines = commandLines(example("README.md"));
  expect(lines).toHaveLength(2);
  for (const { line } of lines) expect(await shell(line, folder)).toMatchObject({ exitCode: 0 });
});

test("the shell script ends with 0 for runs on the line, 1 for a run off it, 2 for a missing fit", async () => {
  const folder = folderWithExamples();
  const passed = await shell("examples/ci/check-runs.sh", folder);
  expect(passed).toMatchObject({ exitCode: 0, stderr: "" });
  expect(passed.stdout).toContain("all 4 runs are on the predicted line");

  const failed = await shell(
    `cat > off.csv <<< ${quoted(spoiled())}; examples/ci/check-runs.sh off.csv`,
    folder,
  );
  expect(failed.exitCode).toBe(1);
  expect(failed.stdout).toMatch(/OFF +new-03/);
  expect(failed.stderr).toContain("a run left the predicted line");

  const missing = await shell("examples/ci/check-runs.sh off.csv nope.json", folder);
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toMatch(/nope\.json.*the check could not be made/s);
});

test("the shell script takes the command from SCALEFIT, and file names with blanks", async () => {
  const folder = freshFolder();
  const script = join(ROOT, "examples/ci/check-runs.sh");
  await shell(`cp ${quoted(join(ROOT, "examples/ci/new-runs.csv"))} 'new runs.csv'`, folder);
  const run = await shell(`${quoted(script)} 'new runs.csv'`, folder, { SCALEFIT: "scalefit" });
  expect(run.exitCode).toBe(0);
});

test("the workflow's own step passes, fails and annotates as GitHub would run it", async () => {
  const steps = [...example("workflow.yml").matchAll(/^ {6}- run: (.*)$/gm)].map(([, command]) => command);
  expect(steps[0]).toBe("npm install --global scalefit");
  const check = steps[1];
  const at = workspace({
    "new-runs.csv": example("new-runs.csv"),
    "scalefit.json": example("scalefit.json"),
  });
  const actions = { GITHUB_ACTIONS: "true", CI: "true" };
  expect(await shell(check, at.path, actions)).toMatchObject({ exitCode: 0 });
  at.write("new-runs.csv", spoiled());
  const failed = await shell(check, at.path, actions);
  expect(failed.exitCode).toBe(1);
  expect(failed.stdout).toMatch(/^::error file=new-runs\.csv,line=4,/m);
});
