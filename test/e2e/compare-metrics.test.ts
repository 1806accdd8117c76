import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { MetricsDocument } from "../../src/objects.js";
import { ROOT, workspace } from "../support/cli.js";
import { generator, shuffled } from "../support/random.js";
import { describeWithShared, sharedFile } from "../support/shared.js";

const log = readFileSync(join(ROOT, "examples/decide-metrics/evals.csv"), "utf8");
const [header, ...lines] = log.trimEnd().split("\n");

/** One row a task: `task,value` in place of the columns of metrics. */
function asLong(): string {
  const names = header.split(",").slice(4);
  const rows = lines.flatMap((line) => {
    const cells = line.split(",");
    return names.map((name, i) => [...cells.slice(0, 4), name, cells[4 + i]].join(","));
  });
  return [`${header.split(",").slice(0, 4).join(",")},task,value`, ...rows].join("\n");
}

describe("compare --metrics", () => {
  test("says which metric to decide by and which not, as the simulation has it", async () => {
    const at = workspace({ "evals.csv": log });
    const document = await at.json<MetricsDocument>(["compare", "evals.csv", "--metrics"]);
    expect(document).toMatchObject({ schema: "scalefit/compare@1", mode: "metrics", groupBy: "recipe" });
    expect(document.choice).toMatchObject({ metric: "val_loss", avoid: ["chat_score"] });
    expect(document.choice.reason).toMatch(/as good: qa_bpb/);
    expect(document.metrics.map(({ metric }) => metric)).toContain("mmlu acc: mean of 3");
    const { stdout } = await at.run(["compare", "evals.csv", "--metrics", "--quiet"]);
    await expect(stdout).toMatchFileSnapshot("golden/compare-metrics.txt");
  });

  test("a long table, rows in another order and a pattern give the same numbers", async () => {
    const mixed = [header, ...shuffled(lines, generator(4))].join("\n");
    const at = workspace({ "evals.csv": log, "long.csv": asLong(), "mixed.csv": mixed });
    const metrics = async (...args: string[]) =>
      (await at.json<MetricsDocument>(["compare", ...args])).metrics;
    const one = await metrics("evals.csv", "--metrics");
    expect(await metrics("long.csv", "--metrics")).toEqual(one);
    expect(await metrics("long.csv", "--metrics", "task=task", "--y", "value")).toEqual(one);
    expect(JSON.stringify(await metrics("mixed.csv", "--metrics"))).toBe(JSON.stringify(one));
    const some = await metrics("evals.csv", "--metrics", "val_loss,mmlu_*");
    expect(some.filter(({ averageOf }) => averageOf === undefined)).toHaveLength(4);
  });

  test("one seed and one checkpoint: no noise, with the reason; the rest is there", async () => {
    const last = lines.filter((_line, i) => i % 6 === 5);
    const at = workspace({ "evals.csv": [header, ...last].join("\n") });
    const { metrics, warnings, choice } = await at.json<MetricsDocument>([
      "compare",
      "evals.csv",
      "--metrics",
    ]);
    for (const { noise, noiseReason, decisionAccuracy } of metrics) {
      expect(noise).toBeNull();
      expect(noiseReason).toMatch(/no noise can be measured/);
      expect(decisionAccuracy).toHaveLength(2);
    }
    expect(warnings.map(({ code }) => code)).toContain("no-noise");
    expect(choice.metric).not.toBeNull();
  });

  test("a metric or a column that is not there ends with the nearest name", async () => {
    const at = workspace({ "evals.csv": log, "text.csv": "recipe,params\na,1e9\nb,1e9\n" });
    for (const [args, words] of [
      [["--metrics", "val_los"], /did you mean "val_loss"/],
      [["--metrics", "--target", "qa_ac"], /did you mean "qa_acc"/],
      [["--metrics", "--group-by", "recipes"], /did you mean "recipe"/],
    ] as const) {
      const run = await at.run(["compare", "evals.csv", ...args]);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toMatch(words);
    }
    expect((await at.run(["compare", "text.csv", "--metrics"])).stderr).toMatch(/no column is a metric/);
  });
});

describeWithShared("on public evaluations", () => {
  test("Pythia's two data sets lie within the noise of all nine metrics at 2.8B", async () => {
    const file = sharedFile("data/pythia_downstream.csv");
    const args = ["compare", file, "--metrics", "--group-by", "deduped"];
    const { metrics, choice } = await workspace().json<MetricsDocument>(args);
    expect(choice.metric).toBeNull();
    // NumPy: polyfit of degree 1 through the five last accuracies of both 2.8B models, SUM r^2 over 6 degrees of freedom.
    const lambada = metrics.find(({ metric }) => metric === "acc_lambada_openai");
    expect(lambada?.noise?.absolute).toBeCloseTo(0.002630353607109966, 10);
    expect(lambada?.signal?.standardDeviation).toBeCloseTo(0.0023053355179379078, 10);
    expect(lambada?.publishedSnr).toBeCloseTo(0.8345514737116051, 8);
  });
});

test("results as a harness writes them: a row a task, a column a measure, its standard error left out", async () => {
  const harness = [
    "recipe,params,tokens,task,acc,acc_stderr",
    "a,1e8,2e9,arc,0.30,0.01",
    "b,1e8,2e9,arc,0.32,0.01",
    "a,1e9,2e10,arc,0.40,0.01",
    "b,1e9,2e10,arc,0.45,0.01",
  ].join("\n");
  const { metrics } = await workspace({ "evals.csv": harness }).json<MetricsDocument>([
    "compare",
    "evals.csv",
    "--metrics",
  ]);
  expect(metrics.map(({ metric, direction }) => [metric, direction])).toEqual([["arc acc", "higher"]]);
  expect(metrics[0].decisionAccuracy[0]).toMatchObject({ pairs: 1, estimate: 1 });
});
