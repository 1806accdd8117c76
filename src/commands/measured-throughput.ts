/**
 * A measured throughput: `25000@1.3B`, or a column of a log, `runs.csv:tokens_per_second`: of the size that is planned, or of
 * the largest model where the size is free. With `--gpu-hours` that is a class of compute as in the Languini Kitchen (arXiv
 * 2309.11197): each model has the tokens that its own throughput makes in the hours.
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
  const planned = params === undefined ? positiveFlag(flags, "params", "params") : params;
  return at(bySize(rows), planned ?? Number.POSITIVE_INFINITY);
}

/** The median throughput of each size, from the smallest up. */
function bySize(rows: readonly { rate: number; size: number }[]): Throughput[] {
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  return sizes.map((params) => ({
    params,
    tokensPerSecond: median(rows.filter(({ size }) => size === params).map(({ rate }) => rate)),
  }));
}

/**
 * The throughput of a size: as measured at it, or on the line between its neighbours, in logarithms. Beyond the sizes measured that
 * of the nearest one, whose FLOPs a second then hold.
 */
function at(measured: readonly Throughput[], params: number): Throughput {
  const above = measured.findIndex((one) => one.params >= params);
  if (above === -1) return measured[measured.length - 1];
  const high = measured[above];
  const low = measured[above - 1];
  if (low === undefined || high.params === params) return high;
  const share = Math.log(params / low.params) / Math.log(high.params / low.params);
  return { params, tokensPerSecond: low.tokensPerSecond ** (1 - share) * high.tokensPerSecond ** share };
}
