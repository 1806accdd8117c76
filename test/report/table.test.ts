import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type TableColumn, table } from "../../src/report/table.js";
import { seeded } from "../support/random.js";

const linesOf = (text: string): string[] => stripVTControlCharacters(text).replace(/\n$/, "").split("\n");

const columns: TableColumn[] = [
  { header: "run" },
  { header: "loss", align: "right" },
  { header: "interval", rank: 1 },
  { header: "note", rank: 2 },
];
const rows = [
  ["a", "2.5", "[2.4, 2.6]", "first"],
  ["long-name", "12.25", "[12, 13]", "second one"],
];

describe("a table", () => {
  test("aligns its columns two blanks apart, numbers to the right", () => {
    expect(linesOf(table(columns, rows, 80))).toEqual([
      "  run         loss  interval    note",
      "  a            2.5  [2.4, 2.6]  first",
      "  long-name  12.25  [12, 13]    second one",
    ]);
  });

  test("drops the column of the highest rank first, then the next, and keeps those of rank 0", () => {
    const headers = (width: number) =>
      linesOf(table(columns, rows, width))[0]
        .trim()
        .split(/\s+/);
    // The widths are 9 + 5 + 10 + 10 with gaps of 2 and an indent of 2: 42 in all.
    expect(headers(42)).toEqual(["run", "loss", "interval", "note"]);
    expect(headers(41)).toEqual(["run", "loss", "interval"]);
    expect(headers(30)).toEqual(["run", "loss", "interval"]);
    expect(headers(29)).toEqual(["run", "loss"]);
    expect(headers(3)).toEqual(["run", "loss"]);
  });

  test("of equal ranks drops the last one first", () => {
    const equal = [{ header: "a" }, { header: "bbbb", rank: 1 }, { header: "cccc", rank: 1 }];
    expect(linesOf(table(equal, [["1", "2", "3"]], 12))[0]).toBe("  a  bbbb");
  });

  test("is never wider than the terminal while a column can go, and has one line a row", () => {
    const cell = fc.string({ unit: fc.constantFrom("x", "7", ".", "é", "-"), maxLength: 14 });
    const ranks = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }).map((rest) => [0, ...rest]);
    fc.assert(
      fc.property(
        ranks.chain((given) =>
          fc.tuple(
            fc.constant(given),
            fc.array(fc.array(cell, { minLength: given.length, maxLength: given.length }), { maxLength: 5 }),
          ),
        ),
        fc.integer({ min: 1, max: 120 }),
        ([given, body], width) => {
          const shown = given.map((rank, j) => ({ header: `h${j}`, rank }));
          const lines = linesOf(table(shown, body, width));
          expect(lines).toHaveLength(1 + body.length);
          const needed = given
            .map((rank, j) => [rank, Math.max(2, ...body.map((row) => row[j].length))])
            .filter(([rank]) => rank === 0)
            .reduce((sum, [, cells]) => sum + cells + 2, 0);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(Math.max(width, needed));
        },
      ),
      seeded(200),
    );
  });

  test("counts colours as nothing", () => {
    const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
    const coloured = rows.map(([run, ...rest]) => [red(run), ...rest]);
    expect(linesOf(table(columns, coloured, 42))).toEqual(linesOf(table(columns, rows, 42)));
  });

  test("has no blanks at the end of a line", () => {
    expect(table(columns, [["a", "1", "", ""]], 80)).not.toMatch(/[ ]\n/);
  });
});
