/** Families that take from each other, through the program. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlanDocument, PoolDocument } from "../../src/objects.js";
import { ROOT, workspace } from "../support/cli.js";

const LOG = readFileSync(join(ROOT, "examples/families/runs.csv"), "utf8");
const [HEADER, ...ROWS] = LOG.trim().split("\n");
const log = (rows: readonly string[]) => `${[HEADER, ...rows].join("\n")}\n`;
const POOL = ["--group-by", "corpus", "--pool", "--bootstrap", "100"];

describe("compare --pool", () => {
  test("one family read as a stranger does", async () => {
    const args = ["compare", "runs.csv", ...POOL, "--target", "legal", "--budgets", "1e20,1e21"];
    const run = await workspace({ "runs.csv": LOG }).run(args);
    expect(run.exitCode).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot("golden/compare-pool.txt");
  });

  test("says the same whatever the order of rows, and holds what the family is made with", async () => {
    const some = ROWS.filter((row) => !/,(papers|books|dialogue),/.test(row));
    const folder = workspace({ "runs.csv": log(some), "turned.csv": log([...some].reverse()) });
    const args = [...POOL, "--target", "legal", "--budgets", "1e20"];
    const one = await folder.json<PoolDocument>(["compare", "runs.csv", ...args]);
    const other = await folder.json<PoolDocument>(["compare", "turned.csv", ...args]);
    expect(other.pool).toEqual(one.pool);
    const [{ group, runs, values, ways, choice }] = one.pool.pooled;
    expect({ group, runs }).toEqual({ group: "legal", runs: 3 });
    // What the log was made with, see examples/families/README.md.
    const [{ value }] = values;
    expect(value.low as number).toBeLessThan(1.6904);
    expect(value.high as number).toBeGreaterThan(1.6904);
    expect(value.estimate / 1.6904).toBeCloseTo(1, 1);
    expect(ways.find(({ way }) => way === "alone")).toMatchObject({
      families: 0,
      mean: null,
      parameters: null,
    });
    expect(choice.way).not.toBe("alone");
  });

  test("saves a fit that plan and predict take, with the same value and interval", async () => {
    const some = ROWS.filter((row) => !/,(papers|books|dialogue),/.test(row));
    const folder = workspace({ "runs.csv": log(some) });
    const args = ["compare", "runs.csv", ...POOL, "--target", "legal", "--budgets", "1e20", "-o", "fit.json"];
    const { pool } = await folder.json<PoolDocument>(args);
    const [{ values, choice }] = pool.pooled;
    const { plans } = await folder.json<PlanDocument>(["plan", "--fit", "fit.json", "--flops", "1e20"]);
    const { low, estimate, high } = plans[0].optimum.loss;
    expect({ low, estimate, high }).toEqual(values[0].value);
    const at = ["--at", `N=${plans[0].optimum.N.estimate},D=${plans[0].optimum.D.estimate}`];
    const run = await folder.run(["predict", "--fit", "fit.json", ...at]);
    expect(run.stdout).toContain("chinchilla on 3 rows and 2 other families");
    expect(JSON.parse(folder.read("fit.json")).fits[0].pooled).toEqual({ way: choice.way, families: 3 });
    const refused = await folder.run(["plan", "--fit", "fit.json", "--flops", "1e20", "--sensitivity"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("rests on other families too");
  });

  test("a family that is not there is named with those that are", async () => {
    const run = await workspace({ "runs.csv": LOG }).run(["compare", "runs.csv", ...POOL, "--target", "law"]);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe("");
    expect(run.stderr).toContain('no family "law"');
    expect(run.stderr).toContain("books, code, dialogue, legal, papers, web");
  });

  test("flags of other questions are refused", async () => {
    const folder = workspace({ "runs.csv": LOG });
    for (const flags of [["--pareto", "params,loss"], ["--metrics"], ["--margin", "1%"]]) {
      const run = await folder.run(["compare", "runs.csv", ...POOL, ...flags]);
      expect(run.exitCode).toBe(2);
      expect(run.stderr).toContain("contradict each other");
    }
  });
});

describe("backtest --pool", () => {
  test("read as a stranger does: with 3 runs alone nothing can be said, with the others' help all of it", async () => {
    const folder = workspace({ "runs.csv": log(ROWS.filter((row) => !/,(papers|books),/.test(row))) });
    const run = await folder.run(["backtest", "runs.csv", ...POOL, "--runs", "1,3"]);
    expect(run.exitCode).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot("golden/backtest-pool.txt");
  });

  test("a flag of cuts is refused", async () => {
    const run = await workspace({ "runs.csv": LOG }).run(["backtest", "runs.csv", ...POOL, "--cuts", "3"]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain("--cuts and --pool contradict each other");
  });
});
