/**
 * Numbers of one row that say the same in two ways: params and the shape of the model, tokens and steps times batch. Where
 * they differ that is said with the likely reason; nothing is changed.
 */
import type { Table, Warning } from "../objects.js";
import { escapeText, lineList } from "../text.js";
import { placeOf } from "./cells.js";
import { countsTokens, LEAST_TOKENS } from "./derived.js";
import { headerNameOf } from "./names.js";
import type { Resolved, Resolver } from "./resolve.js";

/** Factor by which two ways of counting may differ without a word. */
const TOLERANCE = 1.3;
/** The same where the width of the feed-forward layers is not known: 12 d^2 a layer is 16 d^2 with gates, 10 d^2 with few heads. */
const TOLERANCE_OF_SHAPE = 1.5;
/** Factors of units that a ratio may show, and how near it has to come. */
const UNITS = [
  { factor: 1e3, words: "thousands", suffix: "1e3" },
  { factor: 1e6, words: "millions", suffix: "1e6" },
  { factor: 1e9, words: "billions", suffix: "1e9" },
  { factor: 1e12, words: "trillions", suffix: "1e12" },
];
const NEAR_UNIT = 2;
/** Vocabularies that there are. */
const VOCABULARY = { least: 20, most: 600_000 };
const NON_EMBEDDING = /^(?:n_|num_|total_)?(?:params?|parameters)?_?(?:non_?emb|no_emb|wo_emb|without_emb)/;

/** A row with what is stated over what is counted. */
interface Ratio {
  row: number;
  ratio: number;
}

/** The unit in which a column would be right, where its values are too small by that. */
function unitOf(ratio: number): { words: string; suffix: string } | null {
  return UNITS.find(({ factor }) => factor * ratio < NEAR_UNIT && factor * ratio > 1 / NEAR_UNIT) ?? null;
}

/**
 * Params against the shape: layers of 12 d^2 (or 4 d^2 and the feed-forward's 2 or 3 d d_ff), without the embeddings, or
 * with V d or 2 V d of them, or with what another column says that they are. Models with experts are counted in other
 * ways and are left alone.
 *
 * @param rows  table rows to look at
 */
export function shapeWarning(
  table: Table,
  resolver: Resolver,
  N: Resolved | undefined,
  rows: readonly number[],
): Warning[] {
  const [width, depth] = [resolver.loose("width"), resolver.loose("depth")];
  if (N === undefined || width === null || depth === null || resolver.loose("experts") !== null) return [];
  const vocabulary = resolver.loose("vocabulary")?.values ?? null;
  const without = valuesCalled(table, resolver, NON_EMBEDDING, N);
  const feedForward = resolver.loose("feed_forward")?.values ?? null;
  const tolerance = feedForward === null ? TOLERANCE_OF_SHAPE : TOLERANCE;
  const shapes = rows.flatMap((row): Shape[] => {
    const [params, d, count] = [N.values[row]!, width.values[row]!, depth.values[row]!];
    const ff = feedForward?.[row] ?? Number.NaN;
    const layers = layersOf(d, count, ff);
    const V = vocabulary?.[row] ?? Number.NaN;
    const embeddings = [0, V * d, 2 * V * d, params - (without?.[row] ?? Number.NaN)];
    const counts = layers.flatMap((one) => embeddings.map((more) => params / (one + more)));
    const ratio = nearestTo1(counts.filter((one) => one > 0 && Number.isFinite(one)));
    return isOff(ratio, tolerance) ? [{ row, ratio, implied: (params - layers.at(-1)!) / d }] : [];
  });
  if (shapes.length === 0) return [];
  const column = escapeText(N.title, 40);
  if (vocabulary === null && without === null) {
    const sizes = rows.map((row): Size => {
      const [d, count, ff] = [width.values[row]!, depth.values[row]!, feedForward?.[row] ?? Number.NaN];
      return { params: N.values[row]!, width: d, layers: layersOf(d, count, ff) };
    });
    const made = embeddingsIn(sizes);
    if (made !== null) return [embeddingsWarning(column, made)];
  }
  const isKnown = vocabulary !== null || without !== null;
  const counted = isKnown ? "with or without embeddings" : "without embeddings";
  return [
    {
      code: "params-not-shape",
      message: `column "${column}" is not what width and depth give ${counted}: ${spanWords(shapes)} in ${rowsWords(table, shapes)}; ${shapeCure(shapes, column, isKnown)}`,
      ...placeOf(
        table,
        shapes.map(({ row }) => row),
      ),
    },
  ];
}

