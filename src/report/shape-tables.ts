/** Shapes for other programs and pages: CSV and Markdown. */
import type { CnnScaling, CnnScalings, ShapeDocument, ShapeFigures } from "../objects.js";
import { csvText } from "./csv.js";
import { count, flops, signedPercent, significant } from "./format.js";
import { cellText, markdownTable } from "./markdown.js";
import { bytes } from "./shape-view.js";

const cell = (value: number | string | boolean | null | undefined): string =>
  value === null || value === undefined ? "" : String(value);

/** A row a shape: the rungs of a ladder where there is one, else the candidates; of a CNN a row a way of scaling. */
export function shapeCsv({ ladder, transformer, cnn }: ShapeDocument): string {
  if (cnn !== undefined) return cnnCsv(cnn);
  const counted = (ladder ?? transformer?.asked)?.counted ?? "total";
  const rows = ladder?.rungs ?? transformer?.candidates ?? [];
  const header = [
    "size",
    "params",
    "non_embedding",
    "embedding",
    "active",
    "layers",
    "width",
    "heads",
    "kv_heads",
    "head_size",
    "ff",
    "gated",
    "vocab",
    "tied",
    "context",
    "experts",
    "active_experts",
    "difference",
    ...RULES.map((rule) => `flops_per_token_${rule}`),
    "kv_cache_bytes_per_token",
    "weight_bytes",
    ...(ladder === undefined ? ["recommended"] : []),
  ];
  return csvText(
    header,
    rows.map((row) => [...cellsOf(row, counted), ...("recommended" in row ? [cell(row.recommended)] : [])]),
  );
}

const RULES = ["6nd", "kaplan", "palm", "chinchilla", "deepseek", "exact"] as const;

function cellsOf(figures: ShapeFigures, counted: string): string[] {
  const { shape, params, difference, flopsPerToken, kvCacheBytes, weightBytes } = figures;
  const size = { "non-embedding": params.nonEmbedding, active: params.active }[counted] ?? params.total;
  return [
    size,
    params.total,
    params.nonEmbedding,
    params.embedding,
    params.active,
    shape.layers,
    shape.width,
    shape.heads,
    shape.kvHeads,
    shape.headSize,
    shape.ff,
    shape.isGated,
    shape.vocab,
    shape.isTied,
    shape.context,
    shape.experts,
    shape.activeExperts,
    difference,
    ...RULES.map((rule) => flopsPerToken[rule] ?? null),
    kvCacheBytes.perToken,
    weightBytes,
  ].map(cell);
}

const FACTORS = ["depth", "width", "resolution", "flops", "params", "activations", "time"] as const;
const NETWORK = [
  "depth",
  "width",
  "resolution",
  "group",
  "flops",
  "params",
  "activations",
  "milliseconds",
] as const;

function cnnCsv({ scalings }: CnnScalings): string {
  const header = [
    "scaling",
    ...FACTORS.map((name) => `${name}_factor`),
    ...NETWORK.map((name) => `network_${name}`),
    "recommended",
  ];
  const row = ({ name, factors, network, recommended }: CnnScaling) => [
    name,
    ...FACTORS.map((one) => cell(factors[one])),
    ...NETWORK.map((one) => cell(network?.[one])),
    cell(recommended),
  ];
  return csvText(header, scalings.map(row));
}

/** The same as a page. */
export function shapeMarkdown({ transformer, ladder, cnn, warnings }: ShapeDocument): string {
  const parts = [
    ...(transformer === undefined
      ? []
      : [
          "## Shapes\n",
          shapesTable(
            transformer.candidates,
            transformer.candidates.map(({ recommended }) => (recommended ? "yes" : "")),
          ),
          `Recommended: ${cellText(transformer.reason)}\n`,
          assumptionsText(transformer.assumptions),
        ]),
    ...(ladder === undefined
      ? []
      : ["## Ladder\n", shapesTable(ladder.rungs, null), assumptionsText(ladder.assumptions)]),
    ...(cnn === undefined ? [] : [cnnMarkdown(cnn)]),
    ...(warnings.length === 0
      ? []
      : [`**Warnings**\n\n${warnings.map(({ message }) => `- ${cellText(message)}\n`).join("")}`]),
  ];
  return parts.join("\n");
}

const assumptionsText = (assumptions: Record<string, string | number>): string =>
  `**Assumptions**\n\n${Object.entries(assumptions)
    .map(([name, text]) => `- ${name}: ${cellText(String(text))}\n`)
    .join("")}`;

function shapesTable(rows: readonly ShapeFigures[], recommended: readonly string[] | null): string {
  return markdownTable(
    [
      "layers",
      "width",
      "heads",
      "kv heads",
      "ff",
      "vocab",
      "total",
      "non-embedding",
      "active",
      "off by",
      "FLOPs a token",
      "KV cache a token",
      "weights",
      ...(recommended === null ? [] : ["recommended"]),
    ],
    rows.map(({ shape, params, difference, flopsPerToken, kvCacheBytes, weightBytes }, i) => [
      String(shape.layers),
      String(shape.width),
      String(shape.heads),
      String(shape.kvHeads),
      String(shape.ff),
      String(shape.vocab),
      count(params.total),
      count(params.nonEmbedding),
      count(params.active),
      signedPercent(difference),
      flops(flopsPerToken.exact ?? Number.NaN),
      bytes(kvCacheBytes.perToken),
      bytes(weightBytes),
      ...(recommended === null ? [] : [recommended[i]]),
    ]),
  );
}

function cnnMarkdown({ scale, scalings, reason, advice, assumptions }: CnnScalings): string {
  return [
    `## A convolutional network at ${significant(scale, 3)} times the FLOPs\n`,
    markdownTable(
      ["scaling", ...FACTORS, "recommended"],
      scalings.map(({ name, factors, recommended }) => [
        name,
        ...FACTORS.map((one) => significant(factors[one], 3)),
        recommended ? "yes" : "",
      ]),
    ),
    `Recommended: ${cellText(reason)}\n`,
    `**Rules by training regime** (${cellText(advice.source)}; ${cellText(advice.status)})\n\n${advice.rules.map((rule) => `- ${cellText(rule)}\n`).join("")}`,
    assumptionsText(assumptions),
  ].join("\n");
}
