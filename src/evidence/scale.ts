/**
 * By what rows are small or large: the compute N D or C where a law sees it, else parameters, tokens, a count, or the one
 * variable of all laws. A loss counts backwards: the lowest are the furthest out.
 */
import type { Law, LawInput, Quantity } from "../laws/law.js";
import type { Observations } from "../objects.js";

export interface Scale {
  name: string;
  values: Float64Array;
}

/** A law over rows, with what each of its inputs was read from. */
interface Bound {
  law: Law;
  observations: Observations;
  from: ReadonlyMap<string, string>;
}

/** In the order in which they are taken. */
const SINGLE: readonly Quantity[] = ["flops", "params", "tokens", "count", "scale", "loss"];

/**
 * @param candidates laws over the same rows
 * @returns null where no input of theirs is one, or it is the same in all rows
 */
export function scaleOf(candidates: readonly Bound[]): Scale | null {
  for (const { law, observations } of candidates) {
    const [N, D] = (["params", "tokens"] as const).map((quantity) => inputOf(law, quantity));
    const [n, d] = [N, D].map((input) => columnOf(observations, input));
    if (n !== undefined && d !== undefined)
      return varied(
        "N D",
        n.map((value, i) => value * d[i]),
      );
  }
  for (const quantity of SINGLE) {
    for (const { law, observations, from } of candidates) {
      const input = inputOf(law, quantity);
      const column = columnOf(observations, input);
      if (input === undefined || column === undefined) continue;
      const name = from.get(input.name) ?? input.name;
      const found = varied(name, quantity === "loss" ? column.map((value) => 1 / value) : column);
      if (found !== null) return found;
    }
  }
  return null;
}

const inputOf = ({ inputs }: Law, quantity: Quantity): LawInput | undefined =>
  inputs.find((input) => input.quantity === quantity);

/** The input's column, where all of it is above 0 and finite. */
function columnOf({ inputs }: Observations, input: LawInput | undefined): Float64Array | undefined {
  const column = input === undefined ? undefined : inputs.get(input.name);
  return column?.every((value) => value > 0 && Number.isFinite(value)) ? column : undefined;
}

const varied = (name: string, values: Float64Array): Scale | null =>
  values.every((value) => value === values[0]) ? null : { name, values };
