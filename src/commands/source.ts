/**
 * Where plan, predict and check take their coefficients from: `--law` with `--coefficients`, `--preset`, `--fit`,
 * the saved fit of the folder, or the default preset, said aloud.
 */
import { laws } from "#catalogue";
import { UsageError } from "../errors.js";
import { presetCoefficients, resolveCoefficients } from "../laws/coefficients.js";
import { lawOfFit } from "../laws/law-of-fit.js";
import { presetNamed } from "../laws/preset-named.js";
import { requireLaw } from "../laws/require-law.js";
import type { SavedFit, Warning } from "../objects.js";
import {
  cautionsOf,
  type Source,
  sourceFromCoefficients,
  sourceFromFit,
  sourceFromPreset,
} from "../plan/source.js";
import { plural } from "../report/format.js";
import { escapeText, nearest, quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { exists, readText, shownName } from "./files.js";
import { assignments, textFlag } from "./flags.js";
import type { FitAtHand } from "./saved-backtest.js";
import { parseSavedFit } from "./saved-fit.js";

/** The saved fit of a folder. */
export const SAVED = "scalefit.json";
const DEFAULT_PRESET = "besiroglu";

export interface Sources {
  sources: Source[];
  warnings: Warning[];
  /** The column by which a saved fit was grouped. */
  groupBy?: string;
  /** How the fit's compute was counted from the architecture, as `--flops-rule` says it. */
  flopsRule?: string;
  /** The saved fit itself and where it lies, where it is one. */
  fit?: FitAtHand;
}

/** @throws UsageError for contradicting flags and unknown names, InputError for a file that is no saved fit */
export function sourcesFrom(flags: RawFlags): Sources {
  const fit = textFlag(flags, "fit");
  const preset = textFlag(flags, "preset");
  const coefficients = textFlag(flags, "coefficients");
  const law = textFlag(flags, "law");
  const given = [
    fit === undefined ? "" : "--fit",
    preset === undefined ? "" : "--preset",
    coefficients === undefined ? "" : "--coefficients",
  ];
  const named = given.filter((flag) => flag !== "");
  if (named.length > 1) {
    throw new UsageError({
      code: "flags",
      message: `${named.join(" and ")} contradict each other`,
      hint: "give one of them",
    });
  }
  if (coefficients !== undefined) return fromCoefficients(law, coefficients);
  if (law !== undefined && preset === undefined) {
    const asked = requireLaw(law);
    // An estimator has nothing to be given.
    if (asked.parameters.length === 0) return { sources: [sourceFromCoefficients(asked, {})], warnings: [] };
    throw new UsageError({
      code: "flags",
      message: "--law needs --coefficients here",
      hint: `for example --law chinchilla --coefficients E=1.82,A=482,B=2085,alpha=0.348,beta=0.366`,
    });
  }
  if (preset !== undefined) return fromPreset(preset, law);
  if (fit !== undefined) return fromFile(fit);
  if (exists(SAVED)) return fromFile(SAVED);
  const fallback = fromPreset(DEFAULT_PRESET, undefined);
  return {
    ...fallback,
    warnings: [
      {
        code: "default-preset",
        message:
          `no fit given and no ${SAVED} here: using the published preset ${DEFAULT_PRESET} (arXiv 2404.10102), which describes ` +
          "one laboratory's models and text, not yours. scalefit fit runs.csv makes a fit of your own",
      },
      ...fallback.warnings,
    ],
  };
}

function fromFile(file: string): Sources {
  const content = readText(file, "make one with: scalefit fit runs.csv");
  const saved = parseSavedFit(content, file);
  return { ...fromSaved(saved, `fit ${escapeText(shownName(file), 200)}`), fit: { saved, file } };
}

/** Sources of a saved fit, one a group. */
export function fromSaved(saved: SavedFit, from: string): Sources {
  const { groupBy, flopsRule } = saved.made?.options ?? {};
  return {
    sources: saved.fits.map((fit) => sourceFromFit(lawOfFit(fit), fit, describeFit(from, fit))),
    warnings: [],
    ...(typeof groupBy === "string" ? { groupBy } : {}),
    ...(typeof flopsRule === "string" ? { flopsRule } : {}),
  };
}

function describeFit(from: string, fit: SavedFit["fits"][number]): string {
  const { pooled } = fit;
  const beside =
    pooled === undefined ? "" : ` and ${plural(pooled.families - 1, "other family", "other families")}`;
  return `${from}: ${fit.law} on ${plural(fit.data.used, "row")}${beside}`;
}

/** A published set by its name, of one law or of any. @throws UsageError with the names there are */
export function fromPreset(name: string, lawId: string | undefined): Sources {
  const wanted = lawId === undefined ? null : requireLaw(lawId);
  const candidates = laws.filter((law) => wanted === null || law === wanted);
  const found = presetNamed(candidates, name);
  if (found === null) {
    const names = candidates.flatMap((law) => law.presets.map((preset) => preset.name));
    const near = nearest(name, names);
    throw new UsageError({
      code: "unknown-preset",
      message: `there is no preset called ${quoteText(name)}`,
      hint: near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the presets are ${names.join(", ")}`,
    });
  }
  const { law, preset } = found;
  const { law: member, values } = presetCoefficients(law, preset);
  return { sources: [sourceFromPreset(member, preset, values)], warnings: cautionsOf(preset) };
}

function fromCoefficients(lawId: string | undefined, text: string): Sources {
  if (lawId === undefined) {
    throw new UsageError({
      code: "flags",
      message: "--coefficients needs --law",
      hint: "for example --law chinchilla --coefficients E=1.82,...",
    });
  }
  const law = requireLaw(lawId);
  const given = assignments(
    "--coefficients",
    text,
    () => "plain",
    (path) => readText(path, "a JSON object of coefficients is needed"),
  );
  const { law: member, values, neutral } = resolveCoefficients(law, given);
  const warnings: Warning[] = neutral.map((name) => ({
    code: "neutral-coefficient",
    message: `${name} is not given: it takes the value without effect, ${values[name]}`,
  }));
  return { sources: [sourceFromCoefficients(member, values)], warnings };
}
