/**
 * Which metric to decide by: of each metric the signal, the noise, whether small runs order recipes as large ones do, and how
 * well a law has its score at the large scale.
 *
 * @see arXiv 2508.13144
 */
import { UsageError } from "../errors.js";
import type { Evaluations, MetricReport, MetricsDocument, Warning } from "../objects.js";
import { listOf, nearest, quoteText } from "../text.js";
import { type DecisionQuestion, decisionAccuracy } from "./decision-accuracy.js";
import { separation } from "./decision-noise.js";
import { predictionError } from "./decision-prediction.js";
import { type Experiment, experimentOf, type MetricScores, scoresOf } from "./decision-runs.js";
import { choiceAmong } from "./decision-words.js";
import { type Metric, measuredMetrics, withAverages } from "./metric-averages.js";
import { directionOf } from "./metric-names.js";

export interface MetricsOptions {
  /** Last checkpoints of each run that count. */
  checkpoints: number;
  level: number;
  /** The decision accuracy that averaging is to reach. */
  wanted: number;
  /** The metric that large runs are judged by; null: each by itself. */
  target: string | null;
  /** Metrics of which less is better, whatever their names say. */
  isLower: (metric: string) => boolean;
}

export const DEFAULT_METRICS_OPTIONS: MetricsOptions = {
  // The five last are what the paper takes of small runs; they are few enough for a straight line to hold their drift.
  checkpoints: 5,
  level: 0.95,
  wanted: 0.9,
  target: null,
  isLower: () => false,
};

type Result = Pick<
  MetricsDocument,
  "recipes" | "scales" | "target" | "checkpoints" | "level" | "choice" | "metrics" | "warnings"
>;

/** @throws UsageError where the target is none of the metrics */
export function decisionMetrics(evaluations: Evaluations, options: MetricsOptions): Result {
  const { checkpoints, level, wanted } = options;
  const experiment = experimentOf(evaluations, checkpoints);
  const { scales, recipes } = experiment;
  const names = scales.map(({ name }) => name);
  const unknown: string[] = [];
  const measured = measuredMetrics(evaluations, (name) => {
    const known = options.isLower(name) ? "lower" : directionOf(name);
    if (known === null) unknown.push(name);
    return known ?? "higher";
  });
  const read = ({ name, direction, values }: Metric) => scoresOf(experiment, name, direction, values);
  const separated = (metric: Metric) => {
    const scores = read(metric);
    return separation(scores, largeOf(scores), names, level);
  };
  const metrics = withAverages(measured, (metric) => separated(metric).snr?.estimate ?? null);
  const target = options.target === null ? null : read(metricCalled(metrics, options.target));
  const reports = metrics.map((metric): MetricReport => {
    const scores = read(metric);
    const large = largeOf(target ?? scores);
    const question: DecisionQuestion = { target: target ?? scores, large, scaleNames: names, level, wanted };
    const decisions = scales
      .slice(0, large)
      .flatMap((_scale, small) => decisionAccuracy(scores, small, question) ?? []);
    return {
      metric: metric.name,
      ...(metric.averageOf === undefined ? {} : { averageOf: metric.averageOf }),
      ...(metric.isBestSubset === true ? { isBestSubset: true } : {}),
      direction: metric.direction,
      values: scores.values,
      ...separation(scores, largeOf(scores), names, level),
      decisionAccuracy: decisions,
      ...(decisions.length > 0 ? {} : { decisionReason: withoutDecisions(experiment) }),
      prediction: predictionError(scores, scales, largestOf(scores), level),
      verdict: "unknown",
    };
  });
  const { ranked, choice } = choiceAmong(reports, level);
  return {
    recipes,
    scales,
    target: target?.metric ?? null,
    checkpoints,
    level,
    choice,
    metrics: ranked,
    warnings: [...saidOf(experiment), ...directionsSaid(unknown), ...noiseSaid(reports)],
  };
}

/**
 * The scale that decides: the largest at which at least half as many recipes have scores as at the scale with the most; with one
 * recipe the largest.
 */
function largeOf(scores: MetricScores): number {
  const most = Math.max(...scores.cells.map((cell) => cell.size));
  return most < 2
    ? largestOf(scores)
    : scores.cells.findLastIndex((cell) => cell.size >= Math.max(2, most / 2));
}

const largestOf = ({ cells }: MetricScores): number =>
  Math.max(
    cells.findLastIndex((cell) => cell.size > 0),
    0,
  );

function metricCalled(metrics: readonly Metric[], name: string): Metric {
  const found = metrics.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    metrics.map((metric) => metric.name),
  );
  throw new UsageError({
    code: "unknown-metric",
    message: `--target: there is no metric ${quoteText(name)}`,
    hint:
      near.length > 0
        ? `did you mean ${listOf(
            near.map((one) => quoteText(one, 40)),
            "or",
          )}?`
        : "--json lists the metrics",
  });
}

function withoutDecisions({ recipes, scales }: Experiment): string {
  if (recipes.length < 2)
    return "one recipe: nothing is decided between; name the column of recipes with --group-by";
  if (scales.length < 2) return "one scale: whether its order holds at a larger one cannot be seen";
  return "no two recipes have scores at two scales";
}

function saidOf({ matched }: Experiment): Warning[] {
  const words = {
    params:
      "recipes do not share sizes and tokens: runs of one size (within 10 %) are compared, whatever their tokens",
    compute: "recipes share no sizes: models within a factor 2 of compute are compared",
  };
  return matched === "params" || matched === "compute"
    ? [{ code: "matched-scales", message: words[matched] }]
    : [];
}

function directionsSaid(unknown: readonly string[]): Warning[] {
  if (unknown.length === 0) return [];
  const shown = unknown.slice(0, 6).map((name) => quoteText(name, 40));
  const more = unknown.length > shown.length ? ` and ${unknown.length - shown.length} more` : "";
  const message = `taken as better when higher, since their names do not say: ${shown.join(", ")}${more}; --lower-is-better PATTERN says otherwise`;
  return [{ code: "direction", message }];
}

/** Missing noise is said once, not with every metric. */
function noiseSaid(reports: readonly MetricReport[]): Warning[] {
  const without = reports.filter(({ noise }) => noise === null);
  if (without.length === 0) return [];
  const which =
    without.length === reports.length ? "" : ` for ${without.length} of ${reports.length} metrics`;
  return [{ code: "no-noise", message: `${without[0].noiseReason}${which}` }];
}
