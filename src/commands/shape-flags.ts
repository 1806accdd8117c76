/** The flags of `shape` as a question about a transformer, or about a convolutional network. */
import { UsageError } from "../errors.js";
import { parseNumber, type Quantity } from "../logs/numbers.js";
import { BASE_NAMES, type CnnBase } from "../plan/cnn-network.js";
import { CNN_DEFAULTS, type CnnQuestion } from "../plan/cnn-scalings.js";
import { COUNTED, SHAPE_DEFAULTS, type ShapeQuestion } from "../plan/shape-question.js";
import { nearest } from "../text.js";
import type { RawFlags } from "./command.js";
import { readText } from "./files.js";
import {
  assignments,
  choiceFlag,
  fault,
  positiveFlag,
  shareFlag,
  spelled,
  textFlag,
  wholeFlag,
} from "./flags.js";

/** Flags that only a convolutional network has, and those that both have. */
const OF_CNN = ["scale", "alpha", "maxTime", "base", "epochs"] as const;
const OF_BOTH = new Set(["cnn", "csv", "markdown", "json", "quiet", "debug", "color", ...OF_CNN]);

/** @throws UsageError for a flag that cannot be read */
export function shapeAsked(flags: RawFlags): ShapeQuestion {
  const stray = OF_CNN.find((name) => flags[name] !== undefined);
  if (stray !== undefined)
    throw new UsageError({
      code: "flags",
      message: `${spelled(stray)} is for --cnn, which is not given`,
      hint: "give --cnn too, or leave it out",
    });
  const whole = (name: string) => wholeCount(flags, name) ?? null;
  const number = (name: string, quantity: Quantity) => positiveFlag(flags, name, quantity) ?? null;
  const defaults = SHAPE_DEFAULTS;
  return {
    params: number("params", "params"),
    counted: choiceFlag(flags, "counted", COUNTED, defaults.counted),
    layers: whole("layers"),
    width: whole("width"),
    heads: whole("heads"),
    kvHeads: whole("kvHeads"),
    headSize: whole("headSize"),
    ff: whole("ff"),
    ffRatio: number("ffRatio", "plain"),
    isGated: flags.gated === true,
    vocab: flags.vocab === "auto" ? "auto" : (whole("vocab") ?? defaults.vocab),
    isTied: flags.tied === true,
    context: whole("context") ?? defaults.context,
    experts: whole("experts") ?? defaults.experts,
    activeExperts: whole("activeExperts"),
    activeShare: shareFlag(flags, "activeShare") ?? null,
    multiple: whole("multiple"),
    aspect: number("aspect", "plain"),
    tolerance: shareFlag(flags, "tolerance") ?? defaults.tolerance,
    ladder: ladderFlag(flags),
    bytesPerParam: number("bytesPerParam", "plain") ?? defaults.bytesPerParam,
  };
}

/** A count without a fraction. */
function wholeCount(flags: RawFlags, name: string): number | undefined {
  const value = positiveFlag(flags, name, "count");
  if (value === undefined || Number.isInteger(value)) return value;
  throw fault(spelled(name), textFlag(flags, name) ?? "", "it must be a whole number, 1 or more");
}

const EXAMPLE_LADDER = "for example --ladder 10M..1B";
const RUNGS = 6;

function ladderFlag(flags: RawFlags): ShapeQuestion["ladder"] {
  const text = textFlag(flags, "ladder");
  const runs = wholeFlag(flags, "runs", RUNGS);
  if (text === undefined) {
    if (flags.runs === undefined) return null;
    throw new UsageError({
      code: "flags",
      message: "--runs is the number of shapes of a --ladder, which is not given",
      hint: EXAMPLE_LADDER,
    });
  }
  const ends = text.split("..");
  if (ends.length !== 2)
    throw fault("--ladder", text, "two sizes are needed with .. between them", EXAMPLE_LADDER);
  const [from, to] = ends.map((end) => {
    const parsed = parseNumber(end, "params", "flag");
    if ("fault" in parsed) throw fault("--ladder", text, parsed.fault, EXAMPLE_LADDER);
    return parsed.value;
  });
  return { from, to, runs };
}

/** What is asked of a convolutional network; null without `--cnn`. @throws UsageError */
export function cnnAsked(flags: RawFlags): CnnQuestion | null {
  if (flags.cnn === undefined) return null;
  const stray = Object.keys(flags).find((name) => flags[name] !== undefined && !OF_BOTH.has(name));
  if (stray !== undefined)
    throw new UsageError({
      code: "flags",
      message: `--cnn and ${spelled(stray)} contradict each other: that is of a transformer`,
      hint: "give one of them",
    });
  if (flags.alpha !== undefined && flags.maxTime !== undefined)
    throw new UsageError({
      code: "flags",
      message: "--alpha and --max-time contradict each other: the run time picks alpha",
      hint: "give one of them",
    });
  const number = (name: string) => positiveFlag(flags, name, "plain");
  return {
    ...CNN_DEFAULTS,
    scale: number("scale") ?? 2,
    alpha: number("alpha") ?? CNN_DEFAULTS.alpha,
    weights: weightsOf(flags),
    maxTime: number("maxTime") ?? null,
    base: baseOf(flags),
    epochs: number("epochs") ?? null,
  };
}

const EXAMPLE_WEIGHTS = "depth, width and resolution, for example --cnn 0.1,0.8,0.1";

function weightsOf(flags: RawFlags): CnnQuestion["weights"] {
  const text = textFlag(flags, "cnn");
  if (text === undefined) return null;
  const parts = text.split(",");
  if (parts.length !== 3) throw fault("--cnn", text, "three weights are needed", EXAMPLE_WEIGHTS);
  const [depth, width, resolution] = parts.map((part) => {
    const parsed = parseNumber(part.trim(), "plain", "flag");
    if ("fault" in parsed) throw fault("--cnn", text, parsed.fault, EXAMPLE_WEIGHTS);
    return parsed.value;
  });
  return { depth, width, resolution };
}

const QUANTITIES: Readonly<Record<string, Quantity>> = { flops: "flops", params: "params" };

function baseOf(flags: RawFlags): CnnBase | null {
  const text = textFlag(flags, "base");
  if (text === undefined) return null;
  const given = assignments(
    "--base",
    text,
    (name) => QUANTITIES[name] ?? "count",
    (path) => readText(path, "a JSON object of what the network has is needed"),
  );
  const base: CnnBase = {};
  for (const [name, value] of given) {
    const known = BASE_NAMES.find((one) => one === name);
    if (known === undefined) {
      const near = nearest(name, BASE_NAMES);
      throw fault(
        "--base",
        name,
        `it is one of ${BASE_NAMES.join(", ")}`,
        near.length > 0 ? `did you mean ${near.join(" or ")}?` : undefined,
      );
    }
    if (typeof value !== "number") throw fault("--base", name, "its value is one number");
    base[known] = value;
  }
  return base;
}
