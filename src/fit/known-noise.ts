/**
 * Noise that is known beforehand, held against what the rows scatter by. The intervals rest on the scatter, not on the
 * size that was given: only its proportions among the rows enter them.
 */
import type { Diagnosis, ObjectiveReport, Observations } from "../objects.js";
import { median, robustSpread } from "./quantiles.js";

/** The robust spread of r/s is right to this over the root of the degrees of freedom, relative: MAD has 37 % efficiency. */
const ERROR = 1.17;
/** Differences are said beyond three of its errors, and when they matter at all. */
const SURE = 3;
const SMALLEST = 1.25;

/** @param residuals one an observation, on the objective's scale */
export function noiseReport(
  { weight, isNoiseKnown }: Observations,
  residuals: Float64Array,
  parameters: number,
): ObjectiveReport["noise"] {
  if (weight === null || isNoiseKnown !== true) return undefined;
  const scaled = residuals.map((r, i) => r * Math.sqrt(weight[i]));
  return { median: median(weight.map((w) => 1 / Math.sqrt(w))), scatter: robustSpread(scaled, parameters) };
}

/** Rows that scatter by much more, or much less, than the noise that was given. */
export function noiseFinding(noise: ObjectiveReport["noise"], rows: number, parameters: number): Diagnosis[] {
  if (noise === undefined || rows <= parameters || !(noise.scatter > 0)) return [];
  const { scatter } = noise;
  const limit = Math.max(Math.log(SMALLEST), (SURE * ERROR) / Math.sqrt(rows - parameters));
  if (Math.abs(Math.log(scatter)) <= limit) return [];
  const factor = scatter.toPrecision(2);
  const message =
    scatter > 1
      ? `the rows scatter by ${factor} times the noise that was given: it is larger than that, or the law does not describe them`
      : `the rows scatter by ${factor} times the noise that was given, which is too large for them`;
  return [{ code: "noise", severity: "warning", message, numbers: { scatter } }];
}
