/** Column names and units -> the field's standard quantities. */
import { InputError, type ScalefitError, UsageError } from "../errors.js";
import type { Column, Table, Warning } from "../objects.js";
import { ALIASES, LOSS_WORDS, type QuantityAliases, type QuantityName } from "./aliases.js";
import { type HeaderName, headerNameOf, plainName, unitExponent, unitInName } from "./names.js";
import { parseNumber, type Quantity } from "./numbers.js";
import { escapeText, listOf, nearest, quoteText } from "./text.js";

export type { QuantityName } from "./aliases.js";

/** A quantity found in a table: its column, and the factor from the column's unit to the base unit. */
export interface Found {
  column: Column;
  factor: number;
  /** Why this column and what its unit is, in words; empty when there is nothing to say. */
  note: string;
  /** How its cells are read. */
  kind: Quantity;
  /** Other columns that could be the quantity, by name. */
  alternatives: string[];
  /** What is to be said when the quantity is used. */
  warnings: Warning[];
}

/** What `--map NAME=COLUMN[:FACTOR]` says; without a factor the unit in the column's name counts. */
export interface Mapping {
  column: string;
  factor?: number;
}

export interface Recognised {
  /** By quantity (`N`, `D`, `C`, `loss`, ...) or by a name of one's own given with `--map`. */
  quantities: ReadonlyMap<string, Found>;
  /** Quantities whose name two columns share, with the columns' numbers from 1. */
  ambiguous: ReadonlyMap<string, { name: string; numbers: number[] }>;
  /** Of all quantities together; `observe` says those of the ones it uses. */
  warnings: Warning[];
}

/**
 * Finds the standard quantities among the columns, by exact names before path ends before likely ones.
 *
 * @param options.map  what the user said of some of them; it wins
 * @param options.y    the column that is measured, in place of the loss
 * @throws UsageError  when `map` or `y` name a column that is not there
 */
export function recognise(
  table: Table,
  options: { map: ReadonlyMap<string, Mapping>; y?: string },
): Recognised {
  const quantities = new Map<string, Found>();
  const ambiguous = new Map<string, { name: string; numbers: number[] }>();
  const headers = table.columns.map((column) => headerNameOf(column.name));
  for (const aliases of ALIASES) {
    const result = findQuantity(table, headers, aliases);
    if (result === null) continue;
    if ("numbers" in result) ambiguous.set(aliases.quantity, result);
    else quantities.set(aliases.quantity, result);
  }
  for (const [name, mapping] of withMeasured(options)) {
    const quantity = quantityCalled(name) ?? name;
    quantities.set(
      quantity,
      mapped(table, quantity, mapping, name === "loss" && options.y === mapping.column),
    );
    ambiguous.delete(quantity);
  }
  const warnings = [...quantities.values()].flatMap((found) => found.warnings);
  return { quantities, ambiguous, warnings };
}

function withMeasured(options: { map: ReadonlyMap<string, Mapping>; y?: string }): Map<string, Mapping> {
  const map = new Map(options.map);
  if (options.y !== undefined && quantityCalled(options.y) !== "loss") {
    map.set("loss", map.get(options.y) ?? { column: options.y });
  }
  return map;
}

/** The quantity that a name such as `params`, `tokens`, `N` or `loss` means, or null. */
export function quantityCalled(name: string): QuantityName | null {
  const plain = plainName(name);
  for (const { quantity, letters, full, path } of ALIASES) {
    if (quantity === name || letters.includes(name)) return quantity;
    if (full.includes(plain) || path.includes(plain)) return quantity;
  }
  return null;
}

/** How the cells of a quantity are read; of other columns: as plain numbers. */
export function kindOf(quantity: string): Quantity {
  return ALIASES.find((aliases) => aliases.quantity === quantity)?.kind ?? "plain";
}

/** A quantity in words: `params (N)`; other names in quotes. */
export function titleOf(quantity: string): string {
  return ALIASES.find((aliases) => aliases.quantity === quantity)?.title ?? quoteText(quantity);
}

interface Candidate {
  index: number;
  /** Smaller is better. */
  rank: number;
  factor: number;
  unit: string | null;
}

