import fs from "node:fs";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import Papa from "papaparse";
import { afterEach, describe, expect, test, vi } from "vitest";
import { InputError, UsageError } from "../../src/errors.js";
import { readLogs } from "../../src/logs/read.js";
import type { Table } from "../../src/objects.js";
import { errorOf, readText, withFiles } from "./support.js";

const CSV = "run,params,tokens,loss\na,1e7,2e8,5.19\nb,3e7,6e8,4.09\n";

const cells = (table: Table) =>
  Array.from({ length: table.rows }, (_, row) => table.columns.map((column) => column.text(row)));
const lines = (table: Table) => Array.from({ length: table.rows }, (_, row) => table.source(row).line);
const names = (table: Table) => table.columns.map((column) => column.name);

describe("a table of text", () => {
  test("gives columns with numbers, the cells as they are written, and the line of each row", async () => {
    const { table, sources } = await readText(CSV);
    expect(names(table)).toEqual(["run", "params", "tokens", "loss"]);
    expect([...table.columns[1]!.numbers]).toEqual([1e7, 3e7]);
    expect(cells(table)).toEqual([
      ["a", "1e7", "2e8", "5.19"],
      ["b", "3e7", "6e8", "4.09"],
    ]);
    expect(lines(table)).toEqual([2, 3]);
    expect(sources).toMatchObject([
      { name: "-", format: "csv", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: CSV.length },
    ]);
  });

  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("%s line ends, quoted line breaks and blank lines leave the line numbers right", async (_, eol) => {
    const text = ["run,loss", '"a', 'b",1', "", " , ", "c,2"].join(eol);
    const { table } = await readText(text);
    expect(cells(table)).toEqual([
      ["a\nb", "1"],
      ["c", "2"],
    ]);
    expect(lines(table)).toEqual([2, 6]);
  });

  test.each([",", "\t", ";", "|", " "])("cells may be separated by %j", async (delimiter) => {
    const { table } = await readText(CSV.replaceAll(",", delimiter));
    expect(table.columns).toHaveLength(4);
    expect(table.columns[3]!.numbers[1]).toBe(4.09);
  });

  test("a spreadsheet's sep= line names the separator", async () => {
    const { table } = await readText("sep=;\nrun;loss\na,b;3\n");
    expect(cells(table)).toEqual([["a,b", "3"]]);
    expect(lines(table)).toEqual([3]);
  });

  test("one column without separators is a table too", async () => {
    const { table } = await readText("loss\n3.1\n3.0\n");
    expect([...table.columns[0]!.numbers]).toEqual([3.1, 3]);
  });

  test("columns of one name are kept apart, also __proto__", async () => {
    const { table } = await readText("__proto__,loss,loss,__proto__\n1,2,3,4\n");
    expect(names(table)).toEqual(["__proto__", "loss", "loss", "__proto__"]);
    expect(cells(table)).toEqual([["1", "2", "3", "4"]]);
  });

  test("columns without a name are called by their number, empty ones at the end left out", async () => {
    const { table } = await readText(",loss,\n0,3.1,\n1,3.0,\n");
    expect(names(table)).toEqual(["column 1", "loss"]);
    const second = await readText(",loss,\n0,3.1,x\n1,3.0,\n");
    expect(names(second.table)).toEqual(["column 1", "loss", "column 3"]);
  });

  test("rows of another width are dropped and named; most rows of another width are a fault", async () => {
    const { table, dropped } = await readText("a,b,c\n1,2,3\n1,2\n1,2,3,4,5\n4,5,6\n7,8,9\n");
    expect(lines(table)).toEqual([2, 5, 6]);
    expect(dropped).toEqual([
      { file: "-", code: "ragged", reason: expect.stringContaining("fewer cells"), count: 1, lines: [3] },
      { file: "-", code: "ragged", reason: expect.stringContaining("more cells"), count: 1, lines: [4] },
    ]);
    const error = await errorOf(readText("a,b\n1,2,3\n4,5,6\n7,8\n"));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ message: "line 2 has 3 cells where the header has 2", place: { line: 2 } });
  });

  test("an unquoted separator in a name is joined when there is one way only", async () => {
    const good = "run,params,loss\na,1,3\nb,2,2\n";
    const { table, warnings, dropped } = await readText(`${good}c,d,4,1\n`);
    expect(cells(table)[2]).toEqual(["c,d", "4", "1"]);
    expect(warnings).toMatchObject([{ code: "unquoted-separator", lines: [4] }]);
    expect(dropped).toEqual([]);
    const twoWays = await readText("run,note,loss\na,x,3\nb,y,2\nc,d,e,1\n");
    expect(twoWays.dropped).toMatchObject([{ code: "ragged", lines: [4] }]);
  });

  test("an unfinished last line is dropped as cut, also inside a quote", async () => {
    const { dropped } = await readText("a,b\n1,2\n3");
    expect(dropped).toMatchObject([{ code: "cut", lines: [3] }]);
    const quoted = await readText('a,b\n1,2\n3,"unfinished');
    expect(quoted.dropped).toMatchObject([{ code: "cut", lines: [3] }]);
  });

  test("a quote that is never closed is a fault of the line where it opens", async () => {
    const error = await errorOf(readText('a,b\n1,2\n"3,4\n5,6\n7,8\n'));
    expect(error).toMatchObject({ code: "quote", place: { line: 3 } });
  });

  test("comment lines are skipped, and counted when they stand between rows", async () => {
    const { table, warnings } = await readText("# made by x\n\na,b\n1,2\n# restarted\n3,4\n");
    expect(lines(table)).toEqual([4, 6]);
    expect(warnings).toMatchObject([{ code: "comment-lines", lines: [5] }]);
  });

  test("a line of values is no header", async () => {
    const error = await errorOf(readText("run-1,1e7,2e8,3.1\nrun-2,1e7,4e8,2.9\n"));
    expect(error).toMatchObject({ code: "no-header", place: { line: 1 } });
    expect((error as InputError).why).toContain("run-1,1e7");
  });

  test("what is written is read again, in chunks of any size", async () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom(..."ab \",;\n\t'é") }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.constantFrom("", "70M", "NaN", "1.50", "007", "-0", "__proto__"),
    );
    const eol = fc.constantFrom("\n", "\r\n", "\r");
    const rows = fc
      .integer({ min: 2, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
      );
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 40 }), eol, async (data, chunkSize, newline) => {
        const filled = data.map((row) => [`#${row[0]}`.replace("#", "x"), ...row.slice(1)]);
        const header = filled[0]!.map((_, i) => `c${i}`);
        const { table } = await readText(
          Papa.unparse([header, ...filled], { newline, quotes: true }),
          chunkSize,
        );
        expect(cells(table)).toEqual(filled);
        let line = 2;
        const expected = filled.map((row) => {
          const own = line;
          line += 1 + row.join("").split("\n").length - 1;
          return own;
        });
        expect(lines(table)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });
});

