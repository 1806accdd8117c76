/**
 * What the numbers of a log count, as far as its columns say: N by the column's name, the loss by its name (`bpb`, `ppl`),
 * the tokenizer and the text by columns of one value. What the user asserts wins.
 */
import type { Axes, AxesOfLog, Column, ComputeRatio, Table } from "../objects.js";
import { columnCalled, type Found, type Recognised, recognise } from "./columns.js";
import { type ComputeOfLog, computeOfLog, computeRatio, productColumn } from "./compute-of-log.js";
import { headerNameOf } from "./names.js";
import { Resolver } from "./resolve.js";

/** What `--axes` asserts. */
export type AssertedAxes = Partial<Omit<AxesOfLog, "isSparse">> & {
  vocabulary?: number;
  /** Whether the input and the output embeddings are two matrices. */
  isUntied?: boolean;
};

/** One way in which a log counts N. */
export interface ParamsColumn {
  counted: Axes["params"];
  /** The column, or what it follows from. */
  name: string;
  /** The values, where they are made of others. */
  made: Column | null;
  factor: number;
  /** What is to be said of it. */
  note: string | null;
}

export interface LogAxes {
  axes: AxesOfLog;
  /** What each is known from, in words; nothing of what is unknown. */
  from: Partial<Record<keyof AxesOfLog, string>>;
  /** The ways in which N is counted or can be; the one that is taken first. */
  params: ParamsColumn[];
  compute: ComputeOfLog;
}

const NON_EMBEDDING = /non_?emb|no_embed|wo_emb|without_emb/;

/** What names say of N; of experts and embeddings both, a total counts all. */
const PARAMS: readonly (readonly [RegExp, Axes["params"]])[] = [
  [NON_EMBEDDING, "non-embedding"],
  [/active/, "active"],
  [/total|with_emb/, "total"],
];

/** What names say of a loss. */
const LOSSES: readonly (readonly [RegExp, Pick<Axes, "loss" | "per">])[] = [
  [/(^|_)bpb($|_)|bits_per_byte/, { loss: "bits", per: "byte" }],
  [/(^|_)bpc($|_)|bits_per_char/, { loss: "bits", per: "character" }],
  [/nats_per_byte/, { loss: "nats", per: "byte" }],
  [/nats_per_char/, { loss: "nats", per: "character" }],
  [/nats_per_token/, { loss: "nats", per: "token" }],
  [/bits_per_token/, { loss: "bits", per: "token" }],
  [/byte_(ppl|perplexity)/, { loss: "perplexity", per: "byte" }],
  [/word_(ppl|perplexity)/, { loss: "perplexity", per: "word" }],
  [/(^|_)(ppl|perplexity)($|_)/, { loss: "perplexity", per: "unknown" }],
  [/nats/, { loss: "nats", per: "unknown" }],
];

/** Columns of one text or number that say it of the whole log. */
const TEXTS = {
  tokenizer: ["tokenizer", "tokenizer_name"],
  // `dataset` alone may as well be what was trained on.
  data: ["val_dataset", "eval_dataset", "val_data", "eval_data"],
} as const;
const NUMBERS = {
  bytesPerToken: ["bytes_per_token"],
  charactersPerToken: ["characters_per_token", "chars_per_token"],
} as const;

/** @param measured the column of the loss */
export function axesOfLog(
  table: Table,
  recognised: Recognised,
  measured: Column | null,
  asserted: AssertedAxes,
): LogAxes {
  const from: LogAxes["from"] = {};
  const isSparse = recognised.quantities.has("experts");
  const axes: AxesOfLog = {
    params: "unknown",
    loss: "unknown",
    per: "unknown",
    compute: "unknown",
    tokenizer: null,
    data: null,
    bytesPerToken: null,
    charactersPerToken: null,
    isSparse,
  };
  const know = <K extends keyof AxesOfLog>(name: K, value: AxesOfLog[K], how: string) => {
    axes[name] = value;
    from[name] = how;
  };
  for (const name of ["tokenizer", "data"] as const) {
    const found = oneText(table, TEXTS[name]);
    if (found !== null) know(name, found.value, found.how);
  }
  for (const name of ["bytesPerToken", "charactersPerToken"] as const) {
    const found = oneNumber(table, NUMBERS[name]);
    if (found !== null) know(name, found.value, found.how);
  }
  const ofLoss = measured === null ? undefined : named(LOSSES, measured.name);
  if (measured !== null && ofLoss !== undefined) {
    know("loss", ofLoss.loss, `the column ${measured.name}`);
    if (ofLoss.per !== "unknown") know("per", ofLoss.per, `the column ${measured.name}`);
  }
  const compute = computeOfLog((name) => recognised.quantities.has(name));
  const C = recognised.quantities.get("C")?.column.name;
  const ratio = compute.hasProduct ? ratioIn(table, recognised) : null;
  if (C === undefined && compute.hasProduct) know("compute", "6ND", "params and tokens");
  else if (C !== undefined && /6nd/.test(headerNameOf(C).plain)) know("compute", "6ND", `the column ${C}`);
  else if (ratio !== null)
    know("compute", ratio.isProduct ? "6ND" : "counted", `the column ${C} beside params and tokens`);
  const { vocabulary, isUntied, ...said } = asserted;
  for (const [name, value] of Object.entries(said)) know(name as keyof AxesOfLog, value, "as asserted");
  const params = waysOfCounting(table, recognised, asserted);
  const [own] = params;
  if (own !== undefined && own.counted !== "unknown" && from.params === undefined)
    know("params", own.counted, own.note ?? `the column ${own.name}`);
  return { axes, from, params, compute };
}

