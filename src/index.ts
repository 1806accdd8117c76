/**
 * scalefit as a library: the same core, the same names and the same result objects as the command line.
 *
 *   import { fit, plan, predict } from "scalefit";
 *   const result = fit({ law: "chinchilla", data: { N, D, loss } });
 *   const next = plan({ fit: result, flops: 1e22 });
 */
import { DataError, UsageError } from "./errors.js";
import { openBacktest, runCut } from "./evidence/backtest.js";
import { backtestPool } from "./evidence/backtest-pool.js";
import { chooseLaw, contestOf } from "./evidence/choose-law.js";
import type { Candidate } from "./evidence/common-rows.js";
import { type JudgedFit, compareLaws as lawsSideBySide } from "./evidence/compare-laws.js";
import { comparePool } from "./evidence/compare-pool.js";
import { compareWithPreset } from "./evidence/compare-presets.js";
import { compareRecipes } from "./evidence/compare-recipes.js";
import {
  DEFAULT_METRICS_OPTIONS,
  decisionMetrics,
  type MetricsOptions,
} from "./evidence/decision-metrics.js";
import { CAMPAIGNS, simulateDesign } from "./evidence/design-campaigns.js";
import { judgeLaw } from "./evidence/judge-law.js";
import { poolWarnings } from "./evidence/pool-families.js";
import {
  areOfProduct,
  fitBesidePresets,
  type LogToMatch,
  matchPreset,
  noneComparable,
  presetWarnings,
} from "./evidence/presets-said.js";
import { type PlanMade, sensitivityOf } from "./evidence/sensitivity.js";
import { fitObserved } from "./fit/fit-observed.js";
import { NO_CHOICES } from "./fit/layout.js";
import { isLog, type ObjectiveName } from "./fit/objective.js";
import { DEFAULT_OPTIONS, type FitOptions, optionsFor } from "./fit/options.js";
import { extent } from "./fit/quantiles.js";
import { UNKNOWN_AXES } from "./laws/axes.js";
import {
  type Candidates,
  candidatesAmong,
  candidatesBeside,
  candidatesFor,
  ofTheSameInputs,
} from "./laws/candidates.js";
import { expanded, presetCoefficients, resolveCoefficients } from "./laws/coefficients.js";
import { laws } from "./laws/index.js";
import { isInRange, type PointWords, resolvePoint } from "./laws/inputs.js";
import type { Law, LawInput } from "./laws/law.js";
import { lawOfFit } from "./laws/law-of-fit.js";
import { lawsAsked, type SeveralAsked } from "./laws/laws-asked.js";
import { presetNamed } from "./laws/preset-named.js";
import { boundForPreset, presetsCalled } from "./laws/presets.js";
import { requireLaw } from "./laws/require-law.js";
import { type BoundLaw, bindLaw, lawsForColumns, missingFor, type Offered } from "./laws/routing.js";
import { computeOfLog, computeRatio, productColumn } from "./logs/compute-of-log.js";
import { canHave, derivationOf } from "./logs/derived.js";
import { parseNoise, precisionOf } from "./logs/noise.js";
import { settingOfColumn } from "./logs/setting-column.js";
import type {
  AxesOfLog,
  BacktestDocument,
  CompareDocument,
  CompareLawsDocument,
  DesignDocument,
  Evaluations,
  LawChoice,
  MetricsDocument,
  Observations,
  PlanDocument,
  PoolBacktestDocument,
  PoolDocument,
  PredictDocument,
  PresetComparison,
  PresetsDocument,
  SavedFit,
  SavedPool,
  Warning,
} from "./objects.js";
import { orderByValues } from "./order.js";
import { answerCalled, givenFor, solveAt } from "./plan/answer.js";
import { COST_UNITS, unitOfColumn } from "./plan/cost-units.js";
import { designFor } from "./plan/design-for.js";
import { DESIGN_DEFAULTS, type DesignQuestion } from "./plan/design-question.js";
import { type HyperparametersAsked, withHyperparameters } from "./plan/hyperparameters.js";
import type { MeasuredCostAsked } from "./plan/measured-cost.js";
import { planFor } from "./plan/plan-for.js";
import { predictAt } from "./plan/predict.js";
import { type GivenValues, type Question, requireQuestion } from "./plan/question.js";
import {
  cautionsOf,
  type Source,
  sourceFromCoefficients,
  sourceFromFit,
  sourceFromPreset,
} from "./plan/source.js";
import { quoteText } from "./text.js";
import { VERSION } from "./version.js";

export { DataError, InputError, InternalError, ScalefitError, UsageError } from "./errors.js";
export type { FitOptions } from "./fit/options.js";
export { scalingRegime } from "./laws/bahri.js";
export { laws } from "./laws/index.js";
export type { Law, LawInput, LawParameter, Preset } from "./laws/law.js";
export type * from "./objects.js";
export {
  type EnvelopeInput,
  envelopeOptima,
  type IsoflopInput,
  isoflopOptima,
} from "./optima/from-columns.js";
export { type CompoundFactors, type CompoundWeights, compoundScaling } from "./plan/cnn-compound.js";
export type { CostAsked } from "./plan/cost.js";
export type { DesignQuestion } from "./plan/design-question.js";
export { ACCELERATORS as accelerators, type Accelerator } from "./plan/hardware.js";
export type { GivenValues, Question } from "./plan/question.js";
export type { HardwareAsked } from "./plan/run-cost.js";
export { type ShapeAsked, shape } from "./plan/shape.js";
export {
  chinchillaCount,
  deepseekCount,
  type FlopsRule,
  kaplanCount,
  palmCount,
  type Recompute,
  trainFlopsPerToken,
} from "./transformer/flops-rules.js";
export {
  parametersOf,
  type ShapeGiven,
  shapeOfWidth as transformerShape,
  type TransformerShape,
} from "./transformer/shape.js";
export { VERSION as version };

