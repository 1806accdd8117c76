/** Chains whose stages have parameters in common: one fit over the rows of all of them. */
import { levenbergMarquardt } from "ml-levenberg-marquardt";
import { describe, expect, test } from "vitest";
import { runDrawTask } from "../../src/fit/draw-task.js";
import { startChain } from "../../src/fit/fit-chain.js";
import { NO_CHOICES, type ParameterChoices } from "../../src/fit/layout.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import { evaluateOutputs } from "../../src/laws/evaluate-law.js";
import { lawById } from "../../src/laws/index.js";
import { defineChain, type Law } from "../../src/laws/law.js";
import { keyOf } from "../../src/laws/law-key.js";
import { requireLaw } from "../../src/laws/require-law.js";
import { linkedStages } from "../../src/laws/stacked.js";
import type { Observations } from "../../src/objects.js";
import { generator, normal } from "../support/random.js";

const bahri = requireLaw("bahri");
const TRUTH = { Linf: 0.1, kD: 40, d: 12, kV: 900 };

const SOURCE = { topic: "tasks and test time", source: "made for this test" } as const;
const free = (meaning: string) => ({ meaning, bounds: [0, Number.POSITIVE_INFINITY] as const });

/** Three stages, the second with nothing in common with the others; the third reads the first's output. */
const threeStages = defineChain({
  id: "three",
  title: "loss, speed, error",
  ...SOURCE,
  stages: [
    {
      id: "loss",
      title: "loss",
      ...SOURCE,
      formula: "E + A / N^alpha",
      output: { name: "L", quantity: "loss", meaning: "loss" },
      inputs: { N: { quantity: "params", unit: "parameters", meaning: "size" } },
      parameters: {
        E: free("floor"),
        A: free("amplitude"),
        alpha: { meaning: "exponent", bounds: [0.01, 4] },
      },
    },
    {
      id: "speed",
      title: "speed",
      ...SOURCE,
      formula: "s / N",
      output: { name: "speed", quantity: "scale", meaning: "speed" },
      inputs: { N: { quantity: "params", unit: "parameters", meaning: "size" } },
      parameters: { s: free("speed of one parameter") },
    },
    {
      id: "error",
      title: "error",
      ...SOURCE,
      formula: "k * (L - E)^2",
      output: { name: "error", quantity: "scale", meaning: "error" },
      inputs: { L: { quantity: "loss", unit: "nats", meaning: "loss" } },
      parameters: { E: free("floor"), k: free("slope") },
    },
  ],
});

interface Made {
  noise: readonly number[];
  seed?: number;
  rows?: number;
  /** Whether a row has the k-th stage's output. */
  has?(i: number, k: number): boolean;
}

/** Rows of every stage, whose inputs that are outputs are the measured ones. */
function rowsOf(
  law: Law,
  truth: Record<string, number>,
  input: string,
  from: number,
  made: Made,
): Observations[] {
  const { noise, seed = 3, rows = 24, has = () => true } = made;
  const random = generator(seed);
  const log = Array.from({ length: rows }, (_, i) => {
    const x = { [input]: from * 10 ** (i / 6) };
    const outputs = evaluateOutputs(law, truth, x);
    law.stages.forEach(({ output: { name } }, k) => {
      outputs[name] *= Math.exp(noise[k] * normal(random));
    });
    return { ...x, ...outputs };
  });
  return law.stages.map(({ inputs, output }, k) => {
    const places = [...log.keys()].filter((i) => has(i, k));
    const column = (name: string) =>
      Float64Array.from(places, (i) => (log[i] as Record<string, number>)[name]);
    return {
      inputs: new Map(inputs.map(({ name }) => [name, column(name)])),
      measured: column(output.name),
      weight: null,
      run: null,
      rows: Int32Array.from(places),
      label: String,
      source: (at) => ({ file: "log", line: at + 2 }),
    };
  });
}

const ofBahri = (made: Made) => rowsOf(bahri, TRUTH, "D", 100, made);

function fitted(
  law: Law,
  stages: readonly Observations[],
  options: Partial<FitOptions> = {},
  choices: ParameterChoices = NO_CHOICES,
) {
  const { tasks, finish } = startChain(
    law,
    stages,
    { ...DEFAULT_OPTIONS, bootstrap: 0, ...options },
    choices,
  );
  return finish(tasks.map((task) => runDrawTask(task, [0, task.count])));
}

