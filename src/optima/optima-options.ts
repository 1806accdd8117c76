/** How the best sizes of budgets are found. */
export interface OptimaOptions {
  method: "parabola" | "akima";
  /** Runs within a factor 1 + tolerance of compute are one budget. */
  tolerance: number;
  /** Fewer runs (sizes, for the interpolation) are no budget. */
  leastRuns: number;
  /** Whether a vertex outside the sizes, an extrapolation, stands in the line. */
  outside: "drop" | "keep";
  /** Budgets count alike, or by the precision of their minima. */
  weights: "equal" | "precision";
  level: number;
  flopsPerParamToken: number;
  /** Budgets to answer for. */
  flops: readonly number[];
  /** Standard deviation of ln loss, for the interpolation; `auto` is that about the parabolas. */
  noise: "auto" | number;
  draws: number;
  seed: number;
  /** Whether the estimator is compared with the surface of all runs, which is fitted for it. */
  surface: "fit" | "none";
}

export const OPTIMA_DEFAULTS: OptimaOptions = {
  method: "parabola",
  tolerance: 0.1,
  leastRuns: 4,
  outside: "drop",
  weights: "equal",
  level: 0.95,
  flopsPerParamToken: 6,
  flops: [],
  noise: "auto",
  draws: 1000,
  seed: 1,
  surface: "fit",
};
