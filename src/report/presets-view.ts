import type {
  BesidePreset,
  FitBesidePresets,
  PresetComparison,
  PresetScale,
  PresetsDocument,
} from "../objects.js";
import { escapeText } from "../text.js";
import { limits, scaleText, signed, times, unitOf } from "./curve-words.js";
import {
  bracketed,
  count,
  levelText,
  loss,
  lossInterval,
  lossValue,
  percent,
  plural,
  significant,
} from "./format.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = "right" as const;

/** A fit held against published sets, one part a set. */
export function presetsView(document: PresetsDocument, width: number): string {
  const { fits, presets, measured, refused } = document;
  return [
    `${heading(`${escapeText(measured, 40)} against ${plural(new Set(presets.map(({ preset }) => preset)).size, "published fit")}`)}\n\n`,
    ...fits.map((fit) => labelled(fits.length === 1 ? "your fit" : fitName(fit), fitWords(fit), width)),
    ...computeLines(document, width),
    ...refused.map(({ preset, reason, hint }) =>
      labelled("left out", `${preset}: ${reason}; ${hint}`, width),
    ),
    ...presets.map((preset) => `\n${presetView(preset, document, width)}`),
  ].join("");
}

const fitName = ({ group, params }: FitBesidePresets): string =>
  group === null ? COUNTED[params] : escapeText(group, 11);

const COUNTED: Readonly<Record<FitBesidePresets["params"], string>> = {
  total: "total N",
  "non-embedding": "no embedd.",
  active: "active N",
  unknown: "N as it is",
};

const PARAMS: Readonly<Record<FitBesidePresets["params"], string>> = {
  total: "embeddings counted",
  "non-embedding": "embeddings left out",
  active: "of those that one token sees",
  unknown: "whether with embeddings is not known",
};

function fitWords({ law, formula, rows, meanRelativeError, column, params }: FitBesidePresets): string {
  const error = meanRelativeError === null ? "" : `, mean error ${percent(meanRelativeError)}`;
  const N = column === null ? "" : `; N from ${escapeText(column, 40)}, ${PARAMS[params]}`;
  return `${law}, ${formula}, ${rows} rows${error}${N}`;
}

/** Where the log's own compute is another than that of the tables. */
function computeLines({ fits, presets }: PresetsDocument, width: number): string[] {
  const shown = new Set(presets.filter(({ along }) => along === "C").map(({ fit }) => fit));
  const ways = new Map(
    fits.flatMap(({ compute, params }, k) =>
      !shown.has(k) || compute === null || compute.isProduct ? [] : [[params, compute] as const],
    ),
  );
  return [...ways].map(([params, { column, rows, median, low, high }]) => {
    const N = ways.size === 1 ? "" : `with ${COUNTED[params]}: `;
    const spread = `${significant(low, 3)} to ${significant(high, 3)} over the ${rows} rows of the log`;
    return labelled(
      "FLOPs",
      `${N}6 N D of your params and tokens; your own column ${escapeText(column, 40)} is ${significant(median, 3)} times that (${spread}): a budget counted as there is to be divided by it`,
      width,
    );
  });
}

function presetView(comparison: PresetComparison, { level, fits }: PresetsDocument, width: number): string {
  const { preset, group, text, source, conventions, converted, along } = comparison;
  const of = fits.length === 1 || group === null ? "" : `, ${escapeText(group, 40)}`;
  return [
    `${heading(`${preset}${of}`)}\n`,
    labelled("in short", text, width),
    labelled("set", `${comparison.law}, ${comparison.formula}; ${source}; ${conventions}`, width),
    ...(converted.length === 0 ? [] : [labelled("converted", converted.join("; "), width)]),
    "\n",
    rowsTable(comparison, width),
    "\n",
    exponents(comparison, level, width),
    ...(along === null ? [] : ["\n", ...curves(comparison, along, level, width)]),
  ].join("");
}

function rowsTable({ rows, rowsReason }: PresetComparison, width: number): string {
  if (rows === null) return labelled("rows", rowsReason ?? "", width);
  const columns = [
    { header: "rows", align: right },
    { header: "mean error", align: right },
    { header: "bias", align: right },
    { header: "worst", align: right, rank: 1 },
    { header: "in new-run interval", align: right },
    { header: "best offset", align: right, rank: 2 },
    { header: "mean error then", align: right, rank: 2 },
  ];
  return table(
    columns,
    [
      [
        String(rows.rows),
        percent(rows.meanRelativeError),
        `${rows.bias < 0 ? "" : "+"}${percent(rows.bias)}`,
        percent(rows.worstRelativeError),
        rows.insideNewRun === null ? "-" : percent(rows.insideNewRun),
        signed(rows.offset),
        percent(rows.meanRelativeErrorOfShape),
      ],
    ],
    width,
  );
}

