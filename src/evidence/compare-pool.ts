/**
 * Families of runs under one law, each taking from the others what its own runs do not tell: which way, by errors on runs
 * that were hidden; its parameters and its curve, with intervals that hold what is taken over as it varies between families.
 */
import { ScalefitError, UsageError } from "../errors.js";
import { fitObserved } from "../fit/fit-observed.js";
import { isLog } from "../fit/objective.js";
import type { FitOptions } from "../fit/options.js";
import { POOL_FORMS, type PooledFit, type PoolTarget } from "../fit/pool-target.js";
import { extent, percentileInterval, standardDeviation } from "../fit/quantiles.js";
import type { Law } from "../laws/law.js";
import type {
  Estimate,
  ParameterEstimate,
  PoolComparison,
  PooledFamily,
  PooledWay,
  PoolWay,
  SavedFit,
  SavedPool,
} from "../objects.js";
import { decadesBeyond } from "../plan/extrapolation.js";
import { type Source, sourceFromFit } from "../plan/source.js";
import { alongIn } from "./compare-recipes.js";
import { type Curve, curveOf, valueOn } from "./curve.js";
import { choosePool } from "./pool-choice.js";
import type { FamilyTrial } from "./pool-errors.js";
import { type FamilyRows, poolFamilies, poolObjective } from "./pool-families.js";
import { savedPool } from "./pool-saved.js";
import { sourceFromPool } from "./pool-source.js";
import { type BesideOthers, besideOthers, type PoolFamily, runsBySize } from "./pool-trial.js";

export interface PoolOptions {
  /** The family that is asked for; null for all. */
  target: string | null;
  /** Where values are given; empty for the family's largest run, and 10 and 100 times beyond. */
  scales: readonly number[];
  fit: FitOptions;
}

/** What was read besides the rows. */
export interface PoolLog {
  from: ReadonlyMap<string, string>;
  columns: ReadonlyMap<string, string>;
}

/** Families that a way is tried on, besides the one that is asked for: those with the most runs. */
const MOST_TRIED = 8;
/** At least a third of a family's runs is hidden. */
const MOST_GIVEN = 2 / 3;
/** A family that can be given less than this part of the target's runs tells nothing of how many runs are enough. */
const LEAST_GIVEN = 1 / 2;
/** Draws in each trial, and for what is printed. */
export const TRIAL_DRAWS = { spreads: 100, refits: 200 };
const SHOWN_SPREADS = 300;
export const TRIAL_RESAMPLES = 200;

/** What families take from each other, and the fit of each by the way that was chosen for it. */
export interface Pooling {
  comparison: PoolComparison;
  fits: SavedPool["fits"];
}

/** @throws DataError where there are too few families or runs, UsageError for a target that is no family */
export function comparePool(
  law: Law,
  given: readonly FamilyRows[],
  log: PoolLog,
  { target, scales, fit }: PoolOptions,
): Pooling {
  const { from, columns } = log;
  const { families } = poolFamilies(law, given, from);
  const asked = targetsOf(families, target);
  const pool = openTrials(law, families, fit);
  const inputs = law.inputs.map(({ name }) => ({
    name,
    quantity: from.get(name) ?? name,
    column: columns.get(name) ?? name,
  }));
  const pooled = asked.map((g) => {
    const given = givenLike(families, g);
    const trials = given.map(
      ({ family, runs }): FamilyTrial => ({
        group: families[family].group,
        trial: pool.trial(family, runs),
      }),
    );
    const { errors, choice } = choosePool(trials);
    const { alone, sources, another } = fittedWays(law, families[g], pool.of(g), fit, log);
    const usable = sources.get(choice.way) !== undefined ? choice.way : "partial";
    const chosen = sources.get(usable) as Source;
    const curve = curveFor(chosen, families[g]);
    const at =
      "reason" in curve
        ? []
        : scales.length > 0
          ? scales
          : [1, 10, 100].map((factor) => factor * curve.range[1]);
    const result: PooledFamily = {
      group: families[g].group,
      runs: runsBySize(families[g]).length,
      range: "reason" in curve ? extent(families[g].scale) : curve.range,
      given: given.map(({ family, runs, hidden }) => ({ group: families[family].group, runs, hidden })),
      choice: { ...choice, way: usable },
      ways: errors.map((error): PooledWay => {
        const source = sources.get(error.way);
        const own = source === undefined ? null : curveFor(source, families[g]);
        return {
          ...error,
          parameters: source?.estimate ?? null,
          values: at.map((scale) =>
            own === null || "reason" in own ? null : finiteOr(own.at(own.source.estimate, scale)),
          ),
        };
      }),
      parameters: parametersOf(law, chosen),
      another,
      values:
        "reason" in curve
          ? []
          : at.map((scale) => ({
              scale,
              decades: decadesBeyond(scale, curve.range[0], curve.range[1]),
              value: valueOn(curve, scale),
            })),
      ...("reason" in curve ? { reason: curve.reason } : {}),
    };
    const saved =
      usable === "alone" && alone !== null
        ? alone
        : savedPool(families[g], chosen, result.parameters, log, {
            way: usable,
            families: families.length,
            objective: poolObjective(fit).name,
          });
    return { result, saved, along: "reason" in curve ? null : alongIn({ inputs }, curve.along) };
  });
  const comparison: PoolComparison = {
    law: law.id,
    formula: law.formula,
    along: pooled[0].along ?? "",
    measured: columns.get("loss") ?? "loss",
    level: fit.level,
    families: families.length,
    pooled: pooled.map(({ result }) => result),
  };
  return { comparison, fits: pooled.map(({ saved }) => saved) };
}

