/**
 * The mixture of training data with the least loss, of one fitted loss or of several at once: what `plan` answers for
 * laws of shares.
 */
import { DataError, UsageError } from "../errors.js";
import { expanded } from "../laws/coefficients.js";
import type { Law, LawAnswer } from "../laws/law.js";
import type { Estimate, PlannedLaw, Warning } from "../objects.js";
import { listOf, matcherOf, nearest, quoteText } from "../text.js";
import { assumptionsOf, type PlanResult } from "./allocate.js";
import { givenFor } from "./answer.js";
import { type MixtureOptimum, mixtureOptimum } from "./mixture.js";
import { requirePlain } from "./plan-for.js";
import type { Question } from "./question.js";
import type { Source } from "./source.js";

/** How much each loss counts, by the name of its group or a pattern with `*`. */
export type LossWeights = readonly { name: string; weight: number }[];

/** Whether the sources are losses over one mixture of domains. */
export const areOfMixture = (sources: readonly Source[]): boolean =>
  sources.every(({ law }) => law.simplex.length > 0);

/**
 * The mixture that is best for the weighted mean of all losses.
 *
 * @param weights null for equal ones; a loss that is not named counts nothing
 * @throws UsageError for weights of losses that are not there, DataError where domains differ or nothing is best
 */
export function planMixture(
  sources: readonly Source[],
  { at, ...asked }: Question,
  weights: LossWeights | null,
): PlanResult {
  if (asked.measuredCost !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--cost-fit is a cost of parameters and tokens, and a mixture is planned here",
      hint: "leave it out",
    });
  }
  requireOneMixture(sources);
  const [{ law }] = sources;
  const { frontier, risk, confidence, least, targetTask } = asked;
  requirePlain(law, { frontier, risk, confidence, least, targetTask });
  const answer = law.answers.find(({ kind }) => kind === "optimum") as LawAnswer;
  const given = new Map(expanded(law, new Map(Object.entries(at ?? {}))));
  if (asked.flops !== undefined) given.set("C", asked.flops);
  const known = givenFor(law, answer, given);
  const caps = law.simplex.map((_, j) => known[`cap${j + 1}`]);
  requireRoom(caps);
  const own = weightsOf(sources, weights);
  const counted = sources.filter((_, i) => own[i] > 0);
  const most = mostDraws(counted.length, law.simplex.length);
  const best = mixtureOptimum(
    counted.map((source) => thinned(source, most)),
    caps,
    own.filter((weight) => weight > 0),
  );
  if (best === null) throw withoutOptimum(law);
  const plan = planned(
    counted,
    own.filter((weight) => weight > 0),
    best,
    given,
    answer.meaning,
  );
  return { plan, warnings: beyondTried(counted[0], best.shares) };
}

/**
 * Resamples behind the limits: each is a search among all domains for all losses, whose time grows with losses times
 * domains squared (0.07 s for 13 losses of 17 domains).
 */
function mostDraws(losses: number, domains: number): number {
  return Math.min(Math.max(Math.floor(400_000 / (losses * domains ** 2)), 100), 250);
}

function thinned(source: Source, most: number): Source {
  const { draws, method } = source;
  // A bootstrap-t has something of its own for each draw.
  if (draws.length <= most || method.kind === "bootstrap-t") return source;
  const taken = Array.from({ length: most }, (_, i) => draws[Math.floor((i * draws.length) / most)]);
  return { ...source, draws: taken };
}

function planned(
  sources: readonly Source[],
  weights: readonly number[],
  { shares, loss, losses }: MixtureOptimum,
  given: ReadonlyMap<string, number>,
  meaning: string,
): PlannedLaw {
  const [first] = sources;
  const named = new Map(first.law.simplex.map((name, j) => [name, shares[j]]));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isSeveral = sources.length > 1;
  const name = ({ group }: Source, i: number) => group ?? `loss ${i + 1}`;
  return {
    group: isSeveral ? null : first.group,
    law: [...new Set(sources.map(({ law }) => law.id))].join(", "),
    source: first.from,
    asked: Object.fromEntries(given),
    budget: { flops: null },
    optimum: { ...Object.fromEntries(named), loss },
    domains: domainsOf(first),
    ...(isSeveral
      ? {
          losses: sources.map((source, i) => ({
            group: name(source, i),
            weight: weights[i] / total,
            loss: losses[i],
          })),
        }
      : {}),
    extrapolation: { decades: null, shift: 0, shiftScale: first.residualScale },
    assumptions: {
      ...assumptionsOf(first, { of: "loss", shift: 0 }),
      optimum: isSeveral
        ? `${meaning}; the loss is the weighted mean of ${sources.length} fitted losses`
        : meaning,
    },
    neighbours: [],
    offOptimum: [],
  };
}

