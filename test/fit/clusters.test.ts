/** Rows that share an error: the analysis of variance, the stretch for few clusters, and what is said. */
import { describe, expect, test } from "vitest";
import { anova, budgetGroups, stretchFor } from "../../src/fit/clusters.js";
import { fitRows } from "../support/core.js";
import type { Columns } from "../support/csv.js";
import { generator, normal } from "../support/random.js";
import { BESIROGLU, bestSize, lossOf } from "../support/sweeps.js";

const BUDGETS = [1e18, 3.16e18, 1e19, 3.16e19, 1e20, 3.2e20];

/** Six budgets of seven runs; `shared` of the 0.5 % noise is the budget's own. */
function sweep(shared: number, seed: number): { columns: Columns; budget: number[] } {
  const random = generator(seed);
  const columns: Columns = { N: [], D: [], loss: [] };
  const budget: number[] = [];
  BUDGETS.forEach((C, b) => {
    const common = Math.sqrt(shared) * 0.005 * normal(random);
    for (let j = 0; j < 7; j++) {
      const N = bestSize(BESIROGLU, C) * 10 ** (0.2 * (j - 3));
      columns.N.push(N);
      columns.D.push(C / (6 * N));
      columns.loss.push(
        lossOf(BESIROGLU, N, C / (6 * N)) * Math.exp(common + Math.sqrt(1 - shared) * 0.005 * normal(random)),
      );
      budget.push(b);
    }
  });
  return { columns, budget };
}

const found = (columns: Columns, run?: number[]) =>
  fitRows(columns, { bootstrap: 50, run }).diagnosis.find(({ code }) => code === "shared-error");

describe("the analysis of variance", () => {
  test("is the textbook's", () => {
    // Three groups of six with means 5, 9, 10: SSB = 84, SSW = 68, so F = 42 / (68/15), p = 0.0024 (Wikipedia, "F-test").
    const values = Float64Array.of(6, 8, 4, 5, 3, 4, 8, 12, 9, 11, 6, 8, 13, 9, 11, 8, 7, 12);
    const group = Int32Array.from({ length: 18 }, (_, i) => Math.floor(i / 6));
    const result = anova(values, group);
    expect(result?.f).toBeCloseTo(42 / (68 / 15), 12);
    expect(result?.p).toBeCloseTo(0.0024, 4);
  });

  test("says nothing of two groups, or of groups of two", () => {
    expect(anova(Float64Array.of(1, 2, 3, 4, 5, 6), Int32Array.of(0, 0, 0, 1, 1, 1))).toBeNull();
    expect(anova(Float64Array.of(1, 2, 3, 4, 5, 6), Int32Array.of(0, 0, 1, 1, 2, 2))).toBeNull();
  });
});

describe("budgets", () => {
  test("are N D within 10 %", () => {
    const inputs = new Map([
      ["N", Float64Array.of(1e8, 2e8, 1e8, 1e9)],
      ["D", Float64Array.of(1e10, 0.52e10, 1.2e10, 1e10)],
    ]);
    const observations = { inputs, measured: new Float64Array(4), weight: null, run: null, label: String };
    const groups = budgetGroups({ ...observations, source: () => ({ file: "", line: 1 }) });
    expect(Array.from(groups ?? [])).toEqual([0, 0, 1, 2]);
  });
});

describe("an error shared by budgets", () => {
  test("is found, named and given its cure", () => {
    const { columns } = sweep(0.7, 3);
    const diagnosis = found(columns);
    expect(diagnosis?.severity).toBe("warning");
    expect(diagnosis?.message).toContain("rows of one budget");
    expect(diagnosis?.message).toContain("--cluster");
    expect(diagnosis?.numbers?.p).toBeLessThan(0.05);
  });

  test("is only noted once budgets are resampled whole", () => {
    const { columns, budget } = sweep(0.7, 3);
    expect(found(columns, budget)?.severity).toBe("note");
  });

  test("gives wider intervals when budgets are resampled", () => {
    const { columns, budget } = sweep(0.7, 4);
    const width = (run?: number[]) => {
      const { low, high } = fitRows(columns, { bootstrap: 200, run }).parameters.E;
      return (high ?? 0) - (low ?? 0);
    };
    expect(width(budget)).toBeGreaterThan(1.2 * width());
  });
});

describe("limits from few clusters", () => {
  const observations = (groups: number, isRuns: boolean) => {
    const run = Int32Array.from({ length: 6 * groups }, (_, i) => Math.floor(i / 6));
    const N = Float64Array.from(run, (g, i) => (isRuns ? 1e8 * (g + 1) : 1e8 * (i + 1)));
    const D = Float64Array.from(run, (_, i) => 1e9 * (i + 1));
    const inputs = new Map([
      ["N", N],
      ["D", D],
    ]);
    const measured = new Float64Array(run.length);
    return { inputs, measured, weight: null, run, label: String, source: () => ({ file: "", line: 1 }) };
  };

  test("are stretched by t(G - 1) / 1.96 for budgets and their like", () => {
    // t(0.975, 5) and t(0.975, 8) from a table.
    expect(stretchFor(observations(6, false), 0.95)).toBeCloseTo(2.570582 / 1.959964, 6);
    expect(stretchFor(observations(9, false), 0.95)).toBeCloseTo(2.306004 / 1.959964, 6);
  });

  test("are stretched by sqrt(G / (G - 2)) for eight and more runs, and for ten and more groups", () => {
    expect(stretchFor(observations(8, true), 0.95)).toBeCloseTo(Math.sqrt(8 / 6), 12);
    expect(stretchFor(observations(12, false), 0.95)).toBeCloseTo(Math.sqrt(12 / 10), 12);
  });

  test("are not stretched where every row is a run of its own", () => {
    expect(stretchFor({ ...observations(6, false), run: null }, 0.95)).toBe(1);
  });

  test("of plans are stretched as those of parameters are", () => {
    const { columns, budget } = sweep(0.5, 5);
    const fit = fitRows(columns, { bootstrap: 100, run: budget });
    expect(fit.draws.stretch).toBeCloseTo(2.570582 / 1.959964, 6);
    const j = fit.draws.parameters.indexOf("alpha");
    const sorted = fit.draws.values.map((draw) => draw[j]).sort((a, b) => a - b);
    const { low, estimate } = fit.parameters.alpha;
    // alpha is no amplitude, but positive: stretched in the log. The percentile at 2.525 of 101 steps.
    const percentile = sorted[1] + 0.525 * (sorted[2] - sorted[1]);
    expect(Math.log((low ?? 0) / estimate) / Math.log(percentile / estimate)).toBeCloseTo(
      2.570582 / 1.959964,
      5,
    );
  });
});