export interface FitInput extends Partial<FitOptions> {
  /**
   * A law's id; by default the one that fits the columns. `auto` chooses among all that fit them, `a,b,c` among these: the
   * fit then says how, in `choice`.
   */
  law?: string;
  /**
   * Columns by quantity (`N`, `D`, `C`, `x`, or what the law reads) and the measured `loss` (or what the law predicts), all
   * of one length, in plain units.
   */
  data: Readonly<Record<string, ArrayLike<number>>>;
  /**
   * Known standard deviation of the loss, > 0: one number or one a row, in the unit of the loss; or a text such as
   * "0.5%", relative to it. Then residuals are compared in units of it, and delta counts in them.
   */
  noise?: number | string | ArrayLike<number>;
}

/**
 * Fits a law to columns of numbers. Rows with a value that the law cannot use are left out and counted.
 *
 * @returns the document that `scalefit fit` saves: estimates, intervals, draws
 * @throws UsageError for an unknown law or columns of unequal length, DataError when the rows cannot determine it
 */
export const fit = (input: FitInput): SavedFit => fittedTo(input).saved;

/** A fit with what it was made of. */
function fittedTo({ law: id, data, noise, ...options }: FitInput) {
  const columns = columnsOf(data);
  const asked = id === undefined ? null : lawsAsked(id);
  const chosen = asked === null || "law" in asked ? null : chosenFrom(columns, asked, noise, options);
  const bound = chosen?.bound ?? boundTo(columns, asked !== null && "law" in asked ? asked.law : null);
  const settings: FitOptions = { ...optionsFor(bound.law, DEFAULT_OPTIONS), ...options };
  const precision = precisionFor(bound, columns, noise, settings);
  const { observations, used, rows } = usableRows(bound, columns, precision);
  const dropped =
    used === rows
      ? []
      : [
          {
            file: "data",
            code: "not-positive",
            reason: "not a finite number above 0",
            count: rows - used,
            lines: [],
          },
        ];
  const range = rangesOf(observations);
  const observed = { group: null, observations, rows, used, dropped, range };
  const fitted = fitObserved(bound.law, observed, bound.from, settings);
  const { seed, ...rest } = settings;
  const saved: SavedFit = {
    schema: "scalefit/fit@1",
    fits: [chosen === null ? fitted : { ...fitted, choice: chosen.choice }],
    warnings: fitted.diagnosis
      .filter((d) => d.severity === "warning")
      .map(({ code, message }) => ({ code, message })),
    made: {
      version: VERSION,
      options: {
        law: chosen?.choice.asked ?? bound.law.id,
        ...(noise === undefined ? {} : { noise: typeof noise === "object" ? "by row" : noise }),
        ...rest,
      },
      seed,
      inputs: [],
    },
  };
  return { saved, bound, columns, observations, settings };
}

const rangesOf = ({ inputs }: Observations): Record<string, [number, number]> =>
  Object.fromEntries([...inputs].map(([name, column]) => [name, extent(column)]));

export interface CompareInput extends Partial<FitOptions> {
  /** Columns of each recipe by its name, as `fit` takes them; two or more. */
  recipes: Readonly<Record<string, FitInput["data"]>>;
  /** A law's id; by default the one that fits the columns of the first recipe. */
  law?: string;
  /** Scales at which the curves are held against each other; by default some over the data, and 10 and 100 times beyond. */
  scales?: readonly number[];
  /** How far above its floor, as a share of it, a run counts as on the plateau; 0.02 by default. */
  margin?: number;
}

/**
 * Recipes compared under one law: whether their curves differ, which is the lower one where, where they cross, and how much
 * more compute one needs for what another reaches.
 *
 * @returns the document that `scalefit compare` prints
 * @throws UsageError for fewer than two recipes or a law that is no curve along one scale, DataError when the runs of a
 *   recipe cannot determine the law
 */
export function compare({
  recipes,
  law: id,
  scales = [],
  margin = 0.02,
  ...options
}: CompareInput): CompareDocument {
  const names = Object.keys(recipes).sort();
  if (names.length < 2) {
    throw new UsageError({
      code: "one-group",
      message: `nothing to compare: ${names.length === 0 ? "no recipe is given" : "one recipe is given"}`,
      hint: "give the columns of two recipes or more",
    });
  }
  let law = id;
  const made = names.map((group) => {
    const { saved, bound, observations } = fittedTo({ law, data: recipes[group], ...options });
    law ??= bound.law.id;
    return { group, law: bound.law, observations, fit: { ...saved.fits[0], group } };
  });
  const { seed } = { ...DEFAULT_OPTIONS, ...options };
  return {
    schema: "scalefit/compare@1",
    mode: "recipes",
    recipes: compareRecipes(made[0].law, made, { scales, margin, seed }),
    warnings: [],
  };
}

