/**
 * What FLOPs are in accelerator hours, days, dollars, energy and carbon dioxide on given hardware:
 *
 *   hours = C / (peak MFU) / 3600,  days = hours / count / 24,  dollars = hours price,
 *   kWh = hours W / 1000 PUE,  kg = kWh intensity
 */
import { UsageError } from "../errors.js";
import { type Accelerator, acceleratorCalled, type Precision, peakOf } from "./hardware.js";
import { bySize, type Throughput, throughputAt } from "./throughput.js";

/** What a plan's hardware is; plain units. */
export interface HardwareAsked {
  /** A name of the catalogue, or an accelerator of one's own. */
  accelerator?: string | Accelerator;
  precision?: Precision;
  /** Accelerators at once. */
  count?: number;
  /** Share of the peak that training reaches, in (0, 1]; 0.4 where neither it nor a throughput is given. */
  mfu?: number;
  /**
   * Measured tokens a second of one accelerator, on a model of so many parameters. Of several sizes: where the size is free
   * and a budget of accelerator time is given, each size has the tokens that its own throughput makes; the rest is by 6ND at
   * that of the size, or of the largest.
   */
  throughput?: Throughput | readonly Throughput[];
  usdPerHour?: number;
  /** Power of the whole site over that of its accelerators, 1 or more; 1.1. */
  pue?: number;
  /** Carbon dioxide of the electricity. */
  kgPerKwh?: number;
}

/** Hardware with every default filled in. */
export interface Hardware {
  name: string;
  precision: Precision | null;
  /** FLOP/s of one accelerator, null where none is known. */
  peak: number | null;
  /** FLOP/s that training gets out of one accelerator. */
  rate: number;
  mfu: number | null;
  count: number | null;
  usdPerHour: number | null;
  watts: number | null;
  pue: number;
  kgPerKwh: number;
  memoryBytes: number | null;
  source: string | null;
  /** What was assumed, because it was not given, in words. */
  assumed: string[];
}

/** The cost of FLOPs; null where something needed is not known. */
export interface RunCost {
  gpuHours: number;
  wallHours: number | null;
  usd: number | null;
  kwh: number | null;
  kgCo2: number | null;
}

/** Between 0.3 and 0.5 in the reports of large dense runs (arXiv 2204.02311, table 3; 2407.21783, table 4). */
const USUAL_MFU = 0.4;
/** Of large data centres; the average of all is about 1.5. */
const USUAL_PUE = 1.1;
/** World average of 2024: IEA, Electricity 2025, Emissions. */
const WORLD_KG_PER_KWH = 0.445;

/**
 * @param trainPerToken F(N): what a measured throughput is worth in FLOP/s
 * @param params the size that is fixed, of whose throughput several are taken
 * @throws UsageError for unknown hardware, for neither a peak nor a throughput, for a throughput above the peak
 */
export function hardwareOf(
  asked: HardwareAsked,
  trainPerToken: (N: number) => number,
  params?: number,
): Hardware {
  const { mfu } = asked;
  const throughput = oneOf(asked.throughput, params);
  if (mfu !== undefined && throughput !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--mfu and --throughput contradict each other: both say how fast training runs",
      hint: "give the measured throughput alone",
    });
  }
  const accelerator =
    typeof asked.accelerator === "string" ? acceleratorCalled(asked.accelerator) : asked.accelerator;
  const top = accelerator === undefined ? null : peakOf(accelerator, asked.precision);
  const measured =
    throughput === undefined ? null : throughput.tokensPerSecond * trainPerToken(throughput.params);
  const rate = measured ?? (top === null ? null : top.peak * (mfu ?? USUAL_MFU));
  if (rate === null) throw withoutSpeed();
  if (top !== null && rate > top.peak) throw tooFast(rate, top.peak, accelerator?.name ?? "");
  const { pue, kgPerKwh } = asked;
  const watts = accelerator?.watts ?? null;
  return {
    name: accelerator?.name ?? "the accelerators measured",
    precision: top?.precision ?? null,
    peak: top?.peak ?? null,
    rate,
    mfu: top === null ? null : rate / top.peak,
    count: asked.count ?? null,
    usdPerHour: asked.usdPerHour ?? null,
    watts,
    pue: pue ?? USUAL_PUE,
    kgPerKwh: kgPerKwh ?? WORLD_KG_PER_KWH,
    memoryBytes: accelerator?.memoryBytes ?? null,
    source: accelerator?.source ?? null,
    assumed: [
      ...(measured === null && mfu === undefined ? [`MFU ${100 * USUAL_MFU} % (--mfu)`] : []),
      ...(params === undefined && throughput !== undefined && isOfMany(asked.throughput)
        ? [
            `the FLOPs a second of the largest model measured (${throughput.params.toPrecision(3).replace("e+", "e")} parameters) at all sizes`,
          ]
        : []),
      ...(watts !== null && pue === undefined ? [`PUE ${USUAL_PUE} (--pue)`] : []),
      ...(watts !== null && kgPerKwh === undefined
        ? [`${WORLD_KG_PER_KWH} kg CO2 a kWh, the world's average of 2024 (--carbon)`]
        : []),
    ],
  };
}

const isOfMany = (throughput: HardwareAsked["throughput"]): boolean =>
  Array.isArray(throughput) && throughput.length > 1;

/** The throughput of a size, or of the largest that was measured. */
const oneOf = (
  throughput: HardwareAsked["throughput"],
  params: number | undefined,
): Throughput | undefined =>
  throughput === undefined || "params" in throughput
    ? throughput
    : throughputAt(bySize(throughput), params ?? Number.POSITIVE_INFINITY);

const withoutSpeed = (): UsageError =>
  new UsageError({
    code: "no-hardware",
    message: "how fast training runs is not known",
    hint: "give --hardware h100 (with --mfu 0.4), or what was measured: --throughput 25000@1.3B",
  });

const tooFast = (rate: number, peak: number, name: string): UsageError =>
  new UsageError({
    code: "flags",
    message: `the throughput is ${(rate / peak).toPrecision(3)} times what ${name} can do at its peak`,
    why: `it would take ${rate.toExponential(2)} FLOP/s of one accelerator; the dense peak is ${peak.toExponential(2)}`,
    hint: "--throughput is of one accelerator, in tokens a second, at the size behind the @",
  });

/** Dollars a FLOP; null without hardware or a price. */
export const usdPerFlop = (hardware: Hardware | null): number | null =>
  hardware === null ? null : runCost(hardware, 1).usd;

/** The cost of so many FLOPs. */
export function runCost(hardware: Hardware, flops: number): RunCost {
  const { rate, count, usdPerHour, watts, pue, kgPerKwh } = hardware;
  const gpuHours = flops / rate / 3600;
  const kwh = watts === null ? null : ((gpuHours * watts) / 1000) * pue;
  return {
    gpuHours,
    wallHours: count === null ? null : gpuHours / count,
    usd: usdPerHour === null ? null : gpuHours * usdPerHour,
    kwh,
    kgCo2: kwh === null ? null : kwh * kgPerKwh,
  };
}
