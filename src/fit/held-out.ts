/**
 * Which rows a backtest holds out: those of the largest scale, the product N D for a law of both, the input of a law of
 * one.
 *
 * Whole budgets are held out from the largest down, as many as come nearest to a third of the rows: two of six equal
 * budgets, one of three or four, the upper third of runs that all differ. A budget ends where the next scale is more than
 * 10 % larger: its own runs may spread by more than that in all (those of examples/char-lm do, by 15 %).
 */
import type { Law } from "../laws/law.js";
import type { DistinctRows } from "./distinct.js";
import { logRange } from "./identifiability.js";

/** The share of rows that is aimed at, and its bounds. */
const SHARE = 1 / 3;
const SHARES = [1 / 6, 1 / 2] as const;
const FEWEST_HELD_OUT = 4;
/** Rows left for each parameter. */
const LEFT_A_PARAMETER = 2;
/** Mean decades beyond the rest: what nearer rows show would have to be carried far. */
const LEAST_DECADES = 0.1;
/** Scales nearer to each other are not cut apart where there is another place to cut. */
const ONE_BUDGET = 1.1;
/** The rest has more than one budget, and no input that is the same in all of it. */
const LEAST_RANGE = { scale: 1.3, input: 1.1 };
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
  const order = [...scale.keys()].sort((a, b) => scale[b] - scale[a]);
  const cuts = cutsOf(scale, order);
  const nearest = (gap: number) =>
    cuts
      .filter((cut) => cut.gap > gap && isPossible(cut, rows.length, parameters))
      .sort((a, b) => Math.abs(a.held - SHARE * rows.length) - Math.abs(b.held - SHARE * rows.length));
  for (const { held, cut, decades } of [...nearest(ONE_BUDGET), ...nearest(1)]) {
    const rest = Int32Array.from(order.slice(held), (i) => rows[i]).sort();
    if (!isVaried(rest, inputs, scale[order[held]] / scale[order[order.length - 1]])) continue;
    const heldOut = Int32Array.from(order.slice(0, held), (i) => rows[i]).sort();
    return { along, held: heldOut, rest, decades, cut, largest: scale[order[0]] };
  }
  const budgets = 1 + cuts.filter(({ gap }) => gap > ONE_BUDGET).length;
  const over = `${rows.length} rows over ${budgets} ${budgets === 1 ? "budget" : "budgets"}`;
  return `without its largest rows too little is left to fit: ${over}`;
}

function thinned(rows: number): Int32Array {
  const stride = Math.ceil(rows / MOST_ROWS);
  return Int32Array.from({ length: Math.ceil(rows / stride) }, (_, i) => i * stride);
}

/** A place between two scales. */
interface Cut {
  /** Rows above it. */
  held: number;
  /** The largest scale below it, and how many times larger the next one is. */
  cut: number;
  gap: number;
  /** Mean decades of the rows above it. */
  decades: number;
}

/** Every cut between rows of different scales, from the largest down. */
function cutsOf(scale: Float64Array, order: readonly number[]): Cut[] {
  const cuts: Cut[] = [];
  let logs = 0;
  for (let held = 1; held < order.length; held++) {
    const [last, cut] = [scale[order[held - 1]], scale[order[held]]];
    logs += Math.log10(last);
    if (last > cut) cuts.push({ held, cut, gap: last / cut, decades: logs / held - Math.log10(cut) });
  }
  return cuts;
}

function isPossible({ held, decades }: Cut, rows: number, parameters: number): boolean {
  const isShare = held >= Math.max(FEWEST_HELD_OUT, SHARES[0] * rows) && held <= SHARES[1] * rows;
  return isShare && rows - held >= LEFT_A_PARAMETER * parameters && decades >= LEAST_DECADES;
}

/** Whether what is left can show a law: its scale, and each of its inputs, differs. */
function isVaried(rest: Int32Array, inputs: DistinctRows["inputs"], range: number): boolean {
  const ranges = [...inputs.values()].map((column) =>
    logRange(Float64Array.from(rest, (row) => column[row])),
  );
  return range > LEAST_RANGE.scale && ranges.every((ofInput) => !(ofInput < Math.log(LEAST_RANGE.input)));
}
