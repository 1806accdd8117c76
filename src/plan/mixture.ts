/**
 * The mixture that is best for several losses at once: the fits of the groups of one log (validation sets), all of them
 * over the same domains, weighed against each other.
 */
import { type BestMixture, bestMixture } from "../laws/best-mixture.js";
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Estimate } from "../objects.js";
import { type Derived, derive, estimateOf } from "./intervals.js";
import type { Coefficients, Source } from "./source.js";

export interface MixtureOptimum {
  /** The share of each domain, in their order. */
  shares: Estimate[];
  /** The weighted mean of the losses. */
  loss: Estimate;
  /** The loss of each source, in their order. */
  losses: Estimate[];
}

/**
 * @param sources laws of shares (`simplex`), each over the same number of domains
 * @param caps the most of each domain
 * @param weights one a source, 0 or more, not all 0
 * @returns null where the caps leave no room for a whole, or a loss has no finite value there
 */
export function mixtureOptimum(
  sources: readonly Source[],
  caps: readonly number[],
  weights: readonly number[] = sources.map(() => 1),
): MixtureOptimum | null {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const all = together(sources);
  const solved: Derived<BestMixture> | null = derive(all, (c) =>
    bestMixture(
      sources.map(({ law }, i) => ({
        law,
        coefficients: ownOf(c, i),
        weight: weights[i] / total,
        shares: law.simplex,
      })),
      caps,
    ),
  );
  if (solved === null || !Number.isFinite(solved.estimate.loss)) return null;
  const lossOf = (i: number, c: Coefficients, { shares }: BestMixture): number =>
    evaluateLaw(
      sources[i].law,
      ownOf(c, i),
      Object.fromEntries(sources[i].law.simplex.map((name, j) => [name, shares[j]])),
    );
  return {
    shares: caps.map((_, j) => estimateOf(all, solved, ({ shares }) => shares[j])),
    loss: estimateOf(all, solved, ({ loss }) => loss),
    losses: sources.map((_, i) => estimateOf(all, solved, (best, c) => lossOf(i, c, best))),
  };
}

/** Coefficients of source i are kept under `i name`, which no name of a parameter looks like. */
const named = (i: number, c: Coefficients): Coefficients =>
  Object.fromEntries(Object.entries(c).map(([name, value]) => [`${i} ${name}`, value]));

function ownOf(all: Coefficients, i: number): Coefficients {
  const start = `${i} `;
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      name.startsWith(start) ? [[name.slice(start.length), value]] : [],
    ),
  );
}

/** The sources as one: their groups were resampled apart, so that draw b of each goes with draw b of the others. */
function together(sources: readonly Source[]): Source {
  const [first] = sources;
  if (sources.length === 1) return alone(first);
  const merged = (of: (source: Source) => Coefficients | undefined): Coefficients =>
    Object.assign({}, ...sources.map((source, i) => named(i, of(source) ?? {})));
  const draws = Math.min(...sources.map((source) => source.draws.length));
  return {
    ...first,
    estimate: merged(({ estimate }) => estimate),
    draws: Array.from({ length: draws }, (_, b) => merged((source) => source.draws[b])),
    method: { kind: "percentile" },
    stretch: Math.max(...sources.map(({ stretch }) => stretch)),
    withoutDraws:
      sources.find(({ withoutDraws }) => withoutDraws !== null)?.withoutDraws ??
      (draws === 0 ? "the fits have no resamples to be drawn together" : null),
  };
}

/** One source keeps its own method. */
function alone(source: Source): Source {
  const { law, estimate, draws, method } = source;
  return {
    ...source,
    law: { ...law, parameters: law.parameters.map((one) => ({ ...one, name: `0 ${one.name}` })) },
    estimate: named(0, estimate),
    draws: draws.map((draw) => named(0, draw)),
    method: method.kind === "bca" ? { kind: "bca", leftOut: method.leftOut.map((c) => named(0, c)) } : method,
  };
}
