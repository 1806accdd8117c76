/** Rows of several kinds under one law: named with the column that tells them apart, and not named by accident. */
import { describe, expect, test } from "vitest";
import { mixedRows } from "../../src/fit/mixed-rows.js";
import type { FitDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { between, generator, normal } from "../support/random.js";
import { BESIROGLU, lossOf } from "../support/sweeps.js";

interface Made {
  size: number;
  tokens: number;
  loss: number;
  cells: string[];
}

/** Runs scattered over sizes and tokens, 0.5 % noise; `cellsOf` gives what stands in the columns of texts, and an offset. */
function log(
  names: string[],
  cellsOf: (size: number, i: number) => { cells: string[]; off: number },
): string {
  const random = generator(11);
  const rows = Array.from({ length: 60 }, (_, i): Made => {
    const size = Math.round(10 ** between(random, 7, 9));
    const tokens = Math.round(size * 10 ** between(random, 0.5, 2));
    const { cells, off } = cellsOf(size, i);
    const loss = lossOf(BESIROGLU, size, tokens) * Math.exp(off + 0.005 * normal(random));
    return { size, tokens, loss, cells };
  });
  const lines = rows.map(({ size, tokens, loss, cells }) => [size, tokens, loss, ...cells].join(","));
  return [["params", "tokens", "loss", ...names].join(","), ...lines].join("\n");
}

async function findings(csv: string, ...args: string[]) {
  const at = workspace({ "runs.csv": csv });
  const document = await at.json<FitDocument>(["fit", "runs.csv", "--bootstrap", "0", "--no-save", ...args]);
  return document.fits[0].diagnosis.filter(({ code }) => code === "mixed-rows");
}

describe("rows of two data sets in one log", () => {
  const csv = log(["host", "data set"], (_, i) => ({
    cells: [`node${i % 4}`, i % 3 === 0 ? "web" : "books"],
    off: i % 3 === 0 ? 0.04 : 0,
  }));

  test("are told apart by the column that does it, with the flags that cure it", async () => {
    const [found, ...others] = await findings(csv);
    expect(others).toEqual([]);
    expect(found.message).toMatch(
      /^rows of different "data set" do not lie on one curve \(medians: web \+\d/,
    );
    expect(found.message).toContain('--group-by "data set"');
    expect(found.message).toContain('--where "data set=books"');
    expect(found.numbers?.share).toBeGreaterThan(0.8);
  });

  test("are no trouble once one of them is taken", async () => {
    expect(await findings(csv, "--where", "data set=books")).toEqual([]);
    expect(await findings(csv, "--group-by", "data set")).toEqual([]);
  });
});

test("a column that names sizes is left to the law", async () => {
  // A law bent at the large sizes: the families differ, since their sizes do.
  const csv = log(["family"], (size) => ({
    cells: [size < 1e8 ? "small" : "large"],
    off: size < 1e8 ? 0 : 0.1 * Math.log10(size / 1e8),
  }));
  expect(await findings(csv)).toEqual([]);
});

test("a column that says nothing is found in no more than one fit of a hundred", () => {
  let alarms = 0;
  for (let k = 0; k < 1000; k++) {
    const random = generator(500 + k);
    const n = 40;
    const residuals = Float64Array.from({ length: n }, () => 0.01 * normal(random));
    const kinds = (levels: number) => ({
      column: `of ${levels}`,
      levels: Array.from({ length: levels }, (_, i) => `kind ${i}`),
      level: Int32Array.from({ length: n }, () => Math.floor(levels * random())),
    });
    const measured = new Float64Array(n).fill(3);
    const observations = {
      inputs: new Map([["N", Float64Array.from({ length: n }, () => 10 ** between(random, 7, 9))]]),
      measured,
      weight: null,
      run: null,
      labels: [kinds(2), kinds(3), kinds(6)],
      label: String,
      source: () => ({ file: "", line: 1 }),
    };
    const layout = { free: [{}, {}, {}] } as unknown as Parameters<typeof mixedRows>[0]["layout"];
    alarms += mixedRows({ observations, layout, predicted: measured, residuals }).length;
  }
  expect(alarms).toBeLessThanOrEqual(10);
});
