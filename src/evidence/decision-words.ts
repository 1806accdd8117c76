/** Which metric to decide by, in order and in words. */
import type { MetricReport, MetricsDocument } from "../objects.js";
import { escapeText, listOf } from "../text.js";

/** Decision accuracies that differ by less are as good as each other. */
const AS_GOOD = 0.02;
const NAMED = 4;

const pairsIn = (accuracies: MetricReport["decisionAccuracy"]): number =>
  accuracies.reduce((sum, { pairs }) => sum + pairs, 0);

/** The mean over the pairs of all small scales; null where there is none. */
function meanAccuracy({ decisionAccuracy }: MetricReport): number | null {
  if (decisionAccuracy.length === 0) return null;
  return (
    decisionAccuracy.reduce((sum, { estimate, pairs }) => sum + estimate * pairs, 0) /
    pairsIn(decisionAccuracy)
  );
}

/**
 * Ranks metrics by the mean of their decision accuracies, then by signal-to-noise, then by how well a law predicts them. Those whose recipes lie within the noise, or
 * in another order than at the large scale, come last and are to be avoided.
 */
export function choiceAmong(
  reports: readonly MetricReport[],
  level: number,
): { ranked: MetricReport[]; choice: MetricsDocument["choice"] } {
  const judged = reports.map((report) => ({
    ...report,
    verdict: faultOf(report, level) ?? ("worse" as const),
  }));
  const ranked = judged.toSorted(
    (a, b) =>
      FAULTS.indexOf(a.verdict) - FAULTS.indexOf(b.verdict) ||
      (meanAccuracy(b) ?? -1) - (meanAccuracy(a) ?? -1) ||
      (b.snr?.estimate ?? -1) - (a.snr?.estimate ?? -1) ||
      (a.prediction.error ?? 9e9) - (b.prediction.error ?? 9e9) ||
      (a.metric < b.metric ? -1 : 1),
  );
  const [best] = ranked;
  const isChosen = best !== undefined && best.verdict === "worse";
  const finished = ranked.map((report): MetricReport => {
    if (!isChosen || report.verdict !== "worse") return report;
    if (report === best) return { ...report, verdict: "decide" };
    return isAsGood(report, best) ? { ...report, verdict: "as-good" } : report;
  });
  const avoid = finished.filter(({ verdict }) => verdict === "within-noise" || verdict === "order-changes");
  return {
    ranked: finished,
    choice: {
      metric: isChosen ? best.metric : null,
      reason: isChosen ? reasonFor(best, finished) : reasonForNone(finished),
      avoid: avoid.map(({ metric }) => metric),
    },
  };
}

const FAULTS: readonly MetricReport["verdict"][] = ["worse", "order-changes", "within-noise", "unknown"];

function faultOf(report: MetricReport, level: number): "unknown" | "within-noise" | "order-changes" | null {
  const accuracy = meanAccuracy(report);
  if (report.snr === null && (accuracy === null || isOnePair(report))) return "unknown";
  if (report.snr !== null && report.snr.pValue > 1 - level) return "within-noise";
  return accuracy !== null && accuracy <= 0.5 ? "order-changes" : null;
}

/** One pair of recipes keeps its order by chance as often as not, and without its noise nothing tells which. */
const isOnePair = ({ decisionAccuracy }: MetricReport): boolean =>
  decisionAccuracy.every(({ pairs }) => pairs === 1);

function isAsGood(report: MetricReport, best: MetricReport): boolean {
  const [a, b] = [meanAccuracy(report), meanAccuracy(best)];
  if (a !== null && b !== null) return a >= b - AS_GOOD;
  return a === b && (report.snr?.high ?? 0) >= (best.snr?.estimate ?? 0);
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

function reasonFor(best: MetricReport, all: readonly MetricReport[]): string {
  const accuracy = meanAccuracy(best);
  const range =
    accuracy === null
      ? ""
      : `small runs order ${percent(accuracy)} of the pairs of recipes as large ones do (${plural(pairsIn(best.decisionAccuracy), "pair")} at ${plural(best.decisionAccuracy.length, "small scale")})`;
  const ratio =
    best.snr === null ? "" : `recipes lie ${Number(best.snr.estimate.toPrecision(2))} times the noise apart`;
  const others = all
    .filter(({ verdict }) => verdict === "as-good")
    .map(({ metric }) => escapeText(metric, 40));
  const alike = others.length === 0 ? "" : `; as good: ${shortList(others)}`;
  const most = Math.max(...best.decisionAccuracy.map(({ recipes }) => recipes), best.signal?.recipes ?? 0);
  const few = most < 4 ? `; with ${most} recipes this is little evidence` : "";
  return `${[range, ratio].filter((words) => words !== "").join(", ")}${alike}${few}`;
}

function reasonForNone(all: readonly MetricReport[]): string {
  if (all.every(({ verdict }) => verdict === "unknown") && all.some((one) => meanAccuracy(one) !== null))
    return "there are two recipes and no noise: that one pair keeps its order may be chance; add recipes, seeds or checkpoints";
  if (all.every(({ verdict }) => verdict === "unknown"))
    return all[0]?.signal === null
      ? "there is one recipe, so that nothing is decided: name the column of recipes with --group-by"
      : "neither noise nor a second scale: nothing tells a reliable metric from another";
  return "no metric tells the recipes apart beyond its noise and keeps their order";
}

const plural = (n: number, one: string): string => `${n} ${one}${n === 1 ? "" : "s"}`;

const shortList = (names: readonly string[]): string =>
  names.length <= NAMED
    ? listOf(names)
    : `${names.slice(0, NAMED).join(", ")} and ${names.length - NAMED} more`;
