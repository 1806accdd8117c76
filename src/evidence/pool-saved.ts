/** A pooled fit as a saved fit, so that plan, predict and check take it like any other. */
import { evaluateLaw } from "../laws/evaluate-law.js";
import type { Law } from "../laws/law.js";
import type { Observations, ParameterEstimate, Pooled, PooledLaw } from "../objects.js";
import type { Source } from "../plan/source.js";
import type { PoolLog } from "./compare-pool.js";
import type { PoolFamily } from "./pool-trial.js";

/**
 * @param source what the family's predictions are made from, by the chosen way
 * @param parameters its parameters with their intervals
 * @param objective by which the families were pooled
 */
export function savedPool(
  { observations }: PoolFamily,
  { group, law, estimate, draws, level, residuals, residualScale, range, backtest }: Source,
  parameters: Record<string, ParameterEstimate>,
  { from, columns }: PoolLog,
  { objective, ...pooled }: Pooled & { objective: string },
): PooledLaw {
  const names = law.parameters.map(({ name }) => name);
  const rows = observations.measured.length;
  const value = squaresOf(law, estimate, observations, residualScale === "log");
  return {
    group,
    law: law.id,
    ...(law.family === null ? {} : { size: law.family.size }),
    formula: law.formula,
    inputs: law.inputs.map(({ name }) => ({
      name,
      quantity: from.get(name) ?? name,
      column: columns.get(name) ?? name,
    })),
    measured: { column: columns.get("loss") ?? "loss" },
    parameters,
    level,
    interval: "percentile",
    objective: { name: objective, delta: null, deltaRule: null, value },
    status: "converged",
    data: { rows, used: rows, dropped: [], range: range ?? {}, largestProduct: null },
    diagnosis: [],
    ...(backtest === null ? {} : { backtest }),
    draws: { parameters: names, values: draws.map((draw) => names.map((name) => draw[name])) },
    covariance: null,
    residuals,
    pooled,
  };
}

/** Half the sum of squares of the family's own rows, on the objective's scale. */
function squaresOf(
  law: Law,
  estimate: Source["estimate"],
  { measured, inputs }: Observations,
  isLog: boolean,
): number {
  let sum = 0;
  for (let i = 0; i < measured.length; i++) {
    const at = Object.fromEntries([...inputs].map(([name, column]) => [name, column[i]]));
    const predicted = evaluateLaw(law, estimate, at);
    sum += (isLog ? Math.log(measured[i] / predicted) : measured[i] - predicted) ** 2 / 2;
  }
  return sum;
}
