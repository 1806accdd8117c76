/** Transformers of a size for people: candidates with one marked, how FLOPs count, vocabulary, what was published. */
import type { ShapeDocument, ShapeFigures, ShapeLadder, TransformerShapes } from "../objects.js";
import { cnnView } from "./cnn-view.js";
import { count, flops, percent, signedPercent, significant } from "./format.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled } from "./words.js";

export function shapeView({ transformer, ladder, cnn }: ShapeDocument, width: number): string {
  return [
    ...(transformer === undefined ? [] : [transformers(transformer, width)]),
    ...(ladder === undefined ? [] : [ladderView(ladder, width)]),
    ...(cnn === undefined ? [] : [cnnView(cnn, width)]),
  ].join("\n");
}

const right = (header: string, rank = 0): TableColumn => ({ header, align: "right", rank });

/** Bytes as memory is sold: `13.8 GB`. */
export function bytes(value: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e12, "TB"],
    [1e9, "GB"],
    [1e6, "MB"],
    [1e3, "kB"],
  ];
  const [unit, word] = units.find(([one]) => Number((value / one).toPrecision(3)) >= 1) ?? [1, "B"];
  return `${significant(value / unit, 3)} ${word}`;
}

const isMixture = ({ shape }: ShapeFigures): boolean => shape.experts > 1;

function transformers(shapes: TransformerShapes, width: number): string {
  const { candidates, asked, reason, vocabulary, published, assumptions } = shapes;
  const best = candidates.find(({ recommended }) => recommended) ?? candidates[0];
  const what = asked.counted === "total" ? "parameters" : `${asked.counted} parameters`;
  const title =
    asked.params === null
      ? `A transformer of ${count(best.params.total)} parameters`
      : `Transformers of ${count(asked.params)} ${what}`;
  return [
    `${heading(title)}\n\n`,
    candidatesTable(candidates, width),
    "\n",
    labelled("*", reason, width),
    ...(isMixture(best) ? [labelled("experts", expertsInWords(best), width)] : []),
    labelled("cache", cacheInWords(best), width),
    "\n",
    flopsTable(best, width),
    "\n",
    labelled("vocabulary", vocabularyInWords(best, vocabulary), width),
    ...(published.length === 0
      ? []
      : [
          labelled(
            "published",
            published
              .map((one) => `${one.name}: ${one.layers} layers of ${one.width} (${one.source})`)
              .join("; "),
            width,
          ),
        ]),
    ...assumed(assumptions, width),
  ].join("");
}

function candidatesTable(candidates: TransformerShapes["candidates"], width: number): string {
  const columns: TableColumn[] = [
    { header: "" },
    right("layers"),
    right("width"),
    right("w/l", 5),
    right("heads"),
    right("kv", 3),
    right("ff", 4),
    right("vocab", 6),
    right("total"),
    ...(candidates.some(isMixture) ? [right("active")] : []),
    right("non-emb."),
    right("off by"),
    right("FLOPs/token", 2),
    right("KV/token", 1),
    right("weights", 1),
  ];
  const rows = candidates.map((one) => {
    const { shape, aspect, params, difference, recommended } = one;
    return [
      recommended ? "*" : "",
      String(shape.layers),
      String(shape.width),
      significant(aspect, 3),
      String(shape.heads),
      String(shape.kvHeads),
      String(shape.ff),
      String(shape.vocab),
      count(params.total),
      ...(candidates.some(isMixture) ? [count(params.active)] : []),
      count(params.nonEmbedding),
      signedPercent(difference),
      flops(one.flopsPerToken.exact ?? Number.NaN),
      bytes(one.kvCacheBytes.perToken),
      bytes(one.weightBytes),
    ];
  });
  return table(columns, rows, width);
}

const expertsInWords = ({ shape, params }: ShapeFigures): string =>
  `${shape.activeExperts} of ${shape.experts} a token, ${percent(params.active / params.total, 3)} of all parameters; FLOPs are of these`;

