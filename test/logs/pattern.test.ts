import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError, UsageError } from "../../src/errors.js";
import { linePattern } from "../../src/logs/formats/line-pattern.js";
import { patternFormat } from "../../src/logs/formats/pattern.js";
import { type LogsRead, readLogs } from "../../src/logs/read.js";
import { errorOf } from "./support.js";

const read = (text: string, ...patterns: string[]): Promise<LogsRead> =>
  readLogs(["-"], { patterns, stdin: Readable.from([Buffer.from(text)]) });
const rows = ({ table }: LogsRead): Record<string, string>[] =>
  Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(
      table.columns.map((column) => [column.name, column.text(row)]).filter(([, text]) => text !== ""),
    ),
  );
const valuesOf = (pattern: string, line: string) => {
  const cells = linePattern(pattern).match(line);
  return cells === null ? null : Object.fromEntries(cells);
};

describe("a pattern", () => {
  test.each([
    ["step {step} | loss {loss}", "INFO  step   10 |  loss 3.25 | x", { step: "10", loss: "3.25" }],
    ["loss {loss}", "val_loss 3.2 loss -1.5e-3", { loss: "-1.5e-3" }],
    ["loss {loss}", "loss NaN", { loss: "NaN" }],
    ["step={step}, loss={loss}", "step=1,000, loss=3.2.", { step: "1,000", loss: "3.2" }],
    ["time {time}ms", "time 12.1ms", { time: "12.1" }],
    ["time {time}", "time 12.1ms, more", { time: "12.1ms" }],
    ["size {params}", "model size 10.65M.", { params: "10.65M" }],
    ["[{epoch}/{_}] {_} acc: {acc}%", "[3/10] val acc: 12.5%", { epoch: "3", acc: "12.5" }],
    ["run {run}: loss {loss}", "run exp-1: loss 3.2", { run: "exp-1", loss: "3.2" }],
    ["{step} {_} {loss}", "  10 foo bar 3.2", { step: "10", loss: "3.2" }],
    ["loss {loss}", "loss function mse", null],
    ["loss {loss}", "loss 3x7", null],
    ["step {step} | loss {loss}", "step 10 | acc 3", null],
    ["step {step} loss {loss}", "step 10 step 20 loss 3", { step: "20", loss: "3" }],
  ])("%j on %j", (pattern, line, expected) => {
    expect(valuesOf(pattern, line)).toEqual(expected);
  });

  test.each([
    "",
    "  ",
    "no column",
    "{a}{b}",
    "a {",
    "a }",
    "{}",
    "{a{b}}",
    "{a} x {a}",
    `{a} ${"x".repeat(2000)}`,
  ])("%.20s cannot be used, and the error shows how one is written", (pattern) => {
    const error = (() => {
      try {
        return linePattern(pattern);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ code: "pattern", hint: expect.stringContaining("{step} | loss {loss}") });
  });

  test("values written into it are read back", () => {
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(value, value, fc.stringMatching(/^[ -~]{0,20}$/), (a, b, after) => {
        const line = `2024-01-01 step ${a} | loss: ${b} | ${after}`;
        expect(valuesOf("step {x} | loss: {y} |", line)).toEqual({ x: String(a), y: String(b) });
      }),
    );
  });

  test("no line takes long", () => {
    const start = performance.now();
    const pattern = linePattern("{_} a{x} a{y} a{_} a{z} b {w} q");
    for (const part of ["a a1 aaa ", "a", " ", "1,111", "a1 "]) pattern.match(part.repeat(10_000));
    expect(performance.now() - start).toBeLessThan(3000);
  });
});

