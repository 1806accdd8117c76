/** Families of one log as pooling takes them: by name, with a scale for each row. */
import { DataError } from "../errors.js";
import { joinedRows } from "../fit/joined-rows.js";
import { isAbsolute, isEnvelope, isLikelihood, isLog, type ObjectiveName } from "../fit/objective.js";
import type { FitOptions } from "../fit/options.js";
import type { PoolObjective } from "../fit/pool-population.js";
import type { Law } from "../laws/law.js";
import type { Observations, Warning } from "../objects.js";
import type { PoolFamily } from "./pool-trial.js";
import { scaleOf } from "./scale.js";

/** The rows of one family as they are read. */
export interface FamilyRows {
  group: string;
  observations: Observations;
}

/**
 * @param from what each input was read from
 * @throws DataError for fewer than two families, or where nothing tells small runs from large ones
 */
export function poolFamilies(
  law: Law,
  given: readonly FamilyRows[],
  from: ReadonlyMap<string, string>,
): { families: PoolFamily[]; scale: string } {
  const usable = given.filter(({ observations }) => observations.measured.length > 0);
  if (usable.length < 2)
    throw new DataError({
      code: "one-group",
      message: `nothing to take from: there is ${usable.length === 1 ? "one family" : "no family"} of runs`,
      hint: "give the column that tells the families apart with --group-by, or a log for each",
    });
  const sorted = [...usable].sort((a, b) => (a.group < b.group ? -1 : 1));
  const all = joinedRows(sorted.map(({ observations }) => observations));
  const scale = scaleOf([{ law, observations: all, from }]);
  if (scale === null)
    throw new DataError({
      code: "no-scale",
      message: `nothing here tells small runs from large ones: ${law.id} sees no parameters, tokens or compute that differ between rows`,
      hint: "pooling is tried by hiding large runs; take a law of scale, such as --law chinchilla",
    });
  let at = 0;
  const families = sorted.map(({ group, observations }) => {
    const from = at;
    at += observations.measured.length;
    return { group, observations, scale: scale.values.subarray(from, at) };
  });
  return { families, scale: scale.name };
}

/** The objective that stands for the one that was asked for: pooling knows squares and Huber's sums. */
export function poolObjective({ objective, delta }: Pick<FitOptions, "objective" | "delta">): PoolObjective {
  const isRobust = isAbsolute(objective) || isLikelihood(objective) || isEnvelope(objective);
  if (isRobust) return { name: isLog(objective) ? "huber-log" : "huber", delta: "auto" };
  const known: readonly ObjectiveName[] = ["huber", "huber-log", "squares", "squares-log"];
  return known.includes(objective) ? { name: objective, delta } : { name: "squares", delta: "auto" };
}

/** With fewer families how unlike they are is taken from what is usual rather than seen. */
const ENOUGH_FAMILIES = 4;

/** What a reader must know of families and objective before trusting a pooled fit. */
export function poolWarnings(
  given: readonly FamilyRows[],
  fit: Pick<FitOptions, "objective" | "delta">,
): Warning[] {
  const { name } = poolObjective(fit);
  const empty = given.filter(({ observations }) => observations.measured.length === 0);
  const families = given.length - empty.length;
  const few: Warning = {
    code: "few-families",
    message: `${families} families: how far a family may lie from the others is hardly seen in so few, and limits rest on what is usual (exponents and terms within 20 % of the mean in half of all families)`,
  };
  const other: Warning = {
    code: "pool-objective",
    message: `families are pooled by ${name}: ${fit.objective} is for fits of one family alone`,
  };
  return [
    ...empty.map(({ group }) => ({
      code: "no-rows",
      message: "left out of the pool: none of its rows can be used",
      group,
    })),
    ...(families < ENOUGH_FAMILIES ? [few] : []),
    ...(name === fit.objective ? [] : [other]),
  ];
}
