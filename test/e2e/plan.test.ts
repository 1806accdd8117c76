import { describe, expect, test } from "vitest";
import type { Estimate, FitDocument, PlanDocument } from "../../src/objects.js";
import { type Workspace, workspace } from "../support/cli.js";
import { isErrorDocument, isPlanDocument } from "../support/documents.js";
import { smallRuns, TRUTH, toCsv } from "../support/made-log.js";
import { BESIROGLU, bestSize } from "../support/sweeps.js";

/** A folder with a log and the fit of it. */
async function fitted(args: string[] = []): Promise<Workspace> {
  const at = workspace({ "runs.csv": toCsv(smallRuns()) });
  await at.run(["fit", "runs.csv", ...args]);
  return at;
}

const holds = ({ low, high, estimate }: Estimate, value: number) => {
  expect(low).toBeLessThanOrEqual(estimate);
  expect(high).toBeGreaterThanOrEqual(estimate);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
};

describe("a plan from the saved fit of the folder", () => {
  test("splits the budget by the law that made the runs, within its intervals", async () => {
    const at = await fitted();
    const document = await at.json<PlanDocument>(["plan", "--flops", "1e21"]);
    isPlanDocument(document);
    const [{ optimum, budget, law, source, extrapolation, group }] = document.plans;
    expect({ law, group, budget }).toEqual({ law: "chinchilla", group: null, budget: { flops: 1e21 } });
    expect(source).toContain("scalefit.json");
    const best = bestSize(TRUTH, 1e21);
    holds(optimum.N, best);
    holds(optimum.D, 1e21 / (6 * best));
    holds(
      optimum.loss,
      TRUTH.E + TRUTH.A / best ** TRUTH.alpha + TRUTH.B / (1e21 / (6 * best)) ** TRUTH.beta,
    );
    expect((6 * optimum.N.estimate * optimum.D.estimate) / 1e21).toBeCloseTo(1, 10);
    // The largest run has 6 x 7e8 x 1.4e11 = 5.88e20 FLOPs.
    expect(extrapolation.decades).toBeCloseTo(Math.log10(1e21 / 5.88e20), 6);
  });

  test("reads as an answer: size, tokens, ratio and loss with intervals, then what it rests on", async () => {
    const at = await fitted();
    const { stdout, stderr, exitCode } = await at.run(["plan", "--flops", "1e21"]);
    expect(exitCode).toBe(0);
    for (const word of [
      "Plan for 1e21 FLOPs",
      "parameters N",
      "tokens D",
      "tokens per parameter",
      "predicted loss",
    ])
      expect(stdout).toContain(word);
    expect(stdout).toMatch(/from +fit scalefit\.json: chinchilla on 24 rows/);
    expect(stdout).toContain("C = 6 N D");
    expect(stderr).toMatch(/warning: .*extrapolation, 0\.2 decades/);
  });

  test("gives the same bytes twice", async () => {
    const at = await fitted();
    const once = await at.run(["plan", "--flops", "1e21", "--json"]);
    const twice = await at.run(["plan", "--flops", "1e21", "--json"]);
    expect(twice.stdout).toBe(once.stdout);
  });

  test("has intervals from the covariance where the fit has no draws", async () => {
    const at = await fitted(["--bootstrap", "0"]);
    const document = await at.json<PlanDocument>(["plan", "--flops", "1e21"]);
    isPlanDocument(document);
    holds(document.plans[0].optimum.N, bestSize(TRUTH, 1e21));
  });

  test("says how far a limit was moved against a wrong law, and that an older fit knows nothing of it", async () => {
    const at = await fitted();
    const { stdout } = await at.run(["plan", "--flops", "1e22"]);
    expect(stdout).toMatch(
      /backtest +the 8 largest runs lie \S+ % (above|below) the law fitted without them; the (upper|lower) limit of\s+the\s+loss\s+is\s+moved\s+(up|down)\s+by \S+ % for it/,
    );
    const older = JSON.parse(at.read("scalefit.json"));
    delete older.fits[0].backtest;
    at.write("older.json", JSON.stringify(older));
    const plain = await at.run(["plan", "--flops", "1e22", "--fit", "older.json"]);
    expect(plain.stdout).toMatch(/backtest +a law that bends beyond the data is not guarded against/);
    older.fits[0].backtest = { ...older.fits[0].backtest, m: null };
    at.write("older.json", JSON.stringify(older));
    const { stderr } = await at.run(["plan", "--flops", "1e22", "--fit", "older.json"]);
    expect(stderr).toMatch(/"fits\.0\.backtest\.reason"/);
    older.fits[0].backtest = {
      m: 0.01,
      standardError: null,
      heldOut: 8,
      rest: 16,
      along: ["N", "__proto__"],
      cut: 1,
      largest: 2,
      decades: 0.5,
    };
    at.write("older.json", JSON.stringify(older));
    const stray = await at.run(["plan", "--flops", "1e22", "--fit", "older.json"]);
    expect(stray.stderr).toMatch(
      /"fits\.0\.backtest\.along" names "__proto__", which is no input of the law/,
    );
  });

  test("has one plan a group where the fit was grouped", async () => {
    const rows = [1, 2].flatMap((seed) => smallRuns(seed).map((run) => ({ ...run, data: `mix-${seed}` })));
    const at = workspace({ "runs.csv": toCsv(rows) });
    await at.run(["fit", "runs.csv", "--group-by", "data", "--bootstrap", "50"]);
    const document = await at.json<PlanDocument>(["plan", "--flops", "1e21"]);
    isPlanDocument(document);
    expect(document.plans.map(({ group }) => group)).toEqual(["mix-1", "mix-2"]);
  });

  test("--fit names another file, and does not depend on where it is named from", async () => {
    const at = await fitted(["-o", "mine.json"]);
    const relative = await at.run(["plan", "--fit", "mine.json", "--flops", "1e21", "--json"]);
    const absolute = await at.run(["plan", "--fit", `${at.path}/mine.json`, "--flops", "1e21", "--json"]);
    isPlanDocument(JSON.parse(relative.stdout));
    expect(absolute.stdout).toBe(relative.stdout);
  });
});

