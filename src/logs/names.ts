/** Headers taken apart: the plain form of a name, and the unit it gives. */
import { ENERGY_UNITS, FLOP_PREFIXES, HEADER_UNITS, type QuantityName, TIME_UNITS } from "./aliases.js";

/** A header in plain form, with its unit as a factor. */
export interface HeaderName {
  /** Lower case, words joined with `_`. */
  plain: string;
  /** The ends of its path, longest first, the whole not included: `a.b/c` gives `b_c`, `c`. */
  ends: string[];
  /** The text of a unit in brackets, or null. */
  unit: string | null;
}

/** Takes a header apart: `Model Size (B)`, `summary.eval/loss`, `totalTokens`. */
export function headerNameOf(header: string): HeaderName {
  const bracket = /^(.*\S)\s*[([{]\s*([^()[\]{}]*?)\s*[)\]}]\s*$/s.exec(header);
  const inBrackets = bracket?.[2] ?? null;
  const isUnit = inBrackets !== null && unitExponent(inBrackets, true) !== null;
  const name = isUnit ? bracket![1]! : header;
  const segments = name
    .split(/[./]/)
    .map(plainName)
    .filter((segment) => segment !== "");
  const ends = segments.map((_, i) => segments.slice(i).join("_")).slice(1);
  return { plain: segments.join("_"), ends, unit: isUnit ? inBrackets : null };
}

/** Lower case, words of camelCase and of any punctuation joined with `_`. */
export function plainName(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
}

/** PF-days: 1e15 FLOP/s for a day. */
export const PF_DAY = 8.64e19;

/**
 * The power of ten that a unit text stands for (`M` 6, `billions` 9, `1E21` 21, `x1e9` 9, `10^9` 9), or null.
 *
 * @param withFlops  whether the prefixes of FLOPs count too
 */
export function unitExponent(unit: string, withFlops: boolean): number | null {
  const text = unit
    .trim()
    .toLowerCase()
    .replace(/^in\s+/, "");
  const power = /^(?:[x×*]\s*)?(?:1e\+?(\d{1,2})|10(?:\^|\*\*)(\d{1,2}))$/.exec(text);
  if (power !== null) return Number(power[1] ?? power[2]);
  const known = HEADER_UNITS.get(text) ?? (withFlops ? FLOP_PREFIXES.get(text) : undefined);
  if (known !== undefined) return known;
  const words = /^([a-z]+)\s*(params?|parameters|tokens?|toks?|flops?)$/.exec(text);
  if (words === null) return null;
  const isFlops = words[2]!.startsWith("flop");
  return HEADER_UNITS.get(words[1]!) ?? (isFlops ? (FLOP_PREFIXES.get(words[1]!) ?? null) : null);
}

/** A plain name without the unit in it, and that unit's factor. */
export interface UnitInName {
  plain: string;
  factor: number;
  /** As the name spells it. */
  unit: string;
}

/** Units that are part of a name: `params_m`, `tokens_in_billions`, `mparams`, `train_gflops`, `pf_days`. */
export function unitInName(plain: string, quantity: QuantityName): UnitInName | null {
  if (quantity === "C") return flopUnitInName(plain);
  if (quantity === "seconds") return timeUnitInName(plain);
  if (quantity === "energy") return energyUnitInName(plain);
  if (quantity !== "N" && quantity !== "D") return null;
  const after = /^(.*?[a-z])_(?:in_)?([a-z]+)$/.exec(plain);
  const exponent = after === null ? undefined : HEADER_UNITS.get(after[2]!);
  if (after !== null && exponent !== undefined)
    return { plain: after[1]!, factor: 10 ** exponent, unit: after[2]! };
  const before = /^([kmbt])_?(params|parameters|tokens)$/.exec(plain);
  if (before === null) return null;
  return { plain: before[2]!, factor: 10 ** HEADER_UNITS.get(before[1]!)!, unit: before[1]! };
}

function timeUnitInName(plain: string): UnitInName | null {
  const match = /^(.+?)(?:_time)?_(?:in_)?([a-z]+)$/.exec(plain);
  const factor = match === null ? undefined : TIME_UNITS.get(match[2]!);
  if (match === null || factor === undefined) return null;
  return { plain: `${match[1]!}_seconds`, factor, unit: match[2]! };
}

function energyUnitInName(plain: string): UnitInName | null {
  const match = /^(.+?)_(?:in_)?([a-z]+)$/.exec(plain);
  const factor = match === null ? undefined : ENERGY_UNITS.get(match[2]!);
  if (match === null || factor === undefined) return null;
  return { plain: match[1]!, factor, unit: match[2]! };
}

function flopUnitInName(plain: string): UnitInName | null {
  if (/(^|_)pf_?days?$/.test(plain)) {
    return { plain: "compute", factor: PF_DAY, unit: "PF-days" };
  }
  const match = /^((?:[a-z]+_)*)([kmgtpezy])_?flops?$/.exec(plain);
  if (match === null) return null;
  // a bare rate-like prefix (gflops of a model, TFLOPs of a device) is not the compute of a training
  if (match[1] === "" && !"ezy".includes(match[2]!)) return null;
  return {
    plain: `${match[1]}flops`,
    factor: 10 ** FLOP_PREFIXES.get(match[2]!)!,
    unit: `${match[2]!.toUpperCase()}FLOP`,
  };
}