describe("JSON", () => {
  test("lines are rows, nested keys are joined with dots, numbers keep their text", async () => {
    const { table, sources } = await readText(
      '{"run":"a","config":{"model":{"n_params":1e7}},"eval/loss":3.10}\n\n{"run":"b","tags":["x",1],"on":true,"none":null}\n',
    );
    expect(sources[0]!.format).toBe("jsonl");
    expect(names(table)).toEqual(["run", "config.model.n_params", "eval/loss", "tags", "on", "none"]);
    expect(cells(table)).toEqual([
      ["a", "1e7", "3.10", "", "", ""],
      ["b", "", "", '["x",1]', "true", "null"],
    ]);
    expect(lines(table)).toEqual([1, 3]);
  });

  test("a list of objects is read like lines, with the line on which each begins", async () => {
    for (const chunkSize of [1, 7, 1000]) {
      const { table, sources } = await readText(
        '[\n {"a": 1, "t": "x]\\"}"},\n\n {\n  "a": 2 }\n]\n',
        chunkSize,
      );
      expect(sources[0]!.format).toBe("json");
      expect(cells(table)).toEqual([
        ["1", 'x]"}'],
        ["2", ""],
      ]);
      expect(lines(table)).toEqual([2, 4]);
    }
  });

  test("any objects are read back, however they are cut into chunks", async () => {
    const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    const key = fc.string({ unit: fc.constantFrom(...'ab_é"\\{}[],: '), minLength: 1 });
    const record = fc
      .array(fc.tuple(key, value), { minLength: 1, maxLength: 5 })
      .map((pairs) => new Map(pairs));
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 30 }),
        fc.boolean(),
        async (records, chunkSize, asList) => {
          const objects = records.map(
            (pairs) =>
              `{${[...pairs].map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`).join(",")}}`,
          );
          const text = asList ? `[${objects.join(",\n")}]` : objects.join("\n");
          const { table } = await readText(text, chunkSize);
          expect(table.rows).toBe(records.length);
          for (const [row, pairs] of records.entries()) {
            for (const [name, wanted] of pairs) {
              const column = table.columns.find((candidate) => candidate.name === name)!;
              expect(column.text(row)).toBe(
                typeof wanted === "number" ? JSON.stringify(wanted) : String(wanted),
              );
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("the NaN that Python writes is text in its cell, not a fault of the line", async () => {
    const { table } = await readText('{"loss": NaN}\n{"loss": -Infinity}\n{"loss": 3}\n');
    expect(cells(table)).toEqual([["NaN"], ["-Infinity"], ["3"]]);
  });

  test("keys that stand twice, as such or as one path, drop their row", async () => {
    const { table, dropped } = await readText(
      '{"a":1,"a":2}\n{"a.b":1,"a":{"b":2}}\n{"a":3}\n{"a":4}\n{"a":5}\n',
    );
    expect(lines(table)).toEqual([3, 4, 5]);
    expect(dropped).toMatchObject([{ code: "duplicate-key", count: 2, lines: [1, 2] }]);
  });

  test("keys of prototypes are ordinary names", async () => {
    const { table } = await readText('{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":2}}}\n');
    expect(names(table)).toEqual(["__proto__.polluted", "constructor.prototype.x"]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("nesting of any depth is passed without recursion", async () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const { table } = await readText(
      `{"loss":3,"x":${deep}}\n{"loss":2,"x":${'{"y":'.repeat(50_000)}1${"}".repeat(50_000)}}\n`,
    );
    expect([...table.columns[0]!.numbers]).toEqual([3, 2]);
  });

  test("a broken line is dropped with its reason; mostly broken lines are a fault said once", async () => {
    const { dropped } = await readText('{"a":1}\n{"a":\n{"a":2}\n{"a":3}{"a":4}\n{"a":5}\n3\n');
    expect(dropped).toMatchObject([
      { code: "bad-json", lines: [2] },
      { code: "bad-json", reason: expect.stringContaining("character 8"), lines: [4] },
      { code: "not-an-object", reason: expect.stringContaining('"3"'), lines: [6] },
    ]);
    const error = await errorOf(readText("{'a': None}\n{'a': 1}\n"));
    expect(error).toMatchObject({ code: "not-json", place: { line: 1 } });
    expect((error as InputError).why).toContain("Python");
  });

  test.each([
    ['[{"a":1},]', /comma stands before the closing bracket/],
    ['[{"a":1} {"a":2}]', /"," is missing/],
    ['[{"a":1}', /ends inside the list/],
    ['[{"a":1}] x', /text follows the list/],
    ['[{"a":1},{"a":}]', /a value is missing/],
  ])("the list %s is refused", async (text, reason) => {
    const error = await errorOf(readText(text));
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(reason);
  });

  test.each(["[]", "[[1,2],[3,4]]", "[1,2]"])("the list %s has no rows with names", async (text) => {
    expect(await errorOf(readText(text))).toBeInstanceOf(InputError);
  });
});

describe("files", () => {
  test("several files are pooled by the names of their columns, and a column names the file", async () => {
    await withFiles({ "a.csv": "params,loss\n1,3\n", "b.jsonl": '{"loss":2,"lr":0.1}\n' }, async (pathOf) => {
      const files = [pathOf("a.csv"), pathOf("b.jsonl")];
      const { table, sources } = await readLogs(files);
      expect(table.files).toEqual(files);
      expect(sources.map(({ format }) => format)).toEqual(["csv", "jsonl"]);
      expect(names(table)).toEqual(["params", "loss", "lr", "file"]);
      expect(cells(table)).toEqual([
        ["1", "3", "", files[0]],
        ["", "2", "0.1", files[1]],
      ]);
      expect(table.source(1)).toEqual({ file: files[1], line: 1 });
    });
  });

  test("a column called file is left alone", async () => {
    await withFiles({ "a.csv": "file,loss\nx,3\n" }, async (pathOf) => {
      const { table } = await readLogs([pathOf("a.csv"), pathOf("a.csv")]);
      expect(cells(table)).toEqual([
        ["x", "3"],
        ["x", "3"],
      ]);
    });
  });

  test("gzip is told by its bytes, all members are read, the digest is of the file", async () => {
    const [first, second] = [CSV.slice(0, 30), CSV.slice(30)];
    const packed = Buffer.concat([gzipSync(first), gzipSync(second)]);
    const { table, sources } = await readText(packed, 5);
    expect(table.rows).toBe(2);
    expect(sources[0]!.bytes).toBe(packed.length);
    for (const length of [packed.length - 3, packed.length - 12]) {
      expect(await errorOf(readText(packed.subarray(0, length)))).toMatchObject({ code: "gzip" });
    }
    const damaged = Buffer.from(packed);
    damaged[damaged.length - 6]! ^= 1;
    expect(await errorOf(readText(damaged))).toMatchObject({ code: "gzip" });
  });

  test.each([
    ["utf-16le", Buffer.from(`\ufeff${CSV}`, "utf16le")],
    ["utf-16le without a mark", Buffer.from(CSV, "utf16le")],
    ["utf-16be", Buffer.from(`\ufeff${CSV}`, "utf16le").swap16()],
    ["utf-8 with a mark", Buffer.from(`\ufeff${CSV}`)],
  ])("%s is decoded", async (_, bytes) => {
    const { table } = await readText(bytes, 3);
    expect(names(table)[0]).toBe("run");
    expect(cells(table)[1]).toEqual(["b", "3e7", "6e8", "4.09"]);
  });

  test("bytes that are not UTF-8 are said with their first line", async () => {
    const { table, warnings } = await readText(Buffer.from("run,loss\nx,3\n\xe9t\xe9,2\n", "latin1"));
    expect([...table.columns[1]!.numbers]).toEqual([3, 2]);
    expect(warnings).toMatchObject([{ code: "not-utf8", lines: [3] }]);
    const own = await readText("run,loss\n\ufffd,3\n");
    expect(own.warnings).toEqual([]);
  });

  test.each([
    ["", "empty"],
    ["\n\n\n", "no-rows"],
    ["run,loss\n", "no-rows"],
    ["\0\0\0\0\0\0\0\0", "binary"],
    ["<!DOCTYPE html><html>", "not-a-log"],
    ["version https://git-lfs.github.com/spec/v1\n", "not-a-log"],
    ["PK\u0003\u0004\u0014\u0000", "not-a-log"],
    ["run,loss\na,1\n<<<<<<< HEAD\nb,2\n", "merge-conflict"],
  ])("%j is refused as %s", async (text, code) => {
    expect(await errorOf(readText(text))).toMatchObject({ code });
  });

  test("files that cannot be opened are named in plain words", async () => {
    await withFiles({ "a.csv": CSV }, async (pathOf) => {
      fs.symlinkSync("loop.csv", pathOf("loop.csv"));
      const cases: [string, RegExp][] = [
        [pathOf("none.csv"), /no such file/],
        [pathOf("loop.csv"), /points to itself/],
        [`${pathOf("a.csv")}/b`, /no folder/],
        ["x".repeat(5000), /longer than the system takes/],
        ["", /name is empty/],
        ["a\0b", /cannot be read/],
        ["/dev/zero", /not text/],
      ];
      for (const [file, reason] of cases) {
        const error = await errorOf(readLogs([file]));
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).message).toMatch(reason);
      }
    });
  });

  test("a cell of endless length ends the reading", async () => {
    const error = await errorOf(readText(`a,b\n1,2\n3,${"9".repeat(9_000_000)}`, 1_000_000));
    expect(error).toMatchObject({ code: "line-too-long", place: { line: 3 } });
  });

  test("no files, standard input twice and unknown formats are faults of the command", async () => {
    for (const call of [readLogs([]), readLogs(["-", "-"]), readLogs(["x"], { format: "cvs" })]) {
      expect(await errorOf(call)).toBeInstanceOf(UsageError);
    }
    expect(await errorOf(readLogs(["x"], { format: "cvs" }))).toMatchObject({ hint: "did you mean csv?" });
  });

  test("a pipe that goes on for ever is let go of when its beginning is no log", async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(100_000, "<html>");
      })(),
    );
    expect(await errorOf(readLogs(["-"], { stdin: endless }))).toMatchObject({ code: "not-a-log" });
    expect(endless.destroyed).toBe(true);
  });

  test("reading stops when it is told to", async () => {
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    expect(await errorOf(readLogs(["-"], { signal: controller.signal }))).toMatchObject({
      message: "enough",
    });
  });
});

describe("a file system that fails", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each(["EIO", "EMFILE", "EACCES", "ENOSPC"])(
    "%s of any call names the file, and is not retried",
    async (code) => {
      await withFiles({ "a.csv": CSV }, async (pathOf) => {
        for (const call of ["openSync", "fstatSync", "readSync"] as const) {
          const failing = vi.spyOn(fs, call).mockImplementationOnce(() => {
            throw Object.assign(new Error(`${code}: made to fail`), { code });
          });
          const error = await errorOf(readLogs([pathOf("a.csv")]));
          expect(error).toBeInstanceOf(InputError);
          expect(error).toMatchObject({ place: { file: pathOf("a.csv") } });
          expect(failing).toHaveBeenCalledTimes(1);
          vi.restoreAllMocks();
        }
      });
    },
  );
});

test("a million cells cost little more than their numbers", async () => {
  const rows = Array.from({ length: 100_000 }, (_, i) => `run-${i},${1e6 + i},${2 + i / 7},adamw`);
  const { table } = await readText(`run,params,loss,optimizer\n${rows.join("\n")}\n`, 100_000);
  expect(table.rows).toBe(100_000);
  expect(table.columns[2]!.text(99_999)).toBe(String(2 + 99_999 / 7));
  expect(table.columns[0]!.text(70_000)).toBe("run-70000");
  const bytes = table.columns.reduce((sum, { numbers }) => sum + numbers.buffer.byteLength, 0);
  expect(bytes).toBeLessThan(100_000 * 4 * 8 * 2.1);
});
