import type { ParetoDocument } from "../objects.js";
import { escapeText } from "../text.js";
import { percent, scientific, significant } from "./format.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = "right" as const;

/** The frontier for people: its rows from the cheapest up, and who holds it. */
export function paretoView({ cost, value, better, groups, rows }: ParetoDocument, width: number): string {
  const frontier = rows.filter(({ onFrontier }) => onFrontier);
  const hasGroups = groups.some(({ group }) => group !== null);
  const columns = [
    { header: escapeText(cost, 24), align: right },
    { header: escapeText(value, 24), align: right },
    ...(hasGroups ? [{ header: "group" }] : []),
    { header: "run" },
    { header: "line", align: right, rank: 1 },
  ];
  const shown = frontier.map((row) => [
    number(row.cost),
    significant(row.value, 5),
    ...(hasGroups ? [escapeText(row.group ?? "", 24)] : []),
    escapeText(row.run, 40),
    String(row.line),
  ]);
  return [
    `${heading(`${frontier.length} of ${rows.length} rows are on the frontier`)}: no other is at most as dear and ${better} in ${escapeText(value, 40)}\n\n`,
    table(columns, shown, width),
    "\n",
    ...(hasGroups
      ? groups.map(({ group, rows: of, onFrontier }) =>
          labelled(
            escapeText(group ?? "", 11),
            `${onFrontier} of ${of} rows (${percent(of === 0 ? 0 : onFrontier / of)})`,
            width,
          ),
        )
      : []),
  ].join("");
}

const number = (value: number): string =>
  Math.abs(value) >= 0.01 && Math.abs(value) < 1e6 ? significant(value, 4) : scientific(value, 4);
