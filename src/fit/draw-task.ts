/**
 * Refits of a fitted law as plain values, so that they can be made on any thread: what is drawn, from where, how often.
 */
import type { Law } from "../laws/law.js";
import { bootstrapDraws, type Draws } from "./bootstrap.js";
import type { DistinctRows } from "./distinct.js";
import type { ParameterChoices } from "./layout.js";
import { leaveOutFits } from "./leave-out.js";
import type { Model } from "./model.js";
import { type Noise, noiseDraws } from "./noise-draws.js";
import type { Objective } from "./objective.js";

/** What a model is made of, as plain values: enough to make it again elsewhere. */
export interface ModelRecipe {
  law: Law;
  choices: ParameterChoices;
  rows: DistinctRows;
}

/**
 * `cases`: units with replacement, from all of them or within each stratum (indices of units); `leave-out`: all units but
 * one; `noise`: new measured values about the curve.
 */
export type Resampling =
  | { kind: "cases"; units: Int32Array[]; strata: Int32Array[] | null }
  | { kind: "leave-out"; units: Int32Array[] }
  | { kind: "noise"; noise: Noise };

/** Refits to be made: `count` of them, each by its index alone. */
export interface DrawTask {
  recipe: ModelRecipe;
  model: Model;
  objective: Objective;
  /** The estimate, as `warmStart` gives it. */
  start: Float64Array;
  resampling: Resampling;
  seed: number;
  count: number;
}

/** The refits of one range of a task's indices. */
export function runDrawTask(
  { model, objective, start, resampling, seed }: Omit<DrawTask, "recipe" | "count">,
  range: readonly [number, number],
): Draws {
  if (resampling.kind === "noise") return noiseDraws(model, objective, start, resampling.noise, seed, range);
  if (resampling.kind === "leave-out") return leaveOutFits(model, objective, start, resampling.units, range);
  return bootstrapDraws(model, objective, start, resampling, seed, range);
}

/** All refits of some tasks, in their order. */
export const runWhole = (tasks: readonly DrawTask[]): Draws[] =>
  tasks.map((task) => runDrawTask(task, [0, task.count]));
