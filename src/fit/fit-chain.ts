/**
 * A chain of laws fitted stage by stage: N, D -> loss -> accuracy. Each stage sees the measured outputs of the ones before
 * it; all are refitted to the same resamples, so that a draw of the chain is one draw of every stage and the error of one
 * is carried through the next. Stages that have parameters in common are one fit (`joint-stages.ts`), which stands beside
 * those of the others as theirs do.
 */
import { UsageError } from "../errors.js";
import type { Law } from "../laws/law.js";
import { linkedStages } from "../laws/stacked.js";
import type { FitMemory, FittedStage, Observations } from "../objects.js";
import { listOf } from "../text.js";
import { blockDiagonal } from "./block-diagonal.js";
import type { Draws } from "./bootstrap.js";
import { correlationsOf } from "./correlations.js";
import { type CoreFit, type StartedFit, startFit } from "./fit-law.js";
import { type StageOutcome, startJoint } from "./joint-stages.js";
import { NO_CHOICES, type ParameterChoices } from "./layout.js";
import type { FitOptions } from "./options.js";
import type { StageRows } from "./stage-spreads.js";

/** What the core makes of a chain: one fit over all parameters, and what is known of each stage. */
export interface ChainFit extends CoreFit {
  stages: FittedStage[];
}

/** A chain that lacks nothing but its refits. */
export interface StartedChain extends Omit<StartedFit, "finish"> {
  finish(draws: readonly Draws[]): ChainFit;
}

/**
 * @param stages the rows of each stage, in the order of the law's stages; rows of a log are told by `rows`
 * @param choices what is fixed, tied, started or bounded, by parameter
 * @throws DataError when the rows cannot determine a stage, UsageError for options that a chain has no use for
 */
export function startChain(
  law: Law,
  stages: readonly Observations[],
  options: FitOptions,
  choices: ParameterChoices = NO_CHOICES,
): StartedChain {
  if (options.interval !== "percentile" && options.interval !== "covariance") {
    throw new UsageError({
      code: "flags",
      message: `--interval ${options.interval} is for a law of one stage, and "${law.id}" has ${law.stages.length}`,
      hint: "leave it out: the resamples of all stages go together",
    });
  }
  if (stages.some(({ stratum }) => stratum !== undefined)) {
    throw new UsageError({
      code: "flags",
      message: `--strata is for a law of one stage, and "${law.id}" has ${law.stages.length}`,
      why: "the stages have different rows and share their resamples, and a stratum full in one may be empty in another",
      hint: "leave it out, or fit the stages one by one",
    });
  }
  const shared = withSharedUnits(stages);
  const parts = linkedStages(law).map((places) => startPart(law, places, shared, options, choices));
  return {
    tasks: parts.flatMap(({ tasks }) => tasks),
    finish(draws) {
      const before = (k: number) => parts.slice(0, k).reduce((sum, { tasks }) => sum + tasks.length, 0);
      const own = parts.map(({ tasks }, k) => draws.slice(before(k), before(k) + tasks.length));
      return joined(
        law,
        parts.map((part, k) => ({ ...part.finish(own[k]), drawn: own[k][0] })),
      );
    },
  };
}

/** What was fitted as one: a stage, or those that parameters link to each other. */
interface Part {
  fit: CoreFit;
  stages: StageOutcome[];
}

interface FittedPart extends Part {
  /** The refits behind the fit's draws. */
  drawn: Draws | undefined;
}

function startPart(
  law: Law,
  places: readonly number[],
  rows: readonly Observations[],
  options: FitOptions,
  choices: ParameterChoices,
): { tasks: StartedFit["tasks"]; finish(draws: readonly Draws[]): Part } {
  const stages = places.map((k) => ({
    law: law.stages[k],
    observations: rows[k],
    choices: choicesOf([law.stages[k]], choices),
  }));
  const main = stages.findIndex((stage) => stage.law.output.name === law.output.name);
  if (stages.length > 1) {
    const all = choicesOf(
      stages.map((stage) => stage.law),
      choices,
    );
    return startJoint(law, stages, Math.max(main, 0), options, all);
  }
  const [stage] = stages;
  const { tasks, finish } = startFit(stage.law, stage.observations, options, stage.choices);
  return {
    tasks,
    finish(draws) {
      const fit = finish(draws);
      return { fit, stages: [alone(stage, fit)] };
    },
  };
}

/** A stage that was fitted by itself. */
function alone({ law, observations }: StageRows, fit: CoreFit): StageOutcome {
  const { objective, status, search, metrics, residuals } = fit;
  const { output, formula } = law;
  const rows = observations.measured.length;
  return {
    stage: { output: output.name, formula, rows, objective, status, search, metrics },
    residuals,
  };
}

function choicesOf(
  stages: readonly Law[],
  { starts, bounds, fixed, tied }: ParameterChoices,
): ParameterChoices {
  const names = new Set(stages.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const own = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([name]) => names.has(name)));
  return { starts: own(starts), bounds: own(bounds), fixed: own(fixed), tied: own(tied) };
}

