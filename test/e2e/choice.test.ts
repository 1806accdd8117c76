import { describe, expect, test } from "vitest";
import type { FitDocument, PlanDocument, RankedLaw, SavedFit } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isFitDocument, isSavedFit } from "../support/documents.js";
import { makeRuns, type Row, smallRuns, toCsv } from "../support/made-log.js";
import { generator, normal, shuffled } from "../support/random.js";

const QUICK = ["--bootstrap", "0", "--no-save"];
const SOME = ["--law", "power,power-floor,chinchilla"];
const log = toCsv(smallRuns());
const names = (ranking: readonly RankedLaw[]) =>
  ranking.map(({ law, size }) => (size === undefined ? law : `${law}:${size}`));

/** Runs whose loss depends on compute alone. */
function computeRuns(count: number): Row[] {
  const random = generator(4);
  return Array.from({ length: count }, (_, i) => {
    const C = 1e17 * 10 ** (i / 6);
    const params = Math.round(Math.sqrt(C / 120) * 10 ** (0.4 * random() - 0.2));
    const loss = (1.5 + 300 / C ** 0.13) * Math.exp(0.003 * normal(random));
    return { run: `c-${i}`, params, tokens: Math.round(C / (6 * params)), loss: Number(loss.toFixed(5)) };
  });
}

describe("fit --law with several laws", () => {
  test("takes the one that predicts rows held back, ranks the others beside it and says why", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<FitDocument>(["fit", "runs.csv", ...SOME, ...QUICK]);
    isFitDocument(document);
    const [{ law, choice, metrics }] = document.fits;
    expect(law).toBe("chinchilla");
    expect(choice).toMatchObject({ asked: "power,power-floor,chinchilla", rows: 24, errors: "log" });
    expect(names(choice?.ranking ?? [])[0]).toBe("chinchilla");
    expect(choice?.ranking).toHaveLength(3);
    expect(choice?.reason).toMatch(/^chinchilla predicts rows held back best: mean error /);
    // The quick search of a comparison and the whole one of the fit end in one minimum.
    expect(choice?.ranking[0].aicc).toBeCloseTo(metrics.aicc as number, 1);
  });

  test("fits the chosen law as --law alone would", async () => {
    const at = workspace({ "runs.csv": log });
    const chosen = await at.json<FitDocument>(["fit", "runs.csv", ...SOME, "--no-save"]);
    const alone = await at.json<FitDocument>(["fit", "runs.csv", "--law", "chinchilla", "--no-save"]);
    const { choice: _choice, ...fit } = chosen.fits[0];
    expect(fit).toEqual(alone.fits[0]);
    expect(chosen.warnings).toEqual(alone.warnings);
  });

  test("gives the same bytes whatever the order of the rows", async () => {
    const mixed = shuffled(smallRuns(), generator(8));
    const at = workspace({ "runs.csv": log, "mixed.csv": toCsv(mixed) });
    const [{ choice: one }] = (await at.json<FitDocument>(["fit", "runs.csv", ...SOME, ...QUICK])).fits;
    const [{ choice: two }] = (await at.json<FitDocument>(["fit", "mixed.csv", ...SOME, ...QUICK])).fits;
    expect(JSON.stringify(two)).toBe(JSON.stringify(one));
  });

  test("gives the same bytes on one thread and on three", async () => {
    const at = workspace({ "runs.csv": log });
    const printed = async (workers: string) =>
      JSON.stringify(await at.json(["fit", "runs.csv", "--law", "auto", ...QUICK, "--workers", workers]));
    expect(await printed("3")).toBe(await printed("1"));
  });

  test("tries a family at each of its sizes, or at the one that is named", async () => {
    const at = workspace({ "runs.csv": log });
    const ranked = async (laws: string) => {
      const { fits } = await at.json<FitDocument>(["fit", "runs.csv", "--law", laws, ...QUICK]);
      return names(fits[0].choice?.ranking ?? []).filter((name) => name.startsWith("bnsl"));
    };
    expect((await ranked("chinchilla,bnsl")).sort()).toEqual(["bnsl:0", "bnsl:1", "bnsl:2", "bnsl:3"]);
    expect(await ranked("chinchilla,bnsl:1")).toEqual(["bnsl:1"]);
  });

  test("names a law whose columns are not there, or that predicts something else, with the reason", async () => {
    const at = workspace({ "runs.csv": log });
    const laws = ["fit", "runs.csv", "--law", "chinchilla,loss-error,kaplan-steps", ...QUICK];
    const [{ choice }] = (await at.json<FitDocument>(laws)).fits;
    const reasons = new Map(choice?.ranking.map(({ law, reason }) => [law, reason]));
    expect(reasons.get("loss-error")).toMatch(/no column for error/);
    expect(reasons.get("kaplan-steps")).toMatch(/no column for S/);
    const { stdout } = await at.run(laws);
    expect(stdout).toMatch(/not tried {3}loss-error: no column for error/);
  });

  test.each([
    ["chinchilla,chinchila", /no law called "chinchila"/, /did you mean chinchilla/],
    ["chinchilla,power,chinchilla", /the law chinchilla is asked for twice/, /name it once/],
    ["bnsl,bnsl:1", /the law bnsl:1 is asked for twice/, /without a size tries several/],
    ["chinchilla,,power", /a name is missing between two commas/, /for example --law/],
    ["auto,power", /auto tries every law/, /auto alone/],
    ["bnsl:77", /no law called "bnsl:77"/, /bnsl/],
  ])("refuses --law %s", async (laws, message, hint) => {
    const at = workspace({ "runs.csv": log });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "--law", laws]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(hint);
  });

  test.each([
    [["--law", "auto", "--formula", "E + A/N^a"], /--law and --formula contradict each other/],
    [["--law", "auto", "--fix", "E=1"], /--law auto and --fix contradict each other/],
    [["--law", "power,chinchilla", "--param", "E=1"], /and --param contradict each other/],
  ])("refuses %j", async (flags, message) => {
    const at = workspace({ "runs.csv": log });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("says which columns are missing where none of the laws finds its own", async () => {
    const at = workspace({ "runs.csv": toCsv(smallRuns().map(({ params, loss }) => ({ params, loss }))) });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "--law", "chinchilla,kaplan-nd"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/the law "chinchilla" needs N and D/);
  });
});

