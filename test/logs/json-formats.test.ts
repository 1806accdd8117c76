/** JSON files of one run, results of evaluations, and small tables of other servers. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { errorOf, observeLogs, readText, rowsOf } from "./support.js";

const specimen = (name: string) => join(import.meta.dirname, "specimens", name);
const read = (name: string) => readLogs([sharedFile("data", "logs", name)]);
const pretty = (value: unknown) => JSON.stringify(value, null, 2);

test("one object is one row: blocks by dots, records by their names or numbers", async () => {
  const { table, sources } = await readText(
    pretty({
      config: { params: 1e8, optim: { lr: 0.1 }, tags: ["a", "b"], none: null },
      evals: [
        { task: "c4", loss: 3 },
        { task: "pile", loss: 2.5 },
      ],
      seeds: [{ loss: 1 }, { loss: 2 }],
    }),
  );
  expect(sources[0]!.format).toBe("json");
  expect(Object.fromEntries(table.columns.map((column) => [column.name, column.text(0)]))).toEqual({
    run: "-",
    "config.params": "100000000",
    "config.optim.lr": "0.1",
    "config.tags": expect.stringContaining('"a"'),
    "evals.c4.task": "c4",
    "evals.c4.loss": "3",
    "evals.pile.task": "pile",
    "evals.pile.loss": "2.5",
    "seeds.0.loss": "1",
    "seeds.1.loss": "2",
  });
});

test("a list of records with steps is the log, what stands beside it holds for all its rows", async () => {
  const { table } = await readText(
    pretty({
      run_name: "a",
      config: { params: 1e8 },
      log: [
        { step: 1, loss: 5 },
        { step: 2, loss: 4 },
      ],
    }),
  );
  expect(rowsOf(table, ["run_name", "config.params", "step", "loss"])).toEqual([
    ["a", "100000000", "1", "5"],
    ["a", "100000000", "2", "4"],
  ]);
  expect(table.columns.map(({ name }) => name)).not.toContain("run");
});

test("lists side by side are columns", async () => {
  const { table } = await readText(
    pretty({ params: 1e8, step: [1, 2], val_loss: [5, null], other: [1, 2, 3] }),
  );
  expect(rowsOf(table, ["params", "step", "val_loss"])).toEqual([
    ["100000000", "1", "5"],
    ["100000000", "2", ""],
  ]);
});

test("the only list of an object is its rows, a run each", async () => {
  const { table } = await readText(
    pretty({
      made: "today",
      runs: [
        { N: 1, loss: 3 },
        { N: 2, loss: 2 },
      ],
    }),
  );
  expect(rowsOf(table, ["made", "N", "loss"])).toEqual([
    ["today", "1", "3"],
    ["today", "2", "2"],
  ]);
});

test.each([
  ['{\n  "a": 1,\n  "b": [1, 2\n}', 4, /comma or \]/],
  ['{\n  "a": 1\n}\n{\n  "a": 2\n}', 4, /text follows the object/],
  ['{\n  "a": 1,\n  "a": 2\n}', 3, /"a" stands twice/],
  ['{\n  "a": 1,', 2, /ends inside an object/],
])("a broken object is refused with its line (%#)", async (text, line, says) => {
  const error = await errorOf(readText(text));
  expect(error).toMatchObject({ code: "not-json", place: { line } });
  expect((error as Error).message).toMatch(says);
});

test("one object on one line, and several, are JSON lines as before", async () => {
  for (const text of ['{"params": 1, "loss": 2}', '{"params": 1, "loss": 2}\n{"params": 2, "loss": 1}\n'])
    expect((await readText(text)).sources[0]!.format).toBe("jsonl");
});

test("lines longer than what is looked at first are JSON lines all the same", async () => {
  const line = JSON.stringify({ loss: 2, tags: [{ a: "x".repeat(70_000) }] });
  const { table } = await readText(`${line}\n${line}\n`);
  expect(rowsOf(table, ["loss"])).toEqual([["2"], ["2"]]);
  expect((await readText(line)).table.rows).toBe(1);
});

// lm_eval/loggers/evaluation_tracker.py writes these members, lm_eval/evaluator.py the names of the metrics
test("results of a newer harness: filters, shots, versions, the step in the revision", async () => {
  const { table, sources, warnings } = await readLogs([specimen("lm_eval_new.json")]);
  expect(sources[0]!.format).toBe("lm-eval");
  const cells = Object.fromEntries(table.columns.map((column) => [column.name, column.text(0)]));
  expect(cells).toMatchObject({
    run: "org/tiny-160m",
    step: "2000",
    "hellaswag/acc": "0.2531",
    "hellaswag/acc_stderr": "0.0043",
    "gsm8k/exact_match,strict-match": "0.02",
    "gsm8k/exact_match,flexible-extract": "0.03",
    "wikitext/bits_per_byte": "0.91",
    "mmlu/acc": "0.25",
    "hellaswag/n-shot": "5",
    "gsm8k/version": "3.0",
  });
  expect(cells).not.toHaveProperty("hellaswag/acc_norm_stderr");
  expect(warnings.map(({ message }) => message)).toEqual([
    "2 parts beside the results are not read: group_subtasks, configs",
  ]);
});

// mlflow/store and `mlflow experiments csv`: run_id, experiment_id, metrics.*, params.*, tags.*
test("runs exported from MLflow", async () => {
  const logs = await readLogs([specimen("mlflow_runs.csv")]);
  expect(logs.sources[0]!.format).toBe("mlflow-export");
  const { observations } = observeLogs(logs).groups[0]!;
  expect([...observations.inputs.get("N")!, ...observations.measured]).toEqual([1e8, 2e8, 3.91, 3.52]);
});

test("a scalar downloaded from TensorBoard is called by its file", async () => {
  const { table, sources } = await readLogs([specimen("run-small_train-tag-loss_val.csv")]);
  expect(sources[0]!.format).toBe("tensorboard-csv");
  expect(rowsOf(table, ["run", "Step", "loss_val"])).toEqual([
    ["small_train", "0", "6.91"],
    ["small_train", "100", "4.25"],
  ]);
});

test("headers of groups in a sheet are said to be such, and carried down", async () => {
  const text =
    "size,total steps,lr,loss\n12M,,,\n,100,,\n,,0.1,4\n,,0.2,5\n,,0.3,5\n24M,,,\n,,0.1,3\n,,0.1,3\n";
  const { table, warnings } = await readText(text);
  expect(table.rows).toBe(8);
  expect(warnings).toMatchObject([{ code: "group-rows", lines: [2, 3, 7] }]);
  expect(warnings[0]!.message).toContain('they fill "size" and "total steps"');
  expect(rowsOf(table, ["size", "total steps"]).map((cells) => cells.join())).toEqual([
    "12M,",
    "12M,100",
    "12M,100",
    "12M,100",
    "12M,100",
    "24M,",
    "24M,",
    "24M,",
  ]);
});

describe("merged cells of a sheet", () => {
  const sheet = (header: string, ...rows: string[]) => readText(`${[header, ...rows].join("\n")}\n`);
  const first = async (text: ReturnType<typeof sheet>) => {
    const { table, warnings } = await text;
    return [rowsOf(table, [table.columns[0]!.name]).flat().join(), warnings.map(({ code }) => code).join()];
  };

  test("are carried down, with a word", async () => {
    const rows = ["llama,1e7,4", ",2e7,3", ",4e7,2.5", "mamba,1e7,4.1", ",2e7,3.2"];
    const text = sheet("family,params,loss", ...rows);
    expect(await first(text)).toEqual(["llama,llama,llama,mamba,mamba", "merged-cells"]);
    expect((await text).warnings[0]!.message).toBe(
      '"family" stands once for several rows (lines 2, 5), as merged cells do: the cells of "family" are carried down to the rows below, up to the next',
    );
  });

  test.each([
    ["names of runs", "run,params,loss", ["a,1e7,4", ",2e7,3", ",4e7,2.5", "b,1e7,4.1", ",2e7,3.2"]],
    ["a remark", "note,params,loss", ["good,1e7,4", ",2e7,3", ",4e7,2.5", "bad,1e7,4.1", ",2e7,3.2"]],
    [
      "a first row without",
      "family,params,loss",
      [",1e7,4", ",2e7,3", "llama,4e7,2.5", ",1e7,4.1", ",2e7,3.2"],
    ],
    ["two in a row", "family,params,loss", ["a,1e7,4", "b,2e7,3", ",4e7,2.5", ",1e7,4.1", ",2e7,3.2"]],
    ["one name", "family,params,loss", ["a,1e7,4", ",2e7,3", ",4e7,2.5"]],
    ["rows that are not alike", "family,params,loss", ["a,1e7,4", ",2e7,3", ",4e7,", "b,1e7,", ",2e7,3.2"]],
  ])("are not seen in %s", async (_name, header, rows) => {
    const cells = rows.map((row) => row.split(",")[0]).join();
    expect(await first(sheet(header, ...rows))).toEqual([cells, ""]);
  });
});

describeWithShared("real JSON files and sheets", () => {
  test.each(["410m", "1.4b", "2.8b"])("results of an older harness, %s", async (size) => {
    const { table, sources } = await read(`lm_eval_pythia-${size}-deduped_step143000.json`);
    expect([sources[0]!.format, table.rows]).toEqual(["lm-eval", 1]);
    const names = ["run", "step", "config.num_fewshot", "piqa/version"];
    expect(rowsOf(table, names)).toEqual([[`EleutherAI/pythia-v1.1-${size}-deduped`, "143000", "0", "0"]]);
    const [acc, error] = rowsOf(table, ["piqa/acc", "piqa/acc_stderr"])[0]!.map(Number);
    expect(acc).toBeGreaterThan(0.6);
    expect(error).toBeCloseTo(Math.sqrt((acc! * (1 - acc!)) / 1837), 4);
  });

  test("a record of an OpenLM run: both counts of parameters are said, eight evaluations by name", async () => {
    const { table, sources } = await read("openlm_run_c4_d512_1.0.json");
    expect([sources[0]!.format, table.rows]).toEqual(["json", 1]);
    const { quantities } = recognise(table, { map: new Map() });
    expect(["N", "D", "loss", "run"].map((name) => quantities.get(name)!.column.text(0))).toEqual([
      "78914048",
      "1578280960",
      "4.565644518534342",
      "c4_original-d=512_l=8_h=4-1.0",
    ]);
    expect(quantities.get("N")!.warnings[0]!.message).toContain('not "hyperparameters.params_no_embed"');
    expect(quantities.get("D")!.warnings).toEqual([]);
    expect(rowsOf(table, ["results.c4_val.loss", "results.de-en.loss"])[0]).toEqual([
      "3.800284412392762",
      "4.79648630367592",
    ]);
  });

  test("results of llm-foundry; a name that is a folder names no run", async () => {
    const { table, sources } = await read("llmfoundry_eval_c4_d512_1.0_heavy.json");
    expect([sources[0]!.format, table.rows]).toEqual(["json", 1]);
    expect(rowsOf(table, ["eval_metrics.icl.hellaswag", "model"])).toEqual([
      ["0.2655845582485199", "d=512_l=8_h=4"],
    ]);
    expect(rowsOf(table, ["run"])[0]![0]).toMatch(/llmfoundry_eval_c4_d512_1\.0_heavy$/);
  });

  test("a sheet kept by hand: 300 rows, used and dropped ones explained", async () => {
    const logs = await read("spreadsheet_misfitting_dense.csv");
    expect([logs.sources[0]!.format, logs.table.rows]).toEqual(["csv", 300]);
    expect(logs.warnings).toMatchObject([{ code: "group-rows" }]);
    expect(logs.warnings[0]!.message).toMatch(/^75 rows \(lines 2, 3, 7, .* fill "Params" and "total steps"/);
    const group = observeLogs(logs).groups[0]!;
    expect(group.used).toBe(220);
    expect(group.dropped.map(({ count, reason }) => [count, reason])).toEqual([
      [75, '"D" is missing: empty'],
      [5, '"C4 Eval Loss" is missing: empty'],
    ]);
  });
});
