/** Recipes compared through the program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type {
  CompareDocument,
  CompareLawsDocument,
  ParetoDocument,
  PresetsDocument,
} from "../../src/objects.js";
import { compareView } from "../../src/report/compare-view.js";
import { ROOT, workspace } from "../support/cli.js";

const LOG = readFileSync(join(ROOT, "examples/two-recipes/runs.csv"), "utf8");
const [HEADER, ...ROWS] = LOG.trim().split("\n");
const QUICK = ["--bootstrap", "100"];
const log = (rows: readonly string[]) => `${[HEADER, ...rows].join("\n")}\n`;
const of = (recipe: string) => ROWS.filter((row) => row.split(",")[1] === recipe);

/** Every run of the log three times on its way, the last at its end. */
function steps(): string {
  const lines = ROWS.flatMap((row) => {
    const [run, recipe, params, tokens, hours, loss] = row.split(",");
    return [0.4, 0.7, 1].map((share, k) => {
      const seen = Number(tokens) * share;
      const more = 800 * (seen ** -0.33 - Number(tokens) ** -0.33);
      return [run, recipe, params, tokens, hours, 100 * (k + 1), seen, Number(loss) + more].join(",");
    });
  });
  return `run,recipe,params,planned,gpu_hours,step,tokens,loss\n${lines.join("\n")}\n`;
}

