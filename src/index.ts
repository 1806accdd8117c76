/**
 * scalefit as a library: the same core, the same names and the same result objects as the command line.
 *
 *   import { fit, plan, predict } from "scalefit";
 *   const result = fit({ law: "chinchilla", data: { N, D, loss } });
 *   const next = plan({ fit: result, flops: 1e22 });
 */
import { DataError, UsageError } from "./errors.js";
import { fitObserved } from "./fit/fit-observed.js";
import { DEFAULT_OPTIONS, type FitOptions } from "./fit/options.js";
import { expanded, presetCoefficients, resolveCoefficients } from "./laws/coefficients.js";
import { laws } from "./laws/index.js";
import { type PointWords, resolvePoint } from "./laws/inputs.js";
import { requireLaw } from "./laws/require-law.js";
import { bindInputs, lawForColumns } from "./laws/routing.js";
import type { Observations, PlanDocument, PredictDocument, SavedFit } from "./objects.js";
import { allocate } from "./plan/allocate.js";
import { answerCalled, givenFor, solveAt } from "./plan/answer.js";
import { predictAt } from "./plan/predict.js";
import { type Question, requireQuestion } from "./plan/question.js";
import { type Source, sourceFromCoefficients, sourceFromFit, sourceFromPreset } from "./plan/source.js";
import { VERSION } from "./version.js";

export { DataError, InputError, InternalError, ScalefitError, UsageError } from "./errors.js";
export type { FitOptions } from "./fit/options.js";
export { laws } from "./laws/index.js";
export type { Law, LawInput, LawParameter, Preset } from "./laws/law.js";
export type * from "./objects.js";
export type { Question } from "./plan/question.js";
export { VERSION as version };

