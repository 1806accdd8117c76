/** The bill of a run on its hardware: hours, days, dollars, energy and carbon, each what it costs for one times how many there are. */
import type { Estimate, PlannedRun } from "../objects.js";
import { scaledBy } from "./intervals.js";
import type { Hardware, RunCost } from "./run-cost.js";

/**
 * @param per    what one costs, be it a FLOP or an accelerator hour
 * @param amount how many, with the interval that every line of the bill then has
 */
export function runOn(hardware: Hardware, per: RunCost, amount: Estimate): PlannedRun {
  const times = (factor: number | null): Estimate | null =>
    factor === null ? null : scaledBy(amount, factor);
  const { name, precision, peak, mfu, count, usdPerHour, source, assumed, pue, kgPerKwh, watts, rate } =
    hardware;
  const unknown = reasonsFor(hardware, per);
  return {
    hardware: name,
    precision,
    peakFlopsPerSecond: peak,
    flopsPerSecond: rate,
    mfu,
    count,
    usdPerGpuHour: usdPerHour,
    watts,
    pue,
    kgCo2PerKwh: kgPerKwh,
    source,
    assumed,
    gpuHours: scaledBy(amount, per.gpuHours),
    wallHours: times(per.wallHours),
    usd: times(per.usd),
    kwh: times(per.kwh),
    kgCo2: times(per.kgCo2),
    ...(unknown.length === 0 ? {} : { unknown }),
  };
}

/** Why a line of the bill is empty. */
function reasonsFor({ watts }: Hardware, { wallHours, usd }: RunCost): string[] {
  return [
    ...(wallHours === null ? ["days need --count"] : []),
    ...(usd === null ? ["dollars need --price"] : []),
    ...(watts === null ? ["energy needs the power of the accelerator (watts in --hardware-file)"] : []),
  ];
}