function targetsOf(families: readonly PoolFamily[], target: string | null): number[] {
  if (target === null) return families.map((_, g) => g);
  const found = families.findIndex(({ group }) => group === target);
  if (found >= 0) return [found];
  throw new UsageError({
    code: "target",
    message: `--target: there is no family "${target}"`,
    hint: `the families are ${families
      .slice(0, 12)
      .map(({ group }) => group)
      .join(", ")}${families.length > 12 ? ", ..." : ""}`,
  });
}

/** Trials of all families, each made when it is first asked for. */
export function openTrials(law: Law, families: readonly PoolFamily[], fit: FitOptions) {
  const opened = new Map<number, BesideOthers>();
  const tried = new Map<string, ReturnType<BesideOthers["trial"]>>();
  const of = (g: number): BesideOthers => {
    const known = opened.get(g);
    if (known !== undefined) return known;
    const made = besideOthers(families, g, {
      law,
      objective: poolObjective(fit),
      alone: {
        ...fit,
        bootstrap: fit.bootstrap === "auto" ? TRIAL_RESAMPLES : Math.min(fit.bootstrap, TRIAL_RESAMPLES),
      },
      draws: { ...TRIAL_DRAWS, seed: fit.seed },
      level: fit.level,
    });
    opened.set(g, made);
    return made;
  };
  return {
    of,
    trial(g: number, runs: number) {
      const key = `${g} ${runs}`;
      const known = tried.get(key) ?? of(g).trial(runs);
      tried.set(key, known);
      return known;
    },
  };
}

/** How many runs each family is given so that it stands as the target does: as few, and never so many that none is hidden. */
function givenLike(families: readonly PoolFamily[], target: number) {
  const counts = families.map((family) => runsBySize(family).length);
  return families
    .map((_, family) => ({ family, count: counts[family] }))
    .sort(
      (a, b) =>
        Number(b.family === target) - Number(a.family === target) || b.count - a.count || a.family - b.family,
    )
    .map(({ family, count }) => ({
      family,
      runs: Math.min(counts[target], Math.floor(MOST_GIVEN * count)),
      count,
    }))
    .filter(({ runs }) => runs >= 1 && runs >= LEAST_GIVEN * counts[target])
    .slice(0, MOST_TRIED + 1)
    .sort((a, b) => a.family - b.family)
    .map(({ family, runs, count }) => ({ family, runs, hidden: count - runs }));
}

function fittedWays(
  law: Law,
  family: PoolFamily,
  beside: BesideOthers,
  fit: FitOptions,
  log: PoolLog,
): {
  alone: SavedFit["fits"][number] | null;
  sources: Map<PoolWay, Source>;
  another: Record<string, Estimate>;
} {
  const { from } = log;
  const refits = fit.bootstrap === "auto" ? 1000 : Math.max(fit.bootstrap, 100);
  const pool = beside.whole({ spreads: Math.min(SHOWN_SPREADS, refits), refits, seed: fit.seed });
  const sources = new Map<PoolWay, Source>();
  const alone = fittedAlone(law, family, fit, log);
  if (alone !== null) sources.set("alone", sourceFromFit(law, alone, `the runs of ${family.group}`));
  const asSource = (fitted: Pick<PooledFit, "estimate" | "draws">) =>
    sourceFromPool(law, fitted, {
      group: family.group,
      observations: family.observations,
      residuals: pool.residuals,
      isLog: isLog(poolObjective(fit).name),
      level: fit.level,
      quantities: new Map(law.inputs.map(({ name }) => [name, from.get(name) ?? name])),
    });
  for (const form of POOL_FORMS) sources.set(form, asSource(pool.fitted(form)));
  return { alone, sources, another: anotherOf(law, pool, fit.level) };
}

/** Null where its own runs do not determine the law. */
function fittedAlone(
  law: Law,
  { group, observations }: PoolFamily,
  fit: FitOptions,
  { from, columns }: PoolLog,
): SavedFit["fits"][number] | null {
  const rows = observations.measured.length;
  const range = Object.fromEntries([...observations.inputs].map(([name, column]) => [name, extent(column)]));
  try {
    const observed = { group, observations, rows, used: rows, dropped: [], range, columns };
    return fitObserved(law, observed, from, fit);
  } catch (error) {
    if (!(error instanceof ScalefitError)) throw error;
    return null;
  }
}

function curveFor(source: Source, { observations }: PoolFamily): Curve | { reason: string } {
  try {
    return curveOf(source, observations);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { reason: `the law "${source.law.id}" is no curve along one scale` };
  }
}

function parametersOf(
  law: Law,
  { estimate, draws, level, withoutDraws }: Source,
): Record<string, ParameterEstimate> {
  return Object.fromEntries(
    law.parameters.map(({ name }): [string, ParameterEstimate] => {
      const drawn = draws.map((draw) => draw[name]);
      if (withoutDraws !== null || drawn.length < 2)
        return [
          name,
          {
            estimate: estimate[name],
            low: null,
            high: null,
            standardError: null,
            reason: withoutDraws ?? "no resamples",
          },
        ];
      const [low, high] = percentileInterval(drawn, level);
      return [name, { estimate: estimate[name], low, high, standardError: standardDeviation(drawn) }];
    }),
  );
}

function anotherOf(law: Law, { another }: PoolTarget, level: number): Record<string, Estimate> {
  return Object.fromEntries(
    law.parameters.map(({ name }, j) => {
      const [low, high] = percentileInterval(
        another.draws.map((draw) => draw[j]),
        level,
      );
      return [name, { estimate: another.estimate[j], low, high }];
    }),
  );
}

const finiteOr = (value: number): number | null => (Number.isFinite(value) ? value : null);
