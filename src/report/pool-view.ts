import type { PoolComparison, PoolDocument, PooledFamily } from "../objects.js";
import { escapeText } from "../text.js";
import {
  bracketed,
  coefficient,
  flops,
  levelText,
  loss,
  lossInterval,
  percent,
  plural,
  significant,
} from "./format.js";
import { WAYS } from "./pool-words.js";
import { table } from "./table.js";
import { heading, labelled } from "./words.js";

const right = "right" as const;
const shown = (name: string): string => escapeText(name, 28);

/**
 * Families and what they take from each other: one in full, several in a table.
 *
 * @param saved the file that holds their fits; null where none was asked for
 */
export function poolView({ pool }: PoolDocument, width: number, saved: string | null): string {
  const { pooled } = pool;
  return [
    `${heading(`${plural(pool.families, "family", "families")} of runs, ${escapeText(pool.measured, 40)}${pool.along === "" ? "" : ` ${scaleWords(pool.along)}`}`)}\n\n`,
    labelled("law", pool.formula, width),
    ...(pooled.length === 1 ? [familyView(pooled[0], pool, width)] : [overview(pool, width)]),
    ...(saved === null
      ? []
      : [`\nsaved to ${escapeText(saved)}, for plan, predict and check with --fit ${escapeText(saved)}\n`]),
  ].join("");
}

const TITLES: Readonly<Record<string, string>> = { N: "parameters", D: "tokens", C: "FLOPs" };
const scaleWords = (along: string): string =>
  along === "C" ? "at the best split of each training budget" : `along ${unitOf(along)}`;
const unitOf = (along: string): string => TITLES[along] ?? escapeText(along, 24);
const scaleText = (value: number): string =>
  value >= 0.01 && value < 1e6 ? significant(value, 3) : flops(value);

function familyView(family: PooledFamily, pool: PoolComparison, width: number): string {
  const { given, choice } = family;
  const hidden = given.reduce((sum, one) => sum + one.hidden, 0);
  return [
    labelled("choice", choice.text, width),
    labelled("tried", triedWords(given, hidden), width),
    `\n${heading(shown(family.group))}  ${plural(family.runs, "run")}, ${scaleText(family.range[0])} to ${scaleText(family.range[1])}${pool.along === "" ? "" : ` ${unitOf(pool.along)}`}\n`,
    parameters(family, pool, width),
    ...(family.reason === undefined
      ? [`\n`, values(family, pool, width)]
      : [labelled("values", `none: ${family.reason}`, width)]),
    "\n",
    ways(family, pool, width),
    labelled(
      "intervals",
      "of the chosen way hold what is taken over as it varies between families; another is where a further family without any run would lie",
      width,
    ),
  ].join("");
}

function triedWords(given: PooledFamily["given"], hidden: number): string {
  if (given.length === 0) return "on no family: none has runs to hide";
  const counts = given.map(({ runs }) => runs);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const runs = least === most ? plural(least, "run") : `${least} to ${most} runs`;
  return `on ${plural(given.length, "family", "families")}, each given its ${runs === "1 run" ? "smallest run" : `smallest ${runs}`}: ${plural(hidden, "larger run")} hidden and predicted, all other families whole`;
}

function parameters(
  { parameters: own, another }: PooledFamily,
  { level }: PoolComparison,
  width: number,
): string {
  const interval = `${levelText(level)} interval`;
  const columns = [
    { header: "" },
    { header: "estimate", align: right },
    { header: interval, align: right },
    { header: "another family", align: right, rank: 1 },
    { header: interval, align: right, rank: 1 },
  ];
  const rows = Object.entries(own).map(([name, value]) => {
    const other = another[name];
    return [
      name,
      coefficient(value.estimate, value),
      bracketed(value, (limit) => coefficient(limit, value)),
      coefficient(other.estimate, other),
      bracketed(other, (limit) => coefficient(limit, other)),
    ];
  });
  return table(columns, rows, width);
}

function values(
  { values: all }: PooledFamily,
  { along, level, measured }: PoolComparison,
  width: number,
): string {
  const columns = [
    { header: unitOf(along), align: right },
    { header: escapeText(measured, 24), align: right },
    { header: `${levelText(level)} interval`, align: right },
    { header: "" },
  ];
  const rows = all.map(({ scale, decades, value }) => [
    scaleText(scale),
    loss(value),
    lossInterval(value),
    Math.abs(decades) >= 0.05
      ? `${Math.abs(decades).toFixed(1)} decades ${decades > 0 ? "beyond" : "below"} its runs`
      : "",
  ]);
  return table(columns, rows, width);
}

function ways(family: PooledFamily, { level }: PoolComparison, width: number): string {
  const last = family.values[family.values.length - 1];
  const columns = [
    { header: "way" },
    { header: "mean error", align: right },
    { header: "families", align: right, rank: 3 },
    { header: "worst family", align: right, rank: 2 },
    { header: `in ${levelText(level)}`, align: right, rank: 1 },
    ...(last === undefined ? [] : [{ header: `at ${scaleText(last.scale)}`, align: right }]),
    { header: "" },
  ];
  const rows = family.ways.map((way) => [
    WAYS[way.way],
    way.mean === null
      ? "-"
      : `${percent(way.mean)}${way.standardError === null ? "" : ` ± ${percent(way.standardError)}`}`,
    String(way.families),
    way.worst === null ? "-" : percent(way.worst.mean),
    way.coverage === null ? "-" : percent(way.coverage),
    ...(last === undefined ? [] : [atLast(way.values)]),
    way.way === family.choice.way ? "chosen" : "",
  ]);
  return table(columns, rows, width);
}

function atLast(all: readonly (number | null)[]): string {
  const value = all[all.length - 1];
  return value === null || value === undefined ? "-" : significant(value, 4);
}

function overview({ pooled, along, level }: PoolComparison, width: number): string {
  const columns = [
    { header: "family" },
    { header: "runs", align: right },
    { header: "way" },
    { header: "mean error", align: right },
    { header: "alone", align: right },
    ...(along === "" ? [] : [{ header: `at ${unitOf(along)}`, align: right, rank: 2 }]),
    ...(along === ""
      ? []
      : [
          { header: "value", align: right },
          { header: `${levelText(level)} interval`, align: right, rank: 1 },
        ]),
  ];
  const rows = pooled.map(({ group, runs, choice, ways: all, values: at }) => {
    const errorOf = (way: string) => all.find((one) => one.way === way)?.mean ?? null;
    const last = at[at.length - 1];
    const [own, alone] = [errorOf(choice.way), errorOf("alone")];
    return [
      shown(group),
      String(runs),
      WAYS[choice.way],
      own === null ? "-" : percent(own),
      alone === null ? "-" : percent(alone),
      ...(along === ""
        ? []
        : last === undefined
          ? ["-", "-", "-"]
          : [scaleText(last.scale), loss(last.value), lossInterval(last.value)]),
    ];
  });
  return [
    "\n",
    table(columns, rows, width),
    labelled(
      "error",
      "on larger runs that were hidden from families given as few runs as this one; alone: by fits to their own runs alone",
      width,
    ),
    labelled("next", "--target NAME shows one family in full", width),
  ].join("");
}