/** 6 N D of every row. @throws InputError where a column of them cannot be read */
export function productIn(table: Table, recognised: Recognised): Column {
  const resolver = new Resolver(table, recognised);
  return productColumn(resolver.need("N").values, resolver.need("D").values);
}

/** The log's own column of compute over 6 N D; null where it lacks one of the three. */
export function ratioIn(table: Table, recognised: Recognised): ComputeRatio | null {
  const C = recognised.quantities.get("C");
  if (C === undefined) return null;
  const resolver = new Resolver(table, recognised);
  const [flops, N, D] = ["C", "N", "D"].map((name) => resolver.looseOrComputed(name));
  if (flops == null || N == null || D == null) return null;
  return computeRatio(C.column.name, flops, productColumn(N, D).numbers);
}

const named = <T>(patterns: readonly (readonly [RegExp, T])[], column: string): T | undefined => {
  const { plain } = headerNameOf(column);
  return patterns.find(([pattern]) => pattern.test(plain))?.[1];
};

function oneText(table: Table, names: readonly string[]): { value: string; how: string } | null {
  for (const name of names) {
    const column = columnCalled(table, name);
    if (column === null || table.rows === 0) continue;
    const first = column.text(0).trim();
    for (let row = 1; row < table.rows; row++) if (column.text(row).trim() !== first) return null;
    if (first !== "") return { value: first, how: `the column ${column.name}` };
  }
  return null;
}

function oneNumber(table: Table, names: readonly string[]): { value: number; how: string } | null {
  for (const name of names) {
    const column = columnCalled(table, name);
    const first = column?.numbers[0] ?? 0;
    if (column !== null && first > 0 && column.numbers.every((value) => value === first))
      return { value: first, how: `the column ${column.name}` };
  }
  return null;
}

/** The column of N, other columns of it, and what follows from width and vocabulary. */
function waysOfCounting(table: Table, recognised: Recognised, asserted: AssertedAxes): ParamsColumn[] {
  const taken = recognised.quantities.get("N");
  if (taken === undefined) return [];
  const byName = recognise(table, { map: new Map() }).quantities.get("N");
  const names = [...new Set([taken.column.name, ...(byName?.alternatives ?? []), byName?.column.name ?? ""])];
  const ways = names.flatMap((name): ParamsColumn[] => {
    const column = name === taken.column.name ? taken.column : name === "" ? null : columnCalled(table, name);
    if (column === null) return [];
    const factor = name === taken.column.name ? taken.factor : factorIn(table, name, byName);
    const counted = named(PARAMS, name) ?? "unknown";
    return [{ counted, name, made: null, factor, note: null }];
  });
  const [own] = ways;
  if (asserted.params !== undefined) own.counted = asserted.params;
  const without = ways.find(({ counted }) => counted === "non-embedding");
  if (own.counted === "unknown" && without !== undefined && isLarger(table, own, without)) {
    own.counted = "total";
    own.note = `the column ${own.name} stands beside ${without.name} and is the larger`;
  }
  const made = byEmbeddings(table, recognised, own, asserted);
  return made !== null && !ways.some(({ counted }) => counted === made.counted) ? [...ways, made] : ways;
}

/** The unit in the name of another column of N. */
function factorIn(table: Table, name: string, byName: Found | undefined): number {
  if (byName?.column.name === name) return byName.factor;
  const alone = { ...table, columns: table.columns.filter((column) => column.name === name) };
  return recognise(alone, { map: new Map() }).quantities.get("N")?.factor ?? 1;
}

function isLarger(table: Table, a: ParamsColumn, b: ParamsColumn): boolean {
  const [x, y] = [a, b].map(
    ({ name, factor }) => columnCalled(table, name)?.numbers.map((value) => factor * value) ?? [],
  );
  return x.length > 0 && x.every((value, row) => !(value < y[row]));
}

/** N in the other way, by embeddings of V x width: twice where input and output have their own. */
function byEmbeddings(
  table: Table,
  { quantities }: Recognised,
  own: ParamsColumn,
  { vocabulary, isUntied }: AssertedAxes,
): ParamsColumn | null {
  const sign = own.counted === "total" ? -1 : own.counted === "non-embedding" ? 1 : 0;
  const width = quantities.get("width");
  const V = quantities.get("vocabulary");
  const N = columnCalled(table, own.name);
  if (sign === 0 || width === undefined || N === null || (V === undefined && vocabulary === undefined))
    return null;
  const matrices = isUntied === true ? 2 : 1;
  const sizeOf = (row: number) =>
    vocabulary ?? (V === undefined ? Number.NaN : V.factor * V.column.numbers[row]);
  const numbers = N.numbers.map(
    (value, row) =>
      own.factor * value + sign * matrices * sizeOf(row) * width.factor * width.column.numbers[row],
  );
  const words = `${own.name} ${sign < 0 ? "-" : "+"} ${matrices === 2 ? "2 " : ""}V d`;
  const asTaken =
    isUntied === undefined
      ? "input and output taken to share one matrix; --axes embeddings=untied counts two"
      : `embeddings ${isUntied ? "untied" : "tied"}`;
  return {
    counted: sign < 0 ? "non-embedding" : "total",
    name: words,
    made: { name: words, numbers, text: (row) => String(numbers[row]) },
    factor: 1,
    note: `${words} with V ${vocabulary === undefined ? `from ${V?.column.name}` : vocabulary} and d from ${width.column.name}, ${asTaken}`,
  };
}