/** Weights of the layers, by what the feed-forward may have: two matrices, or three with a gate. */
const layersOf = (d: number, count: number, ff: number): number[] =>
  Number.isNaN(ff) ? [12 * count * d * d] : [2, 3].map((matrices) => count * d * (4 * d + matrices * ff));

/** Params and the shape they may come from. */
interface Size {
  params: number;
  width: number;
  layers: readonly number[];
}

/** Params that are `factor` times the weights of the layers and `perWidth` times the width. */
interface Embeddings {
  factor: number;
  perWidth: number;
  /** Largest relative difference. */
  off: number;
}

/** How much more or less than 12 d^2 a layer may have: fewer heads of keys, gates, wider feed-forward blocks. */
const LAYER_FACTOR = { least: 0.6, most: 2 };
/** Relative difference up to which params of all rows are made of layers and one size of embeddings. */
const NEAR_SUM = 0.05;

/**
 * Params of all rows as layers and embeddings of one vocabulary, by least squares of relative differences; null where they
 * are not, or where the shapes cannot tell the two apart.
 */
function embeddingsIn(sizes: readonly Size[]): Embeddings | null {
  const known = sizes.filter(({ params, width, layers }) => params > 0 && width > 0 && layers[0]! > 0);
  if (known.length < 3) return null;
  const fits = known[0]!.layers.flatMap((_, kind) => sumOfParts(known, kind) ?? []);
  const [best] = fits.sort((a, b) => a.off - b.off);
  const isLikely =
    best !== undefined &&
    best.off < NEAR_SUM &&
    best.factor > LAYER_FACTOR.least &&
    best.factor < LAYER_FACTOR.most &&
    best.perWidth > VOCABULARY.least &&
    best.perWidth < 2 * VOCABULARY.most;
  return isLikely ? best : null;
}

function sumOfParts(sizes: readonly Size[], kind: number): Embeddings | null {
  const parts = sizes.map(({ params, width, layers }) => [layers[kind]! / params, width / params] as const);
  const sum = (of: (u: number, v: number) => number) => parts.reduce((all, [u, v]) => all + of(u, v), 0);
  const [uu, uv, vv] = [sum((u) => u * u), sum((u, v) => u * v), sum((_, v) => v * v)];
  const determinant = uu * vv - uv * uv;
  // of shapes that are all alike nothing can be told
  if (!(determinant > 1e-6 * uu * vv)) return null;
  const [u1, v1] = [sum((u) => u), sum((_, v) => v)];
  const [factor, perWidth] = [(u1 * vv - v1 * uv) / determinant, (v1 * uu - u1 * uv) / determinant];
  const off = parts.reduce((most, [u, v]) => Math.max(most, Math.abs(factor * u + perWidth * v - 1)), 0);
  return { factor, perWidth, off };
}

function embeddingsWarning(column: string, { perWidth, off }: Embeddings): Warning {
  const rounded = (value: number) => Number(value.toPrecision(off < 0.01 ? 3 : 2));
  return {
    code: "params-with-embeddings",
    message: `column "${column}" counts embeddings: beside the layers it has about ${rounded(perWidth)} weights a unit of width in all rows (a vocabulary of that size, or of ${rounded(perWidth / 2)} with a matrix of its own for the output), to within ${(100 * off).toPrecision(1)} %; the params of other runs have to be counted alike`,
  };
}

interface Shape extends Ratio {
  /** The vocabulary that params beyond the layers would be one embedding of. */
  implied: number;
}

function shapeCure(all: readonly Shape[], column: string, isKnown: boolean): string {
  const unit = unitOf(medianOf(all));
  if (unit !== null) return `if it is in ${unit.words}: --map "N=${column}:${unit.suffix}"`;
  const vocabularies = all.map(({ implied }) => implied);
  const [least, most] = [Math.min(...vocabularies), Math.max(...vocabularies)];
  const median = medianOf(all, ({ implied }) => implied);
  if (isKnown || least < VOCABULARY.least || median > VOCABULARY.most)
    return "check whether it counts embeddings, and whether width and depth are those of the run";
  const size = most < 2 * least ? ` (of a vocabulary of about ${Number(median.toPrecision(2))})` : "";
  return `it seems to count embeddings${size}, which all runs of a law have to do alike; a column "vocab_size" would tell`;
}

