/** `--reduce RULE`: which of a run's rows stand for it in a fit, or what they give together. */
import { UsageError } from "../errors.js";
import type { Table, Warning } from "../objects.js";
import { quoteText } from "../text.js";
import type { DropLog } from "./drops.js";
import type { LastRows } from "./last-rows.js";
import { parseNumber } from "./numbers.js";
import type { Resolved } from "./resolve.js";

export type Reduce =
  | { kind: "last" }
  | { kind: "min" }
  | { kind: "mean"; count: number }
  | { kind: "ema"; span: number }
  /** The row nearest below so many tokens. */
  | { kind: "at"; tokens: number }
  /** Every row from this share of the run's last step on. */
  | { kind: "all"; from: number };

/** @throws UsageError */
export function parseReduce(text: string): Reduce {
  const [kind, rest] = [
    text.replace(/:.*$/, ""),
    text.includes(":") ? text.slice(text.indexOf(":") + 1) : null,
  ];
  const number =
    rest === null
      ? null
      : parseNumber(rest, kind === "at" ? "tokens" : kind === "all" ? "fraction" : "plain", "flag");
  const value = number !== null && "value" in number ? number.value : null;
  if (rest === null && (kind === "last" || kind === "min")) return { kind };
  if (rest === null && kind === "all") return { kind, from: 0 };
  if (value !== null && kind === "all" && value >= 0 && value < 1) return { kind, from: value };
  if (value !== null && kind === "at" && value > 0) return { kind, tokens: value };
  if (value !== null && Number.isInteger(value) && value >= 1) {
    if (kind === "mean") return { kind, count: value };
    if (kind === "ema") return { kind, span: value };
  }
  throw new UsageError({
    code: "flag",
    message: `--reduce: cannot use ${quoteText(text)}`,
    hint: "last, min, mean:5 (of the last 5 checkpoints), ema:10 (a moving average over about 10), at:2B (tokens), all, or all:20% (every checkpoint but the first 20 % of the steps)",
  });
}

export interface Reduced {
  last: LastRows;
  warnings: Warning[];
}

/** Another row in place of the last of each run, by `min` or `at`; runs that never got there have no row. */
export function reduceRuns(
  last: LastRows,
  reduce: Reduce,
  measured: Resolved | null,
  tokens: Resolved | null,
): Reduced {
  if (reduce.kind === "min" && measured !== null)
    return moved(last, (rows) => lowest(rows, measured.values), minWarning);
  if (reduce.kind !== "at") return { last, warnings: [] };
  if (tokens === null) {
    throw new UsageError({
      code: "flag",
      message: "--reduce at:TOKENS needs the tokens seen at each step, and no column holds them",
      hint: "name it with --map tokens=COLUMN",
    });
  }
  return moved(
    last,
    (rows) => rows.findLast((row) => tokens.values[row]! <= reduce.tokens) ?? null,
    (n, without) => ({
      code: "reduced",
      message: `${n} ${n === 1 ? "run is" : "runs are"} read at the last row of at most ${reduce.tokens} tokens${without === 0 ? "" : `; ${without} have none`}`,
    }),
  );
}

/** A lowest value is biased: of many noisy ones it is the luckiest. */
const minWarning = (n: number): Warning => ({
  code: "reduced",
  message: `${n} ${n === 1 ? "run is" : "runs are"} read at the lowest measured value: of noisy values the lowest lies below their mean`,
});

function lowest(rows: readonly number[], values: Float64Array): number | null {
  const known = rows.filter((row) => Number.isFinite(values[row]!));
  return known.length === 0 ? null : known.reduce((best, row) => (values[row]! < values[best]! ? row : best));
}

function moved(
  last: LastRows,
  choose: (inOrder: readonly number[]) => number | null,
  say: (runs: number, without: number) => Warning,
): Reduced {
  const rows = new Set(last.rows);
  const members = new Map(last.members);
  const inOrder = new Map<number, number[]>();
  let without = 0;
  for (const [row, order] of last.inOrder) {
    const chosen = choose(order);
    rows.delete(row);
    members.delete(row);
    if (chosen === null) without++;
    else {
      rows.add(chosen);
      members.set(chosen, last.members.get(row)!);
      inOrder.set(chosen, order.slice(0, order.indexOf(chosen) + 1));
    }
  }
  const n = last.inOrder.size - without;
  return {
    last: { ...last, rows, members, inOrder },
    warnings: last.inOrder.size === 0 ? [] : [say(n, without)],
  };
}

/** The measured value at the last row as an exponential moving average over the run, of this span. */
export function smoothLast(measured: Resolved | null, last: LastRows | null, span: number): Warning[] {
  if (measured === null || last === null) return [];
  const weight = 2 / (span + 1);
  for (const [row, order] of last.inOrder) {
    if (!Number.isFinite(measured.values[row]!)) continue;
    const known = order.map((one) => measured.values[one]!).filter(Number.isFinite);
    measured.values[row] = known.reduce((mean, value) => mean + weight * (value - mean), known[0]!);
  }
  const message = `${quoteText(measured.title, 40)} of a run is its exponential moving average over about ${span} checkpoints`;
  return [{ code: "reduced", message }];
}

/** Every row but the early ones of its run, which are counted. */
export function withoutEarly(
  table: Table,
  rows: readonly number[],
  last: LastRows | null,
  from: number,
  drops: DropLog,
): number[] {
  if (last === null || from === 0) return [...rows];
  const early = new Set<number>();
  for (const [end, members] of last.members)
    for (const row of members) if (last.steps[row]! < from * last.steps[end]!) early.add(row);
  return rows.filter((row) => {
    if (!early.has(row)) return true;
    const { file, line } = table.source(row);
    drops.add(file, line, "early", `before ${Number((100 * from).toPrecision(6))} % of the run's steps`);
    return false;
  });
}
