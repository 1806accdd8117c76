/**
 * Training compute counted from what a log says of the architecture: layers, width, heads, feed-forward, vocabulary and
 * sequence of its run, times the tokens of each row.
 */
import type { Column, Table, Warning } from "../objects.js";
import { escapeText, listOf, quoteText } from "../text.js";
import { type FlopsRule, palmCount, trainFlopsPerToken } from "../transformer/flops-rules.js";
import { parametersOf, shapeOfWidth, type TransformerShape } from "../transformer/shape.js";
import { type Found, quantityCalled, type Recognised, titleOf } from "./columns.js";
import { middleOf, sortedRatios } from "./compute-of-log.js";
import { derivationOf } from "./derived.js";
import { plainName } from "./names.js";
import type { Resolver } from "./resolve.js";
import { runRows } from "./run-rows.js";

/** Compute by one rule. */
export interface CountedFlops {
  /** By row of the table, in FLOPs up to that row; NaN where its tokens or the shape of its run are not known. */
  values: Float64Array;
  /** What was read, the tokens first. */
  columns: Column[];
  /** What the log does not say and was taken for granted, in words. */
  assumed: string[];
}

/** The quantities of a shape; a number for all runs may stand in for the column of each. */
const OF_SHAPE: ReadonlySet<string> = new Set([
  "depth",
  "width",
  "heads",
  "kv_heads",
  "head_size",
  "feed_forward",
  "vocabulary",
  "sequence",
  "experts",
  "active_experts",
]);
export const isOfShape = (quantity: string): boolean => OF_SHAPE.has(quantity);

/** The quantity of a shape that a name means (`layers`, `ff`, `vocab`), or null. */
export function shapeQuantity(name: string): string | null {
  const quantity = name === "ff" ? "feed_forward" : isOfShape(name) ? name : quantityCalled(name);
  return quantity !== null && isOfShape(quantity) ? quantity : null;
}

/** Quantities without which a rule counts nothing, by their names. */
export interface MissingForFlops {
  missing: string[];
}

/** What each rule reads of the shape; what it can do without has a usual value. */
const NEEDED: Readonly<Record<FlopsRule, readonly string[]>> = {
  "6nd": ["N"],
  palm: ["N", "depth", "width", "sequence"],
  kaplan: ["depth", "width", "sequence"],
  deepseek: ["depth", "width", "sequence"],
  chinchilla: ["depth", "width", "vocabulary", "sequence"],
  exact: ["depth", "width", "vocabulary", "sequence"],
};
/** What a rule reads besides, where the log has it. */
const READ: Readonly<Record<FlopsRule, readonly string[]>> = {
  "6nd": [],
  palm: ["heads", "head_size"],
  kaplan: ["heads", "head_size", "feed_forward"],
  deepseek: [],
  chinchilla: ["heads", "head_size", "feed_forward"],
  exact: ["heads", "head_size", "kv_heads", "feed_forward", "experts", "active_experts"],
};
/** Of them what is said where it is taken for granted. */
const USUAL: Readonly<Record<string, string>> = {
  heads: "attention as wide as the model",
  feed_forward: "a feed-forward block of 8 d^2 weights",
};

/** Columns that say whether the feed-forward block has a gate, and texts of those that do and do not. */
const GATE_COLUMN =
  /(?:^|_)(?:activation|activation_(?:function|fn|type)|hidden_act|act_fn|mlp_type|ffn_type|swiglu|use_swiglu|gated|glu)$/;
const GATED = /glu|^true$|^1$/i;
const UNGATED = /^(?:gelu\w*|relu\w*|quick_gelu|false|0)$/i;

/**
 * Compute by a rule over the rows of a table, or what the log lacks for it.
 *
 * The shape of a run may stand on any of its rows; tokens are those of the row. Models with experts are counted by the
 * rule `exact` alone, and where the log says how many experts a token passes.
 *
 * @param given  of the shape, for rows without a column's value
 */
export function countFlops(
  table: Table,
  recognised: Recognised,
  resolver: Resolver,
  rule: FlopsRule,
  given: ReadonlyMap<string, number> = recognised.shape ?? new Map(),
): CountedFlops | MissingForFlops {
  const known = new OfRuns(table, recognised, resolver, given);
  const tokens = tokensOf(known, recognised);
  const missing = [...(tokens === null ? ["D"] : []), ...NEEDED[rule].filter((name) => !known.has(name))];
  if (tokens === null || missing.length > 0) return { missing };
  const read = [...NEEDED[rule], ...READ[rule]].filter((name) => known.has(name));
  const values = new Float64Array(table.rows).fill(Number.NaN);
  const gates = READ[rule].includes("feed_forward") ? gatesOf(known) : null;
  for (let row = 0; row < table.rows; row++) {
    const D = tokens.values[row]!;
    if (Number.isNaN(D)) continue;
    values[row] = perToken(rule, known, gates, row) * D;
  }
  const hasFeedForward = known.has("feed_forward");
  const columns = [...tokens.columns, ...read.flatMap((name) => known.columnOf(name) ?? [])];
  if (gates?.column !== undefined && hasFeedForward) columns.push(gates.column);
  const assumed = READ[rule].flatMap((name) => (known.has(name) ? [] : (USUAL[name] ?? [])));
  if (hasFeedForward && gates !== null && gates.guessed > 0)
    assumed.push("a feed-forward block without a gate");
  return { values, columns: [...new Set(columns)], assumed };
}

