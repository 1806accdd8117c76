/**
 * Three accounts of several groups of rows under one law: each group its own curve, curves of one shape (the exponents in
 * common, the rest their own), and one curve for all. All are fitted on one objective with one threshold, so that their
 * sums of rho can be compared.
 */
import { predictionsAt } from "../fit/evaluate.js";
import { joinedRows } from "../fit/joined-rows.js";
import { layoutOf, NO_CHOICES, withHeld } from "../fit/layout.js";
import type { Model, Solution } from "../fit/model.js";
import { modelOf } from "../fit/model-of.js";
import type { Objective } from "../fit/objective.js";
import { linearIn } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import { lawOverGroups } from "../laws/over-groups.js";
import type { Observations } from "../objects.js";

/** A model over rows with a solution on the objective. */
export interface Fitted {
  model: Model;
  solution: Solution;
  /** Sum of rho. */
  value: number;
  /** Predictions on the objective's scale, one a row. */
  predicted: Float64Array;
}

/** An account of all rows, which lie group after group. */
export interface Account {
  /** Models over consecutive rows: one for all, or one a group. */
  parts: Fitted[];
  /** How many parameters are fitted. */
  parameters: number;
  value: number;
  predicted: Float64Array;
}

/** The parameters of a law that give its curve its shape: those that do not enter linearly. */
export function shapeOf({ expression, parameters }: Law): ReadonlySet<string> {
  const names = parameters.filter(({ held }) => held === undefined).map(({ name }) => name);
  if (expression === null) return new Set();
  const linear = new Set(linearIn(expression, names));
  return new Set(names.filter((name) => !linear.has(name)));
}

/** Each group by itself. */
export function separately(law: Law, groups: readonly Observations[], objective: Objective): Account {
  return accountOf(groups.map((rows) => alone(law, rows, objective)));
}

/** All rows on one curve. */
export function together(law: Law, groups: readonly Observations[], objective: Objective): Account {
  return accountOf([alone(law, joinedRows(groups), objective)]);
}

/**
 * One shape for all groups, from the shapes of the separate fits as starts.
 *
 * @param separate what `separately` gave
 * @returns null for a law that is no formula, or has no shape apart from its other parameters
 */
export function withOneShape(
  law: Law,
  groups: readonly Observations[],
  objective: Objective,
  separate: Account,
): Account | null {
  const shape = shapeOf(law);
  if (shape.size === 0 || shape.size === law.parameters.length) return null;
  const over = lawOverGroups(law, groups.length, shape);
  if (over === null) return null;
  const rows = joinedRows(groups);
  const inputs = new Map(rows.inputs);
  over.marks.forEach((mark, k) => {
    inputs.set(mark, marksOf(groups, k));
  });
  const layout = layoutOf(over.law, withHeld(over.law, NO_CHOICES));
  const { model } = modelOf(over.law, layout, { ...plainRows(rows), inputs });
  const names = law.parameters.map(({ name }) => name);
  const own = separate.parts.map(({ solution }) => solution.parameters);
  const start = (exponents: (j: number) => number) =>
    Float64Array.from(layout.free, ({ name }) => {
      const [parameter, group] = name.split("~");
      const j = names.indexOf(parameter);
      return group === undefined ? exponents(j) : own[Number(group) - 1][j];
    });
  const starts = [
    start((j) => own.reduce((sum, values) => sum + values[j], 0) / own.length),
    ...own.map((values) => start((j) => values[j])),
  ];
  const best = starts
    .map((theta) => model.polish(theta, objective))
    .reduce((a, b) => (b.minimum.value < a.minimum.value ? b : a));
  return accountOf([fitted(model, best, objective)]);
}

function alone(law: Law, rows: Observations, objective: Objective): Fitted {
  const layout = layoutOf(law, withHeld(law, NO_CHOICES));
  const { model } = modelOf(law, layout, plainRows(rows));
  return fitted(model, model.search(objective).best, objective);
}

function fitted(model: Model, solution: Solution, objective: Objective): Fitted {
  const predicted = predictionsAt(model.problem(solution.kernel, objective), solution.minimum.theta);
  return { model, solution, value: solution.minimum.value, predicted };
}

function accountOf(parts: Fitted[]): Account {
  const predicted = new Float64Array(parts.reduce((sum, part) => sum + part.predicted.length, 0));
  let at = 0;
  for (const part of parts) {
    predicted.set(part.predicted, at);
    at += part.predicted.length;
  }
  return {
    parts,
    parameters: parts.reduce((sum, { model }) => sum + model.parameters.length, 0),
    value: parts.reduce((sum, { value }) => sum + value, 0),
    predicted,
  };
}

/** Rows as they are, equal ones apart: those of two groups must not be joined. */
const plainRows = ({ inputs, measured, weight }: Pick<Observations, "inputs" | "measured" | "weight">) => ({
  inputs,
  measured,
  weight: null,
  inverseNoise: weight === null ? null : weight.map(Math.sqrt),
  rowOf: null,
});

/** 1 in the rows of a group, else 0. */
const marksOf = (groups: readonly Observations[], k: number): Float64Array =>
  Float64Array.from(groups.flatMap(({ measured }, g) => Array.from(measured, () => (g === k ? 1 : 0))));
