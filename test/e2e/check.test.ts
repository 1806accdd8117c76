import { describe, expect, test } from "vitest";
import type { CheckDocument } from "../../src/objects.js";
import { newRuns } from "../support/ci-example.js";
import { type Workspace, workspace } from "../support/cli.js";
import { isCheckDocument, isErrorDocument } from "../support/documents.js";
import { type MadeRun, smallRuns, toCsv } from "../support/made-log.js";

/** The new runs with the loss of one of them (the third, line 4) moved by a share. */
const moved = (share: number): MadeRun[] =>
  newRuns().map((run, i) => (i === 2 ? { ...run, loss: Number((run.loss * (1 + share)).toFixed(4)) } : run));

/** A folder with a fit, new runs that hold, and new runs of which one is off. */
async function fitted(args: string[] = []): Promise<Workspace> {
  const at = workspace({
    "runs.csv": toCsv(smallRuns()),
    "new.csv": toCsv(newRuns()),
    "high.csv": toCsv(moved(0.05)),
    "low.csv": toCsv(moved(-0.05)),
  });
  await at.run(["fit", "runs.csv", "--level", "0.99", ...args]);
  return at;
}

describe("runs on the predicted line", () => {
  test("pass with exit 0, one line a run and the verdict", async () => {
    const at = await fitted();
    const { exitCode, stdout, stderr } = await at.run(["check", "new.csv", "--against", "scalefit.json"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    for (const { run } of newRuns()) expect(stdout).toMatch(new RegExp(`ok +${run} `));
    expect(stdout).toMatch(/all 4 runs are on the predicted line\n$/);
  });

  test("take the fit of the folder where none is named", async () => {
    const at = await fitted();
    const named = await at.run(["check", "new.csv", "--against", "scalefit.json", "--json"]);
    const found = await at.run(["check", "new.csv", "--json"]);
    expect(found.stdout).toBe(named.stdout);
    const document = JSON.parse(found.stdout) as CheckDocument;
    isCheckDocument(document);
    expect(document.passed).toBe(true);
    expect(document.findings.map(({ run, severity }) => [run, severity])).toEqual(
      newRuns().map(({ run }) => [run, "ok"]),
    );
  });

  test("leave no file behind", async () => {
    const at = await fitted();
    const before = at.files();
    await at.run(["check", "new.csv"]);
    expect(at.files()).toEqual(before);
  });
});

describe("a run off the line", () => {
  test.each([
    ["above", "high.csv"],
    ["below: too good is a finding too", "low.csv"],
  ])("%s: exit 1, named with its measured and expected loss", async (_, file) => {
    const at = await fitted();
    const { exitCode, stdout, stderr } = await at.run(["check", file]);
    expect(exitCode).toBe(1);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/OFF +new-03 /);
    expect(stdout).toMatch(/1 of 4 runs are off the predicted line|1 of 4 runs is off the predicted line/);
  });

  test("is one finding of the document, and passed is false", async () => {
    const at = await fitted();
    const document = await at.json<CheckDocument>(["check", "high.csv"], { exitCode: 1 });
    isCheckDocument(document);
    expect(document.passed).toBe(false);
    const off = document.findings.filter(({ severity }) => severity !== "ok");
    expect(off).toHaveLength(1);
    expect(off[0]).toMatchObject({ run: "new-03", measured: moved(0.05)[2].loss, file: "high.csv", line: 4 });
    expect(off[0].measured).toBeGreaterThan(off[0].expected.high as number);
  });

  test("is held to --tolerance in place of the interval, as a share or in percent", async () => {
    const at = await fitted();
    for (const [tolerance, exitCode] of [
      ["10%", 0],
      ["0.1", 0],
      ["2%", 1],
      ["0.02", 1],
    ] as const) {
      const run = await at.run(["check", "high.csv", "--tolerance", tolerance]);
      expect(run.exitCode, tolerance).toBe(exitCode);
    }
  });

  test("is allowed exactly --tolerance on both sides of the estimate", async () => {
    const at = await fitted();
    const document = await at.json<CheckDocument>(["check", "new.csv", "--tolerance", "2%"]);
    for (const { expected } of document.findings) {
      expect((expected.low as number) / expected.estimate).toBeCloseTo(0.98, 12);
      expect((expected.high as number) / expected.estimate).toBeCloseTo(1.02, 12);
    }
  });

  test("is judged by the fit of its own group", async () => {
    const rows = [1, 2].flatMap((seed) =>
      smallRuns(seed).map((run) => ({
        ...run,
        loss: run.loss * (seed === 1 ? 1 : 1.1),
        data: `mix-${seed}`,
      })),
    );
    const at = workspace({ "runs.csv": toCsv(rows) });
    await at.run(["fit", "runs.csv", "--group-by", "data", "--level", "0.99"]);
    const named = (data: string) => toCsv(newRuns().map((run) => ({ ...run, data })));
    at.write("right.csv", named("mix-1"));
    at.write("wrong.csv", named("mix-2"));
    expect((await at.run(["check", "right.csv"])).exitCode).toBe(0);
    expect((await at.run(["check", "wrong.csv"])).exitCode).toBe(1);
  });
});

describe("in a GitHub workflow", () => {
  const actions = { env: { GITHUB_ACTIONS: "true", CI: "true" } };
  const commands = (text: string) => text.split("\n").filter((line) => line.trimStart().startsWith("::"));

  test("each run off the line is one annotation at its row", async () => {
    const at = await fitted();
    const { stdout, exitCode } = await at.run(["check", "high.csv"], actions);
    expect(exitCode).toBe(1);
    const [line, ...more] = commands(stdout);
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^::error file=high\.csv,line=4,title=scalefit off-the-line::new-03: measured 2\.4655, expected /,
    );
    expect(line).toMatch(/ %25 above the prediction/);
  });

  test("there is none where all runs hold, and none outside of a workflow", async () => {
    const at = await fitted();
    expect(commands((await at.run(["check", "new.csv"], actions)).stdout)).toEqual([]);
    expect(commands((await at.run(["check", "high.csv"])).stdout)).toEqual([]);
  });

  test("with --json they go to stderr, and stdout stays one document", async () => {
    const at = await fitted();
    const { stdout, stderr } = await at.run(["check", "high.csv", "--json"], actions);
    isCheckDocument(JSON.parse(stdout));
    expect(commands(stderr)).toHaveLength(1);
  });

  test("text of a log is never taken for a command or for the end of one", async () => {
    const at = await fitted();
    const names = ["::set-output name=x::1", "a,b:c%0A::error::x", '"two\n::error::lines"', "100 %"];
    const rows = moved(0.2).map((run, i) => ({ ...run, run: names[i], loss: 9 }));
    at.write("odd,name:1.csv", toCsv(rows).replace("a,b:c%0A::error::x", '"a,b:c%0A::error::x"'));
    const { stdout, exitCode } = await at.run(["check", "odd,name:1.csv"], actions);
    expect(exitCode).toBe(1);
    const lines = commands(stdout);
    expect(lines).toHaveLength(4);
    for (const line of lines) {
      expect(line).toMatch(/^::error file=odd%2Cname%3A1\.csv,line=\d,title=scalefit off-the-line::/);
      expect(line.replace(/%(25|0A|0D|3A|2C)/g, "")).not.toContain("%");
    }
    expect(stdout).toContain("a,b:c%250A");
  });
});

