/** The designed runs for people: the runs, what they would tell, how that falls with money, how a grid compares. */
import type { DesignDocument, DesignedLaw, DesignGrid, Estimate, ExpectedAtTarget } from "../objects.js";
import { escapeText } from "../text.js";
import {
  bracketed,
  count,
  flops,
  levelText,
  loss,
  lossInterval,
  missingIntervals,
  percent,
  plural,
  significant,
} from "./format.js";
import { simulationView } from "./simulation-view.js";
import { type TableColumn, table } from "./table.js";
import { heading, labelled, wrap } from "./words.js";

export function designView(document: DesignDocument, width: number): string {
  return document.designs.map((design) => oneDesign(design, width)).join("\n");
}

const right = (header: string, rank?: number): TableColumn => ({
  header,
  align: "right",
  ...(rank === undefined ? {} : { rank }),
});

const GOAL_WORDS: Readonly<Record<DesignedLaw["goal"], string>> = {
  loss: "the loss",
  N: "the best size",
  D: "the best number of tokens",
  parameters: "the parameters of the law",
};

function oneDesign(design: DesignedLaw, width: number): string {
  const { asked, goal, group, cost, next } = design;
  const name = group === null ? "" : `${escapeText(group, 60)}: `;
  const at = goal === "parameters" ? "" : ` at ${flops(asked.target)} FLOPs`;
  const after = next === undefined ? "" : " next";
  const title = `${name}${plural(asked.runs, "run")} to train${after}, to pin down ${GOAL_WORDS[goal]}${at}`;
  const missing = missingIntervals([design.before.loss, design.after.loss]);
  return [
    `${heading(title)}\n\n`,
    runs(design, width),
    `\n  all together ${flops(cost.flops)} FLOPs of ${flops(asked.flops)}\n\n`,
    target(design, width),
    "\n",
    ...(next === undefined ? [] : [nextRuns(design, width), "\n"]),
    ...(design.budgets.length === 0 ? [] : [money(design, width)]),
    ...(next === undefined ? ["\n", grids(design, width)] : []),
    ...(design.simulation === undefined
      ? []
      : ["\n", simulationView(design.simulation, asked.target, width)]),
    "\n",
    missing === null ? "" : labelled("intervals", missing, width),
    labelled("from", design.source, width),
    labelled("assumes", assumptions(design), width),
  ].join("");
}

function runs({ runs: all }: DesignedLaw, width: number): string {
  const hasShapes = all.some(({ shape }) => shape !== undefined);
  const columns = [
    right("parameters N"),
    ...(hasShapes ? [right("layers x width")] : []),
    right("tokens D"),
    right("D/N"),
    right("FLOPs"),
    right("seeds"),
  ];
  const rows = all.map(({ N, D, tokensPerParameter, flops: own, seeds, shape }) => [
    count(N),
    ...(hasShapes ? [shape === undefined ? "-" : `${shape.layers} x ${shape.width}`] : []),
    count(D),
    significant(tokensPerParameter, 3),
    flops(own),
    String(seeds),
  ]);
  return table(columns, rows, width);
}

const range = (estimate: Estimate, format: (value: number) => string) => bracketed(estimate, format);

/** The target with the intervals before and after the runs. */
function target(
  { target: at, before, after, parameters, assumptions: { level } }: DesignedLaw,
  width: number,
): string {
  const columns = [
    { header: `at ${flops(at.flops)} FLOPs` },
    right("estimate"),
    { header: `${levelText(Number(level))} interval before` },
    { header: "expected after" },
  ];
  const error = (share: number | null) => (share === null ? "none" : `± ${percent(share)}`);
  const rows = [
    ["loss", loss(after.loss), lossInterval(before.loss), lossInterval(after.loss)],
    ["best N", count(at.N), range(before.N, count), range(after.N, count)],
    ["best D", count(at.D), range(before.D, count), range(after.D, count)],
    ...parameters.map((one) => [one.name, significant(one.estimate, 4), error(one.before), error(one.after)]),
  ];
  return `${table(columns, rows, width)}  of parameters: one standard error\n`;
}

