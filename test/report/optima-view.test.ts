import { describe, expect, test } from "vitest";
import { envelopeOptima, isoflopOptima } from "../../src/index.js";
import { envelopeView, optimaView } from "../../src/report/optima-view.js";
import { generator } from "../support/random.js";
import { BESIROGLU, isoFlopSweep, lossOf } from "../support/sweeps.js";

const sweep = isoFlopSweep(BESIROGLU, [1e18, 1e19, 1e20], 7, 0.6, 0.002, generator(3));

describe("the view of best sizes", () => {
  const optima = isoflopOptima({ data: { ...sweep }, flops: [1e21] });
  const text = optimaView(optima, 100);

  test("has a row for each budget, both powers, the budgets asked for and the bias", () => {
    const rows = ["1e18", "1e19", "1e20"].map((budget) => new RegExp(`^ +${budget} +7 `, "m"));
    for (const row of rows) expect(text).toMatch(row);
    for (const label of ["N\\*", "D\\*", "1e21", "surface", "note"])
      expect(text).toMatch(new RegExp(`^  ${label} `, "m"));
    expect(text).toContain("tokens per parameter");
  });

  test("fits any width, dropping columns before it wraps rows", () => {
    for (const width of [60, 80, 120])
      for (const line of optimaView(optima, width).split("\n"))
        expect(line.length).toBeLessThanOrEqual(width);
  });

  test("says of a budget that is not used why", () => {
    const N = [...sweep.N, 1e9, 2e9, 4e9, 8e9];
    const D = [...sweep.D, 1.7e11, 8.3e10, 4.2e10, 2.1e10];
    const more = isoflopOptima({ data: { N, D, loss: [...sweep.loss, 2.9, 2.75, 2.62, 2.5] } });
    expect(optimaView(more, 120)).toMatch(/above the largest size: not used/);
    expect(optimaView(more, 120)).toMatch(/careful +1 of 4 budgets are not used/);
  });
});

describe("the view of an envelope", () => {
  test("has its stretches with their runs and what a cut changes", () => {
    const data: Record<"N" | "C" | "loss", number[]> = { N: [], C: [], loss: [] };
    const run: string[] = [];
    for (const N of [1e7, 3e7, 1e8, 3e8, 1e9]) {
      for (let i = 0; i <= 60; i++) {
        const C = 1e16 * 10 ** (i / 10);
        data.N.push(N);
        data.C.push(C);
        data.loss.push(lossOf(BESIROGLU, N, C / (6 * N)));
        run.push(`N${N}`);
      }
    }
    const text = envelopeView(envelopeOptima({ data, run, draws: 20, skip: 0 }), 100);
    expect(text).toMatch(/N10000000 +10.0M +an end of the sizes: not used/);
    expect(text).toMatch(/N100000000 +100M$/m);
    expect(text).toMatch(/cut +exponent of N\* .* from whole runs/);
  });
});
