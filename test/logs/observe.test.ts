import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError, UsageError } from "../../src/errors.js";
import { readLogs } from "../../src/logs/read.js";
import type { ObservedGroup } from "../../src/logs/runs.js";
import { parseWhere } from "../../src/logs/where.js";
import { errorOf, observeLogs, observeText, readText, withFiles } from "./support.js";

const HEADER = "run,params,tokens,loss\n";
const GOOD = "a,1e7,2e8,5.19\nb,3e7,6e8,4.09\nc,7e7,1.4e9,3.49\n";

const codes = ({ warnings }: ObservedGroup) => warnings.map(({ code }) => code);
const values = ({ observations }: ObservedGroup, name = "N") => [...observations.inputs.get(name)!];
const droppedCount = ({ dropped }: ObservedGroup) => dropped.reduce((sum, { count }) => sum + count, 0);

describe("rows that are used", () => {
  test("become columns in plain units with labels, sources and ranges", async () => {
    const group = await observeText(HEADER + GOOD);
    expect(group).toMatchObject({ group: null, rows: 3, used: 3, dropped: [], warnings: [] });
    expect(values(group)).toEqual([1e7, 3e7, 7e7]);
    expect([...group.observations.measured]).toEqual([5.19, 4.09, 3.49]);
    expect(group.observations.run).toBeNull();
    expect(group.observations.weight).toBeNull();
    expect(group.range).toEqual({ N: [1e7, 7e7], D: [2e8, 1.4e9] });
    expect(group.observations.label(1)).toBe("b");
    expect(group.observations.source(1)).toEqual({ file: "-", line: 3 });
  });

  test("without a run's name are labelled by file and line; names are escaped and shortened", async () => {
    expect((await observeText("params,tokens,loss\n1e7,2e8,5\n")).observations.label(0)).toBe("-:2");
    const hostile = await observeText(`${HEADER}\u001b[31m${"x".repeat(1000)},1e7,2e8,5\n`);
    expect(hostile.observations.label(0)).toMatch(/^\\u\{1b\}\[31mx+…x+$/);
    expect(hostile.observations.label(0).length).toBeLessThan(80);
  });

  test("two of N, D and C give the third, and that is said", async () => {
    const inputs = ["N", "D", "C"].map((name) => ({ name, from: name }));
    for (const [header, row, code] of [
      ["params,tokens,loss", "1e7,2e8,5", "derived-c"],
      ["params,flops,loss", "1e7,1.2e16,5", "derived-d"],
      ["tokens,flops,loss", "2e8,1.2e16,5", "derived-n"],
    ]) {
      const group = await observeText(`${header}\n${row}\n`, { inputs });
      expect(["N", "D", "C"].map((name) => values(group, name)[0])).toEqual([1e7, 2e8, 1.2e16]);
      expect(codes(group)).toEqual([code]);
      expect(codes(await observeText(`${header}\n${row}\n`, { inputs: [] }))).toEqual([]);
    }
  });

  test("any column can be an input, and the measured value can be left out", async () => {
    const group = await observeText("width,loss\n64,0\n128,\n", {
      inputs: [{ name: "x", from: "width" }],
      measured: { from: "loss", isOptional: true },
    });
    expect(values(group, "x")).toEqual([64, 128]);
    expect([...group.observations.measured]).toEqual([0, Number.NaN]);
  });

  test("cells with suffixes are read and said; a unit in the header does not count twice", async () => {
    const group = await observeText("params (M),tokens,loss\n10,0.2B,5\n20M,8e8 tokens,4\n30,1e9,3\n");
    expect(values(group)).toEqual([1e7, 2e7, 3e7]);
    expect(values(group, "D")).toEqual([2e8, 8e8, 1e9]);
    expect(codes(group)).toEqual(["column-unit", "units-in-cells", "units-in-cells"]);
  });
});

describe("rows that are not used", () => {
  test("are counted by reason, with the cells and the lines, and the sums hold", async () => {
    const bad = ["NaN", "inf", "-Infinity", "", "null", "n/a", "-", "0x3", "oops", "0", "-2", "1e400"];
    const good = Array.from({ length: 20 }, (_, i) => `g${i},${1e7 + i},2e8,3\n`).join("");
    const group = await observeText(HEADER + bad.map((cell) => `x,1e7,2e8,${cell}\n`).join("") + good);
    expect(group.used).toBe(20);
    expect(group.rows).toBe(32);
    expect(droppedCount(group)).toBe(12);
    expect(group.dropped).toEqual([
      {
        file: "-",
        code: "not-finite",
        reason: '"loss" is not finite: "not a number", "inf", "-infinite"',
        count: 3,
        lines: [2, 3, 4],
      },
      {
        file: "-",
        code: "missing",
        reason: '"loss" is missing: empty, "null", "n/a", "-"',
        count: 4,
        lines: [5, 6, 7, 8],
      },
      {
        file: "-",
        code: "not-a-number",
        reason: '"loss" is not a number: "0x3", "oops", "1e400"',
        count: 3,
        lines: [9, 10, 13],
      },
      {
        file: "-",
        code: "not-positive",
        reason: '"loss" is not above 0: "0", "-2"',
        count: 2,
        lines: [11, 12],
      },
    ]);
  });

  test("a thousand faults make one entry with the first twenty lines", async () => {
    const group = await observeText(HEADER + "x,1e7,2e8,\n".repeat(1000) + GOOD);
    expect(group.dropped).toHaveLength(1);
    expect(group.dropped[0]).toMatchObject({
      count: 1000,
      lines: Array.from({ length: 20 }, (_, i) => i + 2),
    });
  });

  test("a measured value that is no loss may be 0 or less, unless that is refused", async () => {
    const text = `${HEADER.replace("loss", "reward")}a,1e7,2e8,-1\nb,2e7,2e8,0\n`;
    expect((await observeText(text, { y: "reward" })).used).toBe(2);
    expect((await observeText(text, { y: "reward", measured: { from: "loss", positive: true } })).used).toBe(
      0,
    );
  });

  test("a column that is mostly text is a fault of the column, at its first such cell", async () => {
    const error = await errorOf(observeText(`${HEADER}a,1e7,2e8,3\nb,1e7,2e8,good\nc,1e7,2e8,bad\n`));
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ place: { file: "-", line: 3, column: "loss", cell: "good" } });
  });
});

