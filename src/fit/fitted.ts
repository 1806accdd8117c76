import type { Law } from "../laws/law.js";
import type { Observations } from "../objects.js";
import type { DistinctRows } from "./distinct.js";
import type { Layout, ParameterChoices } from "./layout.js";
import type { Model, Solution } from "./model.js";
import type { Objective } from "./objective.js";
import type { PowerSum } from "./power-sum.js";

/** A fit at its minimum, with everything that later questions of its certainty need. */
export interface Fitted {
  law: Law;
  choices: ParameterChoices;
  observations: Observations;
  layout: Layout;
  /** Equal observations joined. */
  rows: DistinctRows;
  model: Model;
  /** The law as a sum of power terms; null for any other formula. */
  sum: PowerSum | null;
  objective: Objective;
  solution: Solution;
  /** Residuals of the rows (not the observations) on the objective's scale. */
  rowResiduals: Float64Array;
  /** What is drawn or left out together; a list as long as the rows, so only made where it is needed. */
  units(): Int32Array[];
  /** Indices of units that are drawn among themselves; null where all units are drawn together. */
  strata: Int32Array[] | null;
}
