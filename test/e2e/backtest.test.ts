import { describe, expect, test } from "vitest";
import type { BacktestDocument, PlanDocument, SavedBacktest } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { isBacktestDocument } from "../support/documents.js";
import { makeRuns, type Row, smallRuns, toCsv } from "../support/made-log.js";
import { generator, normal, shuffled } from "../support/random.js";
import { describeWithShared, sharedFile } from "../support/shared.js";

const log = toCsv(smallRuns());
const QUICK = ["--bootstrap", "20", "--no-save"];

/** Checkpoints of a few runs: the loss falls with the tokens seen, with noise of each evaluation. */
function checkpoints(): Row[] {
  const random = generator(7);
  return makeRuns({
    seed: 5,
    noise: 0,
    sizes: [1e7, 4e7, 1.6e8, 6.4e8],
    tokensPerParameter: [10, 40, 160],
  }).flatMap(({ run, params, tokens }) =>
    [0.25, 0.5, 0.75, 1].map((share, k) => {
      const seen = Math.round(tokens * share);
      const loss = (1.72 + 380 / params ** 0.335 + 1450 / seen ** 0.36) * Math.exp(0.004 * normal(random));
      return { run, step: 100 * (k + 1), params, tokens: seen, loss: Number(loss.toFixed(5)) };
    }),
  );
}

describe("backtest", () => {
  test("hides larger runs at every cut and counts errors by how much larger they are", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<BacktestDocument>(["backtest", "runs.csv", ...QUICK]);
    isBacktestDocument(document);
    const [{ cuts, skipped, byScaleUp, rows, runs, scale }] = document.backtests;
    expect({ rows, runs, scale }).toEqual({ rows: 24, runs: 24, scale: "N D" });
    for (const { below, above } of cuts) expect(below.runs + above.runs).toBe(24);
    // Ten rows for five parameters.
    expect(cuts[0].below.rows).toBeGreaterThanOrEqual(10);
    expect(skipped[skipped.length - 1].reason).toMatch(/^\d rows below, and 10 are needed$/);
    const predicted = (all: { predictions: number }[]) => all.reduce((sum, one) => sum + one.predictions, 0);
    expect(predicted(byScaleUp.flatMap(({ laws }) => laws))).toBe(
      predicted(cuts.flatMap(({ laws }) => laws)),
    );
    // The log is the law's own with 0.3 % of noise.
    for (const { laws } of byScaleUp) expect(laws[0].mean).toBeLessThan(0.03);
  });

  test("gives the same bytes whatever the order of the rows and the number of threads", async () => {
    const at = workspace({ "runs.csv": log, "mixed.csv": toCsv(shuffled(smallRuns(), generator(3))) });
    const args = ["--law", "chinchilla,power-floor", "--runs", "8", "--cuts", "2", ...QUICK, "--json"];
    const one = await at.run(["backtest", "runs.csv", ...args, "--workers", "1"]);
    const two = await at.run(["backtest", "mixed.csv", ...args, "--workers", "2"]);
    expect(JSON.parse(two.stdout).backtests).toEqual(JSON.parse(one.stdout).backtests);
  });

  test("tries laws side by side, with fits to fewer runs, and names the closest", async () => {
    const at = workspace({ "runs.csv": log });
    const document = await at.json<BacktestDocument>([
      ...[
        "backtest",
        "runs.csv",
        "--law",
        "power-floor,chinchilla",
        "--runs",
        "8,12",
        "--cuts",
        "4",
        ...QUICK,
      ],
    ]);
    isBacktestDocument(document);
    const [{ byScaleUp, byRuns }] = document.backtests;
    expect(byScaleUp.every(({ laws }) => laws.length === 2)).toBe(true);
    expect(byScaleUp[0].best).toBe("chinchilla");
    expect(byRuns.map(({ runs }) => runs)).toEqual([8, 12, null]);
    const errors = byRuns.map(({ laws }) => laws.find(({ law }) => law === "chinchilla")?.mean ?? 0);
    expect(errors[0]).toBeGreaterThan(errors[2]);
  });

  test("takes every checkpoint, hides a run with all of them, and averages the last ones where asked", async () => {
    const at = workspace({ "steps.csv": toCsv(checkpoints()) });
    const all = await at.json<BacktestDocument>([
      "backtest",
      "steps.csv",
      "--checkpoints",
      "--cuts",
      "3",
      ...QUICK,
    ]);
    expect(all.backtests[0]).toMatchObject({ observed: "checkpoints", rows: 48, runs: 12 });
    for (const { below } of all.backtests[0].cuts) expect(below.rows).toBe(4 * below.runs);
    const averaged = await at.json<BacktestDocument>([
      "backtest",
      "steps.csv",
      "--average",
      "2",
      "--cuts",
      "1",
      ...QUICK,
    ]);
    expect(averaged.backtests[0]).toMatchObject({ observed: "final", rows: 12 });
    expect(averaged.warnings).toContainEqual(
      expect.objectContaining({
        code: "averaged",
        message: '"loss" of a run is the mean of its last 2 checkpoints',
      }),
    );
    const both = await at.run(["backtest", "steps.csv", "--checkpoints", "--average", "2"]);
    expect(both.stderr).toMatch(/--checkpoints and --average contradict each other/);
  });

  test.each([
    [
      "too few runs",
      toCsv(smallRuns().slice(0, 9)),
      [],
      /9 usable runs, and 10 runs of at least 3 scales are needed .*11 in all/,
    ],
    [
      "one scale",
      toCsv(Array.from({ length: 14 }, (_, i) => ({ params: 1e8 + i, tokens: 2e9, loss: 3 + i / 1e3 }))),
      ["--law", "chinchilla"],
      /^scalefit: /,
    ],
    ["runs that are none", log, ["--runs", "8,x"], /--runs: cannot use "8,x"/],
    ["a chain", log, ["--law", "task-ladder"], /^scalefit: /],
    [
      "checkpoints that do not move",
      toCsv(checkpoints().map((row) => ({ ...row, tokens: Number(row.params) * 20 }))),
      ["--checkpoints"],
      /the same in all rows of a run/,
    ],
  ])("exits 2 for %s", async (_what, csv, flags, message) => {
    const at = workspace({ "runs.csv": csv });
    const { exitCode, stderr } = await at.run(["backtest", "runs.csv", ...flags]);
    expect(exitCode).toBe(2);
    expect(stderr.replace(/\s+/g, " ")).toMatch(message);
    expect(at.files()).toEqual(["runs.csv"]);
  });
});

