import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { measuredCostOf } from "../../src/commands/measured-cost-flags.js";
import { fit as fitLog } from "../../src/index.js";
import { freshFolder } from "../support/cli.js";

const folder = freshFolder();

/** A saved fit of y = 1e-12 N D in a column of this name, its sizes in columns of these names. */
function savedCost(column: string, [sizes, tokens]: readonly [string, string], factor = 1): string {
  const N = [1e7, 1e7, 1e8, 1e8, 1e9, 1e9];
  const D = [1e9, 1e10, 1e9, 1e10, 1e9, 1e10];
  const document = fitLog({
    law: "power-product:2",
    data: { x1: N, x2: D.map((one) => one / factor), y: N.map((one, i) => 1e-12 * one * D[i]) },
    bootstrap: 0,
  });
  const [one] = document.fits;
  const path = join(folder, `${column}.json`);
  const inputs = [
    { name: "x1", quantity: "x1", column: sizes },
    { name: "x2", quantity: "x2", column: tokens },
  ];
  writeFileSync(
    path,
    JSON.stringify({ ...document, fits: [{ ...one, inputs, measured: { column, name: "y" } }] }),
  );
  return path;
}

describe("the fit of a cost", () => {
  test("says what its numbers count and what its inputs are by the names of the columns", () => {
    const { unit, inputs, column } = measuredCostOf({
      costFit: savedCost("train_gpu_hours", ["params", "tokens_B"], 1e9),
    });
    expect({ unit, inputs, column }).toEqual({
      unit: "gpu-hours",
      inputs: { x1: "N", x2: "D / 1000000000" },
      column: "train_gpu_hours",
    });
  });

  test("is understood as the flags say, where they say something", () => {
    const costFit = savedCost("took", ["width", "tokens"]);
    const { unit, inputs } = measuredCostOf({ costFit, costUnit: "Joules", costAt: "x1=max(N, 1e6)" });
    expect({ unit, inputs }).toEqual({ unit: "joules", inputs: { x1: "max(N, 1e6)", x2: "D" } });
  });

  test.each([
    [{ costUnit: "seconds" }, /--cost-unit is about a measured cost, and none is given/],
    [{ costFit: savedCost("val_loss", ["params", "tokens"]) }, /a fit of "val_loss" .* not of a cost/],
    [{ costFit: savedCost("time", ["params", "tokens"]), costUnit: "secs" }, /cannot use "secs"/],
    [{ costFit: savedCost("time", ["params", "tokens"]), costAt: "x1" }, /--cost-at: cannot use "x1"/],
    [{ costFit: join(folder, "nothing.json") }, /cannot be read/],
  ])("%# is refused in one sentence", (flags, message) => {
    expect(() => measuredCostOf(flags)).toThrow(message);
  });
});