interface Counted {
  rule: FlopsRule;
  /** What the rule counts. */
  words: string;
  given: ReadonlyMap<string, number>;
  counted: CountedFlops;
}

/** The table with counted compute as a column, which is C from there on; what was done is said. */
export function withCountedFlops(
  table: Table,
  recognised: Recognised,
  { rule, words, given, counted }: Counted,
): { table: Table; recognised: Recognised; warnings: Warning[] } {
  const { values } = counted;
  const column: Column = {
    name: `FLOPs by ${rule}`,
    numbers: values,
    text: (row) => (Number.isNaN(values[row]) ? "" : String(values[row])),
  };
  const before = recognised.quantities.get("C");
  const from = listOf([
    ...new Set(counted.columns.map(({ name }) => quoteText(name, 40))),
    ...[...given].map(([name, value]) => `${escapeText(name, 40)} ${value}`),
  ]);
  const assumed = counted.assumed.length === 0 ? "" : `; taken for granted: ${listOf(counted.assumed)}`;
  const message = `${titleOf("C")} is counted as ${words}, from ${from}${assumed}${ratioWords(column, before)}`;
  const found: Found = {
    column,
    factor: 1,
    note: `counted: ${words}`,
    kind: "flops",
    alternatives: [],
    warnings: [],
    isCounted: true,
  };
  return {
    table: { ...table, columns: [...table.columns, column] },
    recognised: {
      ...recognised,
      shape: given,
      quantities: new Map([...recognised.quantities, ["C", found]]),
      ambiguous: new Map([...recognised.ambiguous].filter(([name]) => name !== "C")),
    },
    warnings: [{ code: "flops-counted", message }],
  };
}

/** The counted compute beside a column that has it too. */
function ratioWords({ numbers }: Column, before: Found | undefined): string {
  if (before === undefined) return "";
  const ratios = sortedRatios(
    Float64Array.from(numbers, (value, row) => value / (before.column.numbers[row]! * before.factor)),
  );
  if (ratios.length === 0) return "";
  return `; it is ${middleOf(ratios).toPrecision(3)} times column ${quoteText(before.column.name, 40)} (median), which is not used`;
}

/** FLOPs of a token of the run that a row is of; NaN where its shape is not known. */
function perToken(rule: FlopsRule, known: OfRuns, gates: Gates | null, row: number): number {
  const N = known.at("N", row);
  if (rule === "6nd") return 6 * N;
  const experts = orOne(known.at("experts", row));
  if (experts > 1 && rule !== "exact") return Number.NaN;
  const shape = shapeAt(known, row, gates?.isGated(row) ?? false);
  const activeExperts = experts > 1 ? known.at("active_experts", row) : 1;
  if (rule === "palm") return palmCount(shape, N);
  return trainFlopsPerToken(rule, { ...shape, experts, activeExperts }, "none");
}

const firstNumber = (...values: number[]): number =>
  values.find((value) => !Number.isNaN(value)) ?? Number.NaN;

const orOne = (value: number): number => (Number.isNaN(value) ? 1 : value);

/** The shape that the log gives; without a vocabulary, for rules that do not look at it, one of no size. */
function shapeAt(known: OfRuns, row: number, isGated: boolean): TransformerShape {
  const given = (name: string): number | undefined => {
    const value = known.at(name, row);
    return Number.isNaN(value) ? undefined : value;
  };
  const width = known.at("width", row);
  const isGatedByWidth = isGated && known.has("feed_forward");
  return shapeOfWidth(
    {
      layers: known.at("depth", row),
      heads: given("heads"),
      headSize: given("head_size"),
      kvHeads: given("kv_heads"),
      ff: given("feed_forward"),
      isGated: isGatedByWidth,
      vocab: known.has("vocabulary") ? known.at("vocabulary", row) : 0,
      context: known.at("sequence", row),
    },
    width,
  );
}

const isOfGate = (cell: string): boolean => GATED.test(cell) || UNGATED.test(cell);

const rowsOf = ({ rows }: Table): number[] => Array.from({ length: rows }, (_, row) => row);

/** Which feed-forward blocks have a gate. */
interface Gates {
  isGated(row: number): boolean;
  /** The column that says so. */
  column?: Column;
  /** Rows for which neither a column nor the params say it. */
  guessed: number;
}

