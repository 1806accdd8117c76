import { describe, expect, test } from "vitest";
import type { PredictDocument } from "../../src/objects.js";
import { newRuns } from "../support/ci-example.js";
import { type Workspace, workspace } from "../support/cli.js";
import { isErrorDocument, isPredictDocument } from "../support/documents.js";
import { smallRuns, TRUTH, toCsv } from "../support/made-log.js";
import { BESIROGLU, lossOf } from "../support/sweeps.js";

async function fitted(args: string[] = []): Promise<Workspace> {
  const at = workspace({ "runs.csv": toCsv(smallRuns()), "new.csv": toCsv(newRuns()) });
  await at.run(["fit", "runs.csv", ...args]);
  return at;
}

describe("the prediction of one run", () => {
  test("lies near the law that made the runs; the interval of a new run is the wider one", async () => {
    const at = await fitted();
    const document = await at.json<PredictDocument>(["predict", "--params", "1B", "--tokens", "20B"]);
    isPredictDocument(document);
    const [{ at: point, value, newRun, law, group }] = document.predictions;
    expect({ law, group, point }).toEqual({ law: "chinchilla", group: null, point: { N: 1e9, D: 2e10 } });
    const truth = lossOf(TRUTH, 1e9, 2e10);
    expect(value.low).toBeLessThan(truth);
    expect(value.high).toBeGreaterThan(truth);
    expect(newRun.low).toBeLessThan(value.low as number);
    expect(newRun.high).toBeGreaterThan(value.high as number);
    expect(document.metrics).toBeUndefined();
  });

  test("is the formula where coefficients are given outright", async () => {
    const document = await workspace().json<PredictDocument>([
      "predict",
      "--preset",
      "besiroglu",
      "--params",
      "70B",
      "--tokens",
      "1.4T",
    ]);
    isPredictDocument(document);
    expect(document.predictions[0].value.estimate).toBeCloseTo(lossOf(BESIROGLU, 70e9, 1.4e12), 10);
  });

  test("of an estimator needs no coefficients, and refuses counts that contradict each other", async () => {
    const at = workspace();
    const ask = ["predict", "--law", "pass-at-k-estimator", "--at"];
    const document = await at.json<PredictDocument>([...ask, "n=5,c=2,k=2"]);
    isPredictDocument(document);
    // Of the 10 pairs of 5 samples 3 hold none of the 2 correct ones.
    expect(document.predictions[0].value.estimate).toBeCloseTo(0.7, 12);
    const refused = await at.run([...ask, "n=5,c=6,k=2"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(/more correct samples \(c\) than samples \(n\)/);
  });

  test.each([
    [["--params", "7B", "--tokens", "2T"]],
    [["--at", "N=7e9,D=2e12"]],
    [["--at", "N=7B, D=2T"]],
    [["--at", '{"N": 7e9, "D": 2e12}']],
    [["--at", "@point.json"]],
    [["--params", "7B", "--at", "D=2T"]],
    [["--params", "7B", "--flops", "8.4e22"]],
    [["--tokens", "2T", "--flops", "84Z"]],
    [["--params", "7B", "--tokens", "2T", "--flops", "8.4e22"]],
  ])("%j all ask for the same point", async (args) => {
    const at = workspace({ "point.json": '{"N": 7e9, "D": 2e12}' });
    const document = await at.json<PredictDocument>(["predict", "--preset", "besiroglu", ...args]);
    expect(document.predictions[0].value.estimate).toBeCloseTo(lossOf(BESIROGLU, 7e9, 2e12), 10);
  });

  test("reads as an answer, and says when it lies outside the data", async () => {
    const at = await fitted();
    const { stdout, stderr } = await at.run(["predict", "--params", "7B", "--tokens", "2T"]);
    expect(stdout).toMatch(/chinchilla at N 7\.00B, D 2\.00T/);
    expect(stdout).toContain("95 % interval");
    expect(stderr).toMatch(/outside the range of the fitted data, by up to 1\.2 decades/);
    const inside = await at.run(["predict", "--params", "100M", "--tokens", "2B"]);
    expect(inside.stderr).toBe("");
  });

  test("asks a law of one variable by its own input's name", async () => {
    const document = await workspace().json<PredictDocument>([
      "predict",
      "--preset",
      "kaplan-LN",
      "--at",
      "x=1.5e9",
    ]);
    isPredictDocument(document);
    expect(document.predictions[0].value.estimate).toBeCloseTo((8.8e13 / 1.5e9) ** 0.076, 10);
  });

  test("has one prediction a group where the fit was grouped", async () => {
    const rows = [1, 2].flatMap((seed) => smallRuns(seed).map((run) => ({ ...run, data: `mix-${seed}` })));
    const at = workspace({ "runs.csv": toCsv(rows) });
    await at.run(["fit", "runs.csv", "--group-by", "data", "--bootstrap", "50"]);
    const document = await at.json<PredictDocument>(["predict", "--params", "1B", "--tokens", "20B"]);
    isPredictDocument(document);
    expect(document.predictions.map(({ group }) => group)).toEqual(["mix-1", "mix-2"]);
  });
});

describe("the predictions for a file", () => {
  test("are scored where the file has measured values, by the formulas they are named after", async () => {
    const at = await fitted();
    const document = await at.json<PredictDocument>(["predict", "new.csv"]);
    isPredictDocument(document);
    const rows = document.predictions;
    expect(rows.map(({ run }) => run)).toEqual(["new-01", "new-02", "new-03", "new-04"]);
    expect(rows.map(({ measured }) => measured)).toEqual(newRuns().map(({ loss }) => loss));
    const errors = rows.map(({ value, measured }) => Math.abs(value.estimate / (measured as number) - 1));
    expect(document.metrics?.meanRelativeError).toBeCloseTo(errors.reduce((a, b) => a + b) / 4, 12);
    expect(document.metrics?.worstRelativeError).toBeCloseTo(Math.max(...errors), 12);
    const inside = rows.filter(
      ({ newRun, measured }) =>
        (measured as number) >= (newRun.low as number) && (measured as number) <= (newRun.high as number),
    );
    expect(document.metrics?.coverage).toBe(inside.length / 4);
  });

  test("are not scored where it has none", async () => {
    const at = await fitted();
    at.write("planned.csv", toCsv(newRuns().map(({ loss: _, ...planned }) => planned)));
    const document = await at.json<PredictDocument>(["predict", "planned.csv"]);
    isPredictDocument(document);
    expect(document.predictions).toHaveLength(4);
    expect(document.predictions.every(({ measured }) => measured === undefined)).toBe(true);
    expect(document.metrics).toBeUndefined();
    const { stdout } = await at.run(["predict", "planned.csv"]);
    expect(stdout).not.toContain("measured");
  });

  test("leave out rows by --where, and read columns by --map", async () => {
    const at = await fitted();
    at.write(
      "other.csv",
      toCsv(newRuns().map((r) => ({ run: r.run, millions: r.params / 1e6, tokens: r.tokens }))),
    );
    const document = await at.json<PredictDocument>([
      "predict",
      "other.csv",
      "--map",
      "N=millions:1e6",
      "--where",
      "tokens>=15B",
    ]);
    expect(document.predictions.map(({ run }) => run)).toEqual(["new-02", "new-03", "new-04"]);
    expect(document.predictions[0].at).toEqual({ N: 1e9, D: 4e10 });
  });

  test("use each row's own group, and name a group that the fit does not know", async () => {
    const rows = [1, 2].flatMap((seed) => smallRuns(seed).map((run) => ({ ...run, data: `mix-${seed}` })));
    const at = workspace({ "runs.csv": toCsv(rows) });
    await at.run(["fit", "runs.csv", "--group-by", "data", "--bootstrap", "50"]);
    const asked = newRuns().map((run, i) => ({ ...run, data: ["mix-1", "mix-2", "mix-3", "mix-2"][i] }));
    at.write("new.csv", toCsv(asked));
    const { stdout, stderr } = await at.run(["predict", "new.csv", "--json"]);
    const document = JSON.parse(stdout) as PredictDocument;
    isPredictDocument(document);
    expect(document.predictions.map(({ group, run }) => [group, run])).toEqual([
      ["mix-1", "new-01"],
      ["mix-2", "new-02"],
      ["mix-2", "new-04"],
    ]);
    expect(stderr).toMatch(/mix-3: the fit has no such group/);
  });

  test("count a row that cannot be used", async () => {
    const at = await fitted();
    at.write("new.csv", toCsv(newRuns().map((run, i) => (i === 1 ? { ...run, tokens: "soon" } : run))));
    const { stdout, stderr } = await at.run(["predict", "new.csv", "--json"]);
    expect((JSON.parse(stdout) as PredictDocument).predictions).toHaveLength(3);
    expect(stderr).toMatch(/new\.csv: line 3: 1 row not used: "tokens"/);
  });
});

describe("a prediction that cannot be made", () => {
  test.each([
    ["tokens are missing", ["--params", "7e9"], /tokens/],
    ["nothing is asked", [], /--params and --tokens/],
    ["an unknown suffix", ["--params", "70Q", "--tokens", "1T"], /--params.*70Q/],
    ["an input the law does not have", ["--at", "N=7e9,D=2e12,E=8"], /no input called "E"/],
    ["an input twice", ["--at", "N=7e9,D=2e12", "--params", "7B"], /both give N/],
    [
      "three that contradict C = 6ND",
      ["--params", "7B", "--tokens", "2T", "--flops", "1e20"],
      /contradict C = 6 N D/,
    ],
    ["a point and a file", ["new.csv", "--params", "7B"], /contradict/],
    ["a file that is not there", ["nope.csv"], /nope\.csv/],
    ["a file without tokens", ["sizes.csv"], /sizes\.csv.*tokens|tokens.*sizes\.csv/s],
    ["no rows left", ["new.csv", "--where", "params>1e15"], /no row is left/],
  ])("%s: refused", async (_, args, says) => {
    const at = workspace({ "new.csv": toCsv(newRuns()), "sizes.csv": "params,width\n1e9,2048\n2e9,2560\n" });
    const asked = ["predict", "--preset", "besiroglu", ...args];
    const { exitCode, stderr } = await at.run(asked);
    expect(exitCode, stderr).toBe(2);
    expect(stderr).toMatch(says);
    isErrorDocument(await at.json(asked, { exitCode: 2 }));
  });
});
