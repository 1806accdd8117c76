import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { readLogs } from "../../src/logs/read.js";
import { type ObservedGroup, observe } from "../../src/logs/runs.js";
import { stepPlan } from "../../src/logs/step-plan.js";
import type { Table } from "../../src/objects.js";
import { withFiles } from "./support.js";

interface Reading {
  groups: ObservedGroup[];
  rows: number;
  omitted: number;
}

/** What a fit would see of some files, with their step rows reduced from so many rows on. */
async function read(texts: readonly string[], reduceFrom: number | null, groupBy?: string): Promise<Reading> {
  const files = Object.fromEntries(texts.map((text, i) => [`${i}.csv`, text]));
  return withFiles(files, async (pathOf) => {
    const found = (table: Table) => recognise(table, { map: new Map() });
    const reduce = (table: Table) => stepPlan(table, found(table), "loss", groupBy);
    const paths = Object.keys(files).map(pathOf);
    const logs = await readLogs(paths, reduceFrom === null ? {} : { reduce, reduceFrom });
    const { groups } = observe(logs.table, found(logs.table), {
      inputs: ["N", "D"].map((name) => ({ name, from: name })),
      measured: { from: "loss" },
      where: [],
      groupBy,
      readDropped: logs.dropped,
    });
    const omitted = (logs.table.omitted ?? []).reduce((sum, { rows }) => sum + rows, 0);
    return {
      groups: groups.map((group) => withoutFolder(group, pathOf(""))),
      rows: logs.table.rows,
      omitted,
    };
  });
}

/** All that is said of a group, values included, without the name of the folder. */
function withoutFolder(group: ObservedGroup, folder: string): ObservedGroup {
  const { observations } = group;
  const told = {
    ...group,
    observations: {
      ...observations,
      inputs: [...observations.inputs].map(([name, values]) => [name, [...values]]),
      measured: [...observations.measured].map(String),
      rows: null,
      source: Array.from(observations.measured, (_, i) => observations.source(i)),
      label: Array.from(observations.measured, (_, i) => observations.label(i)),
    },
  };
  return JSON.parse(JSON.stringify(told).replaceAll(folder, ""));
}

const HEADER = "run,step,params,tokens,loss,note";
const log = (rows: readonly (readonly (string | number)[])[]) =>
  `${[HEADER, ...rows.map((row) => row.join(","))].join("\n")}\n`;

/** The smallest piece of a text that is read at once: the reducer starts between two of them. */
const PADDING = 4000;

/** Rows of several runs of so many steps, run after run or by step. */
function training(runs: number, steps: number, isByStep: boolean): (string | number)[][] {
  const row = (run: number, step: number) => {
    const [N, D] = [10 ** 7 * (run + 1), (step + 1) * 65_536];
    return [
      `run-${run}`,
      step,
      N,
      D,
      (2 + 10 / (step + 1) + run / 10 + 0.3 * Math.sin(step)).toFixed(4),
      "x",
    ];
  };
  return Array.from({ length: runs * steps }, (_, i) =>
    isByStep ? row(i % runs, Math.floor(i / runs)) : row(Math.floor(i / steps), i % steps),
  );
}

async function expectSame(texts: readonly string[], groupBy?: string): Promise<Reading> {
  const whole = await read(texts, null, groupBy);
  const reduced = await read(texts, 5, groupBy);
  expect(reduced.groups).toEqual(whole.groups);
  expect(reduced.rows + reduced.omitted).toBe(whole.rows);
  return reduced;
}

describe("step rows reduced to runs while they are read", () => {
  test.each([true, false])(
    "give what all rows give, and most are not kept (by step: %s)",
    async (isByStep) => {
      const reduced = await expectSame([log(training(8, PADDING, isByStep))]);
      expect(reduced.omitted).toBeGreaterThan(8 * PADDING * 0.5);
      expect(reduced.groups[0]!.used).toBe(8);
    },
  );

  test("a resumed run, in a file or over files, is told with the same counts and lines", async () => {
    const rows = training(4, PADDING, false);
    const again = rows.filter(([run, step]) => run === "run-2" && Number(step) > PADDING / 2);
    const resumed = [...rows, ...again, ...training(2, 50, true)];
    const { groups } = await expectSame([log(resumed)]);
    expect(groups[0]!.warnings.map(({ code }) => code)).toContain("steps-overlap");
    await expectSame([log(rows), log(again)]);
  });

  test("what has to be looked at is kept: odd cells, evaluations, constants written once, diverged runs", async () => {
    const rows = training(6, PADDING, true).map((row, i) => {
      const [run, step, N, D, loss, note] = row;
      const odd = i % 997 === 5;
      const isLast = Number(step) > PADDING - 4;
      if (run === "run-0") return [run, step, step === 3000 ? N! : "", D!, loss!, note!];
      if (run === "run-1")
        return [run, odd ? "3k" : step!, odd ? "70M" : N!, D!, isLast ? "nan" : loss!, note!];
      if (run === "run-2") return [run, step!, N!, D!, Number(step) % 50 === 7 ? loss! : "", note!];
      if (run === "run-3")
        return [run, step!, N!, odd ? "n/a" : D!, isLast ? 9 : loss!, odd ? '"a, b"' : note!];
      if (run === "run-4")
        return odd ? ["", step!, N!, D!, loss!] : [run, step!, N!, `${D}`, `${loss}e0`, ""];
      return [run!, step!, N!, D!, odd ? "" : loss!, note!];
    });
    await expectSame([log(rows)]);
  });

  test("groups are kept apart, also within a run", async () => {
    const rows = training(4, PADDING, true).map((row, i) => [...row.slice(0, 5), i % 3 === 0 ? "a" : "b"]);
    const { groups } = await expectSame([log(rows)], "note");
    expect(groups.map(({ group }) => group)).toEqual(["a", "b"]);
  });

  test("several rows a step, a last line that is cut, and no line end", async () => {
    const rows = training(3, PADDING, true).flatMap((row) => [row, [...row.slice(0, 4), 3.5, "y"]]);
    await expectSame([log(rows)]);
    await expectSame([log(rows).slice(0, -1)]);
    await expectSame([log(rows).slice(0, -12)]);
  });

  test("any mixture of such rows", { timeout: 60_000 }, async () => {
    const head = training(3, PADDING / 2, true);
    const cell = fc.constantFrom("", "1", "2.5", "70M", "nan", "-", "1e3", "x", " 4 ", "1.", "+3");
    const row = fc.tuple(
      fc.constantFrom("run-0", "run-1", "new", "", " run-2"),
      fc.oneof({ weight: 4, arbitrary: fc.nat(5000).map(String) }, { weight: 1, arbitrary: cell }),
      fc.oneof(fc.constant("20000000"), cell),
      fc.oneof(fc.nat(1e9).map(String), cell),
      fc.oneof(
        { weight: 3, arbitrary: fc.double({ min: 1, max: 9, noNaN: true }).map((x) => x.toFixed(3)) },
        { weight: 1, arbitrary: cell },
      ),
      fc.constantFrom("x", "", "y"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
        // behind a head that is one piece of text, so that the reducer has begun
        await expectSame([log([...head, ...training(3, PADDING, true), ...rows, ...training(2, 20, false)])]);
      }),
      { numRuns: 4 },
    );
  });
});
