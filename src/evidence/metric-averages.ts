/** Means of metrics: of the sub-tasks of a benchmark, of all of one measure, and of the steadiest among them. */
import type { Evaluations, MetricDirection } from "../objects.js";
import { benchmarkOf } from "./metric-names.js";

export interface Metric {
  name: string;
  direction: MetricDirection;
  values: Float64Array;
  /** The metrics whose mean it is. */
  averageOf?: string[];
  isBestSubset?: boolean;
}

/** The metrics of evaluations with their means; `snrOf` gives null where the ratio is not known. */
export function withAverages(
  measured: readonly Metric[],
  snrOf: (metric: Metric) => number | null,
): Metric[] {
  const groups = groupsOf(measured);
  return [...measured, ...groups.flatMap(([title, members]) => averagesOf(title, members, snrOf))];
}

function groupsOf(measured: readonly Metric[]): [string, Metric[]][] {
  const groups = new Map<string, Metric[]>();
  const add = (key: string, metric: Metric) => groups.set(key, [...(groups.get(key) ?? []), metric]);
  for (const metric of measured) {
    const { benchmark, measure } = benchmarkOf(metric.name);
    add(JSON.stringify([benchmark, measure, metric.direction]), metric);
    add(JSON.stringify(["", measure, metric.direction]), metric);
  }
  const seen = new Set<string>();
  return [...groups]
    .filter(([, members]) => members.length > 1)
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .flatMap(([key, members]): [string, Metric[]][] => {
      // Where all metrics are of one benchmark, the mean of all is that benchmark's.
      const same = members.map(({ name }) => name).join("\n");
      if (seen.has(same)) return [];
      seen.add(same);
      const [benchmark, measure] = JSON.parse(key) as string[];
      return [[[benchmark, measure].filter((word) => word !== "").join(" ") || "all", members]];
    });
}

/** Members from which a part of them is looked for. */
const SUBSET_OF = 3;

function averagesOf(
  title: string,
  members: readonly Metric[],
  snrOf: (metric: Metric) => number | null,
): Metric[] {
  const whole = averageOf(`${title}: mean of ${members.length}`, members);
  if (members.length < SUBSET_OF) return [whole];
  const ranked = members
    .flatMap((metric) => {
      const snr = snrOf(metric);
      return snr === null ? [] : [{ metric, snr }];
    })
    .sort((a, b) => b.snr - a.snr || (a.metric.name < b.metric.name ? -1 : 1));
  let best: { metric: Metric; snr: number } | null = null;
  for (let k = 2; k < ranked.length; k++) {
    const name = `${title}: best ${k} of ${members.length}`;
    const metric = averageOf(
      name,
      ranked.slice(0, k).map((one) => one.metric),
    );
    const snr = snrOf(metric);
    if (snr !== null && snr > (best?.snr ?? 0)) best = { metric, snr };
  }
  const isBetter = best !== null && best.snr > (snrOf(whole) ?? 0);
  return best !== null && isBetter ? [whole, { ...best.metric, isBestSubset: true }] : [whole];
}

/** The mean, where every one of them has a score. */
function averageOf(name: string, members: readonly Metric[]): Metric {
  const sorted = [...members].sort((a, b) => (a.name < b.name ? -1 : 1));
  const values = sorted[0].values.map(
    (_value, i) => sorted.reduce((sum, metric) => sum + metric.values[i], 0) / sorted.length,
  );
  return { name, direction: sorted[0].direction, values, averageOf: sorted.map((metric) => metric.name) };
}

/** The measured metrics, by name. */
export function measuredMetrics(
  { metrics }: Evaluations,
  directionOf: (name: string) => MetricDirection,
): Metric[] {
  return [...metrics]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => ({ name, direction: directionOf(name), values }));
}