export interface ComparePresetsInput extends Omit<FitInput, "noise"> {
  /** Names of published sets. */
  presets: readonly string[];
  /** What the columns count; what is left out is unknown, taken to be the sets' own, and said. */
  axes?: Partial<AxesOfLog>;
  /** Scales to compare at; by default some over the data, and 10 and 100 times beyond. */
  scales?: readonly number[];
}

/**
 * A fit of one's own held against published sets: how they do on the rows, both curves at budgets, exponents, plans. N is
 * taken as it is: a set that counts it otherwise is refused. Where N and D are given, compute is 6 N D of them, as in the
 * sets, whatever C is.
 *
 * @returns the document that `scalefit compare --preset` prints
 * @throws UsageError for an unknown set, DataError where none can be held against the rows
 */
export function comparePresets({
  presets,
  axes: asserted = {},
  scales = [],
  ...input
}: ComparePresetsInput): PresetsDocument {
  if (asserted.loss === "perplexity") {
    throw new UsageError({
      code: "data",
      message: "a perplexity is no loss",
      hint: "give its logarithm, a loss in nats: axes.loss is nats then",
    });
  }
  const sets = presetsCalled(presets);
  const { compute, ratio, isProduct, data } = withProduct(input.data, areOfProduct(sets));
  const { saved, bound, columns, observations } = fittedTo({ ...input, data });
  const [fitted] = saved.fits;
  const axes: AxesOfLog = {
    ...UNKNOWN_AXES,
    ...NO_SIZES,
    ...(ratio === null ? {} : { compute: ratio.isProduct ? "6ND" : "counted" }),
    ...asserted,
  };
  const own = { law: bound.law, fit: fitted, observations, from: bound.from };
  const offered = offeredBy(columns);
  const log: LogToMatch = {
    ...{ axes, offered, isProduct, from: bound.from, fromCompute: compute.fromCompute },
    hasParams: () => false,
    ratio: () => ratio,
  };
  const compared: PresetComparison[] = [];
  const refused: PresetsDocument["refused"] = [];
  for (const { law, preset } of sets) {
    const match = matchPreset({ law, preset }, log);
    if ("reason" in match) {
      refused.push({ preset: preset.name, ...match });
      continue;
    }
    const member = presetCoefficients(law, preset);
    const asMeant = boundForPreset({ law: member.law, preset }, offered) as BoundLaw;
    const { observations: theirs } = usableRows({ ...asMeant, measured: bound.measured }, columns, null);
    const rows = { observations: theirs, from: asMeant.from };
    compared.push(
      compareWithPreset(
        own,
        { ...match, law: member.law, preset, coefficients: member.values, rows },
        scales,
        0,
      ),
    );
  }
  if (compared.length === 0) throw noneComparable(refused);
  return {
    schema: "scalefit/compare@1",
    mode: "presets",
    measured: fitted.measured.column,
    level: fitted.level,
    log: {
      axes,
      from: {
        ...(ratio === null ? {} : { compute: "C beside N and D" }),
        ...Object.fromEntries(Object.keys(asserted).map((name) => [name, "as asserted"])),
      },
    },
    fits: [fitBesidePresets(fitted, axes.params, ratio)],
    presets: compared,
    refused,
    warnings: [...saved.warnings, ...presetWarnings(compared, refused)],
  };
}

/** Compute as 6 N D where the data hold N and D, with how far their own C is from it. */
function withProduct(data: FitInput["data"], areProducts: boolean) {
  const compute = computeOfLog((name) => Object.hasOwn(data, name));
  const { N, D, C } = data;
  if (N === undefined || D === undefined || C === undefined || N.length !== D.length)
    return { compute, ratio: null, isProduct: areProducts && compute.hasProduct, data };
  const { numbers } = productColumn(N, D);
  return {
    compute,
    ratio: computeRatio("C", C, numbers),
    isProduct: areProducts,
    data: areProducts ? { ...data, C: numbers } : data,
  };
}

const NO_SIZES = { bytesPerToken: null, charactersPerToken: null, isSparse: false };

export interface CompareLawsInput extends FitInput {
  /** `a,b,c` or `auto`. */
  law: string;
  /** Scales to compare at; by default some over the data, and 10 and 100 times beyond. */
  scales?: readonly number[];
}

/**
 * Several laws on one log: which the rows ask for, and what follows from taking another.
 *
 * @returns the document that `scalefit compare --law a,b,c` prints
 * @throws UsageError for an unknown law, DataError where none can be fitted
 */