const estimatesOf = ({ parameters }: ReturnType<typeof fitted>) =>
  Object.fromEntries(Object.entries(parameters).map(([name, { estimate }]) => [name, estimate]));

describe("stages with a parameter in common", () => {
  test("without noise are recovered as one fit, rows of one stage alone among them", () => {
    const stages = ofBahri({ noise: [0, 0], has: (i, k) => k === 0 || i % 3 === 0 });
    const fit = fitted(bahri, stages, { bootstrap: 20 });
    for (const [name, value] of Object.entries(TRUTH))
      expect(Math.abs(fit.parameters[name].estimate / value - 1), name).toBeLessThan(1e-8);
    expect(fit.stages.map(({ output, rows }) => [output, rows])).toEqual([
      ["resolution", 24],
      ["variance", 8],
    ]);
    expect(Object.keys(fit.parameters)).toEqual(["Linf", "kD", "d", "kV"]);
  });

  test("a stage that could not be fitted by itself is determined by what the others say", () => {
    // Two rows for Linf and kV, without noise.
    const stages = ofBahri({ noise: [0, 0], has: (i, k) => k === 0 || i === 2 || i === 9 });
    const { parameters, covariance } = fitted(bahri, stages);
    expect(parameters.kV.estimate / TRUTH.kV).toBeCloseTo(1, 8);
    expect(covariance?.degrees).toBe(22);
  });

  test("end where ml-levenberg-marquardt ends on the same stacked squares", () => {
    const stages = ofBahri({ noise: [0.01, 0.05] });
    const fit = fitted(bahri, stages, { objective: "squares-log" });
    const [first, second] = fit.stages.map(({ joint }) => joint?.spread as number);
    const points = stages.flatMap(({ inputs, measured }, k) =>
      Array.from(measured, (y, i) => ({ k, D: (inputs.get("D") as Float64Array)[i], y: Math.log(y) })),
    );
    const scale = [1, first / second];
    const { parameterValues } = levenbergMarquardt(
      { x: points.map((_, i) => i), y: points.map(({ k, y }) => scale[k] * y) },
      (theta: number[]) => {
        const [Linf, kD, d, kV] = theta.map(Math.exp);
        return (i: number) => {
          const { k, D } = points[i];
          return scale[k] * Math.log(Linf + (k === 0 ? kD / D ** (4 / d) : kV / D));
        };
      },
      {
        initialValues: [0.12, 35, 11, 1000].map(Math.log),
        gradientDifference: 1e-6,
        maxIterations: 200,
        errorTolerance: 0,
        damping: 1e-3,
      },
    );
    Object.values(estimatesOf(fit)).forEach((estimate, j) => {
      // Its derivatives are difference quotients.
      expect(estimate / Math.exp(parameterValues[j])).toBeCloseTo(1, 5);
    });
  });

  test("with noise of unequal sizes the 95 % intervals hold the truth in more than nine cases of ten", () => {
    const logs = 60;
    const inside: Record<string, number> = { Linf: 0, kD: 0, d: 0, kV: 0 };
    for (let seed = 1; seed <= logs; seed++) {
      const stages = ofBahri({ noise: [0.01, 0.05], seed, rows: 30 });
      const { parameters } = fitted(bahri, stages, { bootstrap: 200, seed });
      for (const [name, value] of Object.entries(TRUTH)) {
        const { low, high } = parameters[name];
        if ((low as number) <= value && value <= (high as number)) inside[name]++;
      }
    }
    // 240 intervals: the mean is 95 % within 1.4 % were they independent; of one parameter within 2.8 %.
    const total = Object.values(inside).reduce((sum, count) => sum + count, 0);
    expect(total / (4 * logs)).toBeGreaterThan(0.9);
    expect(total / (4 * logs)).toBeLessThan(0.99);
    for (const [name, count] of Object.entries(inside)) expect(count / logs, name).toBeGreaterThan(0.86);
  });

  test("what is in common is known better where the second stage is measured well than where it is mere noise", () => {
    const errors = (noise: readonly number[]) => {
      const squares = [0, 0];
      for (let seed = 1; seed <= 30; seed++) {
        const stages = ofBahri({ noise, seed });
        const alone = fitted(
          bahri,
          stages.map((stage, k) => (k === 0 ? stage : ofBahri({ noise: [0, 3], seed })[1])),
        );
        squares[0] += (fitted(bahri, stages).parameters.Linf.estimate - TRUTH.Linf) ** 2;
        squares[1] += (alone.parameters.Linf.estimate - TRUTH.Linf) ** 2;
      }
      return squares.map(Math.sqrt);
    };
    const [joint, spoilt] = errors([0.01, 0.01]);
    expect(joint).toBeLessThan(0.7 * spoilt);
  });

  test("their covariance is one block, and a draw is one draw of all", () => {
    const fit = fitted(bahri, ofBahri({ noise: [0.01, 0.02] }), { bootstrap: 100 });
    const { parameters, values } = fit.covariance as NonNullable<typeof fit.covariance>;
    expect(parameters).toEqual(["Linf", "kD", "d", "kV"]);
    expect(values[0][3]).not.toBe(0);
    expect(fit.draws.parameters).toEqual(parameters);
    expect(fit.draws.values).toHaveLength(100);
    expect(fit.residuals).toHaveLength(24);
  });

  test("the stages' objectives add up to that of the fit, each with delta on its own scale", () => {
    const { stages, objective } = fitted(bahri, ofBahri({ noise: [0.01, 0.05] }));
    const sum = stages.reduce((total, stage) => total + stage.objective.value, 0);
    expect(sum / objective.value).toBeCloseTo(1, 10);
    const [first, second] = stages;
    expect(first.objective.delta).toBe(objective.delta);
    expect((second.objective.delta as number) / (objective.delta as number)).toBeCloseTo(
      (second.joint?.spread as number) / (first.joint?.spread as number),
      12,
    );
  });

  test("a fixed parameter is fixed in every stage", () => {
    const choices = { ...NO_CHOICES, fixed: new Map([["Linf", 0.1]]) };
    const { parameters } = fitted(bahri, ofBahri({ noise: [0, 0] }), {}, choices);
    expect(parameters.Linf).toMatchObject({ estimate: 0.1, reason: "fixed" });
    expect(parameters.kV.estimate / TRUTH.kV).toBeCloseTo(1, 9);
  });

  test("without rows of one of them are refused, with what is missing", () => {
    const [rows, none] = ofBahri({ noise: [0, 0], has: (_, k) => k === 0 });
    expect(() => fitted(bahri, [rows, none])).toThrow(/no row has a usable variance/);
  });
});

