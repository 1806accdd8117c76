/** `scalefit compare --pareto COST,VALUE`: rows of a log -> the efficient frontier. */
import { UsageError } from "../errors.js";
import { directionOf } from "../evidence/metric-names.js";
import { frontierOf } from "../evidence/pareto.js";
import { requireLaw } from "../laws/require-law.js";
import type { ParetoDocument, ParetoRow, Warning } from "../objects.js";
import { paretoView } from "../report/pareto-view.js";
import { quoteText } from "../text.js";
import type { Invocation, Outcome, RawFlags } from "./command.js";
import { listFlag, textFlag } from "./flags.js";
import { bindLog, measuredBy, observeLaw, openLog } from "./logs.js";

export async function comparePareto({ args, flags, width, global }: Invocation): Promise<Outcome> {
  const [cost, value] = columnsAsked(flags);
  // A law of one variable reads what is wanted: a column above 0, and any measured value.
  const law = requireLaw("power-floor");
  const given = {
    ...flags,
    y: value,
    map: [...listFlag(flags, "map"), `x=${cost}`],
    groupBy: flags.groupBy ?? (args.length > 1 ? "file" : undefined),
  };
  const log = await openLog(args, given, measuredBy({ law }));
  const { bound } = bindLog(log, { law });
  const read = observeLaw(log, bound, "any");
  const said = directionOf(value);
  const better = said ?? "lower";
  const all = read.groups.flatMap(({ group, observations }): Omit<ParetoRow, "onFrontier">[] => {
    const costs = observations.inputs.get("x") as Float64Array;
    return Array.from(costs, (x, i) => ({
      group,
      run: observations.label(i),
      ...observations.source(i),
      cost: x,
      value: observations.measured[i],
    }));
  });
  const kept = new Set(frontierOf(all, better === "lower"));
  const rows = all
    .map((row, k): ParetoRow => ({ ...row, onFrontier: kept.has(k) }))
    .sort((a, b) => a.cost - b.cost || a.value - b.value || (a.file < b.file ? -1 : 1) || a.line - b.line);
  const document: ParetoDocument = {
    schema: "scalefit/compare@1",
    mode: "pareto",
    cost,
    value,
    better,
    groups: read.groups.map(({ group }) => {
      const own = rows.filter((row) => row.group === group);
      return { group, rows: own.length, onFrontier: own.filter(({ onFrontier }) => onFrontier).length };
    }),
    rows,
    warnings: said === null ? [...read.warnings, unsaid(value)] : read.warnings,
  };
  return {
    text: global.json ? "" : paretoView(document, width),
    document,
    warnings: document.warnings,
    exitCode: 0,
  };
}

const unsaid = (value: string): Warning => ({
  code: "direction",
  message: `whether less or more of ${quoteText(value)} is better, its name does not say: less is taken to be (names with acc, accuracy, score, reward and the like are more)`,
});

/** @throws UsageError */
function columnsAsked(flags: RawFlags): [string, string] {
  const text = textFlag(flags, "pareto") ?? "";
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length === 2 && parts.every((part) => part !== "")) return [parts[0], parts[1]];
  throw new UsageError({
    code: "flag",
    message: `--pareto: cannot use ${quoteText(text)}`,
    why: "it needs two columns, what a run costs and what it reaches",
    hint: "for example --pareto gpu_hours,loss",
  });
}
