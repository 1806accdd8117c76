/**
 * Stages of a chain that have parameters in common, fitted as one problem over the rows of all of them:
 *
 *   F(theta) = SUM_k SUM_i rho(u (y_ki - m_k(x_ki; theta)) / s_k),   s_k the spread of stage k (`stage-spreads.ts`)
 *
 * with u the spread of the stage that is asked for first, so that delta is on the scale of its residuals. For squares and
 * noise of spread s_k this is the likelihood of all rows: what is in common is known better than from any stage alone.
 */
import { DataError } from "../errors.js";
import type { Law } from "../laws/law.js";
import { lawFunction } from "../laws/law-function.js";
import { stackedLaw } from "../laws/stacked.js";
import type { Diagnosis, FittedStage, JointStage } from "../objects.js";
import { listOf } from "../text.js";
import { keepResiduals } from "./estimates.js";
import { type CoreFit, type StartedFit, startFit } from "./fit-law.js";
import { requireAnswerable } from "./identifiability.js";
import { noiseFinding, noiseReport } from "./known-noise.js";
import { layoutOf, type ParameterChoices, withHeld } from "./layout.js";
import { fitMetrics } from "./metrics.js";
import { mixedRows } from "./mixed-rows.js";
import { makeObjective } from "./objective.js";
import type { FitOptions } from "./options.js";
import { stackedRows } from "./stacked-rows.js";
import { type StageRows, stageSpreads } from "./stage-spreads.js";

/** One stage of a fit, with the residuals that a saved fit keeps of it. */
export interface StageOutcome {
  stage: FittedStage;
  residuals: number[];
}

/** A fit of several stages that lacks nothing but its refits. */
export interface StartedJoint extends Pick<StartedFit, "tasks"> {
  finish(draws: Parameters<StartedFit["finish"]>[0]): { fit: CoreFit; stages: StageOutcome[] };
}

/**
 * @param stages at least two, linked by what they have in common, with units of resampling that are the same runs in each
 * @param first the place among them of the one whose spread is the unit of delta
 * @param choices of any of their parameters
 * @throws DataError where a stage has no rows, or too few for what it alone has
 */
export function startJoint(
  chain: Law,
  stages: readonly StageRows[],
  first: number,
  options: FitOptions,
  choices: ParameterChoices,
): StartedJoint {
  const inCommon = stages.map((stage) => sharedWith(stage, stages));
  for (const [k, stage] of stages.entries()) requireOwnRows(stage, inCommon[k]);
  const spreads = stageSpreads(stages, options.objective);
  const law = stackedLaw(
    chain,
    stages.map((stage) => stage.law),
  );
  const observations = stages.map((stage) => stage.observations);
  const started = startFit(law, stackedRows(law, observations, spreads, spreads[first]), options, choices);
  return {
    tasks: started.tasks,
    finish(draws) {
      const fit = started.finish(draws);
      const judged = stages.map((stage, k) => {
        const joint = { with: outputsBut(stages, k), parameters: inCommon[k], spread: spreads[k] };
        return judgeStage(stage, joint, fit, spreads[first], options.seed);
      });
      const own = judged.flatMap(({ diagnosis }) => diagnosis);
      return { fit: { ...fit, diagnosis: [...fit.diagnosis, ...own] }, stages: judged };
    },
  };
}

const outputsBut = (stages: readonly StageRows[], k: number): string[] =>
  stages.filter((_, other) => other !== k).map(({ law }) => law.output.name);

/** Names of the parameters that a stage has in common with others. */
const sharedWith = (stage: StageRows, stages: readonly StageRows[]): string[] =>
  stage.law.parameters
    .map(({ name }) => name)
    .filter((name) =>
      stages.some((other) => other !== stage && other.law.parameters.some((known) => known.name === name)),
    );

/** What only this stage has, only its rows can tell; what is in common, any of the stages'. */
function requireOwnRows({ law, observations, choices }: StageRows, inCommon: readonly string[]): void {
  const output = law.output.name;
  if (observations.measured.length === 0) {
    throw new DataError({
      code: "too-few-rows",
      message: `no row has a usable ${output}, and the law has ${listOf(law.parameters.map(({ name }) => name))} from it`,
      why: `${listOf(inCommon)} could be had without it, what else it has could not`,
      hint: `give a column for it: --map ${output}=COLUMN; a row may leave the other outputs empty`,
    });
  }
  const { free } = layoutOf(law, withHeld(law, choices));
  requireAnswerable(observations, law, free.filter(({ name }) => !inCommon.includes(name)).length);
}

/** How a stage fares at the joint estimate. */
function judgeStage(
  { law, observations, choices }: StageRows,
  joint: JointStage,
  fit: CoreFit,
  unit: number,
  seed: number,
): StageOutcome & { diagnosis: Diagnosis[] } {
  const { name, delta } = fit.objective;
  const objective = makeObjective(name as Parameters<typeof makeObjective>[0], delta);
  const { measured, weight } = observations;
  const predicted = valuesOf(law, fit, observations);
  const isLog = objective.scale === "log";
  const y = isLog ? measured.map(Math.log) : measured;
  const m = isLog ? predicted.map(Math.log) : predicted;
  const residuals = y.map((value, i) => value - m[i]);
  const factor = unit / joint.spread;
  const value = y.reduce(
    (sum, of, i) => sum + objective.rho(of, m[i], factor * Math.sqrt(weight?.[i] ?? 1)),
    0,
  );
  const layout = layoutOf(law, withHeld(law, choices));
  const p = layout.free.length;
  const noise = noiseReport(observations, residuals, p);
  const ofNoise = noise === undefined ? {} : { noise };
  const metrics = { ...fitMetrics(observations, predicted, residuals, p), looMeanRelativeError: null };
  const found = [
    ...noiseFinding(noise, measured.length, p),
    ...mixedRows({ observations, layout, predicted, residuals }),
  ];
  return {
    stage: {
      output: law.output.name,
      formula: law.formula,
      rows: measured.length,
      // rho of a residual u r / s with delta is that of r with s/u delta.
      objective: { ...fit.objective, ...ofNoise, delta: delta === null ? null : delta / factor, value },
      status: fit.status,
      search: fit.search,
      metrics,
      joint,
    },
    residuals: keepResiduals(residuals, seed),
    diagnosis: found.map((one) => ({ ...one, message: `${law.output.name}: ${one.message}` })),
  };
}

/** The stage's value in every row, in plain units. */
function valuesOf(law: Law, fit: CoreFit, { inputs, measured }: StageRows["observations"]): Float64Array {
  const names = law.parameters.map(({ name }) => name);
  const columns = law.inputs.map(({ name }) => inputs.get(name) as Float64Array);
  const values = new Float64Array(measured.length);
  lawFunction(law, law.expression, { free: names, given: new Map() })
    .bind(columns, measured.length)
    .value(
      Float64Array.from(names, (name) => fit.parameters[name].estimate),
      values,
    );
  return values;
}
