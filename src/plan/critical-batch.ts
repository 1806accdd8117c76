/** The critical batch at a plan, by a law of it over the loss: that of Kaplan et al. as published, or a fit of one's own. */
import { UsageError } from "../errors.js";
import { bcrit } from "../laws/bcrit.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Split } from "../laws/law.js";
import type { PlannedUse, Warning } from "../objects.js";
import { lossesOf } from "./draw-losses.js";
import type { Derived } from "./intervals.js";
import type { Aimed } from "./question.js";
import { type Coefficients, type Source, sourceFromPreset } from "./source.js";
import { estimateOfTwo } from "./two-fits.js";
import type { UsefulCount } from "./useful-accelerators.js";

/** A law of the critical batch as it is asked for. */
export interface CriticalBatchAsked {
  source: Source;
}

/** Tokens at a loss. */
type CriticalBatch = (c: Coefficients, loss: number) => number;

/** That of arXiv 2001.08361, without an uncertainty. */
export const published = (): Source => {
  const [preset] = bcrit.presets;
  return sourceFromPreset(bcrit, preset, preset.values as Coefficients);
};

/** The law as a function of the loss. @throws UsageError for one of anything else, with the cure */
export function criticalBatchOf({ law, quantities }: Source): CriticalBatch {
  const [input, ...more] = law.inputs;
  const isOfLoss = input?.quantity === "loss" || ["L", "loss"].includes(quantities.get(input?.name) ?? "");
  const isOfTokens = law.output.quantity !== "loss" && law.outputs.length === 1;
  if (more.length === 0 && isOfLoss && isOfTokens)
    return (c, loss) => evaluateLaw(law, c, { [input.name]: loss });
  throw new UsageError({
    code: "flags",
    message: `the critical batch is a law of the loss, and "${law.id}" is one of ${law.output.meaning} over ${law.inputs.map(({ name }) => name).join(", ")}`,
    hint: "fit the critical batches of several losses, in tokens: scalefit fit batches.csv --law bcrit -o bcrit.json",
  });
}

/** What the critical batch leaves of use, with its interval from both fits. */
export function useOf(
  source: Source,
  asked: CriticalBatchAsked | undefined,
  design: Derived<Split>,
  { count, criticalBatch, loss }: UsefulCount,
  {
    most,
    leastBatch,
    targetLoss,
    lossFor,
  }: Pick<Aimed, "targetLoss" | "lossFor"> & { most: number; leastBatch: number },
): PlannedUse {
  const own = asked?.source ?? published();
  const critical = criticalBatchOf(own);
  // A loss that is asked for is the same in every draw, unless it is that of a task's value.
  const asAsked = (c: Coefficients) => (lossFor === undefined ? loss : lossFor(c));
  const losses: Derived<number> =
    targetLoss === undefined
      ? lossesOf(source, design)
      : { estimate: loss, draws: source.draws.map(asAsked), at: asAsked };
  const { low, high, reason } = estimateOfTwo(source, own, losses, critical);
  // Limits by the loss alone would pass for those of a law whose own uncertainty is not known.
  const interval =
    own.withoutDraws === null
      ? { low, high, ...(reason === undefined ? {} : { reason }) }
      : { low: null, high: null, reason: own.withoutDraws };
  const countOf = (batch: number) => Math.max(1, Math.min(most, Math.floor(batch / leastBatch)));
  return {
    count,
    criticalBatch,
    loss,
    interval,
    counts:
      interval.low === null || interval.high === null
        ? null
        : { low: countOf(interval.low), high: countOf(interval.high) },
    source: own.from,
    lossRange: Object.values(own.range ?? {})[0] ?? null,
  };
}

/** A loss that no critical batch was measured at. */
export function useWarnings(group: string | null, use: PlannedUse | undefined): Warning[] {
  if (use === undefined || use.lossRange === null) return [];
  const [low, high] = use.lossRange;
  if (use.loss >= low && use.loss <= high) return [];
  const [where, end] = use.loss < low ? ["below the least", low] : ["above the largest", high];
  return [
    {
      code: "extrapolation",
      group: group ?? undefined,
      message: `the critical batch is an extrapolation: the loss of ${use.loss.toPrecision(4)} lies ${where} of those behind ${use.source}, ${end.toPrecision(4)}`,
    },
  ];
}
