/** Saved fits with made-up draws, as `fit` writes them. */
import type { SavedFit } from "../../src/objects.js";
import { lawCalled } from "./core.js";

export type Draws = readonly Record<string, number>[];

/** Draws about some values: `spread` is their relative size. */
export const drawsOf = (values: Record<string, number>, spread: number, count = 199): Draws =>
  Array.from({ length: count }, (_, b) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value], j) => [
        name,
        value * (1 + spread * Math.sin(1 + 7 * b * (j + 1))),
      ]),
    ),
  );

/** What a saved fit is of. */
export interface SavedAs {
  law: string;
  /** The measured column. */
  column: string;
  values: Record<string, number>;
  draws: Draws;
  covariance?: number[][];
  /** Of a family of laws, which of them. */
  size?: number;
  /** What each input is read from, the name itself by default. */
  inputs?: readonly { quantity: string; column: string }[];
  range?: Record<string, [number, number]>;
}

export function savedFit({ law, column, values, draws, covariance, size, inputs, range }: SavedAs): SavedFit {
  const names = Object.keys(values);
  return {
    schema: "scalefit/fit@1",
    fits: [
      {
        group: null,
        law,
        ...(size === undefined ? {} : { size }),
        formula: "",
        inputs: lawCalled(law).inputs.map(({ name }, j) => ({
          name,
          ...(inputs?.[j] ?? { quantity: name, column: name }),
        })),
        measured: { column },
        parameters: Object.fromEntries(
          names.map((name) => [name, { estimate: values[name], low: null, high: null, standardError: null }]),
        ),
        level: 0.95,
        interval: "percentile",
        objective: { name: "huber-log", delta: 1e-3, deltaRule: null, value: 0 },
        status: "converged",
        data: {
          rows: 20,
          used: 20,
          dropped: [],
          range: range ?? { N: [1e7, 1e9], D: [1e8, 1e11] },
          largestProduct: null,
        },
        diagnosis: [],
        draws: { parameters: names, values: draws.map((one) => names.map((name) => one[name])) },
        covariance: covariance === undefined ? null : { parameters: names, values: covariance },
        residuals: [],
      },
    ],
  } as unknown as SavedFit;
}