export function compareLaws({
  law: id,
  data,
  noise,
  scales = [],
  ...given
}: CompareLawsInput): CompareLawsDocument {
  const columns = columnsOf(data);
  const asked = lawsAsked(id);
  const several = "law" in asked ? { among: [asked.law], asked: id } : asked;
  const { bound, refused } = severalIn(columns, several);
  const candidates = bound.map((one) => candidateOf(one, columns, noise, given));
  const options = { ...DEFAULT_OPTIONS, ...given };
  const contested = contestOf(candidates, refused, {
    asked: several.asked,
    objective: given.objective ?? null,
    options,
  });
  const { contestants, contest, settle } = contested;
  const results = contestants.map(({ law, observations }) => judgeLaw(law, observations, contest));
  const { choice } = settle(results);
  const judged = contestants.flatMap(({ law, observations }, k): JudgedFit[] => {
    if ("reason" in results[k]) return [];
    const from = candidates.find((one) => one.law === law)?.from ?? new Map<string, string>();
    const used = observations.measured.length;
    const observed = {
      group: null,
      observations,
      rows: used,
      used,
      dropped: [],
      range: rangesOf(observations),
    };
    const settings = { ...options, ...contest.objective };
    return [{ law, observations, fit: fitObserved(law, observed, from, settings) }];
  });
  const comparison = lawsSideBySide(null, choice, judged, scales);
  return {
    schema: "scalefit/compare@1",
    mode: "laws",
    measured: bound[0].measured,
    comparisons: [comparison],
    warnings: [],
  };
}

export interface PoolInput extends Omit<FitInput, "data"> {
  /** Columns of each family by its name, as `fit` takes them; two or more, one run is enough for one of them. */
  families: Readonly<Record<string, FitInput["data"]>>;
}

/** Families of one law with what `comparePool` and `backtestPool` need of them. */
function familiesOf({ families, law: id, noise, ...given }: PoolInput, level: number) {
  const names = Object.keys(families).sort();
  const columns = names.map((name) => columnsOf(families[name]));
  const asked = id === undefined ? null : requireLaw(id);
  const rowsOf = (one: ReadonlyMap<string, Float64Array>) => [...one.values()][0]?.length ?? 0;
  const largest = columns.reduce((a, b) => (rowsOf(b) > rowsOf(a) ? b : a), columns[0] ?? new Map());
  const bound = boundTo(largest, asked);
  const fit: FitOptions = { ...optionsFor(bound.law, DEFAULT_OPTIONS), level, ...given };
  const rows = names.map((group, k) => {
    const precision = precisionFor(bound, columns[k], noise, fit);
    return { group, observations: usableRows(bound, columns[k], precision).observations };
  });
  const log = { from: bound.from, columns: new Map([["loss", bound.measured]]) };
  return { law: bound.law, rows, log, fit, warnings: poolWarnings(rows, fit) };
}

/**
 * Families of runs under one law, each taking from the others what its own runs do not tell, as errors on hidden runs say.
 *
 * @returns the document that `scalefit compare --pool` prints
 * @throws UsageError for a target that is no family, DataError where there are too few families or runs
 */
export function pool({
  target = null,
  scales = [],
  ...input
}: PoolInput & { target?: string | null; scales?: readonly number[] }): PoolDocument {
  const { law, rows, log, fit, warnings } = familiesOf(input, DEFAULT_OPTIONS.level);
  return {
    schema: "scalefit/compare@1",
    mode: "pool",
    pool: comparePool(law, rows, log, { target, scales, fit }).comparison,
    warnings,
  };
}

/**
 * The fit of each family by the way that is chosen for it, for `plan` and `predict`.
 *
 * @returns the document that `scalefit compare --pool -o FILE` saves
 * @throws UsageError for a target that is no family, DataError where there are too few families or runs
 */
export function poolFit({ target = null, ...input }: PoolInput & { target?: string | null }): SavedPool {
  const { law, rows, log, fit, warnings } = familiesOf(input, DEFAULT_OPTIONS.level);
  const { fits } = comparePool(law, rows, log, { target, scales: [], fit });
  const made = { version: VERSION, options: {}, seed: fit.seed, inputs: [] };
  return { schema: "scalefit/fit@1", fits, warnings, made };
}

/**
 * What borrowing buys by number of runs: each family given its smallest runs only, its larger ones predicted.
 *
 * @returns the document that `scalefit backtest --pool` prints
 * @throws DataError where no family has more runs than it would be given
 */
export function poolBacktest({
  runs = [],
  ...input
}: PoolInput & { runs?: readonly number[] }): PoolBacktestDocument {
  const { law, rows, log, fit, warnings } = familiesOf(input, 0.9);
  return {
    schema: "scalefit/backtest@1",
    mode: "pool",
    pool: backtestPool(law, rows, log, { fit, runs: [...runs].sort((a, b) => a - b) }),
    warnings,
  };
}

export interface BacktestInput extends Omit<FitInput, "law"> {
  /** A law's id, or several with commas side by side; by default the one that fits the columns. */
  law?: string;
  /** Cuts of scale, at most; 20 by default. */
  cuts?: number;
  /** Also fits to so many of the runs below each cut. */
  runs?: readonly number[];
  /** A scale (N D, or the law's variable) at which the error to expect is asked for. */
  target?: number;
}

/**
 * Hides the largest rows at every cut of scale, predicts them by fits to the smaller ones, and says how far off that was.
 *
 * @returns the document that `scalefit backtest` prints; `level` is 0.9 by default, that of the intervals it counts
 * @throws UsageError for an unknown law or columns of unequal length, DataError where every cut leaves too few rows
 */
