import type { PoolBacktestDocument } from "../objects.js";
import { escapeText } from "../text.js";
import { levelText, percent, plural, significant } from "./format.js";
import { WAYS } from "./pool-words.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = "right" as const;

/** Errors by number of runs and way; where a way could not be tried, why. */
export function poolBacktestView({ pool }: PoolBacktestDocument, width: number): string {
  const { families, byRuns, level, measured, formula } = pool;
  const total = families.reduce((sum, { runs }) => sum + runs, 0);
  const columns = [
    { header: "runs", align: right },
    { header: "way" },
    { header: "mean error", align: right },
    { header: "families", align: right, rank: 3 },
    { header: "hidden runs", align: right, rank: 4 },
    { header: "worst family", align: right, rank: 1 },
    { header: "", rank: 1 },
    { header: `in ${levelText(level)}`, align: right },
    { header: "scale-up", align: right, rank: 2 },
  ];
  const rows = byRuns.flatMap(({ runs, ways, scaleUp }) => {
    const least = Math.min(...ways.map(({ mean }) => mean ?? Number.POSITIVE_INFINITY));
    return ways.map((way, k) => [
      k === 0 ? String(runs) : "",
      `${WAYS[way.way]}${way.mean === least ? " *" : ""}`,
      way.mean === null
        ? "-"
        : `${percent(way.mean)}${way.standardError === null ? "" : ` ± ${percent(way.standardError)}`}`,
      String(way.families),
      String(way.predictions),
      way.worst === null ? "-" : percent(way.worst.mean),
      way.worst === null ? "" : escapeText(way.worst.group, 18),
      way.coverage === null ? "-" : percent(way.coverage),
      k === 0 ? `${significant(scaleUp.median, 2)}x to ${significant(scaleUp.largest, 2)}x` : "",
    ]);
  });
  const alone = byRuns.flatMap(({ runs, ways }) =>
    ways.flatMap(({ way, reason }) => (way === "alone" && reason !== undefined ? [{ runs, reason }] : [])),
  );
  return [
    `${heading(`What ${plural(families.length, "family", "families")} of runs gain from each other, ${escapeText(measured, 40)}`)}\n\n`,
    labelled("law", formula, width),
    labelled(
      "tried",
      `${plural(total, "run")}; each family in turn is given its smallest runs by ${escapeText(pool.scale, 24)}, all others are whole, and its larger runs are predicted`,
      width,
    ),
    "\n",
    table(columns, rows, width),
    labelled("*", "the least error with so many runs; every family counts alike", width),
    ...(alone.length === 0
      ? []
      : [
          labelled(
            "alone",
            `not possible with ${alone.map(({ runs }) => runs).join(", ")} ${alone.length === 1 && alone[0].runs === 1 ? "run" : "runs"}: ${escapeText(alone[alone.length - 1].reason, 160)}`,
            width,
          ),
        ]),
    labelled(
      `in ${levelText(level)}`,
      `share of the hidden runs inside the ${levelText(level)} interval of a new run`,
      width,
    ),
  ].join("");
}
