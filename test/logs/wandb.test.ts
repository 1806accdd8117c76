/** Weights & Biases: histories, charts, summaries, runs and tables of runs. Forms as in wandb/wandb and docs.wandb.ai. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { readText, rowsOf, withFiles } from "./support.js";

const specimen = (name: string) => join(import.meta.dirname, "specimens", name);
const read = (name: string) => readLogs([sharedFile("data", "logs", name)]);

/** The columns found, by quantity; with the factor of the unit where there is one. */
function found(table: Awaited<ReturnType<typeof read>>["table"]): Record<string, string> {
  const { quantities } = recognise(table, { map: new Map() });
  const named = [...quantities].map(([name, { column, factor }]) => [
    name,
    factor === 1 ? column.name : `${column.name} x ${factor}`,
  ]);
  return Object.fromEntries(named);
}

test("a chart's columns become rows of a run and a step; bounds are counted, not read", async () => {
  const { table, warnings, dropped, sources } = await readLogs([specimen("wandb_chart.csv")]);
  expect(sources[0]!.format).toBe("wandb-history");
  expect(table.columns.map(({ name }) => name)).toEqual(["run", "Step", "val/loss"]);
  expect(rowsOf(table, ["run", "Step", "val/loss"])).toEqual([
    ["small - lr 1e-3", "100", "4.5"],
    ["small - lr 1e-3", "200", "4.1"],
    ["Group: large", "200", "3.9"],
    ["Group: large", "300", "3.7"],
  ]);
  expect(warnings.map(({ message }) => message)).toEqual([
    "4 columns of smallest and largest values (__MIN, __MAX) are not read; 4 of their cells differ from the value: there a point is the mean of a group of runs, or of several steps",
  ]);
  expect(dropped).toMatchObject([{ code: "no-value", count: 1, lines: [5] }]);
});

test("a history in JSON lines is one run, called by its file or folder", async () => {
  const text = '{"_step": 0, "_runtime": 1.5, "loss": 5}\n{"_step": 10, "_runtime": 2.5, "val/loss": 4}\n';
  await withFiles({ "small.jsonl": text }, async (pathOf) => {
    const { table, sources } = await readLogs([pathOf("small.jsonl")]);
    expect(sources[0]!.format).toBe("wandb-history");
    expect(rowsOf(table, ["_step", "loss", "val/loss"])).toEqual([
      ["0", "5", ""],
      ["10", "", "4"],
    ]);
    expect(rowsOf(table, ["run"])[1]![0]).toMatch(/small$/);
  });
});

test("a table of runs with their last steps is no history", async () => {
  const { table, sources } = await readText("params,tokens,loss,_step\n1e8,2e9,4,500\n2e8,2e9,3.8,400\n");
  expect([sources[0]!.format, table.columns.length]).toEqual(["csv", 4]);
});

test("a summary of one line; media are named, the client's own keys are not there", async () => {
  const summary = {
    _step: 10,
    _runtime: 5,
    _timestamp: 1,
    _wandb: { runtime: 5 },
    "val/loss": 3.5,
    hist: { _type: "histogram", values: [1] },
    bad: "NaN",
  };
  const { table, warnings, sources } = await readText(JSON.stringify(summary));
  expect(sources[0]!.format).toBe("wandb-summary");
  expect(rowsOf(table, ["_step", "val/loss", "bad"])).toEqual([["10", "3.5", "NaN"]]);
  expect(table.columns.map(({ name }) => name)).not.toContain("_wandb.runtime");
  expect(warnings[0]!.message).toContain('"hist"');
});

test("runs of one name are told apart by their ids; wrapped settings and texts of JSON are opened", async () => {
  const run = (id: string, loss: number) => ({
    name: "same",
    id,
    config: { lr: { value: 0.1, desc: null }, _wandb: { value: 1 } },
    summary: JSON.stringify({ "val/loss": loss, _wandb: { runtime: 3 } }),
  });
  const text = [run("a1", 3), run("b2", 4)].map((one) => JSON.stringify(one)).join("\n");
  const { table, sources } = await readText(text);
  expect(sources[0]!.format).toBe("wandb-runs");
  expect(rowsOf(table, ["run", "config.lr", "summary.val/loss"])).toEqual([
    ["same", "0.1", "3"],
    ["same (b2)", "0.1", "4"],
  ]);
  expect(table.columns.filter(({ name }) => name.includes("_wandb"))).toEqual([]);
});

