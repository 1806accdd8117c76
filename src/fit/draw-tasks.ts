/**
 * Which refits the intervals need.
 */
import { UsageError } from "../errors.js";
import { inverseNoiseOf, perObservation } from "./distinct.js";
import type { DrawTask } from "./draw-task.js";
import type { Fitted } from "./fitted.js";
import { leverages } from "./influence.js";
import { leaveOutUnits } from "./leave-out.js";
import { modelOf } from "./model-of.js";
import { noiseSize, standardised } from "./noise-draws.js";
import { isSquares } from "./objective.js";
import type { SettledOptions } from "./options.js";

/**
 * The resamples, and after them the fits without one unit where BCa needs them.
 *
 * @throws UsageError where new noise is to be drawn for rows that are not independent
 */
export function drawTasks(fitted: Fitted, options: SettledOptions): DrawTask[] {
  if (options.bootstrap === 0) return [];
  if (options.resample !== "cases") return [noiseTask(fitted, options)];
  const { law, choices, rows, model, objective, solution, observations, strata } = fitted;
  const { rowOf } = rows;
  const units =
    observations.units?.map((unit) => (rowOf === null ? unit : unit.map((i) => rowOf[i]))) ?? fitted.units();
  const shared = {
    recipe: { law, choices, rows },
    model,
    objective,
    start: model.warmStart(solution),
    seed: options.seed,
  };
  const cases: DrawTask = {
    ...shared,
    resampling: { kind: "cases", units, strata },
    count: options.bootstrap,
  };
  if (options.interval !== "bca") return [cases];
  const left = leaveOutUnits(units);
  return [cases, { ...shared, resampling: { kind: "leave-out", units: left }, count: left.length }];
}

/** Equal rows are taken apart: each gets noise of its own. */
function noiseTask(
  { law, choices, observations, layout, model, objective, solution, rows, rowResiduals }: Fitted,
  options: SettledOptions,
): DrawTask {
  if (observations.run !== null) {
    throw new UsageError({
      code: "flags",
      message: `--resample ${options.resample} takes every row as independent, and here several rows share a run`,
      why: "their errors go together, and intervals that forget it are too narrow",
      hint: "leave --resample out (with --interval percentile): whole runs are resampled then",
    });
  }
  if (observations.stratum !== undefined) {
    throw new UsageError({
      code: "flags",
      message: `--strata and --resample ${options.resample} do not go together`,
      why: "new noise about the curve draws no rows",
      hint: "leave one of them out (and --interval bootstrap-t, which draws noise)",
    });
  }
  const { inputs, measured, weight } = observations;
  const inverseNoise = inverseNoiseOf(observations);
  const apart = { inputs, measured, weight: null, inverseNoise, rowOf: null };
  const problem = model.problem(solution.kernel, objective);
  const residuals = perObservation(rowResiduals, rows.rowOf);
  const logs = objective.scale === "log";
  const predicted = measured.map((y, i) => (logs ? Math.log(y) : y) - residuals[i]);
  const p = layout.free.length;
  const hasSquares = isSquares(objective.name);
  const ofRow = leverages(problem, solution) ?? new Float64Array(rows.measured.length);
  // A row that stands for equal observations shares its leverage among them.
  const leverage = perObservation(ofRow, rows.rowOf).map((h, i) =>
    rows.rowOf === null ? h : h / (rows.weight as Float64Array)[rows.rowOf[i]],
  );
  const from =
    options.resample === "parametric"
      ? noiseSize(residuals, weight, p, hasSquares)
      : standardised(residuals, weight, leverage, p, hasSquares);
  return {
    recipe: { law, choices, rows: apart },
    model: rows.rowOf === null ? model : modelOf(law, layout, apart).model,
    objective,
    start: model.warmStart(solution),
    resampling: { kind: "noise", noise: { predicted, from, studentise: options.interval === "bootstrap-t" } },
    seed: options.seed,
    count: options.bootstrap,
  };
}
