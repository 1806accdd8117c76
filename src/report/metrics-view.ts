/** Metrics by how well they serve decisions, as text. */
import type { DecisionAccuracy, Interval, MetricReport, MetricsDocument } from "../objects.js";
import { escapeText, listOf } from "../text.js";
import { bracketed, levelText, percent, plural, significant } from "./format.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled, titled } from "./words.js";

/** Scales that have a column of their own, the largest small ones. */
const SCALES_SHOWN = 4;

const VERDICTS: Readonly<Record<MetricReport["verdict"], string>> = {
  decide: "decide by it",
  "as-good": "as good",
  worse: "",
  "within-noise": "within its noise",
  "order-changes": "order changes",
  unknown: "not known",
};

/** The metric to decide by, all metrics in a table, and how the numbers came about. */
export function metricsView(document: MetricsDocument, width: number): string {
  const { choice, metrics, level } = document;
  const small = smallScales(document);
  const title =
    choice.metric === null ? "no metric to decide by" : `decide by ${escapeText(choice.metric, 60)}`;
  const avoid = choice.avoid.map((name) => escapeText(name, 40));
  return [
    titled(title, "", width).trimEnd(),
    "\n\n",
    labelled("why", choice.reason, width),
    avoid.length === 0
      ? ""
      : labelled(
          "not by",
          `${avoid.slice(0, 8).join(", ")}${avoid.length > 8 ? ` and ${avoid.length - 8} more` : ""}`,
          width,
        ),
    "\n",
    filledTable(
      columnsFor(small, document),
      metrics.map((metric) => rowOf(metric, small)),
      width,
    ),
    "\n",
    labelled("signal", signalWords(document), width),
    labelled("noise", noiseWords(document), width),
    labelled(
      "SNR",
      `signal less what noise adds to it, over the noise of one score; ${levelText(level)} interval`,
      width,
    ),
    decisionLine(document, small, width),
    averagingLine(document, width),
    predictionLine(document, width),
    bestSubsets(metrics, width),
    labelled("data", dataWords(document), width),
  ].join("");
}

/** Without the columns that no metric has a cell for. */
function filledTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const isFilled = columns.map((_, j) => rows.some((row) => row[j] !== "" && row[j] !== "-"));
  const kept = <T>(cells: readonly T[]): T[] => cells.filter((_, j) => isFilled[j]);
  return table(kept(columns), rows.map(kept), width);
}

function smallScales({ metrics, scales }: MetricsDocument): string[] {
  const seen = new Set(metrics.flatMap((metric) => metric.decisionAccuracy.map(({ scale }) => scale)));
  return scales
    .map(({ name }) => name)
    .filter((name) => seen.has(name))
    .slice(-SCALES_SHOWN);
}

function columnsFor(small: readonly string[], { level }: MetricsDocument): TableColumn[] {
  const right = "right" as const;
  return [
    { header: "metric" },
    { header: "better", rank: 6 },
    { header: "signal", align: right, rank: 3 },
    { header: "noise", align: right, rank: 3 },
    { header: "SNR", align: right },
    { header: levelText(level), rank: 2 },
    ...small.map((name, i) => ({
      header: `from ${name}`,
      align: right,
      rank: i === small.length - 1 ? 0 : 4,
    })),
    { header: levelText(level), rank: 5 },
    { header: "predicted", align: right, rank: 4 },
    { header: "" },
  ];
}

function rowOf(metric: MetricReport, small: readonly string[]): string[] {
  const { signal, noise, snr, prediction, verdict } = metric;
  const at = (name: string) => metric.decisionAccuracy.find(({ scale }) => scale === name);
  const last = metric.decisionAccuracy.at(-1);
  const name = escapeText(metric.metric, 40);
  return [
    verdict === "decide" ? heading(name) : name,
    metric.direction,
    share(signal?.relative),
    share(noise?.relative),
    snr === null ? "-" : ratio(snr.estimate),
    snr === null ? "" : bracketed(snr, ratio),
    ...small.map((scale) => accuracy(at(scale))),
    last === undefined ? "" : bracketed(last, whole),
    prediction.error === null ? "-" : `off by ${percent(prediction.error)}`,
    VERDICTS[verdict],
  ];
}

const share = (value: number | null | undefined): string => (value == null ? "-" : percent(value));
const ratio = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value < 0.05 ? "0" : significant(value, 2);
const whole = (value: number): string => `${Math.round(100 * value)} %`;
const accuracy = (one: DecisionAccuracy | undefined): string =>
  one === undefined ? "-" : whole(one.estimate);

function signalWords({ metrics, recipes, groupBy }: MetricsDocument): string {
  const shown = metrics.find(({ signal }) => signal !== null)?.signal ?? null;
  if (shown === null) return `none: ${metrics[0]?.signalReason ?? "no scores"}`;
  const among = groupBy === null ? "" : ` of "${escapeText(groupBy, 30)}"`;
  return `standard deviation between ${plural(shown.recipes, "recipe")}${among} at ${shown.scale}, in shares of the mean${shown.recipes < recipes.length ? `; ${recipes.length} recipes in all` : ""}`;
}