describe("fit --law auto", () => {
  test("tries all laws of the catalogue that fit the columns, those of one variable on compute", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<FitDocument>(["fit", "runs.csv", "--law", "auto", ...QUICK]);
    isFitDocument(document);
    const [{ choice, law }] = document.fits;
    const tried = names(choice?.ranking ?? []);
    for (const name of ["chinchilla", "power-floor", "power", "bnsl:0", "bnsl:1", "kaplan-nd", "overtrain"])
      expect(tried).toContain(name);
    expect(tried[0].split(":")[0]).toBe(law);
    expect(choice?.asked).toBe("auto");
  });

  test("chooses group by group, names a group with too few rows and goes on", async () => {
    const both = makeRuns({
      seed: 3,
      noise: 0.002,
      sizes: [2e7, 9e7, 4e8, 1.6e9],
      tokensPerParameter: [3, 20, 90, 400],
    });
    const rows: Row[] = [
      ...both.map(({ params, tokens, loss }) => ({ recipe: "a", params, tokens, loss })),
      ...computeRuns(24).map(({ params, tokens, loss }) => ({ recipe: "b", params, tokens, loss })),
      { recipe: "c", params: 1e8, tokens: 2e9, loss: 3 },
    ];
    const at = workspace({ "runs.csv": toCsv(rows) });
    const grouped = ["fit", "runs.csv", ...SOME, "--group-by", "recipe", ...QUICK];
    const { fits, warnings } = await at.json<FitDocument>(grouped);
    expect(fits.map(({ group, law }) => `${group} ${law}`)).toEqual(["a chinchilla", "b power-floor"]);
    expect(warnings).toContainEqual(expect.objectContaining({ code: "no-law", group: "c" }));
  });

  test("is suggested where the default was taken, and only there", async () => {
    const at = workspace({ "runs.csv": log });
    const byColumns = await at.run(["fit", "runs.csv", ...QUICK]);
    expect(byColumns.stdout).toMatch(/the default for these columns; --law auto would also try \S+/);
    expect((await at.json<FitDocument>(["fit", "runs.csv", ...QUICK])).fits[0]).not.toHaveProperty("choice");
    const asked = await at.run(["fit", "runs.csv", "--law", "chinchilla", ...QUICK]);
    expect(asked.stdout).not.toContain("--law auto");
  });

  test("needs a loss and something that it could depend on", async () => {
    const at = workspace({ "runs.csv": "params,name\n1e6,a\n2e6,b\n" });
    const { exitCode, stderr } = await at.run(["fit", "runs.csv", "--law", "auto"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^scalefit: /);
  });
});