describe("a plan from published coefficients", () => {
  test("without a fit uses the default preset, and says so prominently", async () => {
    const { stdout, stderr, exitCode } = await workspace().run(["plan", "--flops", "1e22"]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: no fit given and no scalefit\.json here: using the published preset besiroglu/,
    );
    expect(stdout).toMatch(/from +preset besiroglu \(arXiv 2404\.10102/);
    const document = await workspace().json<PlanDocument>(["plan", "--flops", "1e22"]);
    expect(document.warnings[0].code).toBe("default-preset");
    expect(document.plans[0].source).toContain("besiroglu");
  });

  test("agrees with the closed form of the paper", async () => {
    const document = await workspace().json<PlanDocument>([
      "plan",
      "--preset",
      "besiroglu",
      "--flops",
      "1e22",
    ]);
    isPlanDocument(document);
    const [{ optimum, extrapolation }] = document.plans;
    expect(optimum.N.estimate / bestSize(BESIROGLU, 1e22)).toBeCloseTo(1, 10);
    expect(extrapolation.decades).toBeNull();
    expect(optimum.N).toMatchObject({ low: null, high: null });
  });

  test("says once, and not in every cell, why there is no interval", async () => {
    const { stdout } = await workspace().run(["plan", "--preset", "besiroglu", "--flops", "1e22"]);
    expect(stdout.match(/published coefficients/g)).toHaveLength(1);
  });

  test("warns of a preset that its own authors' data contradict", async () => {
    const { stderr } = await workspace().run(["plan", "--preset", "hoffmann-rounded", "--flops", "1e22"]);
    expect(stderr).toMatch(/warning: preset hoffmann-rounded: .*2404\.10102/);
  });

  const COEFFICIENTS = { E: 1.8172, A: 482.01, alpha: 0.3478, B: 2085.43, beta: 0.3658 };
  const asJson = JSON.stringify(COEFFICIENTS);
  test.each([
    ["names and values", "E=1.8172,A=482.01,B=2085.43,alpha=0.3478,beta=0.3658"],
    [
      "logarithms",
      `lnE=${Math.log(1.8172)},lnA=${Math.log(482.01)},lnB=${Math.log(2085.43)},alpha=0.3478,beta=0.3658`,
    ],
    ["JSON text", asJson],
    ["a JSON file", "@coefficients.json"],
  ])("takes coefficients as %s", async (_, coefficients) => {
    const at = workspace({ "coefficients.json": asJson });
    const given = ["plan", "--law", "chinchilla", "--coefficients", coefficients, "--flops", "1e22"];
    const document = await at.json<PlanDocument>(given);
    isPlanDocument(document);
    expect(document.plans[0].optimum.N.estimate / bestSize(BESIROGLU, 1e22)).toBeCloseTo(1, 10);
  });

  test("a floor that is left out is 0, said aloud", async () => {
    const { stderr, exitCode } = await workspace().run([
      "plan",
      "--law",
      "chinchilla",
      "--coefficients",
      "A=482,B=2085,alpha=0.348,beta=0.366",
      "--flops",
      "1e22",
    ]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/warning: E is not given: .* 0/);
  });
});

describe("the questions a plan answers", () => {
  const preset = ["plan", "--preset", "besiroglu"];
  const optimumOf = async (args: string[]) => {
    const document = await workspace().json<PlanDocument>([...preset, ...args]);
    isPlanDocument(document);
    return document.plans[0];
  };

  test("--target-loss gives the least compute that reaches it", async () => {
    const { optimum, budget } = await optimumOf(["--target-loss", "2.0"]);
    const there = await optimumOf(["--flops", String(budget.flops)]);
    expect(optimum.loss.estimate).toBeCloseTo(2, 10);
    expect(there.optimum.loss.estimate).toBeCloseTo(2, 9);
    expect(there.optimum.N.estimate / optimum.N.estimate).toBeCloseTo(1, 9);
  });

  test("--params gives the tokens and the compute for which that size is best", async () => {
    const { optimum, budget } = await optimumOf(["--params", "7B"]);
    expect(optimum.N.estimate).toBe(7e9);
    expect(bestSize(BESIROGLU, budget.flops ?? Number.NaN) / 7e9).toBeCloseTo(1, 9);
  });

  test("--tokens gives the size and the compute for which they are best", async () => {
    const { optimum, budget } = await optimumOf(["--tokens", "1T"]);
    expect(optimum.D.estimate).toBe(1e12);
    expect(
      bestSize(BESIROGLU, budget.flops ?? Number.NaN) / ((budget.flops ?? Number.NaN) / 6e12),
    ).toBeCloseTo(1, 9);
  });

  test("--flops with --params fixes the size and spends the rest on tokens", async () => {
    const { optimum } = await optimumOf(["--flops", "1e22", "--params", "7B"]);
    expect(optimum.N.estimate).toBe(7e9);
    expect(optimum.D.estimate / (1e22 / 42e9)).toBeCloseTo(1, 12);
  });

  test("--flops with --ratio spends the budget at so many tokens a parameter", async () => {
    const { optimum, budget } = await optimumOf(["--flops", "1e22", "--ratio", "100"]);
    expect(budget.flops).toBe(1e22);
    expect(optimum.tokensPerParameter.estimate).toBeCloseTo(100, 9);
    expect((6 * optimum.N.estimate * optimum.D.estimate) / 1e22).toBeCloseTo(1, 12);
  });

  test("--target-loss with --ratio gives the compute that reaches it off the optimum", async () => {
    const { optimum, budget } = await optimumOf(["--target-loss", "2.1", "--ratio", "200"]);
    const best = await optimumOf(["--target-loss", "2.1"]);
    expect(optimum.tokensPerParameter.estimate).toBeCloseTo(200, 9);
    expect(optimum.loss.estimate).toBeCloseTo(2.1, 10);
    expect(budget.flops).toBeGreaterThan(best.budget.flops ?? Number.NaN);
  });

  test("--target-loss with --params gives the tokens that such a model needs", async () => {
    const { optimum } = await optimumOf(["--target-loss", "2.05", "--params", "20B"]);
    const { E, A, B, alpha, beta } = BESIROGLU;
    expect(optimum.loss.estimate).toBeCloseTo(2.05, 10);
    expect(E + A / 20e9 ** alpha + B / optimum.D.estimate ** beta).toBeCloseTo(2.05, 9);
  });

  test.each([
    ["1e22", 1e22],
    ["1E22", 1e22],
    ["10000e18", 1e22],
    ["22ZFLOP", 22e21],
    ["22 ZFLOPs", 22e21],
    ["1e22 FLOPs", 1e22],
    ["10Z", 1e22],
    ["0.01Y", 1e22],
    ["10000E", 1e22],
    [".5e22", 5e21],
    ["+1e22", 1e22],
  ])("--flops takes %j", async (text, flops) => {
    const { budget } = await optimumOf([`--flops=${text}`]);
    expect((budget.flops ?? Number.NaN) / flops).toBeCloseTo(1, 14);
  });

  test.each([
    ["--params", "7B", "--params", "7e9"],
    ["--params", "7000M", "--params", "7e9 params"],
    ["--tokens", "1.4T", "--tokens", "1400B tokens"],
  ])("%s %s is the same as %s %s", async (...given) => {
    const [flag, text, again, other] = given;
    expect((await optimumOf([again, other])).optimum).toEqual((await optimumOf([flag, text])).optimum);
  });
});

describe("a plan that cannot be made", () => {
  async function refused(args: string[], files: Record<string, string> = {}): Promise<string> {
    const at = workspace(files);
    const { exitCode, stderr } = await at.run(["plan", ...args]);
    expect(exitCode, stderr).toBe(2);
    isErrorDocument(await at.json(["plan", ...args], { exitCode: 2 }));
    return stderr;
  }

  test.each([
    ["0", /above 0/],
    ["-1", /above 0/],
    ["NaN", /not a number/],
    ["1e999", /larger than any number/],
    ["1e22 bananas", /"bananas" is no suffix or unit/],
    ["", /empty/],
    ["1,000", /ambiguous|thousands/],
    ["10^22", /1e22/],
    ["0x10", /not decimal/],
    ["1_000", /separators/],
    ["5m", /milli or million/],
  ])("--flops %j is refused with the flag, the text and an example", async (text, says) => {
    const message = await refused([`--flops=${text}`]);
    expect(message).toMatch(/^scalefit: --flops: cannot use/);
    expect(message).toMatch(says);
  });

  test.each([
    ["no question", [], /--flops/],
    ["a loss and a budget", ["--flops", "1e22", "--target-loss", "2"], /contradict/],
    ["a ratio alone", ["--ratio", "20"], /needs a budget/],
    ["a ratio and a size", ["--flops", "1e22", "--ratio", "20", "--params", "7B"], /leaves nothing to plan/],
    ["size, tokens and budget", ["--flops", "1e22", "--params", "7B", "--tokens", "1T"], /predict/],
    [
      "a fit and a preset",
      ["--flops", "1e22", "--fit", "a.json", "--preset", "besiroglu"],
      /--fit and --preset contradict/,
    ],
    [
      "coefficients without their law",
      ["--flops", "1e22", "--coefficients", "E=1"],
      /--coefficients needs --law/,
    ],
    ["a law without coefficients", ["--flops", "1e22", "--law", "chinchilla"], /--law needs --coefficients/],
    ["a preset with a slip", ["--flops", "1e22", "--preset", "besirogl"], /did you mean besiroglu/],
    [
      "a coefficient with a slip",
      ["--flops", "1e22", "--law", "chinchilla", "--coefficients", "E=1,A=4,B=4,alpa=.3,beta=.3"],
      /"alpa"/,
    ],
    [
      "a missing coefficient",
      ["--flops", "1e22", "--law", "chinchilla", "--coefficients", "E=1,A=4,B=4,alpha=.3"],
      /beta/,
    ],
    ["a coefficient twice", ["--flops", "1e22", "--law", "chinchilla", "--coefficients", "E=1,E=2"], /twice/],
    [
      "a law that splits no budget",
      ["--flops", "1e22", "--law", "power-floor", "--coefficients", "E=1,A=3,alpha=.1"],
      /power-floor.*split/,
    ],
    ["a fit that is not there", ["--flops", "1e22", "--fit", "nope.json"], /nope\.json/],
    ["a word too many", ["--flops", "1e22", "extra"], /argument/],
  ])("%s: refused", async (_, args, says) => {
    expect(await refused(args)).toMatch(says);
  });

  test("a loss below the floor is refused with the floor", async () => {
    const message = await refused(["--target-loss", "1.5", "--preset", "besiroglu"]);
    expect(message).toMatch(/--target-loss 1\.5 cannot be reached.*1\.8172/);
  });

  test("a broken saved fit in the folder is named, and no preset steps in for it", async () => {
    const message = await refused(["--flops", "1e22"], {
      "scalefit.json": '{"schema": "scalefit/fit@1", "fits": []}',
    });
    expect(message).toMatch(/^scalefit: scalefit\.json: /);
  });

  test("a fit of a later version is refused as such", async () => {
    const message = await refused(["--flops", "1e22"], { "scalefit.json": '{"schema": "scalefit/fit@9"}' });
    expect(message).toMatch(/scalefit\/fit@9.*reads scalefit\/fit@1/);
  });
});

test("a fit of a law in one variable plans nothing and says what would", async () => {
  const rows = smallRuns().map(({ params, loss }) => ({ params, loss }));
  const at = workspace({ "runs.csv": toCsv(rows) });
  const { fits } = await at.json<FitDocument>(["fit", "runs.csv", "--bootstrap", "0"]);
  expect(fits[0].law).toBe("power-floor");
  const { exitCode, stderr } = await at.run(["plan", "--flops", "1e22"]);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/no N and D/);
});
