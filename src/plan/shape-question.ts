/** What is asked of `shape`: a size, what of the transformer is given, a ladder of sizes. Plain units. */
import { UsageError } from "../errors.js";

/** What a size counts: all parameters, those outside the embeddings, or those that a token passes. */
export const COUNTED = ["total", "non-embedding", "active"] as const;
export type Counted = (typeof COUNTED)[number];

export interface ShapeQuestion {
  /** Parameters; null where layers and width give them, or a ladder is asked for. */
  params: number | null;
  counted: Counted;
  layers: number | null;
  width: number | null;
  heads: number | null;
  kvHeads: number | null;
  headSize: number | null;
  /** Width of the feed-forward block, or it over the width; one at most. */
  ff: number | null;
  ffRatio: number | null;
  isGated: boolean;
  vocab: number | "auto";
  isTied: boolean;
  context: number;
  experts: number;
  /** One at most; 2 experts where both are null and there are several. */
  activeExperts: number | null;
  activeShare: number | null;
  /** Null: by the width. */
  multiple: number | null;
  /** Width over layers; null: as usual for the size. */
  aspect: number | null;
  /** Share of the size by which a shape may be off. */
  tolerance: number;
  ladder: { from: number; to: number; runs: number } | null;
  /** Of the weights in memory. */
  bytesPerParam: number;
}

export const SHAPE_DEFAULTS: ShapeQuestion = {
  params: null,
  counted: "total",
  layers: null,
  width: null,
  heads: null,
  kvHeads: null,
  headSize: null,
  ff: null,
  ffRatio: null,
  isGated: false,
  vocab: 32_000,
  isTied: false,
  context: 4096,
  experts: 1,
  activeExperts: null,
  activeShare: null,
  multiple: null,
  aspect: null,
  tolerance: 0.05,
  ladder: null,
  bytesPerParam: 2,
};

/** Beyond it sides are no longer exact in floating point, and nobody trains such a model. */
const LARGEST = 1e15;
const MOST_RUNGS = 100;

export const contradiction = (flags: string, why: string, hint: string): UsageError =>
  new UsageError({ code: "flags", message: `${flags} contradict each other`, why, hint });

/** Refuses a question that contradicts itself. @throws UsageError */
export function requireShapeQuestion(asked: ShapeQuestion): void {
  requireNumbers(asked);
  requireOneEach(asked);
  requireHeads(asked);
  requireExperts(asked);
  requireSize(asked);
  if (asked.ladder !== null) requireLadder(asked, asked.ladder);
}

const WHOLE = [
  ["--layers", "layers"],
  ["--width", "width"],
  ["--heads", "heads"],
  ["--kv-heads", "kvHeads"],
  ["--head-size", "headSize"],
  ["--ff", "ff"],
  ["--vocab", "vocab"],
  ["--context", "context"],
  ["--experts", "experts"],
  ["--active-experts", "activeExperts"],
  ["--multiple", "multiple"],
] as const;
const POSITIVE = [
  ["--params", "params"],
  ["--ff-ratio", "ffRatio"],
  ["--aspect", "aspect"],
  ["--tolerance", "tolerance"],
  ["--bytes-per-param", "bytesPerParam"],
] as const;

function requireNumbers(asked: ShapeQuestion): void {
  const fault = (flag: string, value: unknown, what: string) =>
    new UsageError({
      code: "flag",
      message: `${flag} must be ${what}, not ${String(value).slice(0, 40)}`,
      hint: `leave it out, or give for example ${flag} 8`,
    });
  for (const [flag, name] of WHOLE) {
    const value = asked[name];
    if (value === null || value === "auto") continue;
    if (!(Number.isInteger(value) && value >= 1 && value <= LARGEST))
      throw fault(flag, value, "a whole number, 1 or more");
  }
  for (const [flag, name] of POSITIVE) {
    const value = asked[name];
    if (value !== null && !(value > 0 && value <= LARGEST))
      throw fault(flag, value, `above 0, and ${LARGEST} at most`);
  }
  const { activeShare } = asked;
  if (activeShare !== null && !(activeShare > 0 && activeShare <= 1))
    throw fault("--active-share", activeShare, "above 0, and 1 at most");
}

function requireOneEach({
  ff,
  ffRatio,
  activeExperts,
  activeShare,
  layers,
  width,
  aspect,
}: ShapeQuestion): void {
  if (ff !== null && ffRatio !== null)
    throw contradiction(
      "--ff and --ff-ratio",
      "both say how wide the feed-forward block is",
      "give one of them",
    );
  if (activeExperts !== null && activeShare !== null)
    throw contradiction(
      "--active-experts and --active-share",
      "both say what a token passes",
      "give one of them",
    );
  if (aspect !== null && layers !== null && width !== null)
    throw contradiction(
      `--aspect ${aspect}, --layers ${layers} and --width ${width}`,
      `the width is ${(width / layers).toPrecision(4)} times the layers`,
      "leave one of them out",
    );
}