export function backtest({
  law: id,
  data,
  noise,
  cuts = 20,
  runs = [],
  target,
  ...given
}: BacktestInput): BacktestDocument {
  const columns = columnsOf(data);
  const asked = id === undefined ? null : lawsAsked(id);
  const bound =
    asked === null || "law" in asked
      ? [boundTo(columns, asked?.law ?? null)]
      : severalIn(columns, asked).bound;
  const options: FitOptions = { ...DEFAULT_OPTIONS, level: 0.9, ...given };
  const candidates = bound.map((one) => candidateOf(one, columns, noise, given));
  const { work, settle } = openBacktest(candidates, {
    fit: options,
    isObjectiveAsked: given.objective !== undefined,
    cuts,
    runs: [...runs].sort((a, b) => a - b),
    target: target ?? null,
  });
  const { result } = settle(work.map(runCut));
  return {
    schema: "scalefit/backtest@1",
    backtests: [{ group: null, measured: bound[0].measured, observed: "final", ...result }],
    warnings: [],
  };
}

/** The law that the rows choose among several, with what each of its inputs is read from. */
function chosenFrom(
  columns: ReadonlyMap<string, Float64Array>,
  several: SeveralAsked,
  noise: FitInput["noise"],
  given: Partial<FitOptions>,
): { bound: BoundLaw; choice: LawChoice } {
  const { bound, refused } = severalIn(columns, several);
  const candidates = bound.map((one) => candidateOf(one, columns, noise, given));
  const options = { ...DEFAULT_OPTIONS, ...given };
  const { index, choice } = chooseLaw(candidates, refused, {
    asked: several.asked,
    objective: given.objective ?? null,
    options,
  });
  return { bound: bound[index], choice };
}

/** The laws among which columns let choose. @throws UsageError, DataError where none finds its columns */
function severalIn(columns: ReadonlyMap<string, Float64Array>, { among }: SeveralAsked): Candidates {
  const offered = offeredBy(columns);
  const measured = lawsForColumns(offered)[0]?.measured ?? null;
  const found =
    among === "auto"
      ? { bound: candidatesFor(offered, measured), refused: [] }
      : candidatesAmong(among, offered);
  // Says what is missing.
  if (found.bound.length === 0) boundTo(columns, among === "auto" ? null : among[0]);
  return found;
}

/** A law with the rows that it can use. */
function candidateOf(
  bound: BoundLaw,
  columns: ReadonlyMap<string, Float64Array>,
  noise: FitInput["noise"],
  given: Partial<FitOptions>,
): Candidate {
  const options = { ...optionsFor(bound.law, DEFAULT_OPTIONS), ...given };
  const precision = precisionFor(bound, columns, noise, options);
  const { observations } = usableRows(bound, columns, precision);
  return { law: bound.law, from: bound.from, observations };
}

/** Columns are read and never written: those that are numbers already are not copied. */
const numbersOf = (column: ArrayLike<number>): Float64Array =>
  column instanceof Float64Array ? column : Float64Array.from(column);

function columnsOf(data: FitInput["data"]): Map<string, Float64Array> {
  const columns = new Map(Object.entries(data).map(([name, column]) => [name, numbersOf(column)]));
  const [first] = columns;
  const length = columns.get("loss")?.length ?? first?.[1].length ?? 0;
  for (const [name, column] of columns) {
    if (column.length === length) continue;
    throw new UsageError({
      code: "data",
      message: `data.${name} has ${column.length} values and data.${columns.has("loss") ? "loss" : first[0]} ${length}`,
      hint: "give columns of one length",
    });
  }
  return columns;
}

/** The law, or the one that fits the columns, with what each input is read from. @throws UsageError, DataError */
function boundTo(columns: ReadonlyMap<string, Float64Array>, asked: Law | null): BoundLaw {
  const offered = offeredBy(columns);
  const bound = asked === null ? (lawsForColumns(offered)[0] ?? null) : bindLaw(asked, offered);
  if (bound !== null) return bound;
  const outputs = asked === null ? ["loss"] : asked.output.reads;
  if (!outputs.some(offered.has))
    throw new UsageError({ code: "data", message: `data needs a column called ${outputs[0]}` });
  const names = [...columns.keys()].filter((name) => !outputs.includes(name));
  throw new DataError({
    code: "missing-input",
    message: `data has ${names.join(", ") || "no inputs"}, which is not enough for ${asked === null ? "any law" : `the law "${asked.id}"`}`,
    hint:
      asked === null
        ? "give N and D (or two of N, D, C), or x for a law of one variable"
        : `it needs ${missingFor(asked, offered).join(", ")}`,
  });
}

function offeredBy(columns: ReadonlyMap<string, Float64Array>): Offered {
  const has = (name: string) => columns.has(name);
  return { has: (name) => canHave(name, has), list: (name) => listIn(columns, name) };
}

/** Columns r1, r2, ... of a list; null where there are none. */
function listIn(columns: ReadonlyMap<string, Float64Array>, name: string): string[] | null {
  const found: string[] = [];
  while (columns.has(`${name}${found.length + 1}`)) found.push(`${name}${found.length + 1}`);
  return found.length === 0 ? null : found;
}

/** A quantity from others: of N, D and C two give the third by C = 6 N D. */
function derived(columns: ReadonlyMap<string, Float64Array>, name: string): Float64Array | null {
  const derivation = derivationOf(name, (other) => columns.has(other));
  if (derivation === null) return null;
  const parts = derivation.from.map((other) => columns.get(other) ?? derived(columns, other));
  return (parts[0] as Float64Array).map((value, i) => derivation.compute(value, parts[1]?.[i] ?? Number.NaN));
}

