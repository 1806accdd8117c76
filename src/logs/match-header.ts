/** Which headers could be a quantity, and which is the likeliest by its name. */
import type { Table } from "../objects.js";
import { LOSS_WORDS, type QuantityAliases } from "./aliases.js";
import { type HeaderName, unitExponent, unitInName } from "./names.js";

/** What a header says of a quantity. */
export interface HeaderMatch {
  /** Smaller is better; a whole number when the whole header is the name. */
  rank: number;
  /** From the unit in the header to the base unit. */
  factor: number;
  /** The unit as the header spells it, or null. */
  unit: string | null;
  /** A name that means the quantity only where the cells are numbers (`size`). */
  isWeak: boolean;
}

/** A column that could be a quantity. */
export interface Candidate extends HeaderMatch {
  /** Its place in the table. */
  index: number;
}

/** Ranks of names in the lists start here; likely names of a loss come after all of them. */
const LISTED = 1;
const WEAK = 500;
const LIKELY = 1000;
/** Names of something else than what is asked for, taken where nothing else is there, come after those. */
export const BEHIND = 3000;

/** The columns that could be a quantity, the likeliest first; of equal names the first in the table. */
export function candidatesFor(
  table: Table,
  headers: readonly HeaderName[],
  aliases: QuantityAliases,
): Candidate[] {
  const candidates: Candidate[] = [];
  for (let index = 0; index < headers.length; index++) {
    const match = matchHeader(table.columns[index]!.name, headers[index]!, aliases);
    if (match === null) continue;
    const rank = match.rank + placeOf(headers[index]!, match, aliases);
    candidates.push({ index, ...match, rank });
  }
  return candidates.sort((a, b) => a.rank - b.rank || a.index - b.index);
}

/** What goes before and what behind: a loss says by its words, a count by the path it stands in, what it was taken of. */
function placeOf({ plain, ends }: HeaderName, { rank }: HeaderMatch, { quantity }: QuantityAliases): number {
  const words = plain.split("_");
  const has = (list: readonly string[]) => words.some((word) => list.includes(word));
  if (quantity === "loss") {
    // beside `val_loss`, the bare `loss` of many trainers is the training's
    if (has(LOSS_WORDS.validation)) return rank < WEAK && Number.isInteger(rank) ? -WEAK : 0;
    return has(LOSS_WORDS.training) ? BEHIND : 0;
  }
  if (quantity !== "N" && quantity !== "D" && quantity !== "C") return 0;
  // the tokens of an evaluation
  return ends.length > 0 && (has(LOSS_WORDS.validation) || words[0] === "results") ? BEHIND : 0;
}

/** What a header says of a quantity, or null: letters before listed names before path ends before likely names. */
export function matchHeader(header: string, name: HeaderName, aliases: QuantityAliases): HeaderMatch | null {
  const exponent = name.unit === null ? null : unitExponent(name.unit, aliases.quantity === "C");
  const unit = exponent === null ? { factor: 1, unit: null } : { factor: 10 ** exponent, unit: name.unit };
  const letter = header.replace(/\s*[([{].*$/s, "");
  if (aliases.letters.includes(letter)) return { rank: 0, isWeak: false, ...unit };
  const rank = rankOf(name, aliases);
  if (rank !== null) return { rank, isWeak: rank >= WEAK, ...unit };
  const withUnit = matchWithUnit(name, aliases);
  if (withUnit !== null) return withUnit;
  const likely = aliases.quantity === "loss" ? likelyLoss(name) : null;
  return likely === null ? null : { rank: likely, isWeak: true, ...unit };
}

/** A listed name with a unit in it: `params_m`, `throughput/total_gflops`. */
function matchWithUnit(name: HeaderName, aliases: QuantityAliases): HeaderMatch | null {
  for (const [depth, end] of [name.plain, ...name.ends].entries()) {
    const inName = unitInName(end, aliases.quantity);
    const rank = inName === null ? null : rankOf({ plain: inName.plain, ends: [], unit: null }, aliases);
    if (inName === null || rank === null) continue;
    return { rank: rank + (depth > 0 ? 0.6 : 0.3), factor: inName.factor, unit: inName.unit, isWeak: false };
  }
  return null;
}

function rankOf(name: HeaderName, { full, path }: QuantityAliases): number | null {
  const inPath = path.indexOf(name.plain);
  if (inPath >= 0) return LISTED + inPath;
  const whole = full.indexOf(name.plain);
  if (whole >= 0) return WEAK + whole;
  for (const end of name.ends) {
    const at = path.indexOf(end);
    if (at >= 0) return LISTED + at + 0.5;
  }
  return null;
}

/** Ranks of headers that are a loss by their words: validation before others before training, bits per byte last. */
function likelyLoss(name: HeaderName): number | null {
  const words = name.plain.split("_");
  const has = (list: readonly string[]) => words.some((word) => list.includes(word));
  if (!has(LOSS_WORDS.measures) || has(LOSS_WORDS.not)) return null;
  const behind = words.includes("bpb") ? 300 : 0;
  if (has(LOSS_WORDS.validation)) return LIKELY + behind;
  return LIKELY + (has(LOSS_WORDS.training) ? 200 : 100) + behind;
}
