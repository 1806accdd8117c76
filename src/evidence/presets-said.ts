/** Which published sets can be held against a log, and what is to be said of those that are and those that are not. */
import { DataError } from "../errors.js";
import { axesOf } from "../laws/axes.js";
import type { PresetOfLaw } from "../laws/preset-named.js";
import { boundForPreset, isOfLoss, missingForPreset } from "../laws/presets.js";
import type { Offered } from "../laws/routing.js";
import type {
  Axes,
  AxesOfLog,
  ComputeRatio,
  FitBesidePresets,
  FittedLaw,
  PresetComparison,
  PresetsDocument,
  Warning,
} from "../objects.js";
import { listOf } from "../text.js";
import { type AxesMatch, type AxesMismatch, type LogAbilities, matchAxes } from "./axes-match.js";

type Refused = PresetsDocument["refused"];

/** A log as sets are matched with it. */
export interface LogToMatch extends Pick<LogAbilities, "hasParams" | "isProduct" | "ratio"> {
  axes: AxesOfLog;
  offered: Offered;
  /** What the law fitted to it reads. */
  from: ReadonlyMap<string, string>;
  /** Of these quantities those that follow from compute alone, or what they follow from. */
  fromCompute(quantities: Iterable<string>): string[];
}

export function matchPreset(set: PresetOfLaw, log: LogToMatch): AxesMatch | AxesMismatch {
  const { law, preset } = set;
  const { axes, offered } = log;
  if (!isOfLoss(law))
    return {
      reason: `its law "${law.id}" predicts ${law.output.meaning}, no loss of a run`,
      hint: "the presets of a loss are in scalefit laws",
    };
  const missing = missingForPreset(set, offered);
  if (missing.length > 0)
    return {
      reason: `the log has no column for ${listOf(missing)}`,
      hint: `say which one it is with --map ${missing[0]}=COLUMN`,
    };
  const reads = [...log.from.values(), ...(boundForPreset(set, offered)?.from.values() ?? [])];
  return matchAxes(axesOf(preset), axes, {
    ...log,
    readsCompute: reads.includes("C"),
    fromCompute: log.fromCompute(reads),
  });
}

/** @param file the log, where it is one */
export function noneComparable(refused: Refused, file?: string): DataError {
  const [first] = refused;
  if (refused.length === 1)
    return new DataError({
      code: "not-comparable",
      message: `preset ${first.preset} cannot be held against this log: ${first.reason}`,
      hint: first.hint,
      file,
    });
  return new DataError({
    code: "not-comparable",
    message: `none of these ${refused.length} presets can be held against this log`,
    why: refused.map(({ preset, reason }) => `${preset}: ${reason}`).join("; "),
    hint: first.hint,
    file,
  });
}

export const fitBesidePresets = (
  fit: FittedLaw,
  params: Axes["params"],
  compute: ComputeRatio | null,
): FitBesidePresets => ({
  group: fit.group,
  params,
  column: fit.inputs.find(({ quantity }) => quantity === "N")?.column ?? null,
  law: fit.law,
  formula: fit.formula,
  parameters: fit.parameters,
  rows: fit.data.used,
  meanRelativeError: fit.metrics.meanRelativeError,
  compute,
});

/** Compute is 6 N D beside sets of which none counts it otherwise. */
export const areOfProduct = (sets: readonly PresetOfLaw[]): boolean =>
  sets.every(({ preset }) => axesOf(preset).compute !== "counted");

/** Sets left out, what is said of those that are not, and what is taken for granted, each once. */
export function presetWarnings(compared: readonly PresetComparison[], refused: Refused): Warning[] {
  const names = new Map<string, Set<string>>();
  for (const { preset, unknown } of compared)
    for (const text of unknown) names.set(text, (names.get(text) ?? new Set()).add(preset));
  return [
    ...refused.map(({ preset, reason, hint }) => ({
      code: "not-comparable",
      message: `preset ${preset} is left out: ${reason}; ${hint}`,
    })),
    ...[...names].map(([text, of]) => ({
      code: "unknown-axis",
      message: `${listOf([...of])}: ${text}`,
    })),
  ];
}