function noiseWords({ metrics, checkpoints }: MetricsDocument): string {
  const shown = metrics.find(({ noise }) => noise !== null)?.noise ?? null;
  if (shown === null) return `none: ${metrics[0]?.noiseReason ?? "no scores"}`;
  return shown.from === "seeds"
    ? `standard deviation of one score between runs of one recipe, size and tokens (seeds) at ${placesOf(shown.scales)}, ${plural(shown.degreesOfFreedom, "degree")} of freedom`
    : `standard deviation of one score about a line through the last checkpoints of a run (${checkpoints} at most) at ${placesOf(shown.scales)}, ${plural(shown.degreesOfFreedom, "degree")} of freedom; seeds may add to it, and the SNR is less then`;
}

const placesOf = (scales: readonly string[]): string =>
  scales.length <= 3 ? listOf(scales) : `${scales.length} scales from ${scales[0]} to ${scales.at(-1)}`;

function decisionLine(
  { metrics, target, scales, level }: MetricsDocument,
  small: readonly string[],
  width: number,
): string {
  const first = metrics.find(({ decisionAccuracy }) => decisionAccuracy.length > 0);
  if (first === undefined)
    return labelled("decisions", `none: ${metrics[0]?.decisionReason ?? "no scores"}`, width);
  const one = first.decisionAccuracy.at(-1) as DecisionAccuracy;
  const large = first.signal?.scale ?? scales.at(-1)?.name ?? "";
  const judged = target === null ? "" : ` by ${escapeText(target, 40)}`;
  const within = one.withinNoise
    ? `; ${one.withinNoise} of its pairs ${one.withinNoise === 1 ? "lies" : "lie"} within the noise at ${large}`
    : "";
  return labelled(
    "decisions",
    `share of pairs of recipes (${one.pairs} from ${one.scale}) in their order${judged} at ${large}, by one run's last checkpoint at ${small.join(", ")}; of ${escapeText(first.metric, 40)} from ${one.scale} ${whole(one.estimate)} ${overRecipes(one, whole, level)}${within}`,
    width,
  );
}

/** How far a number would move with other recipes of the kind. */
const overRecipes = (interval: Interval, format: (value: number) => string, level: number): string =>
  interval.low === null
    ? `(no interval: ${interval.reason ?? ""})`
    : `${bracketed(interval, format)} (${levelText(level)} over recipes)`;

function averagingLine({ metrics }: MetricsDocument, width: number): string {
  const shown = metrics.find(({ verdict }) => verdict === "decide");
  const lines = (shown?.decisionAccuracy ?? []).flatMap(({ scale, toAverage }) => {
    if (toAverage === null) return [];
    const { of, needed, wanted, ceiling, reason } = toAverage;
    if (needed === null)
      return [
        `${whole(wanted)} from ${scale} not by averaging (${whole(ceiling)} at most${reason === undefined ? "" : `: ${reason}`})`,
      ];
    return [
      `${whole(wanted)} from ${scale} by ${needed === 1 ? `one of the ${of}` : `the mean of ${needed} ${of}`}`,
    ];
  });
  return lines.length === 0
    ? ""
    : labelled("averaging", `${escapeText(shown?.metric ?? "", 40)}: ${lines.join("; ")}`, width);
}

function predictionLine({ metrics, level }: MetricsDocument, width: number): string {
  const [first] = metrics.filter(({ prediction }) => prediction.error !== null);
  if (first === undefined)
    return labelled("predicted", `none: ${metrics[0]?.prediction.reason ?? "no scores"}`, width);
  const laws = [...new Set(metrics.flatMap(({ prediction }) => prediction.law ?? []))].sort();
  return labelled(
    "predicted",
    `mean relative error of the largest scale by a law through the smaller ones (${laws.join("; ")}), over ${plural(first.prediction.recipes, "recipe")}; of ${escapeText(first.metric, 40)} ${percent(first.prediction.error ?? 0)} ${overRecipes(first.prediction, percent, level)}`,
    width,
  );
}

function bestSubsets(metrics: readonly MetricReport[], width: number): string {
  return metrics
    .filter(({ isBestSubset }) => isBestSubset)
    .map(({ metric, averageOf = [] }) =>
      labelled(
        "best of",
        `${escapeText(metric, 40)}: ${averageOf.map((name) => escapeText(name, 40)).join(", ")}; chosen for its SNR on these scores, which flatters it`,
        width,
      ),
    )
    .join("");
}

function dataWords({ data, scales, recipes }: MetricsDocument): string {
  const names = scales.map(
    ({ name, recipes: own, runs }) =>
      `${name} (${own === runs ? plural(runs, "run") : `${runs} runs of ${own}`})`,
  );
  const shown =
    names.length <= 6
      ? names.join(", ")
      : `${names.slice(0, 2).join(", ")} ... ${names.slice(-2).join(", ")}`;
  return `${data.used} of ${plural(data.rows, "row")}; ${plural(recipes.length, "recipe")}; ${plural(scales.length, "scale")}: ${shown}`;
}
