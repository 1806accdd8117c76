/**
 * Counts whose rates vary by more than their trials explain, and single rates far off the curve.
 */
import type { Diagnosis } from "../objects.js";
import { dispersionOf } from "./dispersion.js";
import { fisherTail } from "./distributions.js";
import type { Fitted } from "./fitted.js";
import { robustSpread } from "./quantiles.js";

/** Residuals beyond this many standard deviations are outliers: one in 2e6 rows. */
const OUTLIER = 5;
/** Under this probability the scatter is more than that of counts. */
const SURE = 0.05;
/** Denominator degrees of freedom at which Fisher's F is chi^2 over its degrees. */
const MANY = 1e7;
const NAMED = 5;

/** What a fit of counts is told beside other fits: its overdispersion and its outliers. */
export interface CountFit extends Fitted {
  predicted: Float64Array;
  /** On the angle's scale, one an observation. */
  residuals: Float64Array;
}

export function countScatter(fitted: CountFit): Diagnosis[] {
  return [...overdispersion(fitted), ...outliers(fitted)];
}

function overdispersion(fitted: CountFit): Diagnosis[] {
  const { model, solution, objective, rowResiduals, observations, layout } = fitted;
  const degrees = observations.measured.length - layout.free.length;
  if (observations.weight === null || degrees <= 0) return [];
  const problem = model.problem(solution.kernel, objective);
  const dispersion = dispersionOf(problem, rowResiduals, degrees, true);
  if (!(fisherTail(dispersion, degrees, MANY) < SURE)) return [];
  return [
    {
      code: "overdispersion",
      severity: "note",
      message:
        `the rates vary ${dispersion.toPrecision(3)} times as much (in variance) as their trials alone let them: items that differ in difficulty, ` +
        "other differences between runs, or a law that misses. Intervals hold it",
      numbers: { dispersion, degrees },
    },
  ];
}

function outliers({ observations, residuals, predicted, layout }: CountFit): Diagnosis[] {
  const { measured, weight } = observations;
  const p = layout.free.length;
  if (residuals.length <= p) return [];
  const scaled = residuals.map((r, i) => r * Math.sqrt(weight?.[i] ?? 1));
  const spread = robustSpread(scaled, p);
  const limit = OUTLIER * Math.max(spread, weight === null ? 1e-9 : 1);
  const beyond = [...scaled.keys()].filter((i) => Math.abs(scaled[i]) > limit);
  if (beyond.length === 0) return [];
  beyond.sort((a, b) => Math.abs(scaled[b]) - Math.abs(scaled[a]));
  const rows = beyond.slice(0, 2 * NAMED).map((i) => ({
    label: observations.label(i),
    ...observations.source(i),
    relativeError: measured[i] / predicted[i] - 1,
  }));
  const named = beyond
    .slice(0, NAMED)
    .map(
      (i) =>
        `${observations.label(i)} (${measured[i].toPrecision(3)} measured, ${predicted[i].toPrecision(3)} by the curve)`,
    );
  const more = beyond.length > NAMED ? `; and ${beyond.length - NAMED} more` : "";
  return [
    {
      code: "outliers",
      severity: "warning",
      message: `${beyond.length} ${beyond.length === 1 ? "row lies" : "rows lie"} more than ${OUTLIER} standard deviations off the curve: ${named.join("; ")}${more}. They are kept, and a likelihood of counts gives them full weight`,
      rows,
      numbers: { count: beyond.length, robustSpread: spread },
    },
  ];
}