describe("thousands separators and decimal commas", () => {
  const read = (cells: string[]) =>
    observeText(`params;tokens;loss\n${cells.map((cell) => `${cell};2e8;3`).join("\n")}\n`);

  test.each([
    [
      ["70,000,000", "1,006,340"],
      [1006340, 70e6],
    ],
    [
      ["1,234", "10,000,000"],
      [1234, 10e6],
    ],
    [
      ["1,234.5", "1,500"],
      [1234.5, 1500],
    ],
    [
      ["6,3395", "5,191"],
      [5.191, 6.3395],
    ],
    [
      ["0,123", "12,345"],
      [0.123, 12.345],
    ],
    [
      ["10\u00a0000\u00a0000", "5\u202f000", "1 000"],
      [1000, 5000, 10e6],
    ],
    [
      ["10.000.000", "1.234"],
      [1234, 10e6],
    ],
    [
      ["1.234,5", "6.789", "3,25"],
      [3.25, 1234.5, 6789],
    ],
    [["1'000'000"], [1e6]],
  ])("%j are read where the column leaves no doubt", async (cells, numbers) => {
    const group = await read(cells);
    expect(values(group)).toEqual([...numbers].sort((a, b) => a - b));
    expect(codes(group)[0]).toMatch(/^(thousands-separators|decimal-comma)$/);
  });

  test.each([
    [["6,340", "5,191"], 2],
    [["6,3395", "5.191"], 2],
    [["70,000,000", "6,3395"], 2],
    [["3", "6,340"], 3],
  ])("%j have two readings: refused with both, at line %d", async (cells, line) => {
    const error = await errorOf(read(cells));
    expect(error).toMatchObject({ code: "ambiguous-number", place: { line, column: "params" } });
  });

  test("a column that is not needed may be ambiguous", async () => {
    const group = await observeText(`run,params,tokens,loss,ppl\na,1e7,2e8,5,"6,340"\n`);
    expect(group.used).toBe(1);
  });
});

