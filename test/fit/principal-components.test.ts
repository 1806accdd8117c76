import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { principalComponents, scoresOf } from "../../src/fit/principal-components.js";
import { sharedCsv } from "../support/csv.js";
import { describeWithShared } from "../support/shared.js";

const columns = (...rows: number[][]): Float64Array[] =>
  rows[0].map((_, j) => Float64Array.from(rows, (row) => row[j]));
const GAP = Number.NaN;

describe("principal components", () => {
  test("of two equal columns lie along their diagonal", () => {
    const { loadings, explained, mean } = principalComponents(columns([1, 1], [2, 2], [6, 6]));
    expect(mean[0]).toBe(3);
    for (const entry of loadings[0]) expect(entry).toBeCloseTo(Math.SQRT1_2, 14);
    expect(explained[0]).toBeCloseTo(1, 14);
    expect(explained[1]).toBeCloseTo(0, 14);
  });

  test("are not scaled: the column that varies most leads", () => {
    const { loadings, explained } = principalComponents(columns([0, 0], [10, 1], [0, 1], [10, 0]));
    expect(Array.from(loadings[0])).toEqual([1, 0]);
    // Variances 25 and 1/4.
    expect(explained[0]).toBeCloseTo(25 / 25.25, 14);
  });

  test("are at right angles, of length one, upright, and explain all of the variance together", () => {
    const table = fc.array(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }),
      {
        minLength: 6,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(table, (rows) => {
        fc.pre(rows.some((row) => Math.abs(row[0] - rows[0][0]) > 1e-3));
        const { loadings, explained } = principalComponents(columns(...rows));
        const product = (a: Float64Array, b: Float64Array) =>
          a.reduce((sum, value, j) => sum + value * b[j], 0);
        loadings.forEach((a, i) => {
          for (const [j, b] of loadings.entries()) expect(product(a, b)).toBeCloseTo(i === j ? 1 : 0, 10);
          const largest = a.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
          expect(largest).toBeGreaterThan(0);
        });
        expect(explained.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        for (let k = 1; k < explained.length; k++) expect(explained[k]).toBeLessThanOrEqual(explained[k - 1]);
      }),
    );
  });

  test("fill a gap of a table of one component exactly", () => {
    const ability = [0.1, 0.4, 0.5, 0.9, 1.2];
    const weights = [1, 0.5, 2];
    const rows = ability.map((a) => weights.map((w, j) => a * w + j));
    const gappy = rows.map((row) => [...row]);
    gappy[1][2] = GAP;
    gappy[3][0] = GAP;
    const { filled, gaps } = principalComponents(columns(...gappy));
    expect(gaps).toBe(2);
    expect(filled[2][1]).toBeCloseTo(rows[1][2], 9);
    expect(filled[0][3]).toBeCloseTo(rows[3][0], 9);
  });

  test("score a row with a gap as its filled self", () => {
    const rows = [0.1, 0.4, 0.5, 0.9, 1.2].map((a, i) => [a, 0.5 * a + 0.01 * (i % 2), 2 * a]);
    rows[3][1] = GAP;
    const found = principalComponents(columns(...rows));
    const whole = Float64Array.from(found.filled, (column) => column[3]);
    const [gappy, full] = [scoresOf(found, Float64Array.from(rows[3])), scoresOf(found, whole)];
    for (let k = 0; k < 3; k++) expect(gappy[k]).toBeCloseTo(full[k], 9);
    expect(scoresOf(found, Float64Array.of(GAP, GAP, GAP))[0]).toBeNaN();
  });

  test.each([
    ["one column", columns([1], [2]), /two of each/],
    ["one row", columns([1, 2]), /two of each/],
    ["an empty column", columns([1, GAP], [2, GAP]), /column 2 of the scores has no value/],
    ["an empty row", columns([1, 2], [GAP, GAP]), /row 2 of the scores has no value/],
    ["equal rows", columns([1, 2], [1, 2], [1, GAP]), /the same for all models/],
  ])("are refused for %s", (_, table, says) => {
    expect(() => principalComponents(table)).toThrow(says);
  });
});

describeWithShared("148 base models on eight benchmarks (obs_base_llm_benchmarks)", () => {
  const BENCHMARKS = [
    "MMLU",
    "ARC-C",
    "HellaSwag",
    "Winograd",
    "TruthfulQA",
    "GSM8K",
    "XWinograd",
    "HumanEval",
  ];
  const table = () => {
    const rows = sharedCsv("obs_base_llm_benchmarks.csv");
    return BENCHMARKS.map((name) =>
      Float64Array.from(rows, (row) => (row[name] === "" ? GAP : Number(row[name]))),
    );
  };

  test("three components hold 97 % of the variance, as published, and the first most of it", () => {
    const { explained, gaps } = principalComponents(table());
    // The data set's page counts 3 + 16 + 21 missing scores.
    expect(gaps).toBe(40);
    // NumPy's SVD after the same filling.
    expect(explained[0]).toBeCloseTo(0.8530266, 6);
    expect(explained[1]).toBeCloseTo(0.09391806, 6);
    expect(explained[0] + explained[1] + explained[2]).toBeCloseTo(0.97342439, 6);
    // arXiv 2405.10938: about 80 % and 97 %, on the half of these models that it had.
    expect(explained[0]).toBeGreaterThan(0.8);
  });

  test("the first is a general ability: every benchmark rises along it", () => {
    const [first] = principalComponents(table()).loadings;
    // NumPy's SVD.
    const expected = [
      0.44101679, 0.31600714, 0.32957483, 0.22915079, 0.08870519, 0.59018022, 0.21484839, 0.3770582,
    ];
    expected.forEach((entry, j) => {
      expect(first[j]).toBeCloseTo(entry, 6);
    });
  });
});
