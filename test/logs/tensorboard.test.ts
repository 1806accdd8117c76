import { basename } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.js";
import { crc32c } from "../../src/logs/formats/crc32c.js";
import { readLogs } from "../../src/logs/read.js";
import type { Table } from "../../src/objects.js";
import { event, message, plugin, record, scalar, tensor, version } from "../support/event-file.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { errorOf, readText, withFiles } from "./support.js";

const names = (table: Table) => table.columns.map((column) => column.name);
const cells = (table: Table) =>
  Array.from({ length: table.rows }, (_, row) => table.columns.map((column) => column.text(row)));
const read = (...parts: Buffer[]) => readText(Buffer.concat([version, ...parts]), 37);

test("the checksum is CRC-32C", () => {
  // RFC 3720, B.4, and the check value of the catalogue of CRCs
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
});

describe("TensorBoard events", () => {
  test("all values of a step are one row; a value that comes again is a new row of that step", async () => {
    const { table, sources, warnings } = await read(
      event(0, 1000.5, scalar("loss", 4), scalar("lr", 0.5)),
      event(100, 1010, scalar("loss", 3)),
      event(200, 1020, scalar("loss", 2.5)),
      event(100, 1030, scalar("eval/loss", 3.25)),
      event(100, 1040, scalar("loss", 3.5)),
      event(100, 1041, scalar("eval/loss", 3.75)),
    );
    expect(sources[0]).toMatchObject({ format: "tensorboard" });
    expect(warnings).toEqual([]);
    expect(names(table)).toEqual(["run", "step", "seconds", "loss", "lr", "eval/loss"]);
    expect(cells(table)).toEqual([
      ["-", "0", "0.5", "4", "0.5", ""],
      ["-", "100", "10", "3", "", "3.25"],
      ["-", "200", "20", "2.5", "", ""],
      ["-", "100", "40", "3.5", "", "3.75"],
    ]);
    expect(table.source(3).line).toBe(6);
  });

  test("the folder is the run: event files have no name of their own", async () => {
    const bytes = Buffer.concat([version, event(1, 1, scalar("loss", 3))]);
    await withFiles({ "events.out.tfevents.1700000000.host.1.0": bytes }, async (pathOf) => {
      const { table } = await readLogs([pathOf("events.out.tfevents.1700000000.host.1.0")]);
      expect(table.columns[0]!.text(0)).toBe(basename(pathOf("").replace(/\/$/, "")));
    });
  });

  test("scalars in the form of tensors are read, whatever their type and however they are packed", async () => {
    const content = (...bytes: number[]) => Buffer.from(bytes);
    const float = Buffer.alloc(4);
    float.writeFloatLE(2.5);
    const double = Buffer.alloc(8);
    double.writeDoubleLE(Math.PI);
    const { table } = await read(
      event(
        7,
        1000,
        tensor("float", "scalars", [1, 1], [2, Buffer.alloc(0)], [4, float]),
        tensor("double", "scalars", [1, 2], [4, double]),
        tensor("half", "scalars", [1, 19], [4, content(0x00, 0xc1)]),
        tensor("half listed", "scalars", [1, 19], [13, 0x3555]),
        tensor("brain", "scalars", [1, 14], [4, content(0x49, 0x40)]),
        tensor("int", "scalars", [1, 3], [7, -5]),
        tensor("long", "scalars", [1, 9], [10, 2n ** 53n + 1n]),
        tensor("float listed", "", [1, 1], [5, content(0, 0, 0x40, 0x40)]),
        tensor("zero left out", "scalars", [1, 1]),
      ),
    );
    const text = (name: string) => table.columns.find((column) => column.name === name)!.text(0);
    expect(text("float")).toBe("2.5");
    expect(text("double")).toBe("3.141592653589793");
    expect(text("half")).toBe("-2.5");
    expect(text("half listed")).toBe("0.333251953125");
    expect(text("brain")).toBe("3.140625");
    expect(text("int")).toBe("-5");
    expect(text("long")).toBe("9007199254740993");
    expect(text("float listed")).toBe("3");
    expect(text("zero left out")).toBe("0");
  });

  test("what is no scalar is passed over and counted by its kind", async () => {
    const graph = record(message([1, { double: 1000 }], [4, "graph"]));
    const { warnings, dropped } = await read(
      graph,
      event(
        1,
        1,
        scalar("loss", 3),
        message([1, "weights"], [5, "histogram"]),
        message([1, "sample"], [4, "png"]),
      ),
      event(
        2,
        2,
        tensor("weights", "histograms", [1, 2], [2, message([2, message([1, 3])])], [4, Buffer.alloc(24)]),
      ),
      event(3, 3, message([1, "weights"], [8, message([1, 2], [2, message([2, message([1, 3])])])])),
    );
    expect(dropped).toEqual([]);
    expect(warnings).toMatchObject([
      { message: "entries that are no scalars are passed over: graph (1), histogram (3), image (1)" },
    ]);
    expect(await errorOf(read(graph))).toMatchObject({ code: "no-rows", why: "it has only: graph (1)" });
  });

  test("hyperparameters, and arguments that are logged as one JSON text, are settings of every row", async () => {
    const setting = (name: string, ...value: Parameters<typeof message>) =>
      message([1, message([1, name], [2, message(...value)])]);
    const hparams = Buffer.concat([
      setting("n_params", [2, { double: 1e7 }]),
      setting("optimizer", [3, "adamw"]),
      setting("tied", [4, 1]),
    ]);
    const session = message([1, 0], [3, hparams]);
    const { table } = await read(
      event(0, 1000, message([1, "_hparams_/session_start_info"], [9, plugin("hparams", session)])),
      event(0, 1000, tensor("args/text_summary", "text", [1, 7], [8, '{"seed": 3, "model": {"width": 64}}'])),
      event(1, 1001, scalar("loss", 3)),
      event(2, 1002, scalar("loss", 2)),
    );
    expect(names(table)).toEqual([
      "run",
      "step",
      "seconds",
      "loss",
      "n_params",
      "optimizer",
      "tied",
      "args.seed",
      "args.model.width",
    ]);
    for (const row of cells(table)) expect(row.slice(4)).toEqual(["10000000", "adamw", "true", "3", "64"]);
  });

  test("a file that ends inside a record is read up to there, which is said", async () => {
    const bytes = Buffer.concat([version, event(1, 1, scalar("loss", 3)), event(2, 2, scalar("loss", 2))]);
    const second = version.length + event(1, 1, scalar("loss", 3)).length;
    for (const length of [second + 1, second + 14, bytes.length - 1]) {
      const { table, warnings } = await readText(bytes.subarray(0, length));
      expect(table.rows).toBe(1);
      expect(warnings).toMatchObject([
        { code: "cut", lines: [3], message: expect.stringContaining(`byte ${second}`) },
      ]);
    }
  });

  test("data that do not fit their checksum are one lost record; a length that does not is the end", async () => {
    const parts = [
      version,
      event(1, 1, scalar("loss", 3)),
      event(2, 2, scalar("loss", 2)),
      event(3, 3, scalar("loss", 1)),
    ];
    const second = parts[0]!.length + parts[1]!.length;
    const bytes = Buffer.concat(parts);
    bytes[second + 20]! ^= 1;
    const { table, dropped } = await readText(bytes);
    expect(table.columns.find(({ name }) => name === "step")!.numbers).toEqual(Float64Array.from([1, 3]));
    expect(dropped).toMatchObject([
      { code: "checksum", count: 1, lines: [3], reason: expect.stringContaining(`byte ${second}`) },
    ]);
    bytes[second]! ^= 1;
    expect(await errorOf(readText(bytes))).toMatchObject({
      code: "checksum",
      message: expect.stringContaining(`record 3, which begins at byte ${second}`),
    });
    const first = Buffer.concat(parts);
    first[2]! ^= 1;
    expect(await errorOf(readText(first))).toMatchObject({ code: "checksum", place: { line: 1 } });
  });

  test("damage of any kind is an answer, never a crash", async () => {
    const bytes = Buffer.concat([
      version,
      ...[1, 2, 3].map((step) => event(step, step, scalar("loss", step))),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= mask;
        const result = await readText(damaged).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(InputError);
        // a bad checksum is never passed by
        else expect((result as { dropped: unknown[] }).dropped).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });
});

describeWithShared("event files that Keras wrote", () => {
  test("give the scalars of both folders as two runs", async () => {
    const file = (...path: string[]) => sharedFile("data", "logs", "tensorboard", ...path);
    const { table, warnings, dropped } = await readLogs([
      file("train", "events.out.tfevents.1664082589.v2"),
      file("validation", "events.out.tfevents.1664085067.v2"),
    ]);
    const column = (name: string) => table.columns.find((candidate) => candidate.name === name)!;
    expect(new Set([0, 1, 2].map((row) => column("run").text(row))).size).toBe(2);
    expect(column("step").numbers).toEqual(Float64Array.from([0, 1250, 0]));
    expect(column("epoch_loss").numbers[0]).toBe(Math.fround(6.304667));
    expect(column("evaluation_loss_vs_iterations").numbers[1]).toBe(column("epoch_loss").numbers[2]);
    expect(dropped).toEqual([]);
    expect(warnings).toMatchObject([
      { code: "skipped-records", message: expect.stringMatching(/graph keras model \(1\), graph \(1\)$/) },
    ]);
  });
});
