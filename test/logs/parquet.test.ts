import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { readLogs } from "../../src/logs/read.js";
import { parquetOf } from "../../src/logs/write-parquet.js";
import type { Table } from "../../src/objects.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { errorOf, observeLogs, readText, withFiles } from "./support.js";

const names = (table: Table) => table.columns.map((column) => column.name);
const cells = (table: Table) =>
  Array.from({ length: table.rows }, (_, row) => table.columns.map((column) => column.text(row)));

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0];
const written = (columnData: WriteOptions["columnData"], options: Partial<WriteOptions> = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...options }));

describe("Parquet", () => {
  test("numbers, whole numbers of any size, texts, flags and times become the texts of cells", async () => {
    const bytes = written([
      { name: "run", data: ["a", "b"], type: "STRING" },
      { name: "loss", data: [3.25, null], type: "DOUBLE", nullable: true },
      { name: "lr", data: new Float32Array([0.1, 2]), type: "FLOAT" },
      { name: "step", data: new Int32Array([-1, 7]), type: "INT32" },
      { name: "tokens", data: [2n ** 53n + 1n, 5n], type: "INT64" },
      { name: "on", data: [true, false], type: "BOOLEAN" },
      { name: "at", data: [new Date("2024-05-01T12:00:00.250Z"), new Date(0)], type: "TIMESTAMP" },
      { name: "half", data: [0.5, -2], type: "FLOAT16" },
    ]);
    const { table, sources, warnings } = await readText(bytes, 100);
    expect(sources[0]).toMatchObject({ format: "parquet", bytes: bytes.length });
    expect(warnings).toEqual([]);
    expect(names(table)).toEqual(["run", "loss", "lr", "step", "tokens", "on", "at", "half"]);
    expect(cells(table)).toEqual([
      [
        "a",
        "3.25",
        "0.10000000149011612",
        "-1",
        "9007199254740993",
        "true",
        "2024-05-01T12:00:00.25Z",
        "0.5",
      ],
      ["b", "", "2", "7", "5", "false", "1970-01-01T00:00:00Z", "-2"],
    ]);
    expect(table.source(1).line).toBe(2);
  });

  test("decimals have their digits, days and times before 1970 their dates", async () => {
    const schema: WriteOptions["schema"] = [
      { name: "root", num_children: 3 },
      {
        name: "price",
        type: "INT32",
        converted_type: "DECIMAL",
        scale: 2,
        precision: 9,
        repetition_type: "OPTIONAL",
      },
      { name: "day", type: "INT32", converted_type: "DATE", repetition_type: "REQUIRED" },
      { name: "at", type: "INT64", converted_type: "TIMESTAMP_MICROS", repetition_type: "REQUIRED" },
    ];
    const bytes = written(
      [
        { name: "price", data: [0.07, 1234.5, null] },
        { name: "day", data: [new Date("1969-12-31"), new Date("2024-02-29"), new Date(0)] },
        { name: "at", data: [new Date(-1), new Date(0), new Date(1)] },
      ],
      { schema },
    );
    const { table } = await readText(bytes);
    expect(cells(table)).toEqual([
      ["0.07", "1969-12-31", "1969-12-31T23:59:59.999Z"],
      ["1234.50", "2024-02-29", "1970-01-01T00:00:00Z"],
      ["", "1970-01-01", "1970-01-01T00:00:00.001Z"],
    ]);
  });

  test("fields of structures are columns by their path, lists are JSON", async () => {
    const bytes = written([
      { name: "config", type: "JSON", data: [{ model: { n_params: 1e7 }, tags: ["x", 1] }, { seed: 3 }] },
      { name: "loss", data: [3, 2], type: "DOUBLE" },
    ]);
    const { table } = await readText(bytes);
    expect(names(table)).toContain("config.model.n_params");
    const text = (name: string, row: number) =>
      table.columns.find((column) => column.name === name)!.text(row);
    expect([text("config.model.n_params", 0), text("config.tags", 0), text("config.seed", 1)]).toEqual([
      "10000000",
      '["x",1]',
      "3",
    ]);
    const schema: WriteOptions["schema"] = [
      { name: "root", num_children: 2 },
      { name: "config", num_children: 2, repetition_type: "OPTIONAL" },
      { name: "width", type: "INT32", repetition_type: "OPTIONAL" },
      { name: "name", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "sizes", converted_type: "LIST", num_children: 1, repetition_type: "OPTIONAL" },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      { name: "element", type: "INT64", repetition_type: "OPTIONAL" },
    ];
    const nested = written(
      [
        { name: "config", data: [{ width: 64, name: "s" }, null, { width: null, name: "m" }] },
        { name: "sizes", data: [[1n, 2n], [], null] },
      ],
      { schema },
    );
    const read = (await readText(nested)).table;
    expect(names(read)).toEqual(["config.width", "config.name", "sizes"]);
    expect(cells(read)).toEqual([
      ["64", "s", "[1,2]"],
      ["", "", "[]"],
      ["", "m", ""],
    ]);
  });

  test("bytes that are no text are left out and counted; texts without the mark of a text are read", async () => {
    const bytes = written([
      { name: "old", data: [Buffer.from("été"), Buffer.from("b")], type: "BYTE_ARRAY" },
      {
        name: "picture",
        data: [Buffer.from([0xff, 0xd8, 0]), Buffer.from([0xff, 0xd8, 1])],
        type: "BYTE_ARRAY",
      },
      { name: "loss", data: [3, 2], type: "DOUBLE" },
    ]);
    const { table, warnings } = await readText(bytes);
    expect(table.columns.find(({ name }) => name === "old")!.text(0)).toBe("été");
    expect(warnings).toMatchObject([
      {
        code: "binary-cells",
        message: expect.stringContaining(
          '2 cells hold bytes that are no text and are left empty, in column "picture"',
        ),
      },
    ]);
  });

  test("rows keep their order and their numbers over groups and pages", async () => {
    const data = Array.from({ length: 5000 }, (_, i) => i / 7);
    const { table } = await readText(written([{ name: "loss", data }], { rowGroupSize: 700, pageSize: 256 }));
    expect(Array.from(table.columns[0]!.numbers)).toEqual(data);
    expect(table.source(4999).line).toBe(5000);
  });

  test("a file that is cut has no index; one that is damaged is refused or read, but never ends the program", async () => {
    const bytes = written([
      { name: "run", data: Array.from({ length: 300 }, (_, i) => `run-${i}`), type: "STRING" },
      { name: "loss", data: Array.from({ length: 300 }, (_, i) => 2 + i / 7), type: "DOUBLE" },
    ]);
    expect(await errorOf(readText(bytes.subarray(0, bytes.length - 5)))).toMatchObject({
      code: "parquet",
      message: expect.stringContaining("truncated"),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
        async (flips) => {
          const damaged = Buffer.from(bytes);
          for (const [at, mask] of flips) if (at > 3) damaged[at]! ^= mask;
          const result = await readText(damaged).catch((error: unknown) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(InputError);
        },
      ),
      { numRuns: 80 },
    );
  });

  test("an empty table, an encrypted file and a name that promises Parquet are said", async () => {
    const none = written([{ name: "loss", data: [], type: "DOUBLE" }]);
    expect(await errorOf(readText(none))).toMatchObject({ code: "no-rows" });
    expect(await errorOf(readText("PARE0123456789"))).toMatchObject({ code: "not-a-log" });
    await withFiles({ "a.parquet": "run,loss\na,1\n" }, async (pathOf) => {
      expect((await readLogs([pathOf("a.parquet")])).warnings).toMatchObject([{ code: "content" }]);
      expect(await errorOf(readLogs([pathOf("a.parquet")], { format: "parquet" }))).toMatchObject({
        code: "not-parquet",
      });
    });
  });
});

describe("a table written as Parquet", () => {
  test("is read back with the same names, numbers and texts", async () => {
    const text =
      'run,params,loss,note,empty,date\na,70M,3.1,,,2024\nb,1e7,NaN,x,,\nc,,inf,"007",,2025\nd,5,-Infinity,y,,1.50\n';
    const { table } = await readText(text);
    const back = (await readText(await parquetOf(table))).table;
    expect(names(back)).toEqual(names(table));
    expect(cells(back)).toEqual([
      ["a", "70M", "3.1", "", "", "2024"],
      ["b", "1e7", "NaN", "x", "", ""],
      ["c", "", "Infinity", "007", "", "2025"],
      ["d", "5", "-Infinity", "y", "", "1.5"],
    ]);
  });

  test("gives numbers to columns of one name", async () => {
    const { table } = await readText("loss,loss,loss (2)\n1,2,3\n");
    const back = (await readText(await parquetOf(table))).table;
    expect(names(back)).toEqual(["loss", "loss (3)", "loss (2)"]);
    expect(cells(back)).toEqual([["1", "2", "3"]]);
  });

  test("gives the same observations to the last bit", async () => {
    const row = fc.tuple(
      fc.double({ min: 1e6, max: 1e12, noNaN: true }),
      fc.double({ min: 1e6, max: 1e13, noNaN: true }),
      fc.double({ min: 0.1, max: 12, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), async (rows) => {
        const csv = await readText(
          `params,tokens,loss\n${rows.map((cellsOf) => cellsOf.join(",")).join("\n")}\n`,
        );
        const parquet = await readText(await parquetOf(csv.table));
        const [wanted, got] = [csv, parquet].map((logs) => observeLogs(logs).groups[0]!.observations);
        expect([...got!.inputs]).toEqual([...wanted!.inputs]);
        expect(got!.measured).toEqual(wanted!.measured);
      }),
      { numRuns: 30 },
    );
  });
});

describeWithShared("a Parquet file that pandas wrote", () => {
  test("has its rows, its columns in order and the index as a column", async () => {
    const { table, dropped, warnings } = await readLogs([
      sharedFile("data", "logs", "gemstones_light_eval.parquet"),
    ]);
    expect(table.rows).toBe(770);
    expect(names(table).slice(0, 2)).toEqual(["arc:challenge", "arc:easy"]);
    expect(names(table).at(-1)).toBe("__index_level_0__");
    expect(table.columns.at(-1)!.text(1)).toBe("Gemstone-1024x28-step_00002385");
    expect([...dropped, ...warnings]).toEqual([]);
  });
});
