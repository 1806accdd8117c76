import { beforeAll, describe, expect, test } from "vitest";
import type { PlanDocument } from "../../src/objects.js";
import { obeysTheRules, workspace } from "../support/cli.js";
import { isPlanDocument } from "../support/documents.js";
import { smallRuns, toCsv } from "../support/made-log.js";

/** The best settings of sizes and tokens: 1.8 N^-0.7 D^0.3 and 0.6 D^0.57, with a few per cent of scatter. */
const best = [2e8, 4e8, 8e8].flatMap((params, i) =>
  [4e9, 2e10, 1e11].map((tokens, j) => ({
    params,
    tokens,
    lr: Number((1.8 * params ** -0.7 * tokens ** 0.3 * (1 + 0.03 * Math.sin(5 * i + 3 * j))).toPrecision(4)),
    batch_tokens: Math.round(0.6 * tokens ** 0.57 * (1 + 0.03 * Math.cos(4 * i + 7 * j))),
  })),
);

describe("a plan with the best learning rate and batch", () => {
  const at = workspace({ "runs.csv": toCsv(smallRuns()), "settings.csv": toCsv(best) });
  const args = ["plan", "--flops", "1e22", "--fit", "loss.json", "--lr-fit", "lr.json"];
  let next = "";
  beforeAll(async () => {
    await at.run(["fit", "runs.csv", "--bootstrap", "100", "-o", "loss.json"]);
    const fitted = ["fit", "settings.csv", "--law", "lr-batch", "--bootstrap", "80", "-o", "lr.json"];
    next = /next: scalefit (.*)$/m.exec((await at.run(fitted)).stdout)?.[1] ?? "";
  });

  test("has both with intervals of both fits, their reach, and every budget's own", async () => {
    const { stdout, stderr, exitCode } = await at.run(args);
    expect(exitCode).toBe(0);
    for (const line of [
      /learning rate +0\.000\d+ +\[0\.000\d+, 0\.000\d+\]/,
      /batch in tokens +1\.\d\dM +\[[\d.kM]+, [\d.M]+\]/,
      /steps, D \/ batch +\d+(\.\d)?k +\[\d+(\.\d)?k, \d+(\.\d)?k\]/,
      /FLOPs +N +D +D\/N +loss +lr +batch +steps/,
      /settings +fit lr\.json: lr-batch on 9 rows; intervals of both fits: each of 100 resamples/,
      /N \d\.\d decades beyond its data/,
    ])
      expect(stdout).toMatch(line);
    expect(stderr).toMatch(/warning: the learning rate and batch are an extrapolation, N 1\.\d decades/);
    const document = await at.json<PlanDocument>(args);
    isPlanDocument(document);
    const { lr, batch, steps } = document.plans[0].hyperparameters ?? {};
    for (const one of [lr, batch, steps]) expect(one?.low).toBeLessThan(one?.high ?? 0);
  });

  test("has them in CSV and Markdown, and is what the fit says to do next", async () => {
    const [header, ...rows] = (await at.run([...args, "--csv"])).stdout.trim().split("\n");
    const place = header.split(",").indexOf("lr");
    expect(header.split(",").slice(place, place + 9)).toEqual(
      ["lr", "batch_tokens", "steps"].flatMap((name) => [name, `${name}_low`, `${name}_high`]),
    );
    for (const row of rows) {
      const [value, low, high] = row.split(",").slice(place).map(Number);
      expect(low < value && value < high).toBe(true);
    }
    const page = (await at.run([...args, "--markdown"])).stdout;
    expect(page).toMatch(/\| learning rate \| 0\.000\d+ \| \\\[/);
    expect(page).toMatch(/- settings: fit lr\.json/);
    expect(next).toMatch(/^plan --flops \S+ --fit loss\.json --lr-fit lr\.json$/);
    expect((await at.run(next.split(" "))).exitCode).toBe(0);
  });

  test("takes a formula of the learning rate alone, and says that the batch is not known", async () => {
    const fit = [
      "fit",
      "settings.csv",
      "--y",
      "lr",
      "--formula",
      "k*N^a*D^b",
      "--bootstrap",
      "40",
      "-o",
      "only.json",
    ];
    await at.run(fit);
    const document = await at.json<PlanDocument>([
      "plan",
      "--flops",
      "1e21",
      "--fit",
      "loss.json",
      "--lr-fit",
      "only.json",
    ]);
    isPlanDocument(document);
    const { lr, batch, steps, unknown } = document.plans[0].hyperparameters ?? {};
    expect(lr?.low).toBeGreaterThan(0);
    expect([batch, steps, unknown]).toEqual([
      null,
      null,
      ["no batch: the law was fitted to the learning rate alone"],
    ]);
  });

  test.each([
    [["--lr-fit", "loss.json"], /--lr-fit loss\.json: the law "chinchilla"[\s\S]*--law lr-batch -o lr\.json/],
    [["--lr-fit", "none.json"], /none\.json[\s\S]*--law lr-batch/],
    [["--lr-fit", "lr.json", "--lr-preset", "steplaw"], /contradict each other/],
    [["--lr-preset", "steplw"], /did you mean steplaw\?/],
    [["--lr-preset", "besiroglu"], /there are steplaw and deepseek/],
  ])("refuses %j with the way out", async (flags, message) => {
    const all = ["plan", "--flops", "1e22", "--fit", "loss.json", ...flags];
    const run = await at.run(all);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(message);
    obeysTheRules(all, run);
  });

  test("refuses to split a budget by such a law alone, and says what it is for", async () => {
    const run = await at.run(["plan", "--flops", "1e22", "--fit", "lr.json"]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/not a loss[\s\S]*--fit loss\.json --lr-fit lr\.json/);
  });
});

/** Critical batches of eight losses: 1.5e8 / L^4.5 with some scatter. */
const batches = [4.2, 3.8, 3.4, 3.1, 2.9, 2.7, 2.5, 2.3].map((loss, i) => ({
  loss,
  critical_batch: Math.round((1.5e8 / loss ** 4.5) * (1 + 0.05 * Math.sin(5 * i))),
}));

test("a critical batch that was measured has an interval, and so have the accelerators it feeds", async () => {
  const at = workspace({ "batches.csv": toCsv(batches) });
  await at.run(["fit", "batches.csv", "--law", "bcrit", "--bootstrap", "60", "-o", "bcrit.json"]);
  const on = ["--preset", "besiroglu", "--hardware", "h100", "--count", "4096", "--least-batch", "8k"];
  const ask = ["plan", "--target-loss", "2.4", ...on, "--critical-batch-fit"];
  const { stdout, exitCode } = await at.run([...ask, "bcrit.json"]);
  expect(exitCode).toBe(0);
  expect(stdout.replace(/\s+/g, " ")).toMatch(
    /of use \d+ \[\d+, \d+\] accelerators: the critical batch of 2\.\d\dM \[2\.\d+M, [23]\.\d+M\] tokens at a loss of 2\.400 feeds no more than these \(fit bcrit\.json: bcrit on 8 rows\)/,
  );
  const wrong = await at.run([...ask, "none.json"]);
  expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringMatching(/none\.json[\s\S]*--law bcrit/)]);
});
