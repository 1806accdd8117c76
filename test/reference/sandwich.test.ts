/**
 * The sandwich covariance against numpy: sandwich.py beside this file makes the same rows, takes every observation as a
 * row of its own and second derivatives of the law by differences, and printed the numbers here (numpy 2.4.6, scipy 1.17.1).
 */
import { describe, expect, test } from "vitest";
import { startCountFit } from "../../src/fit/fit-counts.js";
import { type CoreFit, fitLaw } from "../../src/fit/fit-law.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import type { Observations } from "../../src/objects.js";
import { lawCalled } from "../support/core.js";

/** Minima here end at a gradient of rounding or within 1e-9 of the objective: at some 1e-7 of the estimates. */
const DIGITS = 6;

const OPTIONS: FitOptions = { ...DEFAULT_OPTIONS, bootstrap: 0, covariance: "sandwich" };

/** Rows with a noise of 0.4 to 1.2 %, every sixth of them twice. */
function runs(): { N: number; D: number; loss: number; noise: number; machine: number }[] {
  const sizes = [1e7, 3e7, 1e8, 3e8, 1e9, 3e9].flatMap((N) =>
    [5, 20, 80, 320].map((ratio) => ({ N, D: ratio * N })),
  );
  return sizes.flatMap(({ N, D }, i) => {
    const noise = 0.004 * (1 + (i % 3));
    const law = 1.72 + 380 * N ** -0.335 + 1450 * D ** -0.36;
    const row = { N, D, loss: law * Math.exp(1.4 * noise * Math.sin(7 * i * i + 3 * i + 1)), noise };
    return Array.from({ length: i % 6 === 5 ? 2 : 1 }, () => ({ ...row, machine: (5 * i) % 8 }));
  });
}

function observed(
  columns: Readonly<Record<string, readonly number[]>>,
  measured: readonly number[],
  more: { weight?: readonly number[]; run?: readonly number[] } = {},
): Observations {
  return {
    inputs: new Map(Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)])),
    measured: Float64Array.from(measured),
    weight: more.weight === undefined ? null : Float64Array.from(more.weight),
    run: more.run === undefined ? null : Int32Array.from(more.run),
    label: (i) => `row ${i}`,
    source: (i) => ({ file: "rows", line: i + 1 }),
  };
}

function ofRuns(options: Partial<FitOptions>, { isNoiseKnown = false, byMachine = false } = {}): CoreFit {
  const rows = runs();
  const column = (name: "N" | "D" | "loss" | "machine") => rows.map((row) => row[name]);
  const observations = observed({ N: column("N"), D: column("D") }, column("loss"), {
    ...(isNoiseKnown ? { weight: rows.map(({ noise }) => 1 / noise ** 2) } : {}),
    ...(byMachine ? { run: column("machine") } : {}),
  });
  return fitLaw(lawCalled("chinchilla"), observations, { ...OPTIONS, ...options });
}

/** Compares estimates and standard errors; A and B were logs there, of which the errors are relative. */
function expectErrors({ parameters }: CoreFit, wanted: Readonly<Record<string, readonly [number, number]>>) {
  for (const [name, [estimate, standardError]] of Object.entries(wanted)) {
    const own = parameters[name];
    const relative = name === "A" || name === "B" ? own.estimate : 1;
    const value = relative === 1 ? own.estimate : Math.log(own.estimate);
    expect(value / estimate, name).toBeCloseTo(1, DIGITS);
    expect((own.standardError ?? 0) / relative / standardError, `error of ${name}`).toBeCloseTo(1, DIGITS);
  }
}

describe("standard errors by numpy", () => {
  test("of squares, independent rows some of which stand twice: HC3", () => {
    expectErrors(ofRuns({ objective: "squares-log" }), {
      E: [1.6645270934577612, 0.03546595507542586],
      A: [5.454972228744046, 0.24132276304367414],
      alpha: [0.30367467231165624, 0.016322615726975485],
      B: [7.247155089941982, 0.3153379422342742],
      beta: [0.3581455081822807, 0.016672941929199835],
    });
  });

  test("of squares, by eight machines: CR1 with 7 degrees of freedom", () => {
    const fit = ofRuns({ objective: "squares-log" }, { byMachine: true });
    expectErrors(fit, {
      E: [1.6645270934577612, 0.03626643115454395],
      A: [5.454972228744046, 0.2602336851176852],
      alpha: [0.30367467231165624, 0.017676880957101706],
      B: [7.247155089941982, 0.22959007707380039],
      beta: [0.3581455081822807, 0.01203764834731351],
    });
    expect(fit.covariance?.degrees).toBe(7);
  });

  test("of Huber's objective with the noise of each row inside rho: HC3", () => {
    expectErrors(ofRuns({ objective: "huber-log", delta: 0.9 }, { isNoiseKnown: true }), {
      E: [1.684849671519431, 0.029939725797818766],
      A: [5.6533080747886135, 0.23847200599894475],
      alpha: [0.3165579705109935, 0.016018171952052372],
      B: [7.3128633838010755, 0.25722426503799495],
      beta: [0.3610899344615583, 0.013484273099544553],
    });
  });

  test("of the same by machines: CR1", () => {
    expectErrors(ofRuns({ objective: "huber-log", delta: 0.9 }, { isNoiseKnown: true, byMachine: true }), {
      E: [1.684849671519431, 0.026493801137429555],
      A: [5.6533080747886135, 0.19497082124127812],
      alpha: [0.3165579705109935, 0.013175158784779331],
      B: [7.3128633838010755, 0.09821544698301392],
      beta: [0.3610899344615583, 0.005620254171574991],
    });
  });

  test("of coverages from counted trials, each with an information of its own: HC3", () => {
    const index = Array.from({ length: 12 }, (_, i) => i);
    const trials = index.map((i) => 100 + 50 * (i % 3));
    const coverage = index.map(
      (i) =>
        Math.round(trials[i] * Math.exp(-1.84 * (2 ** i) ** -0.4) + 3 * Math.sin(1 + 5 * i * i)) / trials[i],
    );
    const observations = observed({ k: index.map((i) => 2 ** i) }, coverage, { weight: trials });
    expectErrors(fitLaw(lawCalled("pass-at-k"), observations, { ...OPTIONS, objective: "binomial" }), {
      a: [-1.775141992311286, 0.05787508191378373],
      b: [-0.3904460349787348, 0.010333188166936961],
    });
  });

  test("of success rates by their own likelihood, where a leverage would count a score twice: HC1", () => {
    const index = Array.from({ length: 30 }, (_, i) => i);
    const n = index.map((i) => 20 + 10 * (i % 2));
    const c = index.map((i) => Math.round(n[i] * (0.5 + 0.5 * Math.sin(3 * i * i + 1)) ** 3));
    const started = startCountFit(observed({ n, c }, c), OPTIONS);
    expectErrors(started.finish([]), {
      alpha: [0.14822927805951983, 0.05036519476178695],
      beta: [0.44273778172365347, 0.16822831132245683],
    });
  });
});
