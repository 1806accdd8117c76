/** Which published sets can be held against a log, and what is to be said of those that are and those that are not. */
import { DataError } from "../errors.js";
import { axesOf } from "../laws/axes.js";
import { isOfLoss, missingForPreset, type PresetOfLaw } from "../laws/presets.js";
import type { Offered } from "../laws/routing.js";
import type {
  Axes,
  AxesOfLog,
  FitBesidePresets,
  FittedLaw,
  PresetComparison,
  PresetsDocument,
  Warning,
} from "../objects.js";
import { listOf } from "../text.js";
import { type AxesMatch, type AxesMismatch, matchAxes } from "./axes-match.js";

type Refused = PresetsDocument["refused"];

/** @param hasParams whether the log knows its N counted in this way too */
export function matchPreset(
  set: PresetOfLaw,
  axes: AxesOfLog,
  offered: Offered,
  hasParams: (counted: Axes["params"]) => boolean,
): AxesMatch | AxesMismatch {
  const { law, preset } = set;
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
  const readsCompute = law.inputs.some(({ quantity }) => quantity === "flops");
  return matchAxes(axesOf(preset), axes, { hasParams, readsCompute });
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

export const fitBesidePresets = (fit: FittedLaw, params: Axes["params"]): FitBesidePresets => ({
  group: fit.group,
  params,
  column: fit.inputs.find(({ quantity }) => quantity === "N")?.column ?? null,
  law: fit.law,
  formula: fit.formula,
  parameters: fit.parameters,
  rows: fit.data.used,
  meanRelativeError: fit.metrics.meanRelativeError,
});

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
