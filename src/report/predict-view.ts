import type { Estimate, PredictDocument, Prediction } from "../objects.js";
import { escapeText } from "../text.js";
import {
  bracketed,
  count,
  flops,
  levelText,
  loss,
  lossInterval,
  lossValue,
  missingIntervals,
  percent,
  signedPercent,
  significant,
} from "./format.js";
import { table } from "./table.js";
import { heading, labelled, wrap } from "./words.js";

/** Predictions for people: one as sentences, several as a table with the score at the end. */
export function predictView(document: PredictDocument, width: number): string {
  const { predictions, source } = document;
  const [first] = predictions;
  const isSingle = predictions.length === 1 && first.measured === undefined;
  const body = isSingle ? single(document, first, width) : many(document, width);
  const missing = missingIntervals(predictions.flatMap(({ value, newRun }) => [value, newRun]));
  return [
    `${body}\n`,
    missing === null ? "" : labelled("intervals", missing, width),
    labelled("from", source, width),
    guard(predictions, width),
  ].join("");
}

/** By how much limits were moved against a wrong law, at most; nothing inside the data. */
function guard(predictions: readonly Prediction[], width: number): string {
  const moves = predictions.flatMap(({ extrapolation }) => extrapolation ?? []);
  const most = moves.reduce((a, b) => (Math.abs(b.shift) > Math.abs(a.shift) ? b : a), moves[0]);
  if (most === undefined || most.shift === 0) return "";
  const { shift, shiftScale } = most;
  const amount =
    shiftScale === "log" ? percent(Math.abs(Math.expm1(shift))) : significant(Math.abs(shift), 2);
  const upTo = predictions.length === 1 ? "" : "up to ";
  const [limits, direction] = shift < 0 ? ["lower limits", "down"] : ["upper limits", "up"];
  const words = `${limits} are moved ${direction} by ${upTo}${amount} beyond the data, since the largest runs of the fit came out on that side of the law fitted without them`;
  return labelled("backtest", words, width);
}

/** Inputs as people write them: `N 7.00B, D 2.00T`. */
function inputs(at: Record<string, number>): string {
  return Object.entries(at)
    .map(([name, value]) => `${name} ${name === "C" ? flops(value) : count(value)}`)
    .join(", ");
}

const levelOf = (document: PredictDocument) => levelText(document.level);

function single(document: PredictDocument, prediction: Prediction, width: number): string {
  const rows =
    prediction.values === undefined
      ? [
          [
            prediction.solved ?? "predicted value",
            shown(prediction, prediction.value),
            edges(prediction, prediction.value),
          ],
        ]
      : Object.entries(prediction.values).map(([name, value]) => [
          name,
          scaled(value.estimate),
          bracketed(value, scaled),
        ]);
  if (prediction.solved === undefined)
    rows.push(["one new run, its noise included", "", lossInterval(prediction.newRun)]);
  const columns = [
    { header: "" },
    { header: "estimate", align: "right" as const },
    { header: `${levelOf(document)} interval` },
  ];
  const group = prediction.group === null ? "" : `${escapeText(prediction.group, 60)}: `;
  return `${heading(`${group}${prediction.law} at ${inputs(prediction.at)}`)}\n\n${table(columns, rows, width)}`;
}

/** A number of any size: what was solved for may be tokens or a share. */
const scaled = (value: number): string => (Math.abs(value) >= 1e4 ? count(value) : significant(value, 5));

const shown = ({ solved }: Prediction, value: Estimate): string =>
  solved === undefined ? loss(value) : scaled(value.estimate);
const edges = ({ solved }: Prediction, value: Estimate): string =>
  solved === undefined ? lossInterval(value) : bracketed(value, scaled);

function many(document: PredictDocument, width: number): string {
  const isMeasured = document.predictions.some((p) => p.measured !== undefined);
  const names = Object.keys(document.predictions[0].at);
  const columns = [
    { header: "run", rank: 1 },
    ...names.map((name) => ({ header: name, align: "right" as const, rank: 3 })),
    { header: "predicted", align: "right" as const },
    { header: `${levelOf(document)} of new runs`, rank: 2 },
    ...(isMeasured
      ? [
          { header: "measured", align: "right" as const },
          { header: "too high by", align: "right" as const },
          { header: "inside", rank: 1 },
        ]
      : []),
  ];
  const rows = document.predictions.map((p) => [
    escapeText(p.run ?? p.group ?? "", 40),
    ...names.map((name) => (name === "C" ? flops(p.at[name]) : count(p.at[name]))),
    loss(p.value),
    lossInterval(p.newRun),
    ...(isMeasured ? measuredCells(p) : []),
  ]);
  return `${table(columns, rows, width)}${score(document, width)}`;
}

function measuredCells(p: Prediction): string[] {
  if (p.measured === undefined) return ["-", "-", "-"];
  const { low, high } = p.newRun;
  const inside = low === null || high === null ? "-" : p.measured >= low && p.measured <= high ? "yes" : "no";
  return [lossValue(p.measured), signedPercent(p.relativeError ?? null), inside];
}

function score({ metrics }: PredictDocument, width: number): string {
  if (metrics === undefined) return "";
  const { meanRelativeError, worstRelativeError, coverage } = metrics;
  const parts = [
    meanRelativeError === null || worstRelativeError === null
      ? "no relative errors: a measured value is 0"
      : `mean error ${percent(meanRelativeError)}, worst ${percent(worstRelativeError)}`,
    coverage === null ? "" : `${percent(coverage, 3)} inside their interval`,
  ];
  return `\n${wrap(parts.filter((part) => part !== "").join("; "), width)}`;
}
