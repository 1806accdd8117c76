/** Column names and units -> the field's standard quantities. */
import { InputError, type ScalefitError, UsageError } from "../errors.js";
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, listOf, nearest, quoteText } from "../text.js";
import { ALIASES, type QuantityAliases, type QuantityName } from "./aliases.js";
import { BEHIND, type Candidate, candidatesFor, matchHeader } from "./match-header.js";
import { type HeaderName, headerNameOf, plainName } from "./names.js";
import { parseNumber, type Quantity } from "./numbers.js";
import { withOwnColumns } from "./own-columns.js";

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
  /** Where files call it differently: the columns of the table that it is put together of. */
  parts?: readonly Column[];
  /** Why it cannot be used as it is, though it was found. */
  fault?: InputError;
  /** Whether it is compute counted from the architecture: nothing else follows from it by C = 6ND. */
  isCounted?: true;
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
  /** Of the architecture, what the user says that no column does. */
  shape?: ReadonlyMap<string, number>;
  /** Of the columns as a whole; what is to be said of one quantity is with it, and `observe` says it when it uses it. */
  warnings: Warning[];
}

/**
 * Finds the standard quantities among the columns, by exact names before path ends before likely ones.
 *
 * @param options.map  what the user said of some of them; it wins
 * @param options.y    the column that is measured, in place of the loss or of another quantity
 * @throws UsageError  when `map` or `y` name a column that is not there
 */
export function recognise(
  table: Table,
  options: { map: ReadonlyMap<string, Mapping>; y?: string | { column: string; quantity: string } },
): Recognised {
  const { quantities: found, ambiguous } = findQuantities(table);
  const quantities = withOwnColumns(table, found, (part) => findQuantities(part).quantities);
  for (const [name, mapping] of options.map) {
    const quantity = quantityCalled(name) ?? name;
    quantities.set(quantity, mapped(table, quantity, mapping, "--map"));
    ambiguous.delete(quantity);
  }
  if (options.y !== undefined) {
    const { column, quantity } =
      typeof options.y === "string" ? { column: options.y, quantity: "loss" } : options.y;
    quantities.set(quantity, measuredColumn(table, column, quantities));
    ambiguous.delete(quantity);
  }
  return { quantities, ambiguous, warnings: [] };
}

/** The quantities that the names of columns say. */
function findQuantities(table: Table): {
  quantities: Map<string, Found>;
  ambiguous: Map<string, { name: string; numbers: number[] }>;
} {
  const quantities = new Map<string, Found>();
  const ambiguous = new Map<string, { name: string; numbers: number[] }>();
  const headers = table.columns.map((column) => headerNameOf(column.name));
  for (const aliases of ALIASES) {
    const result = findQuantity(table, headers, aliases, quantities.has("experts"));
    if (result === null) continue;
    if ("numbers" in result) ambiguous.set(aliases.quantity, result);
    else quantities.set(aliases.quantity, result);
  }
  return { quantities, ambiguous };
}

