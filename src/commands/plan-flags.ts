/** The flags of `plan` as a question: budgets, hardware, the count of FLOPs, limits. */
import { UsageError } from "../errors.js";
import { parseNumber, type Quantity } from "../logs/numbers.js";
import type { CostAsked } from "../plan/cost.js";
import { budgetsBetween } from "../plan/frontier-range.js";
import { type Accelerator, acceleratorCalled, PRECISIONS } from "../plan/hardware.js";
import type { MeasuredCostAsked } from "../plan/measured-cost.js";
import { hasBudget, hasTarget, type Question, requireQuestion } from "../plan/question.js";
import type { HardwareAsked } from "../plan/run-cost.js";
import { FLOPS_RULES, RECOMPUTES } from "../transformer/flops-rules.js";
import type { ShapeGiven } from "../transformer/shape.js";
import type { RawFlags } from "./command.js";
import { choiceFlag, fault, positiveFlag, shareFlag, textFlag } from "./flags.js";
import { pointAt } from "./point-flags.js";

const SECONDS_A_DAY = 86_400;

/** @throws UsageError for a flag that cannot be read or a question that contradicts itself */
export async function questionOf(flags: RawFlags): Promise<Question> {
  const at = Object.fromEntries(pointAt(flags));
  const hardware = await hardwareAsked(flags);
  const cost = costAsked(flags);
  const number = (name: string, quantity: Quantity) => positiveFlag(flags, name, quantity);
  const ladder = ladderOf(flags);
  const frontier = frontierOf(flags);
  const targetTask = targetTaskOf(flags);
  const risk = riskOf(flags);
  const measuredCost = await measuredCostAsked(flags);
  const question: Question = {
    flops: number("flops", "flops"),
    dollars: number("dollars", "usd"),
    gpuHours: number("gpuHours", "hours"),
    kwh: number("energy", "energy"),
    days: daysOf(flags, "days"),
    deadlineDays: daysOf(flags, "deadline"),
    costBudget: number("costBudget", "plain"),
    params: number("params", "params"),
    tokens: number("tokens", "tokens"),
    targetLoss: number("targetLoss", "loss"),
    ratio: number("ratio", "plain"),
    uniqueTokens: number("uniqueTokens", "tokens"),
    minTokens: number("minTokens", "tokens"),
    maxTokens: number("maxTokens", "tokens"),
    maxParams: number("maxParams", "params"),
    serveMemory: number("serveMemory", "bytes"),
    trainMemory: number("trainMemory", "bytes"),
    bytesPerParam: number("bytesPerParam", "plain"),
    serveContext: number("serveContext", "tokens"),
    serveBatch: number("serveBatch", "count"),
    cacheBytes: number("cacheBytes", "plain"),
    trainBytesPerParam: number("trainBytesPerParam", "plain"),
    batch: number("batch", "tokens"),
    leastBatch: number("leastBatch", "tokens"),
    confidence: shareOfAll(flags, "confidence"),
    ...(ladder === undefined ? {} : { ladder }),
    ...(frontier === undefined ? {} : { frontier }),
    ...(targetTask === undefined ? {} : { targetTask }),
    ...(risk === undefined ? {} : { risk }),
    ...(flags.least === undefined ? {} : { least: choiceFlag(flags, "least", LEAST, "cost") }),
    ...(flags.explain === true ? { explain: true } : {}),
    ...(Object.keys(at).length === 0 ? {} : { at }),
    ...(cost === null ? {} : { cost }),
    ...(hardware === null ? {} : { hardware }),
    ...(measuredCost === null ? {} : { measuredCost }),
    ...(flags.criticalBatchFit === undefined
      ? {}
      : { criticalBatch: (await import("./critical-batch-flag.js")).criticalBatchAsked(flags) }),
  };
  const { params, tokens } = question;
  // A ladder alone plans its largest budget.
  if (
    ladder !== undefined &&
    !hasBudget(question) &&
    !hasTarget(question) &&
    [params, tokens].every((one) => one === undefined)
  )
    question.flops = ladder[ladder.length - 1];
  requireQuestion(question);
  return question;
}

/** A measured cost is read where one is asked for. */
const measuredCostAsked = async (flags: RawFlags): Promise<MeasuredCostAsked | null> =>
  ["costFit", "costUnit", "costAt"].every((name) => flags[name] === undefined)
    ? null
    : (await import("./measured-cost-flags.js")).measuredCostOf(flags);

