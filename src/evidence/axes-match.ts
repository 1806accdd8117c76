/**
 * Whether a log and a published set count the same things, and by what their numbers differ where they do not: bits and
 * nats by ln 2, losses per byte and per token by the bytes of a token, N with and without embeddings where the log knows
 * both, compute as 6 N D where the log knows N and D. What cannot be turned into the other is refused; what nobody says is
 * taken to be the same, and said.
 */
import type { Axes, AxesOfLog, ComputeRatio } from "../objects.js";
import { listOf, quoteText } from "../text.js";

/** How a published set is brought to the axes of the log. */
export interface AxesMatch {
  /** How the log's N has to be counted: as it is, or in the other way that the log knows too. */
  params: Axes["params"];
  /** The published loss times this is in the unit of the log. */
  factor: number;
  /** What was turned into the other, in words. */
  converted: string[];
  /** What is taken to be the same though nothing says so, in words. */
  unknown: string[];
}

/** Why the two cannot be held against each other, and what would help. */
export interface AxesMismatch {
  reason: string;
  hint: string;
}

/** What the log can do, beside what it says. */
export interface LogAbilities {
  /** Whether it knows its N counted in this way. */
  hasParams(counted: Axes["params"]): boolean;
  /** Whether the published law, or that of the log, reads a compute from it. */
  readsCompute: boolean;
  /** Those of N and D that either law reads though they follow from compute alone, by C = 6 N D. */
  fromCompute: readonly string[];
  /** Whether compute is made as 6 N D of its N and D, whatever its column of compute says. */
  isProduct: boolean;
  /** Its column of compute over 6 N D with N counted in this way; null where it has none. */
  ratio(counted: Axes["params"]): ComputeRatio | null;
}

/** @param log a perplexity has become a loss in nats before */
export function matchAxes(preset: Axes, log: AxesOfLog, abilities: LogAbilities): AxesMatch | AxesMismatch {
  const params = matchParams(preset, log, abilities);
  if ("reason" in params) return params;
  const loss = matchLoss(preset, log);
  if ("reason" in loss) return loss;
  const derived = matchDerived(log, abilities);
  if ("reason" in derived) return derived;
  const compute = matchCompute(preset, log, abilities, params.params);
  if ("reason" in compute) return compute;
  const { tokenizer, data } = { tokenizer: preset.tokenizer, data: preset.data };
  const texts =
    data !== null && log.data !== null && isSameName(data, log.data)
      ? []
      : [
          `the loss is that of ${data ?? "a text that its source does not name"}, the log's of ${log.data ?? "a text that nothing names"}: the level differs by the text too`,
        ];
  const tokens =
    tokenizer !== null && log.tokenizer !== null
      ? []
      : [
          `the tokenizer of ${log.tokenizer === null ? "the log" : "the set"} is not known${tokenizer === null ? "" : `, that of the set is ${tokenizer}`}: tokens and losses per token are taken to be those of one tokenizer`,
        ];
  return {
    params: params.params,
    factor: loss.factor,
    converted: [...params.converted, ...compute.converted, ...loss.converted],
    unknown: [
      ...params.unknown,
      ...loss.unknown,
      ...derived.unknown,
      ...compute.unknown,
      ...tokens,
      ...texts,
    ],
  };
}

type Part<T> = (T & Pick<AxesMatch, "converted" | "unknown">) | AxesMismatch;

const WORDS: Readonly<Record<Axes["params"], string>> = {
  total: "with embeddings",
  "non-embedding": "without embeddings",
  active: "as the parameters that one token sees",
  unknown: "in a way that nothing says",
};

function matchParams(
  preset: Axes,
  log: AxesOfLog,
  { hasParams }: LogAbilities,
): Part<Pick<AxesMatch, "params">> {
  const [wanted, own] = [preset.params, log.params];
  if (wanted === own && wanted !== "unknown") return { params: own, converted: [], unknown: [] };
  if (wanted === "unknown")
    return {
      params: own,
      converted: [],
      unknown: [`its source does not say what N counts: taken as the log counts it`],
    };
  if (own !== wanted && hasParams(wanted))
    return {
      params: wanted,
      converted: [`N is counted ${WORDS[wanted]}, as in the set`],
      unknown: [],
    };
  if (own === "unknown")
    return {
      params: own,
      converted: [],
      unknown: [
        `what N counts in the log its column does not say: taken ${WORDS[wanted]}, as in the set (--axes params=${wanted} asserts it)`,
      ],
    };
  const isDense = !log.isSparse && [wanted, own].includes("active") && [wanted, own].includes("total");
  if (isDense)
    return {
      params: own,
      converted: ["in a dense model a token sees all parameters: N is the same"],
      unknown: [],
    };
  return {
    reason: `it counts N ${WORDS[wanted]}, the log counts it ${WORDS[own]}`,
    hint: hintFor(wanted),
  };
}

const hintFor = (wanted: Axes["params"]): string =>
  wanted === "active"
    ? "add a column active_params to the log"
    : `add a column ${wanted === "total" ? "total_params" : "params_non_embedding"} to the log, or width (d_model) and vocab_size, from which the embeddings follow`;

/** Parameters or tokens that follow from compute are right only where that is 6 N D. */
function matchDerived(
  { compute }: AxesOfLog,
  { fromCompute }: LogAbilities,
): { unknown: string[] } | AxesMismatch {
  if (fromCompute.length === 0 || compute === "6ND") return { unknown: [] };
  const names = listOf(fromCompute.map((name) => (name === "D" ? "tokens" : "params")));
  if (compute === "counted")
    return {
      reason: `the log has no column for ${names}: they would follow from C = 6 N D, and its compute is counted otherwise`,
      hint: `add a column of ${names}; or, where you know the ratio, turn compute into 6 N D with --map C=COLUMN:FACTOR and --axes compute=6ND`,
    };
  return {
    unknown: [
      `how the log counts compute nothing says, and its ${names} follow from it: taken as 6 N D (--axes compute=6ND asserts it); counted otherwise, ${names} are off by as much`,
    ],
  };
}

