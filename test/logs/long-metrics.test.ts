import { describe, expect, test } from "vitest";
import { readLogs } from "../../src/logs/read.js";
import type { Table } from "../../src/objects.js";
import { errorOf, readText, rowsOf, withFiles } from "./support.js";

const COMET = `experimentKey,metricName,metricValue,step,timestamp
a1,val_loss,4.5,100,1700000000000
a1,train_loss,4.4,100,1700000000000
a1,val_loss,4.0,200,1700000060000
b2,val_loss,3.9,100,1700000000000
a1,train_loss,3.9,200,1700000060000
a1,params,1e7,,
b2,params,2e7,,
b2,val_loss,,200,1700000060000
`;
const NEPTUNE = `project_id,run_id,attribute_path,attribute_type,step,timestamp,float_value
p,RUN-1,metrics/eval/loss,float_series,1,2025-01-01T00:00:00Z,4.5
p,RUN-1,metrics/eval/loss,float_series,2,2025-01-01T00:01:00Z,4.1
p,RUN-1,parameters/lr,float,,,0.001
`;

const all = (table: Table): string[][] => [
  table.columns.map(({ name }) => name),
  ...rowsOf(
    table,
    table.columns.map(({ name }) => name),
  ),
];

describe("tables of one metric value a row", () => {
  test("of Comet: a row a run and step, values without a step in all of them", async () => {
    const { table, dropped, sources } = await readText(COMET);
    expect(sources[0]!.format).toBe("long-metrics");
    expect(all(table)).toEqual([
      ["run", "params", "step", "seconds", "val_loss", "train_loss"],
      ["a1", "1e7", "100", "0", "4.5", "4.4"],
      ["a1", "1e7", "200", "60", "4.0", "3.9"],
      ["b2", "2e7", "100", "0", "3.9", ""],
    ]);
    expect(dropped).toMatchObject([{ code: "no-value", count: 1, lines: [9] }]);
  });

  test("of Neptune's exporter", async () => {
    const { table } = await readText(NEPTUNE);
    expect(all(table)).toEqual([
      ["run", "parameters/lr", "step", "seconds", "metrics/eval/loss"],
      ["RUN-1", "0.001", "1", "0", "4.5"],
      ["RUN-1", "0.001", "2", "60", "4.1"],
    ]);
  });

  test("without a column of runs, of MLflow's database: the file is the run", async () => {
    await withFiles({ "small.csv": "key,value,step\nloss,4,1\nloss,3,2\nloss,2.9,2\n" }, async (pathOf) => {
      const { table } = await readLogs([pathOf("small.csv")]);
      // the metric comes again at a step: a row of its own, the later of which counts
      expect(rowsOf(table, ["run", "step", "loss"])).toEqual([
        ["small", "1", "4"],
        ["small", "2", "3"],
        ["small", "2", "2.9"],
      ]);
    });
  });

  const RECORDS = [
    { experimentKey: "a1", metricName: "val_loss", metricValue: "4.5", step: 100, timestamp: 1700000000000 },
    { experimentKey: "a1", metricName: "val_loss", metricValue: "4.0", step: 200, timestamp: 1700000060000 },
    { experimentKey: "b2", metricName: "val_loss", metricValue: 3.9, step: 100, timestamp: 1700000000000 },
    { experimentKey: "a1", metricName: "params", metricValue: 1e7, step: null, timestamp: null },
    { experimentKey: "b2", metricName: "params", metricValue: 2e7, step: null, timestamp: null },
    { experimentKey: "b2", metricName: "val_loss", metricValue: null, step: 200, timestamp: null },
  ];
  const PIVOTED = [
    ["run", "params", "step", "seconds", "val_loss"],
    ["a1", "10000000", "100", "0", "4.5"],
    ["a1", "10000000", "200", "60", "4.0"],
    ["b2", "20000000", "100", "0", "3.9"],
  ];

  test.each([
    ["JSON lines", RECORDS.map((record) => JSON.stringify(record)).join("\n")],
    ["a JSON list", JSON.stringify(RECORDS)],
    ["a JSON list over lines", JSON.stringify(RECORDS, null, 2)],
  ])("as %s", async (_name, text) => {
    const { table, sources, dropped } = await readText(text);
    expect(sources[0]!.format).toBe("long-metrics");
    expect(all(table)).toEqual(PIVOTED);
    expect(dropped).toMatchObject([{ code: "no-value", count: 1 }]);
  });

  test("as Parquet", async () => {
    const names = ["experimentKey", "metricName", "metricValue", "step", "timestamp"] as const;
    const { parquetWriteBuffer } = await import("hyparquet-writer");
    const columnData = names.map((name) => {
      const values = RECORDS.map((record) => record[name]);
      const isText = name === "experimentKey" || name === "metricName";
      return isText
        ? { name, type: "STRING" as const, data: values.map(String) }
        : {
            name,
            type: "DOUBLE" as const,
            nullable: true,
            data: values.map((value) => (value === null ? null : Number(value))),
          };
    });
    const { table, sources, warnings } = await readText(new Uint8Array(parquetWriteBuffer({ columnData })));
    expect(sources[0]!.format).toBe("parquet");
    expect(warnings.map(({ code }) => code)).toEqual(["long-metrics"]);
    // numbers, not the texts of the others
    const [header, ...rows] = all(table);
    expect([header, ...rows.map((row) => row.map((cell) => cell.replace("4.0", "4")))]).toEqual(
      PIVOTED.map((row) => row.map((cell) => cell.replace("4.0", "4"))),
    );
  });

  test("as MLflow's answer about one metric's history, with what stands beside the list", async () => {
    const metrics = [1, 2].map((step) => ({ key: "loss", value: 5 - step, timestamp: 1.7e12, step }));
    const text = JSON.stringify({ n_layer: 4, metrics }, null, 1);
    await withFiles({ "small.json": text }, async (pathOf) => {
      const { table } = await readLogs([pathOf("small.json")]);
      expect(rowsOf(table, ["run", "step", "loss", "n_layer"])).toEqual([
        ["small", "1", "4", "4"],
        ["small", "2", "3", "4"],
      ]);
    });
  });

  test.each([
    '[{"recipe": "a", "metric": "acc", "step": 1, "value": 0.5}]',
    '{"run": "a", "metric": "loss", "value": 4}\n{"run": "b", "metric": "loss", "value": 4}',
    '{"log_history": [{"step": 1, "loss": 4}, {"step": 2, "loss": 3}]}',
  ])("are not taken for %j either", async (text) => {
    expect((await readText(text)).sources[0]!.format).not.toBe("long-metrics");
  });

  test("with no value at all are refused", async () => {
    const error = await errorOf(readText("run,metric,step,value\na,loss,1,\n"));
    expect(error).toMatchObject({ code: "no-rows" });
  });

  test.each([
    "recipe,metric,step,value\na,acc,1,0.5\n",
    "task,metric,step,value\na,acc,1,0.5\n",
    "run,metric,value\na,loss,4\n",
    "Wall time,Step,Value\n1,1,4\n",
  ])("are not taken for %j", async (text) => {
    expect((await readText(text)).sources[0]!.format).not.toBe("long-metrics");
  });
});
