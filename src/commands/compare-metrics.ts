/** `scalefit compare --metrics`: evaluation results -> which metric to decide by. */

import { decisionMetrics, DEFAULT_METRICS_OPTIONS as usual } from "../evidence/decision-metrics.js";
import { recognise } from "../logs/columns.js";
import { readEvaluations } from "../logs/evaluations.js";
import { joinLogs } from "../logs/join.js";
import { readLogs } from "../logs/read.js";
import { parseWhere } from "../logs/where.js";
import type { MetricsDocument } from "../objects.js";
import { metricsView } from "../report/metrics-view.js";
import { matcherOf } from "../text.js";
import type { Invocation, Outcome } from "./command.js";
import { columnMap, listFlag, shareFlag, textFlag, wholeFlag } from "./flags.js";

/** Checkpoints of a run that count at most. */
const MOST_CHECKPOINTS = 100_000;

/** @throws UsageError, InputError */
export async function compareMetrics({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const checkpoints = wholeFlag(flags, "checkpoints", usual.checkpoints, MOST_CHECKPOINTS);
  const lower = (textFlag(flags, "lowerIsBetter") ?? "")
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => matcherOf(part.trim()));
  const options = {
    checkpoints: Math.max(checkpoints, 1),
    level: shareFlag(flags, "level") ?? usual.level,
    wanted: shareFlag(flags, "accuracy") ?? usual.wanted,
    target: textFlag(flags, "target") ?? null,
    isLower: (name: string) => lower.some((isMeant) => isMeant(name)),
  };
  const where = listFlag(flags, "where").map((text) => parseWhere(text));
  const map = columnMap(listFlag(flags, "map"));
  const join = textFlag(flags, "join");
  const log = join === undefined ? await readLogs([...args]) : joinLogs(await eachRead(args), join);
  const read = readEvaluations(log.table, recognise(log.table, { map }), {
    metrics: typeof flags.metrics === "string" ? flags.metrics : null,
    y: textFlag(flags, "y") ?? null,
    groupBy: textFlag(flags, "groupBy") ?? null,
    where,
    readDropped: log.dropped,
  });
  const { warnings, ...result } = decisionMetrics(read.evaluations, options);
  const document: MetricsDocument = {
    schema: "scalefit/compare@1",
    mode: "metrics",
    groupBy: read.groupBy,
    ...result,
    data: { rows: read.rows, used: read.used, dropped: read.dropped },
    warnings: [...log.warnings, ...read.warnings, ...warnings],
  };
  return {
    text: global.json ? "" : metricsView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

async function eachRead(files: readonly string[]) {
  const logs = [];
  for (const file of files) logs.push(await readLogs([file]));
  return logs;
}
