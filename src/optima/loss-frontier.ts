import { ScalefitError } from "../errors.js";
import { fitLaw } from "../fit/fit-law.js";
import { DEFAULT_OPTIONS } from "../fit/options.js";
import { powerFloor } from "../laws/power-floor.js";
import { observations } from "./observations.js";

/** Points that three coefficients need. */
const LEAST = 4;

/** E + A/C^alpha, with the covariance of the three where it is known. */
export interface LossFrontier {
  E: number;
  A: number;
  alpha: number;
  covariance: number[][] | null;
}

/** The power law with a floor through the least losses of budgets; null where they are too few or say nothing. */
export function lossFrontier(flops: readonly number[], loss: readonly number[]): LossFrontier | null {
  if (flops.length < LEAST || loss.some((value) => !(value > 0))) return null;
  try {
    const fit = fitLaw(powerFloor, observations({ x: flops }, loss), { ...DEFAULT_OPTIONS, bootstrap: 0 });
    const { E, A, alpha } = fit.parameters;
    const covariance = fit.covariance?.values ?? null;
    return { E: E.estimate, A: A.estimate, alpha: alpha.estimate, covariance };
  } catch (error) {
    // Losses that are all the same, say: the sizes have their optimum all the same.
    if (error instanceof ScalefitError) return null;
    throw error;
  }
}