describe("logs of steps", () => {
  const STEPS = "run,step,params,tokens,loss\n";

  test("the row of the largest step stands for its run, wherever it stands in the file", async () => {
    const rows = [
      "a,300,1e7,3e8,4",
      "a,100,1e7,1e8,6",
      "a,200,1e7,2e8,5",
      "b,100,2e7,1e8,5.5",
      "b,200,2e7,2e8,4.5",
    ];
    const group = await observeText(`${STEPS}${rows.join("\n")}\n`);
    expect([...group.observations.measured]).toEqual([4, 4.5]);
    expect(group.dropped).toMatchObject([{ code: "not-last", count: 3, lines: [3, 4, 5] }]);
    expect(codes(group)).toContain("last-step");
    expect(group.observations.run).toBeNull();
  });

  test("all steps are used when that is asked for, or when the step is an input; then runs are clusters", async () => {
    const text = `${STEPS}a,1,1e7,1e8,6\nb,1,2e7,1e8,5.5\na,2,1e7,2e8,5\nb,2,2e7,2e8,4.5\n`;
    const group = await observeText(text, { steps: "all" });
    expect(group.used).toBe(4);
    expect([...group.observations.run!]).toEqual([0, 0, 1, 1]);
    expect((await observeText(text, { inputs: [{ name: "S", from: "step" }] })).used).toBe(4);
  });

  test("of a step that a resumed run logs again the later line counts, and that is said with the count", async () => {
    const group = await observeText(`${STEPS}a,1,1e7,1e8,6\na,2,1e7,2e8,5\na,3,1e7,3e8,4\na,3,1e7,3e8,4.5\n`);
    expect([...group.observations.measured]).toEqual([4.5]);
    expect(group.warnings.find(({ code }) => code === "steps-overlap")!.message).toMatch(/1 row .* a \(1\)/);
  });

  test("several measures of one step are not a resumed run", async () => {
    const text =
      "run,step,domain,params,tokens,loss\na,1,x,1e7,1e8,6\na,1,y,1e7,1e8,7\na,2,x,1e7,2e8,5\na,2,y,1e7,2e8,6\n";
    const group = await observeText(text, { where: [parseWhere("domain=y")] });
    expect([...group.observations.measured]).toEqual([6]);
    const all = await observeText(text);
    expect(all.used).toBe(2);
    const codes = all.warnings.map(({ code }) => code);
    expect(codes).not.toContain("steps-overlap");
    expect(codes).not.toContain("run-diverged");
  });

  test("of several measures a step the lowest tells whether a run diverged", async () => {
    const rows = (ends: readonly number[]) =>
      `${STEPS}a,1,1e7,1e8,6\na,1,1e7,1e8,2\n${ends.map((end) => `a,2,1e7,2e8,${end}\n`).join("")}`;
    const isDiverged = async (...ends: number[]) =>
      (await observeText(rows(ends))).warnings.some(({ code }) => code === "run-diverged");
    expect([await isDiverged(1.9, 5.5), await isDiverged(5.5, 1.9)]).toEqual([false, false]);
    expect(await isDiverged(4, 9)).toBe(true);
  });

  test("a run that ends without a finite loss is not used at an earlier step", async () => {
    const group = await observeText(`${STEPS}a,1,1e7,1e8,6\na,2,1e7,2e8,NaN\nb,1,2e7,1e8,5\nb,2,2e7,2e8,9\n`);
    expect([...group.observations.measured]).toEqual([9]);
    expect(group.dropped.map(({ code }) => code)).toEqual(["not-last", "not-finite"]);
    expect(group.warnings.find(({ code }) => code === "run-diverged")!.message).toMatch(
      /a ends without.*b ends at 9/,
    );
  });

  test("steps without a measured cell are passed over, and params written once a run are filled in", async () => {
    const group = await observeText(`${STEPS}a,0,1e7,,\na,1,,1e8,6\na,2,,2e8,5\na,3,,3e8,\n`);
    expect([values(group), values(group, "D"), [...group.observations.measured]]).toEqual([
      [1e7],
      [2e8],
      [5],
    ]);
    expect(codes(group)).toContain("run-constant");
  });

  test("files of one run each need no run column", async () => {
    const log = (n: number) => `step,params,tokens,loss\n1,${n},1e8,6\n2,${n},2e8,5\n`;
    await withFiles({ "a.csv": log(1e7), "b.csv": log(2e7) }, async (pathOf) => {
      const group = observeLogs(await readLogs([pathOf("a.csv"), pathOf("b.csv")])).groups[0]!;
      expect(values(group)).toEqual([1e7, 2e7]);
    });
  });

  test("one file of one run needs none either, and a file of several sizes is used row by row, which is said", async () => {
    const text = (n: number) => `step,params,tokens,loss\n1,1e7,1e8,6\n2,1e7,2e8,5\n3,${n},3e8,4\n`;
    expect([...(await observeText(text(1e7))).observations.measured]).toEqual([4]);
    const several = await observeText(text(2e7));
    expect(several.used).toBe(3);
    expect(codes(several)).toContain("steps-without-run");
  });
});

