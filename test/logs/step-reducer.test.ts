import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recognise } from "../../src/logs/columns.js";
import { EveryRowNeeded } from "../../src/logs/omitted-steps.js";
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
const log = (rows: readonly (readonly (string | number)[])[], header = HEADER) =>
  `${[header, ...rows.map((row) => row.join(","))].join("\n")}\n`;

/** The smallest piece of a text that is read at once: the reducer starts between two of them. */
const PADDING = 4000;

/** Steps of three runs that go on for long after the reducer has begun. */
const LONG = 2 * PADDING;

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

type Course = (share: number, step: number) => string | number;

/** Runs by step with a learning rate and a gradient norm. */
function scheduled(
  runs: number,
  steps: number,
  rate: Course,
  norm: Course = () => 0.7,
): (string | number)[][] {
  return training(runs, steps, true).map((row) => {
    const step = Number(row[1]);
    return [...row.slice(0, 5), rate(step / steps, step), norm(step / steps, step)];
  });
}
const SCHEDULED = "run,step,params,tokens,loss,lr,grad_norm";
const codesOf = ({ groups }: Reading) => groups[0]!.warnings.map(({ code }) => code);

describe("step rows reduced to runs while they are read", { timeout: 60_000 }, () => {
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

  test.each<[string, boolean, Course]>([
    ["comes down", false, (t) => (3e-4 * Math.min(t / 0.3, 1 - t)).toExponential(3)],
    ["does not come down", true, (t) => (3e-4 * Math.min(t / 0.3, 1 - 0.3 * t)).toExponential(5)],
    ["is not known at the end", true, (t) => (t > 0.9 ? "" : 3e-4 * Math.min(t / 0.3, 1 - 0.3 * t))],
    ["rises again", false, (t) => (t < 0.3 ? t + 0.1 : t < 0.6 ? 1 - t : 0.3 + 0.5 * (t - 0.6))],
    ["has its peak where every row is kept", true, (t) => (2 - t).toFixed(6)],
    ["stays", false, () => 0.001],
  ])("a learning rate that %s is told", async (_name, isUndecayed, rate) => {
    const reduced = await expectSame([log(scheduled(3, PADDING, rate), SCHEDULED)]);
    expect(reduced.omitted).toBeGreaterThan(PADDING);
    expect(codesOf(reduced).includes("not-decayed")).toBe(isUndecayed);
  });

  test("a learning rate whose lowest may have been passed over takes every row", async () => {
    // the second half of the steps comes first
    const rows = scheduled(3, PADDING, (t) => (t < 0.5 ? 0.1 + 1.8 * t : 1.5 - t));
    const half = rows.length / 2;
    await expect(read([log([...rows.slice(half), ...rows.slice(0, half)], SCHEDULED)], 5)).rejects.toThrow(
      EveryRowNeeded,
    );
  });

  test("gradient norms: few wild ones change nothing, many take every row", async () => {
    const tame = scheduled(
      3,
      PADDING,
      () => 1,
      (t, step) => (t < 0.1 || step % 50 === 7 ? 500 : "nan"),
    );
    const few = tame.map((row, i) => (i % 2 === 0 ? [...row.slice(0, 6), "7.5e-01"] : row));
    expect(codesOf(await expectSame([log(few, SCHEDULED)]))).not.toContain("run-diverged");
    const wild = scheduled(
      3,
      PADDING,
      () => 1,
      (t) => (t < 0.8 ? 1 : 1000),
    );
    await expect(read([log(wild, SCHEDULED)], 5)).rejects.toThrow(EveryRowNeeded);
  });

  test("settings on one row, and tokens on other rows than the end, are read all the same", async () => {
    const settings = training(3, PADDING, true).map(([run, step, N, ...rest]) =>
      step === 5 ? [run!, step, N!, ...rest] : [run!, step!, "", ...rest],
    );
    expect(codesOf(await expectSame([log(settings)]))).toContain("run-constant");
    const sparse = training(3, LONG, true).map(([run, step, N, , ...rest]) => {
      const k = Number(step);
      return [run!, step!, N!, k % 10 === 3 ? k * 65_536 : "", ...rest];
    });
    const reduced = await expectSame([log(sparse)]);
    expect(codesOf(reduced)).toContain("run-between");
    expect(reduced.omitted).toBeGreaterThan(PADDING);
    // evaluations between the rows that have tokens, the last of them before tokens that go on
    const evaluated = training(3, LONG, true).map(([run, step, N, D, loss, note]) => {
      const k = Number(step);
      return [run!, step!, N!, k % 10 === 3 ? D! : "", k % 70 === 5 && k < LONG - 90 ? loss! : "", note!];
    });
    expect(codesOf(await expectSame([log(evaluated)]))).toContain("run-between");
    // and tokens that end before the last evaluation, in proportion to the steps
    const ended = training(3, LONG, true).map(([run, step, N, , loss, note]) => {
      const k = Number(step);
      return [
        run!,
        step!,
        N!,
        k % 10 === 3 && k < LONG - 90 ? k * 65_536 : "",
        k % 70 === 5 ? loss! : "",
        note!,
      ];
    });
    expect(codesOf(await expectSame([log(ended)]))).toContain("run-between");
  });

  test("tokens that run ahead of the end, or came out of order, take every row", async () => {
    const sparse = training(3, LONG, true).map(([run, step, N, D, loss, note]) => {
      const k = Number(step);
      return [run!, step!, N!, k % 10 === 3 ? D! : "", k % 10 === 5 && k < LONG - 90 ? loss! : "", note!];
    });
    const isOfTokens = (row: (string | number)[]) => row[3] !== "";
    const ahead = [...sparse.filter(isOfTokens), ...sparse.filter((row) => !isOfTokens(row))];
    const half = sparse.length / 2;
    const turned = [...sparse.slice(half), ...sparse.slice(0, half)];
    for (const rows of [
      [...training(1, 4 * PADDING, true).map((row) => ["other", ...row.slice(1)]), ...ahead],
      turned,
    ])
      await expect(read([log(rows)], 5)).rejects.toThrow(EveryRowNeeded);
  });

  test("any mixture of such rows", { timeout: 150_000 }, async () => {
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
      { numRuns: 1 },
    );
  });
});