describe("a plan that quotes a backtest", () => {
  const QUOTES = /expect\s+hidden runs \S+ times beyond the fitted ones or farther were off by/;

  test("says what error to expect at its distance", async () => {
    const at = workspace({ "runs.csv": log });
    await at.run(["fit", "runs.csv", "--bootstrap", "20"]);
    await at.run(["backtest", "runs.csv", "--bootstrap", "0", "--cuts", "4"]);
    const saved = JSON.parse(at.read("scalefit.backtest.json")) as SavedBacktest;
    expect(saved.made.inputs[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    const near = await at.json<PlanDocument>(["plan", "--flops", "2e21"]);
    const [{ expectedError, extrapolation }] = near.plans;
    expect(expectedError).toMatchObject({ law: "chinchilla", kind: "observed" });
    expect(expectedError?.scaleUp).toBeCloseTo(10 ** (extrapolation.decades as number), 9);
    expect((await at.run(["plan", "--flops", "2e21"])).stdout).toMatch(QUOTES);
    const far = await at.run(["plan", "--flops", "1e27"]);
    expect(far.stdout.replace(/\s+/g, " ")).toMatch(
      /times the largest run nothing was tried .*carried on from/,
    );
    const inside = await at.json<PlanDocument>(["plan", "--flops", "1e19"]);
    expect(inside.plans[0]).not.toHaveProperty("expectedError");
  });

  test.each([
    [
      "other files",
      async (at: ReturnType<typeof workspace>) => at.run(["backtest", "more.csv", ...BRIEF]),
      /it was made from other files/,
    ],
    [
      "other rows",
      async (at: ReturnType<typeof workspace>) =>
        at.run(["backtest", "runs.csv", "--where", "params<5e8", ...BRIEF]),
      /another --where/,
    ],
    [
      "another law",
      async (at: ReturnType<typeof workspace>) =>
        at.run(["backtest", "runs.csv", "--law", "power-floor", ...BRIEF]),
      /not of the law chinchilla/,
    ],
  ])("does not quote one of %s, and says why", async (_what, make, why) => {
    const at = workspace({ "runs.csv": log, "more.csv": toCsv(smallRuns(7)) });
    await at.run(["fit", "runs.csv", "--bootstrap", "0"]);
    await make(at);
    const { stdout, stderr, exitCode } = await at.run(["plan", "--flops", "2e21"]);
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(QUOTES);
    expect(stderr.replace(/\s+/g, " ")).toMatch(why);
  });

  test("refuses a file that is no saved backtest, and one without a fit", async () => {
    const at = workspace({
      "runs.csv": log,
      "broken.json": '{"schema": "scalefit/backtest@1", "backtests": 3}',
    });
    expect((await at.run(["plan", "--flops", "1e21", "--backtest", "broken.json"])).stderr).toMatch(
      /there is no fit here/,
    );
    await at.run(["fit", "runs.csv", "--bootstrap", "0"]);
    const { exitCode, stderr } = await at.run(["plan", "--flops", "1e21", "--backtest", "broken.json"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/broken\.json.*"backtests" cannot be used/s);
  });
});

const BRIEF = ["--bootstrap", "0", "--cuts", "2"];

describeWithShared("a backtest of public data", () => {
  test("Chinchilla's runs at 5 to 30 times the compute are predicted within 2 % on average", async () => {
    const document = await workspace().json<BacktestDocument>([
      ...[
        "backtest",
        sharedFile("data/chinchilla_epoch.csv"),
        "--where",
        "loss<3.44699",
        "--cuts",
        "6",
        ...QUICK,
      ],
    ]);
    const bins = document.backtests[0].byScaleUp.filter(({ from }) => from === 5 || from === 10);
    for (const { laws } of bins) expect(laws[0].mean).toBeLessThan(0.02);
  });
});