describe("groups", () => {
  const GROUPED =
    "optimizer,params,tokens,loss\nsgd,1e7,2e8,6\nadamw,1e7,2e8,5\nsgd,2e7,2e8,oops\n__proto__,1e7,2e8,4\n";

  test("are sorted by name, each with its own counts, names of prototypes included", async () => {
    const { groups } = observeLogs(await readText(GROUPED), { groupBy: "optimizer" });
    expect(groups.map(({ group, rows, used }) => [group, rows, used])).toEqual([
      ["__proto__", 1, 1],
      ["adamw", 1, 1],
      ["sgd", 2, 1],
    ]);
    for (const group of groups) expect(group.rows).toBe(group.used + droppedCount(group));
  });

  test("rows dropped while reading are in the one group, or apart when there are several", async () => {
    const logs = await readText(`${GROUPED}sgd,1\n`);
    const one = observeLogs(logs);
    expect(one.groups[0]).toMatchObject({ rows: 5, used: 3 });
    expect(one.unassigned).toEqual([]);
    const several = observeLogs(logs, { groupBy: "optimizer" });
    expect(several.unassigned).toMatchObject([{ code: "ragged", lines: [6] }]);
    expect(several.groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(4);
  });

  test("of a column of numbers are the same however the number is written", async () => {
    const { groups } = observeLogs(
      await readText("lr,params,tokens,loss\n0.10,1e7,2e8,6\n1e-1,2e7,2e8,5\n"),
      { groupBy: "lr" },
    );
    expect(groups.map(({ group }) => group)).toEqual(["0.1"]);
  });

  test("by a column that is not there are a fault of the flag", async () => {
    const logs = await readText(GROUPED);
    expect(() => observeLogs(logs, { groupBy: "optimiser" })).toThrow(UsageError);
    expect(() => observeLogs(logs, { groupBy: "optimiser" })).toThrow(/--group-by/);
  });
});

describe("what looks wrong is said and not changed", () => {
  const row = (n: number, d: number, i = 0) => `r${i},${n},${d},${3 - i / 100}\n`;

  test("counts that are too small, with the mapping that would mend them", async () => {
    const group = await observeText(HEADER + [10, 30, 70].map((n, i) => row(n, 2e9, i)).join(""));
    expect(values(group)).toEqual([10, 30, 70]);
    expect(group.warnings.find(({ code }) => code === "magnitude")!.message).toContain("--map N=params:1e6");
  });

  test("a jump of units inside a column, with the lines", async () => {
    const sizes = [10, 30, 7e7, 1.6e8, 4.1e8];
    const group = await observeText(HEADER + sizes.map((n, i) => row(n, 2e9, i)).join(""));
    expect(group.warnings.find(({ code }) => code === "mixed-scale")).toMatchObject({ lines: [2, 3] });
  });

  test("fewer tokens than params in every row", async () => {
    const group = await observeText(HEADER + [1, 2, 3].map((i) => row(2e9 * i, 1e7, i)).join(""));
    expect(codes(group)).toEqual(["looks-swapped"]);
  });

  test("compute that is not 6ND, with the ratio", async () => {
    const group = await observeText("params,tokens,flops,loss\n1e7,2e8,3.6e16,5\n2e7,2e8,7.2e16,4\n");
    expect(group.warnings.find(({ code }) => code === "flops-not-6nd")!.message).toContain("3.00 times");
    expect(codes(await observeText("params,tokens,flops,loss\n1e7,2e8,1.3e16,5\n"))).toEqual([]);
  });

  test("equal rows, which are kept", async () => {
    const group = await observeText(HEADER + GOOD + GOOD);
    expect(group.used).toBe(6);
    expect(group.warnings.find(({ code }) => code === "duplicate-rows")).toMatchObject({ lines: [5, 6, 7] });
  });

  test("a run that stands twice with other values; a name used for two sizes is not one run", async () => {
    const twice = await observeText(`${HEADER}${GOOD}b,3e7,6e8,4.2\n`);
    expect(twice.warnings[0]).toMatchObject({ code: "run-conflict", lines: [3, 5] });
    expect(twice.warnings[0]!.message).toContain("b (lines 3, 5)");
    expect([...twice.observations.run!]).toEqual([0, 1, 1, 2]);
    const reused = await observeText(`${HEADER}${GOOD}a,9e7,6e8,3.1\n`);
    expect(codes(reused)).toEqual(["run-conflict"]);
    expect(reused.observations.run).toBeNull();
  });
});

describe("--where", () => {
  const used = async (...expressions: string[]) => {
    const group = await observeText(
      "run,params (M),tokens,loss,opt\na,10,2e8,5,adamw\nb,30,6e8,4,sgd\nc,70,2e9,NaN,adamw\n",
      {
        where: expressions.map(parseWhere),
      },
    );
    expect(group.rows).toBe(3);
    return {
      rows: values(group).map((n) => n / 1e6),
      dropped: group.dropped.map(({ code, count }) => [code, count]),
    };
  };

  test.each([
    ["loss<4.5", [30]],
    ["loss <= 4", [30]],
    ["loss>4", [10]],
    ["loss != 4", [10]],
    ["opt=adamw", [10]],
    ['opt == "adamw"', [10]],
    ["opt!=adamw", [30]],
    ["N<20M", [10]],
    ["params (M) >= 20", [30]],
    ["tokens=0.6B", [30]],
    ["D=600000000", [30]],
    ["C<1.3e16", [10]],
    ["run=b", [30]],
    ["run != a", [30]],
    ["params<20M", [10]],
  ])("%s", async (expression, sizes) => {
    expect((await used(expression)).rows).toEqual(sizes);
  });

  test("the measured value that is not needed may be ambiguous or missing", async () => {
    const text = "params,tokens,loss,loss\n1e7,2e8,x,y\n";
    expect((await observeText(text, { measured: { from: "loss", isOptional: true } })).used).toBe(1);
  });

  test("several are and-ed; a row that cannot be compared is dropped for what its cell is", async () => {
    expect(await used("loss<4.5", "opt=sgd")).toEqual({ rows: [30], dropped: [["where", 2]] });
    expect(await used("loss<4.5")).toEqual({
      rows: [30],
      dropped: [
        ["where", 1],
        ["not-finite", 1],
      ],
    });
  });

  test.each([
    ["lss<3", /no column "lss<?/],
    ["opt<adamw", /no number/],
    ["opt<3", /no number/],
    ["loss", /no comparison/],
    ["loss<", /no comparison/],
    ["<3", /no comparison/],
  ])("%s is a fault of the flag", async (expression, reason) => {
    const error = await errorOf((async () => used(expression))());
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(reason);
  });
});

test("the order of rows, columns and files, and the names of runs, change no number", async () => {
  const record = fc.record({
    params: fc.constantFrom(1e7, 2e7, 3e7),
    tokens: fc.constantFrom(1e8, 2e8),
    loss: fc.constantFrom(3, 3.5, 4, 4.5),
    run: fc.constantFrom(0, 1, 2, 3, 4),
  });
  const names = fc.shuffledSubarray(["a", "b", "zz", "__proto__", "run 9"], { minLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc
        .array(record, { minLength: 1, maxLength: 14 })
        .chain((rows) =>
          fc.tuple(
            fc.constant(rows),
            fc.shuffledSubarray(rows, { minLength: rows.length }),
            fc.nat(rows.length),
          ),
        ),
      fc.shuffledSubarray(["run", "params", "tokens", "loss"] as const, { minLength: 4 }),
      names,
      async ([rows, shuffled, cut], columns, runNames) => {
        const write = (
          some: typeof rows,
          order: readonly ("run" | "params" | "tokens" | "loss")[],
          runs: string[],
        ) =>
          `${order.join(",")}\n${some.map((row) => order.map((name) => (name === "run" ? runs[row.run] : row[name])).join(",")).join("\n")}\n`;
        const plain = ["r0", "r1", "r2", "r3", "r4"];
        const one = await observeText(write(rows, ["run", "params", "tokens", "loss"], plain));
        const parts = [shuffled.slice(0, cut), shuffled.slice(cut)].filter((part) => part.length > 0);
        const files = Object.fromEntries(
          parts.map((part, i) => [`${i}.csv`, write(part, columns, runNames)]),
        );
        await withFiles(files, async (pathOf) => {
          const other = observeLogs(await readLogs(Object.keys(files).map(pathOf))).groups[0]!;
          const numbers = ({ observations, range, used }: ObservedGroup) => ({
            inputs: [...observations.inputs],
            measured: observations.measured,
            run: observations.run,
            range,
            used,
          });
          expect(numbers(other)).toEqual(numbers(one));
        });
      },
    ),
    { numRuns: 200 },
  );
});

test("a run of two hundred thousand rows overflows nothing", async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `a,1e7,2e8,${3 + (i % 1000) / 1000}`).join("\n");
  expect((await observeText(`${HEADER}${rows}\n`)).used).toBe(200_000);
  const steps = Array.from({ length: 200_000 }, (_, i) => `a,${i % 150_000},1e7,2e8,${4 - i / 1e6}`).join(
    "\n",
  );
  expect((await observeText(`run,step,params,tokens,loss\n${steps}\n`)).used).toBe(1);
});