describe("a log read by patterns", () => {
  test("values of one step are one row, of all patterns; other lines are counted", async () => {
    const logs = await read(
      "model has 10M params\nstep 1 | loss 3.5\nhello\nstep 2 | loss 3.4\nval at 2: 3.6\nstep 3 | loss 3.3\n",
      "step {step} | loss {train_loss}",
      "val at {step}: {val_loss}",
      "has {params} params",
    );
    expect(rows(logs)).toEqual([
      { run: "-", step: "1", params: "10M", train_loss: "3.5" },
      { run: "-", step: "2", train_loss: "3.4", val_loss: "3.6" },
      { run: "-", step: "3", train_loss: "3.3" },
    ]);
    expect(logs.warnings.map(({ message }) => message)).toEqual(["1 line of other text skipped"]);
    expect(logs.sources[0]).toMatchObject({ format: "pattern" });
  });

  test("a line without a step belongs to the step before it", async () => {
    const logs = await read(
      "step 5 loss 3\nval 3.1\nstep 6 loss 2\n",
      "step {step} loss {loss}",
      "val {val_loss}",
    );
    expect(rows(logs)[0]).toEqual({ run: "-", step: "5", loss: "3", val_loss: "3.1" });
  });

  test("a step may stand on a line of its own, above its values", async () => {
    const logs = await read("Step 10\nloss: 3.2\nStep 20\nloss: 3.1\n", "Step {step}", "loss: {loss}");
    expect(rows(logs)).toEqual([
      { run: "-", step: "10", loss: "3.2" },
      { run: "-", step: "20", loss: "3.1" },
    ]);
    expect(await errorOf(read("Step 10\n", "Step {step}"))).toMatchObject({ code: "no-rows" });
  });

  test("a column that names runs holds until it names another", async () => {
    const text = "run a\nparams 5\nstep 1 loss 3\nstep 2 loss 2\nrun b\nparams 7\nstep 1 loss 4\n";
    const logs = await read(text, "run {run}", "params {params}", "step {step} loss {loss}");
    expect(rows(logs)).toEqual([
      { step: "1", params: "5", loss: "3", run: "a" },
      { step: "2", loss: "2", run: "a" },
      { step: "1", params: "7", loss: "4", run: "b" },
    ]);
  });

  test("without a step every line is a row", async () => {
    const logs = await read("N=1e6 D=2e7 -> 3.1\nN=1e7 D=2e8 -> 2.9\n", "N={N} D={D} -> {loss}");
    expect(rows(logs)).toEqual([
      { N: "1e6", D: "2e7", loss: "3.1" },
      { N: "1e7", D: "2e8", loss: "2.9" },
    ]);
  });

  test("a pattern that no line matches is named, when another does", async () => {
    const logs = await read("step 1 loss 3\n", "step {step} loss {loss}", "val {val_loss}");
    expect(logs.warnings).toMatchObject([
      { code: "pattern-unused", message: expect.stringContaining("val") },
    ]);
  });

  test("when no line matches, the nearest is quoted, with a pattern that would", async () => {
    const error = await errorOf(read("hello\nstep: 10, loss: 3.2\n", "step {step} | loss {loss}"));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      code: "no-match",
      message: 'no line matches the pattern "step {step} | loss {loss}"',
      why: 'the nearest is line 2: "step: 10, loss: 3.2"',
      hint: "this matches it: --pattern 'step: {step}, loss: {loss}'",
      place: { line: 2 },
    });
    const other = await errorOf(read("epoch 1 step 10: train 3.2ms\n", "step={step} train={loss}"));
    expect(other).toMatchObject({
      hint: "this matches it: --pattern 'epoch {epoch} step {step}: train {train}'",
    });
    const far = await errorOf(read("hello\n", "step {step} | loss {loss}"));
    expect(far).toMatchObject({ why: "none has even one of its words" });
  });

  test("no pattern at all, or one beside another format, is refused", async () => {
    expect(() => patternFormat([])).toThrow(UsageError);
    const both = readLogs(["-"], { patterns: ["loss {loss}"], format: "csv", stdin: Readable.from(["x"]) });
    expect(await errorOf(both)).toMatchObject({ code: "pattern" });
  });
});
