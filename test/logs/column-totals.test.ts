import { describe, expect, test } from "vitest";
import { cleanTable } from "../../src/logs/clean-table.js";
import { recognise } from "../../src/logs/columns.js";
import { inspectTable } from "../../src/logs/inspection.js";
import { readLogs } from "../../src/logs/read.js";
import { Resolver } from "../../src/logs/resolve.js";
import { stepPlan } from "../../src/logs/step-plan.js";
import type { Table } from "../../src/objects.js";
import { withFiles } from "./support.js";

/** What `inspect` says of a log, with its step rows reduced from so many rows on, or all of them kept. */
async function inspected(file: string, text: string, reduceFrom: number | null) {
  return withFiles({ [file]: text }, async (pathOf) => {
    const found = (table: Table) => recognise(table, { map: new Map() });
    const reduce = (table: Table) => stepPlan(table, found(table), "loss", undefined, true);
    const { table } = await readLogs([pathOf(file)], reduceFrom === null ? {} : { reduce, reduceFrom });
    const resolver = new Resolver(table, found(table));
    const clean = cleanTable(table, found(table), resolver);
    const document = inspectTable(table, found(table), resolver, clean.count);
    const plain = JSON.stringify({ document, warnings: clean.warnings }).replaceAll(`${pathOf("")}/`, "");
    return { kept: table.rows, said: JSON.parse(plain) };
  });
}

async function expectSame(text: string, file = "runs.csv"): Promise<void> {
  const whole = await inspected(file, text, null);
  const reduced = await inspected(file, text, 5);
  expect(reduced.kept).toBeLessThan(whole.kept);
  expect(reduced.said).toEqual(whole.said);
}

type Cell = string | number;
const STEPS = 5000;
const rowsOf = (cells: (run: number, step: number) => Cell[]): Cell[][] =>
  Array.from({ length: 3 * STEPS }, (_, i) => cells(i % 3, Math.floor(i / 3)));
const csv = (header: string, rows: readonly (readonly Cell[])[]): string =>
  `${header}\n${rows.map((row) => row.join(",")).join("\n")}\n`;
const lossAt = (run: number, step: number): string =>
  (3 + run / 10 + 5 / (step + 1) + 0.1 * Math.sin(step)).toFixed(4);

describe("inspect of a log whose step rows are reduced says what it says of all rows", () => {
  test("of columns, quantities, runs and what is computed", async () => {
    await expectSame(
      csv(
        "run,step,Model Size (M),tokens,loss,lr,note",
        rowsOf((run, step) => [
          `r${run}`,
          step,
          10 * (run + 1),
          (step + 1) * 1000,
          lossAt(run, step),
          (1e-3 * (1 - step / STEPS)).toExponential(3),
          step % 7 === 0 ? "x y" : "",
        ]),
      ),
    );
  });

  test("of odd cells, blanks, evaluations now and then, a run that diverges and one that is resumed", async () => {
    const rows = rowsOf((run, step) => {
      const isEvaluated = step % 50 === 49;
      const loss = run === 1 && step > STEPS - 90 ? "nan" : isEvaluated ? lossAt(run, step) : "";
      return [
        `r${run}`,
        step % 997 === 5 ? `${step}.0` : step,
        1e7,
        (step + 1) * 1000,
        loss,
        step % 991 === 3 ? "-" : -step / 3,
      ];
    });
    const again = rows.slice(-600, -300).filter(([name]) => name === "r2");
    await expectSame(csv("run,step,params,tokens,loss,other", [...rows, ...again]));
  });

  test.each(["lines", "a list"])("of JSON objects: %s", async (form) => {
    const objects = rowsOf((run, step) => [
      `"run":"r${run}","step":${step},"params":1e7,"tokens":${(step + 1) * 1000}`,
      step % 10 === 9 ? `,"eval":{"loss":${run === 1 && step > 4900 ? "NaN" : lossAt(run, step)}}` : "",
      step % 983 === 2 ? `,"text":"a\\nb"` : "",
      step === 4000 ? ',"late":1,"late":2' : step === 4500 ? ',"new":"x"' : "",
    ]).map((parts) => `{${parts.join("")}}`);
    const isLines = form === "lines";
    const text = isLines ? `${objects.join("\n")}\n` : `[${objects.join(",\n")}]`;
    await expectSame(text, isLines ? "runs.jsonl" : "runs.json");
  });
});
