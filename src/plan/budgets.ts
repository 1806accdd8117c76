/**
 * Budgets as people have them, in FLOPs: dollars, accelerator hours, energy, days of a cluster. Of several the smallest
 * binds.
 */
import { UsageError } from "../errors.js";
import type { LimitUnit } from "../objects.js";
import type { Hardware } from "./run-cost.js";

/** Amounts of what there is to spend. */
export interface Spendable {
  flops?: number;
  dollars?: number;
  gpuHours?: number;
  kwh?: number;
  /** Days in which all accelerators are there to be used. */
  days?: number;
  /** Days within which the run must end. */
  deadlineDays?: number;
  /** In the numbers of a measured cost. */
  costBudget?: number;
}

/** One budget. */
export interface Budget {
  flag: string;
  amount: number;
  unit: LimitUnit;
  /** What it buys. */
  flops: number;
}

/**
 * A deadline without a number of accelerators is no budget where a loss is asked for: then it says how many are needed.
 *
 * @throws UsageError where a budget needs hardware, a price, a power or a number of accelerators that is not given
 */
export function budgetsOf(asked: Spendable & { targetLoss?: number }, hardware: Hardware | null): Budget[] {
  const { flops, dollars, gpuHours, kwh, days, deadlineDays } = asked;
  const found: Budget[] = [];
  if (flops !== undefined) found.push({ flag: "--flops", amount: flops, unit: "flops", flops });
  const ofHours = (flag: string, amount: number, unit: LimitUnit, hours: number, { rate }: Hardware) =>
    found.push({ flag, amount, unit, flops: hours * 3600 * rate });
  if (gpuHours !== undefined)
    ofHours("--gpu-hours", gpuHours, "gpu-hours", gpuHours, needed("--gpu-hours", hardware));
  if (dollars !== undefined) {
    const on = needed("--dollars", hardware);
    const price =
      on.usdPerHour ?? missing("--dollars", "a price", "--price 2.5 (dollars an accelerator hour)");
    ofHours("--dollars", dollars, "usd", dollars / price, on);
  }
  if (kwh !== undefined) {
    const on = needed("--energy", hardware);
    const watts = on.watts ?? missing("--energy", "the power of the accelerator", "watts in --hardware-file");
    ofHours("--energy", kwh, "kwh", kwh / ((watts / 1000) * on.pue), on);
  }
  for (const [flag, length] of [
    ["--days", days],
    ["--deadline", deadlineDays],
  ] as const) {
    if (length === undefined) continue;
    if (
      flag === "--deadline" &&
      asked.targetLoss !== undefined &&
      hardware !== null &&
      hardware.count === null
    )
      continue;
    const on = needed(flag, hardware);
    const count = on.count ?? missing(flag, "the number of accelerators", "--count 512");
    ofHours(flag, length, "days", 24 * length * count, on);
  }
  return found;
}

function needed(flag: string, hardware: Hardware | null): Hardware {
  return hardware ?? missing(flag, "the hardware", "--hardware h100");
}

function missing(flag: string, what: string, give: string): never {
  throw new UsageError({
    code: "no-hardware",
    message: `${flag} cannot be turned into FLOPs without ${what}`,
    hint: `give ${give}`,
  });
}

/** The smallest budget; null without one. */
export const bindingBudget = (budgets: readonly Budget[]): Budget | null =>
  budgets.reduce<Budget | null>(
    (least, one) => (least === null || one.flops < least.flops ? one : least),
    null,
  );
