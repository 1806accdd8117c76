/**
 * `--successes` and `--trials`: counts of a log as rates with their trials as weights, which every later step takes like
 * any other measured column.
 */
import { UsageError } from "../errors.js";
import { columnCalled, quantityCalled, type Recognised } from "../logs/columns.js";
import { countsAsked, countsByHeader, type FoundCounts, type RateColumn } from "../logs/count-columns.js";
import type { Table } from "../objects.js";
import type { RawFlags } from "./command.js";
import { textFlag } from "./flags.js";

/** What a law predicts, as far as finding it in a log goes. */
export interface Measured {
  /** The quantity that `--y` names a column for. */
  quantity: string;
  /** Quantities and columns in which it may be measured. */
  reads: readonly string[];
  /** Whether counts are looked for by their headers: a law of rates takes them where nothing else is said. */
  ofCounts: boolean;
}

/** Whether flags ask for counts. */
export const areCountsAsked = ({ successes, trials }: RawFlags): boolean =>
  successes !== undefined || trials !== undefined;

/** The counts that flags ask for, or that a law of rates finds by headers. @throws UsageError */
export function countsIn(
  table: Table,
  recognised: () => Recognised,
  flags: RawFlags,
  measured: Measured,
): FoundCounts | null {
  if (areCountsAsked(flags)) {
    requireAlone(flags);
    return countsAsked(table, {
      successes: textFlag(flags, "successes"),
      trials: textFlag(flags, "trials"),
      rate: rateIn(table, recognised(), flags, measured),
      isRateMeant: flags.y !== undefined,
    });
  }
  const isFree = ["y", "weight", "noise", "objective"].every((name) => flags[name] === undefined);
  if (!measured.ofCounts || !isFree) return null;
  return countsByHeader(table, rateIn(table, recognised(), flags, measured));
}

/** What rates are called where no law says what is measured. */
const USUAL_RATES = ["accuracy", "coverage", "pass_rate"];

/** The rates that `--y` names, else those that the law reads. */
function rateIn(
  table: Table,
  { quantities }: Recognised,
  flags: RawFlags,
  { reads }: Measured,
): RateColumn | null {
  const y = textFlag(flags, "y");
  const usual = reads.length > 0 ? reads : USUAL_RATES;
  for (const name of y === undefined ? usual : [y]) {
    const found = quantities.get(name) ?? quantities.get(quantityCalled(name) ?? name);
    if (found !== undefined) return found;
    const column = columnCalled(table, name);
    if (column !== null) return { column, factor: 1 };
  }
  return null;
}

function requireAlone(flags: RawFlags): void {
  const other = ["weight", "noise"].find((name) => flags[name] !== undefined);
  const asked = flags.trials === undefined ? "--successes" : "--trials";
  if (other !== undefined)
    throw new UsageError({
      code: "flags",
      message: `${asked} and --${other} contradict each other: both say how far a row can be trusted`,
      hint: "the noise of counts follows from their trials: leave the other out",
    });
  if (flags.successes !== undefined && flags.y !== undefined)
    throw new UsageError({
      code: "flags",
      message: "--successes and --y contradict each other: both say what was measured",
      hint: "give --successes for counts, or --y for rates",
    });
}

/** The table with the rates, and the flags with which they are read; the objective is theirs unless one is asked for. */
export function withCounts(
  table: Table,
  flags: RawFlags,
  { made, rates, trials, kind }: FoundCounts,
): { table: Table; flags: RawFlags } {
  return {
    table: { ...table, columns: [...table.columns, ...made] },
    flags: {
      ...flags,
      ...(kind === "rate" ? {} : { y: rates.name }),
      weight: trials.name,
      objective: flags.objective ?? "binomial",
    },
  };
}
