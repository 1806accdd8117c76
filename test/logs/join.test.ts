import { expect, test } from "vitest";
import { columnCalled } from "../../src/logs/columns.js";
import { joinLogs } from "../../src/logs/join.js";
import { readLogs } from "../../src/logs/read.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { withFiles } from "./support.js";

/** Joins texts as files a.csv, b.csv, ... */
const joined = (by: string, ...texts: string[]) =>
  withFiles(Object.fromEntries(texts.map((text, i) => [`${"abc"[i]}.csv`, text])), async (pathOf) => {
    const logs = [];
    for (const i of texts.keys()) logs.push(await readLogs([pathOf(`${"abc"[i]}.csv`)]));
    return joinLogs(logs, by);
  });

const rowsOf = ({ table }: Awaited<ReturnType<typeof joined>>) =>
  Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(table.columns.map((column) => [column.name, column.text(row)])),
  );

test("rows of one key stand side by side, whatever their order", async () => {
  const result = await joined("id", "id,web\n1,0.2\n2,0.7", "id,loss\n2.0,3.1\n1,3.4");
  expect(rowsOf(result)).toEqual([
    { id: "1", web: "0.2", loss: "3.4" },
    { id: "2", web: "0.7", loss: "3.1" },
  ]);
});

test("a key may repeat in one file: a mixture with the losses of several steps", async () => {
  const result = await joined("id", "id,web\n1,0.2\n2,0.7", "id,step,loss\n1,10,3.4\n1,20,3.3\n2,10,3.1");
  expect(rowsOf(result).map(({ web, loss }) => [web, loss])).toEqual([
    ["0.2", "3.4"],
    ["0.2", "3.3"],
    ["0.7", "3.1"],
  ]);
});

test("rows without a partner are counted, with their lines", async () => {
  const { table, dropped } = await joined("id", "id,web\n1,0.2\n3,0.7", "id,loss\n1,3.4\n2,3.1");
  expect(table.rows).toBe(1);
  expect(dropped.map(({ code, count, lines }) => [code, count, lines])).toEqual([
    ["no-partner", 1, [3]],
    ["no-partner", 1, [3]],
  ]);
});

test("a column of one name in both files is kept under the file's name, and said", async () => {
  const { table, warnings } = await joined("id", "id,loss\n1,3", "id,loss\n1,4");
  expect(table.columns.map(({ name }) => name.replace(/\[.*\]/, "[file]"))).toEqual([
    "id",
    "loss",
    "loss [file]",
  ]);
  expect(warnings.map(({ code }) => code)).toEqual(["joined-name"]);
});

test.each([
  ["repeats", ["id,web\n1,0.2\n1,0.7", "id,loss\n1,3\n1,4"], "repeated-key"],
  ["is missing", ["id,web\n1,0.2", "run,loss\n1,3"], "missing-column"],
  ["has no common value", ["id,web\n1,0.2", "id,loss\n2,3"], "no-common-key"],
])("a key that %s in both files is refused", async (_, texts, code) => {
  await expect(joined("id", ...texts)).rejects.toMatchObject({ code });
});

describeWithShared("mixtures and their losses", () => {
  test("of 512 small models are joined by their index", async () => {
    const files = ["train_mixture_1m.csv", "train_pile_loss_1m.csv"];
    const logs = [];
    for (const file of files) logs.push(await readLogs([sharedFile("data", "mixture_regmix", file)]));
    const { table, dropped } = joinLogs(logs, "index");
    expect([table.rows, dropped]).toEqual([512, []]);
    // Both files have 17 + 1 and 13 + 1 columns.
    expect(table.columns).toHaveLength(31);
    expect(columnCalled(table, "metric/the_pile_pile_cc_val_loss")).not.toBeNull();
  });
});
