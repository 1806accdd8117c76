/**
 * A measured throughput: `25000@1.3B`, or a column of a log, `runs.csv:tokens_per_second`, whose rows of the largest model
 * count, by their median.
 */
import { DataError } from "../errors.js";
import { median } from "../fit/quantiles.js";
import { numericColumn } from "../logs/cells.js";
import { columnCalled, unknownColumn } from "../logs/columns.js";
import { parseNumber, type Quantity } from "../logs/numbers.js";
import type { HardwareAsked } from "../plan/run-cost.js";
import type { RawFlags } from "./command.js";
import { fault, positiveFlag, textFlag } from "./flags.js";

type Throughput = NonNullable<HardwareAsked["throughput"]>;

const FLAG = "--throughput";
const EXAMPLE = "for example --throughput 25000@1.3B, or --throughput runs.csv:tokens_per_second";

/** @throws UsageError for text of another form or no size; InputError and DataError for a log that does not have it */
export async function throughputOf(flags: RawFlags): Promise<Throughput | undefined> {
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
): Promise<Throughput> {
  const { measuredBy, readTable, recogniseLog } = await import("./logs.js");
  const log = await readTable([file], {});
  const column = columnCalled(log.table, name);
  if (column === null) throw unknownColumn(log.table, name, FLAG);
  const rates = numericColumn(log.table, column, "plain", 1).values;
  const N =
    params === undefined
      ? recogniseLog(log, {}, measuredBy("by-columns")).recognised.quantities.get("N")
      : undefined;
  const sizes = N === undefined ? null : numericColumn(log.table, N.column, N.kind, N.factor).values;
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
  const largest = rows.reduce((most, { size }) => Math.max(most, size), 0);
  const measured = rows.filter(({ size }) => size === largest).map(({ rate }) => rate);
  return { tokensPerSecond: median(measured), params: largest };
}