/** 1/s^2 of every row; null where no noise is known. @throws UsageError for noise of another length, or none above 0 */
function precisionFor(
  { measured }: BoundLaw,
  columns: ReadonlyMap<string, Float64Array>,
  noise: FitInput["noise"],
  { objective }: FitOptions,
): Float64Array | null {
  return noise === undefined ? null : precisions(noise, measured, valuesIn(columns)(measured), objective);
}

/** A column, or what follows from others. */
const valuesIn =
  (columns: ReadonlyMap<string, Float64Array>) =>
  (name: string): Float64Array =>
    columns.get(name) ?? (derived(columns, name) as Float64Array);

function precisions(
  noise: NonNullable<FitInput["noise"]>,
  name: string,
  measured: Float64Array,
  objective: ObjectiveName,
): Float64Array {
  if (objective === "binomial" || objective === "law-likelihood") {
    throw new UsageError({
      code: "data",
      message: `noise is not for the objective ${objective}`,
      why: "the noise of counts follows from them",
      hint: "leave it out",
    });
  }
  const scale = isLog(objective) ? "log" : "raw";
  if (typeof noise === "object") {
    if (noise.length !== measured.length) {
      throw new UsageError({
        code: "data",
        message: `noise has ${noise.length} values and data.${name} ${measured.length}`,
        hint: "give one for each row, or one for all",
      });
    }
    return measured.map((y, i) => precisionOf(noise[i] > 0 ? noise[i] : Number.NaN, y, false, scale));
  }
  const one = parseNoise(String(noise), "noise");
  if (!("value" in one)) {
    throw new UsageError({
      code: "data",
      message: `noise: cannot use ${quoteText(String(noise))}`,
      hint: 'give a number in the unit of the loss, a text such as "0.5%", or one number a row',
    });
  }
  return measured.map((y) => precisionOf(one.value, y, one.isRelative, scale));
}

/** Where coefficients come from: exactly one of the three. */
export interface CoefficientSource {
  fit?: SavedFit | SavedPool;
  preset?: string;
  /** By the law's names or their aliases, with `law`. */
  coefficients?: GivenValues;
  law?: string;
}

/** A fitted cost law in place of a count of FLOPs: budgets are then in what was measured. */
export interface CostSource extends CoefficientSource {
  /** What the numbers count; by default as the fit's column says, else a unit of its own (`costBudget`). */
  unit?: string;
  /** Inputs of its law as formulas of N, D and C = 6ND: `{ bytes: "2*N" }`. */
  inputs?: Readonly<Record<string, string>>;
}

/**
 * Splits a training budget, or finds what a target loss costs.
 *
 *   plan({ fit: losses, costFit: { fit: timings }, days: 30 })
 *   plan({ fit: losses, lrFit: { preset: "steplaw" }, flops: 1e22 }).plans[0].hyperparameters
 *
 * @throws DataError where the law or the data allow no split, or the loss is below the floor
 */
export function plan({
  fit: saved,
  preset,
  coefficients,
  law,
  costFit,
  lrFit,
  criticalBatchFit,
  ...asked
}: CoefficientSource &
  Omit<Question, "measuredCost" | "criticalBatch"> & {
    costFit?: CostSource;
    lrFit?: CoefficientSource;
    criticalBatchFit?: CoefficientSource;
  }): PlanDocument {
  const question: Question = {
    ...asked,
    ...(costFit === undefined ? {} : { measuredCost: measuredCostFrom(costFit) }),
    ...(criticalBatchFit === undefined ? {} : { criticalBatch: { source: sourcesOf(criticalBatchFit)[0] } }),
  };
  requireQuestion(question);
  const settings = lrFit === undefined ? null : settingsFrom(lrFit);
  const results = sourcesOf({ fit: saved, preset, coefficients, law }).map((source) => {
    const result = planFor(source, question, AT);
    return settings === null ? result : withHyperparameters(result, settings);
  });
  return {
    schema: "scalefit/plan@1",
    plans: results.map((result) => result.plan),
    warnings: [
      ...cautionsFor({ fit: saved, preset }),
      ...(lrFit === undefined ? [] : cautionsFor(lrFit)),
      ...results.flatMap((result) => result.warnings),
    ],
  };
}

function settingsFrom(from: CoefficientSource): HyperparametersAsked {
  const [source] = sourcesOf(from);
  const measures = settingOfColumn(from.fit?.fits[0].measured?.column);
  return { source, given: "lrFit", ...(measures === null ? {} : { measures }) };
}

function measuredCostFrom({ unit, inputs, ...from }: CostSource): MeasuredCostAsked {
  const [source] = sourcesOf(from);
  const column = from.fit?.fits[0].measured?.column ?? "cost";
  if (unit !== undefined && !COST_UNITS.includes(unit)) {
    throw new UsageError({
      code: "unit",
      message: `costFit.unit: there is no unit ${quoteText(unit)}`,
      hint: `it can be ${COST_UNITS.join(", ")}`,
    });
  }
  return {
    source,
    unit: unit ?? unitOfColumn(column) ?? "units",
    column,
    ...(inputs === undefined ? {} : { inputs }),
  };
}

