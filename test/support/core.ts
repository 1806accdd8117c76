/** The fitting core from the inside, for tests of its parts: the one place that knows how they are put together. */
import { BLOCK } from "../../src/fit/evaluate.js";
import { type CoreFit, fitLaw } from "../../src/fit/fit-law.js";
import type { Kernel } from "../../src/fit/kernel.js";
import { DEFAULT_OPTIONS, type FitOptions } from "../../src/fit/options.js";
import { meanValueCoordinates } from "../../src/fit/power-sum.js";
import { PowerSumProblem } from "../../src/fit/power-sum-fit.js";
import { powerSumOf } from "../../src/fit/power-sum-of.js";
import { lawById } from "../../src/laws/index.js";
import type { Law } from "../../src/laws/law.js";
import type { Observations } from "../../src/objects.js";
import type { Columns } from "./csv.js";
import type { Truth } from "./sweeps.js";

export function lawCalled(id: string): Law {
  const law = lawById(id);
  if (law === undefined) throw new Error(`no law "${id}"`);
  return law;
}

/** The five-parameter law over rows, with its kernels `full` (a floor) and `face` (E = 0). */
export function chinchillaProblem(
  { N, D, loss }: Columns,
  weight: number[] | null = null,
  inverseNoise: number[] | null = null,
): PowerSumProblem {
  const sum = powerSumOf(lawCalled("chinchilla"));
  if (sum === null) throw new Error("chinchilla is a sum of power terms");
  const inputs = new Map([
    ["N", Float64Array.from(N)],
    ["D", Float64Array.from(D)],
  ]);
  const [w, q] = [weight, inverseNoise].map((column) => column && Float64Array.from(column));
  return PowerSumProblem.of(sum, inputs, Float64Array.from(loss), w, q);
}

/** Coordinates of the full kernel from the law's parameters. */
export function coordinatesOf(problem: PowerSumProblem, { E, A, B, alpha, beta }: Truth): Float64Array {
  const [meanN, meanD] = problem.full.data.means;
  const amplitudes = [A * Math.exp(-alpha * meanN), B * Math.exp(-beta * meanD)];
  return meanValueCoordinates(E, amplitudes, [alpha, beta]);
}

/** Coordinates of the kernel on the face E = 0. */
export function faceCoordinatesOf(problem: PowerSumProblem, { A, B, alpha, beta }: Truth): Float64Array {
  const [meanN, meanD] = problem.face.data.means;
  return Float64Array.of(Math.log(A) - alpha * meanN, alpha, Math.log(B) - beta * meanD, beta);
}

/** Predictions of a kernel at a point; null outside its domain. */
export function predictionsOf(kernel: Kernel, theta: Float64Array): Float64Array | null {
  const out = new Float64Array(kernel.rows);
  for (let from = 0; from < kernel.rows; from += BLOCK) {
    const block = out.subarray(from, Math.min(from + BLOCK, kernel.rows));
    if (!kernel.value(theta, from, from + block.length, block)) return null;
  }
  return out;
}

export interface RowOptions extends Partial<FitOptions> {
  weight?: readonly number[];
  /** The run of each row; by default every row is a run of its own. */
  run?: readonly number[];
}

/** Rows in the order given, with weights and runs. */
export function observationsOf({ N, D, loss }: Columns, { weight, run }: RowOptions = {}): Observations {
  return {
    inputs: new Map([
      ["N", Float64Array.from(N)],
      ["D", Float64Array.from(D)],
    ]),
    measured: Float64Array.from(loss),
    weight: weight === undefined ? null : Float64Array.from(weight),
    run: run === undefined ? null : Int32Array.from(run),
    label: (i: number) => `run-${i}`,
    source: (i: number) => ({ file: "log.csv", line: i + 2 }),
  };
}

/** The five-parameter law fitted to rows in the order given, with weights and runs, which the library does not take. */
export function fitRows(log: Columns, { weight, run, ...options }: RowOptions = {}): CoreFit {
  const observations = observationsOf(log, { weight, run });
  return fitLaw(lawCalled("chinchilla"), observations, { ...DEFAULT_OPTIONS, ...options });
}