const LEAST = ["cost", "time"] as const;
const EXAMPLE_LADDER = "for example --table 1e20..1e26";
const EXAMPLE_FRONTIER = "for example --frontier 1e20..1e24";
/** Budgets of a ladder at most. */
const RUNGS = 100;

/** `1e20..1e26`: a budget each decade, both ends in. */
function ladderOf(flags: RawFlags): number[] | undefined {
  const text = textFlag(flags, "table");
  if (text === undefined) return undefined;
  const [low, high] = rangeOf("--table", text, EXAMPLE_LADDER);
  const decades = Math.log10(high / low);
  const rungs = Array.from({ length: Math.floor(decades + 1e-9) + 1 }, (_, k) =>
    Number((low * 10 ** k).toPrecision(15)),
  );
  const last = rungs[rungs.length - 1];
  return high > last * (1 + 1e-9) ? [...rungs, high] : [...rungs.slice(0, -1), high];
}

/** `1e20..1e24`: several budgets a decade; without a range that of the plan. */
function frontierOf(flags: RawFlags): true | number[] | undefined {
  if (flags.frontier === true) return true;
  const text = textFlag(flags, "frontier");
  if (text === undefined) return undefined;
  const [low, high] = rangeOf("--frontier", text, EXAMPLE_FRONTIER);
  if (high > low) return budgetsBetween(low, high);
  throw fault("--frontier", text, "it must rise", EXAMPLE_FRONTIER);
}

/** Two budgets of a range, in order. */
function rangeOf(flag: string, text: string, example: string): [low: number, high: number] {
  const ends = text.split("..");
  if (ends.length !== 2) throw fault(flag, text, "two budgets are needed with .. between them", example);
  const [low, high] = ends.map((end) => {
    const parsed = parseNumber(end, "flops", "flag");
    if ("fault" in parsed) throw fault(flag, text, parsed.fault, example);
    if (!(parsed.value > 0)) throw fault(flag, text, "budgets are above 0", example);
    return parsed.value;
  });
  const decades = Math.log10(high / low);
  if (!(decades >= 0) || decades > RUNGS)
    throw fault(flag, text, `it must rise, by ${RUNGS} decades at most`, example);
  return [low, high];
}

const EXAMPLE_TASK = "for example --target-task acc=60%";

/** `acc=60%`, or the value alone for the chain's last output. */
function targetTaskOf(flags: RawFlags): Question["targetTask"] {
  const text = textFlag(flags, "targetTask");
  if (text === undefined) return undefined;
  const match = /^\s*(?:([A-Za-z_][A-Za-z0-9_]*)\s*=)?\s*(.*?)\s*$/s.exec(text);
  const [, name, value] = match ?? [];
  const parsed = parseNumber(value ?? "", "fraction", "flag");
  if ("fault" in parsed) throw fault("--target-task", text, parsed.fault, EXAMPLE_TASK);
  if (!(parsed.value > 0)) throw fault("--target-task", text, "it must be above 0", EXAMPLE_TASK);
  return name === undefined ? parsed.value : { [name]: parsed.value };
}

/** `mean`, `worst`, or a quantile: `90%`. */
function riskOf(flags: RawFlags): Question["risk"] {
  const text = textFlag(flags, "risk")?.trim();
  if (text === undefined) return undefined;
  if (text === "mean" || text === "worst") return text;
  const parsed = parseNumber(text, "fraction", "flag");
  if ("fault" in parsed)
    throw fault("--risk", text, "it is mean, worst, or a quantile of the loss", "for example --risk 90%");
  return shareFlag(flags, "risk");
}

/** Days: `30` or `30d`, `12h`; a deadline only with its unit. */
function daysOf(flags: RawFlags, name: "days" | "deadline"): number | undefined {
  const text = textFlag(flags, name);
  if (text === undefined) return undefined;
  const isBare = /^\s*[\d.eE+-]+\s*$/.test(text);
  if (isBare && name === "days") return positiveFlag(flags, name, "plain");
  if (isBare && !/^\s*[+-]?0*\.?0*\s*$/.test(text))
    throw fault("--deadline", text, "it has no unit", "for example --deadline 30d, or 12h");
  const seconds = positiveFlag(flags, name, "seconds");
  return seconds === undefined ? undefined : seconds / SECONDS_A_DAY;
}

