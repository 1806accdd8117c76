/**
 * Accelerators as vendors state them: dense peaks by precision (never the doubled figures of sparsity), memory,
 * bandwidth, power. No prices: they change by the week and by the customer. One more accelerator is one more line.
 */
import { UsageError } from "../errors.js";
import { listOf, nearest, quoteText } from "../text.js";

export type Precision = "bf16" | "fp16" | "fp8" | "fp4" | "tf32" | "fp32";
export const PRECISIONS: readonly Precision[] = ["bf16", "fp16", "fp8", "fp4", "tf32", "fp32"];

export interface Accelerator {
  /** As asked for with `--hardware`. */
  id: string;
  name: string;
  /** Dense peak in FLOP/s; matrix units, accumulating in fp32. */
  peaks: Readonly<Partial<Record<Precision, number>>>;
  /** Null where it is not known. */
  memoryBytes: number | null;
  /** Bytes a second; null where the vendor states none. */
  bandwidth: number | null;
  /** Most power of one accelerator in watts; null where the vendor states none. */
  watts: number | null;
  /** Where the figures come from, and as of when. */
  source: string;
}

const GB = 1e9;
const TERA = 1e12;

const one = (
  id: string,
  name: string,
  peaks: Partial<Record<Precision, number>>,
  [memory, gigabytesASecond, watts]: readonly [number, number | null, number | null],
  source: string,
): Accelerator => ({
  id,
  name,
  peaks: Object.fromEntries(Object.entries(peaks).map(([precision, tera]) => [precision, tera * TERA])),
  memoryBytes: memory * GB,
  bandwidth: gigabytesASecond === null ? null : gigabytesASecond * GB,
  watts,
  source,
});

const nvidia = (page: string, year: number): string => `NVIDIA, ${page} (${year}), dense figures`;
const google = (page: string, year: number): string => `Google Cloud, ${page} (${year})`;

/** The accelerators known by name. */
export const ACCELERATORS: readonly Accelerator[] = [
  one(
    "v100",
    "NVIDIA V100 SXM2 32 GB",
    { fp16: 125, fp32: 15.7 },
    [32, 900, 300],
    nvidia("V100 datasheet", 2020),
  ),
  one(
    "a100",
    "NVIDIA A100 SXM 80 GB",
    { bf16: 312, fp16: 312, tf32: 156, fp32: 19.5 },
    [80, 2039, 400],
    nvidia("A100 datasheet", 2021),
  ),
  one(
    "a100-40gb",
    "NVIDIA A100 SXM 40 GB",
    { bf16: 312, fp16: 312, tf32: 156, fp32: 19.5 },
    [40, 1555, 400],
    nvidia("A100 datasheet", 2021),
  ),
  one(
    "a100-pcie",
    "NVIDIA A100 PCIe 80 GB",
    { bf16: 312, fp16: 312, tf32: 156, fp32: 19.5 },
    [80, 1935, 300],
    nvidia("A100 datasheet", 2021),
  ),
  one(
    "h100",
    "NVIDIA H100 SXM 80 GB",
    { bf16: 989, fp16: 989, fp8: 1979, tf32: 494, fp32: 67 },
    [80, 3350, 700],
    nvidia("H100 datasheet", 2023),
  ),
  one(
    "h100-pcie",
    "NVIDIA H100 PCIe 80 GB",
    { bf16: 756, fp16: 756, fp8: 1513, tf32: 378, fp32: 51 },
    [80, 2000, 350],
    nvidia("H100 datasheet", 2023),
  ),
  one(
    "h200",
    "NVIDIA H200 SXM 141 GB",
    { bf16: 989, fp16: 989, fp8: 1979, tf32: 494, fp32: 67 },
    [141, 4800, 700],
    nvidia("H200 datasheet", 2024),
  ),
  one(
    "b200",
    "NVIDIA B200 SXM 180 GB",
    { bf16: 2250, fp16: 2250, fp8: 4500, fp4: 9000, tf32: 1125 },
    [180, 8000, 1000],
    nvidia("DGX B200 datasheet, an eighth", 2024),
  ),
  one(
    "l40s",
    "NVIDIA L40S 48 GB",
    { bf16: 362, fp16: 362, fp8: 733, tf32: 183, fp32: 91.6 },
    [48, 864, 350],
    nvidia("L40S datasheet", 2023),
  ),
  // 330 TFLOP/s, often quoted, is the rate that accumulates in fp16.
  one(
    "rtx-4090",
    "NVIDIA GeForce RTX 4090",
    { bf16: 165.2, fp16: 165.2, tf32: 82.6, fp32: 82.6 },
    [24, 1008, 450],
    nvidia("Ada architecture whitepaper", 2022),
  ),
  one("tpu-v4", "Google TPU v4 chip", { bf16: 275 }, [32, 1200, null], google("TPU v4", 2024)),
  one("tpu-v5e", "Google TPU v5e chip", { bf16: 197 }, [16, 819, null], google("TPU v5e", 2024)),
  one("tpu-v6e", "Google TPU v6e chip (Trillium)", { bf16: 918 }, [32, 1638, null], google("TPU v6e", 2025)),
  one("tpu-v5p", "Google TPU v5p chip", { bf16: 459 }, [95, 2765, null], google("TPU v5p", 2024)),
  one(
    "mi300x",
    "AMD Instinct MI300X",
    { bf16: 1307.4, fp16: 1307.4, fp8: 2614.9, tf32: 653.7, fp32: 163.4 },
    [192, 5300, 750],
    "AMD, MI300X datasheet (2023), dense figures",
  ),
];

/**
 * The accelerator of a name: of one's own first, then of the catalogue.
 *
 * @throws UsageError for an unknown name, with those most like it
 */
export function acceleratorCalled(name: string, own: readonly Accelerator[] = []): Accelerator {
  const all = [...own, ...ACCELERATORS];
  const found = all.find(({ id }) => id.toLowerCase() === name.trim().toLowerCase());
  if (found !== undefined) return found;
  const ids = all.map(({ id }) => id);
  const near = nearest(name, ids);
  throw new UsageError({
    code: "unknown-hardware",
    message: `--hardware: there is no accelerator called ${quoteText(name)}`,
    hint:
      near.length > 0
        ? `did you mean ${listOf(near, "or")}? One of your own can be given with --hardware-file`
        : `there are ${ids.join(", ")}; one of your own can be given with --hardware-file`,
  });
}

/** The usual precisions of training, in the order in which a peak is looked for. */
const USUAL: readonly Precision[] = ["bf16", "fp16", "tf32", "fp32"];

/**
 * The peak in FLOP/s at a precision; without one, at the first usual one that the accelerator has.
 *
 * @throws UsageError where it has none at that precision
 */
export function peakOf(
  accelerator: Accelerator,
  asked: Precision | undefined,
): { precision: Precision; peak: number } {
  const precision = asked ?? USUAL.find((name) => accelerator.peaks[name] !== undefined);
  const peak = precision === undefined ? undefined : accelerator.peaks[precision];
  if (precision !== undefined && peak !== undefined) return { precision, peak };
  throw new UsageError({
    code: "no-peak",
    message: `--precision: ${accelerator.name} has no dense peak in ${asked ?? "any usual precision"}`,
    hint: `it has ${Object.keys(accelerator.peaks).join(", ")}`,
  });
}
