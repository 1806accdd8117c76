/** A plan without intervals: a law fitted once to some rows, and what it plans. */
import { ScalefitError } from "../errors.js";
import { distinctRows } from "../fit/distinct.js";
import { requireAnswerable } from "../fit/identifiability.js";
import { layoutOf, type ParameterChoices, withHeld } from "../fit/layout.js";
import { modelOf } from "../fit/model-of.js";
import type { ObjectiveName } from "../fit/objective.js";
import { quickSearchObjective, searchObjective } from "../fit/search-objective.js";
import type { PointWords } from "../laws/inputs.js";
import type { Law } from "../laws/law.js";
import type { Observations, PlannedLaw } from "../objects.js";
import { planFor } from "../plan/plan-for.js";
import type { Question } from "../plan/question.js";
import { type Coefficients, sourceFromCoefficients } from "../plan/source.js";

/** How rows are compared with a law. */
export interface ObjectiveAsked {
  objective: ObjectiveName;
  delta: "auto" | number;
}

/** One fit. */
export interface Refit {
  law: Law;
  observations: Observations;
  asked: ObjectiveAsked;
  choices: ParameterChoices;
}

/** What is to be planned, and how its values are called in messages. */
export interface Planned {
  question: Question;
  words: PointWords;
}

/** `whole`: the search of `scalefit fit`; `quick`: a small part of it, for many fits one beside the other. */
export type Thoroughness = "whole" | "quick";

/** The coefficients by name. @throws ScalefitError where the rows cannot determine the law */
export function refitted({ law, observations, asked, choices }: Refit, search: Thoroughness): Coefficients {
  const layout = layoutOf(law, withHeld(law, choices));
  requireAnswerable(observations, law, layout.free.length);
  const rows = distinctRows(observations);
  const { model } = modelOf(law, layout, rows);
  const solution =
    search === "quick"
      ? quickSearchObjective(model, rows.rowOf, asked)?.solution
      : searchObjective(model, rows.rowOf, asked).search.best;
  const all = layout.complete(solution?.parameters ?? new Float64Array(layout.free.length).fill(Number.NaN));
  return Object.fromEntries(law.parameters.map(({ name }, j) => [name, all[j]]));
}

/** The numbers of a plan; the compute too where it was not given. */
export function numbersOf({ optimum, flops }: PlannedLaw): Record<string, number> {
  const named = Object.entries(optimum).map(([name, { estimate }]) => [name, estimate] as const);
  return Object.fromEntries([...named, ...(flops === undefined ? [] : [["flops", flops.estimate] as const])]);
}

/** What coefficients plan. @throws ScalefitError where they plan nothing */
export const numbersUnder = (law: Law, coefficients: Coefficients, { question, words }: Planned) =>
  numbersOf(planFor(sourceFromCoefficients(law, coefficients), question, words).plan);

/** A value, or in words why there is none. */
export function orReason<T>(make: () => T): T | { reason: string } {
  try {
    return make();
  } catch (error) {
    if (error instanceof ScalefitError) return { reason: error.message };
    throw error;
  }
}
