/** One range of the resamples of a fitted law: from plain values the model is made again, and its resamples drawn. */
import type { Draws } from "../fit/bootstrap.js";
import type { DistinctRows } from "../fit/distinct.js";
import { type Resampling, runDrawTask } from "../fit/draw-task.js";
import { layoutOf, type ParameterChoices } from "../fit/layout.js";
import type { Model } from "../fit/model.js";
import { modelOf } from "../fit/model-of.js";
import { makeObjective, type ObjectiveName } from "../fit/objective.js";
import { lawFromPlain, type PlainLaw } from "./plain-law.js";

export interface DrawOrder {
  kind: "draw";
  task: number;
  law: PlainLaw;
  choices: ParameterChoices;
  rows: DistinctRows;
  objective: { name: ObjectiveName; delta: number | null };
  start: Float64Array;
  resampling: Resampling;
  seed: number;
  from: number;
  to: number;
}

export function drawOrdered(order: DrawOrder): Draws {
  const { objective, start, resampling, seed, from, to } = order;
  const made = makeObjective(objective.name, objective.delta);
  return runDrawTask({ model: modelFor(order), objective: made, start, resampling, seed }, [from, to]);
}

let held: { rows: DistinctRows; model: Model } | null = null;

/** The model of a task; orders of one task share their rows and mostly follow each other. */
function modelFor({ law, choices, rows }: DrawOrder): Model {
  if (held?.rows !== rows) {
    const known = lawFromPlain(law);
    held = { rows, model: modelOf(known, layoutOf(known, choices), rows).model };
  }
  return held.model;
}
