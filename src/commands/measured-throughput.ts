/**
 * A measured throughput: `25000@1.3B`, or a column of a log, `runs.csv:tokens_per_second` (or of the time of each run on one
 * accelerator, `runs.csv:seconds`, in which it saw its tokens): of the size that is planned, or of
 * all sizes in it where the size is free. With `--gpu-hours` that is a class of compute as in the Languini Kitchen (arXiv
 * 2309.11197): each model has the tokens that its own throughput makes in the hours.
 */
import { DataError } from "../errors.js";
import { median } from "../fit/quantiles.js";
import { numericColumn } from "../logs/cells.js";
import { columnCalled, unknownColumn } from "../logs/columns.js";
import { parseNumber, type Quantity } from "../logs/numbers.js";
import { hoursOf, unitOfColumn } from "../plan/cost-units.js";
import type { HardwareAsked } from "../plan/run-cost.js";
import { type Throughput, throughputAt } from "../plan/throughput.js";
import { escapeText } from "../text.js";
import type { RawFlags } from "./command.js";
import { fault, positiveFlag, textFlag } from "./flags.js";

const FLAG = "--throughput";
const EXAMPLE = "for example --throughput 25000@1.3B, or --throughput runs.csv:tokens_per_second";

/** @throws UsageError for text of another form or no size; InputError and DataError for a log that does not have it */
export async function throughputOf(flags: RawFlags): Promise<HardwareAsked["throughput"]> {
  const text = textFlag(flags, "throughput");
  if (text === undefined) return undefined;
  const [rate, size, ...more] = text.split("@");
  if (more.length > 0) throw fault(FLAG, text, "one size stands behind one @", EXAMPLE);
  const params = size === undefined ? positiveFlag(flags, "params", "params") : read(text, size, "params");
  // A path may hold colons; a rate holds none.
  const column = /^(.+):([^:/\\]+)$/.exec(rate);
  if (column !== null) return inLog(column[1], column[2], size === undefined ? undefined : params, flags);
  if (params === undefined)
    throw fault(
      FLAG,
      text,
      "tokens a second are those of one size of model",
      "say which: --throughput 25000@1.3B, or give --params",
    );
  return { tokensPerSecond: read(text, rate, "rate"), params };
}

function read(text: string, part: string, quantity: Quantity): number {
  const parsed = parseNumber(part, quantity, "flag");
  if ("fault" in parsed) throw fault(FLAG, text, parsed.fault, EXAMPLE);
  if (!(parsed.value > 0)) throw fault(FLAG, text, "it must be above 0", EXAMPLE);
  return parsed.value;
}

/** @param params the size of all rows; by default the log's own column of sizes */
async function inLog(
  file: string,
  name: string,
  params: number | undefined,
  flags: RawFlags,
): Promise<Throughput | Throughput[]> {
  const { measuredBy, readTable, recogniseLog } = await import("./logs.js");
  const log = await readTable([file], {});
  const column = columnCalled(log.table, name);
  if (column === null) throw unknownColumn(log.table, name, FLAG);
  const hours = hoursOfColumn(name);
  const quantities =
    params === undefined || hours !== null
      ? recogniseLog(log, {}, measuredBy("by-columns")).recognised.quantities
      : null;
  const valuesOf = (quantity: string): Float64Array | null => {
    const found = quantities?.get(quantity);
    return found === undefined
      ? null
      : numericColumn(log.table, found.column, found.kind, found.factor).values;
  };
  const values = numericColumn(log.table, column, "plain", 1).values;
  const tokens = hours === null ? null : valuesOf("D");
  if (hours !== null && tokens === null) throw withoutTokens(file, name);
  const rates =
    tokens === null ? values : values.map((time, i) => tokens[i] / (3600 * (hours as number) * time));
  const sizes = params === undefined ? valuesOf("N") : null;
  const fixed = params ?? (sizes === null ? positiveFlag(flags, "params", "params") : undefined);
  const rows = Array.from(rates, (rate, i) => ({ rate, size: fixed ?? sizes?.[i] ?? Number.NaN })).filter(
    (row) => row.rate > 0 && row.size > 0 && Number.isFinite(row.rate),
  );
  if (rows.length === 0) {
    throw new DataError({
      code: "no-throughput",
      message: `${FLAG}: no row of ${file} has a throughput above 0 and a size of its model`,
      hint: "say the size behind an @: --throughput runs.csv:tokens_per_second@1.3B",
    });
  }
  const planned = params === undefined ? positiveFlag(flags, "params", "params") : params;
  const measured = medians(rows);
  if (planned !== undefined) return throughputAt(measured, planned);
  return measured.length === 1 ? measured[0] : measured;
}

/** The hours of one in a column of times, `seconds` or `gpu_hours`; null for one of tokens a second. */
function hoursOfColumn(name: string): number | null {
  const unit = /tok|per|\/|throughput|speed|rate/i.test(name) ? null : unitOfColumn(name);
  return unit === null ? null : (hoursOf(unit)?.hours ?? null);
}

const withoutTokens = (file: string, name: string): DataError =>
  new DataError({
    code: "no-throughput",
    message: `${FLAG}: "${escapeText(name, 60)}" of ${file} is a time, and no column says how many tokens were trained on in it`,
    hint: "name a column of tokens a second, such as --throughput runs.csv:tokens_per_second",
  });

/** The median throughput of each size, from the smallest up. */
function medians(rows: readonly { rate: number; size: number }[]): Throughput[] {
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  return sizes.map((params) => ({
    params,
    tokensPerSecond: median(rows.filter(({ size }) => size === params).map(({ rate }) => rate)),
  }));
}