function findQuantity(
  table: Table,
  headers: readonly HeaderName[],
  aliases: QuantityAliases,
): Found | { name: string; numbers: number[] } | null {
  const candidates = candidatesFor(table, headers, aliases);
  if (candidates.length === 0) return null;
  const usable =
    aliases.quantity === "run"
      ? candidates
      : candidates.filter(({ index }) => isNumeric(table, index, aliases.kind));
  const best = (usable.length > 0 ? usable : candidates)[0]!;
  const name = table.columns[best.index]!.name;
  const sameName = candidates.filter(({ index }) => table.columns[index]!.name === name);
  if (sameName.length > 1)
    return { name, numbers: sameName.map(({ index }) => index + 1).sort((a, b) => a - b) };
  // beside a whole name, the same word deep in a path is no rival
  const isWhole = Number.isInteger(best.rank);
  const alternatives = candidates
    .filter((candidate) => candidate !== best && (!isWhole || Number.isInteger(candidate.rank)))
    .map(({ index }) => table.columns[index]!.name);
  return describe(table.columns[best.index]!, best, headers[best.index]!, aliases, alternatives);
}

function candidatesFor(table: Table, headers: readonly HeaderName[], aliases: QuantityAliases): Candidate[] {
  const candidates: Candidate[] = [];
  for (let index = 0; index < headers.length; index++) {
    const match = matchHeader(table.columns[index]!.name, headers[index]!, aliases);
    if (match !== null) candidates.push({ index, ...match });
  }
  return candidates.sort((a, b) => a.rank - b.rank || a.index - b.index);
}

