import { describe, expect, test } from "vitest";
import {
  capabilityAxes,
  equivalentFlops,
  familyLines,
  type ScoredModel,
} from "../../src/evidence/capability-axes.js";
import { lawCalled } from "../support/core.js";
import { type Row, sharedCsv } from "../support/csv.js";
import { fitGiven } from "../support/rows.js";
import { describeWithShared } from "../support/shared.js";

const number = (text: string) => (text === "" ? Number.NaN : Number(text));

describe("family lines", () => {
  const model = (family: string, flops: number): ScoredModel => ({ family, flops, scores: [0] });
  const models = [
    model("a", 1e20),
    model("b", 1e21),
    model("a", 1e22),
    model("b", 1e23),
    model("c", 1e23),
    model("a", Number.NaN),
  ];
  // a: S = 0.1 ln C - 4; b: S = 0.1 ln(C/10) - 4, the same with ten times the compute.
  const S = models.map(({ family, flops }) => 0.1 * Math.log(family === "b" ? flops / 10 : flops) - 4);

  test("are straight in the log of compute, one a family that has two models of known compute", () => {
    const lines = familyLines(models, S);
    expect(lines.map(({ family, models: count }) => [family, count])).toEqual([
      ["a", 2],
      ["b", 2],
    ]);
    for (const { theta } of lines) expect(theta).toBeCloseTo(0.1, 12);
    expect(lines[0].nu).toBeCloseTo(-4, 10);
    expect(lines[0].r2).toBeCloseTo(1, 12);
  });

  test("turn a capability into the compute of another family", () => {
    const [a, b] = familyLines(models, S);
    const capability = 0.1 * Math.log(1e22) - 4;
    expect((equivalentFlops(a, capability) ?? 0) / 1e22).toBeCloseTo(1, 9);
    expect((equivalentFlops(b, capability) ?? 0) / 1e23).toBeCloseTo(1, 9);
    expect(equivalentFlops({ theta: 0, nu: 1 }, 2)).toBeNull();
  });
});

describeWithShared("observational scaling on 148 base models", () => {
  const BENCHMARKS = ["MMLU", "ARC-C", "HellaSwag", "Winograd", "TruthfulQA", "XWinograd", "HumanEval"];
  const rows = () => sharedCsv("obs_base_llm_benchmarks.csv");
  const modelOf = (row: Row): ScoredModel => ({
    family: row["Model Family"],
    flops: 1e21 * number(row["FLOPs (1E21)"]),
    scores: BENCHMARKS.map((name) => number(row[name])),
  });

  test.each([
    [1, 0.662565241472],
    [3, 0.3791340302331595],
  ])(
    "GSM8K from %i axes of the other seven benchmarks reaches the least squares of 60 starts of SciPy",
    (axes, cost) => {
      const { S } = capabilityAxes(rows().map(modelOf), axes);
      const law = lawCalled("observational").family?.of(axes);
      if (law === undefined) throw new Error("a family");
      const inputs = Object.fromEntries(
        Array.from({ length: axes }, (_, k) => [`S${k + 1}`, S.map((s) => s[k])]),
      );
      const fit = fitGiven(
        law,
        { inputs, measured: rows().map((row) => number(row.GSM8K)) },
        { objective: "squares" },
      );
      // SciPy's trust-region least squares, half the sum of squares, its axes filled and turned in the same way.
      expect(fit.objective.value).toBeLessThan(cost + 1e-9);
      expect(fit.objective.value).toBeGreaterThan(cost - 1e-7);
    },
  );

  test("the first axis rises with compute in every family over a decade of it, and Llama-2 needs less than Pythia for the same", () => {
    const models = rows().map(modelOf);
    const { S } = capabilityAxes(models, 1);
    const lines = familyLines(
      models,
      S.map((s) => s[0]),
    );
    const spans = (family: string) => {
      const flops = models
        .filter((model) => model.family === family && model.flops > 0)
        .map((model) => model.flops);
      return Math.max(...flops) / Math.min(...flops);
    };
    const wide = lines.filter(({ family, models: count }) => count >= 4 && spans(family) >= 10);
    expect(wide.length).toBeGreaterThan(8);
    for (const { family, theta } of wide) expect(theta, family).toBeGreaterThan(0);
    const called = (family: string) => lines.find((line) => line.family === family);
    const [llama, pythia] = [called("Llama-2"), called("Pythia")];
    if (llama === undefined || pythia === undefined) throw new Error("a family is missing");
    const capability = llama.theta * Math.log(8.4e22) + llama.nu;
    expect(equivalentFlops(pythia, capability) ?? 0).toBeGreaterThan(8.4e22);
  });
});