/** What a design rests on and is for: where coefficients come from, the cost of the runs, the target. */
export interface DesignInput
  extends CoefficientSource,
    Pick<DesignQuestion, "flops" | "target">,
    Partial<Omit<DesignQuestion, "flops" | "target">> {
  /** The law's other inputs, held at these values. */
  at?: GivenValues;
  /** Plays whole campaigns on the law: `true` for 100 of them. */
  simulate?: boolean | number;
  /** The law on which they are played, where it is another than the one in hand. */
  truth?: CoefficientSource;
}

/**
 * Which small runs to train next, so that their fit tells most about the large one; those of a fit are built upon.
 *
 *   design({ preset: "besiroglu", flops: 1e20, runs: 12, target: 1e23 }).designs[0].runs
 *
 * @throws DataError for a law without N and D, or fewer runs than parameters without a fit; UsageError for a question that
 *   contradicts itself
 */
export function design({
  fit: saved,
  preset,
  coefficients,
  law,
  at = {},
  simulate = false,
  truth,
  ...asked
}: DesignInput): DesignDocument {
  const question: DesignQuestion = { ...DESIGN_DEFAULTS, ...asked };
  const campaigns = simulate === true ? CAMPAIGNS : Number(simulate);
  const made = sourcesOf({ fit: saved, preset, coefficients, law }).map((source, i) => {
    const covariance = saved?.fits[i].covariance ?? null;
    const result = designFor({ source, covariance, at, words: AT }, question);
    if (campaigns === 0) return result;
    const played = {
      campaigns,
      seed: question.seed,
      truth: truth === undefined ? null : sourcesOf(truth)[0],
    };
    const simulation = simulateDesign(result.source, question, result.design, played);
    return { ...result, design: { ...result.design, simulation } };
  });
  return {
    schema: "scalefit/design@1",
    designs: made.map((result) => result.design),
    warnings: made.flatMap((result) => result.warnings),
  };
}

/**
 * A plan from columns, with what other objectives, rows and laws would have planned and which choice moves it, in
 * `sensitivity`; one refit each.
 *
 * @throws as `fit` and `plan` do
 */
export function sensitivity({
  flops,
  params,
  tokens,
  targetLoss,
  ratio,
  at,
  ...input
}: FitInput & Question): PlanDocument {
  const question = { flops, params, tokens, targetLoss, ratio, ...(at === undefined ? {} : { at }) };
  requireQuestion(question);
  const { saved, bound, columns, observations, settings } = fittedTo(input);
  const [source] = sourcesOf({ fit: saved });
  const { plan: planned, warnings } = planFor(source, question, AT);
  const { law, from, measured } = bound;
  const others = ofTheSameInputs(law, candidatesBeside(law, offeredBy(columns), measured)).map((one) => {
    const precision = precisionFor(one, columns, input.noise, settings);
    return { law: one.law, observations: usableRows(one, columns, precision).observations };
  });
  const made: PlanMade = {
    plan: planned,
    question,
    words: AT,
    law,
    coefficients: source.estimate,
    observations,
    from,
    asked: settings,
    choices: NO_CHOICES,
    whole: null,
    influential: saved.fits[0].diagnosis.find(({ code }) => code === "influential")?.rows ?? [],
    others,
  };
  return {
    schema: "scalefit/plan@1",
    plans: [{ ...planned, sensitivity: sensitivityOf(made) }],
    warnings: [...saved.warnings, ...warnings],
  };
}

/**
 * The law's value at given inputs, with the interval of the mean and that of one new run; with `solve` the law asked
 * backwards.
 *
 * @param from  `at`: the inputs by the law's names, or by the letter of what they were read from (N, D, C), in plain units
 * @throws UsageError for an input that is missing, or that the law cannot have
 */
export function predict({
  at,
  solve,
  ...from
}: CoefficientSource & { at: GivenValues; solve?: string }): PredictDocument {
  const sources = sourcesOf(from);
  const given = new Map(Object.entries(at));
  return {
    schema: "scalefit/predict@1",
    source: sources.map((source) => source.from).join("; "),
    level: sources[0].level,
    predictions: sources.map((source) => {
      const { law } = source;
      if (solve === undefined) return predictAt(source, resolvePoint(law, given, AT, source.quantities).at);
      const answer = answerCalled(law, solve);
      return solveAt(source, answer, givenFor(law, answer, expanded(law, given)));
    }),
    warnings: cautionsFor(from),
  };
}

/**
 * Which metric to decide between recipes by: signal, noise, decision accuracy and prediction error of each.
 *
 * @param from columns of one length, one entry a model or checkpoint; `metrics` by name, NaN where there is no score
 * @throws UsageError for columns of unequal length, or a target that is no metric
 */