function exponents({ exponents: all, preset }: PresetComparison, level: number, width: number): string {
  if (all.length === 0) return "";
  const columns = [
    { header: "exponent" },
    { header: "your fit", align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: preset, align: right },
  ];
  const value = (x: number) => significant(x, 3);
  const rows = all.map(({ name, fit, preset: theirs }) => [
    name,
    fit === null ? "-" : value(fit.estimate),
    fit === null ? "" : bracketed(fit, value),
    theirs === null ? "-" : value(theirs),
  ]);
  return table(columns, rows, width);
}

function curves(comparison: PresetComparison, along: string, level: number, width: number): string[] {
  const { scales, preset, crossing } = comparison;
  const columns = [
    { header: unitOf(along), align: right },
    { header: "your fit", align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: preset, align: right },
    { header: "inside", align: right },
    { header: "difference", align: right, rank: 3 },
    { header: `${levelText(level)} interval`, align: right, rank: 3 },
    { header: "set needs", align: right, rank: 1 },
    { header: `${levelText(level)} interval`, align: right, rank: 2 },
    { header: "", rank: 4 },
  ];
  const rows = scales.map((row) => [
    scaleText(row.scale),
    loss(row.fit),
    lossInterval(row.fit),
    row.preset === null ? "-" : lossValue(row.preset),
    row.inside === null ? "-" : row.inside ? "yes" : "no",
    signed(row.difference.estimate),
    limits(row.difference, signed),
    row.multiplier.estimate === null ? "no amount" : times(row.multiplier.estimate),
    limits(row.multiplier, times),
    Math.abs(row.decades) >= 0.05
      ? `${Math.abs(row.decades).toFixed(1)} decades ${row.decades > 0 ? "beyond" : "below"}`
      : "",
  ]);
  return [
    table(columns, rows, width),
    labelled(
      "set needs",
      `${unitOf(along)} that ${preset} needs for what your fit reaches, as a multiple`,
      width,
    ),
    ...(crossing === null ? [] : [labelled("crossing", crossingText(comparison), width)]),
    ...(scales.some(({ optimum }) => optimum !== null)
      ? ["\n", optima(comparison, along, level, width)]
      : []),
  ];
}

function crossingText({ crossing, preset }: PresetComparison): string {
  if (crossing === null) return "";
  const { scale, range, shareCrossing } = crossing;
  const share = `in ${percent(shareCrossing, 2)} of the resamples`;
  if (scale === null)
    return `none from ${scaleText(range.low)} to ${scaleText(range.high)}; ${share} they cross there`;
  const before = crossing.lowerBefore === "fit" ? "your fit" : preset;
  const after = crossing.lowerAfter === "fit" ? "your fit" : preset;
  return `at ${scaleText(scale.estimate)} ${limits(scale, scaleText)}: ${before} is lower before it, ${after} after; ${share} they cross from ${scaleText(range.low)} to ${scaleText(range.high)}`;
}

/** What each would plan. */
function optima({ scales, preset }: PresetComparison, along: string, level: number, width: number): string {
  const columns = [
    { header: unitOf(along), align: right },
    { header: "best N, fit", align: right },
    { header: preset, align: right },
    { header: "D/N, fit", align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: preset, align: right },
  ];
  const rows = scales.flatMap(({ scale, optimum }: PresetScale) =>
    optimum === null
      ? []
      : [
          [
            scaleText(scale),
            fitted(optimum.N, count),
            published(optimum.N, count),
            fitted(optimum.tokensPerParameter, ratio),
            optimum.tokensPerParameter.fit === null ? "" : bracketed(optimum.tokensPerParameter.fit, ratio),
            published(optimum.tokensPerParameter, ratio),
          ],
        ],
  );
  return table(columns, rows, width);
}

const ratio = (value: number): string => significant(value, 3);
const fitted = ({ fit }: BesidePreset, format: (value: number) => string): string =>
  fit === null ? "-" : format(fit.estimate);
const published = ({ preset }: BesidePreset, format: (value: number) => string): string =>
  preset === null ? "-" : format(preset);