describe("a check that cannot be made", () => {
  async function refused(at: Workspace, args: string[]): Promise<string> {
    const { exitCode, stderr } = await at.run(["check", ...args]);
    expect(exitCode, stderr).toBe(2);
    isErrorDocument(await at.json(["check", ...args], { exitCode: 2 }));
    return stderr;
  }

  test("without a fit says how to make one, and no preset steps in", async () => {
    const at = workspace({ "new.csv": toCsv(newRuns()) });
    expect(await refused(at, ["new.csv"])).toMatch(/--against FILE.*scalefit fit/s);
    expect(await refused(at, ["new.csv", "--against", "nope.json"])).toMatch(/nope\.json/);
  });

  test("with a log in place of the fit names the file", async () => {
    const at = workspace({ "new.csv": toCsv(newRuns()) });
    expect(await refused(at, ["new.csv", "--against", "new.csv"])).toMatch(/new\.csv: this is no saved fit/);
  });

  test("with runs that have no measured loss says so", async () => {
    const at = await fitted();
    at.write("planned.csv", toCsv(newRuns().map(({ loss: _, ...planned }) => planned)));
    expect(await refused(at, ["planned.csv"])).toMatch(/no column for the loss/);
  });

  test("with no run left says so", async () => {
    const at = await fitted();
    expect(await refused(at, ["new.csv", "--where", "params>1e15"])).toMatch(/no run .*is left/);
  });

  test.each(["-2%", "0", "200%", "two", "2 percent"])("with --tolerance %j is refused", async (tolerance) => {
    const at = await fitted(["--bootstrap", "0"]);
    expect(await refused(at, ["new.csv", `--tolerance=${tolerance}`])).toMatch(/--tolerance/);
  });

  test("of no file is refused", async () => {
    const at = await fitted(["--bootstrap", "0"]);
    expect(await refused(at, [])).toMatch(/argument 'files'/);
  });
});

test("a row that cannot be used is a warning, and the other runs are checked", async () => {
  const at = await fitted();
  at.write("new.csv", toCsv(newRuns().map((run, i) => (i === 0 ? { ...run, loss: "NaN" } : run))));
  const { exitCode, stdout, stderr } = await at.run(["check", "new.csv", "--json"]);
  expect(exitCode).toBe(0);
  expect((JSON.parse(stdout) as CheckDocument).findings).toHaveLength(3);
  expect(stderr).toMatch(/new\.csv: line 2: 1 row not used/);
});