/** Compute as 6 N D, or counted: one says nothing of the other without N and D, from which 6 N D is made row by row. */
function matchCompute(
  preset: Axes,
  log: AxesOfLog,
  { readsCompute, isProduct, ratio }: LogAbilities,
  params: Axes["params"],
): Part<unknown> {
  const [wanted, own] = [preset.compute, isProduct ? "6ND" : log.compute];
  const same = { converted: [], unknown: [] };
  if (!readsCompute) return same;
  if (isProduct && wanted === "6ND") {
    const column = ratio(params);
    if (column === null || column.isProduct) return same;
    return { ...same, converted: [productWords(column)] };
  }
  if (wanted === own && own !== "unknown") return same;
  if (wanted !== "unknown" && own !== "unknown")
    return {
      reason: `it is a law of compute ${COUNTED[wanted]}, the log's is ${COUNTED[own]}`,
      hint:
        wanted === "6ND"
          ? "add columns of params and tokens: then compute is 6 N D of them"
          : "add a column of FLOPs counted in this way: --map C=COLUMN",
    };
  const [side, known] = own === "unknown" ? ["the log", wanted] : ["the set", own];
  return { ...same, unknown: [`how ${side} counts compute nothing says: taken as ${COUNTED[known]}`] };
}

const COUNTED: Readonly<Record<Axes["compute"], string>> = {
  "6ND": "6 N D",
  counted: "counted layer by layer",
  unknown: "the other's",
};

/** What is said where compute is made anew. */
function productWords({ column, median, low, high, rows }: ComputeRatio): string {
  const short = (value: number) => String(Number(value.toPrecision(3)));
  const spread =
    short(low) === short(high)
      ? `in all ${rows} rows`
      : `${short(low)} to ${short(high)} over the ${rows} rows`;
  return `compute is made as 6 N D of the log's params and tokens; its column ${quoteText(column)} is ${short(median)} times that (${spread})`;
}

/** Factors between the units and between what a loss is a mean over. */
function matchLoss(preset: Axes, log: AxesOfLog): Part<Pick<AxesMatch, "factor">> {
  const unit = log.loss === "unknown" ? preset.loss : log.loss;
  const per = log.per === "unknown" ? preset.per : log.per;
  const ofSet = `${preset.loss === "unknown" ? unit : preset.loss} per ${preset.per === "unknown" ? per : preset.per}`;
  const unknown: string[] = [];
  if (log.loss === "unknown" || log.per === "unknown")
    unknown.push(
      `the unit of the log's loss its column does not say: taken as ${ofSet}, as in the set (--axes loss=${ofSet.replace(" per ", "/")} asserts it)`,
    );
  if (preset.loss === "unknown" || preset.per === "unknown")
    unknown.push(
      "its source does not say the unit of its loss in full: what is missing is taken as in the log",
    );
  const between = perFactor(preset, { ...log, per });
  if ("reason" in between) return between;
  const isOtherUnit = preset.loss !== "unknown" && unit !== preset.loss;
  const byUnit = !isOtherUnit ? 1 : unit === "bits" ? 1 / Math.LN2 : Math.LN2;
  const factor = byUnit * between.factor;
  return {
    factor,
    converted:
      factor === 1
        ? []
        : [
            `its loss, in ${ofSet}, is given in ${unit} per ${per}, the log's unit: times ${Number(factor.toPrecision(4))}`,
          ],
    unknown,
  };
}

/** Tokens of a byte, and of a character: what a loss per token is divided by to be one of those. */
function perFactor(preset: Axes, log: AxesOfLog): { factor: number } | AxesMismatch {
  const [from, to] = [preset.per, log.per];
  const areOthers =
    preset.tokenizer !== null && log.tokenizer !== null && !isSameName(preset.tokenizer, log.tokenizer);
  if (areOthers)
    return {
      reason: `it counts tokens of ${preset.tokenizer}, the log those of ${quoteText(log.tokenizer as string)}: neither losses per token nor numbers of tokens of two tokenizers can be compared`,
      hint: "count the tokens and measure the loss of your runs with its tokenizer; exponents and the best tokens per parameter are in scalefit laws and scalefit plan --preset",
    };
  if (from === to || from === "unknown") return { factor: 1 };
  if (from === "word" || to === "word")
    return {
      reason: `its loss is one per ${from}, the log's one per ${to}: how many of them make a word nobody says`,
      hint: `measure the loss per ${from}`,
    };
  const sizes: Readonly<Record<string, number | null>> = {
    token: 1,
    byte: log.bytesPerToken,
    character: log.charactersPerToken,
  };
  const lacking = ([from, to] as const).find((name) => sizes[name] === null);
  if (lacking !== undefined)
    return {
      reason: `its loss is one per ${from}, the log's one per ${to}, and nothing says how many ${lacking}s a token has`,
      hint: `give it with --axes ${lacking}s-per-token=4.3, counted with the set's tokenizer on your text, or as a column ${lacking}s_per_token`,
    };
  return { factor: (sizes[from] as number) / (sizes[to] as number) };
}

/** One name in its spellings: `GPT-2` and `gpt2`, `GPT-NeoX-20B` and `gpt-neox`. */
export function isSameName(a: string, b: string): boolean {
  return folded(a) === folded(b);
}

const folded = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "")
    .replace(/^gptneox20b$/, "gptneox");
