/** What a measured cost counts, and which budgets pay for it: 30 days are 2,592,000 measured seconds. */
import { UsageError } from "../errors.js";
import type { LimitUnit } from "../objects.js";
import { listOf } from "../text.js";
import type { Spendable } from "./budgets.js";

type Kind = "time" | "accelerator time" | "energy" | "money" | "flops" | "memory" | "plain";

interface UnitMeaning {
  kind: Kind;
  /** In hours, accelerator hours, kWh, dollars, FLOPs, bytes. */
  factor: number;
  /** Columns that are in this unit by their name. */
  named: RegExp;
}

const HOUR = 3600;
const KWH = 3.6e6;

/** The units by name; a column's name is tried against them in this order. */
const UNITS: Readonly<Record<string, UnitMeaning>> = {
  "gpu-seconds": {
    kind: "accelerator time",
    factor: 1 / HOUR,
    named: /(gpu|tpu|device|accelerator|chip|[ahv]\d00)_?(sec|seconds)$/,
  },
  "gpu-hours": {
    kind: "accelerator time",
    factor: 1,
    named: /(gpu|tpu|device|accelerator|chip|[ahv]\d00)_?(h|hours?|hrs?)$/,
  },
  "gpu-days": {
    kind: "accelerator time",
    factor: 24,
    named: /(gpu|tpu|device|accelerator|chip|[ahv]\d00)_?days?$/,
  },
  joules: { kind: "energy", factor: 1 / KWH, named: /(^|_)(joules?|j)$/ },
  wh: { kind: "energy", factor: 1e-3, named: /(^|_)(wh|watt_?hours?)$/ },
  kwh: { kind: "energy", factor: 1, named: /(^|_)kwh$/ },
  dollars: { kind: "money", factor: 1, named: /(^|_)(usd|dollars?)($|_)/ },
  flops: { kind: "flops", factor: 1, named: /(^|_)flops?$/ },
  gb: { kind: "memory", factor: 1e9, named: /(^|_)(gb|gigabytes)$/ },
  bytes: { kind: "memory", factor: 1, named: /(^|_)bytes$/ },
  minutes: { kind: "time", factor: 1 / 60, named: /(^|_)(min|mins|minutes)$/ },
  hours: { kind: "time", factor: 1, named: /(^|_)(h|hr|hrs|hours?)$/ },
  days: { kind: "time", factor: 24, named: /(^|_)days?$/ },
  seconds: { kind: "time", factor: 1 / HOUR, named: /(^|_)(s|sec|secs|seconds?)$/ },
  // Of no kind: only a budget in the numbers of the log pays for it.
  units: { kind: "plain", factor: 1, named: /$^/ },
};

export type CostUnit = string;
export const COST_UNITS: readonly CostUnit[] = Object.keys(UNITS);

/** A budget as a user gives it, by what it pays for. */
const EXAMPLES: Partial<Readonly<Record<Kind, string>>> = {
  time: "--days 30",
  "accelerator time": "--gpu-hours 1000",
  energy: "--energy 1MWh",
  money: "--dollars 10k",
};

/** For what to do next: a budget that pays for what a column measures; null where its name says none. */
export function budgetFor(column: string): string | null {
  const unit = unitOfColumn(column);
  return unit === null ? null : (EXAMPLES[UNITS[unit].kind] ?? null);
}

/** The unit that a column's name says: `train_seconds`, `gpu_hours`; null where it says none. */
export function unitOfColumn(column: string): CostUnit | null {
  const plain = column
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
  return COST_UNITS.find((unit) => UNITS[unit].named.test(plain)) ?? null;
}

/** The hours of a unit of time, of all accelerators or of one; null for any other. */
export const hoursOf = (unit: CostUnit): { hours: number; isOfOne: boolean } | null => {
  const { kind, factor } = UNITS[unit];
  return kind === "time" || kind === "accelerator time"
    ? { hours: factor, isOfOne: kind === "accelerator time" }
    : null;
};

/** A budget in the measured unit. */
export interface MeasuredBudget {
  flag: string;
  field: keyof Spendable & string;
  /** As it was given. */
  amount: number;
  unit: LimitUnit;
  /** What it buys in the unit of the measured cost. */
  buys: number;
}

const BUDGETS: readonly (readonly [
  field: keyof Spendable & string,
  flag: string,
  unit: LimitUnit,
  kind: Kind,
])[] = [
  ["days", "--days", "days", "time"],
  ["deadlineDays", "--deadline", "days", "time"],
  ["gpuHours", "--gpu-hours", "gpu-hours", "accelerator time"],
  ["kwh", "--energy", "kwh", "energy"],
  ["dollars", "--dollars", "usd", "money"],
  ["flops", "--flops", "flops", "flops"],
  ["costBudget", "--cost-budget", "measured", "plain"],
];

/**
 * The budgets that are asked for in the measured unit. Time of all accelerators and of one are turned into each other by
 * their count, money by the price of an accelerator hour.
 *
 * @throws UsageError for a budget that does not pay for what was measured
 */
export function measuredBudgets(
  asked: Spendable,
  unit: CostUnit,
  { count, usdPerHour }: { count?: number; usdPerHour?: number },
): MeasuredBudget[] {
  return BUDGETS.flatMap(([field, flag, limit, kind]) => {
    const amount = asked[field];
    if (amount === undefined) return [];
    const given = field === "days" || field === "deadlineDays" ? 24 * amount : amount;
    const buys = inUnit(given, kind, UNITS[unit], count, usdPerHour);
    if (buys === null) throw cannotPay(flag, kind, unit, count);
    return [{ flag, field, amount, unit: limit, buys }];
  });
}

/** So much of a kind of budget in a unit; null where it does not pay for it. */
function inUnit(
  amount: number,
  kind: Kind,
  { kind: measured, factor }: UnitMeaning,
  count: number | undefined,
  price: number | undefined,
): number | null {
  if (kind === "plain") return amount;
  if (kind === measured) return amount / factor;
  if (kind === "money" && price !== undefined)
    return inUnit(
      amount / price,
      "accelerator time",
      { kind: measured, factor } as UnitMeaning,
      count,
      price,
    );
  if (count === undefined) return null;
  if (kind === "time" && measured === "accelerator time") return (amount * count) / factor;
  if (kind === "accelerator time" && measured === "time") return amount / count / factor;
  return null;
}

function cannotPay(flag: string, kind: Kind, unit: CostUnit, count: number | undefined): UsageError {
  const { kind: measured } = UNITS[unit];
  const isTime = (one: Kind) => one === "time" || one === "accelerator time";
  const byCount = isTime(kind) && isTime(measured) && count === undefined;
  const byPrice = kind === "money" && isTime(measured);
  return new UsageError({
    code: "flags",
    message: `${flag} and --cost-fit contradict each other: the cost is measured in ${unit === "units" ? "a unit that is not known" : unit}`,
    why: byCount
      ? "how many accelerators run at once is not known"
      : byPrice
        ? "what an accelerator hour costs is not known"
        : undefined,
    hint: byCount
      ? "give --count too"
      : byPrice
        ? `give --price too${measured === "time" ? ", and --count" : ""}`
        : unit === "units"
          ? `say it with --cost-unit (${listOf(COST_UNITS.slice(0, -1), "or")}), or give --cost-budget in the numbers of its log`
          : `give the budget in ${unit} with --cost-budget`,
  });
}