/** Ranks: letters 0, whole names from 1, path ends and names with a unit a little behind, likely names last. */
function matchHeader(
  header: string,
  name: HeaderName,
  aliases: QuantityAliases,
): { rank: number; factor: number; unit: string | null } | null {
  const bracketUnit = name.unit === null ? null : unitExponent(name.unit, aliases.quantity === "C");
  const factor = bracketUnit === null ? 1 : 10 ** bracketUnit;
  const unit = bracketUnit === null ? null : name.unit;
  const letter = header.replace(/\s*[([{].*$/s, "");
  if (aliases.letters.includes(letter)) return { rank: 0, factor, unit };
  const rank = rankOf(name, aliases);
  if (rank !== null) return { rank, factor, unit };
  for (const [depth, end] of [name.plain, ...name.ends].entries()) {
    const inName = unitInName(end, aliases.quantity);
    const bare = inName === null ? null : rankOf({ plain: inName.plain, ends: [], unit: null }, aliases);
    if (inName !== null && bare !== null)
      return { rank: bare + (depth > 0 ? 0.6 : 0.3), factor: inName.factor, unit: inName.unit };
  }
  const likely = aliases.quantity === "loss" ? likelyLoss(name) : null;
  return likely === null ? null : { rank: likely, factor, unit };
}

function rankOf(name: HeaderName, { full, path }: QuantityAliases): number | null {
  const inPath = path.indexOf(name.plain);
  if (inPath >= 0) return 1 + inPath;
  const whole = full.indexOf(name.plain);
  if (whole >= 0) return 1 + (path.length > full.length ? path.length : 0) + whole;
  for (const end of name.ends) {
    const at = path.indexOf(end);
    if (at >= 0) return 1.5 + at;
  }
  return null;
}

/** Ranks of headers that are a loss by their words: validation before others before training, bits per byte last. */
function likelyLoss(name: HeaderName): number | null {
  const words = name.plain.split("_");
  const has = (list: readonly string[]) => words.some((word) => list.includes(word));
  if (!has(LOSS_WORDS.measures) || has(LOSS_WORDS.not)) return null;
  const behind = words.includes("bpb") ? 300 : 0;
  if (has(LOSS_WORDS.validation)) return 1000 + behind;
  return (has(LOSS_WORDS.training) ? 1200 : 1100) + behind;
}

/** Cells looked at to tell a column of numbers from one of labels. */
const CELLS_LOOKED_AT = 200;

/** Whether the filled cells of a column are mostly numbers, with or without a suffix. */
function isNumeric(table: Table, index: number, kind: Quantity): boolean {
  const column = table.columns[index]!;
  let filled = 0;
  let numbers = 0;
  for (let row = 0; row < table.rows && filled < CELLS_LOOKED_AT; row++) {
    if (!Number.isNaN(column.numbers[row]!)) {
      filled++;
      numbers++;
      continue;
    }
    const text = column.text(row).trim();
    if (text === "") continue;
    filled++;
    if ("value" in parseNumber(text, kind, "cell")) numbers++;
  }
  return filled > 0 && numbers * 2 >= filled;
}

function describe(
  column: Column,
  { factor, unit }: { factor: number; unit: string | null },
  header: HeaderName,
  aliases: QuantityAliases,
  alternatives: string[],
): Found {
  const notes: string[] = [];
  if (factor !== 1) notes.push(`its unit (${escapeText(unit ?? "", 20)}) makes every value times ${factor}`);
  const convention = aliases.notes?.find(({ pattern }) => pattern.test(header.plain))?.note;
  if (convention !== undefined) notes.push(convention);
  const warnings: Warning[] = [];
  const isChoice = alternatives.length > 0 && ["N", "D", "C", "loss"].includes(aliases.quantity);
  if (notes.length > 0 || isChoice)
    warnings.push(choiceWarning(column, aliases, notes, isChoice ? alternatives : []));
  return { column, factor, note: notes.join("; "), kind: aliases.kind, alternatives, warnings };
}

function choiceWarning(
  column: Column,
  aliases: QuantityAliases,
  notes: string[],
  alternatives: string[],
): Warning {
  const said = [`${aliases.title} is column ${quoteText(column.name)}`, ...notes].join(", ");
  const others = alternatives.slice(0, 5).map((name) => quoteText(name, 40));
  const more = alternatives.length > 5 ? ` and ${alternatives.length - 5} more` : "";
  const cure = aliases.quantity === "loss" ? "--y COLUMN" : `--map ${aliases.quantity}=COLUMN`;
  const choice = others.length > 0 ? `, not ${others.join(", ")}${more}; choose with ${cure}` : "";
  return { code: others.length > 0 ? "several-columns" : "column-unit", message: said + choice };
}

/** The column of a mapping, with the factor given or the unit in its name. */
function mapped(table: Table, quantity: string, mapping: Mapping, isMeasured: boolean): Found {
  const column = columnCalled(table, mapping.column);
  if (column === null) throw unknownColumn(table, mapping.column, isMeasured ? "--y" : "--map");
  const aliases = ALIASES.find((candidate) => candidate.quantity === quantity);
  const byName = aliases === undefined ? null : matchHeader(column.name, headerNameOf(column.name), aliases);
  // a measured column that is no loss by its name (an accuracy, a reward) may hold any number
  const kind = isMeasured && byName === null ? "plain" : (aliases?.kind ?? "plain");
  const factor = mapping.factor ?? byName?.factor ?? 1;
  const isFromName = mapping.factor === undefined && factor !== 1;
  const note = isFromName ? `its unit (${byName?.unit ?? ""}) makes every value times ${factor}` : "";
  const warnings: Warning[] = isFromName
    ? [{ code: "column-unit", message: `${titleOf(quantity)} is column ${quoteText(column.name)}, ${note}` }]
    : [];
  return { column, factor, note, kind, alternatives: [], warnings };
}

/**
 * The column of a name (exact, else without regard to case), or of a number such as `#5`; null when there is none.
 *
 * @throws InputError  when two columns have the name
 */
export function columnCalled(table: Table, name: string): Column | null {
  const exact = table.columns.filter((column) => column.name === name);
  if (exact.length === 1) return exact[0]!;
  if (exact.length > 1) throw twoColumns(table, name);
  const number = /^#(\d{1,6})$/.exec(name);
  if (number !== null) return table.columns[Number(number[1]) - 1] ?? null;
  const folded = name.trim().toLowerCase();
  const alike = table.columns.filter((column) => column.name.toLowerCase() === folded);
  return alike.length === 1 ? alike[0]! : null;
}

function twoColumns(table: Table, name: string, flag = "COLUMN"): InputError {
  const numbers = table.columns.flatMap((column, i) => (column.name === name ? [i + 1] : []));
  return ambiguousError(table, name, numbers, flag);
}

function ambiguousError(
  table: Table,
  name: string,
  numbers: readonly number[],
  quantity: string,
): InputError {
  return new InputError({
    code: "ambiguous-column",
    message: `${numbers.length === 2 ? "two columns are" : `${numbers.length} columns are`} called ${quoteText(name)}: columns ${listOf(numbers.map(String))}`,
    why: "which one is meant would be a guess",
    hint: `choose one by its number, such as --map ${quantity === "COLUMN" ? "NAME" : quantity}=#${numbers[0]}, or rename one`,
    file: table.files[0],
    line: 1,
    column: name,
  });
}

/** Names shown where all of a table's columns would be asked for. */
const COLUMNS_SHOWN = 20;

/** The names of a table's columns, escaped and shortened, at most some twenty. */
export function columnList(table: Table): string {
  const names = table.columns.slice(0, COLUMNS_SHOWN).map((column) => escapeText(column.name, 40));
  const more = table.columns.length - names.length;
  return names.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** The error for a column name on the command line that the logs do not have. */
export function unknownColumn(table: Table, name: string, flag: string): UsageError {
  const near = nearest(
    name,
    table.columns.map((column) => column.name),
  );
  const did =
    near.length > 0
      ? `did you mean ${listOf(
          near.map((n) => quoteText(n, 40)),
          "or",
        )}? `
      : "";
  return new UsageError({
    code: "unknown-column",
    message: `${flag}: there is no column ${quoteText(name)}`,
    hint: `${did}the columns are: ${columnList(table)}`,
  });
}

/**
 * The error for a quantity that is needed and not there, or there twice under one name.
 *
 * @param quantity  `N`, `D`, `C`, `loss`, ... or another input's name
 */
export function missingColumn(table: Table, recognised: Recognised, quantity: string): ScalefitError {
  const twice = recognised.ambiguous.get(quantity);
  if (twice !== undefined) return ambiguousError(table, twice.name, twice.numbers, quantity);
  const aliases = ALIASES.find((candidate) => candidate.quantity === quantity);
  const wanted =
    aliases === undefined ? [quantity] : [...aliases.letters, ...aliases.path, ...aliases.full].slice(0, 6);
  const near = nearest(
    aliases?.path[0] ?? quantity,
    table.columns.map((column) => column.name),
  );
  const flag = quantity === "loss" ? "--map loss=COLUMN (or --y COLUMN)" : `--map ${quantity}=COLUMN`;
  const likely =
    near.length > 0
      ? `; the nearest ${near.length === 1 ? "name is" : "names are"} ${listOf(near.map((n) => quoteText(n, 40)))}`
      : "";
  return new InputError({
    code: "missing-column",
    message: `no column for ${titleOf(quantity)}${likely}`,
    why: `the columns are: ${columnList(table)}`,
    hint: `say which one it is with ${flag}, or call it ${listOf([...new Set(wanted)].slice(0, 4), "or")}`,
    file: table.files[0],
  });
}

/**
 * The value of one `--map` flag: `NAME=COLUMN` or `NAME=COLUMN:FACTOR` (`N=size:1e6`).
 *
 * @throws UsageError  when it has no such form
 */
export function parseMapping(text: string): { name: string; mapping: Mapping } {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(0, equals)).trim();
  const rest = text.slice(equals + 1).trim();
  if (name === "" || rest === "") {
    throw new UsageError({
      code: "map",
      message: `--map: ${quoteText(text)} is not NAME=COLUMN`,
      hint: "write it like --map loss=eval/loss or --map N=size:1e6",
    });
  }
  const colon = rest.lastIndexOf(":");
  const factor = colon > 0 ? parseNumber(rest.slice(colon + 1), "plain", "flag") : null;
  if (factor === null || "fault" in factor) return { name, mapping: { column: rest } };
  if (!(factor.value > 0)) {
    throw new UsageError({
      code: "map",
      message: `--map: the factor ${quoteText(rest.slice(colon + 1))} is not above 0`,
      hint: "write it like --map N=size:1e6",
    });
  }
  return { name, mapping: { column: rest.slice(0, colon).trim(), factor: factor.value } };
}
