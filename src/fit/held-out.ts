/**
 * Which rows a backtest holds out: those of the largest scale, the product N D for a law of both, the input of a law of
 * one.
 *
 * Whole budgets (scales within 10 % of each other) are held out from the largest down, as many as come nearest to a third
 * of the rows: two of six equal budgets, one of three or four, the upper third of runs that all differ.
 */
import type { Law } from "../laws/law.js";
import { neighbours } from "./clusters.js";
import type { DistinctRows } from "./distinct.js";
import { logRange } from "./identifiability.js";

/** The share of rows that is aimed at, and the largest. */
const SHARE = 1 / 3;
const LARGEST_SHARE = 1 / 2;
const FEWEST_HELD_OUT = 4;
/** Rows left for each parameter. */
const LEFT_A_PARAMETER = 2;
/** Mean decades beyond the rest: what nearer rows show would have to be carried far. */
const LEAST_DECADES = 0.1;
/** The rest has more than one budget, and no input that is the same in all of it. */
const LEAST_RANGE = { scale: Math.log(1.3), input: Math.log(1.1) };
/** With more rows every k-th is looked at: enough for a mean without noise. */
const MOST_ROWS = 4000;

export interface HeldOut {
  /** The inputs whose product is the scale. */
  along: string[];
  /** Rows held out and rows left, by index. */
  held: Int32Array;
  rest: Int32Array;
  /** Mean decades of the rows held out beyond the largest of the rest. */
  decades: number;
  /** Largest scale of the rest, and of all rows. */
  cut: number;
  largest: number;
}

/** The inputs whose product tells large runs from small ones; null where a law has none. */
export function scaleInputs({ inputs }: Law): string[] | null {
  if (inputs.length === 1) return [inputs[0].name];
  const [N, D] = ["params", "tokens"].map((quantity) => inputs.find((input) => input.quantity === quantity));
  return N === undefined || D === undefined ? null : [N.name, D.name];
}

/** @returns the reason, in words, where no rows can be held out */
export function holdOut(law: Law, { inputs }: DistinctRows, parameters: number): HeldOut | string {
  const along = scaleInputs(law);
  if (along === null) return "the law has no scale, such as N D, along which runs are larger";
  const rows = thinned((inputs.get(along[0]) as Float64Array).length);
  const scale = Float64Array.from(rows, (row) =>
    along.reduce((product, name) => product * (inputs.get(name) as Float64Array)[row], 1),
  );
  if (!scale.every((value) => value > 0 && Number.isFinite(value)))
    return `${along.join(" ")} is not above 0 in all rows`;
  const { cuts, budget } = cutsOf(scale);
  const possible = cuts
    .filter(({ held }) => held >= FEWEST_HELD_OUT && held <= LARGEST_SHARE * rows.length)
    .sort((a, b) => Math.abs(a.held - SHARE * rows.length) - Math.abs(b.held - SHARE * rows.length));
  for (const { first, cut, decades } of possible) {
    const rest = rows.filter((_, i) => budget[i] < first);
    const isEnough = rest.length >= LEFT_A_PARAMETER * parameters && decades >= LEAST_DECADES;
    if (
      !isEnough ||
      !isVaried(
        rest,
        inputs,
        scale.filter((_, i) => budget[i] < first),
      )
    )
      continue;
    const largest = scale.reduce((most, value) => Math.max(most, value), 0);
    return { along, held: rows.filter((_, i) => budget[i] >= first), rest, decades, cut, largest };
  }
  return `without its largest rows too little is left to fit: ${rows.length} rows over ${cuts.length + 1} budgets`;
}

function thinned(rows: number): Int32Array {
  const stride = Math.ceil(rows / MOST_ROWS);
  return Int32Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride);
}

interface Cut {
  /** The smallest budget that is held out. */
  first: number;
  /** Rows held out. */
  held: number;
  cut: number;
  decades: number;
}

/** Every cut between two budgets, from the largest down. */
function cutsOf(scale: Float64Array): { cuts: Cut[]; budget: Int32Array } {
  const budget = neighbours(scale);
  const order = [...scale.keys()].sort((a, b) => scale[b] - scale[a]);
  const cuts: Cut[] = [];
  let logs = 0;
  for (let held = 1; held < order.length; held++) {
    const [last, next] = [order[held - 1], order[held]];
    logs += Math.log10(scale[last]);
    if (budget[last] === budget[next]) continue;
    const cut = scale[next];
    cuts.push({ first: budget[last], held, cut, decades: logs / held - Math.log10(cut) });
  }
  return { cuts, budget };
}

function isVaried(rest: Int32Array, inputs: DistinctRows["inputs"], scale: Float64Array): boolean {
  const ranges = [...inputs.values()].map((column) =>
    logRange(Float64Array.from(rest, (row) => column[row])),
  );
  return ranges.every((range) => !(range < LEAST_RANGE.input)) && logRange(scale) > LEAST_RANGE.scale;
}
