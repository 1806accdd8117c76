/** N, D -> loss -> accuracy as one fit: stages, shared resamples, and the error carried through. */
import { describe, expect, test } from "vitest";
import { runDrawTask } from "../../src/fit/draw-task.js";
import { startChain } from "../../src/fit/fit-chain.js";
import { fitLaw } from "../../src/fit/fit-law.js";
import { DEFAULT_OPTIONS } from "../../src/fit/options.js";
import { evaluateOutputs } from "../../src/laws/evaluate-law.js";
import { defineChain, type Law, type LawDefinition } from "../../src/laws/law.js";
import type { Observations } from "../../src/objects.js";
import { generator, normal } from "../support/random.js";

const INFINITE = Number.POSITIVE_INFINITY;

const chain = defineChain({
  id: "toy-chain",
  title: "loss, then accuracy",
  topic: "tasks and test time",
  source: "made for this test",
  stages: [
    {
      id: "loss",
      title: "loss",
      topic: "tasks and test time",
      formula: "E + A / N^alpha",
      output: { name: "L", quantity: "loss", meaning: "loss" },
      inputs: { N: { quantity: "params", unit: "parameters", meaning: "size" } },
      parameters: {
        E: { meaning: "floor", bounds: [0, INFINITE], positive: true },
        A: { meaning: "amplitude", bounds: [0, INFINITE], positive: true },
        alpha: { meaning: "exponent", bounds: [0.01, 4] },
      },
      source: "made for this test",
    },
    {
      id: "accuracy",
      title: "accuracy",
      topic: "tasks and test time",
      formula: "c - k * L",
      output: { name: "acc", quantity: "fraction", meaning: "accuracy", reads: ["accuracy"], range: [0, 1] },
      inputs: { L: { quantity: "loss", unit: "nats", meaning: "loss" } },
      parameters: {
        c: { meaning: "accuracy at a loss of 0", bounds: [0, INFINITE] },
        k: { meaning: "slope", bounds: [0, INFINITE] },
      },
      source: "made for this test",
    },
  ],
});

const TRUTH = { E: 1.7, A: 400, alpha: 0.34, c: 1.2, k: 0.25 };

/** Rows with a loss, and an accuracy for those that `hasAccuracy` says; `order` permutes the rows of the log. */
function stagesOf(noise: number, hasAccuracy = (_: number) => true, order = (i: number, _n: number) => i) {
  const random = generator(7);
  const rows = Array.from({ length: 24 }, (_, i) => {
    const N = 1e7 * 10 ** (i / 8);
    const truth = evaluateOutputs(chain, TRUTH, { N });
    return {
      N,
      L: truth.L * Math.exp(noise * normal(random)),
      acc: truth.acc + 0.5 * noise * normal(random),
      i,
    };
  });
  const log = rows.map((_, place) => rows[order(place, rows.length)]);
  const observations = (chosen: typeof rows, input: "N" | "L", measured: "L" | "acc"): Observations => {
    const sorted = [...chosen].sort((a, b) => a[input] - b[input] || a[measured] - b[measured]);
    return {
      inputs: new Map([[input, Float64Array.from(sorted, (row) => row[input])]]),
      measured: Float64Array.from(sorted, (row) => row[measured]),
      weight: null,
      run: null,
      rows: Int32Array.from(sorted, (row) => log.indexOf(row)),
      label: String,
      source: (at) => ({ file: "log", line: at + 1 }),
    };
  };
  return [
    observations(log, "N", "L"),
    observations(
      log.filter(({ i }) => hasAccuracy(i)),
      "L",
      "acc",
    ),
  ];
}

function fitted(stages: Observations[], bootstrap = 200) {
  const { tasks, finish } = startChain(chain, stages, { ...DEFAULT_OPTIONS, bootstrap });
  return finish(tasks.map((task) => runDrawTask(task, [0, task.count])));
}

/** A law's definition with its parameters called otherwise. */
function definitionOf(
  { formula, output, parameters, inputs, ...law }: Law,
  names: readonly string[],
): LawDefinition {
  return {
    id: law.id,
    title: law.title,
    topic: law.topic,
    source: law.source,
    formula,
    output,
    inputs: Object.fromEntries(inputs.map(({ name, ...input }) => [name, input])),
    parameters: Object.fromEntries(parameters.map(({ name: _, ...parameter }, j) => [names[j], parameter])),
  };
}

describe("a chain of two laws", () => {
  test("without noise is recovered stage by stage", () => {
    const { parameters } = fitted(stagesOf(0), 20);
    for (const [name, value] of Object.entries(TRUTH)) {
      // Noise-free rows leave rounding only.
      expect(parameters[name].estimate / value, name).toBeCloseTo(1, 7);
    }
  });

  test("each stage is the fit of its own law", () => {
    const stages = stagesOf(0.01);
    const whole = fitted(stages, 0);
    chain.stages.forEach((law, k) => {
      const alone = fitLaw(law, stages[k], { ...DEFAULT_OPTIONS, bootstrap: 0 });
      for (const [name, p] of Object.entries(alone.parameters))
        expect(whole.parameters[name].estimate).toBe(p.estimate);
      expect(whole.stages[k].objective).toEqual(alone.objective);
    });
  });

  test("a draw of the chain is one resample of the runs in every stage", () => {
    // The same law of the same rows twice, under other names: only draws of the same runs agree to the last bit.
    const [first] = chain.stages;
    const twin = { ...first, formula: "F + B / N^beta", output: { ...first.output, name: "again" } };
    const twice = defineChain({
      id: "twice",
      title: "one law twice",
      topic: chain.topic,
      source: chain.source,
      stages: [definitionOf(first, ["E", "A", "alpha"]), definitionOf(twin, ["F", "B", "beta"])],
    });
    const [rows] = stagesOf(0.01);
    const { tasks, finish } = startChain(twice, [rows, rows], { ...DEFAULT_OPTIONS, bootstrap: 50 });
    const { draws } = finish(tasks.map((task) => runDrawTask(task, [0, task.count])));
    expect(draws.values).toHaveLength(50);
    for (const draw of draws.values) expect(draw.slice(3)).toEqual(draw.slice(0, 3));
    expect(new Set(draws.values.map(([E]) => E)).size).toBeGreaterThan(45);
  });

  test("rows without an accuracy still serve the first stage", () => {
    const half = fitted(stagesOf(0.01, (i) => i % 2 === 0));
    const all = fitted(stagesOf(0.01));
    expect(half.stages.map(({ rows }) => rows)).toEqual([24, 12]);
    for (const name of ["E", "A", "alpha"])
      expect(half.parameters[name].estimate).toBe(all.parameters[name].estimate);
  });

  test("the order of the log changes no number", () => {
    const turned = fitted(
      stagesOf(
        0.01,
        (i) => i % 3 !== 0,
        (i, n) => (7 * i + 3) % n,
      ),
    );
    const straight = fitted(stagesOf(0.01, (i) => i % 3 !== 0));
    expect(turned.draws.values).toEqual(straight.draws.values);
  });
});
