import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanTable } from "../../src/logs/clean-table.js";
import { recognise } from "../../src/logs/columns.js";
import { inspectTable } from "../../src/logs/inspection.js";
import { type LogsRead, readLogs } from "../../src/logs/read.js";
import { Resolver } from "../../src/logs/resolve.js";
import { observe } from "../../src/logs/runs.js";
import { ROOT } from "../support/cli.js";
import { describeWithShared, sharedFile } from "../support/shared.js";
import { withFiles } from "./support.js";

interface Told {
  /** As `inspect` says them. */
  runs: number;
  observations: number;
  /** Of those with a loss that can be used. */
  usable: number;
  /** As a fit of the loss has them. */
  used: number;
  rows: number;
  notLast: number;
}

/** What `inspect` says of logs, and what a fit makes of them. */
function told(logs: LogsRead): Told {
  const { table, dropped } = logs;
  const recognised = recognise(table, { map: new Map() });
  const resolver = new Resolver(table, recognised);
  const clean = cleanTable(table, recognised, resolver);
  const { runs } = inspectTable(table, recognised, resolver, clean.count);
  const { groups } = observe(table, recognised, {
    inputs: [],
    measured: { from: "loss" },
    where: [],
    readDropped: dropped,
  });
  const [group] = groups;
  const left = (code: string) =>
    group!.dropped.reduce((sum, entry) => sum + (entry.code === code ? entry.count : 0), 0);
  const broken = dropped.reduce((sum, { count }) => sum + count, 0);
  return {
    runs: runs.count,
    observations: runs.observations,
    usable: group!.rows - broken - left("not-last"),
    used: group!.used,
    rows: table.rows,
    notLast: left("not-last"),
  };
}

const ofTexts = (texts: readonly string[]): Promise<Told> =>
  withFiles(Object.fromEntries(texts.map((text, i) => [`${i}.csv`, text])), async (pathOf) =>
    told(await readLogs(texts.map((_, i) => pathOf(`${i}.csv`)))),
  );

const steps = (n: number | string, rows = 4, from = 1): string =>
  Array.from({ length: rows }, (_, i) => `${from + i},${n},${(from + i) * 1e6},${5 - (from + i) / 10}`).join(
    "\n",
  );
const HEADER = "step,params,tokens,loss\n";

describe("inspect and fit count the same runs", () => {
  test.each<[string, string[], runs: number]>([
    ["a file of one run", [HEADER + steps(1e7)], 1],
    ["a file of one row", [HEADER + steps(1e7, 1)], 1],
    ["a file of two sizes", [`${HEADER + steps(1e7)}\n${steps(2e7, 4, 5)}`], 8],
    ["steps that are there twice", [`${HEADER + steps(1e7)}\n${steps(1e7)}`], 8],
    ["one step made again", [`${HEADER + steps(1e7)}\n${steps(1e7, 2, 4)}`], 1],
    ["tokens that fall", [`${HEADER + steps(1e7)}\n9,1e7,1,4`], 5],
    ["two seeds", ["step,seed,loss\n1,1,5\n2,1,4\n3,2,4.1\n"], 3],
    ["two files of a run each", [HEADER + steps(1e7), HEADER + steps(2e7)], 2],
    ["a run and a table of two sizes", [HEADER + steps(1e7), `${HEADER + steps(1e7)}\n9,2e7,9e6,3`], 6],
    ["two files of two sizes each", Array(2).fill(`${HEADER + steps(1e7, 2)}\n${steps(2e7, 2, 3)}`), 8],
    [
      "training and validation on rows of their own",
      ["step,train_loss,val_loss\n1,5,\n1,,5.1\n2,4,\n2,,4.1\n3,3,\n3,,3.1\n"],
      1,
    ],
    [
      "a file that names its runs beside one that does not",
      ["run,step,loss\na,1,4\na,2,3\nb,1,4\n", "step,loss\n1,4\n2,3\n"],
      3,
    ],
    ["rows without a name among named ones", ["run,step,loss\na,1,4\na,2,3\n,1,4\n,2,3.5\n"], 3],
    ["no steps", ["params,tokens,loss\n1e7,1e8,4\n2e7,1e8,3\n"], 2],
  ])("%s", async (_name, texts, runs) => {
    const found = await ofTexts(texts);
    expect([found.runs, found.observations, found.used]).toEqual([runs, runs, runs]);
  });

  test("whatever the columns hold", async () => {
    const run = fc.constantFrom("a", "b", "", " ");
    const cell = (...texts: string[]) => fc.constantFrom(...texts);
    const row = fc.tuple(
      run,
      cell("1", "2", "3", "4", "5", ""),
      cell("1e7", "2e7", ""),
      cell("1e8", "2e8", ""),
      cell("4", "3", "", "nan"),
    );
    const kept = fc.subarray([0, 1, 2, 3, 4], { minLength: 1 });
    const NAMES = ["run", "step", "params", "tokens", "loss"];
    const file = fc.record({ columns: kept, rows: fc.array(row, { minLength: 1, maxLength: 12 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), async (files) => {
        const texts = files.map(({ columns, rows }) => {
          const all = [...columns, 4].filter((at, i, list) => list.indexOf(at) === i);
          return [all.map((at) => NAMES[at]), ...rows.map((cells) => all.map((at) => cells[at]))]
            .map((cells) => `${cells.join(",")},x`)
            .join("\n");
        });
        const found = await ofTexts(texts);
        expect(found.observations).toBe(found.usable);
        expect(found.rows - found.notLast).toBe(found.observations);
        expect(found.runs).toBeLessThanOrEqual(found.observations);
      }),
      { numRuns: 150 },
    );
  });

  test.each(readdirSync(`${ROOT}/test/logs/specimens`))("the specimen %s", async (name) => {
    const found = told(await readLogs([`${ROOT}/test/logs/specimens/${name}`]));
    expect([found.observations, found.used]).toEqual([found.runs, found.runs]);
  });
});

describeWithShared("in the shared logs too", () => {
  /** Several measures of the last step, or rows of one name without steps: more rows than runs. */
  const SEVERAL = [
    "mixture_dml_2domains.csv",
    "mixture_dml_3domains_410M.csv",
    "xlstm_llama_isoflop_runs.csv",
  ];
  const names = ["data", "data/logs"].flatMap((folder) =>
    readdirSync(sharedFile(folder))
      .filter((name) => /\.(csv|jsonl|json|txt|log|out|parquet)$/.test(name) && name !== "expected.json")
      .map((name) => `${folder}/${name}`),
  );

  test("every run is one observation, but where a step is measured several times", async () => {
    const others: string[] = [];
    for (const name of names) {
      const logs = await readLogs([sharedFile(name)]);
      const recognised = recognise(logs.table, { map: new Map() });
      if (new Resolver(logs.table, recognised).looseOrComputed("loss") === null) continue;
      const found = told(logs);
      expect(found.observations, name).toBe(found.usable);
      if (found.observations !== found.runs) others.push(name.replace(/.*\//, ""));
    }
    expect(others).toEqual(SEVERAL);
  });
});