describe("checkpoints of recipes", () => {
  const args = ["compare", "steps.csv", "--group-by", "recipe", ...QUICK];
  const folder = workspace({ "steps.csv": steps(), "runs.csv": LOG });

  test("all take part, and rows of one run share its error: no test that knows nothing of it", async () => {
    const { recipes } = await folder.json<CompareDocument>([...args, "--checkpoints"]);
    expect(recipes.groups.map(({ runs, rows }) => [runs, rows])).toEqual([
      [25, 75],
      [25, 75],
    ]);
    expect(recipes.tests?.oneCurve.likelihoodRatio).toBeNull();
    expect(recipes.accounts.map(({ aicc, bic }) => [aicc, bic])).toEqual(Array(3).fill([null, null]));
    const view = compareView({ schema: "scalefit/compare@1", mode: "recipes", recipes, warnings: [] }, 80);
    expect(view).toContain("runs  checkpoints");
    expect(view).toContain("F test, AICc and BIC know nothing");
  });

  test("the last row stands for a run unless they are asked for, or the mean of the last", async () => {
    const final = await folder.json<CompareDocument>(args);
    const plain = await folder.json<CompareDocument>(["compare", "runs.csv", ...args.slice(2)]);
    expect(final.recipes.scales).toEqual(plain.recipes.scales);
    const averaged = await folder.json<CompareDocument>([...args, "--average", "2"]);
    expect(averaged.recipes.groups[0]).toMatchObject({ runs: 25, rows: 25 });
    expect(averaged.warnings.map(({ code }) => code)).toContain("averaged");
  });

  test("all take part where laws or published sets are compared on them", async () => {
    const laws = await folder.json<CompareLawsDocument>([
      ...args,
      "--law",
      "chinchilla,power-floor",
      "--checkpoints",
    ]);
    expect(laws.comparisons.map(({ choice }) => choice.rows)).toEqual([75, 75]);
    const presets = await folder.json<PresetsDocument>([
      ...args,
      ...["--preset", "besiroglu", "--axes", "params=total,loss=nats/token", "--checkpoints"],
    ]);
    expect(presets.fits.map(({ rows }) => rows)).toEqual([75, 75]);
    expect(presets.presets.map(({ rows }) => rows !== null && "rows" in rows && rows.rows)).toEqual([75, 75]);
  });

  test.each([
    [
      "both",
      [...args, "--checkpoints", "--average", "2"],
      "contradict each other: one takes every checkpoint",
    ],
    ["a number of them", [...args, "--checkpoints", "5"], "--average K takes the mean of the last K"],
    [
      "a file after it",
      ["compare", ...args.slice(2), "runs.csv", "--checkpoints", "steps.csv"],
      "put it after the files",
    ],
    ["none for metrics", [...args, "--metrics", "--checkpoints"], "--checkpoints needs a number"],
    [
      "sizes that do not move",
      [...args, "--by", "gpu_hours", "--checkpoints"],
      "the same in all rows of a run",
    ],
  ])("exits 2 for %s", async (_what, given, message) => {
    const { exitCode, stderr } = await folder.run(given);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  test("a log without any says so", async () => {
    const { stderr } = await folder.run(["compare", "runs.csv", ...args.slice(2), "--checkpoints"]);
    expect(stderr).toContain("--checkpoints changes nothing");
  });
});

describe("recipes whose runs do not meet", () => {
  const C = (row: string) => Number(row.split(",")[2]) * Number(row.split(",")[3]);
  const [small, large] = [of("plain"), of("filtered")].map((rows) => rows.toSorted((a, b) => C(a) - C(b)));

  test("are told so, though their sizes overlap, and how far each is from its own runs", async () => {
    const at = workspace({ "runs.csv": log([...small.slice(0, 12), ...large.slice(-12)]) });
    const { recipes, warnings } = await at.json<CompareDocument>([
      ...["compare", "runs.csv", "--group-by", "recipe", ...QUICK],
    ]);
    expect(warnings.find(({ code }) => code === "no-common-range")?.message).toContain("no range of FLOPs");
    const view = compareView({ schema: "scalefit/compare@1", mode: "recipes", recipes, warnings }, 100);
    expect(view).toMatch(/1e18 .* filtered: 1\.0 decades below its runs/);
    // Where three columns of intervals have no room, the recipes stand below each other with theirs.
    const below = compareView({ schema: "scalefit/compare@1", mode: "recipes", recipes, warnings }, 60);
    expect(below).toMatch(/FLOPs {2}recipe +loss +95 % interval/);
  });
});

describe("two recipes of one log", () => {
  test("read as a stranger does", async () => {
    const run = await workspace({ "runs.csv": LOG }).run([
      "compare",
      "runs.csv",
      "--group-by",
      "recipe",
      ...QUICK,
    ]);
    expect(run.exitCode).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot("golden/compare.txt");
  });

  test("one log for each says the same as one log with a column, whatever the order of the rows", async () => {
    const folder = workspace({
      "runs.csv": LOG,
      "turned.csv": log([...ROWS].reverse()),
      "a.csv": log(of("plain")),
      "b.csv": log(of("filtered")),
    });
    const grouped = await folder.json<CompareDocument>([
      "compare",
      "runs.csv",
      "--group-by",
      "recipe",
      ...QUICK,
    ]);
    const turned = await folder.json<CompareDocument>([
      "compare",
      "turned.csv",
      "--group-by",
      "recipe",
      ...QUICK,
    ]);
    expect(turned.recipes).toEqual(grouped.recipes);
    const files = await folder.json<CompareDocument>(["compare", "b.csv", "a.csv", ...QUICK]);
    expect(files.recipes.groups.map(({ group }) => group)).toEqual(["a.csv", "b.csv"]);
    const [pair] = files.recipes.pairs;
    expect(pair.crossing.scale?.estimate).toBeCloseTo(
      grouped.recipes.pairs[0].crossing.scale?.estimate as number,
      -15,
    );
  });

  test("along measured hours, the scale is called as the column is", async () => {
    const { recipes } = await workspace({ "runs.csv": LOG }).json<CompareDocument>([
      ...["compare", "runs.csv", "--group-by", "recipe", "--by", "gpu_hours", "--budgets", "5,50", ...QUICK],
    ]);
    expect(recipes.along).toBe("gpu_hours");
    expect(recipes.scales.map(({ scale }) => scale)).toEqual([5, 50]);
    expect(recipes.law).toBe("power-floor");
  });
});

describe("what cannot be compared says why", () => {
  const refused = async (files: Record<string, string>, args: string[]) => {
    const run = await workspace(files).run(["compare", ...args]);
    expect(run.exitCode).toBe(2);
    return run.stderr;
  };

  test("one log without a column of recipes", async () => {
    expect(await refused({ "runs.csv": LOG }, ["runs.csv"])).toContain("--group-by COLUMN");
  });

  test("a column with one value", async () => {
    const files = { "runs.csv": log(of("plain")) };
    expect(await refused(files, ["runs.csv", "--group-by", "recipe"])).toContain('one value, "plain"');
  });

  test("a recipe with too few runs", async () => {
    const files = { "runs.csv": log([...of("plain"), ...of("filtered").slice(0, 3)]) };
    const text = await refused(files, ["runs.csv", "--group-by", "recipe"]);
    expect(text).toContain("fewer than two of the 2 recipes can be fitted");
    expect(text).toContain("filtered");
  });

  test("flags of the other question", async () => {
    const files = { "runs.csv": LOG };
    expect(await refused(files, ["runs.csv", "--metrics", "--law", "chinchilla"])).toContain(
      "--law and --metrics contradict each other",
    );
    expect(await refused(files, ["runs.csv", "--group-by", "recipe", "--target", "x"])).toContain(
      "--target needs --metrics",
    );
  });
});

test("a run that stands in two recipes is named", async () => {
  const [shared] = of("plain");
  const copy = shared.replace(",plain,", ",filtered,");
  const { warnings } = await workspace({ "runs.csv": log([...ROWS, copy]) }).json<CompareDocument>([
    ...["compare", "runs.csv", "--group-by", "recipe", ...QUICK],
  ]);
  expect(warnings.find(({ code }) => code === "run-in-two-groups")?.message).toContain("runs.csv:");
});

test("recipes without a common range are compared, and it is said that they have none", async () => {
  const size = (row: string) => Number(row.split(",")[2]);
  const rows = [
    ...of("plain").filter((row) => size(row) < 1.5e8),
    ...of("filtered").filter((row) => size(row) > 1.5e8),
  ];
  const { warnings } = await workspace({ "runs.csv": log(rows) }).json<CompareDocument>([
    ...["compare", "runs.csv", "--group-by", "recipe", ...QUICK],
  ]);
  expect(warnings.map(({ code }) => code)).toContain("no-common-range");
});

describe("the efficient frontier", () => {
  test("holds the rows that none beats, and no other", async () => {
    const document = await workspace({ "runs.csv": LOG }).json<ParetoDocument>([
      ...["compare", "runs.csv", "--group-by", "recipe", "--pareto", "gpu_hours,loss"],
    ]);
    const { rows } = document;
    expect(rows).toHaveLength(50);
    const beats = (a: (typeof rows)[number], b: (typeof rows)[number]) =>
      a.cost <= b.cost && a.value <= b.value && (a.cost < b.cost || a.value < b.value);
    for (const row of rows) expect(row.onFrontier).toBe(!rows.some((other) => beats(other, row)));
    expect(document.groups.reduce((sum, { onFrontier }) => sum + onFrontier, 0)).toBe(
      rows.filter(({ onFrontier }) => onFrontier).length,
    );
  });

  test("of an accuracy more is better, and it is said where a name does not tell", async () => {
    const files = { "a.csv": "flops,acc,thing\n1e18,0.1,3\n2e18,0.3,2\n4e18,0.2,1\n" };
    const folder = workspace(files);
    const up = await folder.json<ParetoDocument>(["compare", "a.csv", "--pareto", "flops,acc"]);
    expect(up.rows.map(({ onFrontier }) => onFrontier)).toEqual([true, true, false]);
    const unsaid = await folder.json<ParetoDocument>(["compare", "a.csv", "--pareto", "flops,thing"]);
    expect(unsaid.warnings.map(({ code }) => code)).toContain("direction");
  });

  test("one column is not enough", async () => {
    const run = await workspace({ "runs.csv": LOG }).run(["compare", "runs.csv", "--pareto", "loss"]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("--pareto gpu_hours,loss");
  });
});