/** The column behind each share; its own name where the law was given without a log. */
const domainsOf = ({ law, quantities }: Source): Record<string, string> =>
  Object.fromEntries(law.simplex.map((name) => [name, quantities.get(name) ?? name]));

function requireOneMixture(sources: readonly Source[]): void {
  const [first] = sources;
  const expected = Object.values(domainsOf(first));
  const other = sources.find((source) => {
    const own = Object.values(domainsOf(source));
    return own.length !== expected.length || own.some((column, j) => column !== expected[j]);
  });
  if (other === undefined) return;
  throw new DataError({
    code: "other-domains",
    message: "the fits are over different domains, so no mixture is that of all of them",
    why: `${quoteText(first.group ?? "the first")} is over ${listOf(expected.slice(0, 6))}, ${quoteText(other.group ?? "another")} over ${listOf(Object.values(domainsOf(other)).slice(0, 6))}`,
    hint: "fit them from one log",
  });
}

function requireRoom(caps: readonly number[]): void {
  const room = caps.reduce((sum, cap) => sum + Math.min(cap, 1), 0);
  if (room >= 1 - 1e-12) return;
  throw new UsageError({
    code: "flags",
    message: `the caps leave room for ${Number(room.toPrecision(4))} of a mixture, and its shares add up to 1`,
    hint: "raise some of them with --at cap=[...], one a domain; 1 is no cap",
  });
}

function weightsOf(sources: readonly Source[], weights: LossWeights | null): number[] {
  if (weights === null) return sources.map(() => 1);
  const names = sources.map(({ group }) => group ?? "");
  const own = sources.map(() => 0);
  for (const { name, weight } of weights) {
    const isNamed = matcherOf(name);
    const found = names.flatMap((group, i) => (isNamed(group) ? [i] : []));
    if (found.length === 0) throw unknownLoss(name, names);
    for (const i of found) own[i] = weight;
  }
  if (own.every((weight) => weight === 0))
    throw new UsageError({
      code: "flags",
      message: "--weights: all weights are 0, so no loss counts",
      hint: "give one of them a weight above 0",
    });
  return own;
}

function unknownLoss(name: string, groups: readonly string[]): UsageError {
  const near = nearest(name, groups);
  return new UsageError({
    code: "unknown-group",
    message: `--weights: the fit has no loss called ${quoteText(name)}`,
    hint:
      near.length > 0
        ? `did you mean ${listOf(
            near.map((one) => quoteText(one, 60)),
            "or",
          )}?`
        : `its losses are ${groups
            .slice(0, 20)
            .map((one) => quoteText(one, 60))
            .join(", ")}`,
  });
}

const withoutOptimum = ({ id }: Law): DataError =>
  new DataError({
    code: "no-optimum",
    message: `no mixture is the best under these coefficients of ${id}`,
    why: "the loss has no finite value on the mixtures that the caps allow",
    hint: "look at the parameters of the fit",
  });

/** A share beyond those that were tried, by more than rounding. */
const BEYOND = 0.02;

function beyondTried({ law, range, quantities }: Source, shares: readonly Estimate[]): Warning[] {
  const far = law.simplex.flatMap((name, j) => {
    const [low, high] = range?.[name] ?? [0, 1];
    const { estimate } = shares[j];
    if (estimate >= low - BEYOND && estimate <= high + BEYOND) return [];
    const tried = estimate > high ? `at most ${high}` : `at least ${low}`;
    return [`${quoteText(quantities.get(name) ?? name, 40)} ${estimate.toFixed(3)}, ${tried} tried`];
  });
  if (far.length === 0) return [];
  return [
    {
      code: "extrapolation",
      message: `this mixture lies beyond those that were fitted (${far.slice(0, 5).join("; ")}${far.length > 5 ? "; and others" : ""}): limit shares with --at cap=[...], one a domain`,
    },
  ];
}