/** By a column that says it, else by the params: those of two matrices or of three, whichever is nearer. */
function gatesOf(known: OfRuns): Gates {
  const { table } = known;
  const says = (one: Column): boolean =>
    GATE_COLUMN.test(plainName(one.name)) && rowsOf(table).some((row) => isOfGate(one.text(row).trim()));
  const column = table.columns.find(says);
  const said = column === undefined ? null : known.textsOf(column);
  const gates: Gates = {
    column,
    guessed: 0,
    isGated: (row) => {
      const text = said?.(row) ?? "";
      if (GATED.test(text)) return true;
      if (UNGATED.test(text)) return false;
      const N = known.at("N", row);
      if (!(N > 0)) {
        gates.guessed++;
        return false;
      }
      const off = (isGated: boolean) => offParams(shapeAt(known, row, isGated), N);
      return off(true) < off(false);
    },
  };
  return gates;
}

/** How far params are from those of a shape, as a logarithm: with the embeddings, twice, or without. */
function offParams(shape: TransformerShape, N: number): number {
  const { nonEmbedding } = parametersOf(shape);
  const matrix = shape.vocab * shape.width;
  return Math.min(...[0, 1, 2].map((count) => Math.abs(Math.log(N / (nonEmbedding + count * matrix)))));
}

/** Tokens of each row: a column, or steps times batch (times sequence), never from compute. */
function tokensOf(known: OfRuns, recognised: Recognised): { values: Float64Array; columns: Column[] } | null {
  const { quantities } = recognised;
  if (known.has("D")) return { values: known.own("D")!, columns: [known.columnOf("D")!] };
  const derivation = derivationOf(
    "D",
    (name) => name !== "C" && quantities.has(name),
    (name) => quantities.get(name)?.column.name ?? "",
  );
  if (derivation === null || !derivation.from.every((name) => known.has(name))) return null;
  const values = Float64Array.from({ length: known.table.rows }, (_, row) =>
    derivation.compute(
      ...derivation.from.map((name) => (name === "step" ? known.own(name)![row]! : known.at(name, row))),
    ),
  );
  return { values, columns: derivation.from.map((name) => known.columnOf(name)!) };
}

/** Quantities of the rows of a table; a setting of a run holds for all of its rows, wherever it stands. */
class OfRuns {
  readonly table: Table;
  readonly #recognised: Recognised;
  readonly #resolver: Resolver;
  readonly #ofRun: Int32Array;
  readonly #known = new Map<string, Float64Array>();

  readonly #given: ReadonlyMap<string, number>;

  constructor(table: Table, recognised: Recognised, resolver: Resolver, given: ReadonlyMap<string, number>) {
    this.table = table;
    this.#given = given;
    this.#recognised = recognised;
    this.#resolver = resolver;
    this.#ofRun = runRows(table, recognised, resolver).of;
  }

  has(name: string): boolean {
    return this.#given.has(name) || this.#recognised.quantities.has(name);
  }

  columnOf(name: string): Column | undefined {
    return this.#recognised.quantities.get(name)?.column;
  }

  /** As the rows have it themselves. */
  own(name: string): Float64Array | null {
    return this.#resolver.loose(name)?.values ?? null;
  }

  /** The value of a row, else the one value of its run, else what was given; NaN where there is none, or several. */
  at(name: string, row: number): number {
    const known = this.#known.get(name) ?? this.#filled(name);
    return known[row]!;
  }

  #filled(name: string): Float64Array {
    const own = this.own(name) ?? new Float64Array(this.table.rows).fill(Number.NaN);
    const ofRun = this.#oneOfRun((row) => own[row]!, Number.isNaN, Number.NaN);
    const given = this.#given.get(name) ?? Number.NaN;
    const filled = own.map((value, row) => firstNumber(value, ofRun(row), given));
    this.#known.set(name, filled);
    return filled;
  }

  /** The same of a column of texts; empty where there is none. */
  textsOf(column: Column): (row: number) => string {
    const own = (row: number) => column.text(row).trim();
    const ofRun = this.#oneOfRun(own, (text) => text === "", "");
    return (row) => own(row) || ofRun(row);
  }

  #oneOfRun<T>(own: (row: number) => T, isNone: (value: T) => boolean, none: T): (row: number) => T {
    const ofRun = new Map<number, T>();
    for (let row = 0; row < this.table.rows; row++) {
      const value = own(row);
      if (isNone(value)) continue;
      const run = this.#ofRun[row]!;
      const before = ofRun.get(run);
      if (before === undefined) ofRun.set(run, value);
      else if (before !== value) ofRun.set(run, none);
    }
    return (row) => ofRun.get(this.#ofRun[row]!) ?? none;
  }
}