describe("a chain some of whose stages are linked", () => {
  const truth = { E: 1.7, A: 400, alpha: 0.34, s: 1e9, k: 0.5 };
  const made = (noise: readonly number[]) => rowsOf(threeStages, truth, "N", 1e6, { noise, rows: 30 });

  test("links by way of others too, and keeps the rest apart", () => {
    expect(linkedStages(threeStages)).toEqual([[0, 2], [1]]);
    expect(linkedStages(requireLaw("task-ladder"))).toEqual([[0], [1]]);
  });

  test("is recovered, a stage that reads another's output included", () => {
    const { parameters, stages } = fitted(threeStages, made([0, 0, 0]));
    for (const [name, value] of Object.entries(truth))
      expect(Math.abs(parameters[name].estimate / value - 1), name).toBeLessThan(1e-8);
    expect(stages.map(({ joint }) => joint?.parameters)).toEqual([["E"], undefined, ["E"]]);
    expect(stages.map(({ output }) => output)).toEqual(["L", "speed", "error"]);
  });

  test("shares one resample among what is fitted together and what is not", () => {
    const { draws, covariance } = fitted(threeStages, made([0.002, 0.01, 0.05]), { bootstrap: 60 });
    expect(draws.values.length).toBeGreaterThan(55);
    const at = (name: string) => covariance?.parameters.indexOf(name) as number;
    expect(covariance?.values[at("E")][at("s")]).toBe(0);
    expect(covariance?.values[at("E")][at("k")]).not.toBe(0);
  });
});

test("a law of stacked stages is found by its id, as threads need it", () => {
  const id = "bahri.resolution+variance";
  const law = lawById(id) as Law;
  expect(keyOf(law)).toBe(id);
  expect(law.parameters.map(({ name }) => name)).toEqual(["Linf", "kD", "d", "kV"]);
  expect(lawById("bahri.resolution+nothing")).toBeUndefined();
});