/** What only hardware makes sense of. */
const OF_HARDWARE = [
  "count",
  "precision",
  "mfu",
  "throughput",
  "price",
  "pue",
  "carbon",
  "hardwareFile",
] as const;

async function hardwareAsked(flags: RawFlags): Promise<HardwareAsked | null> {
  const named = textFlag(flags, "hardware");
  if (named === undefined && OF_HARDWARE.every((name) => flags[name] === undefined)) return null;
  const file = textFlag(flags, "hardwareFile");
  const own = file === undefined ? [] : await (await import("./hardware-file.js")).acceleratorsIn(file);
  const name = named ?? (own.length === 1 ? own[0].id : undefined);
  if (name === undefined && file !== undefined) {
    throw new UsageError({
      code: "flags",
      message: `--hardware-file holds ${own.length} accelerators`,
      hint: `say which with --hardware: ${own.map(({ id }) => id).join(", ")}`,
    });
  }
  const accelerator: Accelerator | undefined = name === undefined ? undefined : acceleratorCalled(name, own);
  const precision = choiceFlag(flags, "precision", ["default", ...PRECISIONS] as const, "default");
  const asked: HardwareAsked = {
    count: positiveFlag(flags, "count", "count"),
    mfu: shareOfAll(flags, "mfu"),
    ...(flags.throughput === undefined
      ? {}
      : { throughput: await (await import("./measured-throughput.js")).throughputOf(flags) }),
    usdPerHour: positiveFlag(flags, "price", "usd"),
    pue: positiveFlag(flags, "pue", "plain"),
    kgPerKwh: positiveFlag(flags, "carbon", "plain"),
    ...(accelerator === undefined ? {} : { accelerator }),
    ...(precision === "default" ? {} : { precision }),
  };
  if (asked.pue !== undefined && asked.pue < 1)
    throw fault(
      "--pue",
      textFlag(flags, "pue") ?? "",
      "a site draws at least what its accelerators draw: 1 or more",
    );
  return asked;
}

/** A share in (0, 1]: `0.4`, `40%` or `1`. */
function shareOfAll(flags: RawFlags, name: string): number | undefined {
  const text = textFlag(flags, name);
  return text !== undefined && /^\s*(1|100 ?%)\s*$/.test(text) ? 1 : shareFlag(flags, name);
}

const SHAPE: readonly (readonly [flag: string, field: keyof ShapeGiven])[] = [
  ["layers", "layers"],
  ["width", "width"],
  ["heads", "heads"],
  ["kvHeads", "kvHeads"],
  ["headSize", "headSize"],
  ["ff", "ff"],
  ["vocab", "vocab"],
  ["context", "context"],
  ["experts", "experts"],
  ["activeExperts", "activeExperts"],
];

function costAsked(flags: RawFlags): CostAsked | null {
  const shape: ShapeGiven = {
    ...Object.fromEntries(
      SHAPE.flatMap(([flag, field]) => {
        const value = positiveFlag(flags, flag, "count");
        return value === undefined ? [] : [[field, value]];
      }),
    ),
    ...(flags.gated === true ? { isGated: true } : {}),
    ...(flags.tied === true ? { isTied: true } : {}),
  };
  const hasShape = Object.keys(shape).length > 0;
  const price = positiveFlag(flags, "inferencePrice", "plain");
  const inferenceTokens = positiveFlag(flags, "inferenceTokens", "tokens");
  if (price !== undefined && inferenceTokens === undefined) {
    throw new UsageError({
      code: "flags",
      message: "--inference-price is the price of serving, and nothing is served",
      hint: "give --inference-tokens too, for example --inference-tokens 2T",
    });
  }
  const asked: CostAsked = {
    ...(hasShape ? { shape } : {}),
    // A shape is given to be counted, unless a measured cost takes the place of the count.
    ...(flags.flopsRule !== undefined || (hasShape && flags.costFit === undefined)
      ? { rule: choiceFlag(flags, "flopsRule", FLOPS_RULES, "exact") }
      : {}),
    ...(flags.recompute === undefined
      ? {}
      : { recompute: choiceFlag(flags, "recompute", RECOMPUTES, "none") }),
    ...(flags.activeShare === undefined ? {} : { activeShare: shareOfAll(flags, "activeShare") }),
    ...(inferenceTokens === undefined ? {} : { inferenceTokens }),
    ...(price === undefined ? {} : { inferencePrice: price }),
  };
  return Object.keys(asked).length === 0 ? null : asked;
}