/** The values of a column other than that of N whose name says what it is. */
function valuesCalled(table: Table, resolver: Resolver, names: RegExp, N: Resolved): Float64Array | null {
  const column = table.columns.find((one) => {
    const { plain, ends } = headerNameOf(one.name);
    return !N.columns.includes(one) && (names.test(plain) || ends.some((end) => names.test(end)));
  });
  return column === undefined ? null : resolver.raw(column).values;
}

/** Tokens against steps x batch (x sequence length, where the batch is one of sequences). */
export function stepsWarning(
  table: Table,
  resolver: Resolver,
  D: Resolved | undefined,
  rows: readonly number[],
): Warning[] {
  const [steps, batch] = [resolver.loose("step") ?? resolver.loose("steps"), resolver.loose("batch")];
  if (D === undefined || steps === null || batch === null) return [];
  const sequence = resolver.loose("sequence")?.values ?? null;
  const isOfTokens = countsTokens(batch.title);
  const off = rows.flatMap((row): Steps[] => {
    const size = batch.values[row]!;
    const length = isOfTokens || size >= LEAST_TOKENS ? 1 : (sequence?.[row] ?? Number.NaN);
    const ratio = D.values[row]! / (steps.values[row]! * size * length);
    return isOff(ratio, TOLERANCE) ? [{ row, ratio, length }] : [];
  });
  if (off.length === 0) return [];
  const column = escapeText(D.title, 40);
  const factors = [steps, batch].map(({ title }) => `"${escapeText(title, 40)}"`);
  const product = [...factors, ...(off.some(({ length }) => length !== 1) ? ["sequence length"] : [])];
  return [
    {
      code: "tokens-not-steps",
      message: `column "${column}" is not ${product.join(" x ")}: ${spanWords(off)} in ${rowsWords(table, off)}; ${stepsCure(off, column)}`,
      ...placeOf(
        table,
        off.map(({ row }) => row),
      ),
    },
  ];
}

interface Steps extends Ratio {
  /** By which the batch was taken times; 1 where it is one of tokens. */
  length: number;
}

/** Relative difference up to which a ratio counts as that number. */
const EXACT = 0.02;

function stepsCure(all: readonly Steps[], column: string): string {
  const median = medianOf(all);
  const isAbout = (number: number, of: (one: Steps) => number) =>
    all.every((one) => Math.abs(of(one) / number - 1) < EXACT);
  if (all.some(({ length }) => length !== 1) && isAbout(1, ({ ratio, length }) => ratio * length))
    return "it seems to count sequences, or the batch to be one of tokens already";
  const unit = unitOf(median);
  if (unit !== null) return `if it is in ${unit.words}: --map "D=${column}:${unit.suffix}"`;
  const whole = Math.round(median);
  if (whole > 1 && isAbout(whole, ({ ratio }) => ratio))
    return `the batch seems to be that of one of ${whole} devices, or of one of ${whole} rounds of accumulation`;
  return "check the unit of the batch, and whether the batch grew or the run was continued from another";
}

const isOff = (ratio: number, tolerance: number): boolean =>
  ratio > 0 && Number.isFinite(ratio) && (ratio > tolerance || ratio < 1 / tolerance);

/** NaN where there is none. */
const nearestTo1 = (ratios: readonly number[]): number =>
  ratios.toSorted((a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)))[0] ?? Number.NaN;

const medianOf = <T extends Ratio>(
  all: readonly T[],
  of: (one: T) => number = ({ ratio }) => ratio,
): number => all.map(of).sort((a, b) => a - b)[all.length >> 1]!;

function spanWords(all: readonly Ratio[]): string {
  const ratios = all.map(({ ratio }) => ratio);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toPrecision(3));
  return low === high ? `it is ${low} times that` : `it is ${low} to ${high} times that`;
}

function rowsWords(table: Table, all: readonly Ratio[]): string {
  const { lines } = placeOf(
    table,
    all.map(({ row }) => row),
  );
  return `${all.length === 1 ? "a row" : `${all.length} rows`} (${lineList(lines ?? [], all.length)})`;
}
