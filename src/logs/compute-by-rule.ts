/** Compute of the runs by every rule that a log allows, beside 6 N D and the column that has it. */
import type { ComputeByRule, Table } from "../objects.js";
import { FLOPS_RULES, RULE_WORDS } from "../transformer/flops-rules.js";
import type { CleanTable } from "./clean-table.js";
import type { Recognised } from "./columns.js";
import { middleOf, sortedRatios } from "./compute-of-log.js";
import { fillConstants } from "./constants.js";
import { type CountedFlops, countFlops } from "./counted-flops.js";
import type { Resolved, Resolver } from "./resolve.js";

/** Rules in their order; empty where the log gives no shape, so that 6 N D is all there is. */
export function computeByRule(
  table: Table,
  recognised: Recognised,
  resolver: Resolver,
  clean: Pick<CleanTable, "standing" | "last">,
): ComputeByRule[] {
  const counts = FLOPS_RULES.flatMap((rule) => {
    const counted = countFlops(table, recognised, resolver, rule);
    if ("missing" in counted) return [];
    const values = atLast(counted, clean);
    const known = clean.standing.filter((row) => values[row]! > 0);
    return known.length === 0 ? [] : [{ rule, counted, values, known }];
  });
  if (counts.every(({ rule }) => rule === "6nd")) return [];
  const usual = counts.find(({ rule }) => rule === "6nd")?.values ?? null;
  const column = recognised.quantities.get("C")?.isCounted ? null : (resolver.loose("C")?.values ?? null);
  return counts.map(({ rule, counted, values, known }) => {
    const ratioTo = (others: Float64Array | null) =>
      others === null ? null : spread(Float64Array.from(known, (row) => values[row]! / others[row]!));
    const ordered = Float64Array.from(known, (row) => values[row]!).sort();
    return {
      rule,
      words: RULE_WORDS[rule],
      rows: known.length,
      range: [ordered[0]!, ordered.at(-1)!],
      over6nd: ratioTo(usual),
      overColumn: ratioTo(column),
      assumed: counted.assumed,
    };
  });
}

/** With the values of runs whose tokens stand on other rows than the last. */
function atLast({ values, columns }: CountedFlops, { last }: Pick<CleanTable, "last">): Float64Array {
  const own: Resolved = {
    name: "C",
    title: "C",
    values: values.slice(),
    kind: "flops",
    columns: columns.slice(0, 1),
    warnings: [],
  };
  if (last !== null) fillConstants([own], last);
  return own.values;
}

function spread(ratios: Float64Array): ComputeByRule["over6nd"] {
  const ordered = sortedRatios(ratios);
  if (ordered.length === 0) return null;
  return { median: middleOf(ordered), low: ordered[0]!, high: ordered.at(-1)! };
}