export function compareMetrics({
  recipe,
  metrics,
  N = null,
  D = null,
  C = null,
  step = null,
  seed = null,
  run = null,
  ...options
}: Pick<Evaluations, "recipe" | "metrics"> & Partial<Evaluations & MetricsOptions>): MetricsDocument {
  const rows = recipe.length;
  const columns = { N, D, C, step, seed, run, ...Object.fromEntries(metrics) };
  for (const [name, column] of Object.entries(columns))
    if (column !== null && column.length !== rows)
      throw new UsageError({
        code: "data",
        message: `${name} has ${column.length} values and recipe ${rows}`,
        hint: "give columns of one length",
      });
  const evaluations = { recipe, N, D, C, step, seed, run, metrics };
  return {
    schema: "scalefit/compare@1",
    mode: "metrics",
    groupBy: "recipe",
    ...decisionMetrics(evaluations, { ...DEFAULT_METRICS_OPTIONS, ...options }),
    data: { rows, used: rows, dropped: [] },
  };
}

const AT: PointWords = {
  flag: "at",
  place: (name) => `at.${name}`,
  needed: ({ name }) => `at.${name}`,
  cure: ({ name }) => `give at.${name}`,
};

function sourcesOf({ fit: saved, preset, coefficients, law }: CoefficientSource): Source[] {
  if (saved !== undefined) {
    return saved.fits.map((fitted) => sourceFromFit(lawOfFit(fitted), fitted, "fit"));
  }
  const needsNone = law !== undefined && preset === undefined && requireLaw(law).parameters.length === 0;
  if (law !== undefined && (coefficients !== undefined || needsNone)) {
    const member = resolveCoefficients(requireLaw(law), new Map(Object.entries(coefficients ?? {})));
    return [sourceFromCoefficients(member.law, member.values)];
  }
  const found = presetNamed(laws, preset);
  if (found !== null) {
    const member = presetCoefficients(found.law, found.preset);
    return [sourceFromPreset(member.law, found.preset, member.values)];
  }
  throw new UsageError({ code: "source", message: "give fit, a known preset, or law with coefficients" });
}

/** What is known against the published set that is asked for, where one is. */
function cautionsFor({ fit: saved, preset }: CoefficientSource): Warning[] {
  const found = saved === undefined ? presetNamed(laws, preset) : null;
  return found === null ? [] : cautionsOf(found.preset);
}

/** The usable rows, ordered by their values so that their order as given changes no number. */
function usableRows(
  { law, from, measured, constants }: BoundLaw,
  given: ReadonlyMap<string, Float64Array>,
  precision: Float64Array | null,
) {
  const count = given.values().next().value?.length ?? 0;
  const valuesOf = valuesIn(given);
  const y = valuesOf(measured);
  const inputs = [...from].map(([name, read]) => ({
    name,
    column: valuesOf(read),
    input: law.inputs.find((one) => one.name === name) as LawInput,
  }));
  const columns = [...inputs.map(({ column }) => column), y, ...(precision === null ? [] : [precision])];
  const [low, high] = law.output.range;
  const isPositive = law.output.quantity === "loss" || law.output.quantity === "fraction";
  const isUsable = (i: number) =>
    Number.isFinite(y[i]) &&
    (y[i] > 0 || !isPositive || low < 0) &&
    y[i] >= low &&
    y[i] <= high &&
    inputs.every(({ column, input }) => Number.isFinite(column[i]) && isInRange(input, column[i])) &&
    (precision === null || (precision[i] > 0 && Number.isFinite(precision[i]))) &&
    (law.rules.length === 0 || obeys(i));
  const obeys = (i: number) => {
    const at = Object.fromEntries(inputs.map(({ name, column }) => [name, column[i]]));
    return law.rules.every((rule) => rule.holds(at));
  };
  const rows = orderOfUsable(columns, count, isUsable);
  const take = (column: Float64Array) => taken(column, rows);
  const observations: Observations = {
    inputs: new Map([
      ...inputs.map(({ name, column }) => [name, take(column)] as const),
      ...[...constants].map(([name, value]) => [name, new Float64Array(rows.length).fill(value)] as const),
    ]),
    measured: take(y),
    weight: precision === null ? null : take(precision),
    ...(precision === null ? {} : { isNoiseKnown: true }),
    run: null,
    rows,
    label: (i) => `row ${rows[i]}`,
    source: (i) => ({ file: "data", line: rows[i] + 1 }),
  };
  return { observations, used: rows.length, rows: count };
}

/** The usable rows in canonical order. What it is made from is let go: of a million rows each list is a sixth of the columns. */
function orderOfUsable(
  columns: readonly Float64Array[],
  count: number,
  isUsable: (i: number) => boolean,
): Int32Array {
  const kept = indicesOf(count, isUsable);
  if (kept.length === count) return ordered(columns);
  const places = ordered(columns.map((column) => taken(column, kept)));
  for (let i = 0; i < places.length; i++) places[i] = kept[places[i]];
  return places;
}

/** Indices below `count` that are chosen. */
function indicesOf(count: number, isChosen: (i: number) => boolean): Int32Array {
  const chosen = new Int32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) if (isChosen(i)) chosen[found++] = i;
  return chosen.subarray(0, found);
}

function taken(column: Float64Array, rows: Int32Array): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = column[rows[i]];
  return values;
}

/** Rows by the first column, those equal there by the next, and so on. */
function ordered(columns: readonly Float64Array[]): Int32Array {
  if (columns.every((column) => column.every((value) => value > 0))) return orderByValues(columns);
  return Int32Array.from(columns[0].keys()).sort((a, b) => {
    for (const column of columns) if (column[a] !== column[b]) return column[a] - column[b];
    return a - b;
  });
}
