import type { Observations } from "../objects.js";

/** Columns as the fitting core takes them, every row a run of its own. */
export function observations(
  inputs: Readonly<Record<string, ArrayLike<number>>>,
  measured: ArrayLike<number>,
): Observations {
  return {
    inputs: new Map(Object.entries(inputs).map(([name, column]) => [name, Float64Array.from(column)])),
    measured: Float64Array.from(measured),
    weight: null,
    run: null,
    label: (i) => `run ${i + 1}`,
    source: (i) => ({ file: "data", line: i + 1 }),
  };
}
