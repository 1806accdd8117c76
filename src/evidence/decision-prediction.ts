/** How well a law through the smaller scales has the score at the largest one. */

import { ScalefitError } from "../errors.js";
import { distinctRows } from "../fit/distinct.js";
import { studentFactor } from "../fit/distributions.js";
import { layoutOf, NO_CHOICES, withHeld } from "../fit/layout.js";
import { modelOf } from "../fit/model-of.js";
import { meanOf } from "../fit/quantiles.js";
import { quickSearchObjective } from "../fit/search-objective.js";
import { chinchilla } from "../laws/chinchilla.js";
import type { Law } from "../laws/law.js";
import { power } from "../laws/power.js";
import { powerFloor } from "../laws/power-floor.js";
import type { EvaluatedScale, MetricPrediction, Observations } from "../objects.js";
import { recipeScore } from "./decision-noise.js";
import type { MetricScores } from "./decision-runs.js";

/** Scales below the largest from which a floor is fitted too. */
const FLOOR_SCALES = 4;
/** Rows, and different sizes and tokens, from which both have a term. */
const SURFACE_ROWS = 7;
const SURFACE_VALUES = 3;

interface Point {
  N: number;
  D: number;
  x: number;
  y: number;
}

/**
 * Fits each recipe's smaller scales by a law of the catalogue and predicts its score at `large`: E + A/N^alpha + B/D^beta
 * where sizes and tokens both vary, else a power of the scale, with a floor from four smaller scales on. Rates that are
 * better when higher are fitted as error rates.
 */
export function predictionError(
  scores: MetricScores,
  scales: readonly EvaluatedScale[],
  large: number,
  level: number,
): MetricPrediction {
  const none = (reason: string): MetricPrediction => ({
    error: null,
    worst: null,
    law: null,
    recipes: 0,
    low: null,
    high: null,
    reason,
  });
  const xOf = ({ C, N, D }: EvaluatedScale) => C ?? N ?? D;
  if (scales.every((scale) => xOf(scale) === null)) return none("no column gives the scale");
  if (large === 0) return none("no smaller scale to predict it from");
  const shape = shapeOf(scores);
  if (shape === null) return none("no law of the catalogue: the scores rise beyond 1, or are not above 0");
  const errors: number[] = [];
  const used = new Set<string>();
  for (const [recipe, runs] of scores.cells[large]) {
    const pointAt = (scale: number, score: number): Point => {
      const { N, D } = scales[scale];
      return {
        N: N ?? Number.NaN,
        D: D ?? Number.NaN,
        x: xOf(scales[scale]) ?? Number.NaN,
        y: shape.toLoss(score),
      };
    };
    const points = scores.cells.slice(0, large).flatMap((cell, scale) => {
      const own = cell.get(recipe);
      const point = own === undefined ? null : pointAt(scale, recipeScore(own, null));
      return point === null || !(point.y > 0) || !Number.isFinite(point.x) ? [] : [point];
    });
    const measured = recipeScore(runs, null);
    const predicted = predict(points, pointAt(large, measured));
    if (predicted === null || measured === 0) continue;
    used.add(predicted.law.id);
    errors.push(Math.abs(shape.fromLoss(predicted.y) / measured - 1));
  }
  if (errors.length === 0) return none("no recipe has two smaller scales to fit a law to");
  const law = [...used].sort().join(", ") + (shape.isRate ? " of 1 - score" : "");
  return {
    error: meanOf(errors),
    worst: Math.max(...errors),
    law,
    recipes: errors.length,
    ...limits(errors, level),
  };
}

/**
 * By Student's t over recipes, of the logarithm of the mean: sizes of errors are skewed. Simulated (test/bench/metrics), 95 %
 * limits held the truth in 91.5-96 % for 3 to 25 recipes; those of the mean itself in 89-94.5 %.
 */
function limits(errors: readonly number[], level: number) {
  if (errors.length < 2) return { low: null, high: null, reason: "one recipe" };
  const mean = meanOf(errors);
  const variance = errors.reduce((sum, e) => sum + (e - mean) ** 2, 0) / (errors.length - 1);
  const half = studentFactor(level, errors.length - 1) * Math.sqrt(variance / errors.length);
  const factor = mean === 0 ? 1 : Math.exp(half / mean);
  return { low: mean / factor, high: mean * factor };
}

/** How scores become something that falls with scale, and back; null where no law has their shape. */
function shapeOf({ direction, cells }: MetricScores) {
  const all = cells.flatMap((cell) => [...cell.values()].flat(2));
  const same = (value: number) => value;
  if (direction === "lower")
    return all.every((y) => y > 0) ? { toLoss: same, fromLoss: same, isRate: false } : null;
  if (!all.every((y) => y >= 0 && y <= 100)) return null;
  // Scores above 1 that stay below 100 are percentages.
  const whole = all.some((y) => y > 1) ? 100 : 1;
  return { toLoss: (y: number) => 1 - y / whole, fromLoss: (e: number) => whole * (1 - e), isRate: true };
}

function predict(points: readonly Point[], at: Point): { y: number; law: Law } | null {
  const scales = new Set(points.map(({ x }) => x)).size;
  if (scales < 2) return null;
  const sizes = new Set(points.map(({ N }) => N)).size;
  const tokens = new Set(points.map(({ D }) => D)).size;
  const isSurface =
    points.length >= SURFACE_ROWS &&
    sizes >= SURFACE_VALUES &&
    tokens >= SURFACE_VALUES &&
    points.every(({ N, D }) => N > 0 && D > 0) &&
    at.D > 0 &&
    isSpread(points);
  const law = isSurface ? chinchilla : scales >= FLOOR_SCALES ? powerFloor : power;
  const y = fitAndPredict(law, points, at);
  return y === null ? null : { y, law };
}

/** Whether tokens are no function of the size: at one ratio of them the two terms are one. */
function isSpread(points: readonly Point[]): boolean {
  const ratios = points.map(({ N, D }) => D / N);
  return Math.max(...ratios) > 1.5 * Math.min(...ratios);
}

function fitAndPredict(law: Law, points: readonly Point[], at: Point): number | null {
  const layout = layoutOf(law, withHeld(law, NO_CHOICES));
  const observations = observationsOf(law, points);
  try {
    const rows = distinctRows(observations);
    const { model } = modelOf(law, layout, rows);
    const found = quickSearchObjective(model, rows.rowOf, { objective: "squares-log", delta: "auto" });
    if (found === null) return null;
    const out = new Float64Array(1);
    const columns = law.inputs.map(({ name }) => Float64Array.of(coordinate(name, at)));
    layout.compile().bind(columns, 1).value(found.solution.parameters, out);
    return Number.isFinite(out[0]) ? out[0] : null;
  } catch (error) {
    if (error instanceof ScalefitError) return null;
    throw error;
  }
}

const coordinate = (name: string, { N, D, x }: Point): number => (name === "N" ? N : name === "D" ? D : x);

function observationsOf(law: Law, points: readonly Point[]): Observations {
  return {
    inputs: new Map(
      law.inputs.map(({ name }) => [name, Float64Array.from(points, (point) => coordinate(name, point))]),
    ),
    measured: Float64Array.from(points, ({ y }) => y),
    weight: null,
    run: null,
    label: (i) => `scale ${i + 1}`,
    source: (i) => ({ file: "", line: i + 1 }),
  };
}