/**
 * The rows of all stages as one list of units, so that resample b is the same runs in every stage: a unit is a row of the
 * log, or the rows of one run. A stage that lacks a unit's rows passes over it.
 */
function withSharedUnits(stages: readonly Observations[]): Observations[] {
  const places = stages.map(({ rows, measured }) => {
    const numbers = rows ?? Int32Array.from(measured.keys());
    return new Map(Array.from(numbers, (row, i) => [row, i] as const));
  });
  const all = [...new Set(places.flatMap((known) => [...known.keys()]))];
  // By the rows' places in the stages, which depend on values alone: the order of the log has no say.
  const placed = all.map((row) => places.map((known) => known.get(row) ?? Number.POSITIVE_INFINITY));
  const order = [...all.keys()].sort((a, b) => {
    const k = placed[a].findIndex((place, stage) => place !== placed[b][stage]);
    return k < 0 ? 0 : placed[a][k] - placed[b][k];
  });
  const units: number[][] = [];
  const byRun = new Map<string, number[]>();
  for (const at of order) {
    const stage = placed[at].findIndex((place) => Number.isFinite(place) && stages.length > 0);
    const run = stages[stage].run?.[placed[at][stage]];
    const known = run === undefined ? undefined : byRun.get(`${stage} ${run}`);
    if (known !== undefined) {
      known.push(at);
      continue;
    }
    const unit = [at];
    units.push(unit);
    if (run !== undefined) byRun.set(`${stage} ${run}`, unit);
  }
  return stages.map((observations, k) => ({
    ...observations,
    units: units.map((unit) => Int32Array.from(unit.map((at) => placed[at][k]).filter(Number.isFinite))),
  }));
}

function joined(law: Law, parts: readonly FittedPart[]): ChainFit {
  const outcomes = new Map(
    parts.flatMap(({ stages }) => stages.map((outcome) => [outcome.stage.output, outcome] as const)),
  );
  const main = outcomes.get(law.output.name) as StageOutcome;
  const first = (parts.find(({ stages }) => stages.includes(main)) as FittedPart).fit;
  const fits = parts.map(({ fit }) => fit);
  const estimates = Object.assign({}, ...fits.map(({ parameters }) => parameters)) as CoreFit["parameters"];
  const covariance = joinedCovariance(fits);
  return {
    ...first,
    law: law.id,
    formula: law.formula,
    parameters: Object.fromEntries(law.parameters.map(({ name }) => [name, estimates[name]])),
    status: fits.find(({ status }) => status !== "converged")?.status ?? "converged",
    metrics: main.stage.metrics,
    residuals: main.residuals,
    diagnosis: parts.flatMap(({ fit, stages }) =>
      fit.diagnosis.map((finding) => ({
        ...finding,
        message: `${listOf(stages.map(({ stage }) => stage.output))}: ${finding.message}`,
      })),
    ),
    backtest: { m: null, reason: "the stages of a chain are not held out together" },
    draws: joinedDraws(parts),
    covariance,
    correlations: correlationsOf(covariance),
    stages: law.stages.map(({ output }) => (outcomes.get(output.name) as StageOutcome).stage),
  };
}

/** Draws of the resamples that every part could be fitted to. */
function joinedDraws(parts: readonly FittedPart[]): FitMemory["draws"] {
  const fits = parts.map(({ fit }) => fit);
  const parameters = fits.flatMap((fit) => fit.draws.parameters);
  const byIndex = parts.map(({ drawn }) => new Map(drawn?.indices.map((b, i) => [b, i]) ?? []));
  const common = (parts[0].drawn?.indices ?? []).filter((b) => byIndex.every((known) => known.has(b)));
  const values = common.map((b) =>
    fits.flatMap((fit, k) => fit.draws.values[byIndex[k].get(b) as number] as number[]),
  );
  const stretch = Math.max(...fits.map((fit) => fit.draws.stretch ?? 1));
  return { parameters, values, ...(stretch === 1 ? {} : { stretch }) };
}

/**
 * Stages do not share an error: the covariance has one block for each that is fitted by itself, one for those fitted together. A number derived from several stages is as uncertain as
 * the stage with the fewest degrees of freedom makes it.
 */
function joinedCovariance(fits: readonly CoreFit[]): FitMemory["covariance"] {
  if (fits.some(({ covariance }) => covariance === null)) return null;
  const blocks = fits.map(({ covariance }) => covariance as NonNullable<FitMemory["covariance"]>);
  const parameters = blocks.flatMap((block) => block.parameters);
  const values = blockDiagonal(blocks.map((block) => block.values));
  const degrees = Math.min(...blocks.map((block) => block.degrees ?? Number.POSITIVE_INFINITY));
  return { parameters, values, ...(Number.isFinite(degrees) ? { degrees } : {}) };
}