export interface FitInput extends Partial<FitOptions> {
  /** A law's id; by default the one that fits the columns. */
  law?: string;
  /** Columns by quantity (`N`, `D`, `C`, `x`) and the measured `loss`, all of one length, in plain units. */
  data: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * Fits a law to columns of numbers. Rows with a value that is not a finite number above 0 are left out and counted.
 *
 * @returns the document that `scalefit fit` saves: estimates, intervals, draws
 * @throws UsageError for an unknown law or columns of unequal length, DataError when the rows cannot determine it
 */
export function fit({ law: id, data, ...options }: FitInput): SavedFit {
  const columns = new Map(Object.entries(data).map(([name, column]) => [name, Float64Array.from(column)]));
  const measured = columns.get("loss");
  if (measured === undefined)
    throw new UsageError({ code: "data", message: "data needs a column called loss" });
  for (const [name, column] of columns) {
    if (column.length === measured.length) continue;
    throw new UsageError({
      code: "data",
      message: `data.${name} has ${column.length} values and data.loss ${measured.length}`,
      hint: "give columns of one length",
    });
  }
  completeByCompute(columns);
  columns.delete("loss");
  const found = new Set(columns.keys());
  const law = id === undefined ? null : requireLaw(id);
  const bound = law === null ? lawForColumns(found) : bindInputs(law, found);
  if (bound === null) {
    throw new DataError({
      code: "missing-input",
      message: `data has ${[...found].join(", ") || "no inputs"}, which is not enough for ${law === null ? "any law" : `the law "${law.id}"`}`,
      hint: "give N and D (or two of N, D, C), or x for a law of one variable",
    });
  }
  const inputs = new Map([...bound.from].map(([name, from]) => [name, columns.get(from) as Float64Array]));
  const { observations, used } = usableRows(inputs, measured);
  const dropped =
    used === measured.length
      ? []
      : [
          {
            file: "data",
            code: "not-positive",
            reason: "not a finite number above 0",
            count: measured.length - used,
            lines: [],
          },
        ];
  const settings: FitOptions = { ...DEFAULT_OPTIONS, ...options };
  const range = Object.fromEntries(
    [...observations.inputs].map(([name, column]): [string, [number, number]] => [name, extent(column)]),
  );
  const observed = { group: null, observations, rows: measured.length, used, dropped, range };
  const fitted = fitObserved(bound.law, observed, bound.from, settings);
  const { seed, ...rest } = settings;
  return {
    schema: "scalefit/fit@1",
    fits: [fitted],
    warnings: fitted.diagnosis
      .filter((d) => d.severity === "warning")
      .map(({ code, message }) => ({ code, message })),
    made: { version: VERSION, options: { law: bound.law.id, ...rest }, seed, inputs: [] },
  };
}

/** Where coefficients come from: exactly one of the three. */
export interface CoefficientSource {
  fit?: SavedFit;
  preset?: string;
  /** By the law's names or their aliases, with `law`. */
  coefficients?: GivenValues;
  law?: string;
}

/**
 * Splits a training budget, or finds what a target loss costs.
 *
 * @throws DataError where the law or the data allow no split, or the loss is below the floor
 */
export function plan({
  fit: saved,
  preset,
  coefficients,
  law,
  ...question
}: CoefficientSource & Question): PlanDocument {
  requireQuestion(question);
  const results = sourcesOf({ fit: saved, preset, coefficients, law }).map((source) =>
    allocate(source, question),
  );
  return {
    schema: "scalefit/plan@1",
    plans: results.map((result) => result.plan),
    warnings: results.flatMap((result) => result.warnings),
  };
}

/** Numbers by name, lists of a family, null for what is missing. */
export type GivenValues = Readonly<Record<string, number | readonly number[] | null>>;

/**
 * The law's value at given inputs, with the interval of the mean and that of one new run; with `solve` the law asked
 * backwards.
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
    warnings: [],
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
    return saved.fits.map((fitted) => sourceFromFit(requireLaw(fitted.law), fitted, "fit"));
  }
  if (coefficients !== undefined && law !== undefined) {
    const member = resolveCoefficients(requireLaw(law), new Map(Object.entries(coefficients)));
    return [sourceFromCoefficients(member.law, member.values)];
  }
  for (const candidate of laws) {
    const found = candidate.presets.find(({ name }) => name === preset);
    if (found === undefined) continue;
    const member = presetCoefficients(candidate, found);
    return [sourceFromPreset(member.law, found, member.values)];
  }
  throw new UsageError({ code: "source", message: "give fit, a known preset, or law with coefficients" });
}

/** Of N, D and C two give the third by C = 6 N D. */
function completeByCompute(columns: Map<string, Float64Array>): void {
  const N = columns.get("N");
  const D = columns.get("D");
  const C = columns.get("C");
  if (N !== undefined && C !== undefined && D === undefined)
    columns.set(
      "D",
      C.map((c, i) => c / (6 * N[i])),
    );
  if (D !== undefined && C !== undefined && N === undefined)
    columns.set(
      "N",
      C.map((c, i) => c / (6 * D[i])),
    );
}

/** The usable rows, ordered by their values so that their order as given changes no number. */
function usableRows(inputs: ReadonlyMap<string, Float64Array>, measured: Float64Array) {
  const columns = [...inputs.values(), measured];
  const isUsable = (i: number) => columns.every((column) => column[i] > 0 && Number.isFinite(column[i]));
  const rows = [...measured.keys()].filter(isUsable);
  rows.sort((a, b) => {
    for (const column of columns) if (column[a] !== column[b]) return column[a] - column[b];
    return a - b;
  });
  const take = (column: Float64Array) => Float64Array.from(rows, (i) => column[i]);
  const observations: Observations = {
    inputs: new Map([...inputs].map(([name, column]) => [name, take(column)])),
    measured: take(measured),
    weight: null,
    run: null,
    label: (i) => `row ${rows[i]}`,
    source: (i) => ({ file: "data", line: rows[i] + 1 }),
  };
  return { observations, used: rows.length };
}

function extent(column: Float64Array): [number, number] {
  const low = column.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return [low, column.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)];
}