/** What `--y` names: a column, or a quantity or mapped name found before. */
function measuredColumn(table: Table, y: string, quantities: ReadonlyMap<string, Found>): Found {
  if (columnCalled(table, y) !== null) return mapped(table, "loss", { column: y }, "--y");
  const found = quantities.get(quantityCalled(y) ?? y);
  if (found === undefined) throw unknownColumn(table, y, "--y");
  return found;
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

/** A quantity in words: `params (N)`; other names in quotes. */
export function titleOf(quantity: string): string {
  return ALIASES.find((aliases) => aliases.quantity === quantity)?.title ?? quoteText(quantity);
}

/** Quantities that most laws need, and of which choices are said aloud. */
const ESSENTIAL: ReadonlySet<string> = new Set(["N", "D", "C", "loss"]);

function findQuantity(
  table: Table,
  headers: readonly HeaderName[],
  aliases: QuantityAliases,
  isSparse: boolean,
): Found | { name: string; numbers: number[] } | null {
  const candidates = candidatesFor(table, headers, isSparse ? amongExperts(aliases) : aliases);
  const usable = candidates.filter(
    ({ index }) => aliases.quantity === "run" || isNumeric(table, index, aliases.kind),
  );
  const ofOneToken = isSparse
    ? usable.find(({ index }) => aliases.ofOneToken?.test(headers[index]!.plain))
    : undefined;
  // a column of texts is taken only where its name leaves no doubt and it is needed: then its cells are the fault
  const nominal = ESSENTIAL.has(aliases.quantity) ? candidates.find(({ isWeak }) => !isWeak) : undefined;
  const best = ofOneToken ?? usable[0] ?? nominal;
  if (best === undefined) return null;
  const name = table.columns[best.index]!.name;
  const sameName = candidates.filter(({ index }) => table.columns[index]!.name === name);
  if (sameName.length > 1)
    return { name, numbers: sameName.map(({ index }) => index + 1).sort((a, b) => a - b) };
  // beside a whole name, the same word deep in a path is no rival
  const isWhole = Number.isInteger(best.rank);
  const alternatives = usable
    .filter((candidate) => candidate !== best && (!isWhole || Number.isInteger(candidate.rank)))
    .filter((candidate) => aliases.quantity === "loss" || candidate.rank < BEHIND || best.rank >= BEHIND)
    .filter((candidate) => isPlain(table, candidate) || !isPlain(table, best))
    .map(({ index }) => table.columns[index]!.name);
  return describe(table.columns[best.index]!, best, headers[best.index]!, aliases, alternatives);
}

/** The names of a quantity in logs of models with experts: `k` is of how many a token passes. */
function amongExperts({ ofExperts = [], notOfExperts = [], ...aliases }: QuantityAliases): QuantityAliases {
  const full = [...aliases.full, ...ofExperts].filter((name) => !notOfExperts.includes(name));
  return { ...aliases, full };
}

/** Whether the first rows hold plain numbers; `190M` beside 190354176 is a label, not another count. */
function isPlain(table: Table, { index }: Candidate): boolean {
  const { numbers } = table.columns[index]!;
  return numbers.subarray(0, CELLS_LOOKED_AT).some((value) => !Number.isNaN(value));
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
  const isChoice = alternatives.length > 0 && ESSENTIAL.has(aliases.quantity);
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
function mapped(table: Table, quantity: string, mapping: Mapping, flag: "--map" | "--y"): Found {
  const column = columnCalled(table, mapping.column);
  if (column === null) throw unknownColumn(table, mapping.column, flag);
  const aliases = ALIASES.find((candidate) => candidate.quantity === quantity);
  const byName = aliases === undefined ? null : matchHeader(column.name, headerNameOf(column.name), aliases);
  // a measured column that is no loss by its name (an accuracy, a reward) may hold any number
  const kind = flag === "--y" && byName === null ? "plain" : (aliases?.kind ?? "plain");
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
  if (names.length === 0) return "none";
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

/** How a rate is said by what it is counted from. */
const COUNTS = "; counts are given with --successes COLUMN --trials COLUMN";

/**
 * The error for a quantity that is needed and not there, or there twice under one name.
 *
 * @param quantity  `N`, `D`, `C`, `loss`, ... or another input's name
 */
export function missingColumn(table: Table, recognised: Recognised, quantity: string): ScalefitError {
  const twice = recognised.ambiguous.get(quantity);
  if (twice !== undefined) return ambiguousError(table, twice.name, twice.numbers, quantity);
  const aliases = ALIASES.find((candidate) => candidate.quantity === quantity);
  const wanted = aliases === undefined ? [quantity] : [...new Set([...aliases.path, ...aliases.full])];
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
    hint: `say which one it is with ${flag}, or call it ${listOf(wanted.slice(0, 3), "or")}${quantity === "pass_rate" ? COUNTS : ""}`,
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
