/**
 * The runs that could be trained: a grid in compute and in tokens per parameter, both by equal factors, within what is
 * affordable and available.
 */
import { DataError } from "../errors.js";
import type { Split } from "../laws/law.js";
import type { KnownLaw } from "./design-law.js";
import type { DesignQuestion } from "./design-question.js";

export interface Candidate extends Split {
  flops: number;
}

/** Steps a decade in compute, and in tokens per parameter. */
const STEPS = 6;
/** Factor between neighbours. */
export const STEP = 10 ** (1 / STEPS);
/** The cheapest candidate costs this share of the dearest, unless told otherwise. */
const REACH = 1e-3;
/** Ratios from the best one divided by this to the best one times this, unless told otherwise. */
const RATIOS = 16;

export interface Limits {
  minFlops: number;
  maxFlops: number;
  minRatio: number;
  maxRatio: number;
  /** With a fit: no run smaller, or on fewer tokens, than the fitted ones; a law bends below them as it does beyond. */
  minParams: number;
  minTokens: number;
}

/** The limits in use: those that were given, the others by the law. */
export function limitsOf(known: KnownLaw, question: DesignQuestion): Limits {
  const { flops, runs, minFlopsPerRun, maxFlopsPerRun, minRatio, maxRatio, sizes } = question;
  const maxFlops = Math.min(maxFlopsPerRun ?? flops, flops);
  const minFlops = Math.min(minFlopsPerRun ?? REACH * maxFlops, maxFlops, flops / runs);
  const middle = Math.sqrt(maxFlops * (flops / runs));
  const best = known.forms.optimum(known.estimate, middle / known.k);
  const ratio = best === null ? 20 : best.D / best.N;
  const low = minRatio ?? Math.min(ratio / RATIOS, maxRatio ?? Number.POSITIVE_INFINITY);
  const [minParams, minTokens] = minFlopsPerRun === null ? known.smallest : [0, 0];
  return {
    minFlops,
    maxFlops,
    minRatio: low,
    maxRatio: maxRatio ?? Math.max(ratio * RATIOS, low),
    minParams: sizes === null ? minParams : 0,
    minTokens,
  };
}

/** Values from high to low by equal factors of at most 10^(1/STEPS), both ends among them. */
function ladder(low: number, high: number): number[] {
  const steps = Math.ceil(STEPS * Math.log10(high / low) - 1e-9);
  if (steps <= 0) return [high];
  return Array.from({ length: steps + 1 }, (_, i) => high * (low / high) ** (i / steps));
}

/**
 * Candidates from the dearest down.
 *
 * @throws DataError where the sizes leave none, saying what they would need
 */
export function candidatesWithin(
  { k }: KnownLaw,
  limits: Limits,
  sizes: readonly number[] | null,
): Candidate[] {
  const { minFlops, maxFlops, minRatio, maxRatio, minParams, minTokens } = limits;
  const levels = ladder(minFlops, maxFlops);
  const slack = 1 + 1e-9;
  const found = levels.flatMap((flops): Candidate[] => {
    const splits: Split[] =
      sizes === null
        ? ladder(minRatio, maxRatio).map((ratio) => ({
            N: Math.sqrt(flops / k / ratio),
            D: Math.sqrt((flops / k) * ratio),
          }))
        : [...new Set(sizes)].sort((a, b) => a - b).map((N) => ({ N, D: flops / (k * N) }));
    return splits
      .filter(({ N, D }) => D / N >= minRatio / slack && D / N <= maxRatio * slack)
      .filter(({ N, D }) => N >= minParams / slack && D >= minTokens / slack)
      .map((split) => ({ ...split, flops }));
  });
  if (found.length > 0) return found;
  const [least, most] = [minFlops, maxFlops].map((flops, i) =>
    Math.sqrt(flops / k / (i === 0 ? maxRatio : minRatio)).toPrecision(3),
  );
  throw new DataError({
    code: "no-candidates",
    message: "no run lies within the limits of size, compute and tokens per parameter",
    why: `runs of ${minFlops.toPrecision(3)} to ${maxFlops.toPrecision(3)} FLOPs with ${minRatio.toPrecision(3)} to ${maxRatio.toPrecision(3)} tokens per parameter have ${least} to ${most} parameters${minTokens > 0 ? `, and the smallest fitted run ${minParams.toPrecision(3)} on ${minTokens.toPrecision(3)} tokens at least` : ""}`,
    hint: "give more --flops or other --sizes, wider --min-ratio and --max-ratio, or --min-flops-per-run to go below the fitted runs",
  });
}