/** The width of an interval as people say it: a share of the loss, a factor of N, or units of a parameter's error. */
export function widthInWords(
  { goal, noise }: Pick<DesignedLaw, "goal" | "noise">,
  half: number | null,
): string {
  if (half === null) return "none";
  if (goal === "loss") return `± ${noise.isRelative ? percent(Math.expm1(half)) : significant(half, 2)}`;
  return goal === "parameters" ? significant(half, 2) : `x/÷ ${significant(Math.exp(half), 3)}`;
}

const WIDTH_OF: Readonly<Record<DesignedLaw["goal"], string>> = {
  loss: "of the loss",
  N: "of N",
  D: "of D",
  parameters: "of the parameters (units)",
};

function money(design: DesignedLaw, width: number): string {
  const { budgets, asked } = design;
  const columns = [
    right("FLOPs"),
    right(WIDTH_OF[design.goal]),
    { header: "interval of the loss" },
    { header: "interval of N", rank: 1 },
  ];
  const rows = budgets.map((row) => [
    row.flops === asked.flops ? heading(flops(row.flops)) : flops(row.flops),
    widthInWords(design, row.halfWidth),
    lossInterval(row.loss),
    range(row.N, count),
  ]);
  return `  ${plural(asked.runs, "run")} of other costs, designed in the same way\n${table(columns, rows, width)}`;
}

function nextRuns({ next = [] }: DesignedLaw, width: number): string {
  const columns = [
    right("parameters N"),
    right("tokens D"),
    right("D/N", 1),
    right("FLOPs"),
    right("narrower by"),
    right("nats"),
    right("nats per 1e18 FLOPs", 2),
  ];
  // In a unit in which the dearest run reads well.
  const unit = 10 ** Math.floor(Math.log10(next[0]?.flops ?? 1e18));
  columns[6] = right(`nats per ${flops(unit)} FLOPs`, 2);
  const rows = next.map((one) => [
    count(one.N),
    count(one.D),
    significant(one.tokensPerParameter, 3),
    flops(one.flops),
    percent(-Math.expm1(-one.information)),
    significant(one.information, 2),
    significant(one.informationPerFlop * unit, 2),
  ]);
  return `  what the best single run of a cost would tell\n${table(columns, rows, width)}`;
}

function grids(design: DesignedLaw, width: number): string {
  const { usual, best, reason } = design.isoflop;
  if (usual === null)
    return labelled("isoFLOP", `not compared: ${reason ?? "no grid of so many runs"}`, width);
  const columns = [
    { header: "runs of equal cost" },
    right(WIDTH_OF[design.goal]),
    { header: "interval of the loss" },
    { header: "interval of N", rank: 1 },
    right("width"),
  ];
  const row = (name: string, one: ExpectedAtTarget, factor: number | null) => [
    name,
    widthInWords(design, one.halfWidth),
    lossInterval(one.loss),
    range(one.N, count),
    factor === null ? "-" : `${significant(factor, 3)}x`,
  ];
  const shape = ({ budgets, sizes, budgetFactor, sizeFactor }: DesignGrid) =>
    `${budgets} budgets ${budgetFactor}x apart of ${sizes} sizes ${sizeFactor}x apart`;
  const rows = [
    row("designed", design.after, 1),
    row("usual isoFLOP grid", usual, usual.factor),
    ...(best === null ? [] : [row("best isoFLOP grid", best, best.factor)]),
  ];
  const shapes = `usual: ${shape(usual)}${best === null ? "" : `; best: ${shape(best)}`}; all fitted with the law at once`;
  return `${table(columns, rows, width)}${wrap(shapes, width)}`;
}

function assumptions({ assumptions: known, target: { decades } }: DesignedLaw): string {
  const reach =
    decades > 0
      ? `${known.law}, ${significant(decades, 2)} decades of compute beyond the largest run`
      : String(known.law);
  const ratios = `${significant(Number(known.minRatio), 3)} to ${significant(Number(known.maxRatio), 3)} tokens per parameter`;
  const costs = `runs of ${flops(Number(known.minFlopsPerRun))} FLOPs or more`;
  const smallest =
    known.minTokens === undefined
      ? []
      : [
          `none smaller than the fitted ones (${count(Number(known.minParams))} parameters, ${count(Number(known.minTokens))} tokens)`,
        ];
  return [reach, String(known.compute), known.noise, known.doubt, ratios, costs, ...smallest].join("; ");
}
