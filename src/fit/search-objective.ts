/**
 * The search on the objective that is asked for, with the threshold that the data give it.
 */
import type { ObjectiveReport } from "../objects.js";
import { searchAbsolute } from "./absolute.js";
import { FIRST_DELTA, firstFit, spreadAbout } from "./first-fit.js";
import { searchLikelihood } from "./likelihood.js";
import type { Model, SearchOutcome, Solution } from "./model.js";
import {
  isAbsolute,
  isHuber,
  isLikelihood,
  isLog,
  makeObjective,
  type Objective,
  type ObjectiveName,
} from "./objective.js";
import { median } from "./quantiles.js";

/** 95 % efficiency under Gaussian noise (Huber, Ann. Math. Statist. 35, 1964). */
const EFFICIENT = 1.345;

export interface Searched {
  /** What resamples are fitted with. */
  objective: Objective;
  /** What the answer is judged by: the same, less the rounding of an absolute one. */
  judged: Objective;
  report: Omit<ObjectiveReport, "name" | "noise">;
  search: SearchOutcome;
}

/**
 * A Huber threshold is as given, or 1.345 times the robust spread of the residuals of a first fit at 1e-3; from then on it
 * is fixed. So is the scale of a likelihood: resamples are fitted at the estimate's.
 *
 * @param rowOf the row of the model in which each observation stands, where equal ones are joined
 */
export function searchObjective(
  model: Model,
  rowOf: Int32Array | null,
  { objective: name, delta }: { objective: ObjectiveName; delta: "auto" | number },
): Searched {
  if (isAbsolute(name)) {
    const { search, delta: width } = searchAbsolute(model, name);
    const judged = makeObjective(name, 1e-9 * width);
    const report = { delta: null, deltaRule: null, value: search.best.minimum.value };
    return { objective: makeObjective(name, width), judged, report, search };
  }
  if (isLikelihood(name)) {
    const { search, objective, judged, ...found } = searchLikelihood(model, rowOf, name, delta);
    const deltaRule = `${delta === "auto" ? "for 95 % efficiency" : "given"}, in units of the fitted scale`;
    return { objective, judged, search, report: { ...found, deltaRule } };
  }
  const { objective, deltaRule, earlier } = isHuber(name)
    ? huberOf(model, rowOf, name, delta)
    : { objective: makeObjective(name, null), deltaRule: null, earlier: undefined };
  const search = model.search(objective, earlier);
  const report = { delta: objective.delta, deltaRule, value: search.best.minimum.value };
  return { objective, judged: objective, report, search };
}

/** A minimum that is known, as `warmStart` gives it. */
export interface Known {
  theta: Float64Array;
  /** Whether it is gone on from as it is; otherwise few samples besides show whether another is lower. */
  isFollowed: boolean;
}

/** An objective with a minimum on it that compares laws. */
export interface QuickSearched {
  objective: Objective;
  solution: Solution;
}

/**
 * The same with a small part of the work: one quick search, whose answer follows the threshold. For an absolute
 * objective, which has no second derivatives, Huber's takes its place.
 *
 * @param known the minimum of other rows, which takes the place of most of the search
 * @returns null where the law has no finite value at any of the starts
 */
export function quickSearchObjective(
  model: Model,
  rowOf: Int32Array | null,
  { objective: asked, delta }: { objective: ObjectiveName; delta: "auto" | number },
  known?: Known,
): QuickSearched | null {
  const isStandIn = isAbsolute(asked) || isLikelihood(asked);
  const name = isStandIn ? (isLog(asked) ? "huber-log" : "huber") : asked;
  const unit = model.inverseNoise === null ? 1 : median(model.inverseNoise);
  const first = makeObjective(name, isHuber(name) ? (delta === "auto" ? FIRST_DELTA * unit : delta) : null);
  const rough =
    known === undefined || known.isFollowed
      ? model.quickSearch(first, known?.theta)
      : model.quickConfirmed(first, known.theta);
  if (!Number.isFinite(rough.minimum.value)) return null;
  const isAdaptive = isHuber(name) && delta === "auto";
  const objective = isAdaptive ? makeObjective(name, thresholdAt(model, rowOf, first, rough)) : first;
  return { objective, solution: model.quickSearch(objective, model.warmStart(rough)) };
}

function huberOf(model: Model, rowOf: Int32Array | null, name: ObjectiveName, delta: "auto" | number) {
  if (delta !== "auto")
    return { objective: makeObjective(name, delta), deltaRule: "given", earlier: undefined };
  const { spread, search } = firstFit(model, rowOf, name);
  return {
    objective: makeObjective(name, Math.max(EFFICIENT * spread, leastDelta(model, name))),
    deltaRule:
      model.inverseNoise === null
        ? "1.345 times the robust spread of the residuals of a first fit at 1e-3"
        : "1.345 times the robust spread of the residuals in units of their noise",
    earlier: search,
  };
}

/** The threshold that the residuals of a first fit give. */
function thresholdAt(model: Model, rowOf: Int32Array | null, first: Objective, best: Solution): number {
  const spread = spreadAbout(model, rowOf, first, best);
  return Math.max(EFFICIENT * spread, leastDelta(model, first.name));
}

/** Under this no threshold is meant, in the unit of the measured values or of their noise. */
function leastDelta(model: Model, name: ObjectiveName): number {
  const unit = model.inverseNoise === null ? 1 : median(model.inverseNoise);
  return unit * (name === "huber" ? 1e-6 * median(model.measured.map(Math.abs)) : 1e-6);
}
