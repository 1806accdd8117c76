/** What the flags of a fit ask for: the law, and how it is fitted. Shared by fit and backtest. */
import { UsageError } from "../errors.js";
import { isHuber, OBJECTIVE_NAMES } from "../fit/objective.js";
import {
  COVARIANCE_KINDS,
  type FitOptions,
  INTERVAL_KINDS,
  RESAMPLE_KINDS,
  requireConsistent,
} from "../fit/options.js";
import { lawsAsked, type SeveralAsked } from "../laws/laws-asked.js";
import { parseNumber } from "../logs/numbers.js";
import type { SavedFit } from "../objects.js";
import { quoteText } from "../text.js";
import type { RawFlags } from "./command.js";
import { choiceFlag, listFlag, shareFlag, textFlag, wholeFlag } from "./flags.js";
import type { WantedLaw } from "./logs.js";

const MOST_RESAMPLES = 1_000_000;

/** The law that is asked for, or those to choose among. */
export function wantedLaw(flags: RawFlags): WantedLaw | SeveralAsked {
  const id = textFlag(flags, "law");
  const formula = textFlag(flags, "formula");
  if (id !== undefined && formula !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--law and --formula contradict each other",
      hint: "give one of them",
    });
  }
  if (formula !== undefined) return { formula };
  if (id === undefined) return "by-columns";
  const asked = lawsAsked(id);
  const held = ["param", "fix", "tie"].filter((name) => listFlag(flags, name).length > 0);
  if ("law" in asked || held.length === 0) return asked;
  throw new UsageError({
    code: "flags",
    message: `--law ${asked.asked} and --${held[0]} contradict each other`,
    why: "parameters belong to one law, and here several are compared",
    hint: "name one law",
  });
}

/** @param level where none is given */
export function fitOptions(flags: RawFlags, level = 0.95): FitOptions {
  const objective = choiceFlag(flags, "objective", OBJECTIVE_NAMES, "huber-log");
  const bootstrap = flags.bootstrap === undefined ? "auto" : wholeFlag(flags, "bootstrap", 0, MOST_RESAMPLES);
  const delta = deltaFlag(flags);
  if (delta !== "auto" && !isHuber(objective)) {
    throw new UsageError({
      code: "flags",
      message: `--delta belongs to the Huber objectives, not to ${objective}`,
      hint: "leave it out, or take --objective huber-log",
    });
  }
  if (flags.noise !== undefined && flags.weight !== undefined) {
    throw new UsageError({
      code: "flags",
      message: "--noise and --weight contradict each other: both say how far a row can be trusted",
      hint: "give the standard deviations with --noise, or precisions (1/variance) with --weight",
    });
  }
  if (flags.strata !== undefined && bootstrap === 0) {
    throw new UsageError({
      code: "flags",
      message: "--strata says how rows are drawn, and with --bootstrap 0 none are",
      hint: "leave one of them out",
    });
  }
  const options: FitOptions = {
    objective,
    delta,
    bootstrap,
    seed: wholeFlag(flags, "seed", 1),
    level: shareFlag(flags, "level") ?? level,
    interval: choiceFlag(flags, "interval", INTERVAL_KINDS, bootstrap === 0 ? "covariance" : "percentile"),
    covariance: choiceFlag(flags, "covariance", COVARIANCE_KINDS, "classical"),
    resample: flags.resample === undefined ? "auto" : choiceFlag(flags, "resample", RESAMPLE_KINDS, "cases"),
  };
  requireConsistent(options);
  return options;
}

export function deltaFlag(flags: RawFlags): number | "auto" {
  const text = textFlag(flags, "delta");
  if (text === undefined || text === "auto") return "auto";
  const parsed = parseNumber(text, "plain", "flag");
  if (!("fault" in parsed) && parsed.value > 0) return parsed.value;
  throw new UsageError({
    code: "flag",
    message: `--delta: cannot use ${quoteText(text)}`,
    why: "fault" in parsed ? parsed.fault : "it must be above 0",
    hint: "--delta auto, or a number such as --delta 1e-3",
  });
}

/** Threads for the resamples; the number changes no result. */
export function workersFlag(flags: RawFlags): number | "auto" {
  return flags.workers === undefined ? "auto" : wholeFlag(flags, "workers", 1, 256);
}

const SHAPING = [
  "law",
  "estimator",
  "formula",
  "param",
  "fix",
  "tie",
  "map",
  "unit",
  "flopsRule",
  "format",
  "pattern",
  "where",
  "join",
  "mixture",
  "y",
  "groupBy",
  "cluster",
  "strata",
  "successes",
  "trials",
  "weight",
  "noise",
  "objective",
  "delta",
  "bootstrap",
  "interval",
  "covariance",
  "resample",
  "level",
  "average",
  "reduce",
  "checkpoints",
];

/** The flags that shape the numbers, as given. */
export function madeOptions(flags: RawFlags): SavedFit["made"]["options"] {
  const kept: SavedFit["made"]["options"] = {};
  for (const name of SHAPING) {
    const value = flags[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
