/**
 * A law fitted to some rows well enough to be compared with others, and again without parts of them.
 */
import { distinctRows } from "../fit/distinct.js";
import type { Layout } from "../fit/layout.js";
import { fitsWithout } from "../fit/leave-out.js";
import type { Model, Solution } from "../fit/model.js";
import { modelOf } from "../fit/model-of.js";
import type { ObjectiveName } from "../fit/objective.js";
import { type Known, quickSearchObjective } from "../fit/search-objective.js";
import type { BoundFunction } from "../laws/expression/index.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";

/** On what the laws of a contest are fitted, and what their errors are. */
export interface Yardstick {
  objective: { objective: ObjectiveName; delta: "auto" | number };
  /** Whether errors are differences of logs; otherwise they are in units of `spread`. */
  isLog: boolean;
  /** Standard deviation of what is measured. */
  spread: number;
  /** Mean of one over the rows' noise; 1 where none is known. */
  inverseNoise: number;
}

export interface QuickFit {
  model: Model;
  solution: Solution;
  /**
   * Refits without each of the folds.
   *
   * @param steps of each at most; null for as many as a quick fit takes
   */
  without(folds: readonly Int32Array[], steps: number | null): Solution[];
  /** Predictions, in plain units. */
  predict(solution: Solution, at: Observations): Float64Array;
  /** Absolute errors of rows. */
  errors(solution: Solution, at: Observations): Float64Array;
}

/** A fit to many of the rows, whose minimum takes the place of a search or of most of it. */
export interface EarlierFit {
  fit: QuickFit;
  /** Whether its minimum is gone on from as it is. */
  isFollowed: boolean;
}

/**
 * @returns null where the law has no finite value at any of the starts
 */
export function quickFit(
  law: Law,
  layout: Layout,
  observations: Observations,
  yardstick: Yardstick,
  earlier?: EarlierFit,
): QuickFit | null {
  const rows = distinctRows(observations);
  const { model, known } = modelFrom(law, layout, rows, earlier);
  const found = quickSearchObjective(model, rows.rowOf, yardstick.objective, known);
  if (found === null) return null;
  const { objective, solution } = found;
  const compiled = layout.compile();
  const bound = new Map<Observations, BoundFunction>();
  const predict = ({ parameters }: Solution, at: Observations): Float64Array => {
    const columns = law.inputs.map(({ name }) => at.inputs.get(name) as Float64Array);
    const out = new Float64Array(at.measured.length);
    const over = bound.get(at) ?? compiled.bind(columns, out.length);
    bound.set(at, over);
    over.value(parameters, out);
    return out;
  };
  return {
    model,
    solution,
    without(folds, steps) {
      const { rowOf } = rows;
      const units = rowOf === null ? folds : folds.map((fold) => fold.map((i) => rowOf[i]));
      const refit = model.quickRefitter(model.warmStart(solution), objective, steps);
      return fitsWithout(model, refit, units, [0, units.length]);
    },
    predict,
    errors(fit, at) {
      const weight = at.weight ?? [];
      return residuals(at.measured, predict(fit, at), yardstick).map(
        // A row counts as its noise lets it.
        (r, i) => (Math.abs(r) * Math.sqrt(weight[i] ?? 1)) / yardstick.inverseNoise,
      );
    },
  };
}

/** The law over the rows; in the variables of another fit, with that one's minimum, where they can be taken over. */
function modelFrom(
  law: Law,
  layout: Layout,
  rows: ReturnType<typeof distinctRows>,
  earlier: EarlierFit | undefined,
): { model: Model; known?: Known } {
  const over = earlier?.fit.model.over(rows) ?? null;
  if (earlier === undefined || over === null) return { model: modelOf(law, layout, rows).model };
  const { fit, isFollowed } = earlier;
  return { model: over, known: { theta: fit.model.warmStart(fit.solution), isFollowed } };
}

/** Measured less predicted, of logs or in units of the spread; not a number where a prediction has no log. */
export function residuals(
  measured: Float64Array,
  predicted: Float64Array,
  { isLog, spread }: Yardstick,
): Float64Array {
  return measured.map((y, i) => (isLog ? Math.log(y) - Math.log(predicted[i]) : (y - predicted[i]) / spread));
}