describe("a plan from a chosen law", () => {
  test("says among how many it was chosen and what the next law would plan", async () => {
    const at = workspace({ "runs.csv": log });
    await at.run(["fit", "runs.csv", "--law", "chinchilla,kaplan-nd,power", "--bootstrap", "0"]);
    isSavedFit(JSON.parse(at.read("scalefit.json")));
    const [{ choice, optimum }] = (await at.json<PlanDocument>(["plan", "--flops", "1e21"])).plans;
    expect(choice?.among).toBe(3);
    expect(choice?.runnerUp?.law).toBe("kaplan-nd");
    // Another law of the same rows: another optimum, of the same order.
    const ratio = (choice?.runnerUp?.optimum?.N ?? 0) / optimum.N.estimate;
    expect(ratio).toBeGreaterThan(0.1);
    expect(ratio).toBeLessThan(10);
    const { stdout } = await at.run(["plan", "--flops", "1e21"]);
    expect(stdout.replace(/\s+/g, " ")).toMatch(
      /assumes the law chinchilla, chosen among 3 \(under the next, kaplan-nd: N \S+, D \S+, loss \d\.\d+\)/,
    );
  });

  test("says so where the next law plans nothing", async () => {
    const at = workspace({ "runs.csv": log });
    await at.run(["fit", "runs.csv", "--law", "chinchilla,power", "--bootstrap", "0"]);
    const [{ choice }] = (await at.json<PlanDocument>(["plan", "--flops", "1e21"])).plans;
    expect(choice?.runnerUp).toEqual({ law: "power", optimum: null });
  });

  test.each([
    ["a law that is not there", { law: "nothing", coefficients: {} }, /fits\.0\.choice\.runnerUp\.law/],
    ["a missing coefficient", { law: "power", coefficients: { A: 3 } }, /runnerUp\.coefficients\.alpha/],
    [
      "one out of bounds",
      { law: "power", coefficients: { A: 3, alpha: 99 } },
      /coefficients\.alpha" is out of bounds: 99/,
    ],
    ["a text for a number", { law: "power", coefficients: { A: "3", alpha: 1 } }, /runnerUp/],
  ])("refuses a saved fit whose next law has %s", async (_what, runnerUp, message) => {
    const at = workspace({ "runs.csv": log });
    await at.run(["fit", "runs.csv", "--law", "chinchilla,power", "--bootstrap", "0"]);
    const saved = JSON.parse(at.read("scalefit.json")) as SavedFit;
    const [fit] = saved.fits;
    at.write(
      "scalefit.json",
      JSON.stringify({ ...saved, fits: [{ ...fit, choice: { ...fit.choice, runnerUp } }] }),
    );
    const { exitCode, stderr } = await at.run(["plan", "--flops", "1e21"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