describeWithShared("real exports of Weights & Biases", () => {
  test.each([
    ["wandb_export_marin_dclm.csv", 85],
    ["wandb_export_marin_comma.csv", 92],
  ])("%s: %d runs, compute in GFLOP", async (file, runs) => {
    const { table, sources, dropped } = await read(file);
    expect([sources[0]!.format, table.rows, dropped]).toEqual(["wandb-export", runs, []]);
    expect(found(table)).toMatchObject({
      N: "parameter_count",
      D: "throughput/total_tokens",
      C: "throughput/total_gflops x 1000000000",
      loss: "eval/paloma/macro_loss",
      run: "Name",
    });
  });

  test("failed and crashed runs are kept", async () => {
    const { table, sources } = await read("wandb_export_moe_gshard.csv");
    expect([sources[0]!.format, table.rows]).toEqual(["wandb-export", 67]);
    const states = rowsOf(table, ["State"]).flat();
    expect([...new Set(states)].sort()).toEqual(["crashed", "failed"]);
    expect(found(table)).not.toHaveProperty("N");
  });

  test.each([
    ["wandb_history_olmo_190M-1xC.csv", 37, ["7272", "3812622336.0", "3.600973129272461"]],
    ["wandb_history_olmo_370M-10xC.csv", 95, ["94427", "74260414464", "3.1325771808624268"]],
  ])("%s: %d points, the loss is a stated choice", async (file, points, last) => {
    const { table, sources } = await read(file);
    expect([sources[0]!.format, table.rows]).toEqual(["wandb-history", points]);
    expect(new Set(rowsOf(table, ["run"]).flat()).size).toBe(1);
    const loss = recognise(table, { map: new Map() }).quantities.get("loss")!;
    expect(loss.warnings[0]!.message).toMatch(
      /the loss is column "eval\/c4_en-validation\/CrossEntropyLoss", not .*choose with --y/,
    );
    expect(rowsOf(table, ["_step", "throughput/total_tokens", loss.column.name]).at(-1)).toEqual(last);
    expect(found(table)).not.toHaveProperty("N");
  });

  test("a sparse history stays sparse", async () => {
    const { table, sources } = await read("wandb_history_xlstm_llama_500M.csv");
    expect([sources[0]!.format, table.rows]).toEqual(["wandb-history", 37]);
    expect(found(table)).toMatchObject({ N: "model/.num_params", loss: "val/.dclm_loss", step: "_step" });
    const rows = rowsOf(table, ["_step", "model/.num_params", "val/.dclm_loss"]);
    expect(rows[0]).toEqual(["0", "545945472.0", ""]);
    expect(rows.filter(([, , loss]) => loss !== "")).toHaveLength(2);
    expect(rows.at(-1)).toEqual(["1800", "", "3.4713004443709843"]);
  });

  test("the summary of a run", async () => {
    const { table, sources } = await read("wandb_summary_xlstm_llama_500M.json");
    expect([sources[0]!.format, table.rows]).toEqual(["wandb-summary", 1]);
    expect(rowsOf(table, ["_step", "model/.num_params", "val/.dclm_loss"])).toEqual([
      ["1800", "545945472", "3.4713004443709843"],
    ]);
    expect(found(table)).toMatchObject({ N: "model/.num_params", loss: "val/.dclm_loss", step: "_step" });
  });

  test("25 runs, 23 names, 2 without a loss", async () => {
    const { table, sources } = await read("wandb_runs_xlstm_iso7.jsonl");
    expect([sources[0]!.format, table.rows]).toEqual(["wandb-runs", 25]);
    const rows = rowsOf(table, ["run", "name", "summary.val/.dclm_loss"]);
    const distinct = (place: number) => new Set(rows.map((row) => row[place])).size;
    expect([distinct(0), distinct(1)]).toEqual([25, 23]);
    expect(rows.filter((row) => row[2] === "")).toHaveLength(2);
    expect(found(table)).toMatchObject({
      run: "run",
      N: "summary.model/.num_params",
      loss: "summary.val/.dclm_loss",
    });
  });
});
