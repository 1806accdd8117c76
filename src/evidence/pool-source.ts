/** A pooled fit as what predictions and curves are made from, like any saved fit. */
import type { PooledFit } from "../fit/pool-target.js";
import { extent } from "../fit/quantiles.js";
import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import { FLOPS_PER_PARAM_TOKEN, type Source } from "../plan/source.js";

/** What a source needs beside the fit. */
export interface PooledRows {
  group: string;
  /** The family's own runs. */
  observations: Observations;
  residuals: readonly number[];
  isLog: boolean;
  level: number;
  /** What each input was read from, by the law's input name. */
  quantities: ReadonlyMap<string, string>;
}

export function sourceFromPool(
  law: Law,
  { estimate, draws }: Pick<PooledFit, "estimate" | "draws">,
  { group, observations, residuals, isLog, level, quantities }: PooledRows,
): Source {
  const named = (values: Float64Array) =>
    Object.fromEntries(law.parameters.map(({ name }, j) => [name, values[j]]));
  return {
    group,
    law,
    from: `the runs of ${group} and of the other families`,
    estimate: named(estimate),
    draws: draws.map(named),
    method: { kind: "percentile" },
    stretch: 1,
    withoutDraws: null,
    level,
    residuals: [...residuals],
    residualScale: isLog ? "log" : "raw",
    range: Object.fromEntries([...observations.inputs].map(([name, column]) => [name, extent(column)])),
    largestProduct: null,
    backtest: { m: null, reason: "the families' spread stands in its place" },
    choice: null,
    diagnosis: new Set(),
    quantities,
    conventions: null,
    presetRange: null,
    flopsPerParamToken: FLOPS_PER_PARAM_TOKEN,
  };
}
