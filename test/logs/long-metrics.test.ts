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
