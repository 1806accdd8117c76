/**
 * Where predictions are asked for: one point from flags, or the rows of a file. Shared by predict and check.
 */

import { DataError, UsageError } from "../errors.js";
import { expanded } from "../laws/coefficients.js";
import { resolvePoint } from "../laws/inputs.js";
import type { Prediction, Warning } from "../objects.js";
import { answerCalled, givenFor, solveAt } from "../plan/answer.js";
import { predictAt } from "../plan/predict.js";
import { FLOPS_PER_PARAM_TOKEN, type Source } from "../plan/source.js";
import { relativeTo } from "../relative.js";
import { count, scientific } from "../report/format.js";
import type { RawFlags } from "./command.js";
import type { Assigned } from "./flags.js";
import { asFitCounted } from "./flops-rule-flag.js";
import { type GivenPoint, POINT_WORDS } from "./point-flags.js";
import type { Sources } from "./source.js";

/** @throws UsageError when the point lacks an input of the law, or holds more than it can use */
export function predictPoint(source: Source, point: GivenPoint): Prediction {
  const { law } = source;
  const { at, stray } = resolvePoint(law, completed(point), POINT_WORDS, source.quantities);
  const unknown = stray.find((key) => !["N", "D", "C"].includes(key));
  if (unknown !== undefined) {
    throw new UsageError({
      code: "unknown-input",
      message: `--at: the law "${law.id}" has no input called "${unknown}"`,
      hint: `its inputs are ${law.inputs.map(({ name }) => name).join(", ")}`,
    });
  }
  return predictAt(source, at);
}

/** The law asked backwards. @throws UsageError */
export function solvePoint(source: Source, name: string, point: GivenPoint): Prediction {
  const answer = answerCalled(source.law, name);
  return solveAt(source, answer, givenFor(source.law, answer, expanded(source.law, point)));
}

/** Of N, D and C two give the third by C = 6 N D; all three are refused, since they may disagree. */
function completed(point: GivenPoint): Map<string, Assigned> {
  const known = new Map(point);
  const [N, D, C] = ["N", "D", "C"].map((letter) => {
    const value = known.get(letter);
    return typeof value === "number" ? value : undefined;
  });
  const k = FLOPS_PER_PARAM_TOKEN;
  if (N !== undefined && D !== undefined && C !== undefined && Math.abs(C / (k * N * D) - 1) > 0.01) {
    throw new UsageError({
      code: "flags",
      message: `${scientific(C, 3)} FLOPs, ${count(N)} parameters and ${count(D)} tokens contradict C = ${k} N D`,
      hint: "give two of the three",
    });
  }
  if (C !== undefined && N !== undefined && D === undefined) known.set("D", C / (k * N));
  if (C !== undefined && D !== undefined && N === undefined) known.set("N", C / (k * D));
  if (N !== undefined && D !== undefined && C === undefined) known.set("C", k * N * D);
  return known;
}

export interface PredictedRows {
  predictions: Prediction[];
  warnings: Warning[];
  /** Where each prediction's row stands. */
  places: { file: string; line: number }[];
}

/** Predicts every row of files with the source of its group. */
export async function predictFiles(
  files: readonly string[],
  flags: RawFlags,
  { sources, groupBy, flopsRule }: Sources,
  measured: "required" | "optional",
): Promise<PredictedRows> {
  const [first] = sources;
  // Only a fit of logs needs values above 0.
  const required = first.residualScale === "log" ? "positive" : "any";
  const byGroup = flags.groupBy ?? groupBy;
  // what the fit calls compute is counted for other runs in the same way
  const readsCompute = [...first.quantities.values()].includes("C");
  const asked = readsCompute ? asFitCounted(flags, flopsRule) : flags;
  const { readObservations } = await import("./logs.js");
  const log = await readObservations(
    files,
    byGroup === undefined ? asked : { ...asked, groupBy: byGroup },
    first.law,
    measured === "required" ? required : measured,
    first.quantities,
  );
  const result: PredictedRows = {
    predictions: [],
    warnings: [...log.warnings],
    places: [],
  };
  for (const group of log.groups) {
    const source = sourceOf(sources, group.group);
    if (source === null) {
      result.warnings.push({
        code: "unknown-group",
        group: group.group ?? undefined,
        message: "the fit has no such group; its rows are not predicted",
      });
      continue;
    }
    const { observations } = group;
    for (let i = 0; i < group.used; i++) {
      const at = Object.fromEntries([...observations.inputs].map(([name, column]) => [name, column[i]]));
      const prediction = { ...predictAt(source, at), run: observations.label(i) };
      const value = observations.measured[i];
      result.predictions.push(Number.isFinite(value) ? scored(prediction, value) : prediction);
      result.places.push(observations.source(i));
    }
  }
  return result;
}

/** A prediction beside what was measured; relative to a measured 0 there is no error. */
function scored(prediction: Prediction, measured: number): Prediction {
  const relativeError = relativeTo(measured, prediction.value.estimate);
  return { ...prediction, measured, ...(relativeError === null ? {} : { relativeError }) };
}

/** The source of a group; a fit without groups serves all. */
function sourceOf(sources: readonly Source[], group: string | null): Source | null {
  if (sources.length === 1 && sources[0].group === null) return sources[0];
  return sources.find((source) => source.group === group) ?? null;
}

/** One warning for all predictions that lie outside the data. */
export function extrapolationWarnings(predictions: readonly Prediction[]): Warning[] {
  const far = predictions.filter(({ extrapolation }) => Math.abs(extrapolation?.decades ?? 0) >= 0.05);
  if (far.length === 0) return [];
  const farthest = far.reduce(
    (most, { extrapolation }) => Math.max(most, Math.abs(extrapolation?.decades ?? 0)),
    0,
  );
  const subject =
    predictions.length === 1 ? "this point lies" : `${far.length} of ${predictions.length} predictions lie`;
  return [
    {
      code: "extrapolation",
      message: `${subject} outside the range of the fitted data, by up to ${farthest.toFixed(1)} decades in an input`,
    },
  ];
}

/** Refuses a grouped fit without the column that tells the groups apart. */
export function requireGroups({ sources, groupBy }: Sources, flags: RawFlags): void {
  if (sources.length > 1 && groupBy === undefined && flags.groupBy === undefined) {
    throw new DataError({
      code: "groups",
      message: `the fit has ${sources.length} groups, and nothing says to which of them a row belongs`,
      hint: "give --group-by COLUMN",
    });
  }
}
