import type { Observations } from "../objects.js";

/** The rows of several groups as one, group after group, each row a run of its own. */
export function joinedRows(groups: readonly Observations[]): Observations {
  const [first] = groups;
  const joined = (column: (rows: Observations) => Float64Array): Float64Array =>
    Float64Array.from(groups.flatMap((rows) => Array.from(column(rows))));
  return {
    ...first,
    inputs: new Map(
      [...first.inputs.keys()].map((name) => [
        name,
        joined(({ inputs }) => inputs.get(name) as Float64Array),
      ]),
    ),
    measured: joined(({ measured }) => measured),
    weight: groups.some(({ weight }) => weight === null)
      ? null
      : joined(({ weight }) => weight as Float64Array),
    run: null,
    rows: undefined,
  };
}
