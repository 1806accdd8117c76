/** A chain whose stages share a parameter, from a log to a prediction, through the program. */
import { describe, expect, test } from "vitest";
import type { FitDocument, PredictDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";
import { generator, normal } from "../support/random.js";

const TRUTH = { Linf: 0.4, kD: 30, d: 12, kV: 900 };

/** Twenty data sizes with both losses; of every third the second is not measured. */
function log(): string {
  const random = generator(11);
  const lines = ["run,tokens,resolution,variance"];
  for (let i = 0; i < 20; i++) {
    const D = 1e3 * 10 ** (i / 5);
    const noisy = (loss: number) => loss * Math.exp(0.005 * normal(random));
    const resolution = noisy(TRUTH.Linf + TRUTH.kD / D ** (4 / TRUTH.d));
    const variance = i % 3 === 2 ? "" : noisy(TRUTH.Linf + TRUTH.kV / D);
    lines.push(`r${i},${D},${resolution},${variance}`);
  }
  return `${lines.join("\n")}\n`;
}

describe("the resolution- and the variance-limited loss of one task", () => {
  const at = workspace({ "losses.csv": log() });
  const FIT = ["fit", "losses.csv", "--law", "bahri"];

  test("are fitted as one, saved and predicted with", async () => {
    const { fits } = await at.json<FitDocument>([...FIT, "--bootstrap", "100"]);
    const [{ parameters, stages }] = fits;
    expect(stages?.map(({ output, rows }) => [output, rows])).toEqual([
      ["resolution", 20],
      ["variance", 14],
    ]);
    for (const [name, value] of Object.entries(TRUTH))
      expect(Math.abs(parameters[name].estimate / value - 1), name).toBeLessThan(0.1);
    const { predictions } = await at.json<PredictDocument>(["predict", "--at", "D=1e8"]);
    const { values } = predictions[0];
    expect(values?.variance.estimate).toBeCloseTo(TRUTH.Linf, 2);
    expect(values?.resolution.estimate).toBeGreaterThan(values?.variance.estimate as number);
  });

  test("need a column each: none, or one for both, is refused by name", async () => {
    const one = await at.run([...FIT, "--map", "variance=resolution", "--no-save"]);
    expect(one.exitCode).toBe(2);
    expect(one.stderr).toContain('resolution and variance are read from one column, "resolution"');
    const lines = log().trim().split("\n");
    const without = lines.map((line) => line.split(",").slice(0, 3).join(",")).join("\n");
    const none = await workspace({ "losses.csv": without }).run([...FIT, "--no-save"]);
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toContain('no column for "variance"');
  });
});
