import type { Law } from "../laws/law.js";
import type { DistinctRows } from "./distinct.js";
import { FormulaModel } from "./formula-fit.js";
import type { Layout } from "./layout.js";
import type { Model } from "./model.js";
import type { PowerSum } from "./power-sum.js";
import { PowerSumProblem } from "./power-sum-fit.js";
import { powerSumOf } from "./power-sum-of.js";
import { coordinatesOver } from "./search-coordinates.js";

/**
 * The model of a law over rows: a sum of power terms in its own coordinates where the formula is one, nothing about
 * its parameters was changed and every measured value is above 0, as such a sum is; else the formula, in the variables that
 * the law names (where its parameters are as they were) or in its parameters as they are.
 */
export function modelOf(
  law: Law,
  layout: Layout,
  rows: DistinctRows,
): { model: Model; sum: PowerSum | null } {
  const { measured, weight, inverseNoise } = rows;
  // Sums of power terms are searched by relative residuals, which a measured 0 has none of.
  const sum = layout.isPlain && measured.every((y) => y > 0) ? powerSumOf(law) : null;
  if (sum !== null)
    return { model: PowerSumProblem.of(sum, rows.inputs, measured, weight, inverseNoise), sum };
  const columns = law.inputs.map(({ name }) => rows.inputs.get(name) as Float64Array);
  const { coordinates } = law;
  if (layout.isPlain && coordinates !== null && columns.every((column) => column.every((x) => x > 0))) {
    const { compiled, free, map } = coordinatesOver(law, coordinates, columns);
    return {
      model: new FormulaModel(compiled, free, columns, measured, weight, inverseNoise, map),
      sum: null,
    };
  }
  return {
    model: new FormulaModel(
      layout.compile(),
      layout.free,
      columns,
      measured,
      weight,
      inverseNoise,
      null,
      layout.isOwn && law.starts !== null ? { starts: law.starts, output: law.output.name } : null,
    ),
    sum: null,
  };
}
