/**
 * A class of compute as in the Languini Kitchen (arXiv 2309.11197) with the size left free: accelerator hours are given, and each
 * size has the tokens that its own measured throughput makes in them. As a cost of a design that is
 *
 *   hours(N, D) = D / (3600 throughput(N))
 *
 * with ln throughput a chain of lines over ln N through the sizes measured, beyond them at the FLOPs a second of the last one:
 * a throughput that falls as 1 / N.
 */
import { UsageError } from "../errors.js";
import { defineLaw, type Law } from "../laws/law.js";
import type { MeasuredCostAsked } from "./measured-cost.js";
import type { Question } from "./question.js";
import type { HardwareAsked } from "./run-cost.js";
import { sourceFromCoefficients } from "./source.js";
import { bySize, slopesOf, type Throughput } from "./throughput.js";

/**
 * The cost that a question about accelerator time is of, where throughputs of several sizes were measured and the size is
 * free; null for a question that the throughput of one size answers, or that counts FLOPs.
 *
 * @throws UsageError for throughputs that are none
 */
export function computeClassOf(question: Question): MeasuredCostAsked | null {
  const measured = throughputsIn(question.hardware);
  if (measured === null || measured.length < 2 || !isOfTime(question)) return null;
  const [smallest, largest] = [measured[0].params, measured[measured.length - 1].params];
  return {
    source: {
      ...sourceFromCoefficients(lawOf(measured), {}),
      from: "measured throughputs",
      withoutDraws: "the throughput of a size is that measured, or between those of its neighbours",
      range: { N: [smallest, largest] },
    },
    unit: "gpu-hours",
    column: "accelerator hours",
    throughputs: measured,
  };
}

/** The throughputs of several sizes, from the smallest up; null where there is one at most. */
export function throughputsIn(hardware: HardwareAsked | undefined): Throughput[] | null {
  const { throughput } = hardware ?? {};
  if (!Array.isArray(throughput)) return null;
  const measured = bySize(throughput as readonly Throughput[]);
  const isUsable = measured.every(
    ({ params, tokensPerSecond }, i) =>
      params > (i === 0 ? 0 : measured[i - 1].params) &&
      tokensPerSecond > 0 &&
      Number.isFinite(params * tokensPerSecond),
  );
  if (isUsable && measured.length > 0) return measured;
  throw new UsageError({
    code: "data",
    message: "hardware.throughput: one throughput a size is needed, each finite and above 0",
    hint: "for example [{ params: 1e8, tokensPerSecond: 90000 }, { params: 1e9, tokensPerSecond: 15000 }]",
  });
}

/** Budgets that buy time of accelerators, with what it takes to know how much. */
function isOfTime(question: Question): boolean {
  const { gpuHours, dollars, days, deadlineDays, targetLoss, hardware } = question;
  const isKnown =
    (dollars === undefined || hardware?.usdPerHour !== undefined) &&
    ((days === undefined && deadlineDays === undefined) || hardware?.count !== undefined);
  const isAsked = [gpuHours, dollars, days, deadlineDays, targetLoss].some((one) => one !== undefined);
  return isKnown && isAsked && OTHERS.every((one) => question[one] === undefined);
}

/** A size that is fixed has its own throughput; the rest is answered by a count of FLOPs alone. */
const OTHERS = [
  "params",
  "flops",
  "kwh",
  "costBudget",
  "targetTask",
  "ladder",
  "frontier",
  "risk",
  "confidence",
  "least",
  "leastBatch",
  "cost",
] as const satisfies readonly (keyof Question)[];

function lawOf(measured: readonly Throughput[]): Law {
  return defineLaw({
    id: "compute-class",
    title: "Accelerator hours by measured throughput",
    topic: "costs",
    formula: hoursFormula(measured),
    shown: "D / (3600 * throughput(N))",
    output: { name: "y", quantity: "scale", meaning: "accelerator hours" },
    inputs: {
      N: { quantity: "params", unit: "params", meaning: "parameters" },
      D: { quantity: "tokens", unit: "tokens", meaning: "training tokens" },
    },
    parameters: {},
    source: "arXiv 2309.11197",
  });
}

/** With x = ln N and ln throughput = t0 - (x - x0) - sum over bends of (change of slope) max(0, x - x_i). */
function hoursFormula(measured: readonly Throughput[]): string {
  const [first] = measured;
  const slopes = slopesOf(measured);
  const bends = measured.map(
    ({ params }, i) => ` + (${slopes[i] - (slopes[i - 1] ?? 1)})*max(0, log(N) - ${Math.log(params)})`,
  );
  return `D/${3600 * first.tokensPerSecond}*exp(log(N) - ${Math.log(first.params)}${bends.join("")})`;
}
