/**
 * The thread behind `draw-pool.ts`: makes a model again from plain values and draws one range of its resamples.
 */
import { parentPort } from "node:worker_threads";
import type { Draws } from "../fit/bootstrap.js";
import type { DistinctRows } from "../fit/distinct.js";
import { type Resampling, runDrawTask } from "../fit/draw-task.js";
import { layoutOf, type ParameterChoices } from "../fit/layout.js";
import type { Model } from "../fit/model.js";
import { modelOf } from "../fit/model-of.js";
import { makeObjective, type ObjectiveName } from "../fit/objective.js";
import { lawFromFormula } from "../laws/from-formula.js";
import { lawById } from "../laws/index.js";
import type { Law, Quantity } from "../laws/law.js";

/** One range of resamples of one task. */
export interface DrawOrder {
  task: number;
  law: { id: string } | { formula: string; inputs: { name: string; quantity: Quantity }[] };
  choices: ParameterChoices;
  rows: DistinctRows;
  objective: { name: ObjectiveName; delta: number | null };
  start: Float64Array;
  resampling: Resampling;
  seed: number;
  from: number;
  to: number;
}

export interface DrawAnswer extends Draws {
  task: number;
  from: number;
}

let held: { task: number; model: Model } | null = null;

/** The model of a task; orders of one task mostly follow each other. */
function modelFor({ task, law, choices, rows }: DrawOrder): Model {
  if (held?.task !== task) {
    const known = lawOf(law);
    held = { task, model: modelOf(known, layoutOf(known, choices), rows).model };
  }
  return held.model;
}

function lawOf(law: DrawOrder["law"]): Law {
  if ("formula" in law) {
    const quantities = new Map(law.inputs.map(({ name, quantity }) => [name, quantity]));
    return lawFromFormula(law.formula, (name) => quantities.get(name) ?? null).law;
  }
  return lawById(law.id) as Law;
}

parentPort?.on("message", (order: DrawOrder) => {
  const { task, objective, start, resampling, seed, from, to } = order;
  const made = makeObjective(objective.name, objective.delta);
  const draws = runDrawTask({ model: modelFor(order), objective: made, start, resampling, seed }, [from, to]);
  const answer: DrawAnswer = { task, from, ...draws };
  parentPort?.postMessage(answer);
});
