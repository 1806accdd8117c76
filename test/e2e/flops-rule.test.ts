import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { FitDocument, InspectDocument, PredictDocument } from "../../src/objects.js";
import { workspace } from "../support/cli.js";

const RUNS = readFileSync("examples/char-lm/runs.csv", "utf8");
/** The same runs without their own count of FLOPs. */
const UNCOUNTED = RUNS.replace(",flops,", ",elsewhere,");
const FIT = ["fit", "runs.csv", "--formula", "E + A / C^a", "--bootstrap", "0"];
const EXACT = ["--flops-rule", "exact,vocab=98"];

describe("--flops-rule", () => {
  test("gives a fit in C the compute that the example counted itself, and says where it is from", async () => {
    const at = workspace({ "runs.csv": RUNS });
    const own = await at.json<FitDocument>([...FIT, "--no-save"]);
    const counted = await at.json<FitDocument>([...FIT, "--no-save", ...EXACT]);
    expect(counted.fits[0]!.parameters).toEqual(own.fits[0]!.parameters);
    expect(counted.fits[0]!.inputs).toEqual([{ name: "C", quantity: "C", column: "FLOPs by exact" }]);
    expect(counted.warnings.find(({ code }) => code === "flops-counted")?.message).toMatch(
      /from "tokens", "layers", "d_model", "context", "heads" and vocabulary 98; .* 1\.00 times column "flops"/,
    );
  });

  test("of a saved fit counts other runs too, and says so where it cannot", async () => {
    const rows = UNCOUNTED.split("\n").slice(0, 4).join("\n");
    const at = workspace({
      "runs.csv": UNCOUNTED,
      "new.csv": `${rows}\n`,
      "bare.csv": `${rows.replace(",d_model,", ",dm,")}\n`,
    });
    await at.run([...FIT, ...EXACT, "-o", "fit.json"]);
    const predicted = await at.json<PredictDocument>(["predict", "new.csv", "--fit", "fit.json"]);
    const own = RUNS.split("\n")
      .slice(1, 4)
      .map((line) => Number(line.split(",")[5]));
    expect(predicted.predictions.map(({ at: { C } }) => C).sort()).toEqual(own.sort());
    const { exitCode, stderr } = await at.run(["predict", "bare.csv", "--fit", "fit.json"]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/do not say the width[\s\S]*the compute of the fit was counted so/);
  });

  test.each([
    ["exakt", /there is no such rule "exakt"[\s\S]*did you mean exact\?/],
    ["exact,size=3", /"size=3" is not NAME=NUMBER of a shape/],
    ["exact,vocab", /"vocab" is not NAME=NUMBER of a shape/],
    ["exact,vocab=-3", /vocab must be above 0/],
    ["exact", /do not say the vocabulary \(V\)[\s\S]*--flops-rule exact,vocabulary=NUMBER/],
  ])("%s is refused with what to do", async (rule, words) => {
    const at = workspace({ "runs.csv": RUNS });
    const { exitCode, stderr } = await at.run([...FIT, "--no-save", "--flops-rule", rule]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(words);
  });

  test("inspect prints compute by every rule beside 6 N D and the log's own", async () => {
    const at = workspace({
      "runs.csv": RUNS.replace(",unique_chars,", ",vocab_size,").replaceAll(
        /,[0-9]+,8572017,/g,
        ",98,8572017,",
      ),
    });
    const document = await at.json<InspectDocument>(["inspect", "runs.csv"]);
    const exact = document.compute.find(({ rule }) => rule === "exact");
    expect(exact?.overColumn).toEqual({ median: 1, low: 1, high: 1 });
    const { stdout } = await at.run(["inspect", "runs.csv"]);
    const lines = stdout.split("\n");
    const first = lines.findIndex((line) => line.startsWith("  compute by rule"));
    expect(lines.slice(first, first + 9).join("\n")).toBe(
      `  compute by rule          from .. to  / 6 N D  / its column  counts
  6nd               6.09e9 .. 2.35e12     1.00         0.874  6 a parameter
  kaplan            4.94e9 .. 2.42e12     1.03         0.900  6 a parameter that is no embedding, causal attention
  palm              9.31e9 .. 2.74e12     1.29          1.13  6 a parameter, full attention
  chinchilla       1.06e10 .. 2.93e12     1.43          1.25  every product, embedding look-up too, full attention
  deepseek          6.92e9 .. 2.61e12     1.15          1.03  72 L d^2 + 12 L d S
  exact                 8e9 .. 2.5e12     1.14          1.00  every matrix product, causal attention
              medians over the runs, with a feed-forward block of 8 d^2 weights; fit --flops-rule RULE takes one
`,
    );
  });
});