const cacheInWords = ({ shape, kvCacheBytes }: ShapeFigures): string =>
  `${bytes(kvCacheBytes.perToken)} a token, ${bytes(kvCacheBytes.perSequence)} a sequence of ${shape.context}`;

/** What each convention counts; the names are those of `plan --flops-rule`. */
const RULES: readonly (readonly [rule: string, counts: string])[] = [
  ["6nd", "6 a parameter a token passes"],
  ["kaplan", "no embeddings, causal attention"],
  ["palm", "6 a parameter, full attention"],
  ["chinchilla", "look-up and softmax too"],
  ["deepseek", "72 L d^2 + 12 L d S"],
  ["exact", "every product, causal attention"],
];

function flopsTable(one: ShapeFigures, width: number): string {
  const base = one.flopsPerToken["6nd"] ?? Number.NaN;
  const columns = [
    { header: "training FLOPs a token, of *" },
    right("FLOPs"),
    right("over 6N"),
    { header: "counts", rank: 1 },
  ];
  const rows = RULES.map(([rule, counts]) => {
    const value = one.flopsPerToken[rule] ?? null;
    return value === null
      ? [rule, "-", "-", "not for gates, grouped heads or experts"]
      : [rule, flops(value), significant(value / base, 3), counts];
  });
  return table(columns, rows, width);
}

function vocabularyInWords(
  { shape }: ShapeFigures,
  { auto, approach1, approach2, padded, source }: TransformerShapes["vocabulary"],
): string {
  const law = auto
    ? `${shape.vocab}, by law (${count(approach2)} by its approach 2)`
    : `${shape.vocab}; by law ${count(approach1)}, or ${count(approach2)} by its approach 2`;
  const whole = padded === null ? "" : `; padded to ${padded} it fills whole tiles`;
  return `${law}${whole}; ${source}`;
}

/** Words for what a shape rests on. */
function assumed(assumptions: TransformerShapes["assumptions"], width: number): string[] {
  const { proportion, steps, feedForward, embeddings, context, bytesPerParam, cache } = assumptions;
  const bytesOf = bytesPerParam === 1 ? "1 byte" : `${bytesPerParam} bytes`;
  return [
    labelled("proportion", String(proportion), width),
    labelled(
      "assumes",
      `${steps}; feed-forward ${feedForward}; ${embeddings}; sequences of ${context}; ${bytesOf} a weight, ${cache}`,
      width,
    ),
  ];
}

function ladderView({ asked, rungs, aspect, counted, assumptions }: ShapeLadder, width: number): string {
  const columns: TableColumn[] = [
    right(counted === "total" ? "parameters" : counted),
    right("off by", 2),
    right("layers"),
    right("width"),
    right("heads"),
    right("kv", 5),
    right("ff", 4),
    ...(counted === "total" ? [] : [right("total", 3)]),
    right("embeddings", 1),
    right("FLOPs/token", 2),
  ];
  const rows = rungs.map(({ size, difference, shape, params, flopsPerToken }) => [
    count(size),
    signedPercent(difference),
    String(shape.layers),
    String(shape.width),
    String(shape.heads),
    String(shape.kvHeads),
    String(shape.ff),
    ...(counted === "total" ? [] : [count(params.total)]),
    percent(params.embedding / params.total),
    flops(flopsPerToken.exact ?? Number.NaN),
  ]);
  const [{ shape }] = rungs;
  const title = `${rungs.length} shapes of one family, ${count(asked.from)} to ${count(asked.to)}`;
  return [
    `${heading(title)}\n\n`,
    table(columns, rows, width),
    "\n",
    labelled(
      "family",
      `width / layers near ${significant(aspect, 3)}, heads of ${shape.headSize}, a vocabulary of ${shape.vocab}; ${assumptions.steps}`,
      width,
    ),
    labelled("next", "save it with --csv or --json, then: scalefit design --sizes @FILE ...", width),
  ].join("");
}
