/** Counts of successes, from a log to predictions, through the program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Estimate, FitDocument, PredictDocument } from "../../src/objects.js";
import { ROOT, workspace } from "../support/cli.js";
import { isErrorDocument, isFitDocument, isPredictDocument, isSavedFit } from "../support/documents.js";

const example = (name: string) => readFileSync(join(ROOT, "examples/repeated-sampling", name), "utf8");
/** Pass rates of sizes by exp(-4200 / N^0.33); the smallest passed 0 times in 20,000. */
const sizes = example("sizes.csv");
/** 160 problems whose chances are Beta(0.4, 6). */
const problems = example("problems.csv");
const COUNTS = ["--successes", "passed", "--trials", "samples"];
const QUICK = ["--bootstrap", "0", "--no-save"];

const holds = ({ low, high }: Estimate, value: number) => (low ?? 0) <= value && value <= (high ?? 0);
const estimatesOf = ({ fits: [{ parameters }] }: FitDocument) =>
  Object.fromEntries(Object.entries(parameters).map(([name, { estimate }]) => [name, estimate]));

describe("pass rates of sizes", () => {
  const at = workspace({ "sizes.csv": sizes });

  test("are resolved below one in the samples, saved, predicted and checked with", async () => {
    const fit = ["fit", "sizes.csv", "--law", "passuntil", ...COUNTS, "--bootstrap", "300"];
    const document = await at.json<FitDocument>(fit);
    isFitDocument(document);
    isSavedFit(JSON.parse(at.read("scalefit.json")));
    const [{ objective, parameters, data, measured }] = document.fits;
    expect(objective).toMatchObject({ name: "binomial", delta: null });
    expect(objective.dispersion).toBeGreaterThanOrEqual(1);
    expect(measured).toEqual({ column: "passed / samples", name: "PU" });
    // The size without a success is a row like any other.
    expect(data).toMatchObject({ rows: 16, used: 16, dropped: [] });
    expect(holds(parameters.c, 4200)).toBe(true);
    expect(holds(parameters.alpha, 0.33)).toBe(true);

    const far = await at.json<PredictDocument>(["predict", "--at", "N=5e7"]);
    isPredictDocument(far);
    const truth = Math.exp(-4200 / 5e7 ** 0.33);
    // 5.6e-6: a ninth of what one success in 20,000 would be.
    expect(truth).toBeLessThan(1 / 20_000 / 8);
    expect(holds(far.predictions[0].value, truth), `${JSON.stringify(far.predictions[0].value)}`).toBe(true);

    const scored = await at.json<PredictDocument>(["predict", "sizes.csv", ...COUNTS]);
    expect(scored.metrics?.coverage).toBeGreaterThan(0.8);
    const checked = await at.run(["check", "sizes.csv", ...COUNTS]);
    expect([0, 1]).toContain(checked.exitCode);
  });

  test("are the same by headers, by flags, as rates, and under a formula", async () => {
    const counted = await at.json<FitDocument>([
      "fit",
      "sizes.csv",
      "--law",
      "passuntil",
      ...COUNTS,
      ...QUICK,
    ]);
    const found = await at.json<FitDocument>([
      "fit",
      "sizes.csv",
      "--law",
      "passuntil",
      "--successes",
      "passed",
      ...QUICK,
    ]);
    expect(found.warnings).toContainEqual(
      expect.objectContaining({
        code: "counts-by-header",
        message: expect.stringMatching(/"passed".*"samples"/),
      }),
    );
    const rates = workspace({ "rates.csv": withRates(sizes) });
    const asRates = await rates.json<FitDocument>([
      "fit",
      "rates.csv",
      "--trials",
      "n",
      "--y",
      "rate",
      ...QUICK,
    ]);
    const formula = ["--formula", "exp(-c / params^alpha)", ...COUNTS, ...QUICK];
    const own = await at.json<FitDocument>(["fit", "sizes.csv", ...formula]);
    for (const other of [found, asRates, own]) {
      expect(other.fits[0].objective.name).toBe("binomial");
      expect(other.fits[0].objective.value).toBeCloseTo(counted.fits[0].objective.value, 8);
      for (const [name, value] of Object.entries(estimatesOf(counted)))
        expect(estimatesOf(other)[name] / value).toBeCloseTo(1, 5);
    }
  });

  test("plan says what such a law answers instead", async () => {
    const { exitCode, stderr } = await at.run([
      "plan",
      "--law",
      "passuntil",
      "--coefficients",
      "c=4200,alpha=0.33",
      "--flops",
      "1e20",
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/scalefit predict --solve N --at PU=/);
  });
});

/** The same log with rates in place of counts. */
function withRates(csv: string): string {
  const [, ...lines] = csv.trim().split("\n");
  const rows = lines.map((line) => {
    const [run, params, samples, passed] = line.split(",");
    return `${run},${params},${samples},${Number(passed) / Number(samples)}`;
  });
  return `run,params,n,rate\n${rows.join("\n")}\n`;
}

describe("problems with their correct samples", () => {
  const at = workspace({ "problems.csv": problems });

  test("give the distribution of their chances, and coverages of more samples than were drawn", async () => {
    const flags = ["--successes", "correct", "--trials", "samples", "--bootstrap", "300"];
    const document = await at.json<FitDocument>(["fit", "problems.csv", "--law", "pass-at-k-beta", ...flags]);
    isFitDocument(document);
    isSavedFit(JSON.parse(at.read("scalefit.json")));
    const [{ law, parameters, data, objective }] = document.fits;
    expect([law, objective.name, data.used]).toEqual(["pass-at-k-beta", "law-likelihood", 160]);
    expect(data.range).toEqual({ k: [1, 200] });
    expect(holds(parameters.alpha, 0.4)).toBe(true);
    expect(holds(parameters.beta, 6)).toBe(true);
    const predicted = await at.json<PredictDocument>(["predict", "--at", "k=10000"]);
    isPredictDocument(predicted);
    // 1 - B(0.4, 10006)/B(0.4, 6), by SciPy's betaln.
    expect(holds(predicted.predictions[0].value, 0.9495992307347944)).toBe(true);
    const solved = await at.json<PredictDocument>(["predict", "--solve", "k", "--at", "coverage=0.9"]);
    expect(solved.predictions[0].value.estimate).toBeGreaterThan(500);
  });

  test("are the default where no other law of rates fits the columns", async () => {
    const document = await at.json<FitDocument>(["fit", "problems.csv", "--successes", "correct", ...QUICK]);
    expect(document.fits[0].law).toBe("pass-at-k-beta");
    const one = workspace({ "one.csv": problems.replaceAll(",200,", ",").replace("samples,", "") });
    const fixed = await one.json<FitDocument>([
      "fit",
      "one.csv",
      "--successes",
      "correct",
      "--trials",
      "200",
      ...QUICK,
    ]);
    expect(fixed.fits[0].objective.value).toBe(document.fits[0].objective.value);
  });

  test("are fitted group by group", async () => {
    const [header, ...lines] = problems.trim().split("\n");
    const grouped = lines.map((line, i) => `${line},${i % 2 === 0 ? "a" : "b"}`);
    const two = workspace({ "two.csv": `${header},model\n${grouped.join("\n")}\n` });
    const flags = ["--law", "pass-at-k-beta", "--group-by", "model", ...QUICK];
    const { fits } = await two.json<FitDocument>(["fit", "two.csv", ...flags]);
    expect(fits.map(({ group, data }) => [group, data.used])).toEqual([
      ["a", 80],
      ["b", 80],
    ]);
  });

  test("without counts the law says what it needs", async () => {
    const { exitCode, stderr } = await workspace({ "log.csv": "problem,score\na,1\nb,2\n" }).run([
      "fit",
      "log.csv",
      "--law",
      "pass-at-k-beta",
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/needs the samples of each problem.*\n.*--trials COLUMN and --successes COLUMN/);
  });
});

describe("counts that cannot be", () => {
  const at = workspace();
  const withRow = (row: string) => sizes.replace(/^s04,.*$/m, row);
  const fit = ["fit", "log.csv", "--law", "passuntil", ...COUNTS];

  test.each([
    [
      "more successes than trials",
      "s04,280000000,10,11",
      "successes-above-trials",
      "passed",
      /more successes than trials/,
    ],
    [
      "a fraction of a success",
      "s04,280000000,10,1.5",
      "not-a-count",
      "passed",
      /passed is 1\.5, samples is 10/,
    ],
    ["a negative count", "s04,280000000,10,-1", "not-a-count", "passed", /not a whole number of 0 or more/],
    ["no trials", "s04,280000000,0,0", "not-a-count", "samples", /not a whole number above 0/],
  ])("%s: refused with file, line and column", async (_, row, code, column, message) => {
    at.write("log.csv", withRow(row));
    const document = await at.json<{ error: object }>(fit, { exitCode: 2 });
    isErrorDocument(document);
    expect(document.error).toMatchObject({ code, file: "log.csv", line: 5, column });
    expect((await at.run(fit)).stderr).toMatch(message);
    // A row that is left out is not looked at.
    expect((await at.run([...fit, "--where", "run!=s04", ...QUICK])).exitCode).toBe(0);
  });

  test("a log without a rate is told how counts are given", async () => {
    const at = workspace({ "sizes.csv": sizes });
    const { exitCode, stderr } = await at.run(["fit", "sizes.csv", "--law", "passuntil", ...QUICK]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--successes COLUMN --trials COLUMN");
  });

  test("swapped columns are said to be swapped", async () => {
    at.write("log.csv", sizes);
    const { stderr } = await at.run([
      "fit",
      "log.csv",
      "--law",
      "passuntil",
      "--successes",
      "samples",
      "--trials",
      "passed",
    ]);
    expect(stderr).toMatch(/swapped|not a whole number above 0/);
  });

  test("rates outside 0 to 1 are refused, per cent with the cure", async () => {
    const percent = withRates(sizes).replace(/[^,]*$/gm, (rate) =>
      Number(rate) > 0 ? String(100 * Number(rate)) : rate,
    );
    at.write("log.csv", percent);
    const { exitCode, stderr } = await at.run([
      "fit",
      "log.csv",
      "--law",
      "passuntil",
      "--y",
      "rate",
      "--trials",
      "n",
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/log\.csv:\d+: column "rate": "rate" is not from 0 to 1/);
  });

  test.each([
    [["--successes", "solved"], /there is no column "solved"/],
    [[...COUNTS, "--weight", "params"], /--trials and --weight contradict/],
    [[...COUNTS, "--y", "passed"], /--successes and --y contradict/],
    [[...COUNTS, "--trials", "9"], /--trials/],
  ])("%j is refused with the flag named", async (flags, message) => {
    at.write("log.csv", sizes);
    const { exitCode, stderr } = await at.run(["fit", "log.csv", "--law", "passuntil", ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("a missing count costs that row alone", async () => {
    at.write("log.csv", withRow("s04,280000000,20000,"));
    const { fits } = await at.json<FitDocument>([...fit, ...QUICK]);
    expect(fits[0].data).toMatchObject({ used: 15, dropped: [{ lines: [5], code: "missing" }] });
  });
});