/** The divisors of a number that are nearest to another: what to give instead of one that does not divide. */
function nearDivisors(of: number, near: number): string {
  const divisors: number[] = [];
  for (let i = 1; i * i <= of && i <= 1e5; i++) if (of % i === 0) divisors.push(i, of / i);
  const below = Math.max(...divisors.filter((one) => one <= near));
  const above = Math.min(...divisors.filter((one) => one >= near));
  return Number.isFinite(above) && above !== below ? `${below} or ${above}` : String(below);
}

function requireHeads({ width, heads, headSize, kvHeads, multiple }: ShapeQuestion): void {
  if (width !== null && multiple !== null && width % multiple !== 0)
    throw contradiction(
      `--width ${width} and --multiple ${multiple}`,
      `the width is ${width % multiple} above a multiple`,
      `take --width ${Math.max(1, Math.floor(width / multiple)) * multiple} or ${Math.ceil(width / multiple) * multiple}`,
    );
  if (width !== null && heads !== null && headSize === null && width % heads !== 0)
    throw contradiction(
      `--width ${width} and --heads ${heads}`,
      `${heads} heads do not divide the width: ${width % heads} are left over`,
      `take --heads ${nearDivisors(width, heads)}, or say how wide a head is with --head-size`,
    );
  if (width !== null && headSize !== null && heads === null && width % headSize !== 0)
    throw contradiction(
      `--width ${width} and --head-size ${headSize}`,
      `heads so wide do not divide the width: ${width % headSize} are left over`,
      `take --head-size ${nearDivisors(width, headSize)}, or say how many with --heads`,
    );
  if (kvHeads === null) return;
  const all = heads ?? (width !== null && headSize !== null ? width / headSize : null);
  if (all === null) return;
  if (kvHeads > all)
    throw contradiction(
      `--kv-heads ${kvHeads} and ${heads === null ? "--head-size" : "--heads"} ${heads ?? headSize}`,
      `${kvHeads - all} more key heads than the ${all} heads`,
      `take --kv-heads ${all} or fewer`,
    );
  if (all % kvHeads !== 0)
    throw contradiction(
      `--kv-heads ${kvHeads} and ${heads === null ? "--head-size" : "--heads"} ${heads ?? headSize}`,
      `${all} heads cannot be shared out evenly: ${all % kvHeads} are left over`,
      `take --kv-heads ${nearDivisors(all, kvHeads)}`,
    );
}

function requireExperts({ experts, activeExperts, activeShare }: ShapeQuestion): void {
  if (activeExperts !== null && activeExperts > experts)
    throw contradiction(
      `--active-experts ${activeExperts} and --experts ${experts}`,
      `a token cannot pass ${activeExperts - experts} more experts than there are`,
      experts === 1 ? `give --experts ${activeExperts} or more` : `take --active-experts ${experts} or fewer`,
    );
  if (experts === 1 && activeShare !== null && activeShare < 1)
    throw contradiction(
      `--active-share ${activeShare} and a model without experts`,
      "of a dense model a token passes all parameters",
      "give --experts, for example --experts 8",
    );
}

function requireSize({ params, layers, width, ladder }: ShapeQuestion): void {
  if (params !== null || ladder !== null || (layers !== null && width !== null)) return;
  const given = layers !== null ? "--layers" : width !== null ? "--width" : null;
  throw new UsageError({
    code: "no-question",
    message:
      given === null
        ? "shape needs a size: --params, or --layers and --width, or --ladder; or --cnn"
        : `${given} alone gives no size`,
    hint: "for example scalefit shape --params 7B",
  });
}

function requireLadder(asked: ShapeQuestion, { from, to, runs }: NonNullable<ShapeQuestion["ladder"]>): void {
  const { params } = asked;
  if (!(from > 0 && to > from && to <= LARGEST))
    throw new UsageError({
      code: "flag",
      message: `--ladder must rise from a size above 0, and to ${LARGEST} at most`,
      hint: "for example --ladder 10M..1B",
    });
  if (!(Number.isInteger(runs) && runs >= 2 && runs <= MOST_RUNGS))
    throw new UsageError({
      code: "flag",
      message: `--runs must be a whole number from 2 to ${MOST_RUNGS}: the sizes of the ladder`,
      hint: "for example --runs 6",
    });
  const own = (["layers", "width", "heads", "ff"] as const).find((name) => asked[name] !== null);
  if (own !== undefined && params === null)
    throw contradiction(
      `--${own} and --ladder`,
      "each rung of a ladder has its own",
      own === "ff"
        ? "give --ff-ratio, or the size of the large model with --params"
        : "leave it out, or give the size of the large model with --params",
    );
}
